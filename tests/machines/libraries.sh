#!/bin/sh
# SPDX-License-Identifier: MIT
# libraries.sh SOURCES FOLDER COMPILER FLAG...: xxhash, zlib and cmocka for another machine, static and with their .pc
# files, in FOLDER. Debian's own binaries for it would take a foreign architecture, or aren't made.
set -eu
sources=$1
folder=$2
shift 2
[ ! -e "$folder/built" ] || exit 0
rm -rf "$folder"
mkdir -p "$folder/lib/pkgconfig" "$folder/include" "$folder/kernel"

# library NAME PATTERN COMPILER FLAG...: of the sources that match
library() {
    name=$1
    pattern=$2
    shift 2
    mkdir -p "$folder/objects/$name"
    cd -- "$folder/objects/$name"
    # shellcheck disable=SC2086 # a pattern
    "$@" -c -O2 -fPIC -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 $sources/$pattern
    "$("$1" -print-prog-name=ar)" rcs "$folder/lib/lib$name.a" ./*.o
}

# described NAME LIBRARY [CFLAG]: for pkg-config
described() {
    cat >"$folder/lib/pkgconfig/$1.pc" <<END
Name: $1
Description: built for a test
Version: 1
Libs: -L$folder/lib -l$2
Cflags: -I$folder/include ${3:-}
END
}

library xxhash 'xxhash-*/xxhash.c' "$@"
library z 'zlib-*/*.c' "$@" -DHAVE_HIDDEN -DHAVE_UNISTD_H
library cmocka 'cmocka-*/src/cmocka.c' "$@" -I "$(echo "$sources"/cmocka-*/include)" -DHAVE_SIGNAL_H \
    -DHAVE_STRSIGNAL -DHAVE_STRUCT_TIMESPEC -DHAVE_CLOCK_REALTIME -DHAVE_GCC_THREAD_LOCAL_STORAGE \
    -DHAVE_SIGLONGJMP -D_UINTPTR_T_DEFINED
cp "$sources"/xxhash-*/xxh*.h "$sources"/zlib-*/zlib.h "$sources"/zlib-*/zconf.h \
    "$sources"/cmocka-*/include/cmocka.h "$folder/include"
described libxxhash xxhash
described zlib z
# It would define uintptr_t again, and on some machines otherwise than their own headers.
described cmocka cmocka -D_UINTPTR_T_DEFINED
ln -s /usr/include/linux /usr/include/asm-generic /usr/include/x86_64-linux-gnu/asm "$folder/kernel"
printf "[constants]\nprefix = '%s'\n" "$folder" >"$folder/prefix.ini"
touch "$folder/built"
