/* SPDX-License-Identifier: MIT */
/* OVF: DSP0243, "Open Virtualization Format Specification", section 7. It names the files of its disks. SOAP has an
 * element of that name, too, so the namespace counts. */
#include "format.h"

static bool text(struct probe *p)
{
    return ip_xml_root(p, "Envelope", "/ovf");
}

const struct format ip_ovf = {
    IP_RECOGNISED(ovf, IDENTIFY, "describes a machine, whose disks it names"),
    .text = text,
};
