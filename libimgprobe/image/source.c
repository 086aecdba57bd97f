/* SPDX-License-Identifier: MIT */
/*
 * Bounded reads: the only code that asks a source for bytes. Each byte of an image is asked for once and decoded from
 * that copy, so a file that changes in between can't give two truths.
 */
#include "image/image.h"

#include <string.h>

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* One range is enough to look at. None lies within another, so of all that begin early enough the last one reaches
 * the farthest. */
static const struct range *range_covering(const struct imgprobe_workspace *w, uint64_t offset, uint64_t length)
{
    uint64_t next;
    const struct range *range = ip_range_below(w, offset, &next);

    if (range && offset - range->offset <= range->length && length <= range->length - (offset - range->offset))
        return range;
    return NULL;
}

/* The end that would be needed may not fit into 64 bits. The largest number but IMGPROBE_UNKNOWN then stands for
 * it. */
static enum imgprobe_status truncated(struct probe *p, const char *field, uint64_t offset, uint64_t length)
{
    uint64_t end;

    if (!ip_add(offset, length, &end))
        end = UINT64_MAX - 1;
    return ip_fail(p, IMGPROBE_TRUNCATED, field, smaller(offset, p->size), p->size, end, IMGPROBE_UNKNOWN);
}

/* The source had the bytes and didn't keep them: the range is the whole answer. */
static enum imgprobe_status passed(struct probe *p, const char *field, uint64_t offset, uint64_t length)
{
    ip_fail_what(p, IMGPROBE_LIMIT, field, offset,
                 "the stream went past that, and it wasn't kept: give the image as a file");
    p->image->error.least = length; /* as with NEED, a length */
    return IMGPROBE_LIMIT;
}

/* Calls the source once, within the limits. */
static enum imgprobe_status read_source(struct probe *p, const char *field, uint64_t offset, unsigned char *buffer,
                                        size_t length)
{
    struct ip_state *state = ip_state(p->workspace);
    enum imgprobe_status s;

    if (state->reads >= p->limits.image_reads)
        return ip_fail(p, IMGPROBE_LIMIT, "image_reads", offset, state->reads + 1, 0, p->limits.image_reads);
    if (length > p->limits.image_bytes - smaller(state->bytes, p->limits.image_bytes))
        return ip_fail(p, IMGPROBE_LIMIT, "image_bytes", offset, state->bytes + length, 0, p->limits.image_bytes);
    s = p->source->read_at(p->source->context, offset, buffer, length);
    if (s != IMGPROBE_OK && p->inside) {
        p->image->error = p->inside->error;
        return s;
    }
    if (s == IMGPROBE_NEED)
        return ip_fail(p, s, field, offset, IMGPROBE_UNKNOWN, length, IMGPROBE_UNKNOWN);
    state->reads++;
    if (s == IMGPROBE_LIMIT)
        return passed(p, field, offset, length);
    if (s == IMGPROBE_TRUNCATED)
        return ip_fail_what(p, s, field, offset, "the file is shorter than its size says");
    if (s != IMGPROBE_OK)
        return ip_fail_what(p, IMGPROBE_SYSTEM, field, offset, "the image can't be read");
    state->bytes += length;
    if (p->source->observe)
        p->source->observe(p->source->observer, offset, buffer, length);
    return IMGPROBE_OK;
}

/* Fills the range that was taken last. Bytes that an earlier range has are copied, and the others are asked of the
 * source. If the source doesn't have them all, what it gave is kept. A range with nothing new in it is left empty. */
static enum imgprobe_status fill(struct probe *p, const char *field, struct range *range)
{
    size_t length = range->length, done = 0;
    bool news = false;

    while (done < length) {
        uint64_t next, at = range->offset + done;
        const struct range *old = ip_range_below(p->workspace, at, &next);
        size_t part;

        if (old && at - old->offset < old->length) {
            part = (size_t)smaller(length - done, old->length - (at - old->offset));
            memcpy(range->bytes + done, old->bytes + (at - old->offset), part);
        } else {
            enum imgprobe_status s;

            part = (size_t)smaller(length - done, next - at);
            s = read_source(p, field, at, range->bytes + done, part);
            if (s != IMGPROBE_OK) {
                range->length = news ? done : 0;
                return s;
            }
            news = true;
        }
        done += part;
    }
    return IMGPROBE_OK;
}

