/* SPDX-License-Identifier: MIT */
/* VHDX: MS-VHDX sections 2.2 "Header Section" and 2.6 "Metadata Region": sizes, and where a parent is named. Like
 * QEMU's vhdx_open it takes the first region table; checksums aren't verified. */
#include "vhdx.h"

#define REGION_TABLE UINT64_C(196608)
#define MOST_ENTRIES UINT64_C(32) /* of 2,047 by the specification; real images have two regions and six items */
#define ENTRY_LENGTH UINT64_C(32)
#define BLOCKS_ALLOCATED 1
#define HAS_PARENT 2
#define REGION_REQUIRED 1
#define ITEM_REQUIRED 4
#define HEAD 0x64616568 /* "head" */

struct table {
    uint64_t signature, count;
};
struct entry {
    uint64_t guid_low, guid_high, offset, length, flags;
};
struct header {
    uint64_t signature, sequence, log_guid_low, log_guid_high;
};
struct vhdx {
    uint64_t block_size, flags, size;
    uint64_t locator, locator_length, locator_length_at;
    unsigned seen; /* items, by their bits */
};

/* clang-format off */
static const struct field header_rows[] = {
    FIELD(struct header,  0, U32LE, signature,     0, IP_ANY, MALFORMED), /* "head" in a header that counts */
    FIELD(struct header,  8, U64LE, sequence,      0, IP_ANY, MALFORMED),
    FIELD(struct header, 48, U64LE, log_guid_low,  0, IP_ANY, MALFORMED),
    FIELD(struct header, 56, U64LE, log_guid_high, 0, IP_ANY, MALFORMED),
};
static const struct field region_table_rows[] = {
    FIELD(struct table, 0, U32LE, signature, 0x69676572, 0x69676572, MALFORMED), /* "regi" */
    FIELD(struct table, 8, U32LE, count,     1, MOST_ENTRIES, UNSUPPORTED),
};
static const struct field metadata_table_rows[] = {
    FIELD(struct table,  0, U64LE, signature, 0x617461646174656d, 0x617461646174656d, MALFORMED), /* "metadata" */
    FIELD(struct table, 10, U16LE, count,     1, MOST_ENTRIES, UNSUPPORTED),
};
static const struct field region_rows[] = {
    FIELD(struct entry,  0, U64LE, guid_low,  0, IP_ANY, MALFORMED),
    FIELD(struct entry,  8, U64LE, guid_high, 0, IP_ANY, MALFORMED),
    FIELD(struct entry, 16, U64LE, offset,    0, INT64_MAX, MALFORMED),
    FIELD(struct entry, 28, U32LE, flags,     0, IP_ANY, MALFORMED),
};
static const struct field item_rows[] = {
    FIELD(struct entry,  0, U64LE, guid_low,  0, IP_ANY, MALFORMED),
    FIELD(struct entry,  8, U64LE, guid_high, 0, IP_ANY, MALFORMED),
    FIELD(struct entry, 16, U32LE, offset,    0, IP_ANY, MALFORMED),
    FIELD(struct entry, 20, U32LE, length,    0, IP_ANY, MALFORMED), /* counts for the parent locator alone */
    FIELD(struct entry, 24, U32LE, flags,     0, IP_ANY, MALFORMED),
};
static const struct field parameter_rows[] = {
    FIELD(struct vhdx, 0, U32LE, block_size, 0x100000, 0x10000000, MALFORMED),
    FIELD(struct vhdx, 4, U32LE, flags,      0, IP_ANY, MALFORMED),
};
static const struct field size_rows[] = {
    FIELD(struct vhdx, 0, U64LE, size,       0, UINT64_C(64) << 40, MALFORMED),
};
/* clang-format on */

/* GUIDs as the two little-endian numbers that their bytes are. */
struct guid {
    uint64_t low, high;
};
enum region { BLOCK_TABLE, METADATA, REGIONS };
static const struct guid regions[REGIONS] = {
    [BLOCK_TABLE] = {UINT64_C(0x4200f6232dc27766), UINT64_C(0x084afd9b5e11649d)},
    [METADATA] = {UINT64_C(0x4b9a47908b7ca206), UINT64_C(0x6e880f055f57feb8)},
};
enum item { PARAMETERS, SIZE, PAGE_83, LOGICAL_SECTOR, PHYSICAL_SECTOR, PARENT_LOCATOR, ITEMS };
static const struct guid items[ITEMS] = {
    [PARAMETERS] = {UINT64_C(0x4d43fa36caa16737), UINT64_C(0x6be744aaf033b6b3)},
    [SIZE] = {UINT64_C(0x4876cd1b2fa54224), UINT64_C(0xb8f43bd8be5d11b2)},
    [PAGE_83] = {UINT64_C(0x4523b2e6beca12ab), UINT64_C(0x46c700e009c3ef93)},
    [LOGICAL_SECTOR] = {UINT64_C(0x4709a96f8141bf1d), UINT64_C(0x5fabfaa833f247ba)},
    [PHYSICAL_SECTOR] = {UINT64_C(0x4471445dcda348c7), UINT64_C(0x56c5515288e9c99c)},
    [PARENT_LOCATOR] = {UINT64_C(0x454db30ba8d35f2d), UINT64_C(0x0cab3448d8d3f7ab)},
};

