/* SPDX-License-Identifier: MIT */
/* A stream that is judged while it comes: what has come, and what is asked of what hasn't. */
#include "image/image.h"

bool ip_has_come(const struct probe *p, uint64_t offset, uint64_t length)
{
    return !p->arrival || (offset <= p->arrival->come && length <= p->arrival->come - offset);
}

/* More than fits isn't noted. Such bytes may pass without being kept, and the answer is then that we cannot tell. */
static void note(struct ip_arrival *a, uint64_t offset, uint64_t length)
{
    size_t i;

    for (i = 0; i < a->want_count; i++)
        if (a->wants[i].offset == offset && a->wants[i].length == length)
            return;
    if (a->want_count < IP_WANTS)
        a->wants[a->want_count++] = (struct ip_want){offset, length};
}

enum imgprobe_status ip_await(struct probe *p, const char *field, uint64_t offset, uint64_t length)
{
    p->arrival->asked++;
    note(p->arrival, offset, length);
    return ip_fail(p, IMGPROBE_NEED, field, offset, IMGPROBE_UNKNOWN, length, IMGPROBE_UNKNOWN);
}

enum imgprobe_status ip_await_end(struct probe *p)
{
    return ip_fail(p, IMGPROBE_NEED, "size", IMGPROBE_UNKNOWN, IMGPROBE_UNKNOWN, IP_TAIL_LENGTH, IMGPROBE_UNKNOWN);
}

enum imgprobe_status ip_await_rest(struct probe *p)
{
    const struct ip_want *first = NULL;
    size_t i;

    if (!p->arrival)
        return IMGPROBE_OK;
    for (i = 0; i < p->arrival->want_count; i++) {
        const struct ip_want *want = &p->arrival->wants[i];

        if (!first || want->offset + want->length < first->offset + first->length)
            first = want;
    }
    return first ? ip_await(p, "window", first->offset, first->length) : ip_await_end(p);
}
