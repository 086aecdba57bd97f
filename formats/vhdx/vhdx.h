/* SPDX-License-Identifier: MIT */
/* What VHDX's files share. */
#ifndef IP_VHDX_H
#define IP_VHDX_H

#include "format.h"

/* GUIDs as the two little-endian numbers that their bytes are. */
struct vhdx_guid {
    uint64_t low, high;
};
/* Says which of the `count` known things the entry at `at` is; `count` for none. As to QEMU, an unknown entry that is
 * required is an error, and so is one that stands there twice: `seen` has a bit for each. */
enum imgprobe_status ip_vhdx_identify(struct probe *p, struct vhdx_guid id, bool required, uint64_t at,
                                      const struct vhdx_guid *known, size_t count, unsigned *seen, size_t *ret);

enum vhdx_region_name { VHDX_BLOCK_TABLE, VHDX_METADATA, VHDX_REGIONS };
struct vhdx_region {
    uint64_t offset, length;
    uint64_t entry; /* where the entry stands that names it; of the log: its header */
};

/* Chooses the header that decides, and gives where its log lies. A log that isn't empty is UNSUPPORTED. */
enum imgprobe_status ip_vhdx_header(struct probe *p, struct vhdx_region *ret_log);
/* Gives the regions of both copies of the region table, VHDX_REGIONS of them. */
enum imgprobe_status ip_vhdx_regions(struct probe *p, const struct vhdx_region *log, struct vhdx_region *ret);
/* Whether the block table has room for so many entries, and lies in the file. */
enum imgprobe_status ip_vhdx_check_blocks(struct probe *p, const struct vhdx_region *table, uint64_t entries);

/* Lists the names of a parent. They stand in the locator of `length` bytes at `at`. `length_at` is where that length
 * stands. */
enum imgprobe_status ip_vhdx_parent(struct probe *p, uint64_t at, uint64_t length, uint64_t length_at);

#endif
