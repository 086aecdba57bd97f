#!/bin/bash
# SPDX-License-Identifier: MIT
# Fuzzes one target, or each in turn: run.sh [TARGET|all] [SECONDS]. `./dev fuzz` calls it, with its tools there.
#
# One process without sanitizers, with CmpLog, and one with the address and undefined sanitizers, over one folder. What
# is found is left in build/fuzz/TARGET: `corpus`, minimised, and `findings`, each made as small as it can be.
set -eu
root=$(cd -- "$(dirname -- "$0")/.." && pwd -P)
here=$root/build/fuzz
all='image pinned descriptor name chain stream feed inside receipt'
targets=$all
most=65536 # bytes of an input: a VHDX has its parts far from one another

export AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 AFL_QUIET=1
export AFL_ALLOW_TMP=1 AFL_AUTORESUME=1 AFL_IGNORE_SEED_PROBLEMS=1 AFL_CRASHING_SEEDS_AS_NEW_CRASH=1 AFL_MAP_SIZE=262144
export ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0
export UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:symbolize=0

# build FOLDER TARGET COMPILER OPTION...: a program of this target, instrumented as the environment says
build() {
    folder=$here/$1
    program=fuzz/fuzz-$2
    compiler=$3
    shift 3
    again=
    [ ! -e "$folder/build.ninja" ] || again=--reconfigure
    mkdir -p "$folder"
    {
        # shellcheck disable=SC2086 # an option or none
        CC=$compiler meson setup $again -Dtests=enabled -Dman=disabled -Dsandbox=disabled -Db_lundef=false \
            -Dbuildtype=debugoptimized "$@" "$folder" "$root"
        ninja -C "$folder" "$program"
    } >"$folder.log" 2>&1 </dev/null || {
        cat "$folder.log" >&2
        exit 1
    }
}

build_all() {
    build plain "$1" afl-clang-fast
    AFL_LLVM_CMPLOG=1 build cmplog "$1" afl-clang-fast
    build sanitized "$1" afl-clang-fast -Db_sanitize=address,undefined -Dc_args=-fno-sanitize-recover=all
    build_coverage "$1"
}

build_coverage() {
    build coverage "$1" clang '-Dc_args=-fprofile-instr-generate -fcoverage-mapping' \
        -Dc_link_args=-fprofile-instr-generate
}

# number FILE KEY: what AFL's statistics say
number() {
    awk -v key="$2" '$1 == key { print $3; found = 1 } END { if (!found) print 0 }' "$1" 2>/dev/null || echo 0
}

# fuzz TARGET SECONDS
fuzz() {
    in=$here/$1/in out=$here/$1/out
    rm -rf "$in" "$out"
    mkdir -p "$in" "$out"
    python3 "$root/fuzz/seeds.py" "$1" "$in"
    python3 "$root/fuzz/corpus.py" unpack "$1" "$in"
    find "$in" -type f -size +"$((most / 1024))"k -delete
    python3 "$root/fuzz/dictionary.py" >"$here/dictionary"
    set -- "$1" "$2" -i "$in" -o "$out" -x "$here/dictionary" -G "$most" -t 1000 -V "$2"
    target=$1
    shift 2
    afl-fuzz -M plain -c "$here/cmplog/fuzz/fuzz-$target" "$@" -- "$here/plain/fuzz/fuzz-$target" \
        >"$here/$target/plain.log" 2>&1 </dev/null &
    afl-fuzz -S sanitized -m none "$@" -- "$here/sanitized/fuzz/fuzz-$target" \
        >"$here/$target/sanitized.log" 2>&1 </dev/null &
    wait
}

# minimise TARGET: the corpus, and what was found
minimise() {
    folder=$here/$1
    rm -rf "$folder/corpus" "$folder/all"
    mkdir -p "$folder/findings" "$folder/all"
    cat /dev/null "$folder"/out/*/fuzzer_stats >"$folder/stats"
    find "$folder"/out/*/queue "$folder/in" -maxdepth 1 -type f 2>/dev/null | while read -r file; do
        cp -- "$file" "$folder/all/$(sha1sum <"$file" | cut -c 1-16)"
    done
    afl-cmin -i "$folder/all" -o "$folder/corpus" -t 1000 -- "$here/plain/fuzz/fuzz-$1" >"$folder/cmin.log" 2>&1
    find "$folder"/out/*/crashes "$folder"/out/*/hangs -type f -name 'id*' 2>/dev/null | head -n 20 |
        while read -r file; do
            name=$folder/findings/$(sha1sum <"$file" | cut -c 1-16)
            [ -e "$name" ] || afl-tmin -i "$file" -o "$name" -t 1000 -m none -- "$here/sanitized/fuzz/fuzz-$1" \
                >"$folder/tmin.log" 2>&1 || cp -- "$file" "$name"
        done
}

# lines FILE: of what llvm-cov reports by file, how many lines of the library were reached
lines() {
    awk '$1 ~ /^(formats|libimgprobe)\// { part = $1; sub("/.*", "", part); all[part] += $8; missed[part] += $9 }
        END { printf "%.1f %% of formats/, %.1f %% of libimgprobe/", 100 - 100 * missed["formats"] / all["formats"],
            100 - 100 * missed["libimgprobe"] / all["libimgprobe"] }' "$1"
}

# covered TARGET: lines of the library that the corpus reaches
covered() {
    program=$here/coverage/fuzz/fuzz-$1
    find "$here/$1/corpus" -type f -print0 | LLVM_PROFILE_FILE="$here/$1/%p.profraw" xargs -0 "$program" >&2 || true
    llvm-profdata merge -o "$here/$1/profdata" "$here/$1"/*.profraw
    rm -f "$here/$1"/*.profraw
    llvm-cov report "$program" -instr-profile="$here/$1/profdata" >"$here/$1/coverage.txt"
    lines "$here/$1/coverage.txt"
}

report() {
    plain=$here/$1/out/plain/fuzzer_stats sanitized=$here/$1/out/sanitized/fuzzer_stats
    echo "$1: $(number "$plain" execs_done) executions plain and $(number "$sanitized" execs_done) sanitized in" \
        "$(number "$plain" run_time) s, $(number "$plain" edges_found) of $(number "$plain" total_edges) edges," \
        "lines $(covered "$1"), corpus $(find "$here/$1/corpus" -type f | wc -l)," \
        "findings $(find "$here/$1/findings" -type f | wc -l)"
}

# together: lines that the targets which ran here reach among them, all built from the tree as it is now
together() {
    profiles=() programs=()
    for target in $all; do
        [ -e "$here/$target/corpus" ] || continue
        build_coverage "$target"
        covered "$target" >/dev/null
        profiles+=("$here/$target/profdata")
        programs+=(-object "$here/coverage/fuzz/fuzz-$target")
    done
    llvm-profdata merge -o "$here/profdata" "${profiles[@]}"
    llvm-cov report "${programs[@]:1}" -instr-profile="$here/profdata" >"$here/coverage.txt"
    echo "${#profiles[@]} targets together: $(lines "$here/coverage.txt")"
}

asked=${1:-all}
[ "$asked" = all ] || case " $targets " in
*" $asked "*) targets=$asked ;;
*)
    echo "run.sh: the targets are: $targets" >&2
    exit 2
    ;;
esac
mkdir -p "$here"
cd -- "$here" # where afl-tmin leaves its own
for target in $targets; do
    build_all "$target"
    fuzz "$target" "${2:-60}"
    minimise "$target"
    report "$target"
done
together
