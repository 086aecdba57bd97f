/* SPDX-License-Identifier: MIT */
/* VHDX: MS-VHDX sections 2.2 "Header Section" and 2.6 "Metadata Region": sizes, and whether there is a parent. Like
 * QEMU's vhdx_open it takes the first region table; checksums aren't verified. */
#include "format.h"

#define REGION_TABLE UINT64_C(196608)
#define MOST_ENTRIES UINT64_C(32) /* of 2,047 by the specification; real images have two regions and six items */
#define ENTRY_LENGTH UINT64_C(32)
#define HAS_PARENT 2
#define HEAD 0x64616568 /* "head" */

struct table {
    uint64_t signature, count;
};
struct entry {
    uint64_t guid_low, guid_high, offset;
};
struct header {
    uint64_t signature, sequence, log_guid_low, log_guid_high;
};
struct vhdx {
    uint64_t block_size, flags, size;
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
};
static const struct field item_rows[] = {
    FIELD(struct entry,  0, U64LE, guid_low,  0, IP_ANY, MALFORMED),
    FIELD(struct entry,  8, U64LE, guid_high, 0, IP_ANY, MALFORMED),
    FIELD(struct entry, 16, U32LE, offset,    0, IP_ANY, MALFORMED),
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
static const struct entry metadata_region = {UINT64_C(0x4b9a47908b7ca206), UINT64_C(0x6e880f055f57feb8), 0};
static const struct entry file_parameters = {UINT64_C(0x4d43fa36caa16737), UINT64_C(0x6be744aaf033b6b3), 0};
static const struct entry virtual_size = {UINT64_C(0x4876cd1b2fa54224), UINT64_C(0xb8f43bd8be5d11b2), 0};
static const struct entry parent_locator = {UINT64_C(0x454db30ba8d35f2d), UINT64_C(0x0cab3448d8d3f7ab), 0};

static bool same(const struct entry *a, const struct entry *b)
{
    return a->guid_low == b->guid_low && a->guid_high == b->guid_high;
}

static enum imgprobe_status find_metadata(struct probe *p, uint64_t *ret)
{
    struct table t = {0};
    struct imgprobe_bytes all;
    uint64_t i;
    enum imgprobe_status s = ip_bytes_up_to(p, REGION_TABLE, 16 + MOST_ENTRIES * ENTRY_LENGTH, &all);

    s = s ? s : ip_decode(p, REGION_TABLE, region_table_rows, IP_COUNT(region_table_rows), &t);
    for (i = 0; s == IMGPROBE_OK && i < t.count; i++) {
        struct entry e = {0};

        s = ip_decode(p, REGION_TABLE + 16 + i * ENTRY_LENGTH, region_rows, IP_COUNT(region_rows), &e);
        if (s == IMGPROBE_OK && same(&e, &metadata_region)) {
            *ret = e.offset;
            return IMGPROBE_OK;
        }
    }
    return s ? s : ip_fail_what(p, IMGPROBE_MALFORMED, "region table", REGION_TABLE, "has no metadata region");
}

static enum imgprobe_status decode_item(struct probe *p, const struct entry *e, uint64_t at, struct vhdx *h)
{
    if (same(e, &file_parameters))
        return ip_decode(p, at, parameter_rows, IP_COUNT(parameter_rows), h);
    if (same(e, &virtual_size))
        return ip_decode(p, at, size_rows, IP_COUNT(size_rows), h);
    if (same(e, &parent_locator))
        h->flags |= HAS_PARENT;
    return IMGPROBE_OK;
}

static enum imgprobe_status decode_metadata(struct probe *p, uint64_t at, struct vhdx *h)
{
    struct table t = {0};
    struct imgprobe_bytes all;
    uint64_t i;
    enum imgprobe_status s = ip_bytes_up_to(p, at, (MOST_ENTRIES + 1) * ENTRY_LENGTH, &all);

    s = s ? s : ip_decode(p, at, metadata_table_rows, IP_COUNT(metadata_table_rows), &t);
    for (i = 0; s == IMGPROBE_OK && i < t.count; i++) {
        struct entry e = {0};

        s = ip_decode(p, at + (i + 1) * ENTRY_LENGTH, item_rows, IP_COUNT(item_rows), &e);
        s = s ? s : decode_item(p, &e, at + e.offset, h);
    }
    return s;
}

/* A log that isn't empty may change whatever we read. Of two headers the one with the higher sequence counts. */
static enum imgprobe_status check_log(struct probe *p)
{
    static const uint64_t places[] = {65536, 131072};
    struct header current = {0}, h = {0};
    size_t i;

    for (i = 0; i < IP_COUNT(places); i++) {
        enum imgprobe_status s = ip_decode(p, places[i], header_rows, IP_COUNT(header_rows), &h);

        if (s != IMGPROBE_OK)
            return s;
        if (h.signature == HEAD && (current.signature != HEAD || h.sequence > current.sequence))
            current = h;
    }
    if (current.signature != HEAD)
        return ip_fail(p, IMGPROBE_MALFORMED, "header signature", places[0], h.signature, HEAD, HEAD);
    if (current.log_guid_low != 0 || current.log_guid_high != 0)
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "log", places[0],
                            "it has to be replayed before anything counts");
    return IMGPROBE_OK;
}

static enum imgprobe_status decode(struct probe *p)
{
    struct vhdx h = {0, 0, IMGPROBE_UNKNOWN};
    uint64_t metadata = 0;
    enum imgprobe_status s = check_log(p);

    s = s ? s : find_metadata(p, &metadata);
    s = s ? s : decode_metadata(p, metadata, &h);
    if (s != IMGPROBE_OK)
        return s;
    if (h.block_size == 0 || h.size == IMGPROBE_UNKNOWN)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "metadata table", metadata, "lacks file parameters or disk size");
    p->image->virtual_size = h.size;
    p->image->cluster_size = h.block_size;
    if (h.flags & HAS_PARENT)
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "parent locator", metadata,
                            "it has a parent, whose name isn't decoded");
    return IMGPROBE_OK;
}

const struct format ip_vhdx = {
    .row = {"vhdx", "vhdx", IMGPROBE_TIER_IDENTIFY, true, "its size is decoded, a parent is only noticed", NULL},
    .magics = {{0, "vhdxfile", 8}},
    .decode = decode,
};
