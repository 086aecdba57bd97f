/* SPDX-License-Identifier: MIT */
/* VHD: Microsoft's "Virtual Hard Disk Image Format Specification" 1.0, "Hard Disk Footer Format" and "Dynamic Disk
 * Header Format"; which footer and which size count, by QEMU's vpc_open. */
#include "vhd.h"

#define HEADER_LENGTH 1024

struct dynamic {
    uint64_t cookie, table_offset, version, max_table_entries, block_size, checksum;
};

/* clang-format off */
#define D(...) FIELD(struct dynamic, __VA_ARGS__)
static const struct field dynamic_rows[] = {
    D(  0, U64BE, cookie, 0x6378737061727365,      0x6378737061727365,      MALFORMED), /* "cxsparse" */
    D( 16, U64BE, table_offset,             0,     IP_ANY,                  MALFORMED), /* and the file */
    D( 24, U32BE, version,          VHD_VERSION_1, VHD_VERSION_1,           UNSUPPORTED),
    D( 28, U32BE, max_table_entries,        0,     0x1fffffff,              MALFORMED),
    D( 32, U32BE, block_size,       IP_SECTOR,     0x80000000,              MALFORMED, IP_POWER_OF_2),
    D( 36, U32BE, checksum,                 0,     IP_ANY,                  MALFORMED),
};
/* clang-format on */
#define ROW(name) IP_ROW(dynamic_rows, struct dynamic, name)

static bool matches(struct probe *p, uint64_t at)
{
    return at == 0 || ip_vhd_trailer(p, at);
}

/* Whether the table would take its entries from the dynamic header, from the footer, or from its copy at the head. */
static bool covers(struct probe *p, uint64_t start, uint64_t end, uint64_t header)
{
    uint64_t footer = ip_end_known(p) ? ip_vhd_footer_offset(p) : 0;

    return start < end && (start < IP_SECTOR || (start < header + HEADER_LENGTH && end > header) ||
                           (footer != 0 && start < footer + IP_SECTOR && end > footer));
}

static enum imgprobe_status check_dynamic(struct probe *p, uint64_t at, const struct dynamic *d)
{
    uint64_t end;

    if (d->max_table_entries * d->block_size < p->image->virtual_size)
        return ip_fail_row(p, IMGPROBE_MALFORMED, ROW(max_table_entries), at, d->max_table_entries,
                           p->image->virtual_size / d->block_size + (p->image->virtual_size % d->block_size != 0),
                           0x1fffffff);
    if (!ip_add(d->table_offset, d->max_table_entries * 4, &end) || end > p->size)
        return ip_fail_end(p, ROW(table_offset), at, d->table_offset > p->size ? d->table_offset : end);
    if (covers(p, d->table_offset, end, at))
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, ROW(table_offset), at,
                                "the table lies over a header or a footer");
    return IMGPROBE_OK;
}

static enum imgprobe_status check_sum(struct probe *p, uint64_t at, const struct dynamic *d)
{
    struct imgprobe_bytes all;
    enum imgprobe_status s = ip_bytes(p, "dynamic header", at, HEADER_LENGTH, &all);

    if (s != IMGPROBE_OK)
        return s;
    if (ip_ones_complement(all, ROW(checksum)->offset) == d->checksum)
        return IMGPROBE_OK;
    if (p->reader == IMGPROBE_READER_XEN)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "dynamic header checksum", at + ROW(checksum)->offset,
                            "doesn't hold");
    return ip_finding(p, FOUND_CHECKSUM_WRONG, at + ROW(checksum)->offset,
                      "the dynamic header's checksum doesn't hold; QEMU doesn't look at it");
}

/* The sum is looked at before the names, but for an image that still comes: its names may be there sooner. */
static enum imgprobe_status decode_dynamic(struct probe *p, const struct vhd_footer *f)
{
    struct dynamic d = {0};
    struct imgprobe_bytes all;
    enum imgprobe_status s = ip_bytes_come(p, f->data_offset, HEADER_LENGTH, &all);

