/* SPDX-License-Identifier: MIT */
/* Which format an image has: the three windows, every row of the registry, and what the caller says. */
#include "image/image.h"

#include <string.h>

enum match_at { NOWHERE, AT_THE_END, AT_THE_HEAD };

/* Which rows the bytes match. The head is what an emulator looks at; a match at the end alone is a trailer. */
struct detection {
    const struct format *head, *trailer;
    size_t heads, trailers;
    uint64_t trailer_at;
    bool open; /* of a stream that still comes: a row may yet match at the head */
};

/* All windows are read before anything is compared, so that the reads don't depend on what matches. */
static enum imgprobe_status read_windows(struct probe *p)
{
    struct imgprobe_bytes head = {NULL, 0}, middle = {NULL, 0}, tail = {NULL, 0};
    enum imgprobe_status s = ip_bytes_come(p, 0, IP_HEAD_LENGTH, &head);

    p->head = p->arrival && s == IMGPROBE_OK ? head : p->head;
    if (p->arrival)
        return s;
    if (s == IMGPROBE_OK && p->size == IMGPROBE_UNKNOWN)
        return ip_fail(p, IMGPROBE_NEED, "size", IMGPROBE_UNKNOWN, IMGPROBE_UNKNOWN, IP_TAIL_LENGTH,
                       IMGPROBE_UNKNOWN);
    if (s == IMGPROBE_OK && p->size > 0 && !p->endless)
        s = ip_bytes_up_to(p, p->size > IP_TAIL_LENGTH ? p->size - IP_TAIL_LENGTH : 0, IP_TAIL_LENGTH, &tail);
    if (s == IMGPROBE_OK)
        s = ip_bytes_up_to(p, IP_MIDDLE_OFFSET, IP_MIDDLE_LENGTH, &middle);
    if (s != IMGPROBE_OK)
        return s;
    p->head = head;
    p->middle = middle;
    p->tail = tail;
    return s;
}

/* Where the file is shorter than a magic's offset from the end, the difference would wrap to a large number. */
bool ip_magic_offset(const struct probe *p, const struct magic *magic, uint64_t *ret)
{
    uint64_t back = (uint64_t)-magic->at;

    if (magic->at < 0 && (back > p->size || !ip_end_known(p) || p->endless))
        return false;
    *ret = magic->at < 0 ? p->size - back : (uint64_t)magic->at;
    return *ret <= p->size && magic->length <= p->size - *ret;
}

/* A magic lies in one of the windows, so it was read before. What can't be read can't match. */
static bool magic_matches(struct probe *p, const struct format *format, const struct magic *magic, uint64_t *ret_at)
{
    struct imgprobe_bytes found;
    uint64_t at;

    if (!ip_magic_may_match(p, magic))
        return false;
    if (!ip_magic_offset(p, magic, &at) || ip_bytes(p, "magic", at, magic->length, &found) != IMGPROBE_OK)
        return false;
    if (memcmp(found.bytes, magic->bytes, magic->length) != 0 || (format->matches && !format->matches(p, at)))
        return false;
    *ret_at = at;
    return true;
}

/* Most formats end here: none of their magics begins as the bytes do. */
static inline bool may_match(const struct probe *p, const struct format *format)
{
    size_t i;

    for (i = 0; i < IP_COUNT(format->magics) && format->magics[i].length != 0; i++)
        if (ip_magic_may_match(p, &format->magics[i]))
            return true;
    return false;
}

/* The head counts for more than the end, since an emulator looks at the head alone. */
static enum match_at match_magics(struct probe *p, const struct format *format, uint64_t *ret_at)
{
    enum match_at best = NOWHERE;
    size_t i;

    for (i = 0; i < IP_COUNT(format->magics) && format->magics[i].length != 0; i++)
        if (best != AT_THE_HEAD && magic_matches(p, format, &format->magics[i], ret_at))
            best = format->magics[i].at < 0 ? AT_THE_END : AT_THE_HEAD;
    return best;
}

static enum match_at match(struct probe *p, const struct format *format, uint64_t *ret_at)
{
    enum match_at best = may_match(p, format) ? match_magics(p, format, ret_at) : NOWHERE;

    if (best == NOWHERE && format->text && format->text(p))
        return AT_THE_HEAD;
    if (best == NOWHERE && format->trailer && ip_end_known(p) && (*ret_at = format->trailer(p)) != IMGPROBE_UNKNOWN)
        return AT_THE_END;
    return best;
}

static enum imgprobe_status detect(struct probe *p, struct detection *d)
{
    size_t i;

