#!/bin/sh
# SPDX-License-Identifier: MIT
# libvirt.sh FOLDER: the schemas of the libvirt in Debian's unstable suite, in FOLDER/schemas, once. Nothing is
# installed, and the machine's own configuration of apt stays as it is: a list of ours names the archive that it uses.
set -eu
[ ! -e "$1/fetched" ] || exit 0
rm -rf "$1"
mkdir -p "$1"
folder=$(cd -- "$1" && pwd -P)
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
state=$folder/apt
mkdir "$state"
# shellcheck source=tests/machines/archive.sh
. "$here/archive.sh"

archives
uri=$(sed -n 's|^\([^ ]*\) [^ ]* Debian$|\1|p' "$state/targets" | head -n 1)
echo "deb [signed-by=$keys] $uri sid main" >"$state/list"
only "$state/list" update
cd -- "$folder"
only "$state/list" download libvirt-common
dpkg-deb -x libvirt-common_*.deb unpacked
mv unpacked/usr/share/libvirt/schemas schemas
rm -rf unpacked apt
touch fetched
