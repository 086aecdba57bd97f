/* SPDX-License-Identifier: MIT */
/* Compressed loop images of version 2: QEMU block/cloop.c, cloop_open. */
#include "format.h"

#define OFFSETS 136
#define SCRIPT                                                                                                       \
    "#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop $1\n" /* to its end */

struct cloop {
    uint64_t block_size, n_blocks;
};

/* clang-format off */
static const struct field header_rows[] = {
    FIELD(struct cloop, 128, U32BE, block_size, IP_SECTOR, 67108864,  MALFORMED, IP_OF_512),
    FIELD(struct cloop, 132, U32BE, n_blocks,           0, 0x3ffffff, MALFORMED), /* 512 MiB of offsets; the file */
};
/* clang-format on */
#define ROW(name) IP_ROW(header_rows, struct cloop, name)

static enum imgprobe_status decode(struct probe *p)
{
    struct cloop h = {0};
    uint64_t end, most;
    enum imgprobe_status s = ip_decode(p, 0, header_rows, IP_COUNT(header_rows), &h);

    if (s != IMGPROBE_OK)
        return s;
    most = UINT32_MAX / (h.block_size / IP_SECTOR); /* QEMU counts sectors in 32 bits: what is more would wrap */
    if (h.n_blocks > most)
        return ip_fail_row(p, IMGPROBE_MALFORMED, ROW(n_blocks), 0, h.n_blocks, 0, most);
    end = OFFSETS + (h.n_blocks + 1) * 8;
    if (end > p->size)
        return ip_fail_end(p, ROW(n_blocks), 0, end);
    p->image->virtual_size = h.n_blocks * h.block_size;
    p->image->compressed = true;
    p->image->read_only = true; /* to QEMU */
    return IMGPROBE_OK;
}

const struct format ip_cloop = {
    .row =
        {
            .name = "cloop",
            .qemu_name = "cloop",
            .tier = IMGPROBE_TIER_REFUSE,
            .why = "dead",
            .decoded = true,
            .compiled = IP_COMPILED(cloop),
            .reads = 4,
            .bytes = 8192,
        },
    .parent = PARENT_NEVER,
    .magics = {{0, SCRIPT, 83}},
    .driver = {.name = "cloop", .class = DRIVER_FORMAT, .keys = ip_keys_file},
    .decode = IP_COMPILED(cloop) ? decode : NULL,
};
