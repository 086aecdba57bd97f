/* SPDX-License-Identifier: MIT */
/* The readers and the versions of each that were run and compared with the answers here. */
#include "readers/readers.h"

#include <string.h>

/* The oldest first. A column of the tables is one of these. */
static const unsigned qemu_versions[] = {IMGPROBE_READER_VERSION(7, 2), IMGPROBE_READER_VERSION(10, 0),
                                         IMGPROBE_READER_VERSION(11, 1)};
#define MOST_MINOR 2 /* QEMU has three releases a year */

static const struct ip_reader qemu = {
    .row = {IMGPROBE_READER_QEMU, "qemu", "QEMU's block drivers", "qemu-img, qemu-io and qemu-storage-daemon",
            qemu_versions, IP_COUNT(qemu_versions)},
};
static const struct ip_reader xen = {
    .row = {IMGPROBE_READER_XEN, "xen", "libvhd of Xen's blktap for VHD, and QEMU for the rest",
            "libvhd's vhd_parent_locator_get", NULL, 0},
};
const struct ip_reader *const ip_readers[] = {&qemu, &xen, &ip_reader_imago};
const size_t ip_readers_count = IP_COUNT(ip_readers);

/* A version between two compared ones follows the older. A reader without versions does as all of QEMU's. */
bool ip_reader_versions(enum imgprobe_reader reader, unsigned version, struct ip_versions *ret)
{
    const struct imgprobe_reader_row *own = &ip_readers[reader]->row;
    const struct imgprobe_reader_row *row = own->version_count == 0 && version == 0 ? &qemu.row : own;
    size_t i = row->version_count;

    if (version == 0) {
        ret->first = (uint16_t)row->versions[0];
        ret->last = (uint16_t)row->versions[i - 1];
        return true;
    }
    if (i == 0 || version < row->versions[0] || version > row->versions[i - 1] || version % 256 > MOST_MINOR)
        return false;
    while (row->versions[i - 1] > version)
        i--;
    ret->first = ret->last = (uint16_t)row->versions[i - 1];
    return true;
}

bool ip_reader_opens(enum imgprobe_reader reader, const char *format)
{
    const char *const *at = ip_readers[reader]->formats;

    while (at && *at && strcmp(*at, format) != 0)
        at++;
    return !at || *at;
}
