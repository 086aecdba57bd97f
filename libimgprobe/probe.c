/* SPDX-License-Identifier: MIT */
/* One image: detect its format through the three windows, then decode it. */
#include "engine.h"

#include <string.h>

enum place_of_match { NOWHERE, AT_THE_END, AT_THE_HEAD };

/* Which rows the bytes match. The head is what an emulator looks at; a match at the end alone is a trailer. */
struct detection {
    const struct format *head, *trailer;
    size_t heads, trailers;
};

const struct format *ip_fallback(void)
{
    return ip_registry[ip_registry_count - 1];
}

static bool named(const struct format *format, struct imgprobe_bytes name)
{
    const char *const *alias;

    if (ip_equal(name, format->row.name) || (format->row.qemu_name && ip_equal(name, format->row.qemu_name)))
        return true;
    for (alias = format->aliases; alias && *alias; alias++)
        if (ip_equal(name, *alias))
            return true;
    return false;
}

const struct format *ip_format_named(struct imgprobe_bytes name)
{
    size_t i;

    for (i = 0; i < ip_registry_count; i++)
        if (named(ip_registry[i], name))
            return ip_registry[i];
    return NULL;
}

const struct imgprobe_format *imgprobe_format_at(size_t index)
{
    return index < ip_registry_count ? &ip_registry[index]->row : NULL;
}

const struct imgprobe_format *imgprobe_format_named(const char *name)
{
    const struct format *format = ip_format_named(ip_string(name));

    return format ? &format->row : NULL;
}

/* All windows are read before anything is compared, so that the reads don't depend on what matches. */
static enum imgprobe_status read_windows(struct probe *p)
{
    struct imgprobe_bytes window;
    enum imgprobe_status s = ip_bytes_up_to(p, 0, IP_HEAD_LENGTH, &window);

    if (s == IMGPROBE_OK && p->size == IMGPROBE_UNKNOWN)
        return ip_fail(p, IMGPROBE_NEED, "size", IMGPROBE_UNKNOWN, IMGPROBE_UNKNOWN, IP_TAIL_LENGTH,
                       IMGPROBE_UNKNOWN);
    if (s == IMGPROBE_OK)
        s = ip_bytes_up_to(p, IP_MIDDLE_OFFSET, IP_MIDDLE_LENGTH, &window);
    if (s == IMGPROBE_OK && p->size > 0)
        s = ip_bytes_up_to(p, p->size > IP_TAIL_LENGTH ? p->size - IP_TAIL_LENGTH : 0, IP_TAIL_LENGTH, &window);
    return s;
}

static bool magic_place(const struct probe *p, const struct magic *magic, uint64_t *ret)
{
    uint64_t back = (uint64_t)-magic->at;

    if (magic->at < 0 && back > p->size)
        return false;
    *ret = magic->at < 0 ? p->size - back : (uint64_t)magic->at;
    return *ret <= p->size && magic->length <= p->size - *ret;
}

static bool magic_matches(struct probe *p, const struct format *format, const struct magic *magic)
{
    struct imgprobe_bytes found;
    uint64_t at;

    if (!magic_place(p, magic, &at) || ip_bytes(p, "magic", at, magic->length, &found) != IMGPROBE_OK)
        return false;
    return memcmp(found.bytes, magic->bytes, magic->length) == 0 && (!format->matches || format->matches(p, at));
}

static enum place_of_match match(struct probe *p, const struct format *format)
{
    enum place_of_match best = NOWHERE;
    size_t i;

    for (i = 0; i < IP_COUNT(format->magics) && format->magics[i].length != 0; i++)
        if (best != AT_THE_HEAD && magic_matches(p, format, &format->magics[i]))
            best = format->magics[i].at < 0 ? AT_THE_END : AT_THE_HEAD;
    if (best == NOWHERE && format->text && format->text(p))
        best = AT_THE_HEAD;
    return best;
}

