# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Sourced by ./dev, whose functions these use: the tests on other machines, and at every level of optimisation. Each
# has its folder in build/, and answers with the same .want files as the host.
# shellcheck disable=SC2154 # root, missing and to_test are theirs
# shellcheck source=tests/lib/tap.sh
. "$root/tests/lib/tap.sh"

places='i386 musl s390x gcc-O0 gcc-O1 gcc-O2 gcc-O3 gcc-lto clang-O0 clang-O1 clang-O2 clang-O3 clang-lto'
to_build='dpkg-dev=dpkg-source'
to_i386='gcc-12-multilib=/usr/lib/gcc/x86_64-linux-gnu/12/32/libgcc.a
    libc6-dev-i386=/usr/include/x86_64-linux-gnu/gnu/stubs-32.h'
to_musl='musl-tools=musl-gcc'
to_s390x='gcc-s390x-linux-gnu=s390x-linux-gnu-gcc libc6-dev-s390x-cross=/usr/s390x-linux-gnu/include/stdio.h
    qemu-user=qemu-s390x'
to_lto='lld=ld.lld llvm=llvm-ar'

# left_out NAME WHY: for tally.py, as a test that was asked for and skipped
left_out() {
    mkdir -p "$root/build/$1/meson-logs"
    echo "$1" >"$root/build/$1/asked.txt"
    printf '{"name": "%s", "result": "SKIP", "returncode": 77, "stdout": "%s"}\n' "$1" "$(skip_all "$2")" \
        >"$root/build/$1/meson-logs/testlog.json"
}

# libraries NAME: those that we link with, for that machine
libraries() {
    case $1 in
    i386) set -- "$1" gcc-12 -m32 -isystem /usr/include/x86_64-linux-gnu ;;
    musl) set -- "$1" musl-gcc ;;
    s390x) set -- "$1" s390x-linux-gnu-gcc ;;
    esac
    prefix=$root/build/machines/$1
    shift
    quietly "$root/tests/machines/libraries.sh" "$root/build/machines/sources" "$prefix" "$@"
}

# machine NAME: all but what looks at the build itself, and what asks the emulators
machine() {
    case $1 in
    i386) needed=$to_i386 ;;
    musl) needed=$to_musl ;;
    s390x) needed=$to_s390x ;;
    esac
    if ! need "$to_test $to_build $needed"; then
        left_out "$1" "$missing is missing"
        return 0
    fi
    if ! quietly "$root/tests/machines/sources.sh" "$root/build/machines/sources"; then
        left_out "$1" "a source package of Debian's is missing"
        return 0
    fi
    if libraries "$1" && cross "$1" "$1" -Dtests=enabled && compile "$1"; then
        suites "$1" --no-suite check --no-suite oracle --timeout-multiplier 10
    fi
}

# cross NAME FOLDER OPTION...: for that machine, in that folder of build/
cross() {
    for_it=$1
    folder=$root/build/$2
    shift 2
    again=
    [ ! -e "$folder/build.ninja" ] || again=--reconfigure
    quietly meson setup $again --cross-file "$root/build-dev.ini" \
        --cross-file "$root/build/machines/$for_it/prefix.ini" --cross-file "$root/tests/machines/$for_it.ini" "$@" \
        "$folder" "$root"
}

# level COMPILER LEVEL
level() {
    name=$1-$2
    option=-Doptimization=${2#O}
    [ "$2" != lto ] || option=-Db_lto=true
    if [ "$name" = clang-lto ]; then
        need "$to_lto" || {
            left_out "$name" "$missing is missing"
            return 0
        }
        export CC_LD=lld AR=llvm-ar
    fi
    if configure "$name" "$1" -Dtests=enabled -Ddebug=false "$option" && compile "$name"; then
        suites "$name" --suite unit --suite golden --timeout-multiplier 4
    fi
    unset CC_LD AR
}

# elsewhere NAME
elsewhere() {
    case $1 in
    gcc-* | clang-*) level "${1%%-*}" "${1#*-}" ;;
    *) machine "$1" ;;
    esac
}
