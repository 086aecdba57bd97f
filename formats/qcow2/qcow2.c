/* SPDX-License-Identifier: MIT */
/* qcow2 versions 2 and 3: what rows can't say of the header, by QEMU's qcow2_do_open. */
#include "qcow2.h"

static enum imgprobe_status decode_header(struct probe *p, struct qcow2 *h)
{
    enum imgprobe_status s = ip_decode(p, 0, ip_qcow2_v2, IP_COUNT(ip_qcow2_v2), h);

    if (s != IMGPROBE_OK)
        return s;
    h->cluster_size = UINT64_C(1) << h->cluster_bits; /* 9 to 21, by its row */
    if (h->version == 2) {
        h->refcount_order = 4;
        h->header_length = 72;
        return IMGPROBE_OK;
    }
    s = ip_decode(p, 0, ip_qcow2_v3, IP_COUNT(ip_qcow2_v3), h);
    if (s == IMGPROBE_OK && h->header_length > h->cluster_size)
        return ip_fail_row(p, IMGPROBE_MALFORMED, QCOW2_V3(header_length), 0, h->header_length, 104, h->cluster_size);
    if (s == IMGPROBE_OK && h->header_length > 104)
        s = ip_decode(p, 0, ip_qcow2_compression, 1, h);
    if (s == IMGPROBE_OK && h->header_length > p->size)
        return ip_fail(p, IMGPROBE_TRUNCATED, "header", 0, p->size, h->header_length, IMGPROBE_UNKNOWN);
    return s;
}

static enum imgprobe_status check_table(struct probe *p, const struct qcow2 *h, const struct field *row,
                                        uint64_t offset, uint64_t bytes)
{
    if (offset % h->cluster_size != 0)
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, row, 0, "isn't a multiple of the cluster size");
    if (bytes > INT64_MAX - offset)
        return ip_fail_row(p, IMGPROBE_MALFORMED, row, 0, offset, 0, INT64_MAX - bytes);
    if (bytes != 0 && (offset > p->size || bytes > p->size - offset))
        return ip_fail_end(p, row, 0, offset + bytes);
    return IMGPROBE_OK;
}

/* An L1 entry maps as many clusters as an L2 table has entries. An extended L2 table has half as many. */
static enum imgprobe_status check_l1(struct probe *p, const struct qcow2 *h)
{
    uint64_t bits = 2 * h->cluster_bits - (ip_qcow2_has(h, QCOW2_INCOMPATIBLE_EXTENDED_L2) ? 4 : 3);
    uint64_t needed = (h->size >> bits) + ((h->size & ((UINT64_C(1) << bits) - 1)) != 0);

    if (h->l1_size < needed)
        return ip_fail_row(p, IMGPROBE_MALFORMED, QCOW2_V2(l1_size), 0, h->l1_size, needed, QCOW2_MOST_L1_ENTRIES);
    return check_table(p, h, QCOW2_V2(l1_table_offset), h->l1_table_offset, h->l1_size * 8);
}

static enum imgprobe_status check_header(struct probe *p, const struct qcow2 *h)
{
    uint64_t most = QCOW2_MOST_REFCOUNT_TABLE >> h->cluster_bits;
    enum imgprobe_status s;

    if (h->backing_file_offset > h->cluster_size)
        return ip_fail_row(p, IMGPROBE_MALFORMED, QCOW2_V2(backing_file_offset), 0, h->backing_file_offset, 0,
                           h->cluster_size);
    if (h->compression_type != (ip_qcow2_has(h, QCOW2_INCOMPATIBLE_COMPRESSION) ? 1 : 0))
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, ip_qcow2_compression, 0, "doesn't go with incompatible bit 3");
    if (ip_qcow2_has(h, QCOW2_INCOMPATIBLE_EXTENDED_L2) && h->cluster_bits < 14)
        return ip_fail_row(p, IMGPROBE_MALFORMED, QCOW2_V2(cluster_bits), 0, h->cluster_bits, 14, 21);
    if (h->refcount_table_clusters > most)
        return ip_fail_row(p, IMGPROBE_MALFORMED, QCOW2_V2(refcount_table_clusters), 0, h->refcount_table_clusters, 1,
                           most);
    s = check_table(p, h, QCOW2_V2(refcount_table_offset), h->refcount_table_offset, 1);
    if (s == IMGPROBE_OK)
        s = check_table(p, h, QCOW2_V2(snapshots_offset), h->snapshots_offset, h->nb_snapshots);
    return s == IMGPROBE_OK ? check_l1(p, h) : s;
}

