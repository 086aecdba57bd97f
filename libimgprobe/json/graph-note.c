/* SPDX-License-Identifier: MIT */
/* What is found on the way through a graph, and why it goes no further. */
#include "json/json.h"

#include <string.h>

void *ip_graph_take(struct graph *g, size_t size)
{
    return ip_room(g->place->w, size, g->place->error);
}

/* The sentence, and where in the name. No byte of the name gets into it. */
static const char *note_at(struct graph *g, const char *note, size_t offset)
{
    static const char where[] = ", at byte ";
    size_t length = strlen(note), i = 0;
    char digits[20], *text = ip_graph_take(g, length + sizeof where + sizeof digits);

    if (!text)
        return NULL;
    memcpy(text, note, length);
    memcpy(text + length, where, sizeof where - 1);
    length += sizeof where - 1;
    do {
        digits[i++] = (char)('0' + offset % 10);
        offset /= 10;
    } while (offset != 0);
    while (i > 0)
        text[length++] = digits[--i];
    return text;
}

enum imgprobe_status ip_graph_refuse(struct graph *g, const struct json *at, const char *reason, const char *note)
{
    const char *text = note_at(g, note, at->offset + strlen("json:"));

    g->r->protocol = NULL;
    g->r->resources = NULL;
    return text ? ip_unfollowed(g->r, IMGPROBE_KIND_NONE, reason, text) : IMGPROBE_LIMIT;
}

enum imgprobe_status ip_graph_resource(struct graph *g, enum imgprobe_kind kind, const struct json *name)
{
    struct imgprobe_reference t = {0};
    struct imgprobe_resource *resource;
    enum imgprobe_status s;

    if (!name || name->type != JSON_STRING || name->text.length == 0)
        return IMGPROBE_OK;
    resource = ip_graph_take(g, sizeof *resource);
    if (!resource)
        return IMGPROBE_LIMIT;
    s = ip_place_in_workdir(&t, g->place, name->text);
    if (s != IMGPROBE_OK)
        return s;
    resource->kind = kind;
    resource->path = t.path.bytes ? t.path : name->text;
    *g->resource_tail = resource;
    g->resource_tail = &resource->next;
    return IMGPROBE_OK;
}
