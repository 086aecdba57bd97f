/* SPDX-License-Identifier: MIT */
/* A part of a file as a source: QEMU's raw driver with `offset` and `size`, beneath the format that decodes it. */
#include "image/image.h"

#include <string.h>

/* QEMU takes a file's length for a multiple of sectors, and has zeros behind its end. */
static uint64_t room_of(const struct imgprobe_source *whole)
{
    uint64_t rest = whole->size % IP_SECTOR, end;

    return rest != 0 && ip_add(whole->size, IP_SECTOR - rest, &end) ? end : whole->size;
}

static enum imgprobe_status read_part(void *context, uint64_t offset, void *buffer, size_t length)
{
    struct slice *slice = context;
    const struct imgprobe_source *whole = &slice->whole;
    uint64_t from, end;
    enum imgprobe_status s;

    if (!ip_add(offset, length, &end) || end > slice->size || !ip_add(slice->offset, offset, &from))
        return IMGPROBE_TRUNCATED;
    end = from < whole->size ? whole->size - from : 0;
    if (end < length || from > whole->size) {
        memset((unsigned char *)buffer + end, 0, length - (size_t)end);
        slice->made_up += length - end;
        length = (size_t)end;
        if (length == 0)
            return IMGPROBE_OK;
    }
    s = whole->read_at(whole->context, from, buffer, length);
    if (s == IMGPROBE_OK && whole->observe)
        whole->observe(whole->observer, from, buffer, length);
    return s;
}

/* The part that is left, and every layer around it, must lie within `room` bytes. The farthest of them ends at
 * `end`. */
static bool fit(struct slice *slice, uint64_t end, uint64_t room, struct imgprobe_error *error)
{
    if (end > room) {
        ip_error(error, IMGPROBE_TRUNCATED,
                 slice->offset > room ? "offset of the raw layer" : "size of the raw layer", NULL);
        error->found = room;
        error->least = end;
        return false;
    }
    if (slice->size == IMGPROBE_UNKNOWN)
        slice->size = room - slice->offset;
    return true;
}

/* A sum that doesn't fit becomes IMGPROBE_UNKNOWN, which is past every end. */
static void move(uint64_t *number, uint64_t offset)
{
    if (!ip_add(*number, offset, number))
        *number = IMGPROBE_UNKNOWN;
}

/* QEMU's raw_apply_options refuses a part that goes past the end. The outermost layer comes first, and each is a part
 * of the next. */
enum imgprobe_status ip_slice(const struct imgprobe_layer *layers, struct imgprobe_source *source,
                              struct slice *slice, struct imgprobe_error *error)
{
    const struct imgprobe_layer *layer;
    uint64_t end = 0; /* where the layer before ends, which may be farther than what is seen of it */
    bool any = false;

    *slice = (struct slice){*source, 0, IMGPROBE_UNKNOWN, 0};
    for (layer = layers; layer; layer = layer->next) {
        if (!layer->beneath)
            continue;
        any = true;
        if (layer->size != IMGPROBE_UNKNOWN) {
            if (!fit(slice, end, layer->size, error))
                return IMGPROBE_TRUNCATED;
            end = layer->size;
        }
        move(&slice->offset, layer->offset);
        move(&end, layer->offset);
    }
    if (!any)
        return IMGPROBE_OK;
    if (source->size == IMGPROBE_UNKNOWN)
        return ip_error(error, IMGPROBE_TRUNCATED, "raw layer", "it is a part of a file whose size isn't known");
    if (!fit(slice, end, room_of(source), error)) {
        error->found = source->size;
        return IMGPROBE_TRUNCATED;
    }
    source->size = slice->size;
    source->read_at = read_part;
    source->context = slice;
    source->observe = NULL;
    return IMGPROBE_OK;
}
