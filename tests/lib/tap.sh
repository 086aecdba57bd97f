# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Sourced by the check-*.sh: one line of TAP for each thing checked, and what offends.
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

# skip NAME REASON
skip() {
    checked=$((checked + 1))
    echo "ok $checked - $1 # SKIP $2"
}

plan() {
    echo "1..$checked"
}
