/* SPDX-License-Identifier: MIT */
/* VHDX: MS-VHDX section 2.6 "Metadata Region": sizes, and where a parent is named. What it wants of an image is what
 * QEMU's vhdx_open wants. */
#include "vhdx.h"

#define MOST_ENTRIES UINT64_C(32) /* of 2,047 by the specification; real images have six items */
#define ENTRY_LENGTH UINT64_C(32)
#define BLOCKS_ALLOCATED 1
#define HAS_PARENT 2
#define REQUIRED 4
#define BITMAP_SECTORS UINT64_C(8388608) /* that one bitmap of a differencing image tells of: a chunk */

struct table {
    uint64_t signature, count;
};
struct entry {
    uint64_t guid_low, guid_high, offset, length, flags;
};
struct vhdx {
    uint64_t block_size, flags, size, logical_sector_size;
    uint64_t locator, locator_length, locator_length_at;
    unsigned seen; /* items, by their bits */
};

/* clang-format off */
static const struct field metadata_table_rows[] = {
    FIELD(struct table,  0, U64LE, signature, 0x617461646174656d, 0x617461646174656d, MALFORMED), /* "metadata" */
    FIELD(struct table, 10, U16LE, count,     1, MOST_ENTRIES, UNSUPPORTED),
};
static const struct field item_rows[] = {
    FIELD(struct entry,  0, U64LE, guid_low,  0, IP_ANY, MALFORMED),
    FIELD(struct entry,  8, U64LE, guid_high, 0, IP_ANY, MALFORMED),
    FIELD(struct entry, 16, U32LE, offset,    0, IP_ANY, MALFORMED),
    FIELD(struct entry, 20, U32LE, length,    0, IP_ANY, MALFORMED), /* counts for the parent locator alone */
    FIELD(struct entry, 24, U32LE, flags,     0, IP_ANY, MALFORMED),
};
static const struct field parameter_rows[] = {
    FIELD(struct vhdx, 0, U32LE, block_size, 0x100000, 0x10000000, MALFORMED, IP_POWER_OF_2),
    FIELD(struct vhdx, 4, U32LE, flags,      0, IP_ANY, MALFORMED),
};
static const struct field size_rows[] = {
    FIELD(struct vhdx, 0, U64LE, size, IP_SECTOR, UINT64_C(64) << 40, MALFORMED, IP_OF_512),
};
static const struct field sector_rows[] = {
    FIELD(struct vhdx, 0, U32LE, logical_sector_size, IP_SECTOR, IP_SECTOR, UNSUPPORTED), /* QEMU has no 4,096 */
};
/* clang-format on */

enum item { PARAMETERS, SIZE, PAGE_83, LOGICAL_SECTOR, PHYSICAL_SECTOR, PARENT_LOCATOR, ITEMS };
#define NEEDED ((1u << PARENT_LOCATOR) - 1)
static const struct vhdx_guid items[ITEMS] = {
    [PARAMETERS] = {UINT64_C(0x4d43fa36caa16737), UINT64_C(0x6be744aaf033b6b3)},
    [SIZE] = {UINT64_C(0x4876cd1b2fa54224), UINT64_C(0xb8f43bd8be5d11b2)},
    [PAGE_83] = {UINT64_C(0x4523b2e6beca12ab), UINT64_C(0x46c700e009c3ef93)},
    [LOGICAL_SECTOR] = {UINT64_C(0x4709a96f8141bf1d), UINT64_C(0x5fabfaa833f247ba)},
    [PHYSICAL_SECTOR] = {UINT64_C(0x4471445dcda348c7), UINT64_C(0x56c5515288e9c99c)},
    [PARENT_LOCATOR] = {UINT64_C(0x454db30ba8d35f2d), UINT64_C(0x0cab3448d8d3f7ab)},
};

static enum imgprobe_status decode_item(struct probe *p, uint64_t metadata, uint64_t entry_at, struct vhdx *h)
{
    struct entry e = {0};
    size_t which = ITEMS;
    enum imgprobe_status s = ip_decode(p, entry_at, item_rows, IP_COUNT(item_rows), &e);

