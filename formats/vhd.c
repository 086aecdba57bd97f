/* SPDX-License-Identifier: MIT */
/* VHD: Microsoft's "Virtual Hard Disk Image Format Specification" 1.0, "Hard Disk Footer Format" and "Dynamic Disk
 * Header Format"; which footer and which size count, by QEMU's vpc_open. */
#include "vhd.h"

#define VERSION_1 UINT64_C(0x00010000)
#define MOST_SECTORS UINT64_C(0xff000000)                /* QEMU's VHD_MAX_SECTORS, 2,040 GiB */
#define MOST_GEOMETRY (UINT64_C(65535) * 16 * 255)       /* geometry that can't say more: the field counts */
#define FOOTER_WITHOUT_LAST_BYTE (VHD_FOOTER_LENGTH - 1) /* as Virtual PC wrote it before 2004 */

struct footer {
    uint64_t version, data_offset, creator_application, current_size, cylinders, heads, sectors, type, checksum;
};
struct dynamic {
    uint64_t cookie, table_offset, version, max_table_entries, block_size, checksum;
};

/* clang-format off */
#define F(...) FIELD(struct footer, __VA_ARGS__)
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

enum size_rule { BY_VERSION, FIELD_TO_ALL, GEOMETRY_TO_ALL };

/* Who writes what he means into the size field. Any other creator: the geometry, to QEMU up to 9.2. */
static const struct {
    const char *creator;
    enum size_rule size;
} creators[] = {
    {"vpc ", GEOMETRY_TO_ALL}, {"qemu", GEOMETRY_TO_ALL}, {"qem2", FIELD_TO_ALL}, {"win ", FIELD_TO_ALL},
    {"d2v ", FIELD_TO_ALL},    {"tap", FIELD_TO_ALL},     {"CTXS", FIELD_TO_ALL},
};

static enum imgprobe_status read_footer(struct probe *p, uint64_t at, struct imgprobe_bytes *ret)
{
    return ip_bytes(p, "footer", at, p->size - at < VHD_FOOTER_LENGTH ? FOOTER_WITHOUT_LAST_BYTE : VHD_FOOTER_LENGTH,
                    ret);
}

/* A footer at the end is one by its checksum, and by numbers that fit the file in front of it. */
static bool trailer(struct probe *p, uint64_t at)
{
    struct imgprobe_bytes bytes;
    uint64_t type, data_offset;

    if (at % IP_SECTOR != 0 || read_footer(p, at, &bytes) != IMGPROBE_OK)
        return false;
    if (ip_ones_complement(bytes, 64) != ip_number(bytes, 64, IP_U32BE))
        return false;
    type = ip_number(bytes, 60, IP_U32BE);
    data_offset = ip_number(bytes, 16, IP_U64BE);
    if (type == VHD_FIXED)
        return ip_number(bytes, 48, IP_U64BE) <= at;
    return (type == VHD_DYNAMIC || type == VHD_DIFFERENCING) && data_offset < at;
}

static bool matches(struct probe *p, uint64_t at)
{
    return at == 0 || trailer(p, at);
}

/* Where the footer at the end stands, or 0. */
static uint64_t trailer_place(struct probe *p)
{
    uint64_t at = p->size / IP_SECTOR * IP_SECTOR;
    struct imgprobe_bytes cookie;

    if (p->size % IP_SECTOR == 0 && at != 0)
        at -= IP_SECTOR;
    else if (p->size % IP_SECTOR != FOOTER_WITHOUT_LAST_BYTE)
        return 0;
    if (at == 0 || ip_bytes(p, "footer", at, 8, &cookie) != IMGPROBE_OK || !ip_equal(cookie, "conectix"))
        return 0;
    return trailer(p, at) ? at : 0;
}

/* QEMU reads the copy at the head, others the footer at the end: where they differ in what counts there are two
 * disks. */
static enum imgprobe_status compare_footers(struct probe *p, struct imgprobe_bytes head)
{
    static const struct {
        const char *name;
        size_t offset, length;
    } counts[] = {{"data_offset", 16, 8},  {"creator_application", 28, 4},
                  {"current_size", 48, 8}, {"geometry", 56, 4},
                  {"type", 60, 4},         {"unique_id", 68, 16}};
    uint64_t at = trailer_place(p);
    struct imgprobe_bytes end;
    size_t i, j;

