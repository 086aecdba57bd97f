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

# Only what callers can reach, and nothing of the machine that built it.
write_record() {
    abidw --exported-interfaces-only --headers-dir "$folder" --drop-private-types --no-corpus-path --no-comp-dir-path --no-show-locs \
        --no-parameter-names --no-elf-needed --type-id-style hash --out-file "$1" "$shared"
}

# What abidiff says; its status is 4 for any change, and 12 for one that breaks callers.
compare() {
    abidiff --headers-dir2 "$folder" --drop-private-types "$record" "$shared"
}

if [ -n "$update" ]; then
    status=0
    if [ -e "$record" ]; then
        compare || status=$?
    fi
    if [ $((status & 8)) != 0 ]; then
        echo "callers of $version would break: raise the version in meson.build and libimgprobe/imgprobe.map" >&2
        exit 1
    fi
    rm -f "$folder"/imgprobe-*.abi
    write_record "$record"
    exit 0
fi

check "the ABI is recorded for this version, and for no other" "$(for file in "$folder"/imgprobe-*.abi; do
    [ "$file" = "$record" ] || echo "$(basename "$file"), and the version is $version"
done)"
if [ -e "$record" ]; then
    check "the library has the ABI that is recorded" "$(compare || echo "tests/tree/check-abi.sh --update renews it")"
else
    check "the library has the ABI that is recorded" "there is no $(basename "$record")"
fi
check "the symbols' node is this version's" "$(grep -qx "IMGPROBE_$version {" "$folder/imgprobe.map" ||
    echo "imgprobe.map has no IMGPROBE_$version")"
plan
