#!/bin/sh
# SPDX-License-Identifier: MIT
# emulators.sh FOLDER: the emulators that the oracles ask beside the machine's own, each in FOLDER/VERSION, where `bin`
# is a folder for PATH. They are packages of Debian's, unpacked with all that they need, and start by their own ld.so.
set -eu
mkdir -p "$1"
folder=$(cd -- "$1" && pwd -P)
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
state=$folder/apt
# shellcheck source=tests/machines/archive.sh
. "$here/archive.sh"

# VERSION SUITE, one a line: which has it
emulators=$here/../oracle/emulators.txt
programs='qemu-img qemu-io qemu-nbd qemu-storage-daemon'

# of SUITE COMMAND...: apt for which no package is installed, so that it fetches the C library and all others, too
of() {
    suite=$1
    shift
    only "$state/list" -o Dir::State::Status="$state/status" -o Dir::State::Extended_States="$state/extended" \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null -o Debug::NoLocking=true \
        -t "$suite" "$@"
}

# lists: of the suites above. Who signs them, an old keyring may not know; the machine's own suites have a newer one.
lists() {
    uri=$(sed -n 's|^\([^ ]*\) [^ ]* Debian$|\1|p' "$state/targets" | head -n 1)
    while read -r _ suite; do
        echo "deb [signed-by=$keys] $uri $suite main"
    done <"$emulators" >"$state/list"
    : >"$state/status"
    of stable update
}

newer_keys() {
    (
        cd -- "$state"
        rm -f debian-archive-keyring_*.deb
        apt-get download -qq debian-archive-keyring || { aside update && aside download debian-archive-keyring; }
        dpkg-deb -x debian-archive-keyring_*.deb keyring
    )
    keys=$state/keyring/$keys
}

# wrapper VERSION PROGRAM
wrapper() {
    cat >"$folder/$1/bin/$2" <<END
#!/bin/sh
QEMU_MODULE_DIR='$modules' exec '$loader' --library-path '$libraries' --argv0 $2 '$root/usr/bin/$2' "\$@"
END
    chmod +x "$folder/$1/bin/$2"
}

# unpack VERSION: what apt has just fetched
unpack() {
    root=$folder/$1/root
    mkdir -p "$root" "$folder/$1/bin"
    for package in "$state"/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --no-same-owner --exclude './usr/share/*'
    done
    loader=$(find "$root" -name 'ld-linux*.so.*' -type f | head -n 1)
    modules=$(dirname "$(find "$root" -name 'block-curl.so')")
    libraries=$(find "$root" -path "$root/etc" -prune -o -name '*.so.*' -exec dirname {} + | sort -u | paste -s -d : -)
    for program in $programs; do
        wrapper "$1" "$program"
    done
}

# fetch VERSION SUITE
fetch() {
    rm -rf "${folder:?}/$1" "$state/cache/archives"
    mkdir -p "$state/cache/archives/partial"
    of "$2" install --download-only --no-install-recommends -y qemu-utils qemu-block-extra qemu-system-common
    unpack "$1"
    rm -rf "$state/cache/archives"
    says=$("$folder/$1/bin/qemu-img" --version | head -n 1)
    case $says in
    "qemu-img version $1."*) touch "$folder/$1/fetched" ;;
    *)
        echo "$2 has no $1, but: $says" >&2
        return 1
        ;;
    esac
}

# wanted: the lines of those that aren't here yet
wanted() {
    while read -r version suite; do
        [ -e "$folder/$version/fetched" ] || echo "$version $suite"
    done <"$emulators"
}

[ -n "$(wanted)" ] || exit 0
archives
lists || { newer_keys && lists; }
wanted >"$state/wanted"
while read -r version suite; do
    fetch "$version" "$suite" </dev/null
done <"$state/wanted"
rm -rf "$state"
