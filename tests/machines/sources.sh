#!/bin/sh
# SPDX-License-Identifier: MIT
# sources.sh FOLDER: Debian's source packages of the libraries that we and the tests need, unpacked in FOLDER, once.
set -eu
folder=$1
[ ! -e "$folder/fetched" ] || exit 0
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
rm -rf "$folder"
mkdir -p "$folder"
state=$folder
# shellcheck source=tests/machines/archive.sh
. "$here/archive.sh"

cd -- "$folder"
archives
# Of Debian's suites the first: the sources of the others come and go.
sed -n "s|^\([^ ]* [a-z]*\) [^ ]*\$|deb-src [signed-by=$keys] \1 main|p" targets >list
only "$folder/list" update
only "$folder/list" source xxhash zlib cmocka
touch fetched