    for (i = 0; i < ip_registry_count; i++) {
        const struct format *format = ip_registry[i];
        uint64_t at = 0, asked = ip_asked(p);
        enum match_at where = NOWHERE;
        enum imgprobe_status s = IMGPROBE_OK;

        if (format->text || format->trailer || may_match(p, format))
            where = match(p, format, &at);
        d->open = d->open || ip_asked(p) != asked;
        if (where == NOWHERE)
            continue;
        if (&format->row != p->image->format)
            s = ip_word_of(p, &p->match_tail, format->row.name);
        if (s != IMGPROBE_OK)
            return s;
        if (where == AT_THE_HEAD && d->heads++ == 0)
            d->head = format;
        if (where == AT_THE_END && d->trailers++ == 0) {
            d->trailer = format;
            d->trailer_at = at;
        }
    }
    return IMGPROBE_OK;
}

/* The list is of what matches besides the chosen format, so that one is taken out of it. */
static void forget_match(struct probe *p, const struct format *chosen)
{
    struct imgprobe_word **m = &p->image->also_matches;

    while (*m && (*m)->name != chosen->row.name)
        m = &(*m)->next;
    if (*m)
        *m = (*m)->next;
}

/* Counts the heads of other formats, but for those that an honest image has beside the chosen one. */
static size_t other_heads(struct probe *p, const struct detection *d, const struct format *chosen)
{
    const struct imgprobe_word *m;
    size_t others = d->heads;

    if (d->head == chosen || (others > 1 && match(p, chosen, &(uint64_t){0}) == AT_THE_HEAD))
        others--;

    for (m = p->image->also_matches; others > 0 && m; m = m->next)
        others -= ip_go_together(chosen, m->name);
    return others;
}

static enum imgprobe_status note_matches(struct probe *p, const struct detection *d, const struct format *chosen)
{
    enum imgprobe_status s = IMGPROBE_OK;

    forget_match(p, chosen);
    if (other_heads(p, d, chosen) > 0)
        s = ip_finding(p, FOUND_FORMAT_MISMATCH, 0,
                       "the image also has another format's header: whoever wrote it may be trying to have it taken "
                       "for that; keep saying its format");
    if (s != IMGPROBE_OK)
        return s;
    if (d->trailers > (d->trailer == chosen ? 1u : 0u))
        return ip_finding(p, FOUND_TRAILER_ALSO_MATCHES, d->trailer_at,
                          "the end of the image is another format's trailer: say the format wherever it is used");
    return IMGPROBE_OK;
}

/* Without a pinned format. An emulator goes by the head, so the head decides, unless two rows claim it. */
static enum imgprobe_status choose(struct probe *p, const struct detection *d, const struct format **ret)
{
    if (d->heads > 1)
        return ip_fail_what(p, IMGPROBE_AMBIGUOUS, "format", 0, "several formats match: say which with -f FORMAT");
    if (d->heads == 0 && d->trailers > 0)
        return ip_fail_what(p, IMGPROBE_AMBIGUOUS, "format", d->trailer_at, d->trailer->only_end);
    if (d->heads == 0 && d->open)
        return ip_await(p, "magic", 0, IP_HEAD_LENGTH);
    *ret = d->heads == 1 ? d->head : ip_fallback();
    return IMGPROBE_OK;
}

/* Of a stream that still comes, a format that doesn't match yet may do so later: at its head, if something was asked
 * for there, or at its end. */
static bool may_come(const struct format *format)
{
    size_t i;

    for (i = 0; i < IP_COUNT(format->magics); i++)
        if (format->magics[i].at < 0)
            return true;
    return format->trailer != NULL;
}

/* If the file ends before the magic would, the error is that it is too short, and not that the format is another. */
static enum imgprobe_status check_pinned(struct probe *p, const struct detection *d, const struct format *format)
{
    const struct magic *magic = &format->magics[0];
    struct imgprobe_bytes found;
    uint64_t at, asked = ip_asked(p);

    if (format->fallback || format->unmarked || d->head == format || match(p, format, &at) != NOWHERE)
        return IMGPROBE_OK;
    if (ip_asked(p) != asked)
        return ip_await(p, "magic", 0, IP_HEAD_LENGTH);
    if (p->arrival && may_come(format))
        return ip_await_end(p);
    if (magic->at >= 0 && p->size < (uint64_t)magic->at + magic->length)
        return ip_bytes(p, "magic", (uint64_t)magic->at, magic->length, &found);
    return ip_fail_what(p, IMGPROBE_MALFORMED, "magic", magic->at < 0 ? 0 : (uint64_t)magic->at,
                        "the image isn't of the format that it is said to be");
}

enum imgprobe_status ip_detect(struct probe *p, const struct format *pinned, const struct format **ret)
{
    struct detection d = {.heads = 0};
    enum imgprobe_status s;

    if (pinned)
        p->image->format = &pinned->row;
    s = read_windows(p);
    if (s == IMGPROBE_OK)
        s = detect(p, &d);
    *ret = pinned;
    if (s == IMGPROBE_OK)
        s = pinned ? check_pinned(p, &d, pinned) : choose(p, &d, ret);
    if (s != IMGPROBE_OK)
        return s;
    p->image->format = &(*ret)->row;
    return note_matches(p, &d, *ret);
}