    s = s ? s
          : ip_vhdx_identify(p, (struct vhdx_guid){e.guid_low, e.guid_high}, (e.flags & REQUIRED) != 0, entry_at,
                             items, ITEMS, &h->seen, &which);
    if (s != IMGPROBE_OK)
        return s;
    if (which == PARAMETERS)
        return ip_decode(p, metadata + e.offset, parameter_rows, IP_COUNT(parameter_rows), h);
    if (which == SIZE)
        return ip_decode(p, metadata + e.offset, size_rows, IP_COUNT(size_rows), h);
    if (which == LOGICAL_SECTOR)
        return ip_decode(p, metadata + e.offset, sector_rows, IP_COUNT(sector_rows), h);
    if (which == PARENT_LOCATOR) {
        h->locator = metadata + e.offset;
        h->locator_length = e.length;
        h->locator_length_at = entry_at + IP_ROW(item_rows, struct entry, length)->offset;
    }
    return IMGPROBE_OK;
}

static enum imgprobe_status decode_metadata(struct probe *p, uint64_t at, struct vhdx *h)
{
    struct table t = {0};
    struct imgprobe_bytes all;
    uint64_t i;
    enum imgprobe_status s = ip_bytes_up_to(p, at, (MOST_ENTRIES + 1) * ENTRY_LENGTH, &all);

    s = s ? s : ip_decode(p, at, metadata_table_rows, IP_COUNT(metadata_table_rows), &t);
    for (i = 0; s == IMGPROBE_OK && i < t.count; i++)
        s = decode_item(p, at, at + (i + 1) * ENTRY_LENGTH, h);
    return s;
}

/* An entry for each block, and one for the bitmap of each chunk but the last. */
static uint64_t block_entries(const struct vhdx *h)
{
    uint64_t blocks = h->size / h->block_size + (h->size % h->block_size != 0);
    uint64_t chunk = BITMAP_SECTORS * h->logical_sector_size / h->block_size;

    return blocks == 0 ? 0 : blocks + (blocks - 1) / chunk;
}

/* A locator names a parent even where the flag is clear. QEMU refuses such an image, too. */
static enum imgprobe_status decode(struct probe *p)
{
    struct vhdx h = {0};
    struct vhdx_region log, regions[VHDX_REGIONS];
    uint64_t metadata;
    enum imgprobe_status s = ip_vhdx_header(p, &log);

    s = s ? s : ip_vhdx_regions(p, &log, regions);
    if (s != IMGPROBE_OK)
        return s;
    metadata = regions[VHDX_METADATA].offset;
    s = decode_metadata(p, metadata, &h);
    if (s == IMGPROBE_OK && (h.seen & NEEDED) != NEEDED)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "metadata table", metadata,
                            "lacks an item that each image has: file parameters, disk size, id or sector sizes");
    s = s ? s : ip_vhdx_check_blocks(p, &regions[VHDX_BLOCK_TABLE], block_entries(&h));
    if (s != IMGPROBE_OK)
        return s;
    p->image->variant = "dynamic";
    p->image->virtual_size = h.size;
    p->image->cluster_size = h.block_size;
    if (h.seen & 1u << PARENT_LOCATOR) {
        p->image->variant = "differencing";
        return ip_vhdx_parent(p, h.locator, h.locator_length, h.locator_length_at);
    }
    if (h.flags & HAS_PARENT)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "parent locator", metadata, "it has a parent, and none is named");
    if (h.flags & BLOCKS_ALLOCATED)
        p->image->variant = "fixed";
    return IMGPROBE_OK;
}

const struct format ip_vhdx = {
    .row =
        {
            .name = "vhdx",
            .qemu_name = "vhdx",
            .tier = IMGPROBE_TIER_IMPORT,
            .why = "meant for import; whoever opens it may replay its log first",
            .decoded = true,
            .compiled = IP_COMPILED(vhdx),
            .reads = 11,
            .bytes = 163840, /* checksums: 64 KiB for each of two tables, and 4 KiB for each of two headers */
        },
    .parent = PARENT_NAMED,
    .magics = {{0, "vhdxfile", 8}},
    .driver = {.name = "vhdx", .class = DRIVER_FORMAT, .keys = ip_keys_file},
    .decode = IP_COMPILED(vhdx) ? decode : NULL,
};
