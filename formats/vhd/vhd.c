/* SPDX-License-Identifier: MIT */
/* VHD: Microsoft's "Virtual Hard Disk Image Format Specification" 1.0, "Hard Disk Footer Format" and "Dynamic Disk
 * Header Format"; which footer and which size count, by QEMU's vpc_open. */
#include "vhd.h"

#define VERSION_1 UINT64_C(0x00010000)
#define MOST_SECTORS UINT64_C(0xff000000) /* QEMU's VHD_MAX_SECTORS, 2,040 GiB */

struct dynamic {
    uint64_t cookie, table_offset, version, max_table_entries, block_size, checksum;
};

/* clang-format off */
#define F(...) FIELD(struct vhd_footer, __VA_ARGS__)
static const struct field footer_rows[] = {
    /* at  type   name                  least      most                     otherwise */
    F( 12, U32BE, version,          VERSION_1,     VERSION_1,               UNSUPPORTED),
    F( 16, U64BE, data_offset,              0,     IP_ANY,                  MALFORMED), /* and the file */
    F( 28, U32BE, creator_application,      0,     IP_ANY,                  MALFORMED),
    F( 48, U64BE, current_size,             0,     MOST_SECTORS * IP_SECTOR + (IP_SECTOR - 1), MALFORMED),
    F( 56, U16BE, cylinders,                0,     IP_ANY,                  MALFORMED),
    F( 58, U8,    heads,                    0,     IP_ANY,                  MALFORMED),
    F( 59, U8,    sectors,                  0,     IP_ANY,                  MALFORMED),
    F( 60, U32BE, type,             VHD_FIXED,     VHD_DIFFERENCING,        UNSUPPORTED), /* the others are reserved */
    F( 64, U32BE, checksum,                 0,     IP_ANY,                  MALFORMED),
};
#define D(...) FIELD(struct dynamic, __VA_ARGS__)
static const struct field dynamic_rows[] = {
    D(  0, U64BE, cookie, 0x6378737061727365,      0x6378737061727365,      MALFORMED), /* "cxsparse" */
    D( 16, U64BE, table_offset,             0,     IP_ANY,                  MALFORMED), /* and the file */
    D( 24, U32BE, version,          VERSION_1,     VERSION_1,               UNSUPPORTED),
    D( 28, U32BE, max_table_entries,        0,     0x1fffffff,              MALFORMED),
    D( 32, U32BE, block_size,       IP_SECTOR,     0x80000000,              MALFORMED), /* a power of two */
    D( 36, U32BE, checksum,                 0,     IP_ANY,                  MALFORMED),
};
/* clang-format on */

static bool matches(struct probe *p, uint64_t at)
{
    return at == 0 || ip_vhd_trailer(p, at);
}

static enum imgprobe_status check_dynamic(struct probe *p, uint64_t at, const struct dynamic *d,
                                          struct imgprobe_bytes all)
{
    uint64_t end;

    if ((d->block_size & (d->block_size - 1)) != 0)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "block_size", at + 32, "isn't a power of two");
    if (d->max_table_entries * d->block_size < p->image->virtual_size)
        return ip_fail(p, IMGPROBE_MALFORMED, "max_table_entries", at + 28, d->max_table_entries,
                       p->image->virtual_size / d->block_size + (p->image->virtual_size % d->block_size != 0),
                       0x1fffffff);
    if (!ip_add(d->table_offset, d->max_table_entries * 4, &end) || end > p->size)
        return ip_fail(p, IMGPROBE_TRUNCATED, "table_offset", at + 16, p->size,
                       d->table_offset > p->size ? d->table_offset : end, IMGPROBE_UNKNOWN);
    if (ip_ones_complement(all, 36) == d->checksum)
        return IMGPROBE_OK;
    if (p->reader == IMGPROBE_READER_XEN)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "dynamic header checksum", at + 36, "doesn't hold");
    return ip_finding(p, "checksum-wrong", IMGPROBE_WARNING, at + 36,
                      "the dynamic header's checksum doesn't hold; QEMU doesn't look at it");
}

