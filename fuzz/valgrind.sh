#!/bin/sh
# SPDX-License-Identifier: MIT
# valgrind.sh REPLAY CORPUS: the kept corpus under memcheck, which sees what was never written and is used.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname -- "$0")/../tests/lib/tap.sh"
if ! command -v valgrind >/dev/null; then
    skip_all 'valgrind is missing'
    exit 0
fi
exec valgrind --quiet --error-exitcode=9 --leak-check=full "$1" "$2"
