#!/bin/sh
# SPDX-License-Identifier: MIT
# What the library exports, what it asks of others, and that it keeps no state; and that the program keeps little:
# check-symbols.sh SHARED STATIC PROGRAM
set -eu
export LC_ALL=C
here=$(cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"
shared=$1
static=$2
program=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# All that the library asks of others: a checksum and inflate, which is given the workspace for an allocator so that it
# never reaches its own (tests/unit/test-inside.c), and the kernel. A line is one thing by the names that it has in one
# libc or another. No allocator, no stdio, no locale, no environment, no way out. xxHash is compiled in, by its header.
needed='
    crc32
    inflate
    inflateInit2_
    inflateReset
    close
    fcntl fcntl64 __fcntl_time64
    fstat fstat64 __fstat64_time64
    fstatat fstatat64 __fstatat64_time64
    fstatfs fstatfs64
    openat openat64 __openat_2 __openat64_2
    pread pread64 __pread_chk __pread64_chk
    readlink __readlink_chk
    readlinkat __readlinkat_chk
    syscall
'
# What a compiler asks for or puts in place itself: bytes, errno, the guard of the stack.
allowed='
    memchr memcmp memcpy memmem memmove memset strchr strcmp strcspn strlen strncmp strnlen strrchr strspn
    __memcpy_chk __memmove_chk __memset_chk
    __errno_location __stack_chk_fail _GLOBAL_OFFSET_TABLE_
'

# asks FILE: names that it asks for and doesn't define itself
asks() {
    nm -g --defined-only "$1" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u >"$scratch/defined"
    nm -u "$1" | awk 'NF == 2 { print $2 }' | sed 's/@.*//' | sort -u | comm -23 - "$scratch/defined"
}

# not_allowed FILE: names that it asks for and may not have
not_allowed() {
    # shellcheck disable=SC2086 # words
    printf '%s\n' $needed $allowed | sort -u >"$scratch/all"
    asks "$1" | comm -23 - "$scratch/all"
}

# not_asked FILE: lines of which it asks for nothing
not_asked() {
    asks "$1" >"$scratch/asked"
    echo "$needed" | awk 'NR == FNR { asked[$1]; next }
        NF { for (i = 1; i <= NF; i++) if ($i in asked) next; print $1 }' "$scratch/asked" -
}

# misnamed FILE: global names without our prefix
misnamed() {
    nm -g --defined-only "$1" | awk 'NF == 3 && $3 !~ /^(imgprobe_|ip_)/ { print $3 }'
}

# writable FILE: sections with variables in them; a table of pointers in .data.rel.ro becomes constant when loaded
writable() {
    objdump -h "$1" | awk '$2 ~ /^\.t?(data|bss)/ && $2 !~ /^\.data\.rel\.ro/ && $3 !~ /^0+$/ { print $2, $3 }'
}

# oversized FILE: the bytes of its variables, if they are more than one workspace of 5 MiB, a feed of half a MiB and some
# small things take
oversized() {
    size "$1" | awk 'NR == 2 && $2 + $3 > 6200000 { print $2 + $3 }'
}

# Each check must be able to fail: this object offends against them all.
cat >"$scratch/bad.c" <<'EOF'
#include <stdlib.h>
static char room[6500000];
int misnamed_state = 1;
void *misnamed_function(void);
void *misnamed_function(void)
{
    room[misnamed_state] = 1;
    return malloc(1);
}
EOF
${CC:-cc} -c -o "$scratch/bad.o" "$scratch/bad.c"
blind=
[ "$(not_allowed "$scratch/bad.o")" = malloc ] || blind="$blind not_allowed"
[ "$(not_asked "$scratch/bad.o" | wc -l)" = "$(echo "$needed" | grep -c .)" ] || blind="$blind not_asked"
[ "$(misnamed "$scratch/bad.o" | wc -l)" = 2 ] || blind="$blind misnamed"
[ -n "$(writable "$scratch/bad.o")" ] || blind="$blind writable"
[ -n "$(oversized "$scratch/bad.o")" ] || blind="$blind oversized"
check "these checks find what they look for" "$blind"

nm -D --defined-only "$shared" | awk 'NF == 3 && $2 != "A" { print $3 }' | sed 's/@.*//' | sort >"$scratch/exported"
sed -n 's/^    \(imgprobe_[a-z0-9_]*\);$/\1/p' "$here/../../libimgprobe/imgprobe.map" | sort >"$scratch/listed"
sed -n 's/^IMGPROBE_API.*[ *]\(imgprobe_[a-z0-9_]*\)(.*/\1/p' "$here/../../libimgprobe/imgprobe.h" |
    sort >"$scratch/declared"
check "the shared library exports imgprobe_ names alone" "$(grep -v '^imgprobe_' "$scratch/exported" || true)"
check "the shared library exports what imgprobe.map lists" "$(comm -3 "$scratch/exported" "$scratch/listed")"
check "imgprobe.map lists what imgprobe.h declares" "$(comm -3 "$scratch/listed" "$scratch/declared")"
check "internal names begin with ip_" "$(misnamed "$static")"
check "the library asks others for nothing but what is listed" "$(not_allowed "$static")"
check "and it asks for all of that" "$(not_asked "$static")"
check "the library has no variables" "$(writable "$static")"
check "the program has one workspace" "$(oversized "$program")"
plan
