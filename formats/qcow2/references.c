/* SPDX-License-Identifier: MIT */
/* The two files that a qcow2 image refers to: QEMU docs/interop/qcow2.txt, "Header"; limits by qcow2_do_open. */
#include "qcow2.h"

#define MOST_NAME UINT64_C(1023)

/* The data file is opened first, by a name that gets no directory; then the backing file. Without a data file QEMU
 * opens nothing that calls it raw, as soon as it is to read the disk's data. */
enum imgprobe_status ip_qcow2_data_file(struct probe *p, const struct qcow2 *h, const struct qcow2_extensions *e)
{
    struct imgprobe_reference *r;
    enum imgprobe_status s;

    if (!ip_qcow2_has(h, QCOW2_INCOMPATIBLE_DATA_FILE) && (h->autoclear_features & QCOW2_AUTOCLEAR_RAW_DATA))
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, QCOW2_V3(autoclear_features), 0,
                                "bit 1 says that a data file is raw, and there is no data file");
    if (!ip_qcow2_has(h, QCOW2_INCOMPATIBLE_DATA_FILE))
        return !e->data_file.bytes
                   ? IMGPROBE_OK
                   : ip_finding(p, FOUND_DATA_FILE_UNUSED, e->data_file_offset,
                                "a data file is named that isn't opened: incompatible bit 2 is clear");
    if (!e->data_file.bytes)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "external data file name", QCOW2_V3(incompatible_features)->offset,
                            "incompatible bit 2 wants a data file and none is named");
    s = ip_reference(p, IMGPROBE_ROLE_DATA_FILE, e->data_file, e->data_file_offset, &r);
    if (s != IMGPROBE_OK)
        return s;
    ip_imply(r, "raw");
    return IMGPROBE_OK;
}

enum imgprobe_status ip_qcow2_backing(struct probe *p, const struct qcow2 *h, const struct qcow2_extensions *e)
{
    struct imgprobe_reference *r;
    struct imgprobe_bytes name;
    uint64_t most = h->cluster_size - h->backing_file_offset; /* the offset was checked against it */
    enum imgprobe_status s;

    if (h->backing_file_offset == 0)
        return IMGPROBE_OK;
    if (h->backing_file_size > (most < MOST_NAME ? most : MOST_NAME))
        return ip_fail_row(p, IMGPROBE_MALFORMED, QCOW2_V2(backing_file_size), 0, h->backing_file_size, 0,
                           most < MOST_NAME ? most : MOST_NAME);
    s = ip_bytes(p, "backing file name", h->backing_file_offset, h->backing_file_size, &name);
    if (s != IMGPROBE_OK || name.length == 0)
        return s;
    if (name.bytes[0] == '\0')
        return ip_finding(p, FOUND_BACKING_NAME_EMPTY, h->backing_file_offset,
                          "the backing file's name begins with a NUL, so it is none");
    s = ip_reference(p, IMGPROBE_ROLE_BACKING, name, h->backing_file_offset, &r);
    if (s != IMGPROBE_OK || e->backing_format.length == 0)
        return s;
    s = ip_copy(p, e->backing_format, &r->stated.format);
    if (s == IMGPROBE_OK)
        r->stated.format_source = IMGPROBE_FORMAT_DECLARED;
    return s;
}
