#!/bin/sh
# SPDX-License-Identifier: MIT
# What reads the sources and runs none of them: `./dev lint` calls it, with its tools there and build/clang set up.
set -u
cd -- "$(dirname -- "$0")/../.." || exit 1
failed=0

# step NAME COMMAND...
step() {
    name=$1
    shift
    if "$@" >build/lint.log 2>&1; then
        echo "ok      $name"
    else
        failed=$((failed + 1))
        echo "FAILED  $name"
        cat build/lint.log
    fi
}

# tracked PATTERN...: files that git knows or would
tracked() {
    git ls-files -co --exclude-standard -- "$@" | while read -r file; do [ ! -f "$file" ] || echo "$file"; done
}
sources=$(tracked '*.c')
headers=$(tracked '*.h')
scripts="$(tracked '*.sh') dev .ci/run"
python=$(tracked '*.py')
prose=$(tracked '*.md' '*meson*' '.ci/*')
manuals=$(tracked '*.[1-9]')

tidy() {
    # shellcheck disable=SC2086 # words
    printf '%s\n' $sources | xargs -n 1 -P "$(getconf _NPROCESSORS_ONLN)" \
        clang-tidy -p build/clang --quiet --warnings-as-errors='*'
}

# A function of more than 60 lines has no excuse; clang-tidy asks for a reason beyond 40.
long_functions() {
    # shellcheck disable=SC2086 # words
    ! ctags -x --c-kinds=f --fields=+ne --_xformat='%F:%n %N %e' $sources $headers |
        awk '{ split($1, at, ":"); if ($3 - at[2] >= 60) print $1 ": " $2 " has " $3 - at[2] + 1 " lines" }' | grep .
}

# shellcheck disable=SC2086 # words, all of these
{
    step clang-format clang-format --dry-run -Werror $sources $headers
    step clang-tidy tidy
    step 'length of functions' long_functions
    step cppcheck cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,portability \
        -I libimgprobe -I formats libimgprobe formats cli fuzz
    step shellcheck shellcheck -x $scripts
    step codespell codespell --ignore-words-list=conectix,fo,nd,upto \
        $sources $headers $scripts $python $manuals $prose
    [ -z "$manuals" ] || step mandoc mandoc -T lint -W warning $manuals
    [ -z "$python" ] || step python \
        python3 -c 'import sys; [compile(open(f).read(), f, "exec") for f in sys.argv[1:]]' $python
}
[ "$failed" = 0 ]
