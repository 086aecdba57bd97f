#!/bin/sh
# SPDX-License-Identifier: MIT
# ./dev passes over no word that it doesn't understand, whichever command it is for.
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"

# All but `run`, whose words are the program's.
commands=$("$root/dev" help | sed -n 's|^\./dev \([a-z]*\).*|\1|p' | grep -vx run | sort -u)
check "./dev help lists the commands" "$(echo "$commands" | grep -qx build || echo "no line matches")"
check "each takes no option that it doesn't know" "$(for command in $commands; do
    status=0
    "$root/dev" "$command" --nosuch </dev/null >/dev/null 2>&1 || status=$?
    [ "$status" = 2 ] || echo "./dev $command --nosuch: $status"
done)"
check "each takes no word too many" "$(for command in $commands; do
    status=0
    "$root/dev" "$command" a b c </dev/null >/dev/null 2>&1 || status=$?
    [ "$status" = 2 ] || [ "$command" = mutate ] || echo "./dev $command a b c: $status" # its words are files
done)"
# names COMMAND WORD...: before anything is installed or built, for which there is no PATH here
names() {
    for word in "$@"; do last=$word; done
    status=0
    said=$(env PATH="$nothing" /bin/sh "$root/dev" "$@" </dev/null 2>&1) || status=$?
    [ "$status" = 2 ] && echo "$said" | head -n 1 | grep -q "^dev: .*: $last" || echo "$*: $status: $said"
}
nothing=$(mktemp -d)
for tool in cat dirname sed; do ln -s "$(command -v "$tool")" "$nothing/$tool"; done
check "a word that isn't known is named" "$(names bogus; names machine bogus; names fuzz bogus; names fuzz image bogus)"
rm -r "$nothing"
plan
