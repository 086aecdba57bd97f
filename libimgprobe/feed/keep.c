/* SPDX-License-Identifier: MIT */
/* Which bytes of a stream are kept: the windows that every probe looks through, and the ranges that one asked for. */
#include "feed/feed.h"

#define ALIGNMENT _Alignof(struct kept_range)

static size_t smaller(uint64_t a, uint64_t b)
{
    return (size_t)(a < b ? a : b);
}

/* How many of the last bytes there are. */
static uint64_t tail_length(const struct ip_feed *f)
{
    return smaller(f->come, IP_TAIL_LENGTH);
}

/* Copies what the last bytes have from `offset` on. */
static size_t copy_tail(const struct ip_feed *f, uint64_t offset, unsigned char *buffer, size_t length)
{
    size_t from = (size_t)(offset % IP_TAIL_LENGTH), part, rest;

    if (offset >= f->come || f->come - offset > tail_length(f))
        return 0;
    length = smaller(length, f->come - offset);
    part = smaller(length, IP_TAIL_LENGTH - from);
    rest = length - part;
    memcpy(buffer, f->last + from, part);
    memcpy(buffer + part, f->last, rest);
    return length;
}

static struct kept_range *add(struct ip_feed *f, uint64_t offset, size_t length)
{
    size_t size = sizeof(struct kept_range) + length;
    struct kept_range *k = (struct kept_range *)(void *)((unsigned char *)f + f->used);

    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (length > f->size || size > f->size - f->used)
        return NULL;
    f->used += size;
    *k = (struct kept_range){.offset = offset, .length = length};
    *f->tail = k;
    f->tail = &k->next;
    f->keep_end = offset + length > f->keep_end ? offset + length : f->keep_end;
    return k;
}

void ip_keep_begin(struct ip_feed *f, size_t size)
{
    *f = (struct ip_feed){.size = size, .used = sizeof *f, .status = IMGPROBE_NEED};
    f->tail = &f->first;
    add(f, 0, IP_HEAD_LENGTH);
    add(f, IP_MIDDLE_OFFSET, IP_MIDDLE_LENGTH);
}

/* The range that has this byte, or will have it. */
static const struct kept_range *holder(const struct ip_feed *f, uint64_t offset)
{
    const struct kept_range *k = f->first;

    while (k && (offset < k->offset || offset - k->offset >= k->length))
        k = k->next;
    return k;
}

void ip_keep(struct ip_feed *f, uint64_t offset, uint64_t length)
{
    const struct kept_range *old;
    struct kept_range *k;
    uint64_t end;

    if (!ip_add(offset, length, &end))
        return;
    while (offset < end && (old = holder(f, offset)))
        offset = old->offset + old->length;
    if (offset >= end || f->come - smaller(offset, f->come) > tail_length(f) || end - offset > f->size)
        return;
    k = add(f, offset, (size_t)(end - offset));
    if (k)
        k->got = copy_tail(f, offset, k->bytes, k->length);
}

static void keep_tail(struct ip_feed *f, const unsigned char *bytes, size_t length)
{
    size_t skipped = length - smaller(length, IP_TAIL_LENGTH), to, part;

    to = (size_t)((f->come + skipped) % IP_TAIL_LENGTH);
    part = smaller(length - skipped, IP_TAIL_LENGTH - to);
    memcpy(f->last + to, bytes + skipped, part);
    memcpy(f->last, bytes + skipped + part, length - skipped - part);
}

void ip_keep_bytes(struct ip_feed *f, const unsigned char *bytes, size_t length)
{
    struct kept_range *k;

    for (k = f->come < f->keep_end ? f->first : NULL; k; k = k->next) {
        uint64_t at = k->offset + k->got; /* not before what has come, but in a range that is full */
        size_t part;

        if (k->got == k->length || at - f->come >= length)
            continue;
        part = smaller(length - (at - f->come), k->length - k->got);
        memcpy(k->bytes + k->got, bytes + (at - f->come), part);
        k->got += part;
    }
    keep_tail(f, bytes, length);
    f->come += length;
}

/* As many of the bytes from `offset` on as stand in one place. */
static size_t copy_some(const struct ip_feed *f, uint64_t offset, unsigned char *buffer, size_t length)
{
    const struct kept_range *k;

    for (k = f->first; k; k = k->next) {
        if (offset < k->offset || offset - k->offset >= k->got)
            continue;
        length = smaller(length, k->got - (offset - k->offset));
        memcpy(buffer, k->bytes + (offset - k->offset), length);
        return length;
    }
    return copy_tail(f, offset, buffer, length);
}

/* While the stream comes, what is asked for now will be asked for again at its end. */
enum imgprobe_status ip_kept_read(void *feed, uint64_t offset, void *buffer, size_t length)
{
    struct ip_feed *f = feed;
    unsigned char *to = buffer;

    if (!f->ended)
        ip_keep(f, offset, length); /* it may stand among the last bytes, which pass */
    if (offset > f->come || length > f->come - offset)
        return f->ended ? IMGPROBE_TRUNCATED : IMGPROBE_NEED;
    while (length > 0) {
        size_t part = copy_some(f, offset, to, length);

        if (part == 0)
            return IMGPROBE_LIMIT;
        offset += part;
        to += part;
        length -= part;
    }
    return IMGPROBE_OK;
}
