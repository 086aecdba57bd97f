#!/bin/sh
# SPDX-License-Identifier: MIT
# Whether the library has the ABI that is recorded for its version: check-abi.sh SHARED VERSION.
# check-abi.sh --update SHARED VERSION renews the record. It refuses where callers of the recorded ABI would break and
# the version is still the same: raise it in meson.build and in libimgprobe/imgprobe.map first.
set -eu
export LC_ALL=C
here=$(cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"
folder=$here/../../libimgprobe
update=
[ "$1" != --update ] || {
    update=yes
    shift
}
shared=$1
version=${2%.*}
record=$folder/imgprobe-$version.abi

if ! command -v abidiff >/dev/null; then
    if [ "${CI:-}" = true ]; then
        check "abidiff is here" "it is missing"
        plan
    else
        skip_all "abidiff is missing"
    fi
    exit 0
fi
if ! readelf -SW "$shared" | grep -qF .debug_info; then
    skip_all "this build has no debug info, by which the ABI is told"
    exit 0
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Only what callers can reach, and nothing of the machine that built it: neither where, nor the compiler's word for C11.
mkdir "$scratch/public"
cp "$folder/imgprobe.h" "$scratch/public"
abidw --exported-interfaces-only --headers-dir "$scratch/public" --drop-private-types --no-corpus-path \
    --no-comp-dir-path --no-show-locs --no-parameter-names --no-elf-needed --type-id-style hash "$shared" |
    sed "s|path='[^']*/\([^/']*/[^/']*\)' language='[^']*'|path='\1' language='LANG_C11'|" >"$scratch/built"
[ -s "$scratch/built" ] || exit 1

# compare OPTION... OLD NEW: what differs, in abidiff's words
compare() {
    abidiff "$@" 2>&1 || [ $? = 4 ] || echo "abidiff failed"
}

# breaks OLD NEW: what callers of the old one can't do without. Functions and enumerators that are new don't harm them.
# abidiff has a status for this, but doesn't count a field that moved.
breaks() {
    compare --no-added-syms "$1" "$2" | grep -v ' 0 Removed, 0 Changed\( ([0-9]* filtered out)\)\?, 0 Added ' || true
}

if [ -n "$update" ]; then
    broken=
    [ ! -e "$record" ] || broken=$(breaks "$record" "$scratch/built")
    if [ -n "$broken" ]; then
        echo "$broken"
        echo "callers of $version would break: raise the version in meson.build and libimgprobe/imgprobe.map" >&2
        exit 1
    fi
    rm -f "$folder"/imgprobe-*.abi
    cp "$scratch/built" "$record"
    exit 0
fi

# A field fewer in the older one, and then a function fewer.
awk '!seen && /<data-member/ { within = 1 } !within { print } within && /<\/data-member/ { within = 0; seen = 1 }' \
    "$scratch/built" >"$scratch/field"
awk "/name='imgprobe_utf8'/ && /<function-decl/ { within = 1 } !within && !/<elf-symbol name='imgprobe_utf8'/
    /<\/function-decl/ { within = 0 }" "$scratch/built" >"$scratch/function"
check "what breaks callers is told from what doesn't" "$(
    [ -n "$(breaks "$scratch/field" "$scratch/built")" ] || echo "a field doesn't break them"
    [ -n "$(breaks "$scratch/built" "$scratch/function")" ] || echo "a function that is gone doesn't break them"
    breaks "$scratch/function" "$scratch/built"
    [ -n "$(compare "$scratch/function" "$scratch/built")" ] || echo "a new function is no change"
)"
check "the ABI is recorded for this version, and for no other" "$(for file in "$folder"/imgprobe-*.abi; do
    [ "$file" = "$record" ] || echo "$(basename "$file"), and the version is $version"
done)"
if [ ! -e "$record" ]; then
    check "the library has the ABI that is recorded" "there is no $(basename "$record")"
elif [ "$(grep -o "architecture='[^']*'" "$record")" != "$(grep -o "architecture='[^']*'" "$scratch/built")" ]; then
    skip "the library has the ABI that is recorded" "the record is of another architecture"
else
    check "the library has the ABI that is recorded" "$(compare --harmless "$record" "$scratch/built")"
fi
check "the symbols' node is this version's" "$(grep -qx "IMGPROBE_$version {" "$folder/imgprobe.map" ||
    echo "imgprobe.map has no IMGPROBE_$version")"
plan