    if (s == IMGPROBE_OK && ip_end_known(p))
        s = ip_bytes(p, "dynamic header", f->data_offset, HEADER_LENGTH, &all);
    s = s ? s : ip_decode(p, f->data_offset, dynamic_rows, IP_COUNT(dynamic_rows), &d);
    s = s ? s : check_dynamic(p, f->data_offset, &d);
    if (s == IMGPROBE_OK && ip_end_known(p))
        s = check_sum(p, f->data_offset, &d);
    if (s != IMGPROBE_OK)
        return s;
    p->image->cluster_size = d.block_size;
    p->image->variant = f->type == VHD_DIFFERENCING ? "differencing" : "dynamic";
    if (f->type == VHD_DIFFERENCING)
        s = ip_vhd_parent(p, f->data_offset);
    return s || ip_end_known(p) ? s : check_sum(p, f->data_offset, &d);
}

static enum imgprobe_status decode_fixed(struct probe *p, uint64_t at, const struct vhd_footer *f)
{
    if (at == 0)
        return ip_fail_row(p, IMGPROBE_MALFORMED, VHD_FOOTER(type), 0, f->type, VHD_DYNAMIC, VHD_DIFFERENCING);
    if (f->current_size > at)
        return ip_fail_end(p, VHD_FOOTER(current_size), at, f->current_size);
    p->image->variant = "fixed";
    return IMGPROBE_OK;
}

static enum imgprobe_status decode(struct probe *p)
{
    struct imgprobe_bytes cookie, bytes;
    struct vhd_footer f = {0};
    uint64_t at = 0, sum;
    enum imgprobe_status s = ip_bytes(p, "cookie", 0, 8, &cookie);

    if (s == IMGPROBE_OK && !ip_equal(cookie, "conectix") && !ip_end_known(p))
        return ip_await_end(p);
    if (s == IMGPROBE_OK && !ip_equal(cookie, "conectix"))
        at = ip_vhd_footer_offset(p);
    if (s == IMGPROBE_OK && at == 0 && !ip_equal(cookie, "conectix"))
        return ip_fail_what(p, IMGPROBE_MALFORMED, "cookie", 0, "it stands neither at the head nor at the end");
    s = s ? s : ip_decode(p, at, ip_vhd_footer, IP_COUNT(ip_vhd_footer), &f);
    s = s ? s : ip_vhd_read_footer(p, at, &bytes);
    if (s != IMGPROBE_OK)
        return s;
    sum = ip_ones_complement(bytes, VHD_FOOTER(checksum)->offset);
    if (sum != f.checksum)
        return ip_fail_row(p, IMGPROBE_MALFORMED, VHD_FOOTER(checksum), at, f.checksum, sum, sum);
    if (at != 0 && f.type != VHD_FIXED && p->reader == IMGPROBE_READER_QEMU)
        return ip_fail_row(p, IMGPROBE_MALFORMED, VHD_FOOTER(type), at, f.type, VHD_FIXED, VHD_FIXED);
    s = at == 0 && ip_end_known(p) ? ip_vhd_compare_footers(p, bytes) : IMGPROBE_OK;
    s = s ? s : ip_vhd_decide_size(p, at, bytes, &f);
    s = s ? s : ip_copy(p, ip_part(bytes, VHD_UNIQUE_ID, 16), &p->image->unique_id);
    s = s ? s : ip_uuid(p, "unique-id", p->image->unique_id);
    if (s != IMGPROBE_OK)
        return s;
    return f.type == VHD_FIXED ? decode_fixed(p, at, &f) : decode_dynamic(p, &f);
}

const struct format ip_vhd = {
    .row =
        {
            .name = "vhd",
            .qemu_name = "vpc",
            .libvirt_name = "vpc",
            .tier = IMGPROBE_TIER_IMPORT,
            .why = "meant for import; readers disagree on its size",
            .decoded = true,
            .compiled = IP_COMPILED(vhd),
            .reads = 11,
            .bytes = 16384,
        },
    .parent = PARENT_NAMED,
    .magics = {{0, "conectix", 8}, {-512, "conectix", 8}, {-511, "conectix", 8}},
    .matches = matches,
    .only_end = "only the end matches, so readers differ: say -f vhd, or -f raw",
    .driver = {.name = "vpc", .class = DRIVER_FORMAT, .keys = ip_keys_file},
    .decode = IP_COMPILED(vhd) ? decode : NULL,
    .unmarked = true, /* so that a footer that doesn't hold is told by its field */
};
