/* SPDX-License-Identifier: MIT */
/* What a raw image holds, as far as the windows say, which changes nothing of the answer. And whether an image of
 * another format has a second face. */
#include "image/image.h"

#include <string.h>

/* What a kind of content is remarked with; without a message it isn't. */
struct remark {
    enum ip_found found;
    const char *message;
};
#define ARCHIVE                                                                                                      \
    {                                                                                                                \
        FOUND_CONTENT_ARCHIVE, "a guest would see the archive or container itself as its disk"                       \
    }
#define COMPRESSED                                                                                                   \
    {                                                                                                                \
        FOUND_CONTENT_COMPRESSED, "a guest would see the compressed bytes as its disk"                               \
    }
#define PROGRAM                                                                                                      \
    {                                                                                                                \
        FOUND_CONTENT_PROGRAM, "a guest would see the program itself as its disk"                                    \
    }
/* By the format that was probed, and by the one that was said: who says raw may mean a text to be a disk. */
static const struct remark probed[CONTENT_KINDS] = {
    [CONTENT_ARCHIVE] = ARCHIVE,
    [CONTENT_COMPRESSED] = COMPRESSED,
    [CONTENT_PROGRAM] = PROGRAM,
    [CONTENT_TEXT] = {FOUND_CONTENT_TEXT, "a guest would see the text as its disk"},
    [CONTENT_DESCRIPTOR] = {FOUND_OTHER_READER_DIFFERS,
                            "other readers take the text for a VMDK's descriptor, and open the files that it names"},
};
static const struct remark said[CONTENT_KINDS] = {
    [CONTENT_ARCHIVE] = ARCHIVE,
    [CONTENT_COMPRESSED] = COMPRESSED,
    [CONTENT_PROGRAM] = PROGRAM,
    [CONTENT_DESCRIPTOR] = {FOUND_FORMAT_MISMATCH,
                            "other readers take the text for a VMDK's descriptor: whoever wrote it may be trying to "
                            "have it taken for that; keep saying its format"},
};

static enum imgprobe_status holds(struct probe *p, const struct content *row, const struct magic *magic, uint64_t *at,
                                  bool *ret)
{
    struct imgprobe_bytes found;
    enum imgprobe_status s;

    *ret = false;
    if (!ip_magic_may_match(p, magic) || !ip_magic_offset(p, magic, at))
        return IMGPROBE_OK;
    s = ip_bytes(p, "magic", *at, magic->length, &found);
    if (s != IMGPROBE_OK)
        return s;
    *ret = magic->length == 0 || memcmp(found.bytes, magic->bytes, magic->length) == 0;
    return *ret && row->holds ? row->holds(p, *at, ret) : IMGPROBE_OK;
}

/* A content with several magics is listed once, by the first of them that counts. *ret_at is where that stands. */
static enum imgprobe_status add_row(struct probe *p, const struct content *row, bool *ret, uint64_t *ret_at)
{
    size_t i;

    for (i = 0; i < IP_COUNT(row->magics) && row->magics[i].bytes; i++) {
        enum imgprobe_status s = holds(p, row, &row->magics[i], ret_at, ret);

        if (s == IMGPROBE_NEED && p->arrival)
            *ret = false; /* the others may stand in what has come; the probe waits for this one at its end */
        else if (s != IMGPROBE_OK)
            return s;
        if (*ret)
            return ip_word_of(p, &p->content_tail, row->name);
    }
    return IMGPROBE_OK;
}

/* Says once of each kind what that is to a guest. */
static enum imgprobe_status remark(struct probe *p, enum content_kind kind, uint64_t at, bool *told)
{
    const struct remark *r = &(p->image->format_source == IMGPROBE_FORMAT_PROBED ? probed : said)[kind];

    if (!r->message || told[kind])
        return IMGPROBE_OK;
    told[kind] = true;
    return ip_finding(p, r->found, at, r->message);
}

enum imgprobe_status ip_content(struct probe *p)
{
    const struct imgprobe_word *m;
    enum imgprobe_status s = IMGPROBE_OK;
    bool told[CONTENT_KINDS] = {false};
    size_t i;

    for (m = p->image->also_matches; s == IMGPROBE_OK && m; m = m->next)
        s = ip_word_of(p, &p->content_tail, m->name);
    for (i = 0; s == IMGPROBE_OK && i < ip_contents_count; i++) {
        bool found = false;
        uint64_t at = 0;

        if (ip_contents[i].kind == CONTENT_TEXT && !ip_end_known(p))
            continue; /* it is one if there is nothing else, at the end neither */
        s = add_row(p, &ip_contents[i], &found, &at);
        if (s == IMGPROBE_OK && found)
            s = remark(p, ip_contents[i].kind, at, told);
    }
    return s;
}

/* A qcow2 header in front of a disc is an example: readers of qcow2 and readers of discs each take the whole file. */
enum imgprobe_status ip_faces(struct probe *p, const struct format *format)
{
    enum imgprobe_status s = IMGPROBE_OK;
    size_t i;

    if (!p->arrival && (p->middle.length < 2 || p->middle.bytes[1] == 0))
        return s; /* every disc has a letter there */
    for (i = 0; s == IMGPROBE_OK && i < ip_contents_count; i++)
        if (ip_contents[i].kind == CONTENT_DISC && ip_magic_may_match(p, &ip_contents[i].magics[0]) &&
            !ip_go_together(format, ip_contents[i].name))
            s = add_row(p, &ip_contents[i], &(bool){false}, &(uint64_t){0});
    if (s != IMGPROBE_OK || !p->image->content)
        return s;
    if (p->image->format_source == IMGPROBE_FORMAT_PROBED)
        return ip_fail_what(p, IMGPROBE_AMBIGUOUS, "format", IP_MIDDLE_OFFSET,
                            "it is a disc as well: say which it is, with -f FORMAT or -f raw");
    return ip_finding(p, FOUND_FORMAT_MISMATCH, IP_MIDDLE_OFFSET,
                      "the image is a disc as well: whoever wrote it may be trying to have it taken for that");
}
