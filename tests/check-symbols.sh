#!/bin/sh
# SPDX-License-Identifier: MIT
# What the library exports, what it asks of others, and that it keeps no state: check-symbols.sh SHARED STATIC
set -eu
export LC_ALL=C
here=$(cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=tests/tap.sh
. "$here/tap.sh"
shared=$1
static=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# All that the library may ask of others: bytes, the identity table's hash, a checksum, descriptors. No allocator, no stdio, no
# locale, no environment, no way out.
allowed='
    XXH64
    __errno_location
    __stack_chk_fail
    crc32
    _GLOBAL_OFFSET_TABLE_
    memchr memcmp memcpy memmem memmove memset strchr strcmp strcspn strlen strncmp strnlen strrchr strspn
    close fcntl fcntl64 fstat fstat64 fstatat fstatat64 fstatfs fstatfs64 ioctl lseek lseek64 open open64 openat
    openat64 pread pread64 readlink readlinkat stat stat64 syscall
    __memcpy_chk __memmove_chk __memset_chk __open64_2 __openat64_2 __pread64_chk __pread_chk __readlink_chk
    __readlinkat_chk
'

# not_allowed FILE: names that it asks for, doesn't define itself and may not have
not_allowed() {
    nm -g --defined-only "$1" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u >"$scratch/defined"
    nm -u "$1" | awk 'NF == 2 { print $2 }' | sed 's/@.*//' | sort -u >"$scratch/asked"
    # shellcheck disable=SC2086 # words
    printf '%s\n' $allowed | sort -u - "$scratch/defined" | comm -23 "$scratch/asked" -
}

# misnamed FILE: global names without our prefix
misnamed() {
    nm -g --defined-only "$1" | awk 'NF == 3 && $3 !~ /^(imgprobe_|ip_)/ { print $3 }'
}

# writable FILE: sections with variables in them; a table of pointers in .data.rel.ro becomes constant when loaded
writable() {
    objdump -h "$1" | awk '$2 ~ /^\.t?(data|bss)/ && $2 !~ /^\.data\.rel\.ro/ && $3 !~ /^0+$/ { print $2, $3 }'
}

# Each check must be able to fail: this object offends against them all.
cat >"$scratch/bad.c" <<'EOF'
#include <stdlib.h>
int misnamed_state = 1;
void *misnamed_function(void);
void *misnamed_function(void)
{
    return malloc(1);
}
EOF
${CC:-cc} -c -o "$scratch/bad.o" "$scratch/bad.c"
blind=
[ "$(not_allowed "$scratch/bad.o")" = malloc ] || blind="$blind not_allowed"
[ "$(misnamed "$scratch/bad.o" | wc -l)" = 2 ] || blind="$blind misnamed"
[ -n "$(writable "$scratch/bad.o")" ] || blind="$blind writable"
check "these checks find what they look for" "$blind"

nm -D --defined-only "$shared" | awk 'NF == 3 && $2 != "A" { print $3 }' | sed 's/@.*//' | sort >"$scratch/exported"
sed -n 's/^    \(imgprobe_[a-z0-9_]*\);$/\1/p' "$here/../libimgprobe/imgprobe.map" | sort >"$scratch/listed"
sed -n 's/^IMGPROBE_API.*[ *]\(imgprobe_[a-z0-9_]*\)(.*/\1/p' "$here/../libimgprobe/imgprobe.h" |
    sort >"$scratch/declared"
check "the shared library exports imgprobe_ names alone" "$(grep -v '^imgprobe_' "$scratch/exported" || true)"
check "the shared library exports what imgprobe.map lists" "$(comm -3 "$scratch/exported" "$scratch/listed")"
check "imgprobe.map lists what imgprobe.h declares" "$(comm -3 "$scratch/listed" "$scratch/declared")"
check "internal names begin with ip_" "$(misnamed "$static")"
check "the library asks others for nothing but what is listed" "$(not_allowed "$static")"
check "the library has no variables" "$(writable "$static")"
plan
