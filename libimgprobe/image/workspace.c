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
    size_t used = ip_state(w)->results + ip_state(w)->ranges;

    if (used > w->most)
        w->most = used;
}

_Static_assert(_Alignof(struct imgprobe_image) <= _Alignof(struct ip_state), "what is aligned for one serves all");

/* The caller's memory may hold anything, and so may the state in it. The two ends must not meet. */
static bool sound(const struct imgprobe_workspace *w)
{
    const struct ip_state *state = ip_state(w);

    return state->results >= IP_FIRST_RESULT && state->results <= w->size &&
           state->ranges <= w->size - state->results;
}

bool ip_workspace_valid(const struct imgprobe_workspace *w)
{
    return w && ip_tail_zero(sizeof *w, w) && w->memory && (uintptr_t)w->memory % _Alignof(struct ip_state) == 0 &&
           w->size >= IP_FIRST_RESULT && (!w->pending || sound(w));
}

bool ip_workspace_holds(const struct imgprobe_workspace *w)
{
    return ip_workspace_valid(w) && sound(w);
}

void ip_workspace_begin(struct imgprobe_workspace *w)
{
    if (!w->pending)
        *ip_state(w) = (struct ip_state){.results = 0};
    ip_state(w)->results = IP_FIRST_RESULT;
    note_use(w);
}

void ip_workspace_clear(struct imgprobe_workspace *w)
{
    *ip_state(w) = (struct ip_state){.results = ip_state(w)->results};
    w->pending = 0;
}

void *ip_take(struct imgprobe_workspace *w, size_t size)
{
    struct ip_state *state = ip_state(w);
    unsigned char *memory = w->memory;

    if (!round_up(size, &size) || w->size < IP_FIRST_RESULT || size > w->size - state->ranges - state->results)
        return NULL;
    memory += state->results;
    state->results += size;
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

    if (round_up((size_t)((const unsigned char *)last - memory) + size, &end) && end < ip_state(w)->results)
        ip_state(w)->results = end;
}

static struct range *range_at(const struct imgprobe_workspace *w, size_t link)
{
    if (link == 0)
        return NULL;
    return (struct range *)(void *)((unsigned char *)w->memory + (link - 1));
}

/* What is read lies mostly behind what was read before, so the search begins with the last range. */
struct range *ip_range_below(const struct imgprobe_workspace *w, uint64_t offset, uint64_t *ret_next)
{
    struct range *range;

    *ret_next = UINT64_MAX;
    for (range = range_at(w, ip_state(w)->last_range); range && range->offset > offset;
         range = range_at(w, range->previous))
        *ret_next = range->offset;
    return range;
}

struct range *ip_take_range(struct imgprobe_workspace *w, uint64_t offset, size_t length)
{
    /* The top counts from the last aligned byte, so that every range is aligned whatever the caller's size is. */
    size_t top = w->size / ALIGNMENT * ALIGNMENT;
    size_t size = 0;
    struct ip_state *state = ip_state(w);
    struct range *range;

    if (w->size < IP_FIRST_RESULT || length > SIZE_MAX - sizeof *range || !round_up(sizeof *range + length, &size))
        return NULL;
    if (state->results + state->ranges > top || size > top - state->results - state->ranges)
        return NULL;
    state->ranges += size;
    range = range_at(w, top - state->ranges + 1);
    range->offset = offset;
    range->length = length;
    note_use(w);
    return range;
}

/* Ranges within the new one are dropped. So the order in which ranges begin is also the order in which they end. */
void ip_link_range(struct imgprobe_workspace *w, struct range *range)
{
    size_t *link = &ip_state(w)->last_range;
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
