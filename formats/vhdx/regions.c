/* SPDX-License-Identifier: MIT */
/* Where the block table and the metadata of a VHDX lie: MS-VHDX section 2.2.3 "Region Table", and QEMU's
 * vhdx_open_region_tables. */
#include "vhdx.h"

#define FIRST UINT64_C(196608)
#define TABLE_LENGTH UINT64_C(65536)
#define SECOND (FIRST + TABLE_LENGTH)
#define MOST_ENTRIES 32 /* of 2,047 by the specification; real images have two regions */
#define HEAD_LENGTH UINT64_C(16)
#define ENTRY_LENGTH UINT64_C(32)
#define REQUIRED 1

struct table {
    uint64_t signature, checksum, count;
};
struct entry {
    uint64_t guid_low, guid_high, offset, length, flags;
};

/* clang-format off */
static const struct field table_rows[] = {
    FIELD(struct table, 0, U32LE, signature, 0x69676572, 0x69676572, MALFORMED), /* "regi" */
    FIELD(struct table, 4, U32LE, checksum,  0, IP_ANY, MALFORMED), /* CRC-32C of the table's 64 KiB */
};
static const struct field count_rows[] = {
    FIELD(struct table, 8, U32LE, count,     1, MOST_ENTRIES, UNSUPPORTED),
};
static const struct field entry_rows[] = {
    FIELD(struct entry,  0, U64LE, guid_low,  0, IP_ANY, MALFORMED),
    FIELD(struct entry,  8, U64LE, guid_high, 0, IP_ANY, MALFORMED),
    FIELD(struct entry, 16, U64LE, offset,    0, INT64_MAX, MALFORMED),
    FIELD(struct entry, 24, U32LE, length,    0, IP_ANY, MALFORMED),
    FIELD(struct entry, 28, U32LE, flags,     0, IP_ANY, MALFORMED),
};
/* clang-format on */

static const struct vhdx_guid ids[VHDX_REGIONS] = {
    [VHDX_BLOCK_TABLE] = {UINT64_C(0x4200f6232dc27766), UINT64_C(0x084afd9b5e11649d)},
    [VHDX_METADATA] = {UINT64_C(0x4b9a47908b7ca206), UINT64_C(0x6e880f055f57feb8)},
};

enum imgprobe_status ip_vhdx_identify(struct probe *p, struct vhdx_guid id, bool required, uint64_t at,
                                      const struct vhdx_guid *known, size_t count, unsigned *seen, size_t *ret)
{
    for (*ret = 0; *ret < count && (known[*ret].low != id.low || known[*ret].high != id.high);)
        ++*ret;
    if (*ret == count)
        return required ? ip_fail_what(p, IMGPROBE_UNSUPPORTED, "entry", at, "is required, and unknown")
                        : IMGPROBE_OK;
    if (*seen & 1u << *ret)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "entry", at, "stands there twice");
    *seen |= 1u << *ret;
    return IMGPROBE_OK;
}

static enum imgprobe_status check_table(struct probe *p, struct imgprobe_bytes both, uint64_t at)
{
    const struct field *checksum = IP_ROW(table_rows, struct table, checksum);
    struct table t = {0};
    uint64_t sum;
    enum imgprobe_status s = ip_decode(p, at, table_rows, IP_COUNT(table_rows), &t);

    if (s != IMGPROBE_OK)
        return s;
    sum = ip_crc32c(ip_part(both, at - FIRST, TABLE_LENGTH), checksum->offset);
    if (sum != t.checksum)
        return ip_fail_row(p, IMGPROBE_MALFORMED, checksum, at, t.checksum, sum, sum);
    return IMGPROBE_OK;
}

/* QEMU reads the first copy, and others take the second if the first doesn't hold. So both have to, and have to be
 * the same. Their sums alone wouldn't show that: whoever writes a table can give it any sum. */
static enum imgprobe_status check_tables(struct probe *p)
{
    struct imgprobe_bytes both;
    enum imgprobe_status s = ip_bytes(p, "region table", FIRST, 2 * TABLE_LENGTH, &both);

    s = s ? s : check_table(p, both, FIRST);
    s = s ? s : check_table(p, both, SECOND);
    if (s == IMGPROBE_OK && !ip_same(ip_part(both, 0, TABLE_LENGTH), ip_part(both, TABLE_LENGTH, TABLE_LENGTH)))
        return ip_fail_what(p, IMGPROBE_AMBIGUOUS, "region table", SECOND,
                            "both copies are valid and they differ, so two readers see two disks");
    return s;
}

/* No region may lie over another or over the log. There are at most 32. */
static enum imgprobe_status check_apart(struct probe *p, const struct vhdx_region *regions, size_t count)
{
    const struct vhdx_region *last = &regions[count];
    size_t i;

    for (i = 0; i < count; i++)
        if (regions[i].offset < last->offset + last->length && last->offset < regions[i].offset + regions[i].length)
            return ip_fail_row_what(p, IMGPROBE_MALFORMED, IP_ROW(entry_rows, struct entry, offset), last->entry,
                                    "the region lies over another or over the log");
    return IMGPROBE_OK;
}

static enum imgprobe_status read_entry(struct probe *p, uint64_t at, struct vhdx_region *ret, unsigned *seen,
                                       size_t *ret_which)
{
    struct entry e = {0};
    enum imgprobe_status s = ip_decode(p, at, entry_rows, IP_COUNT(entry_rows), &e);

    *ret = (struct vhdx_region){e.offset, e.length, at};
    return s ? s
             : ip_vhdx_identify(p, (struct vhdx_guid){e.guid_low, e.guid_high}, (e.flags & REQUIRED) != 0, at, ids,
                                VHDX_REGIONS, seen, ret_which);
}

enum imgprobe_status ip_vhdx_regions(struct probe *p, const struct vhdx_region *log, struct vhdx_region *ret)
{
    struct vhdx_region all[1 + MOST_ENTRIES] = {*log};
    struct table t = {0};
    unsigned seen = 0;
    size_t i, which = VHDX_REGIONS;
    enum imgprobe_status s = check_tables(p);

    s = s ? s : ip_decode(p, FIRST, count_rows, IP_COUNT(count_rows), &t);
    for (i = 1; s == IMGPROBE_OK && i <= t.count; i++) {
        s = read_entry(p, FIRST + HEAD_LENGTH + (i - 1) * ENTRY_LENGTH, &all[i], &seen, &which);
        s = s ? s : check_apart(p, all, i);
        if (s == IMGPROBE_OK && which != VHDX_REGIONS)
            ret[which] = all[i];
    }
    if (s == IMGPROBE_OK && seen != (1u << VHDX_REGIONS) - 1)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "region table", FIRST, "lacks the block table or the metadata");
    return s;
}

enum imgprobe_status ip_vhdx_check_blocks(struct probe *p, const struct vhdx_region *table, uint64_t entries)
{
    if (table->length / 8 < entries)
        return ip_fail_row(p, IMGPROBE_MALFORMED, IP_ROW(entry_rows, struct entry, length), table->entry,
                           table->length, entries * 8, UINT32_MAX);
    if (table->length > p->size || table->offset > p->size - table->length)
        return ip_fail_end(p, IP_ROW(entry_rows, struct entry, offset), table->entry, table->offset + table->length);
    return IMGPROBE_OK;
}