static enum imgprobe_status decode(struct probe *p)
{
    struct qcow2 h = {0};
    struct qcow2_extensions e = {0};
    enum imgprobe_status s = decode_header(p, &h);

    s = s ? s : check_header(p, &h);
    s = s ? s : ip_qcow2_extensions(p, &h, &e);
    if (s != IMGPROBE_OK)
        return s;
    p->image->variant = h.version == 2 ? "compat 0.10" : "compat 1.1";
    p->image->virtual_size = h.size / IP_SECTOR * IP_SECTOR;
    p->image->cluster_size = h.cluster_size;
    p->image->encrypted = h.crypt_method != 0;
    p->image->dirty = ip_qcow2_has(&h, QCOW2_INCOMPATIBLE_DIRTY);
    p->image->read_only = ip_qcow2_has(&h, QCOW2_INCOMPATIBLE_CORRUPT);
    if (h.size % IP_SECTOR != 0)
        s = ip_finding(p, FOUND_SIZE_NOT_SECTOR_MULTIPLE, QCOW2_V2(size)->offset,
                       "the size isn't a multiple of 512: QEMU leaves what is over out");
    s = s ? s : ip_qcow2_describe(p, &h, &e);
    s = s ? s : ip_qcow2_data_file(p, &h, &e);
    s = s ? s : ip_qcow2_backing(p, &h, &e);
    return s || p->reader != IMGPROBE_READER_IMAGO ? s : ip_qcow2_for_imago(p, &h, &e);
}

/* Version 1 is another format. Any other version is ours to refuse, though QEMU takes 0 for raw. */
static bool matches(struct probe *p, uint64_t at)
{
    struct imgprobe_bytes version;

    return ip_bytes_up_to(p, at + 4, 4, &version) == IMGPROBE_OK && ip_number(version, 0, IP_U32BE) != 1;
}

/* clang-format off */
static const struct key overlap_keys[] = {
    KEY_OF("template", "|none|constant|cached|all|"),
    KEY("main-header", BOOL),
    KEY("active-l1", BOOL),
    KEY("active-l2", BOOL),
    KEY("refcount-table", BOOL),
    KEY("refcount-block", BOOL),
    KEY("snapshot-table", BOOL),
    KEY("inactive-l1", BOOL),
    KEY("inactive-l2", BOOL),
    KEY("bitmap-directory", BOOL),
    KEYS_END
};
/* Without l2-cache-entry-size: which values it may have depends on the image. */
static const struct key keys[] = {
    KEY("file", CHILD),
    KEY("backing", CHILD),
    KEY("data-file", CHILD),
    KEY_WITH("encrypt", ip_keys_encrypt),
    KEY_NEWER("lazy-refcounts", "compat 0.10", 0, 0),
    KEY("pass-discard-request", BOOL),
    KEY("pass-discard-snapshot", BOOL),
    KEY("pass-discard-other", BOOL),
    KEY_NEWER("discard-no-unref", "compat 0.10", 8, 1),
    KEY_OF("overlap-check", "|none|constant|cached|all|"),
    KEY_WITH("overlap-check", overlap_keys),
    KEY("cache-size", SIZE),
    KEY_WITHIN("l2-cache-size", "cache-size"),
    KEY_WITHIN("refcount-cache-size", "cache-size"),
    KEY("cache-clean-interval", U32),
    KEYS_END
};
/* clang-format on */

const struct format ip_qcow2 = {
    .row =
        {
            .name = "qcow2",
            .qemu_name = "qcow2",
            .libvirt_name = "qcow2",
            .takes_backing = true,
            .rebases = true,
            .tier = IMGPROBE_TIER_GUEST,
            .why = "emulators keep it as a security boundary",
            .deprecated_use = "its AES encryption, by LUKS since QEMU 2.3",
            .decoded = true,
            .compiled = IP_COMPILED(qcow2),
            .reads = 4,
            .bytes = 8192,
        },
    .parent = PARENT_NAMED,
    .magics = {{0, "QFI\xfb", 4}},
    .matches = matches,
    .driver = {.name = "qcow2", .class = DRIVER_FORMAT, .keys = keys, .reaches = IP_REACHES_NAMED},
    .compresses = true,
    .decode = IP_COMPILED(qcow2) ? decode : NULL,
};
