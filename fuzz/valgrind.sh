#!/bin/sh
# SPDX-License-Identifier: MIT
# valgrind.sh REPLAY CORPUS: the kept corpus under memcheck, which sees what was never written and is used.
set -eu
if ! command -v valgrind >/dev/null; then
    echo '1..0 # SKIP valgrind is missing'
    exit 0
fi
exec valgrind --quiet --error-exitcode=9 --leak-check=full "$1" "$2"
