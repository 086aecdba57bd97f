/* SPDX-License-Identifier: MIT */
/* The header of qcow2, as QEMU docs/interop/qcow2.txt, "Header", has it; limits by QEMU's qcow2_do_open. */
#include "qcow2.h"

/* clang-format off */
#define Q(...) FIELD(struct qcow2, __VA_ARGS__)
const struct field ip_qcow2_v2[QCOW2_V2_ROWS] = {
    /* at  type   name                     least  most             otherwise */
    Q(  4, U32BE, version,                     2, 3,               UNSUPPORTED),
    Q(  8, U64BE, backing_file_offset,         0, IP_ANY,          MALFORMED),
    Q( 16, U32BE, backing_file_size,           0, IP_ANY,          MALFORMED), /* counts only with an offset */
    Q( 20, U32BE, cluster_bits,                9, 21,              MALFORMED),
    Q( 24, U64BE, size,                        0, QCOW2_MOST_BYTES,      MALFORMED),
    Q( 32, U32BE, crypt_method,                0, 2,               UNSUPPORTED),
    Q( 36, U32BE, l1_size,                     0, QCOW2_MOST_L1_ENTRIES, MALFORMED),
    Q( 40, U64BE, l1_table_offset,             0, INT64_MAX,       MALFORMED),
    Q( 48, U64BE, refcount_table_offset,       0, INT64_MAX,       MALFORMED),
    Q( 56, U32BE, refcount_table_clusters,     1, IP_ANY,          MALFORMED),
    Q( 60, U32BE, nb_snapshots,                0, 65536,           MALFORMED),
    Q( 64, U64BE, snapshots_offset,            0, INT64_MAX,       MALFORMED),
};
const struct field ip_qcow2_v3[QCOW2_V3_ROWS] = {
    Q( 72, U64BE, incompatible_features,       0, QCOW2_INCOMPATIBLE_KNOWN, UNSUPPORTED), /* may bring a file */
    Q( 80, U64BE, compatible_features,         0, IP_ANY,          MALFORMED),
    Q( 88, U64BE, autoclear_features,          0, IP_ANY,          MALFORMED),
    Q( 96, U32BE, refcount_order,              0, 6,               MALFORMED),
    Q(100, U32BE, header_length,             104, 2097152,         MALFORMED), /* and the cluster size */
};
const struct field ip_qcow2_compression[1] = {
    Q(104, U8,    compression_type,            0, 1,               UNSUPPORTED),
};
/* clang-format on */
