/* SPDX-License-Identifier: MIT */
/* What qcow2's header says beyond sizes and names: QEMU docs/interop/qcow2.txt, "Feature bits", by its names. */
#include "qcow2.h"

enum word { INCOMPATIBLE, COMPATIBLE, AUTOCLEAR, WORDS };

static const struct {
    enum word word;
    uint64_t bit;
    const char *name;
} features[] = {
    {INCOMPATIBLE, QCOW2_INCOMPATIBLE_DIRTY, "incompatible-dirty"},
    {INCOMPATIBLE, QCOW2_INCOMPATIBLE_CORRUPT, "incompatible-corrupt"},
    {INCOMPATIBLE, QCOW2_INCOMPATIBLE_DATA_FILE, "incompatible-external-data-file"},
    {INCOMPATIBLE, QCOW2_INCOMPATIBLE_COMPRESSION, "incompatible-compression-type"},
    {INCOMPATIBLE, QCOW2_INCOMPATIBLE_EXTENDED_L2, "incompatible-extended-l2"},
    {COMPATIBLE, QCOW2_COMPATIBLE_LAZY_REFCOUNTS, "compatible-lazy-refcounts"},
    {AUTOCLEAR, QCOW2_AUTOCLEAR_BITMAPS, "autoclear-bitmaps"},
    {AUTOCLEAR, QCOW2_AUTOCLEAR_RAW_DATA, "autoclear-raw-external-data"},
};

/* Lists the bits that are set, and what remains of each word. Unknown incompatible bits were refused before. */
static enum imgprobe_status describe_features(struct probe *p, const struct qcow2 *h)
{
    uint64_t rest[WORDS] = {h->incompatible_features, h->compatible_features, h->autoclear_features};
    enum imgprobe_status s = IMGPROBE_OK;
    size_t i;

    for (i = 0; i < IP_COUNT(features); i++) {
        if (rest[features[i].word] & features[i].bit)
            s = s ? s : ip_bool(p, features[i].name, false, true);
        rest[features[i].word] &= ~features[i].bit;
    }
    if (rest[COMPATIBLE] != 0)
        s = s ? s : ip_count(p, "compatible-unknown", false, rest[COMPATIBLE]);
    if (rest[AUTOCLEAR] != 0)
        s = s ? s : ip_count(p, "autoclear-unknown", false, rest[AUTOCLEAR]);
    return s;
}

/* The facts that qemu-img prints as format-specific, by its names. */
enum imgprobe_status ip_qcow2_describe(struct probe *p, const struct qcow2 *h, const struct qcow2_extensions *e)
{
    enum imgprobe_status s = ip_word(p, "compat", true, h->version == 2 ? "0.10" : "1.1");

    s = s ? s : ip_word(p, "compression-type", true, h->compression_type == 1 ? "zstd" : "zlib");
    s = s ? s : ip_count(p, "refcount-bits", true, UINT64_C(1) << h->refcount_order);
    if (h->version == 3) {
        s = s ? s : ip_bool(p, "lazy-refcounts", true, h->compatible_features & QCOW2_COMPATIBLE_LAZY_REFCOUNTS);
        s = s ? s : ip_bool(p, "corrupt", true, ip_qcow2_has(h, QCOW2_INCOMPATIBLE_CORRUPT));
        s = s ? s : ip_bool(p, "extended-l2", true, ip_qcow2_has(h, QCOW2_INCOMPATIBLE_EXTENDED_L2));
        if (e->data_file.bytes)
            s = s ? s : ip_text(p, "data-file", true, ip_cut(e->data_file));
        if (ip_qcow2_has(h, QCOW2_INCOMPATIBLE_DATA_FILE))
            s = s ? s : ip_bool(p, "data-file-raw", true, h->autoclear_features & QCOW2_AUTOCLEAR_RAW_DATA);
    }
    if (h->crypt_method != 0)
        s = s ? s : ip_word(p, "encrypt.format", true, h->crypt_method == QCOW2_CRYPT_AES ? "aes" : "luks");
    s = s ? s : describe_features(p, h);
    s = s ? s : ip_count(p, "snapshots", false, h->nb_snapshots);
    return s || h->nb_snapshots == 0 ? s : ip_count(p, "snapshots-offset", false, h->snapshots_offset);
}
