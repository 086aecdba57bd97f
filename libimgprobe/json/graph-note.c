/* SPDX-License-Identifier: MIT */
/* Notes what is found on the way through a graph, and why the way ends. */
#include "json/json.h"

#include <string.h>

void *ip_graph_take(struct graph *g, size_t size)
{
    return ip_room(g->place->w, size, g->place->error);
}

/* Makes a note of a sentence and where in the name it applies. No byte of the name gets into it. */
static enum imgprobe_status note_at(struct graph *g, const char *note, size_t offset, const char **ret)
{
    unsigned char digits[20];
    size_t i = sizeof digits;
    struct imgprobe_bytes parts[] = {ip_string(note), ip_string(", at byte "), {NULL, 0}}, text;
    enum imgprobe_status s;

    do {
        digits[--i] = (unsigned char)('0' + offset % 10);
        offset /= 10;
    } while (offset != 0);
    parts[2] = (struct imgprobe_bytes){digits + i, sizeof digits - i};
    s = ip_join(g->place->w, parts, IP_COUNT(parts), &text, g->place->error);
    if (s == IMGPROBE_OK)
        *ret = (const char *)text.bytes;
    return s;
}

/* What was found before is dropped, since it would be half of the truth. */
enum imgprobe_status ip_graph_refuse(struct graph *g, const struct json *at, const char *reason, const char *note)
{
    enum imgprobe_status s = note_at(g, note, at->offset + strlen("json:"), &note);

    g->r->led.protocol = NULL;
    g->r->led.resources = NULL;
    return s ? s : ip_unfollowed(g->r, IMGPROBE_KIND_NONE, reason, note);
}

enum imgprobe_status ip_graph_refuse_some(struct graph *g, const struct json *at, struct ip_when when,
                                          const char *note)
{
    enum imgprobe_status s = ip_versions_differ(g->place->w, g->place->versions, when, note, &note, g->place->error);

    ip_own(g->r)->differs = true;
    return s ? s : ip_graph_refuse(g, at, "versions-differ", note);
}

/* Without a working directory the name is listed as it is written. */
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
    resource->path = t.led.path.bytes ? t.led.path : name->text;
    *g->resource_tail = resource;
    g->resource_tail = &resource->next;
    return IMGPROBE_OK;
}
