# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The Test Anything Protocol, for every script in sh that prints it; tap.py is its like for Python.
checked=0

# check NAME OFFENDERS: fine when there are none
check() {
    checked=$((checked + 1))
    if [ -z "$2" ]; then
        echo "ok $checked - $1"
    else
        echo "not ok $checked - $1"
        echo "$2" | awk 'NR <= 10 { print "#   " $0 } END { if (NR > 10) print "#   and " NR - 10 " more" }'
    fi
}

# skip NAME REASON: one check
skip() {
    checked=$((checked + 1))
    echo "ok $checked - $1 # SKIP $2"
}

plan() {
    echo "1..$checked"
}

# skip_all REASON: instead of any check
skip_all() {
    echo "1..0 # SKIP $1"
}
