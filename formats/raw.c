/* SPDX-License-Identifier: MIT */
/* Raw has no header, so nothing contradicts it and it refers to nothing. QEMU rounds its size up to a sector, and
 * takes an empty file for a disk of no bytes. */
#include "format.h"

#define SHORTEST 21 /* bytes: every other format has a longer header, and so has a VMDK that is a text */

static enum imgprobe_status decode(struct probe *p)
{
    uint64_t size;

    if (!ip_end_known(p) || p->endless)
        return IMGPROBE_OK;
    if (!ip_add(p->size, IP_SECTOR - 1, &size))
        return ip_fail(p, IMGPROBE_MALFORMED, "file size", 0, p->size, 0, UINT64_MAX - IP_SECTOR);
    p->image->virtual_size = size / IP_SECTOR * IP_SECTOR;
    if (p->size == 0)
        return ip_finding(p, FOUND_IMAGE_EMPTY, 0, "the file is empty: the guest has a disk of no bytes");
    if (p->size < SHORTEST)
        return ip_finding(p, FOUND_SIZE_NOT_SECTOR_MULTIPLE, IMGPROBE_UNKNOWN,
                          "the file is too short for any format but raw: see whether all of it arrived");
    if (p->size % IP_SECTOR != 0)
        return ip_finding(p, FOUND_SIZE_NOT_SECTOR_MULTIPLE, IMGPROBE_UNKNOWN,
                          "the file's size isn't a multiple of 512: QEMU adds zeros up to the next");
    return IMGPROBE_OK;
}

/* clang-format off */
static const struct key keys[] = {
    KEY("file", CHILD),
    KEY("offset", BYTES),
    KEY("size", BYTES),
    KEYS_END
};
/* clang-format on */

const struct format ip_raw = {
    .row =
        {
            .name = "raw",
            .qemu_name = "raw",
            .libvirt_name = "raw",
            .tier = IMGPROBE_TIER_GUEST,
            .why = "no header to attack",
            .decoded = true,
            .compiled = IP_COMPILED(raw),
            .reads = 4,
            .bytes = 8192,
        },
    .parent = PARENT_NEVER, /* bytes as they are */
    .driver = {.name = "raw", .class = DRIVER_RAW, .keys = keys},
    .decode = IP_COMPILED(raw) ? decode : NULL,
    .fallback = true,
};
