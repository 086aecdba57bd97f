/* SPDX-License-Identifier: MIT */
/*
 * The kinds of output that name files to whoever grants them, in the order in which they are listed.
 */
#include "access/access.h"

const struct access_kind access_kinds[] = {
    {"paths", "each file once, one a line; with -0 each ended by a NUL", access_paths, false},
    {"acl", "setfacl lines for --user, a shell's", access_acl, false},
    {"bwrap", "arguments of bubblewrap, a shell's; with -0 what its --args reads", access_bwrap, false},
    {"apparmor", "rules for a profile", access_apparmor, false},
    {"systemd", "a drop-in for a service", access_systemd, false},
    {"landlock", "rules for landlock, as JSON", access_landlock, false},
    {"blockdev", "the graph for QEMU's -blockdev, as JSON", access_blockdev, false},
    {"fdset", "QEMU's -add-fd and -blockdev, for descriptors from 3 on, a shell's", access_fdset, false},
    {"libvirt", "a <disk> with its whole chain", access_libvirt, false},
    {"options", "what access lacks: --root, and with --write --allow-write, a shell's", access_options, true},
    {NULL, NULL, NULL, false},
};
