/* SPDX-License-Identifier: MIT */
/* What qcow2's files share. */
#ifndef IP_QCOW2_H
#define IP_QCOW2_H

#include "format.h"

#define QCOW2_INCOMPATIBLE_DIRTY (UINT64_C(1) << 0)
#define QCOW2_INCOMPATIBLE_CORRUPT (UINT64_C(1) << 1)
#define QCOW2_INCOMPATIBLE_DATA_FILE (UINT64_C(1) << 2)
#define QCOW2_INCOMPATIBLE_COMPRESSION (UINT64_C(1) << 3)
#define QCOW2_INCOMPATIBLE_EXTENDED_L2 (UINT64_C(1) << 4)
#define QCOW2_INCOMPATIBLE_KNOWN UINT64_C(0x1f)
#define QCOW2_COMPATIBLE_LAZY_REFCOUNTS (UINT64_C(1) << 0)
#define QCOW2_AUTOCLEAR_BITMAPS (UINT64_C(1) << 0)
#define QCOW2_AUTOCLEAR_RAW_DATA (UINT64_C(1) << 1)
#define QCOW2_CRYPT_AES UINT64_C(1)
#define QCOW2_CRYPT_LUKS UINT64_C(2)

/* QEMU's largest image (BDRV_MAX_LENGTH) and tables (QCOW_MAX_L1_SIZE, QCOW_MAX_REFTABLE_SIZE). */
#define QCOW2_MOST_BYTES UINT64_C(0x7fffffffc0000000)
#define QCOW2_MOST_L1_ENTRIES UINT64_C(4194304)
#define QCOW2_MOST_REFCOUNT_TABLE UINT64_C(8388608)

struct qcow2 {
    uint64_t version, backing_file_offset, backing_file_size, cluster_bits, size, crypt_method;
    uint64_t l1_size, l1_table_offset, refcount_table_offset, refcount_table_clusters, nb_snapshots, snapshots_offset;
    uint64_t incompatible_features, compatible_features, autoclear_features, refcount_order, header_length;
    uint64_t compression_type;
    uint64_t cluster_size;
};

/* The header's rows: of both versions, and of version 3 alone. */
#define QCOW2_V2_ROWS 12
#define QCOW2_V3_ROWS 5
extern const struct field ip_qcow2_v2[QCOW2_V2_ROWS], ip_qcow2_v3[QCOW2_V3_ROWS];
extern const struct field ip_qcow2_compression[1]; /* for a header_length over 104 */
#define QCOW2_V2(name) IP_ROW(ip_qcow2_v2, struct qcow2, name)
#define QCOW2_V3(name) IP_ROW(ip_qcow2_v3, struct qcow2, name)

/* What the header extensions say. If a name is given twice, the last one counts. */
struct qcow2_extensions {
    struct imgprobe_bytes backing_format, data_file;
    uint64_t data_file_offset;
    struct imgprobe_bytes backing_word; /* the whole of what `backing_format` is cut from */
    bool crypto_header;
    bool ended;    /* by an extension that says so, and not by the end of their area */
    bool disagree; /* a name is given twice, in two ways */
};

enum imgprobe_status ip_qcow2_extensions(struct probe *p, const struct qcow2 *h, struct qcow2_extensions *ret);

enum imgprobe_status ip_qcow2_describe(struct probe *p, const struct qcow2 *h, const struct qcow2_extensions *e);

enum imgprobe_status ip_qcow2_data_file(struct probe *p, const struct qcow2 *h, const struct qcow2_extensions *e);
enum imgprobe_status ip_qcow2_backing(struct probe *p, const struct qcow2 *h, const struct qcow2_extensions *e);

/* imago: refuses what it refuses, of an image that is as QEMU wants it. */
enum imgprobe_status ip_qcow2_for_imago(struct probe *p, const struct qcow2 *h, const struct qcow2_extensions *e);

static inline bool ip_qcow2_has(const struct qcow2 *h, uint64_t incompatible)
{
    return (h->incompatible_features & incompatible) != 0;
}

#endif
