/* SPDX-License-Identifier: MIT */
/* VMDK's sparse extent "KDMV": "Virtual Disk Format 5.0", "Hosted Sparse Extent Header". Limits, and what counts when
 * fields disagree, by QEMU's vmdk_open_vmdk4 and vmdk_add_extent. */
#include "vmdk.h"

#define GD_AT_END UINT64_MAX /* the footer says where the grain directory stands */
#define FOOTER_SECTORS UINT64_C(3)
#define MARKER_END 0
#define MARKER_FOOTER 3
#define MOST_DIRECTORY UINT64_C(33554432)
#define DEFLATE 1
#define REDUNDANT 2 /* flag: the redundant grain directory is read */

struct kdmv {
    uint64_t version, flags, capacity, grainSize, descriptorOffset, descriptorSize, numGTEsPerGT, rgdOffset, gdOffset;
    uint64_t overHead;
    uint64_t compressAlgorithm;
};
struct marker {
    uint64_t val, size, type;
};

/* clang-format off */
#define K(...) FIELD(struct kdmv, __VA_ARGS__)
static const struct field kdmv_rows[] = {
    /* at  type   name               least  most                otherwise; offsets and capacity in sectors */
    K(  4, U32LE, version,               0, 3,                  UNSUPPORTED),
    K(  8, U32LE, flags,                 0, IP_ANY,             MALFORMED),
    K( 12, U64LE, capacity,              0, VMDK_MOST_SECTORS,  MALFORMED),
    K( 20, U64LE, grainSize,             0, 0x200000,           MALFORMED),
    K( 28, U64LE, descriptorOffset,      0, VMDK_MOST_SECTORS,  MALFORMED),
    K( 36, U64LE, descriptorSize,        0, IP_ANY,             MALFORMED), /* counts with an offset */
    K( 44, U32LE, numGTEsPerGT,          0, 512,                MALFORMED),
    K( 48, U64LE, rgdOffset,             0, IP_ANY,             MALFORMED), /* counts with its flag */
    K( 56, U64LE, gdOffset,              0, IP_ANY,             MALFORMED),
    K( 64, U64LE, overHead,              0, IP_ANY,             MALFORMED), /* and the file */
    K( 77, U16LE, compressAlgorithm,     0, 1,                  UNSUPPORTED),
};
#define ROW(name) IP_ROW(kdmv_rows, struct kdmv, name)
#define M(...) FIELD(struct marker, __VA_ARGS__)
static const struct field footer_marker_rows[] = {
    M(  8, U32LE, size,                  0, 0,                  MALFORMED),
    M( 12, U32LE, type,      MARKER_FOOTER, MARKER_FOOTER,      MALFORMED),
};
static const struct field end_marker_rows[] = {
    M(  0, U64LE, val,                   0, 0,                  MALFORMED),
    M(  8, U32LE, size,                  0, 0,                  MALFORMED),
    M( 12, U32LE, type,         MARKER_END, MARKER_END,         MALFORMED),
};
/* clang-format on */

/* The footer's copy replaces the header as a whole, capacity and version too. */
static enum imgprobe_status decode_footer(struct probe *p, struct kdmv *h, uint64_t *ret_base)
{
    uint64_t sectors = p->size / IP_SECTOR, at;
    struct imgprobe_bytes magic;
    struct marker m;
    enum imgprobe_status s;

    if (p->role == IMGPROBE_ROLE_EXTENT)
        return ip_fail_row_what(
            p, IMGPROBE_UNSUPPORTED, ROW(gdOffset), 0,
            "the extent defers to a footer, which QEMU seeks by the size of the descriptor's file");
    if (sectors < FOOTER_SECTORS || p->size % IP_SECTOR != 0)
        return ip_fail_what(p, IMGPROBE_TRUNCATED, "footer", p->size,
                            "the header defers to a footer and it isn't there");
    at = (sectors - FOOTER_SECTORS) * IP_SECTOR;
    *ret_base = at + IP_SECTOR;
    s = ip_bytes(p, "footer", at + IP_SECTOR, 4, &magic);
    if (s == IMGPROBE_OK && !ip_equal(magic, "KDMV"))
        return ip_fail_what(p, IMGPROBE_TRUNCATED, "footer", at, "the header defers to a footer and it isn't there");
    s = s ? s : ip_decode(p, at, footer_marker_rows, IP_COUNT(footer_marker_rows), &m);
    s = s ? s : ip_decode(p, at + 2 * IP_SECTOR, end_marker_rows, IP_COUNT(end_marker_rows), &m);
    s = s ? s : ip_decode(p, at + IP_SECTOR, kdmv_rows, IP_COUNT(kdmv_rows), h);
    if (s == IMGPROBE_OK && h->gdOffset == GD_AT_END)
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, ROW(gdOffset), at + IP_SECTOR,
                                "the footer defers to a footer");
    return s;
}

