/* SPDX-License-Identifier: MIT */
/* Parallels expandable images, which ploop's are, too: QEMU docs/interop/parallels.txt, "Header"; limits by
 * parallels_open. The header names no file. The parents of a snapshot stand in DiskDescriptor.xml, for which no
 * reader of a single image looks. So there may be a parent, and the image can't tell. */
#include "format.h"

#define MAGIC "WithoutFreeSpace"
#define MAGIC_EXT "WithouFreSpacExt"
#define HEADER_LENGTH 64
#define OPEN_MARK 0x746f6e59
#define MOST_BYTES UINT64_C(0x7fffffffc0000000) /* QEMU's BDRV_MAX_LENGTH */

struct parallels {
    uint64_t version, tracks, bat_entries, nb_sectors, in_use, ext_off;
};

/* clang-format off */
#define P(...) FIELD(struct parallels, __VA_ARGS__)
static const struct field header_rows[] = {
    /* at  type   name          least  most              otherwise */
    P( 16, U32LE, version,          2, 2,                UNSUPPORTED),
    P( 28, U32LE, tracks,           1, INT32_MAX / 513,  MALFORMED), /* sectors of a cluster */
    P( 32, U32LE, bat_entries,      0, INT32_MAX / 4,    MALFORMED), /* and the file */
    P( 44, U32LE, in_use,           0, IP_ANY,           MALFORMED),
    P( 56, U64LE, ext_off,          0, INT64_MAX / 512,  MALFORMED), /* in sectors, 0 for no extension */
};
static const struct field size_rows[] = {
    P( 36, U32LE, nb_sectors,       0, IP_ANY,           MALFORMED), /* the other half doesn't count */
};
static const struct field size_ext_rows[] = {
    P( 36, U64LE, nb_sectors,       0, MOST_BYTES / 512, MALFORMED),
};
/* clang-format on */

/* A catalog that is too short for the disk. */
static const struct ip_when refuses_short_catalog = IP_SINCE(11, 1);

static enum imgprobe_status check_catalog(struct probe *p, const struct parallels *h)
{
    const struct field *row = IP_ROW(header_rows, struct parallels, bat_entries);
    uint64_t end = HEADER_LENGTH + h->bat_entries * 4, clusters = h->nb_sectors / h->tracks;

    if (end > p->size)
        return ip_fail_end(p, row, 0, end);
    clusters += h->nb_sectors % h->tracks != 0;
    return h->bat_entries >= clusters
               ? IMGPROBE_OK
               : ip_fail_versions(p, refuses_short_catalog, row, 0, h->bat_entries, clusters, INT32_MAX / 4);
}

static enum imgprobe_status decode(struct probe *p)
{
    struct parallels h = {0};
    struct imgprobe_bytes magic;
    enum imgprobe_status s = ip_bytes(p, "magic", 0, sizeof MAGIC - 1, &magic);

    s = s ? s : ip_decode(p, 0, header_rows, IP_COUNT(header_rows), &h);
    s = s ? s : ip_decode(p, 0, ip_equal(magic, MAGIC) ? size_rows : size_ext_rows, 1, &h);
    s = s ? s : check_catalog(p, &h);
    if (s != IMGPROBE_OK)
        return s;
    p->image->virtual_size = h.nb_sectors * IP_SECTOR;
    p->image->cluster_size = h.tracks * IP_SECTOR;
    p->image->dirty = h.in_use == OPEN_MARK;
    if (h.ext_off == 0)
        return IMGPROBE_OK;
    return ip_count(p, "format-extension-offset", false, h.ext_off * IP_SECTOR);
}

static const char *const aliases[] = {"ploop", NULL};

const struct format ip_parallels = {
    .row =
        {
            .name = "parallels",
            .qemu_name = "parallels",
            .tier = IMGPROBE_TIER_IMPORT,
            .why = "meant for import; a snapshot's parents stand in another file that readers don't look for",
            .decoded = true,
            .compiled = IP_COMPILED(parallels),
            .reads = 4,
            .bytes = 8192,
        },
    .parent = PARENT_NOT_TOLD, /* DiskDescriptor.xml has the parents of a snapshot */
    .magics = {{0, MAGIC, 16}, {0, MAGIC_EXT, 16}},
    .driver = {.name = "parallels",
               .class = DRIVER_FORMAT,
               .keys = ip_keys_backed}, /* a backing file has a directory of its own */
    .decode = IP_COMPILED(parallels) ? decode : NULL,
    .aliases = aliases,
};
