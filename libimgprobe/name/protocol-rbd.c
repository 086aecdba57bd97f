/* SPDX-License-Identifier: MIT */
/* QEMU's block/rbd.c, qemu_rbd_parse_filename: "POOL/[NAMESPACE/]IMAGE[@SNAPSHOT][:KEY=VALUE]...", where a backslash
 * takes the meaning from the letter behind it. Each divider is looked for up to the end of the name, whatever
 * stands before it. */
#include "name/name.h"

#include <string.h>

static size_t find(struct imgprobe_bytes text, unsigned char c)
{
    size_t i;

    for (i = 0; i < text.length && text.bytes[i] != c; i++)
        if (text.bytes[i] == '\\' && i + 1 < text.length)
            i++;
    return i < text.length ? i : text.length;
}

/* Gives what stands before the divider, and leaves in *text what stands behind. Without a divider it gives all, and
 * returns false. */
static bool take(struct imgprobe_bytes *text, unsigned char c, struct imgprobe_bytes *ret)
{
    size_t at = find(*text, c);
    bool found = at < text->length;

    *ret = ip_naming_between(*text, 0, at);
    *text = ip_naming_between(*text, found ? at + 1 : at, text->length);
    return found;
}

static struct imgprobe_bytes unescape(struct naming *n, struct imgprobe_bytes text)
{
    struct imgprobe_bytes copy = {NULL, 0};
    unsigned char *memory = ip_naming_take(n, text.length + 1);
    size_t i;

    if (!memory)
        return copy;
    for (i = 0; i < text.length; i++) {
        if (text.bytes[i] == '\\' && i + 1 < text.length)
            i++;
        memory[copy.length++] = text.bytes[i];
    }
    copy.bytes = memory;
    return copy;
}

/* A key to the store is a password. It is hidden wherever something looks like one. Where dividers are amiss, the
 * reader may take it for a part of the image's name. */
static bool hide_keys(struct naming *n, struct imgprobe_bytes text)
{
    struct imgprobe_bytes one;
    bool any = false;

    while (text.length) {
        take(&text, ':', &one);
        if (!ip_naming_begins(one, "key="))
            continue;
        ip_naming_hide(n, ip_naming_between(one, 4, one.length));
        any = true;
    }
    return any;
}

static bool divides(unsigned char c)
{
    return c == ',' || c == ';' || c == ' ' || c == '\t' || c == '\0';
}

/* The next monitor of a list; none at its end. */
static struct imgprobe_bytes next_of(struct imgprobe_bytes *list)
{
    struct imgprobe_bytes one;

    while (list->length && divides(list->bytes[0]))
        *list = ip_naming_between(*list, 1, list->length);
    one = ip_naming_between(*list, 0, 0);
    while (one.length < list->length && !divides(list->bytes[one.length]))
        one.length++;
    *list = ip_naming_between(*list, one.length, list->length);
    return one;
}

/* "HOST", "HOST:PORT", "[ADDRESS]:PORT", or one of "[v2:HOST:PORT/0,v1:HOST:PORT/0]". */
static void split_monitor(struct imgprobe_bytes text, struct imgprobe_bytes *ret_host,
                          struct imgprobe_bytes *ret_port)
{
    size_t colon;

    if (ip_naming_begins(text, "[v"))
        text = ip_naming_between(text, 1, text.length);
    if (ip_naming_begins(text, "v1:") || ip_naming_begins(text, "v2:"))
        text = ip_naming_between(text, 3, text.length);
    text.length = ip_naming_find(text, '/');
    *ret_host = text;
    if (ip_naming_begins(text, "[")) {
        *ret_host = ip_naming_between(text, 1, text.length);
        ret_host->length = ip_naming_find(*ret_host, ']');
        text = ip_naming_between(text, ret_host->length + 1, text.length);
    }
    colon = ip_naming_find(text, ':');
    *ret_port = ip_naming_between(text, colon, text.length);
    if (ret_port->length)
        *ret_port = ip_naming_between(*ret_port, 1, ret_port->length);
    if (ip_naming_find(*ret_port, ':') < ret_port->length) /* a bare IPv6 address */
        ret_port->length = 0;
    else if (ret_host->bytes == text.bytes)
        ret_host->length = colon;
}

