#!/bin/sh
# SPDX-License-Identifier: MIT
# sources.sh FOLDER: Debian's source packages of the libraries that we and the tests need, unpacked in FOLDER, once.
# The machine's own configuration of apt stays as it is: a list of ours names the sources of the archive that it uses.
set -eu
folder=$1
[ ! -e "$folder/fetched" ] || exit 0
rm -rf "$folder"
mkdir -p "$folder/lists/partial" "$folder/cache"
cd -- "$folder"
keys=/usr/share/keyrings/debian-archive-keyring.gpg

# aside COMMAND...: with what apt knows of archives in a place of our own
aside() {
    apt-get -qq -o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder/cache" -o APT::Sandbox::User=root "$@"
}

# archives COMMAND...: by `COMMAND indextargets`. Of Debian's suites the first: the sources of the others come and go.
archives() {
    # shellcheck disable=SC2016 # apt's variables
    "$@" indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
        sed -n "s|^\([^ ]* [a-z]* main\) Debian\$|deb-src [signed-by=$keys] \1|p" | sort -u >list
    [ -s list ]
}

if ! archives apt-get; then
    aside update # the machine has the lists of no archive
    archives aside
fi
aside -o Dir::Etc::SourceList="$folder/list" -o Dir::Etc::SourceParts=- update
aside -o Dir::Etc::SourceList="$folder/list" -o Dir::Etc::SourceParts=- source xxhash zlib cmocka
touch fetched
