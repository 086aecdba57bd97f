/* SPDX-License-Identifier: MIT */
/* Nodes above and beneath the one that decodes. */
#include "json/json.h"

enum imgprobe_status ip_graph_layer(struct graph *g, const struct json *node, const struct driver *driver)
{
    const struct json *offset = ip_json_get(node, "offset"), *size = ip_json_get(node, "size");
    struct imgprobe_layer *layer = ip_graph_take(g, sizeof *layer);

    if (!layer)
        return IMGPROBE_LIMIT;
    layer->driver = driver->name;
    layer->size = IMGPROBE_UNKNOWN;
    layer->beneath = g->decoder != NULL;
    if (driver->class == DRIVER_RAW) { /* ip_graph_bad_key has seen that these are numbers */
        if (offset)
            ip_graph_bytes(offset, &layer->offset);
        if (size)
            ip_graph_bytes(size, &layer->size);
        if (size && layer->size % IP_SECTOR != 0)
            return ip_graph_refuse(g, size, "unknown-value",
                                   "a part of a file has a size that isn't a multiple of 512");
    }
    *g->layer_tail = layer;
    g->layer_tail = &layer->next;
    return IMGPROBE_OK;
}

/* A second decoder would see the bytes of a disk, which aren't read here. */
enum imgprobe_status ip_graph_decoder(struct graph *g, const struct json *node, const struct driver *driver)
{
    const struct json *word = ip_json_get(node, "driver");

    if (g->decoder || g->r->role == IMGPROBE_ROLE_DATA_FILE)
        return ip_graph_refuse(g, node, "layer-hides-header",
                               "what this node decodes is decoded again: the inner image can't be looked into");
    g->decoder = node;
    if (word && !word->declared)
        g->r->led.format_source = IMGPROBE_FORMAT_DECLARED;
    if (word)
        g->r->led.format = ip_string(driver->name);
    return IMGPROBE_OK;
}

/* Where no node decodes, the outermost raw is the format. Its part of the file lies beneath it, as the parts of
 * others do. */
void ip_graph_raw_format(struct graph *g, const struct driver *last)
{
    struct imgprobe_layer *layer;
    bool found = false;

    if (g->decoder)
        return;
    for (layer = g->r->led.layers; layer; layer = layer->next) {
        found = found || ip_equal(ip_string(layer->driver), "raw");
        layer->beneath = found;
    }
    if (g->r->role != IMGPROBE_ROLE_BACKING)
        return;
    g->r->led.format = ip_string(found ? "raw" : last->name);
    if (g->r->led.format_source == IMGPROBE_FORMAT_PROBED)
        g->r->led.format_source = IMGPROBE_FORMAT_DECLARED;
}
