/* SPDX-License-Identifier: MIT */
/* crosvm's composite disk: src/disk/src/composite.rs, cdisk_spec.proto. Behind the magic stands a message that names
 * the files of the disk's parts, and whether each is written. */
#include "format.h"

const struct format ip_composite = {
    IP_RECOGNISED(composite, REFUSE, "names the files of its parts freely, with the right to write them"),
    .magics = {{0, "composite_disk\x1d", 15}},
};