static enum imgprobe_status also_matches(struct probe *p, const struct format *format)
{
    struct imgprobe_match *m = ip_take(p->workspace, sizeof *m);

    if (!m)
        return ip_fail(p, IMGPROBE_LIMIT, "workspace", IMGPROBE_UNKNOWN, p->workspace->size, IMGPROBE_UNKNOWN,
                       IMGPROBE_UNKNOWN);
    m->format = &format->row;
    *p->match_tail = m;
    p->match_tail = &m->next;
    return IMGPROBE_OK;
}

static enum imgprobe_status detect(struct probe *p, struct detection *d)
{
    size_t i;

    for (i = 0; i < ip_registry_count; i++) {
        enum place_of_match place = match(p, ip_registry[i]);

        if (place == NOWHERE)
            continue;
        if (also_matches(p, ip_registry[i]) != IMGPROBE_OK)
            return IMGPROBE_LIMIT;
        if (place == AT_THE_HEAD && d->heads++ == 0)
            d->head = ip_registry[i];
        if (place == AT_THE_END && d->trailers++ == 0)
            d->trailer = ip_registry[i];
    }
    return IMGPROBE_OK;
}

/* What matches besides the format that was chosen. */
static void forget_match(struct probe *p, const struct format *chosen)
{
    struct imgprobe_match **m = &p->image->also_matches;

    while (*m && (*m)->format != &chosen->row)
        m = &(*m)->next;
    if (*m)
        *m = (*m)->next;
}

static enum imgprobe_status note_matches(struct probe *p, const struct detection *d, const struct format *chosen)
{
    size_t others = d->heads - (d->heads > 0 && match(p, chosen) == AT_THE_HEAD);

    forget_match(p, chosen);
    if (others > 0 && ip_finding(p, "format-mismatch", IMGPROBE_DANGER, 0,
                                 "the image also has another format's header: whoever wrote it may be trying to have "
                                 "it taken for that; keep saying its format") != IMGPROBE_OK)
        return IMGPROBE_LIMIT;
    if (d->trailers > 0 && d->trailer != chosen)
        return ip_finding(p, "trailer-also-matches", IMGPROBE_WARNING, p->size - IP_SECTOR,
                          "the end of the image is another format's trailer: say the format wherever it is used");
    return IMGPROBE_OK;
}

/* Unpinned: what the head says is what an emulator would take it for, unless two rows claim it. */
static enum imgprobe_status choose(struct probe *p, const struct detection *d, const struct format **ret)
{
    if (p->size == 0)
        return ip_fail_what(p, IMGPROBE_TRUNCATED, "image", 0, "it is empty");
    if (d->heads > 1)
        return ip_fail_what(p, IMGPROBE_AMBIGUOUS, "format", 0, "several formats match: say which with -f FORMAT");
    if (d->heads == 0 && d->trailers > 0)
        return ip_fail_what(p, IMGPROBE_AMBIGUOUS, "format", p->size - IP_SECTOR,
                            "only the end matches a format, so readers differ: say -f FORMAT, or -f raw");
    *ret = d->heads == 1 ? d->head : ip_fallback();
    return IMGPROBE_OK;
}

static enum imgprobe_status check_pinned(struct probe *p, const struct format *format)
{
    const struct magic *magic = &format->magics[0];
    struct imgprobe_bytes found;

    if (format->fallback || format->unmarked || match(p, format) != NOWHERE)
        return IMGPROBE_OK;
    if (magic->at >= 0 && p->size < (uint64_t)magic->at + magic->length)
        return ip_bytes(p, "magic", (uint64_t)magic->at, magic->length, &found);
    return ip_fail_what(p, IMGPROBE_MALFORMED, "magic", magic->at < 0 ? 0 : (uint64_t)magic->at,
                        "the image isn't of the format that it is said to be");
}

static enum imgprobe_status note_ignored(struct probe *p)
{
    const struct imgprobe_reference *r = p->image->references;

