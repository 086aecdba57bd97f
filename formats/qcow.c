/* SPDX-License-Identifier: MIT */
/* qcow version 1: QEMU block/qcow.c, struct QCowHeader; limits by qcow_open. */
#include "format.h"

#define MOST_NAME UINT64_C(1023)
#define MOST_L1_ENTRIES UINT64_C(0xfffffff) /* INT_MAX bytes of them */

struct qcow {
    uint64_t backing_file_offset, backing_file_size, size, cluster_bits, l2_bits, crypt_method, l1_table_offset;
};

/* clang-format off */
#define Q(...) FIELD(struct qcow, __VA_ARGS__)
static const struct field header_rows[] = {
    /* at  type   name                     least  most       otherwise */
    Q(  8, U64BE, backing_file_offset,         0, IP_ANY,    MALFORMED), /* and the file */
    Q( 16, U32BE, backing_file_size,           0, IP_ANY,    MALFORMED), /* counts only with an offset */
    Q( 24, U64BE, size,                        2, IP_ANY,    MALFORMED), /* and the L1 table */
    Q( 32, U8,    cluster_bits,                9, 16,        MALFORMED),
    Q( 33, U8,    l2_bits,                     6, 13,        MALFORMED),
    Q( 36, U32BE, crypt_method,                0, 1,         UNSUPPORTED),
    Q( 40, U64BE, l1_table_offset,             0, INT64_MAX, MALFORMED),
};
/* clang-format on */
#define ROW(name) IP_ROW(header_rows, struct qcow, name)

static enum imgprobe_status check_l1(struct probe *p, const struct qcow *h)
{
    uint64_t bits = h->cluster_bits + h->l2_bits; /* what an L1 entry maps */
    uint64_t entries = (h->size >> bits) + ((h->size & ((UINT64_C(1) << bits) - 1)) != 0);
    uint64_t bytes = entries * 8;

    if (entries > MOST_L1_ENTRIES)
        return ip_fail_row(p, IMGPROBE_MALFORMED, ROW(size), 0, h->size, 2, MOST_L1_ENTRIES << bits);
    if (h->l1_table_offset > p->size || bytes > p->size - h->l1_table_offset)
        return ip_fail_end(p, ROW(l1_table_offset), 0, h->l1_table_offset + bytes);
    return IMGPROBE_OK;
}

/* The format has no word for the backing file's format: every reader probes it. */
static enum imgprobe_status add_backing(struct probe *p, const struct qcow *h)
{
    struct imgprobe_bytes name;
    enum imgprobe_status s;

    if (h->backing_file_offset == 0)
        return IMGPROBE_OK;
    if (h->backing_file_size > MOST_NAME)
        return ip_fail_row(p, IMGPROBE_MALFORMED, ROW(backing_file_size), 0, h->backing_file_size, 0, MOST_NAME);
    s = ip_bytes(p, "backing file name", h->backing_file_offset, h->backing_file_size, &name);
    if (s != IMGPROBE_OK || name.length == 0)
        return s;
    if (name.bytes[0] == '\0')
        return ip_finding(p, FOUND_BACKING_NAME_EMPTY, h->backing_file_offset,
                          "the backing file's name begins with a NUL, so it is none");
    return ip_reference(p, IMGPROBE_ROLE_BACKING, name, h->backing_file_offset, NULL);
}

static enum imgprobe_status decode(struct probe *p)
{
    struct qcow h = {0};
    enum imgprobe_status s = ip_decode(p, 0, header_rows, IP_COUNT(header_rows), &h);

    s = s ? s : check_l1(p, &h);
    if (s != IMGPROBE_OK)
        return s;
    p->image->virtual_size = h.size / IP_SECTOR * IP_SECTOR;
    p->image->cluster_size = UINT64_C(1) << h.cluster_bits; /* 9 to 16, by its row */
    p->image->encrypted = h.crypt_method != 0;
    return add_backing(p, &h);
}

/* clang-format off */
static const struct key keys[] = {
    KEY("file", CHILD),
    KEY("backing", CHILD),
    KEY_WITH("encrypt", ip_keys_encrypt),
    KEYS_END
};
/* clang-format on */

const struct format ip_qcow = {
    .row =
        {
            .name = "qcow",
            .qemu_name = "qcow",
            .libvirt_name = "qcow",
            .takes_backing = true,
            .tier = IMGPROBE_TIER_REFUSE,
            .why = "dead: its backing file is always probed",
            .deprecated = "qcow version 1, by qcow2 since QEMU 0.8.3",
            .decoded = true,
            .compiled = IP_COMPILED(qcow),
            .reads = 4,
            .bytes = 8192,
        },
    .parent = PARENT_NAMED,
    .magics = {{0, "QFI\xfb\0\0\0\1", 8}},
    .driver = {.name = "qcow", .class = DRIVER_FORMAT, .keys = keys, .reaches = IP_REACHES_NAMED},
    .compresses = true,
    .decode = IP_COMPILED(qcow) ? decode : NULL,
};
