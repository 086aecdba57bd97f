/* SPDX-License-Identifier: MIT */
/* VirtualBox's settings of a machine: VirtualBox-settings.xsd. They name its disks. */
#include "format.h"

static bool text(struct probe *p)
{
    return ip_xml_root(p, "VirtualBox", "");
}

const struct format ip_vbox = {
    IP_RECOGNISED(vbox, IDENTIFY, "describes a machine, whose disks it names"),
    .text = text,
};
