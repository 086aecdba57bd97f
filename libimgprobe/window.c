/* SPDX-License-Identifier: MIT */
/* A part of a file as a source: QEMU's raw driver with `offset` and `size`, beneath the format that decodes it. */
#include "engine.h"

static enum imgprobe_status read_part(void *context, uint64_t offset, void *buffer, size_t length)
{
    const struct window *window = context;
    const struct imgprobe_source *whole = &window->whole;
    uint64_t from, end;
    enum imgprobe_status s;

    if (!ip_add(offset, length, &end) || end > window->size || !ip_add(window->offset, offset, &from))
        return IMGPROBE_TRUNCATED;
    s = whole->read_at(whole->context, from, buffer, length);
    if (s == IMGPROBE_OK && whole->observe)
        whole->observe(whole->observer, from, buffer, length);
    return s;
}

/* The window, which is counted from the beginning of a thing of `room` bytes, must lie in it. */
static bool fits(struct window *window, uint64_t room, struct imgprobe_error *error)
{
    bool begins = window->offset <= room;

    if (begins && window->size == IMGPROBE_UNKNOWN)
        window->size = room - window->offset;
    if (begins && window->size <= room - window->offset)
        return true;
    ip_error_clear(error);
    error->status = IMGPROBE_TRUNCATED;
    error->field = begins ? "size of the raw layer" : "offset of the raw layer";
    error->found = begins ? window->size : window->offset;
    error->least = 0;
    error->most = begins ? room - window->offset : room;
    return false;
}

/* QEMU's raw_apply_options refuses a part that goes past the end; the outermost layer is a part of the next one. */
enum imgprobe_status ip_window(const struct imgprobe_layer *layers, struct imgprobe_source *source,
                               struct window *window, struct imgprobe_error *error)
{
    const struct imgprobe_layer *layer;
    bool any = false;

    *window = (struct window){*source, 0, IMGPROBE_UNKNOWN};
    for (layer = layers; layer; layer = layer->next) {
        if (!layer->beneath)
            continue;
        any = true;
        if (layer->size != IMGPROBE_UNKNOWN && !fits(window, layer->size, error))
            return IMGPROBE_TRUNCATED;
        if (!ip_add(window->offset, layer->offset, &window->offset))
            window->offset = IMGPROBE_UNKNOWN; /* past every end */
    }
    if (!any)
        return IMGPROBE_OK;
    if (source->size == IMGPROBE_UNKNOWN || !fits(window, source->size, error))
        return IMGPROBE_TRUNCATED;
    source->size = window->size;
    source->read_at = read_part;
    source->context = window;
    source->observe = NULL;
    return IMGPROBE_OK;
}
