#!/bin/sh
# SPDX-License-Identifier: MIT
# sources.sh FOLDER: Debian's source packages of the libraries that we and the tests need, unpacked in FOLDER, once.
set -eu
folder=$1
[ ! -e "$folder/fetched" ] || exit 0
rm -rf "$folder"
mkdir -p "$folder/lists/partial" "$folder/cache"
cd -- "$folder"

# The machine's own configuration stays as it is: a list of ours names the same archive's sources, and what apt knows of
# them lies beside it. Of the archive's suites the first: the sources of the others come and go.
keys=/usr/share/keyrings/debian-archive-keyring.gpg
# shellcheck disable=SC2016 # apt's variables
apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
    sed -n "s|^\([^ ]* [a-z]* main\) Debian\$|deb-src [signed-by=$keys] \1|p" | sort -u >list
[ -s list ] || {
    echo "no archive of Debian's is among apt's sources" >&2
    exit 1
}

archive() {
    apt-get -qq -o Dir::Etc::SourceList="$folder/list" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$folder/lists" \
        -o Dir::Cache="$folder/cache" -o APT::Sandbox::User=root "$@"
}
archive update
archive source xxhash zlib cmocka
touch fetched
