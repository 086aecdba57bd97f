/* SPDX-License-Identifier: MIT */
/* Where a protocol's data is served: "server" and its like in a json: name. */
#include "json/json.h"

#include <string.h>

/* The reader takes two words for a TCP address. */
static const char *transport_of(const struct json *from)
{
    static const char *const words[][2] = {
        {"inet", "tcp"}, {"tcp", "tcp"}, {"unix", "unix"}, {"rdma", "rdma"}, {"vsock", "vsock"},
    };
    const struct json *type = ip_json_get(from, "type");
    size_t i;

    for (i = 0; i < IP_COUNT(words); i++)
        if (ip_json_is(type, words[i][0]))
            return words[i][1];
    return NULL;
}

/* "path" is a socket only where the type says so or says nothing. */
enum imgprobe_status ip_graph_server(struct graph *g, const struct json *from, struct imgprobe_server *server)
{
    const struct json *socket = ip_json_get(from, "socket");

    server->transport = transport_of(from);
    if (!socket && (!server->transport || strcmp(server->transport, "unix") == 0))
        socket = ip_json_get(from, "path");
    if (server->transport && strcmp(server->transport, "unix") != 0)
        socket = NULL;
    if (socket) {
        server->transport = "unix";
        server->socket = ip_json_text(socket);
        return ip_graph_resource(g, IMGPROBE_KIND_SOCKET, socket);
    }
    server->host =
        ip_json_text_at(from, server->transport && strcmp(server->transport, "vsock") == 0 ? "cid" : "host");
    server->port = ip_json_text_at(from, "port");
    return IMGPROBE_OK;
}

/* "server": an object, or a list of them. */
enum imgprobe_status ip_graph_servers(struct graph *g, const struct json *servers, struct imgprobe_protocol *p)
{
    struct imgprobe_server *at = &p->server;
    enum imgprobe_status s;
    const struct json *m;

    if (!ip_json_holds(servers))
        return IMGPROBE_OK;
    if (!ip_json_holds(servers->members))
        return ip_graph_server(g, servers, at);
    for (m = servers->members; m; m = m->next) {
        if (m != servers->members) {
            at->next = ip_graph_take(g, sizeof *at);
            if (!at->next)
                return IMGPROBE_LIMIT;
            at = at->next;
        }
        s = ip_json_holds(m) ? ip_graph_server(g, m, at) : IMGPROBE_OK;
        if (s != IMGPROBE_OK)
            return s;
    }
    return IMGPROBE_OK;
}

/* "HOST:PORT". The host may stand in brackets. */
enum imgprobe_status ip_graph_portal(struct graph *g, struct imgprobe_bytes portal, struct imgprobe_server *server)
{
    size_t i = portal.length;

    while (i > 0 && portal.bytes[i - 1] != ':' && portal.bytes[i - 1] != ']')
        i--;
    if (i > 0 && portal.bytes[i - 1] == ':') {
        server->port = ip_part(portal, i, portal.length - i);
        portal.length = i - 1;
    }
    if (portal.length >= 2 && portal.bytes[0] == '[' && portal.bytes[portal.length - 1] == ']')
        portal = ip_part(portal, 1, portal.length - 2);
    /* copied, because a NUL must follow all bytes of an answer */
    return portal.bytes ? ip_join(g->place->w, &portal, 1, &server->host, g->place->error) : IMGPROBE_OK;
}
