/* SPDX-License-Identifier: MIT */
/*
 * What imago refuses of a qcow2 that QEMU opens. Where it opens an image without understanding it, that is refused as
 * well. Which formats it knows for a backing file stands in its row of the readers.
 */
#include "qcow2.h"

static enum imgprobe_status check_features(struct probe *p, const struct qcow2 *h)
{
    if (h->incompatible_features & ~QCOW2_INCOMPATIBLE_DATA_FILE)
        return ip_fail_row_what(p, IMGPROBE_UNSUPPORTED, QCOW2_V3(incompatible_features), 0,
                                "imago knows a data file and no other feature: it refuses an image that is dirty, "
                                "corrupt, compressed by zstd or of extended L2 tables");
    if (h->crypt_method != 0)
        return ip_fail_row_what(p, IMGPROBE_UNSUPPORTED, QCOW2_V2(crypt_method), 0,
                                "imago doesn't look at that: the guest would see what is encrypted, and write plain "
                                "text into it");
    return IMGPROBE_OK;
}

/* imago goes on to read extensions where the name of the backing file begins. */
static enum imgprobe_status check_extensions(struct probe *p, const struct qcow2 *h, const struct qcow2_extensions *e)
{
    if (h->version == 3 && !e->ended)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "header extensions", h->header_length,
                            "none says that it is the last, so imago takes what follows for more of them");
    if (e->disagree)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "header extensions", h->header_length,
                            "one is given twice, in two ways: imago refuses that");
    return IMGPROBE_OK;
}

/* It gives the system the whole of a name, or fails. */
static bool is_name(struct imgprobe_bytes name)
{
    return name.length != 0 && ip_cut(name).length == name.length && ip_utf8_valid(name);
}

static bool knows(enum imgprobe_reader reader, struct imgprobe_bytes word)
{
    const char *const *known = ip_readers[reader]->declared;

    while (*known && !ip_equal(word, *known))
        known++;
    return *known != NULL;
}

static enum imgprobe_status check_backing(struct probe *p, const struct qcow2 *h, const struct qcow2_extensions *e)
{
    struct imgprobe_bytes name;
    enum imgprobe_status s;

    if (h->backing_file_offset == 0)
        return IMGPROBE_OK;
    if (h->backing_file_offset + h->backing_file_size >= h->cluster_size)
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, QCOW2_V2(backing_file_offset), 0,
                                "imago wants the name to end before the last byte of the first cluster");
    s = ip_bytes(p, "backing file name", h->backing_file_offset, h->backing_file_size, &name);
    if (s == IMGPROBE_OK && !is_name(name))
        return ip_fail_what(p, IMGPROBE_MALFORMED, "backing file name", h->backing_file_offset,
                            "it is empty, holds a NUL or isn't UTF-8: imago refuses that");
    if (s == IMGPROBE_OK && e->backing_word.bytes && !knows(p->reader, e->backing_word))
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "backing format name", IMGPROBE_UNKNOWN,
                            "imago knows the words qcow2, raw and file alone");
    return s;
}

enum imgprobe_status ip_qcow2_for_imago(struct probe *p, const struct qcow2 *h, const struct qcow2_extensions *e)
{
    enum imgprobe_status s = check_features(p, h);

    s = s ? s : check_extensions(p, h, e);
    if (s == IMGPROBE_OK && ip_qcow2_has(h, QCOW2_INCOMPATIBLE_DATA_FILE) && !is_name(e->data_file))
        return ip_fail_what(p, IMGPROBE_MALFORMED, "external data file name", e->data_file_offset,
                            "it is empty, holds a NUL or isn't UTF-8: imago refuses that");
    return s ? s : check_backing(p, h, e);
}