static enum imgprobe_status decode_dynamic(struct probe *p, const struct vhd_footer *f)
{
    struct dynamic d = {0};
    struct imgprobe_bytes all;
    enum imgprobe_status s = ip_bytes(p, "dynamic header", f->data_offset, 1024, &all);

    s = s ? s : ip_decode(p, f->data_offset, dynamic_rows, IP_COUNT(dynamic_rows), &d);
    s = s ? s : check_dynamic(p, f->data_offset, &d, all);
    if (s != IMGPROBE_OK)
        return s;
    p->image->cluster_size = d.block_size;
    p->image->variant = f->type == VHD_DIFFERENCING ? "differencing" : "dynamic";
    return f->type == VHD_DIFFERENCING ? ip_vhd_parent(p, f->data_offset) : IMGPROBE_OK;
}

static enum imgprobe_status decode_fixed(struct probe *p, uint64_t at, const struct vhd_footer *f)
{
    if (at == 0)
        return ip_fail(p, IMGPROBE_MALFORMED, "type", 60, f->type, VHD_DYNAMIC, VHD_DIFFERENCING);
    if (f->current_size > at)
        return ip_fail(p, IMGPROBE_TRUNCATED, "current_size", at + 48, p->size, f->current_size, IMGPROBE_UNKNOWN);
    p->image->variant = "fixed";
    return IMGPROBE_OK;
}

static enum imgprobe_status decode(struct probe *p)
{
    struct imgprobe_bytes cookie, bytes;
    struct vhd_footer f = {0};
    uint64_t at = 0;
    enum imgprobe_status s = ip_bytes(p, "cookie", 0, 8, &cookie);

    if (s == IMGPROBE_OK && !ip_equal(cookie, "conectix"))
        at = ip_vhd_footer_place(p);
    if (s == IMGPROBE_OK && at == 0 && !ip_equal(cookie, "conectix"))
        return ip_fail_what(p, IMGPROBE_MALFORMED, "cookie", 0, "it stands neither at the head nor at the end");
    s = s ? s : ip_decode(p, at, footer_rows, IP_COUNT(footer_rows), &f);
    s = s ? s : ip_vhd_read_footer(p, at, &bytes);
    if (s != IMGPROBE_OK)
        return s;
    if (ip_ones_complement(bytes, 64) != f.checksum)
        return ip_fail(p, IMGPROBE_MALFORMED, "checksum", at + 64, f.checksum, ip_ones_complement(bytes, 64),
                       ip_ones_complement(bytes, 64));
    if (at != 0 && f.type != VHD_FIXED && p->reader == IMGPROBE_READER_QEMU)
        return ip_fail(p, IMGPROBE_MALFORMED, "type", at + 60, f.type, VHD_FIXED, VHD_FIXED);
    s = at == 0 ? ip_vhd_compare_footers(p, bytes) : IMGPROBE_OK;
    s = s ? s : ip_vhd_decide_size(p, at, bytes, &f);
    s = s ? s : ip_copy(p, ip_part(bytes, 68, 16), &p->image->identity);
    s = s ? s : ip_uuid(p, "unique-id", p->image->identity);
    if (s != IMGPROBE_OK)
        return s;
    return f.type == VHD_FIXED ? decode_fixed(p, at, &f) : decode_dynamic(p, &f);
}

const struct format ip_vhd = {
    .row =
        {
            .name = "vhd",
            .qemu_name = "vpc",
            .tier = IMGPROBE_TIER_IMPORT,
            .why = "meant for import; readers disagree on its size",
            .decoded = true,
            .compiled = IP_COMPILED(vhd),
            .reads = 11,
            .bytes = 16384,
        },
    .magics = {{0, "conectix", 8}, {-512, "conectix", 8}, {-511, "conectix", 8}},
    .matches = matches,
    .decode = IP_COMPILED(vhd) ? decode : NULL,
    .unmarked = true, /* so that a footer that doesn't hold is told by its field */
};
