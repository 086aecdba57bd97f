/* SPDX-License-Identifier: MIT */
/* Parallels' config.pvs. It names the disks of a machine. */
#include "format.h"

static bool text(struct probe *p)
{
    return ip_xml_root(p, "ParallelsVirtualMachine", "");
}

const struct format ip_pvs = {
    IP_RECOGNISED(pvs, IDENTIFY, "describes a machine, whose disks it names"),
    .text = text,
};
