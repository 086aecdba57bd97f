#!/bin/sh
# SPDX-License-Identifier: MIT
# What the documents say is what is built: the manual's table of limits is the header's, what an image takes is what
# the formats' rows say, and the programs of README and of the manual compile as they stand: check-docs.sh SHARED STATIC
# IMGPROBE
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"
static=$2
imgprobe=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

sed -n 's/^ *X(\([a-z_]*\), \([0-9]*\), \([0-9]*\), "\(.*\)").*/\1 \2 \3 \4/p' "$root/libimgprobe/imgprobe.h" \
    >"$scratch/header"
sed -n 's/^\.It \([a-z_]*\) Ta \([0-9]*\) Ta \([0-9]*\) Ta \(.*\)/\1 \2 \3 \4/p' "$root/libimgprobe/imgprobe.3" \
    >"$scratch/manual"
check "the header's table of limits is found" "$([ -s "$scratch/header" ] || echo "no row matches")"
check "the manual's table of limits is the header's" "$(diff "$scratch/header" "$scratch/manual" || true)"

# What most formats take comes first, then each that takes something else.
"$imgprobe" formats | awk '$4 == "yes" { names[++count] = $1; takes[count] = $5 " " $6 / 1024; seen[takes[count]]++ }
    END {
        for (i = 1; i <= count; i++) if (seen[takes[i]] > seen[usual]) usual = takes[i]
        split(usual, n, " ")
        printf "%d reads and %s KiB", n[1], n[2]
        for (i = 1; i <= count; i++) if (takes[i] != usual) {
            split(takes[i], n, " ")
            printf ", %s %d and %s KiB", names[i], n[1], n[2]
        }
    }' >"$scratch/takes"
check "READMEs, header and manual say of reads and bytes what the formats' rows say" "$(
    for document in README.md libimgprobe/README.md libimgprobe/imgprobe.h libimgprobe/imgprobe.3; do
        tr -s ' \n*' ' ' <"$root/$document" | grep -qF "$(cat "$scratch/takes")" ||
            echo "$document doesn't say: $(cat "$scratch/takes")"
    done)"

sed -n 's|^    0x[0-9a-f]*, /\* \([a-z0-9_]*\) \*/$|\1|p' "$root/libimgprobe/open/storage.c" >"$scratch/types"
check "SECURITY.md names every file system that the opener refuses" "$([ -s "$scratch/types" ] || echo "no row matches"
    tr -s ' ,.' '\n' <"$root/SECURITY.md" | grep -vxFf - "$scratch/types" || true)"

# The library may be a sanitized one, so the program is compiled and not linked.
# shellcheck disable=SC2016 # backquotes that open a block of code
sed -n '/^```c$/,/^```$/p' "$root/README.md" | grep -v '^```' >"$scratch/readme.c"
# compile COMPILER OPTION...: README's program, or that of `program`, with all that a compiler may say of it
program=readme
compile() {
    "$@" -Wall -Wextra -Wpedantic -I"$root/libimgprobe" -c "$scratch/$program.c" -o "$scratch/$program.o" 2>&1
}
name="README's program compiles as C++ without a warning"
if command -v "${CXX:-c++}" >/dev/null; then
    check "$name" "$(compile "${CXX:-c++}" -std=c++11 -x c++)"
elif [ "${CI:-}" = true ]; then
    check "$name" "${CXX:-c++} is missing"
else
    skip "$name" "${CXX:-c++} is missing"
fi
check "README's program compiles as C without a warning" "$(compile "${CC:-cc}" -std=c11 && compile "${CC:-cc}" -std=c99)"
nm -u "$scratch/readme.o" | awk '$2 ~ /^imgprobe_/ { print $2 }' | sort >"$scratch/asked"
nm -g --defined-only "$static" | awk 'NF == 3 { print $3 }' | sort >"$scratch/defined"
check "README's program asks for nothing that the library lacks" "$(comm -23 "$scratch/asked" "$scratch/defined")"

sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$root/libimgprobe/imgprobe.3" | sed -n '/^\.Bd/,/^\.Ed/p' | grep -v '^\.' |
    sed 's/\\e/\\/g' >"$scratch/manual.c"
program=manual
check "the manual's program compiles as C without a warning" "$(compile "${CC:-cc}" -std=c11 -Wno-missing-field-initializers)"
nm -u "$scratch/manual.o" | awk '$2 ~ /^imgprobe_/ { print $2 }' | sort >"$scratch/asked"
check "the manual's program asks for what the library has" "$([ -s "$scratch/asked" ] || echo "it asks for nothing"
    comm -23 "$scratch/asked" "$scratch/defined")"

# What is no literal isn't seen by tools that make bindings: they read macros without a compiler.
header=$root/libimgprobe/imgprobe.h
check "the header's constants are literals" "$(sed -n 's/^#define IMGPROBE_[A-Z_]* \(.*\)$/\1/p' "$header" |
    sed 's| */\*.*||' | grep -vxE '"[^"]*"|0x[0-9a-f]+|[0-9]+|__attribute__.*' || true)"
version=$(sed -n "s/^  version : '\([0-9.]*\)',/\1/p" "$root/meson.build")
number=$(echo "$version" | awk -F. '{ print $1 * 10000 + $2 * 100 + $3 }')
check "the header's version is meson's" "$(grep -q "^#define IMGPROBE_VERSION \"$version\"" "$header" &&
    grep -q "^#define IMGPROBE_VERSION_NUMBER $number " "$header" || echo "it isn't $version and $number")"
plan
