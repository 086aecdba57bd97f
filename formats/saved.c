/* SPDX-License-Identifier: MIT */
/* A machine that libvirt or xl saved, with its memory: struct _virQEMUSaveHeader, struct save_file_header. The
 * configuration in it names the machine's disks, which are opened when it is restored. */
#include "format.h"

const struct format ip_saved = {
    IP_RECOGNISED(saved, REFUSE,
                  "holds the configuration of a machine, which names its disks, and is restored as a whole"),
    .magics = {{0, "LibvirtQemudSave", 16},
               {0, "LibvirtQemudPart", 16}, /* cut off while it was saved */
               {0, "Xen saved domain, xl format\n \0 \r", 32}},
};