    if (at == 0)
        return ip_finding(p, "footers-disagree", IMGPROBE_WARNING, p->size,
                          "the image doesn't end in a valid footer; QEMU reads the copy at its head");
    if (read_footer(p, at, &end) != IMGPROBE_OK)
        return p->image->error.status;
    for (i = 0; i < IP_COUNT(counts); i++)
        for (j = 0; j < counts[i].length; j++)
            if (ip_number(head, counts[i].offset + j, IP_U8) != ip_number(end, counts[i].offset + j, IP_U8))
                return ip_fail_what(p, IMGPROBE_AMBIGUOUS, counts[i].name, at + counts[i].offset,
                                    "the footer and its copy at the head differ, so two readers see two disks");
    return IMGPROBE_OK;
}

static enum imgprobe_status decide_size(struct probe *p, struct imgprobe_bytes bytes, const struct footer *f)
{
    uint64_t geometry = f->cylinders * f->heads * f->sectors; /* 16, 8 and 8 bits */
    uint64_t field = f->current_size / IP_SECTOR, sectors;
    enum size_rule rule = BY_VERSION;
    size_t i;
    enum imgprobe_status s = IMGPROBE_OK;

    for (i = 0; i < IP_COUNT(creators); i++)
        if (ip_equal(ip_part(bytes, 28, ip_string(creators[i].creator).length), creators[i].creator))
            rule = creators[i].size;
    sectors = rule == FIELD_TO_ALL || geometry == MOST_GEOMETRY ? field : geometry;
    if (rule == BY_VERSION && sectors != field)
        s = ip_finding(
            p, "sizes-disagree", IMGPROBE_WARNING, 48,
            "virtual-size is by geometry, as QEMU up to 9.2 takes it from this creator; 10.0 takes the field");
    p->image->virtual_size = sectors * IP_SECTOR;
    s = s ? s : ip_text(p, "creator-application", false, ip_part(bytes, 28, 4));
    s = s ? s : ip_count(p, "size-by-geometry", false, geometry * IP_SECTOR);
    return s ? s : ip_count(p, "size-by-field", false, f->current_size);
}

static enum imgprobe_status check_dynamic(struct probe *p, uint64_t at, const struct dynamic *d)
{
    struct imgprobe_bytes all;
    uint64_t end;
    enum imgprobe_status s = ip_bytes(p, "dynamic header", at, 1024, &all);

    if (s != IMGPROBE_OK)
        return s;
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

static enum imgprobe_status decode_dynamic(struct probe *p, const struct footer *f)
{
    struct dynamic d = {0};
    enum imgprobe_status s = ip_decode(p, f->data_offset, dynamic_rows, IP_COUNT(dynamic_rows), &d);

    s = s ? s : check_dynamic(p, f->data_offset, &d);
    if (s != IMGPROBE_OK)
        return s;
    p->image->cluster_size = d.block_size;
    p->image->variant = f->type == VHD_DIFFERENCING ? "differencing" : "dynamic";
    return f->type == VHD_DIFFERENCING ? ip_vhd_parent(p, f->data_offset) : IMGPROBE_OK;
}

static enum imgprobe_status decode_fixed(struct probe *p, uint64_t at, const struct footer *f)
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
    struct footer f = {0};
    uint64_t at = 0;
    enum imgprobe_status s = ip_bytes(p, "cookie", 0, 8, &cookie);

    if (s == IMGPROBE_OK && !ip_equal(cookie, "conectix"))
        at = trailer_place(p);
    s = s ? s : ip_decode(p, at, footer_rows, IP_COUNT(footer_rows), &f);
    s = s ? s : read_footer(p, at, &bytes);
    if (s != IMGPROBE_OK)
        return s;
    if (ip_ones_complement(bytes, 64) != f.checksum)
        return ip_fail(p, IMGPROBE_MALFORMED, "checksum", at + 64, f.checksum, ip_ones_complement(bytes, 64),
                       ip_ones_complement(bytes, 64));
    if (at != 0 && f.type != VHD_FIXED && p->reader == IMGPROBE_READER_QEMU)
        return ip_fail(p, IMGPROBE_MALFORMED, "type", at + 60, f.type, VHD_FIXED, VHD_FIXED);
    s = at == 0 ? compare_footers(p, bytes) : IMGPROBE_OK;
    s = s ? s : decide_size(p, bytes, &f);
    s = s ? s : ip_copy(p, ip_part(bytes, 68, 16), &p->image->identity);
    s = s ? s : ip_uuid(p, "unique-id", p->image->identity);
    if (s != IMGPROBE_OK)
        return s;
    return f.type == VHD_FIXED ? decode_fixed(p, at, &f) : decode_dynamic(p, &f);
}

const struct format ip_vhd = {
    .row = {"vhd", "vpc", IMGPROBE_TIER_IMPORT, true, "meant for import; readers disagree on its size", NULL},
    .magics = {{0, "conectix", 8}, {-512, "conectix", 8}, {-511, "conectix", 8}},
    .matches = matches,
    .decode = decode,
};
