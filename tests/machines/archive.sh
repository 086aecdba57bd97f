# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Sourced by what fetches packages: Debian's archive, as the machine's own apt reaches it, with what apt knows of it in
# `state`, a folder that the caller made. The machine's configuration of apt and what is installed stay as they are.
# shellcheck disable=SC2034,SC2154 # keys is for the caller, state is the caller's
keys=/usr/share/keyrings/debian-archive-keyring.gpg

# aside COMMAND...: apt with that state, for any user
aside() {
    apt-get -qq -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" -o APT::Sandbox::User=root "$@"
}

# targets COMMAND...: URI, suite and label of what the machine has of Debian's archive, by `COMMAND indextargets`
targets() {
    # shellcheck disable=SC2016 # apt's variables
    "$@" indextargets --format '$(REPO_URI) $(RELEASE) $(LABEL) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
        sed -n 's|^\([^ ]* [^ ]* [^ ]*\) main Debian$|\1|p' | sort -u >"$state/targets"
    [ -s "$state/targets" ]
}

# archives: into the file `targets`. A machine may have the lists of no archive yet.
archives() {
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    targets apt-get || { aside update && targets aside; }
}

# only LIST COMMAND...: apt that knows the archives of the file LIST and no other
only() {
    list=$1
    shift
    aside -o Dir::Etc::SourceList="$list" -o Dir::Etc::SourceParts=/dev/null "$@"
}
