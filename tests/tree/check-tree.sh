#!/bin/sh
# SPDX-License-Identifier: MIT
# What holds for the files of the tree: who includes whom, what git may hold, what must be listed where.
set -eu
export LC_ALL=C
cd -- "$(dirname -- "$0")/../.."
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

in_git=
[ "$(git rev-parse --show-prefix 2>/dev/null || echo none)" != '' ] || in_git=yes
if [ -n "$in_git" ]; then
    files=$(git ls-files -co --exclude-standard | while read -r file; do [ ! -f "$file" ] || echo "$file"; done)
else
    # A build may stand in any folder, which meson has then marked.
    files=$(find . -type d \( -path ./build -o -name __pycache__ -o -exec test -e '{}/meson-private' \; \) -prune -o \
        -type f -print | sed 's|^\./||')
fi

# those ERE: the files whose names match
those() {
    echo "$files" | grep -E "$1" || true
}

# without ERE FILES: those in which no line matches
without() {
    [ -z "$2" ] || echo "$2" | xargs -r grep -LE "$1" || true
}

# lines ERE FILES: the lines that match, with file and number
lines() {
    [ -z "$2" ] || echo "$2" | xargs -r grep -nE "$1" /dev/null || true
}

sources=$(those '\.(c|h|sh|py|map|ini)$|(^|/)meson\.build$|^(dev|\.ci/run|meson_options\.txt)$')
check "every source says its licence" "$(without 'SPDX-License-Identifier: MIT' "$sources")"

# What fuzzing keeps is text, compressed.
check "no file is binary" "$(echo "$files" | grep -v '^fuzz/corpus/.*\.gz$' | xargs -r grep -LI '' |
    while read -r file; do
        [ ! -s "$file" ] || echo "$file"
    done)"
check "no file is over 200 kB" "$(echo "$files" | xargs -r wc -c | awk '$1 > 200000 && $2 != "total" { print $2 }')"

# A format of several files is a folder with one header of its own, called like the folder.
check "a format includes format.h and its own header alone" "$(those '^formats/.*\.[ch]$' | while read -r file; do
    own=$(echo "$file" | sed 's|^formats/||; s|[/.].*||')
    case $file in
    formats/format.h) own='(imgprobe|readers/readers|list|findings)' ;;
    formats/registry.c) own=registry ;;
    esac
    grep -nE '^#[[:space:]]*include' "$file" | grep -vE "\"(format|$own)\.h\"" | sed "s|^|$file:|"
done)"
engine=$(those '^libimgprobe/.*\.[ch]$')
own=$(those '^libimgprobe/.*\.h$' | sed 's|^libimgprobe/||; s|\.h$||' | tr '\n' '|')
check "the engine includes no format's own header" "$(lines '^#[[:space:]]*include[[:space:]]+"' "$engine" |
    grep -vE "\"(${own}format|registry)\.h\"" || true)"
# misused: includes of a room's files, of rooms that it may not use
misused() {
    while read -r room used; do
        lines '^#[[:space:]]*include[[:space:]]+"' "$(those "^libimgprobe/$room/.*\.[ch]\$")" |
            grep -E "\"(${rooms})/" | grep -vE "\"($room${used:+|$used})/[a-z]+\.h\"" || true
    done <<EOF
readers
image readers
name readers|image
json readers|image|name
chain readers|image|name|json
answer readers|image|name|json|chain
feed readers|image|name|json|chain|answer
open image
EOF
}
rooms='readers|image|name|json|chain|answer|feed|open'
check "a room of the library uses only rooms before it" "$(misused)"
check "a room of the library has one header, called like it" "$(those '^libimgprobe/.*/.*\.h$' |
    grep -vE '^libimgprobe/([a-z]+)/\1\.h$' || true)"
check "the library has eight rooms, and no more" "$(those '^libimgprobe/.*/' | grep -vE "^libimgprobe/($rooms)/" || true)"
cli=$(those '^cli/.*\.[ch]$')
own=$(those '^cli/.*\.h$' | sed 's|^cli/||; s|\.h$||' | tr '\n' '|')
check "the program includes the public header alone" "$(lines '^#[[:space:]]*include[[:space:]]+"' "$cli" |
    grep -vE "\"(${own}imgprobe|sandbox-filter)\.h\"" || true)" # the last is made when building
# Before anything is probed, words of the command line are looked at; behind it, by acl.c alone, what has to be the same
# file; and compare.c asks the opener for names of an earlier answer: SECURITY.md.
asks='(^|[^[:alnum:]_])(l?stat|fstatat|statx|access|readlink|realpath|f?open|openat|opendir|l?getxattr)\('
check "the program looks at names in the places alone that are judged" "$(lines "$asks" "$(echo "$cli" |
    grep -vxE 'cli/(options/paths|sandbox/(command-line|files)|input/input|access/kinds/acl|verify/compare|scan/(finish|level|open|place|settings|walk))\.c')")"
check "no format touches memory" "$(lines \
    '\b(malloc|calloc|realloc|free|memcpy|memmove|memset|strcpy|strncpy|strcat)\(' "$(those '^formats/.*\.[ch]$')")"

# listed FILE NAMES: names that stand nowhere in the file as a word of their own
listed() {
    echo "$2" | awk 'NR == FNR { n = split($0, words, /[^A-Za-z0-9._-]+/); for (i in words) known[words[i]]; next }
        $0 != "" && !($0 in known)' "$1" -
}
check "tests/unit/meson.build lists every unit test" "$(listed tests/unit/meson.build \
    "$(those '^tests/unit/test-.*\.c$' | sed 's|.*/test-\(.*\)\.c|\1|')")"
check "tests/meson.build lists every script" "$(listed tests/meson.build \
    "$(those '^tests/(program|oracle|tree)/.*\.(sh|py)$' | while read -r file; do
        [ ! -x "$file" ] || basename "$file"
    done | grep -vx -e tally.py -e lint.sh)")"
for folder in libimgprobe cli; do
    check "$folder/meson.build lists every source" "$(those "^$folder/.*\.c\$" | while read -r file; do
        grep -qF "'${file#"$folder"/}'" "$folder/meson.build" || echo "$file"
    done)"
done
check "formats/list.h has every format, and a folder's meson.build every source" "$(those '^formats/.*\.c$' |
    while read -r file; do
        name=$(basename "$file" .c)
        case $file in
        formats/*/*) grep -qF "'$name.c'" "${file%/*}/meson.build" ;;
        formats/registry.c) ;;
        *) grep -qwF "X($name)" formats/list.h ;;
        esac || echo "$file"
    done)"
images=$(those '^testimages/.*/.*\.txt$')
check "every crafted image has what it should give, .want" "$(echo "$images" | while read -r file; do
    [ -z "$file" ] || [ -f "${file%.txt}.want" ] || echo "$file"
done)"
check "every .want has its image" "$(those '^testimages/.*\.want$' | while read -r file; do
    [ -f "${file%.want}.txt" ] || echo "$file"
done)"
[ -z "$images" ] || check "testimages/README.md says of every crafted image why it's there" \
    "$(listed testimages/README.md "$(echo "$images" | sed 's|.*/||; s|\.txt$||')")"

name="a build leaves nothing behind that git doesn't know"
if [ -z "$in_git" ]; then
    skip "$name" "not a work tree of git"
elif [ "${CI:-}" = true ]; then
    check "$name" "$(git status --porcelain --untracked-files=all | grep '^??' || true)"
else
    skip "$name" "asked in CI only, where nothing is unfinished"
fi
plan
