/* SPDX-License-Identifier: MIT */
/* A stream that is judged while it comes. The places at which it is probed again depend on its bytes alone, so what
 * it comes to doesn't depend on the pieces in which they are given. */
#include "feed/feed.h"

#define STEP IP_SECTOR

_Static_assert(sizeof(struct ip_feed) + 2 * sizeof(struct kept_range) + IP_HEAD_LENGTH + IP_MIDDLE_LENGTH <=
                   IMGPROBE_FEED_SIZE(0),
               "the windows fit");

static struct ip_feed *own(const struct imgprobe_feed *feed)
{
    return feed->memory;
}

static uint64_t round_up(uint64_t offset)
{
    return offset > UINT64_MAX - STEP ? UINT64_MAX : (offset + STEP - 1) / STEP * STEP;
}

/* Where it is worth looking again: as soon as one of the ranges is there that were asked for, or a part of a text.
 * The parts grow with the text, since all of it is read again. */
static uint64_t next_look(const struct ip_feed *f, const struct ip_arrival *a)
{
    uint64_t next = UINT64_MAX, end;
    size_t i;

    for (i = 0; i < a->want_count; i++)
        if (ip_add(a->wants[i].offset, a->wants[i].length, &end) && end > f->come && end < next)
            next = end;
    if (a->text && next - f->come > STEP)
        next = f->come + (f->come < IP_HEAD_LENGTH ? STEP : f->come / 4);
    return round_up(next);
}

/* Probes and judges what has come. The workspace has the answer, and nothing else. */
static void look(struct imgprobe_feed *feed)
{
    struct ip_feed *f = own(feed);
    struct ip_arrival arrival = {.come = f->come};
    struct imgprobe_opened top = {.struct_size = sizeof top, .kind = IMGPROBE_KIND_FILE};
    enum imgprobe_status s;
    size_t i;

    top.allocated = IMGPROBE_UNKNOWN;
    top.source = (struct imgprobe_source){sizeof top.source, IMGPROBE_UNKNOWN, ip_kept_read, f, NULL, NULL};
    feed->workspace->pending = 0;
    feed->chain = NULL;
    feed->verdict = NULL;
    s = ip_chain_arriving(feed->options, &top, &arrival, feed->workspace, &feed->chain);
    feed->workspace->pending = 0;
    if (feed->chain && feed->chain->members)
        s = imgprobe_check(feed->check, feed->chain, feed->workspace, &feed->verdict);
    else if (s != IMGPROBE_USAGE)
        s = IMGPROBE_LIMIT;
    for (i = 0; i < arrival.want_count; i++)
        ip_keep(f, arrival.wants[i].offset, arrival.wants[i].length);
    f->look_at = next_look(f, &arrival);
    if (s != IMGPROBE_NEED || f->status == IMGPROBE_NEED)
        f->status = s;
    if (feed->verdict)
        feed->error = feed->verdict->error;
    else if (s == IMGPROBE_LIMIT)
        ip_error_full(&feed->error, feed->workspace);
}

static bool valid(const struct imgprobe_feed *feed)
{
    return feed && ip_tail_zero(sizeof *feed, feed) && feed->memory &&
           (uintptr_t)feed->memory % _Alignof(struct ip_feed) == 0 && feed->size >= IMGPROBE_FEED_SIZE(0) &&
           ip_workspace_valid(feed->workspace);
}

static enum imgprobe_status state(struct imgprobe_feed *feed)
{
    feed->received = own(feed)->come;
    feed->used = own(feed)->used;
    return own(feed)->status;
}

enum imgprobe_status imgprobe_feed_begin(struct imgprobe_feed *feed)
{
    if (!valid(feed))
        return IMGPROBE_USAGE;
    ip_keep_begin(own(feed), feed->size);
    ip_error(&feed->error, IMGPROBE_OK, NULL, NULL);
    look(feed);
    return state(feed);
}

enum imgprobe_status imgprobe_feed(struct imgprobe_feed *feed, const void *bytes, size_t length)
{
    const unsigned char *from = bytes;
    struct ip_feed *f;

    if (!valid(feed) || (!bytes && length > 0) || own(feed)->ended || own(feed)->status == IMGPROBE_USAGE)
        return IMGPROBE_USAGE;
    for (f = own(feed); length > 0;) {
        uint64_t rest = f->look_at - f->come;
        size_t part = rest < length ? (size_t)rest : length;

        ip_keep_bytes(f, from, part);
        from += part;
        length -= part;
        if (f->come == f->look_at)
            look(feed);
    }
    return state(feed);
}

enum imgprobe_status imgprobe_feed_end(struct imgprobe_feed *feed, struct imgprobe_opened *ret)
{
    if (!valid(feed) || !ret || own(feed)->status == IMGPROBE_USAGE)
        return IMGPROBE_USAGE;
    own(feed)->ended = true;
    *ret = (struct imgprobe_opened){.struct_size = sizeof *ret, .kind = IMGPROBE_KIND_FILE};
    ret->allocated = IMGPROBE_UNKNOWN;
    ret->source = (struct imgprobe_source){sizeof ret->source, own(feed)->come, ip_kept_read, own(feed), NULL, NULL};
    return IMGPROBE_OK;
}