static void take_monitors(struct naming *n, struct imgprobe_bytes list)
{
    struct imgprobe_server *server = &n->protocol->server;
    struct imgprobe_bytes one, host, port;

    memset(server, 0, sizeof *server); /* if an option is given twice, the last one counts */
    for (one = next_of(&list); one.length && !n->full; one = next_of(&list)) {
        split_monitor(one, &host, &port);
        if (host.length == 0)
            continue;
        if (server->host.bytes)
            server = server->next = ip_naming_take(n, sizeof *server);
        if (!server)
            return;
        server->host = ip_naming_copy(n, host);
        if (port.length)
            server->port = ip_naming_copy(n, port);
    }
}

static void take_files(struct naming *n, struct imgprobe_bytes list)
{
    struct imgprobe_bytes one;

    for (one = next_of(&list); one.length; one = next_of(&list))
        ip_naming_resource(n, IMGPROBE_KIND_FILE, ip_naming_copy(n, one));
}

/* Compares a key once its escapes are undone. Ceph takes a space in an option's name for an underscore. */
static bool is_option(struct imgprobe_bytes key, const char *name)
{
    size_t i;

    for (i = 0; i < key.length && *name; i++, name++) {
        if (key.bytes[i] == '\\' && i + 1 < key.length)
            i++;
        if ((key.bytes[i] == ' ' ? '_' : key.bytes[i]) != (unsigned char)*name)
            return false;
    }
    return i == key.length && *name == '\0';
}

static void take_option(struct naming *n, struct imgprobe_bytes key, struct imgprobe_bytes value)
{
    if (is_option(key, "key"))
        ip_naming_hide(n, value);
    else if (is_option(key, "conf"))
        ip_naming_resource(n, IMGPROBE_KIND_FILE, unescape(n, value));
    else if (is_option(key, "id"))
        n->protocol->user = unescape(n, value);
    else if (is_option(key, "mon_host"))
        take_monitors(n, unescape(n, value));
    else if (is_option(key, "keyring") || is_option(key, "keyfile"))
        take_files(n, unescape(n, value));
}

/* Puts the pool, the namespace, the image and the snapshot together, with dividers as they are written. Namespace and
 * snapshot may be absent. */
static void take_image(struct naming *n, struct imgprobe_bytes pool, struct imgprobe_bytes image,
                       const struct imgprobe_bytes *snapshot)
{
    struct imgprobe_bytes parts[7] = {unescape(n, pool), ip_string("/")}, space;

    if (take(&image, '/', &space)) {
        parts[2] = unescape(n, space);
        parts[3] = ip_string("/");
    } else {
        image = space;
    }
    parts[4] = unescape(n, image);
    if (snapshot) {
        parts[5] = ip_string("@");
        parts[6] = unescape(n, *snapshot);
    }
    n->protocol->path = ip_naming_join(n, parts, 7);
}

void ip_name_rbd(struct naming *n)
{
    struct imgprobe_bytes text = n->rest, pool, image, snapshot, key, value;
    bool hidden = hide_keys(n, text), options, snap;

    if (!take(&text, '/', &pool)) {
        ip_naming_fault(n, "the reader refuses it: it names no pool");
        return;
    }
    snap = find(text, '@') < text.length;
    if (snap)
        take(&text, '@', &image);
    options = take(&text, ':', snap ? &snapshot : &image);
    if (!hidden || (find(pool, ':') == pool.length && find(image, ':') == image.length))
        take_image(n, pool, image, snap ? &snapshot : NULL);
    while (options) {
        if (!take(&text, '=', &key)) {
            ip_naming_fault(n, "the reader refuses it: an option has no value");
            return;
        }
        options = take(&text, ':', &value);
        take_option(n, key, value);
    }
}
