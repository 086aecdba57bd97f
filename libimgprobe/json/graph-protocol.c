/* SPDX-License-Identifier: MIT */
/* Nodes of a json: name that aren't plain files. Their keys say what they open on this host or another. */
#include "json/json.h"

#include <string.h>

/* Puts a slash between two words, where there are two. */
static enum imgprobe_status join(struct graph *g, struct imgprobe_bytes a, struct imgprobe_bytes b,
                                 struct imgprobe_bytes *ret)
{
    const struct imgprobe_bytes parts[] = {a, ip_string("/"), b};

    if (a.bytes && b.bytes)
        return ip_join(g->place->w, parts, IP_COUNT(parts), ret, g->place->error);
    *ret = a.bytes ? a : b;
    return IMGPROBE_OK;
}

/* The keys that name what is opened, and what of it lies on this host. */
static enum imgprobe_status fill_path(struct graph *g, const struct json *node, const struct driver *driver,
                                      struct imgprobe_protocol *p)
{
    enum imgprobe_status s = IMGPROBE_OK;
    size_t i;

    for (i = 0; s == IMGPROBE_OK && i < IP_COUNT(driver->path) && driver->path[i]; i++)
        s = join(g, p->path, ip_json_text_at(node, driver->path[i]), &p->path);
    if (s == IMGPROBE_OK && driver->local)
        s = ip_graph_resource(g, driver->kind, ip_json_get(node, driver->local));
    return s;
}

/* curl's drivers take a URL of their own protocol alone: block/curl.c, curl_open. */
static enum imgprobe_status fill_url(struct graph *g, const struct json *node, const struct driver *driver)
{
    const struct json *url = ip_json_get(node, "url");
    struct imgprobe_bytes text = ip_json_text(url), rest;
    size_t length = strlen(driver->name);

    rest = text.length > length + 3 ? ip_part(text, length, 3) : (struct imgprobe_bytes){NULL, 0};
    if (!url || !rest.bytes || !ip_equal(rest, "://") || memcmp(text.bytes, driver->name, length) != 0)
        return ip_graph_refuse(g, url ? url : node, "malformed-name", "it has no URL of its driver's protocol");
    return ip_protocol_name(g->r, g->place, text);
}

/* A driver that takes a "filename" reads it as a name of its protocol, if its other keys don't say where the data is.
 * Another driver misses the keys that it needs. */
static enum imgprobe_status fill_name(struct graph *g, const struct json *node, const struct driver *driver)
{
    const struct json *name = ip_json_get(node, "filename");
    enum imgprobe_status s;

    if (!driver->by_name || name->type != JSON_STRING || ip_json_get(node, driver->path[0]))
        return ip_graph_refuse(g, name, "malformed-name", "its driver takes no name of a file");
    s = ip_protocol_name(g->r, g->place, name->text);
    if (s != IMGPROBE_OK || (g->r->led.protocol && strcmp(g->r->led.protocol->scheme, driver->name) == 0))
        return s;
    return ip_graph_refuse(g, name, "malformed-name", "the name that it gives isn't one of its driver's");
}

static enum imgprobe_status new_protocol(struct graph *g, const struct driver *driver, struct imgprobe_protocol **ret)
{
    struct imgprobe_protocol *p = ip_graph_take(g, sizeof *p);

    if (!p)
        return IMGPROBE_LIMIT;
    p->scheme = driver->name;
    g->r->led.protocol = p;
    *ret = p;
    return IMGPROBE_OK;
}

static enum imgprobe_status fill(struct graph *g, const struct json *node, const struct driver *driver,
                                 struct imgprobe_protocol *p)
{
    const struct json *server = ip_json_get(node, "server");
    enum imgprobe_status s = IMGPROBE_OK;

    if (server) {
        s = ip_graph_servers(g, server, p);
    } else if (strcmp(p->scheme, "nbd") == 0) {
        s = ip_graph_server(g, node, &p->server);
    } else {
        p->server.host = ip_json_text_at(node, "host");
        p->server.port = ip_json_text_at(node, "port");
    }
    if (s == IMGPROBE_OK && ip_json_get(node, "portal"))
        s = ip_graph_portal(g, ip_json_text_at(node, "portal"), &p->server);
    p->user = ip_json_text_at(node, "user");
    p->has_password = ip_json_get(node, "password") != NULL;
    return s ? s : fill_path(g, node, driver, p);
}

static enum imgprobe_status conclude(struct graph *g, bool local)
{
    return local ? ip_unfollowed(g->r, IMGPROBE_KIND_SPECIAL, "special-reference",
                                 "it reaches things on this host otherwise than by a file name")
                 : ip_unfollowed(g->r, IMGPROBE_KIND_REMOTE, "remote-reference",
                                 "it leads to another host, which may name more");
}

enum imgprobe_status ip_graph_protocol(struct graph *g, const struct json *node, const struct driver *driver)
{
    struct imgprobe_protocol *p;
    enum imgprobe_status s;

    if (driver->class == DRIVER_URL)
        return fill_url(g, node, driver);
    if (driver->class == DRIVER_REMOTE && ip_json_get(node, "filename"))
        return fill_name(g, node, driver);
    s = new_protocol(g, driver, &p);
    s = s ? s : fill(g, node, driver, p);
    if (s != IMGPROBE_OK)
        return s;
    if (driver->local && driver->kind == IMGPROBE_KIND_BLOCK && g->r->led.resources)
        g->r->led.path = g->r->led.resources->path;
    return conclude(g, driver->class != DRIVER_REMOTE || p->server.socket.bytes);
}

static bool is_file_key(const struct json *value)
{
    return ip_equal(value->key, "filename") || ip_equal(value->key, "config") || ip_equal(value->key, "x-image") ||
           ip_equal(value->key, "x-raw");
}

enum imgprobe_status ip_graph_composite(struct graph *g, const struct json *node, const struct driver *driver)
{
    const struct json *at;
    struct imgprobe_protocol *p;
    enum imgprobe_status s = new_protocol(g, driver, &p);

    for (at = node; s == IMGPROBE_OK && at; at = ip_json_next(node, at)) {
        if (ip_equal(at->key, "read-only") && !ip_json_is(at, at->type == JSON_BOOL ? "true" : "on"))
            return ip_graph_refuse(g, at, "reference-asks-write", "it asks the reader to open a file for writing");
        if (at->type == JSON_STRING && is_file_key(at))
            s = ip_graph_resource(g, IMGPROBE_KIND_FILE, at);
        if (at->type == JSON_OBJECT && ip_equal(at->key, "server")) {
            struct imgprobe_protocol unused = {0};

            s = ip_graph_servers(g, at, &unused);
        }
    }
    return s ? s : conclude(g, true);
}
