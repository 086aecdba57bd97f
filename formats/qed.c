/* SPDX-License-Identifier: MIT */
/* QED: QEMU docs/interop/qed_spec.txt, "Header"; limits by bdrv_qed_do_open. */
#include "format.h"

#define BACKING_FILE 1
#define NEED_CHECK 2
#define NO_PROBE 4                              /* the backing file is raw */
#define MOST_BYTES UINT64_C(0x7fffffffc0000000) /* BDRV_MAX_LENGTH */
#define MOST_NAME UINT64_C(4095)

struct qed {
    uint64_t cluster_size, table_size, header_size, features, compat_features, autoclear_features, l1_table_offset;
    uint64_t image_size, backing_filename_offset, backing_filename_size;
};

/* clang-format off */
#define Q(...) FIELD(struct qed, __VA_ARGS__)
static const struct field header_rows[] = {
    /* at  type   name                     least  most        otherwise */
    Q(  4, U32LE, cluster_size,             4096, 67108864,   MALFORMED, IP_POWER_OF_2),
    Q(  8, U32LE, table_size,                  2, 16,         MALFORMED, IP_POWER_OF_2), /* 1 is the specification's alone */
    Q( 12, U32LE, header_size,                 0, 0xfffff,    MALFORMED), /* and 2^32 - 1 bytes */
    Q( 16, U64LE, features,                    0, 7,          UNSUPPORTED),
    Q( 24, U64LE, compat_features,             0, IP_ANY,     MALFORMED),
    Q( 32, U64LE, autoclear_features,          0, IP_ANY,     MALFORMED),
    Q( 40, U64LE, l1_table_offset,             0, INT64_MAX,  MALFORMED),
    Q( 48, U64LE, image_size,                  0, MOST_BYTES, MALFORMED, IP_OF_512), /* and what the tables map */
    Q( 56, U32LE, backing_filename_offset,     0, IP_ANY,     MALFORMED), /* counts only with its feature */
    Q( 60, U32LE, backing_filename_size,       0, IP_ANY,     MALFORMED),
};
/* clang-format on */
#define ROW(name) IP_ROW(header_rows, struct qed, name)

/* QEMU's qed_max_image_size multiplies powers of two in 64 bits. A product that doesn't fit is 0 to it. */
static enum imgprobe_status check_size(struct probe *p, const struct qed *h)
{
    uint64_t entries = h->table_size * h->cluster_size / 8, most;

    if (!ip_multiply(entries * h->cluster_size, entries, &most))
        most = 0;
    if (h->image_size > most)
        return ip_fail_row(p, IMGPROBE_MALFORMED, ROW(image_size), 0, h->image_size, 0, most);
    return IMGPROBE_OK;
}

/* The L1 table lies behind the header and in front of the last whole cluster's end. */
static enum imgprobe_status check_l1(struct probe *p, const struct qed *h)
{
    uint64_t least = h->header_size * h->cluster_size, bytes = h->table_size * h->cluster_size;
    uint64_t size = p->size / h->cluster_size * h->cluster_size;

    if (h->l1_table_offset % h->cluster_size != 0)
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, ROW(l1_table_offset), 0,
                                "isn't a multiple of the cluster size");
    if (h->l1_table_offset < least)
        return ip_fail_row(p, IMGPROBE_MALFORMED, ROW(l1_table_offset), 0, h->l1_table_offset, least, INT64_MAX);
    if (h->l1_table_offset > size || bytes > size - h->l1_table_offset)
        return ip_fail_end(p, ROW(l1_table_offset), 0, h->l1_table_offset + bytes);
    return IMGPROBE_OK;
}

static enum imgprobe_status check_header(struct probe *p, const struct qed *h)
{
    enum imgprobe_status s;

    if (h->header_size > UINT32_MAX / h->cluster_size)
        return ip_fail_row(p, IMGPROBE_MALFORMED, ROW(header_size), 0, h->header_size, 0,
                           UINT32_MAX / h->cluster_size);
    s = check_size(p, h);
    return s ? s : check_l1(p, h);
}

static enum imgprobe_status add_backing(struct probe *p, const struct qed *h)
{
    uint64_t area = h->header_size * h->cluster_size;
    struct imgprobe_reference *r;
    struct imgprobe_bytes name;
    enum imgprobe_status s;

    if (!(h->features & BACKING_FILE))
        return IMGPROBE_OK;
    if (h->backing_filename_offset + h->backing_filename_size > area)
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, ROW(backing_filename_offset), 0,
                                "the name doesn't lie in the header's clusters");
    if (h->backing_filename_size > MOST_NAME)
        return ip_fail_row(p, IMGPROBE_MALFORMED, ROW(backing_filename_size), 0, h->backing_filename_size, 0,
                           MOST_NAME);
    s = ip_bytes(p, "backing file name", h->backing_filename_offset, h->backing_filename_size, &name);
    if (s != IMGPROBE_OK)
        return s;
    if (ip_cut(name).length == 0)
        return ip_finding(p, FOUND_BACKING_NAME_EMPTY, h->backing_filename_offset,
                          "a backing file is announced and its name is empty, so it is none");
    s = ip_reference(p, IMGPROBE_ROLE_BACKING, name, h->backing_filename_offset, &r);
    if (s != IMGPROBE_OK || !(h->features & NO_PROBE))
        return s;
    ip_imply(r, "raw");
    return IMGPROBE_OK;
}

static enum imgprobe_status decode(struct probe *p)
{
    struct qed h = {0};
    enum imgprobe_status s = ip_decode(p, 0, header_rows, IP_COUNT(header_rows), &h);

    s = s ? s : check_header(p, &h);
    if (s != IMGPROBE_OK)
        return s;
    p->image->virtual_size = h.image_size;
    p->image->cluster_size = h.cluster_size;
    p->image->dirty = h.features & NEED_CHECK;
    if (h.compat_features != 0)
        s = ip_count(p, "compatible-unknown", false, h.compat_features);
    if (s == IMGPROBE_OK && h.autoclear_features != 0)
        s = ip_count(p, "autoclear-unknown", false, h.autoclear_features);
    return s ? s : add_backing(p, &h);
}

const struct format ip_qed = {
    .row =
        {
            .name = "qed",
            .qemu_name = "qed",
            .libvirt_name = "qed",
            .takes_backing = true,
            .tier = IMGPROBE_TIER_REFUSE,
            .why = "dead: qcow2 took its place, and a writer repairs it unasked",
            .deprecated = "by qcow2, whose lazy refcounts came with QEMU 1.2",
            .decoded = true,
            .compiled = IP_COMPILED(qed),
            .reads = 4,
            .bytes = 8192,
        },
    .parent = PARENT_NAMED,
    .magics = {{0, "QED\0", 4}},
    .driver = {.name = "qed", .class = DRIVER_FORMAT, .keys = ip_keys_backed, .reaches = IP_REACHES_NAMED},
    .decode = IP_COMPILED(qed) ? decode : NULL,
};