/* A directory has 4 bytes for each grain table. */
static enum imgprobe_status check_directory(struct probe *p, const struct field *row, uint64_t base, uint64_t sector,
                                            uint64_t tables)
{
    uint64_t offset;

    if (!ip_multiply(sector, IP_SECTOR, &offset) || offset > INT64_MAX)
        return ip_fail_row(p, IMGPROBE_MALFORMED, row, base, sector, 0, VMDK_MOST_SECTORS);
    if (tables != 0 && (offset > p->size || tables * 4 > p->size - offset))
        return ip_fail_end(p, row, base, offset + tables * 4);
    return IMGPROBE_OK;
}

static enum imgprobe_status check_kdmv(struct probe *p, uint64_t base, const struct kdmv *h)
{
    uint64_t grains = h->numGTEsPerGT * h->grainSize; /* at most 2^30, by their rows */
    uint64_t overhead, tables;
    enum imgprobe_status s;

    if (grains == 0)
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, h->grainSize == 0 ? ROW(grainSize) : ROW(numGTEsPerGT), base,
                                "a grain table of no size");
    tables = h->capacity / grains + (h->capacity % grains != 0);
    if (tables > MOST_DIRECTORY)
        return ip_fail_row(p, IMGPROBE_MALFORMED, ROW(capacity), base, h->capacity, 0, MOST_DIRECTORY * grains);
    if (!ip_multiply(h->overHead, IP_SECTOR, &overhead) || overhead > p->size)
        return ip_fail_end(p, ROW(overHead), base,
                           h->overHead > UINT64_MAX / IP_SECTOR ? UINT64_MAX - 1 : h->overHead * IP_SECTOR);
    s = check_directory(p, ROW(gdOffset), base, h->gdOffset, tables);
    return s || !(h->flags & REDUNDANT) ? s : check_directory(p, ROW(rgdOffset), base, h->rgdOffset, tables);
}

static enum imgprobe_status decode_sparse(struct probe *p, const struct kdmv *first)
{
    struct kdmv h = *first;
    uint64_t base = 0;
    enum imgprobe_status s = IMGPROBE_OK;

    if (h.gdOffset == GD_AT_END && !ip_end_known(p))
        return IMGPROBE_OK;
    if (h.gdOffset == GD_AT_END)
        s = decode_footer(p, &h, &base);
    s = s ? s : check_kdmv(p, base, &h);
    if (s != IMGPROBE_OK)
        return s;
    p->image->variant = h.compressAlgorithm == DEFLATE ? "streamOptimized" : "monolithicSparse";
    p->image->virtual_size = h.capacity * IP_SECTOR;
    p->image->cluster_size = h.grainSize * IP_SECTOR;
    p->image->compressed = h.compressAlgorithm == DEFLATE;
    p->image->read_only = h.version == 3 && !p->image->compressed;
    return ip_count(p, "version", false, h.version);
}

/* Of an image on its own the descriptor stands in the second sector, whatever the header says. */
enum imgprobe_status ip_vmdk_kdmv(struct probe *p)
{
    struct kdmv h = {0};
    uint64_t offset, length = 0, end;
    enum imgprobe_status s = ip_decode(p, 0, kdmv_rows, IP_COUNT(kdmv_rows), &h);

    if (s != IMGPROBE_OK)
        return s;
    offset = h.descriptorOffset * IP_SECTOR; /* fits, by its row */
    if (!ip_multiply(h.descriptorSize, IP_SECTOR, &length) || !ip_add(offset, length, &end))
        end = UINT64_MAX - 1;
    if (offset != 0 && end > p->size)
        return ip_fail_end(p, ROW(descriptorSize), 0, end);
    if (h.capacity == 0 && offset != 0)
        s = ip_vmdk_disk(p, offset);
    else
        s = decode_sparse(p, &h);
    if (s != IMGPROBE_OK || p->role == IMGPROBE_ROLE_EXTENT)
        return s;
    if (h.capacity != 0 && offset == 0)
        s = ip_vmdk_described(p);
    if (s == IMGPROBE_OK && (h.capacity != 0 || offset == 0) && p->image->variant)
        s = ip_word(p, "create-type", true, p->image->variant);
    s = s ? s : ip_vmdk_link(p, IP_SECTOR);
    if (s != IMGPROBE_OK || offset == 0)
        return s;
    s = ip_vmdk_other_parent(p, offset, length);
    return s || h.capacity == 0 ? s : ip_vmdk_embedded(p, offset, length);
}
