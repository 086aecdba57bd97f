/* SPDX-License-Identifier: MIT */
/* Which footer of a VHD counts, and which of the two sizes in it: Microsoft's specification 1.0, "Hard Disk Footer
 * Format", and QEMU's vpc_open. */
#include "vhd.h"

#define MOST_SECTORS UINT64_C(0xff000000)                /* QEMU's VHD_MAX_SECTORS, 2,040 GiB */
#define MOST_GEOMETRY (UINT64_C(65535) * 16 * 255)       /* geometry that can't say more: the field counts */
#define FOOTER_WITHOUT_LAST_BYTE (VHD_FOOTER_LENGTH - 1) /* as Virtual PC wrote it before 2004 */

/* clang-format off */
#define F(...) FIELD(struct vhd_footer, __VA_ARGS__)
const struct field ip_vhd_footer[VHD_FOOTER_ROWS] = {
    /* at  type   name                  least      most                     otherwise */
    F( 12, U32BE, version,          VHD_VERSION_1, VHD_VERSION_1,           UNSUPPORTED),
    F( 16, U64BE, data_offset,              0,     IP_ANY,                  MALFORMED), /* and the file */
    F( 28, U32BE, creator_application,      0,     IP_ANY,                  MALFORMED),
    F( 48, U64BE, current_size,             0,     MOST_SECTORS * IP_SECTOR + (IP_SECTOR - 1), MALFORMED),
    F( 56, U16BE, cylinders,                0,     IP_ANY,                  MALFORMED),
    F( 58, U8,    heads,                    0,     IP_ANY,                  MALFORMED),
    F( 59, U8,    sectors,                  0,     IP_ANY,                  MALFORMED),
    F( 60, U32BE, type,             VHD_FIXED,     VHD_DIFFERENCING,        UNSUPPORTED), /* the others are reserved */
    F( 64, U32BE, checksum,                 0,     IP_ANY,                  MALFORMED),
};
/* clang-format on */

enum size_rule { BY_VERSION, FIELD_TO_ALL, GEOMETRY_TO_ALL };

/* By creator, what its size field means. For any other creator versions differ: older ones take the geometry. */
static const struct ip_when others_by_field = IP_SINCE(10, 0);
static const struct {
    uint64_t creator;
    enum size_rule size;
} creators[] = {
    {0x76706320, GEOMETRY_TO_ALL}, /* "vpc " */
    {0x71656d75, GEOMETRY_TO_ALL}, /* "qemu" */
    {0x71656d32, FIELD_TO_ALL},    /* "qem2" */
    {0x77696e20, FIELD_TO_ALL},    /* "win " */
    {0x64327620, FIELD_TO_ALL},    /* "d2v " */
    {0x74617000, FIELD_TO_ALL},    /* "tap" and a NUL */
    {0x43545853, FIELD_TO_ALL},    /* "CTXS" */
};

enum imgprobe_status ip_vhd_read_footer(struct probe *p, uint64_t at, struct imgprobe_bytes *ret)
{
    bool cut = at != 0 && p->size - at == FOOTER_WITHOUT_LAST_BYTE;

    return ip_bytes(p, "footer", at, cut ? FOOTER_WITHOUT_LAST_BYTE : VHD_FOOTER_LENGTH, ret);
}

/* What stands at the end is a footer if its checksum holds and its numbers fit the file in front of it. */
bool ip_vhd_trailer(struct probe *p, uint64_t at)
{
    struct imgprobe_bytes bytes;
    uint64_t type;

    if (at % IP_SECTOR != 0 || ip_vhd_read_footer(p, at, &bytes) != IMGPROBE_OK)
        return false;
    if (ip_ones_complement(bytes, VHD_FOOTER(checksum)->offset) != ip_row_number(bytes, VHD_FOOTER(checksum)))
        return false;
    type = ip_row_number(bytes, VHD_FOOTER(type));
    if (type == VHD_FIXED)
        return ip_row_number(bytes, VHD_FOOTER(current_size)) <= at;
    return (type == VHD_DYNAMIC || type == VHD_DIFFERENCING) && ip_row_number(bytes, VHD_FOOTER(data_offset)) < at;
}

