/* SPDX-License-Identifier: MIT */
/* The readers and the versions of each that were run and compared with the answers here. */
#include "readers/readers.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The oldest first. A column of the tables is one of these. */
static const unsigned qemu_versions[] = {IMGPROBE_READER_VERSION(7, 2), IMGPROBE_READER_VERSION(10, 0),
                                         IMGPROBE_READER_VERSION(11, 1)};
#define MOST_MINOR 2 /* QEMU has three releases a year */

const struct imgprobe_reader_row ip_readers[] = {
    {IMGPROBE_READER_QEMU, "qemu", "QEMU's block drivers", "qemu-img, qemu-io and qemu-storage-daemon", qemu_versions,
     COUNT(qemu_versions)},
    {IMGPROBE_READER_XEN, "xen", "libvhd of Xen's blktap for VHD, and QEMU for the rest",
     "libvhd's vhd_parent_locator_get", NULL, 0},
};
const size_t ip_readers_count = COUNT(ip_readers);

/* A version between two compared ones follows the older. */
bool ip_reader_versions(enum imgprobe_reader reader, unsigned version, struct ip_versions *ret)
{
    size_t i = COUNT(qemu_versions);

    if (version == 0) {
        ret->first = (uint16_t)qemu_versions[0];
        ret->last = (uint16_t)qemu_versions[COUNT(qemu_versions) - 1];
        return true;
    }
    if (reader != IMGPROBE_READER_QEMU || version < qemu_versions[0] || version > qemu_versions[i - 1] ||
        version % 256 > MOST_MINOR)
        return false;
    while (qemu_versions[i - 1] > version)
        i--;
    ret->first = ret->last = (uint16_t)qemu_versions[i - 1];
    return true;
}
