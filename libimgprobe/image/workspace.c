/* SPDX-License-Identifier: MIT */
/* The caller's memory, from both ends: results upward from the bottom, ranges of the image downward from the top. */
#include "image/image.h"

#include <string.h>

#define ALIGNMENT sizeof(max_align_t)

static bool round_up(size_t size, size_t *ret)
{
    if (size > SIZE_MAX - (ALIGNMENT - 1))
        return false;
    *ret = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return true;
}

static void note_use(struct imgprobe_workspace *w)
{
    size_t used = w->results + w->ranges;

    if (used > w->most)
        w->most = used;
}

bool ip_workspace_valid(const struct imgprobe_workspace *w)
{
    return w && w->struct_size >= sizeof *w && ip_tail_zero(sizeof *w, w) && w->memory &&
           (uintptr_t)w->memory % _Alignof(max_align_t) == 0 && w->results <= w->size &&
           w->ranges <= w->size - w->results;
}

void ip_workspace_clear(struct imgprobe_workspace *w)
{
    w->ranges = 0;
    w->last_range = 0;
    w->pending = 0;
    w->reads = 0;
    w->bytes = 0;
}

void *ip_take(struct imgprobe_workspace *w, size_t size)
{
    unsigned char *memory = w->memory;

    if (!round_up(size, &size) || size > w->size - w->ranges - w->results)
        return NULL;
    memory += w->results;
    w->results += size;
    note_use(w);
    return memset(memory, 0, size);
}

void *ip_room(struct imgprobe_workspace *w, size_t size, struct imgprobe_error *error)
{
    void *memory = ip_take(w, size);

    if (!memory)
        ip_error_full(error, w);
    return memory;
}

void ip_trim(struct imgprobe_workspace *w, const void *last, size_t size)
{
    const unsigned char *memory = w->memory;
    size_t end;

    if (round_up((size_t)((const unsigned char *)last - memory) + size, &end) && end < w->results)
        w->results = end;
}

static struct range *range_at(const struct imgprobe_workspace *w, size_t place)
{
    if (place == 0)
        return NULL;
    return (struct range *)(void *)((unsigned char *)w->memory + (place - 1));
}

struct range *ip_range_below(const struct imgprobe_workspace *w, uint64_t offset, uint64_t *ret_next)
{
    struct range *range;

    *ret_next = UINT64_MAX;
    for (range = range_at(w, w->last_range); range && range->offset > offset; range = range_at(w, range->previous))
        *ret_next = range->offset;
    return range;
}

struct range *ip_take_range(struct imgprobe_workspace *w, uint64_t offset, size_t length)
{
    /* The top counts from the last aligned byte, so that every range is aligned whatever the caller's size is. */
    size_t top = w->size / ALIGNMENT * ALIGNMENT;
    size_t size = 0;
    struct range *range;

    if (length > SIZE_MAX - sizeof *range || !round_up(sizeof *range + length, &size))
        return NULL;
    if (w->results + w->ranges > top || size > top - w->results - w->ranges)
        return NULL;
    w->ranges += size;
    range = range_at(w, top - w->ranges + 1);
    range->offset = offset;
    range->length = length;
    note_use(w);
    return range;
}

void ip_link_range(struct imgprobe_workspace *w, struct range *range)
{
    size_t *link = &w->last_range;
    struct range *old;

    while ((old = range_at(w, *link)) != NULL && old->offset >= range->offset) {
        if (old->offset + old->length <= range->offset + range->length)
            *link = old->previous;
        else
            link = &old->previous;
    }
    range->previous = *link;
    *link = (size_t)((unsigned char *)range - (unsigned char *)w->memory) + 1;
}