uint64_t ip_vhd_footer_offset(struct probe *p)
{
    uint64_t at = p->size / IP_SECTOR * IP_SECTOR;
    struct imgprobe_bytes cookie;

    if (p->size % IP_SECTOR == 0 && at != 0)
        at -= IP_SECTOR;
    else if (p->size % IP_SECTOR != FOOTER_WITHOUT_LAST_BYTE)
        return 0;
    if (at == 0 || ip_bytes(p, "footer", at, 8, &cookie) != IMGPROBE_OK || !ip_equal(cookie, "conectix"))
        return 0;
    return at;
}

static enum imgprobe_status differ(struct probe *p, const char *field, uint64_t at)
{
    return ip_fail_what(p, IMGPROBE_AMBIGUOUS, field, at,
                        "the footer and its copy at the head differ, so two readers see two disks");
}

/* QEMU reads the copy at the head, and others the footer at the end. If the two differ in what counts, there are two
 * disks. What counts is every row from the data's offset to the type, and the id. */
enum imgprobe_status ip_vhd_compare_footers(struct probe *p, struct imgprobe_bytes head)
{
    const struct field *row, *geometry = VHD_FOOTER(cylinders), *type = VHD_FOOTER(type);
    uint64_t at = ip_vhd_footer_offset(p);
    struct imgprobe_bytes end;
    size_t i;

    if (at == 0 || !ip_vhd_trailer(p, at))
        return ip_finding(p, FOUND_FOOTERS_DISAGREE, p->size,
                          "the image doesn't end in a valid footer; QEMU reads the copy at its head");
    if (ip_vhd_read_footer(p, at, &end) != IMGPROBE_OK)
        return p->image->error.status;
    for (row = VHD_FOOTER(data_offset); row <= type; row++)
        if (ip_row_number(head, row) != ip_row_number(end, row))
            return row >= geometry && row < type ? differ(p, "geometry", at + geometry->offset)
                                                 : differ(p, row->name, at + row->offset);
    for (i = VHD_UNIQUE_ID; i < VHD_UNIQUE_ID + 16; i++)
        if (ip_number(head, i, IP_U8) != ip_number(end, i, IP_U8))
            return differ(p, "unique_id", at + VHD_UNIQUE_ID);
    return IMGPROBE_OK;
}

enum imgprobe_status ip_vhd_decide_size(struct probe *p, uint64_t at, struct imgprobe_bytes bytes,
                                        const struct vhd_footer *f)
{
    uint64_t geometry = f->cylinders * f->heads * f->sectors; /* 16, 8 and 8 bits */
    bool newer = ip_have(p->versions, others_by_field) != IP_NONE_HAS;
    uint64_t field = f->current_size / IP_SECTOR, sectors;
    enum size_rule rule = BY_VERSION;
    size_t i;
    enum imgprobe_status s = IMGPROBE_OK;

    for (i = 0; i < IP_COUNT(creators); i++)
        if (creators[i].creator == f->creator_application)
            rule = creators[i].size;
    if (geometry == MOST_GEOMETRY)
        rule = FIELD_TO_ALL;
    sectors = rule == FIELD_TO_ALL || (rule == BY_VERSION && newer) ? field : geometry;
    if (rule == BY_VERSION && geometry != field)
        s = ip_finding(
            p, FOUND_SIZES_DISAGREE, at + VHD_FOOTER(current_size)->offset,
            newer
                ? "virtual-size is by the field, as QEMU takes it from this creator since 10.0; 7.2 takes the "
                  "geometry"
                : "virtual-size is by geometry, as QEMU 7.2 takes it from this creator; since 10.0 the field counts");
    p->image->virtual_size = sectors * IP_SECTOR;
    s = s ? s : ip_text(p, "creator-application", false, ip_part(bytes, VHD_FOOTER(creator_application)->offset, 4));
    s = s ? s : ip_count(p, "size-by-geometry", false, geometry * IP_SECTOR);
    return s ? s : ip_count(p, "size-by-field", false, f->current_size);
}
