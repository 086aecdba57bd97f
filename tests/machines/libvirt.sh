#!/bin/sh
# SPDX-License-Identifier: MIT
# libvirt.sh FOLDER: the schemas of the libvirt in Debian's unstable suite, in FOLDER/schemas, once. Nothing is
# installed, and the machine's own configuration of apt stays as it is: a list of ours names the archive that it uses.
set -eu
folder=$1
[ ! -e "$folder/fetched" ] || exit 0
rm -rf "$folder"
mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
cd -- "$folder"
keys=/usr/share/keyrings/debian-archive-keyring.gpg

# aside COMMAND...: with what apt knows of archives in a place of our own
aside() {
    apt-get -qq -o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder/cache" -o APT::Sandbox::User=root \
        -o Dir::Etc::SourceList="$folder/list" -o Dir::Etc::SourceParts=- "$@"
}

# shellcheck disable=SC2016 # apt's variables
archive=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(RELEASE)' 'Created-By: Packages' |
    sed -n 's|^\([^ ]*/debian/\) Debian [a-z]*$|\1|p' | head -n 1)
echo "deb [signed-by=$keys] ${archive:-http://deb.debian.org/debian/} sid main" >list
aside update
aside download libvirt-common
dpkg-deb -x libvirt-common_*.deb unpacked
mv unpacked/usr/share/libvirt/schemas schemas
rm -rf unpacked lists cache
touch fetched
