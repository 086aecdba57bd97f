/* SPDX-License-Identifier: MIT */
/* One image: find its format, then decode it. */
#include "image/image.h"

#include <string.h>

/* One finding is enough: it says of the image that it has such a reference. */
static enum imgprobe_status note_ignored(struct probe *p)
{
    struct imgprobe_reference *r = p->image->references;

    while (r && !r->led.ignored)
        r = r->next;
    return !r ? IMGPROBE_OK : ip_finding(p, FOUND_REFERENCE_IGNORED_BY_READER, r->stated.offset, ip_own(r)->ignored);
}

/* Where the format keeps a parent's name elsewhere, an empty list doesn't mean that there is none. */
static enum imgprobe_status note_parent(struct probe *p, const struct format *format)
{
    return format->parent != PARENT_NOT_TOLD
               ? IMGPROBE_OK
               : ip_finding(p, FOUND_PARENT_NOT_TOLD, IMGPROBE_UNKNOWN,
                            "it may have a parent, of which nothing stands in the image");
}

/* The hook lists references as it finds them. They count only if all of it succeeded: a list that may be too short
 * is "cannot tell". */
static enum imgprobe_status decode(struct probe *p, const struct format *format, bool asked_inside)
{
    enum imgprobe_status s;

    if (!format->row.compiled)
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "format", IMGPROBE_UNKNOWN,
                            "recognised, and left out of this build: nothing is known of its references");
    if (!ip_reader_opens(p->reader, format->row.name))
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "format", IMGPROBE_UNKNOWN,
                            "the chosen reader doesn't open it, or was never compared: imgprobe formats --readers");
    if (!format->decode)
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "format", IMGPROBE_UNKNOWN,
                            "recognised and not decoded: nothing is known of its references");
    if (format->fallback && p->endless && p->image->format_source == IMGPROBE_FORMAT_PROBED) {
        s = ip_content(p);
        return s ? s : ip_inside_undecided(p);
    }
    if (p->inside)
        p->inside->asked_for_end = false; /* detection looks for trailers, which decide nothing behind a head */
    s = format->decode(p);
    s = s ? s : note_ignored(p);
    s = s ? s : note_parent(p, format);
    if (s == IMGPROBE_OK)
        s = format->fallback ? ip_content(p) : ip_faces(p, format);
    if (s == IMGPROBE_OK && asked_inside)
        s = ip_inside_decoded(p);
    if (s != IMGPROBE_OK || format->parent == PARENT_NOT_TOLD)
        p->image->references_state = IMGPROBE_REFERENCES_CANNOT_TELL;
    else
        p->image->references_state = p->image->references ? IMGPROBE_REFERENCES_KNOWN : IMGPROBE_REFERENCES_NONE;
    return s;
}

static void start(struct probe *p, const struct question *q, const struct imgprobe_source *source,
                  struct imgprobe_workspace *w, struct imgprobe_image *image)
{
    memset(p->tallies, 0, sizeof p->tallies);
    image->format_source = q->format ? q->format_source : IMGPROBE_FORMAT_PROBED;
    image->file_size = source->size;
    image->virtual_size = IMGPROBE_UNKNOWN;
    p->image = image;
    p->size = source->size;
    p->reader = q->reader;
    p->versions = q->versions;
    p->role = q->role;
    p->hint = q->hint;
    p->limits = q->limits;
    p->source = source;
    p->arrival = source->size == IMGPROBE_UNKNOWN ? q->arrival : NULL;
    p->workspace = w;
    p->head = p->middle = p->tail = p->last = (struct imgprobe_bytes){NULL, 0};
    p->endless = false;
    p->inside = NULL;
    p->reference_tail = &image->references;
    p->attribute_tail = &image->attributes;
    p->finding_tail = &image->findings;
    p->match_tail = &image->also_matches;
    p->content_tail = &image->content;
}

/* After NEED the results are made anew from the ranges that were kept. These aren't read again, so the counts of
 * reads and bytes go on. */
struct imgprobe_image *ip_probe(const struct question *question, const struct imgprobe_source *source,
                                struct imgprobe_workspace *w)
{
    struct imgprobe_image *image = ip_take(w, sizeof *image);
    const struct format *format;
    struct inflating inflating;
    struct probe p;
    enum imgprobe_status s;

    if (!image)
        return NULL;
    if (!w->pending)
        ip_workspace_clear(w);
    start(&p, question, source, w, image);
    ip_error(&image->error, IMGPROBE_OK, NULL, NULL);
    s = question->inside ? ip_inside(&p, &inflating) : IMGPROBE_OK;
    s = s ? s : ip_detect(&p, question->format, &format);
    s = s ? s : decode(&p, format, question->inside);
    if (s == IMGPROBE_OK && (s = ip_await_rest(&p)) != IMGPROBE_OK)
        image->references_state = IMGPROBE_REFERENCES_CANNOT_TELL;
    if (s == IMGPROBE_OK)
        ip_error(&image->error, IMGPROBE_OK, NULL, NULL);
    image->reads = p.inside ? p.inside->reads : ip_state(w)->reads;
    image->bytes = p.inside ? p.inside->taken : ip_state(w)->bytes;
    w->pending = s == IMGPROBE_NEED && !p.inside;
    return image;
}

enum imgprobe_status imgprobe_probe(const struct imgprobe_options *options, const struct imgprobe_source *source,
                                    struct imgprobe_workspace *workspace, struct imgprobe_image **ret_image)
{
    struct imgprobe_options asked;
    struct question q = {.format_source = IMGPROBE_FORMAT_PINNED, .role = IMGPROBE_ROLE_BACKING};
    struct imgprobe_source from;

    if (!source || !ret_image || !ip_options(options, &asked, &q.limits, &q.versions) ||
        !ip_workspace_valid(workspace) || !ip_struct(&from, sizeof from, sizeof from, source) || !from.read_at)
        return IMGPROBE_USAGE;
    q.format = asked.format ? ip_format_named(ip_string(asked.format)) : NULL;
    q.reader = asked.reader;
    q.inside = asked.inside;
    ip_workspace_begin(workspace);
    *ret_image = ip_probe(&q, &from, workspace);
    if (*ret_image && !workspace->pending)
        ip_workspace_clear(workspace);
    return *ret_image ? (*ret_image)->error.status : IMGPROBE_USAGE;
}
