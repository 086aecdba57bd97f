/* SPDX-License-Identifier: MIT */
/* What a raw image holds, as far as the windows say, which changes nothing of the answer. And whether an image of
 * another format has a second face. */
#include "image/image.h"

#include <string.h>

static enum imgprobe_status holds(struct probe *p, const struct content *row, const struct magic *magic, bool *ret)
{
    struct imgprobe_bytes found;
    uint64_t at;
    enum imgprobe_status s;

    *ret = false;
    if (!ip_magic_offset(p, magic, &at))
        return IMGPROBE_OK;
    s = ip_bytes(p, "magic", at, magic->length, &found);
    if (s != IMGPROBE_OK)
        return s;
    *ret = memcmp(found.bytes, magic->bytes, magic->length) == 0;
    return *ret && row->holds ? row->holds(p, at, ret) : IMGPROBE_OK;
}

/* A content with several magics is listed once, by the first of them that counts. */
static enum imgprobe_status add_row(struct probe *p, const struct content *row)
{
    size_t i;

    for (i = 0; i < IP_COUNT(row->magics) && row->magics[i].bytes; i++) {
        bool found;
        enum imgprobe_status s = holds(p, row, &row->magics[i], &found);

        if (s != IMGPROBE_OK)
            return s;
        if (found)
            return ip_word_of(p, &p->content_tail, row->name);
    }
    return IMGPROBE_OK;
}

enum imgprobe_status ip_content(struct probe *p)
{
    const struct imgprobe_word *m;
    enum imgprobe_status s = IMGPROBE_OK;
    size_t i;

    for (m = p->image->also_matches; s == IMGPROBE_OK && m; m = m->next)
        s = ip_word_of(p, &p->content_tail, m->name);
    for (i = 0; s == IMGPROBE_OK && i < ip_contents_count; i++)
        s = add_row(p, &ip_contents[i]);
    return s;
}

/* A qcow2 header in front of a disc is an example: readers of qcow2 and readers of discs each take the whole file. */
enum imgprobe_status ip_faces(struct probe *p, const struct format *format)
{
    enum imgprobe_status s = IMGPROBE_OK;
    size_t i;

    for (i = 0; s == IMGPROBE_OK && i < ip_contents_count; i++)
        if (ip_contents[i].face && !ip_go_together(format, ip_contents[i].name))
            s = add_row(p, &ip_contents[i]);
    if (s != IMGPROBE_OK || !p->image->content)
        return s;
    if (p->image->format_source == IMGPROBE_FORMAT_PROBED)
        return ip_fail_what(p, IMGPROBE_AMBIGUOUS, "format", IP_MIDDLE_OFFSET,
                            "it is a disc as well: say which it is, with -f FORMAT or -f raw");
    return ip_finding(p, FOUND_FORMAT_MISMATCH, IP_MIDDLE_OFFSET,
                      "the image is a disc as well: whoever wrote it may be trying to have it taken for that");
}