/* Whether a window that was read has these bytes. `at` is the offset in the window: a huge one for what lies before
 * it. */
static inline bool within(const struct imgprobe_bytes *window, uint64_t at, uint64_t length,
                          struct imgprobe_bytes *ret)
{
    if (!window->bytes || length > window->length || at > window->length - length)
        return false;
    *ret = (struct imgprobe_bytes){window->bytes + at, (size_t)length};
    return true;
}

/* Bytes that were asked for before are given from the copy. So two looks at one byte agree, and cost one read. */
static enum imgprobe_status bytes_of_range(struct probe *p, const char *field, uint64_t offset, uint64_t length,
                                           struct imgprobe_bytes *ret)
{
    const struct range *range;
    struct range *fresh;
    size_t used = ip_state(p->workspace)->ranges;
    enum imgprobe_status s;

    if (offset > p->size || length > p->size - offset)
        return truncated(p, field, offset, length);
    range = range_covering(p->workspace, offset, length);
    if (!range) {
        if (length > p->limits.image_bytes)
            return ip_fail(p, IMGPROBE_LIMIT, field, offset, length, 0, p->limits.image_bytes);
        if (!ip_has_come(p, offset, length))
            return ip_await(p, field, offset, length);
        fresh = ip_take_range(p->workspace, offset, (size_t)length);
        if (!fresh)
            return ip_fail_full(p);
        s = fill(p, field, fresh);
        if (s != IMGPROBE_OK && fresh->length == 0)
            ip_state(p->workspace)->ranges = used;
        else
            ip_link_range(p->workspace, fresh);
        if (s != IMGPROBE_OK)
            return s;
        range = fresh;
    }
    p->last = (struct imgprobe_bytes){range->bytes, range->length};
    p->last_at = range->offset;
    ret->bytes = range->bytes + (offset - range->offset);
    ret->length = (size_t)length;
    return IMGPROBE_OK;
}

/* Most of what is asked lies in the head, or where the last was. No range needs to be looked for then. */
static inline bool at_hand(const struct probe *p, uint64_t offset, uint64_t length, struct imgprobe_bytes *ret)
{
    return within(&p->head, offset, length, ret) || within(&p->last, offset - p->last_at, length, ret);
}

enum imgprobe_status ip_bytes(struct probe *p, const char *field, uint64_t offset, uint64_t length,
                              struct imgprobe_bytes *ret)
{
    if (at_hand(p, offset, length, ret) || within(&p->tail, offset - (p->size - p->tail.length), length, ret))
        return IMGPROBE_OK;
    return bytes_of_range(p, field, offset, length, ret);
}

enum imgprobe_status ip_bytes_up_to(struct probe *p, uint64_t offset, uint64_t length, struct imgprobe_bytes *ret)
{
    if (at_hand(p, offset, length, ret))
        return IMGPROBE_OK;
    if (offset >= p->size) {
        ret->bytes = NULL;
        ret->length = 0;
        return IMGPROBE_OK;
    }
    length = smaller(length, p->size - offset);
    /* The file may end before a limit does. */
    if (!ip_has_come(p, offset, smaller(length, p->limits.image_bytes)))
        return ip_await(p, "window", offset, smaller(length, p->limits.image_bytes));
    return ip_bytes(p, "window", offset, length, ret);
}

static enum imgprobe_status read_buffer(void *context, uint64_t offset, void *buffer, size_t length)
{
    if (!context)
        return IMGPROBE_SYSTEM;
    memcpy(buffer, (const unsigned char *)context + offset, length);
    return IMGPROBE_OK;
}

void imgprobe_source_buffer(struct imgprobe_source *source, const void *bytes, size_t size)
{
    if (!source)
        return;
    memset(source, 0, sizeof *source);
    source->struct_size = sizeof *source;
    source->size = size;
    source->read_at = read_buffer;
    source->context = (void *)(uintptr_t)bytes;
}