    while (r && !r->ignored)
        r = r->next;
    return !r ? IMGPROBE_OK
              : ip_finding(p, "reference-ignored-by-reader", IMGPROBE_DANGER, r->offset,
                           "the image refers to a file that the reader doesn't open: the guest would read zeros");
}

static enum imgprobe_status decode(struct probe *p, const struct format *format)
{
    enum imgprobe_status s;

    if (!format->decode)
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "format", IMGPROBE_UNKNOWN,
                            "recognised and not decoded: nothing is known of its references");
    s = format->decode(p);
    s = s ? s : note_ignored(p);
    if (s != IMGPROBE_OK)
        p->image->references_state = IMGPROBE_REFERENCES_CANNOT_TELL;
    else
        p->image->references_state = p->image->references ? IMGPROBE_REFERENCES_KNOWN : IMGPROBE_REFERENCES_NONE;
    return s;
}

static enum imgprobe_status probe(struct probe *p, const struct format *pinned)
{
    struct detection d = {NULL, NULL, 0, 0};
    const struct format *format = pinned;
    enum imgprobe_status s;

    if (pinned)
        p->image->format = &pinned->row;
    s = read_windows(p);
    if (s == IMGPROBE_OK)
        s = detect(p, &d);
    if (s == IMGPROBE_OK)
        s = pinned ? check_pinned(p, pinned) : choose(p, &d, &format);
    if (s != IMGPROBE_OK)
        return s;
    p->image->format = &format->row;
    s = note_matches(p, &d, format);
    return s == IMGPROBE_OK ? decode(p, format) : s;
}

static void start(struct probe *p, const struct question *q, const struct imgprobe_source *source,
                  struct imgprobe_workspace *w, struct imgprobe_image *image)
{
    image->format_source = q->format ? q->format_source : IMGPROBE_FORMAT_PROBED;
    image->file_size = source->size;
    image->virtual_size = IMGPROBE_UNKNOWN;
    p->image = image;
    p->size = source->size;
    p->reader = q->reader;
    p->role = q->role;
    p->hint = q->hint;
    p->limits = q->limits;
    p->source = source;
    p->workspace = w;
    p->reference_tail = &image->references;
    p->attribute_tail = &image->attributes;
    p->finding_tail = &image->findings;
    p->match_tail = &image->also_matches;
}

struct imgprobe_image *ip_probe(const struct question *question, const struct imgprobe_source *source,
                                struct imgprobe_workspace *w)
{
    struct imgprobe_image *image = ip_take(w, sizeof *image);
    struct probe p;
    enum imgprobe_status s;

    if (!image)
        return NULL;
    if (!w->pending)
        ip_workspace_clear(w);
    start(&p, question, source, w, image);
    ip_error_clear(&image->error);
    s = probe(&p, question->format);
    if (s == IMGPROBE_OK)
        ip_error_clear(&image->error);
    image->reads = w->reads;
    image->bytes = w->bytes;
    if (s == IMGPROBE_NEED)
        w->pending = 1;
    else
        ip_workspace_clear(w);
    return image;
}

enum imgprobe_status imgprobe_probe(const struct imgprobe_options *options, const struct imgprobe_source *source,
                                    struct imgprobe_workspace *workspace, struct imgprobe_image **ret_image)
{
    struct imgprobe_options asked;
    struct question q = {NULL, IMGPROBE_FORMAT_PINNED, IMGPROBE_READER_QEMU, IMGPROBE_ROLE_BACKING, NULL, {0}};
    struct imgprobe_source from;

    if (!source || !ret_image || !ip_options(options, &asked, &q.limits) || !ip_workspace_valid(workspace) ||
        !ip_struct(&from, sizeof from, source) || !from.read_at)
        return IMGPROBE_USAGE;
    q.format = asked.format ? ip_format_named(ip_string(asked.format)) : NULL;
    q.reader = asked.reader;
    workspace->results = 0;
    *ret_image = ip_probe(&q, &from, workspace);
    return *ret_image ? (*ret_image)->error.status : IMGPROBE_USAGE;
}
