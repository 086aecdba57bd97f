/* SPDX-License-Identifier: MIT */
/* Copy on write over a backing file that the header names: QEMU's block/cow.c up to 2.1, version 2, and User-mode
 * Linux's cow.h, versions 1 to 3. Version 1 is in the byte order of the host that wrote it. */
#include "format.h"

const struct format ip_cow = {
    IP_RECOGNISED(cow, REFUSE, "dead: names a backing file, and its emulators are gone"),
    .magics = {{0, "OOOM\0\0\0\2", 8}, {0, "OOOM\0\0\0\3", 8}, {0, "OOOM\0\0\0\1", 8}, {0, "MOOO\1\0\0\0", 8}},
};
