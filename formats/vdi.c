/* SPDX-License-Identifier: MIT */
/* VDI 1.1: QEMU block/vdi.c, VdiHeader; limits by vdi_open. */
#include "format.h"

#define FIXED 2
#define UNDO 3
#define MOST_BLOCKS UINT64_C(0x1fffff80)
#define BLOCK UINT64_C(1048576)
#define IMAGE_UUID 392
#define LINK_UUID 424
#define PARENT_UUID 440

struct vdi {
    uint64_t version, image_type, offset_bmap, offset_data, sector_size, disk_size, block_size, blocks_in_image;
    uint64_t link_low, link_high, parent_low, parent_high;
};

/* clang-format off */
#define V(...) FIELD(struct vdi, __VA_ARGS__)
static const struct field header_rows[] = {
    /* at  type   name               least    most        otherwise */
    V( 68, U32LE, version,         0x10001,   0x10001,    UNSUPPORTED),
    V( 76, U32LE, image_type,            1,   4,          UNSUPPORTED), /* dynamic, fixed, undo, differencing */
    V(340, U32LE, offset_bmap,           0,   IP_ANY,     MALFORMED, IP_OF_512), /* and the file */
    V(344, U32LE, offset_data,           0,   IP_ANY,     MALFORMED, IP_OF_512),
    V(360, U32LE, sector_size,   IP_SECTOR,   IP_SECTOR,  UNSUPPORTED),
    V(368, U64LE, disk_size,             0,   MOST_BLOCKS * BLOCK, MALFORMED), /* and the blocks */
    V(376, U32LE, block_size,        BLOCK,   BLOCK,      UNSUPPORTED),
    V(384, U32LE, blocks_in_image,       0,   MOST_BLOCKS, MALFORMED),
    V(LINK_UUID,       U64LE, link_low,              0,   IP_ANY,     MALFORMED),
    V(LINK_UUID + 8,   U64LE, link_high,             0,   IP_ANY,     MALFORMED),
    V(PARENT_UUID,     U64LE, parent_low,            0,   IP_ANY,     MALFORMED),
    V(PARENT_UUID + 8, U64LE, parent_high,           0,   IP_ANY,     MALFORMED),
};
/* clang-format on */
#define ROW(name) IP_ROW(header_rows, struct vdi, name)

static enum imgprobe_status check_header(struct probe *p, const struct vdi *h)
{
    uint64_t bytes = (h->blocks_in_image * 4 + IP_SECTOR - 1) / IP_SECTOR * IP_SECTOR;

    if (h->disk_size > h->blocks_in_image * BLOCK)
        return ip_fail_row(p, IMGPROBE_MALFORMED, ROW(disk_size), 0, h->disk_size, 0, h->blocks_in_image * BLOCK);
    if (h->offset_bmap + bytes > p->size)
        return ip_fail_end(p, ROW(offset_bmap), 0, h->offset_bmap + bytes);
    return IMGPROBE_OK;
}

/* Lists a UUID, of which the first three parts are stored little endian. */
static enum imgprobe_status add_uuid(struct probe *p, const char *name, uint64_t at)
{
    static const unsigned char order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    unsigned char swapped[16];
    struct imgprobe_bytes stored;
    enum imgprobe_status s = ip_bytes(p, name, at, 16, &stored);
    size_t i;

    if (s != IMGPROBE_OK)
        return s;
    for (i = 0; i < IP_COUNT(order); i++)
        swapped[i] = stored.bytes[order[i]];
    return ip_uuid(p, name, (struct imgprobe_bytes){swapped, sizeof swapped});
}

/* No file says where the image with that UUID is. VirtualBox keeps a registry for that. */
static enum imgprobe_status check_parent(struct probe *p, const struct vdi *h)
{
    enum imgprobe_status s;

    if (h->link_low != 0 || h->link_high != 0) {
        s = add_uuid(p, "link-uuid", LINK_UUID);
        return s ? s
                 : ip_fail_what(p, IMGPROBE_UNSUPPORTED, "link UUID", LINK_UUID,
                                "it has a parent, which is known by its UUID alone");
    }
    if (h->parent_low != 0 || h->parent_high != 0)
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "parent UUID", PARENT_UUID,
                            "it has a parent, and doesn't say which");
    if (h->image_type >= UNDO)
        return ip_fail_row_what(p, IMGPROBE_UNSUPPORTED, ROW(image_type), 0,
                                "such an image has a parent, and none is given");
    return IMGPROBE_OK;
}

static enum imgprobe_status decode(struct probe *p)
{
    struct vdi h = {0};
    enum imgprobe_status s = ip_decode(p, 0, header_rows, IP_COUNT(header_rows), &h);

    s = s ? s : check_header(p, &h);
    s = s ? s : check_parent(p, &h);
    if (s != IMGPROBE_OK)
        return s;
    p->image->variant = h.image_type == FIXED ? "fixed" : "dynamic";
    p->image->virtual_size = (h.disk_size + IP_SECTOR - 1) / IP_SECTOR * IP_SECTOR;
    p->image->cluster_size = h.block_size;
    return add_uuid(p, "uuid", IMAGE_UUID);
}

const struct format ip_vdi = {
    .row =
        {
            .name = "vdi",
            .qemu_name = "vdi",
            .libvirt_name = "vdi",
            .tier = IMGPROBE_TIER_IMPORT,
            .why = "meant for import; a parent is known by its UUID alone",
            .decoded = true,
            .compiled = IP_COMPILED(vdi),
            .reads = 4,
            .bytes = 8192,
        },
    .parent = PARENT_NAMED, /* by a UUID alone: of such an image we cannot tell */
    .magics = {{64, "\x7f\x10\xda\xbe", 4}},
    .driver = {.name = "vdi", .class = DRIVER_FORMAT, .keys = ip_keys_file},
    .decode = IP_COMPILED(vdi) ? decode : NULL,
};