/* Says which of the `count` known things an entry is; `count` for none. As to QEMU, an unknown entry that is required
 * is an error, and so is one that stands there twice. */
static enum imgprobe_status identify(struct probe *p, const struct entry *e, uint64_t at, const struct guid *known,
                                     size_t count, uint64_t required, unsigned *seen, size_t *ret)
{
    for (*ret = 0; *ret < count && (known[*ret].low != e->guid_low || known[*ret].high != e->guid_high);)
        ++*ret;
    if (*ret == count)
        return e->flags & required ? ip_fail_what(p, IMGPROBE_UNSUPPORTED, "entry", at, "is required, and unknown")
                                   : IMGPROBE_OK;
    if (*seen & 1u << *ret)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "entry", at, "stands there twice");
    *seen |= 1u << *ret;
    return IMGPROBE_OK;
}

static enum imgprobe_status find_metadata(struct probe *p, uint64_t *ret)
{
    struct table t = {0};
    struct imgprobe_bytes all;
    unsigned seen = 0;
    uint64_t i;
    enum imgprobe_status s = ip_bytes_up_to(p, REGION_TABLE, 16 + MOST_ENTRIES * ENTRY_LENGTH, &all);

    s = s ? s : ip_decode(p, REGION_TABLE, region_table_rows, IP_COUNT(region_table_rows), &t);
    for (i = 0; s == IMGPROBE_OK && i < t.count; i++) {
        struct entry e = {0};
        uint64_t at = REGION_TABLE + 16 + i * ENTRY_LENGTH;
        size_t which = REGIONS;

        s = ip_decode(p, at, region_rows, IP_COUNT(region_rows), &e);
        s = s ? s : identify(p, &e, at, regions, REGIONS, REGION_REQUIRED, &seen, &which);
        if (which == METADATA)
            *ret = e.offset;
    }
    if (s == IMGPROBE_OK && !(seen & 1u << METADATA))
        return ip_fail_what(p, IMGPROBE_MALFORMED, "region table", REGION_TABLE, "has no metadata region");
    return s;
}

static enum imgprobe_status decode_item(struct probe *p, uint64_t metadata, uint64_t entry_at, struct vhdx *h)
{
    struct entry e = {0};
    size_t which = ITEMS;
    enum imgprobe_status s = ip_decode(p, entry_at, item_rows, IP_COUNT(item_rows), &e);

    s = s ? s : identify(p, &e, entry_at, items, ITEMS, ITEM_REQUIRED, &h->seen, &which);
    if (s != IMGPROBE_OK)
        return s;
    if (which == PARAMETERS)
        return ip_decode(p, metadata + e.offset, parameter_rows, IP_COUNT(parameter_rows), h);
    if (which == SIZE)
        return ip_decode(p, metadata + e.offset, size_rows, IP_COUNT(size_rows), h);
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

static bool has_log(const struct header *h)
{
    return h->log_guid_low != 0 || h->log_guid_high != 0;
}

/* Of two headers the one with the higher sequence counts. If both have one sequence they should be the same. If they
 * aren't, nobody knows which of them a reader takes, so a log in either counts. */
static bool counts(const struct header *h, const struct header *current)
{
    if (h->signature != HEAD || current->signature != HEAD)
        return h->signature == HEAD;
    return h->sequence > current->sequence || (h->sequence == current->sequence && has_log(h));
}

/* A log that isn't empty may change whatever we read. */
static enum imgprobe_status check_log(struct probe *p)
{
    static const uint64_t places[] = {65536, 131072};
    struct header current = {0}, h = {0};
    size_t i;

    for (i = 0; i < IP_COUNT(places); i++) {
        enum imgprobe_status s = ip_decode(p, places[i], header_rows, IP_COUNT(header_rows), &h);

        if (s != IMGPROBE_OK)
            return s;
        if (counts(&h, &current))
            current = h;
    }
    if (current.signature != HEAD)
        return ip_fail(p, IMGPROBE_MALFORMED, "header signature", places[0], h.signature, HEAD, HEAD);
    if (has_log(&current))
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "log", places[0],
                            "it has to be replayed before anything counts");
    return IMGPROBE_OK;
}

/* A locator names a parent even where the flag is clear. QEMU wouldn't look at it, and the guest would read zeros. */
static enum imgprobe_status decode(struct probe *p)
{
    struct vhdx h = {0};
    uint64_t metadata = 0;
    enum imgprobe_status s = check_log(p);

    s = s ? s : find_metadata(p, &metadata);
    s = s ? s : decode_metadata(p, metadata, &h);
    if (s != IMGPROBE_OK)
        return s;
    if (!(h.seen & 1u << PARAMETERS) || !(h.seen & 1u << SIZE))
        return ip_fail_what(p, IMGPROBE_MALFORMED, "metadata table", metadata, "lacks file parameters or disk size");
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
            .reads = 12,
            .bytes = 16384,
        },
    .magics = {{0, "vhdxfile", 8}},
    .driver = {.name = "vhdx", .class = DRIVER_FORMAT, .keys = ip_keys_file},
    .decode = IP_COMPILED(vhdx) ? decode : NULL,
};
