/* SPDX-License-Identifier: MIT */
/* Parallels' DiskDescriptor.xml, which ploop has, too. It names the images of a disk and of its snapshots. */
#include "format.h"

static bool text(struct probe *p)
{
    return ip_xml_root(p, "Parallels_disk_image", "");
}

const struct format ip_diskdescriptor = {
    IP_RECOGNISED(diskdescriptor, IDENTIFY, "describes a disk of Parallels or ploop, whose images it names"),
    .text = text,
};
