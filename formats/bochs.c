/* SPDX-License-Identifier: MIT */
/* Bochs growing disks: QEMU block/bochs.c, struct bochs_header; limits by bochs_open. */
#include "format.h"

#define VERSION_1 0x10000
#define VERSION_2 0x20000
#define TYPE 32
#define SUBTYPE 48
#define WORD_LENGTH 16

struct bochs {
    uint64_t version, header, catalog, extent, disk;
};

/* clang-format off */
#define B(...) FIELD(struct bochs, __VA_ARGS__)
static const struct field header_rows[] = {
    /* at  type   name        least      most       otherwise */
    B( 64, U32LE, version,  VERSION_1,   VERSION_2, UNSUPPORTED), /* one of the two */
    B( 68, U32LE, header,            0,  IP_ANY,    MALFORMED),
    B( 72, U32LE, catalog,           0,  0x100000,  MALFORMED),   /* entries; and the file */
    B( 80, U32LE, extent,    IP_SECTOR,  0x800000,  MALFORMED, IP_POWER_OF_2),
};
static const struct field disk_v1[] = {
    B( 84, U64LE, disk,              0,  INT64_MAX, MALFORMED),   /* and the catalog */
};
static const struct field disk_v2[] = {
    B( 88, U64LE, disk,              0,  INT64_MAX, MALFORMED),
};
/* clang-format on */
#define ROW(name) IP_ROW(header_rows, struct bochs, name)

/* Only a growing disk stands alone. The others are laid over a disk that the machine's configuration names. */
static enum imgprobe_status check_kind(struct probe *p)
{
    struct imgprobe_bytes type, subtype;
    enum imgprobe_status s = ip_bytes(p, "type", TYPE, WORD_LENGTH, &type);

    s = s ? s : ip_bytes(p, "subtype", SUBTYPE, WORD_LENGTH, &subtype);
    if (s != IMGPROBE_OK)
        return s;
    if (!ip_equal(ip_cut(type), "Redolog"))
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "type", TYPE, "isn't a redolog");
    if (!ip_equal(ip_cut(subtype), "Growing"))
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "subtype", SUBTYPE,
                            "isn't a growing disk, so it is laid over another that it doesn't name");
    return IMGPROBE_OK;
}

static enum imgprobe_status check_header(struct probe *p, const struct bochs *h)
{
    uint64_t extents = h->disk / IP_SECTOR * IP_SECTOR / h->extent;

    if (h->version != VERSION_1 && h->version != VERSION_2)
        return ip_fail_row_what(p, IMGPROBE_UNSUPPORTED, ROW(version), 0, "is neither 1 nor 2");
    extents += h->disk / IP_SECTOR * IP_SECTOR % h->extent != 0;
    if (h->catalog < extents)
        return ip_fail_row(p, IMGPROBE_MALFORMED, ROW(catalog), 0, h->catalog, extents, 0x100000);
    if (h->header + h->catalog * 4 > p->size)
        return ip_fail_end(p, ROW(catalog), 0, h->header + h->catalog * 4);
    return IMGPROBE_OK;
}

static enum imgprobe_status decode(struct probe *p)
{
    struct bochs h = {0};
    enum imgprobe_status s = check_kind(p);

    s = s ? s : ip_decode(p, 0, header_rows, IP_COUNT(header_rows), &h);
    s = s ? s : ip_decode(p, 0, h.version == VERSION_1 ? disk_v1 : disk_v2, 1, &h);
    s = s ? s : check_header(p, &h);
    if (s != IMGPROBE_OK)
        return s;
    p->image->variant = "growing";
    p->image->virtual_size = h.disk / IP_SECTOR * IP_SECTOR;
    p->image->read_only = true; /* to QEMU */
    return IMGPROBE_OK;
}

const struct format ip_bochs = {
    .row =
        {
            .name = "bochs",
            .qemu_name = "bochs",
            .tier = IMGPROBE_TIER_REFUSE,
            .why = "dead: its emulator is no longer run with others' disks",
            .decoded = true,
            .compiled = IP_COMPILED(bochs),
            .reads = 4,
            .bytes = 8192,
        },
    .parent = PARENT_NEVER, /* of a redolog that lies over a disk we cannot tell */
    .magics = {{0, "Bochs Virtual HD Image\0", 23}},
    .driver = {.name = "bochs", .class = DRIVER_FORMAT, .keys = ip_keys_file},
    .decode = IP_COMPILED(bochs) ? decode : NULL,
};
