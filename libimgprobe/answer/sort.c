/* SPDX-License-Identifier: MIT */
/* Sorts references by the member that each leads to, and by path. Whoever wrote the names knows every hash that we
 * could use here, and could make all of them collide. A merge sort has no worst case. */
#include "answer/answer.h"

#include <string.h>

int ip_order(const struct imgprobe_reference *a, const struct imgprobe_reference *b)
{
    size_t common = a->led.path.length < b->led.path.length ? a->led.path.length : b->led.path.length;
    int order;

    if (a->led.member->index != b->led.member->index)
        return a->led.member->index < b->led.member->index ? -1 : 1;
    order = memcmp(a->led.path.bytes, b->led.path.bytes, common);
    return order != 0 ? order : (a->led.path.length > b->led.path.length) - (a->led.path.length < b->led.path.length);
}

/* Of equal ones the first stays the first. */
static void merge(const struct imgprobe_reference *const *from, const struct imgprobe_reference **to, size_t middle,
                  size_t end)
{
    size_t a = 0, b = middle, i;

    for (i = 0; i < end; i++)
        to[i] = b == end || (a < middle && ip_order(from[a], from[b]) <= 0) ? from[a++] : from[b++];
}

void ip_sort(const struct imgprobe_reference **all, const struct imgprobe_reference **spare, size_t count)
{
    size_t width, at, left;

    for (width = 1; width < count; width *= 2) {
        for (at = 0; at < count; at += 2 * width) {
            left = count - at;
            merge(all + at, spare + at, width < left ? width : left, 2 * width < left ? 2 * width : left);
        }
        memcpy(all, spare, count * sizeof *all);
    }
}
