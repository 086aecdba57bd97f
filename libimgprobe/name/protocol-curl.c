/* SPDX-License-Identifier: MIT */
/* http, https, ftp and ftps: QEMU's block/curl.c asks for "://" and hands the rest to libcurl, whose lib/urlapi.c
 * parses it. Path and query stay as they are written: they are what is sent. */
#include "name/name.h"

#include <string.h>

static const char not_a_url[] = "the reader refuses it: it isn't a URL";

static bool holds_any(struct imgprobe_bytes text, const char *letters)
{
    struct imgprobe_bytes any = ip_string(letters);
    size_t i;

    for (i = 0; i < text.length; i++)
        if (ip_naming_find(any, text.bytes[i]) < any.length)
            return true;
    return false;
}

static bool holds_junk(struct imgprobe_bytes text)
{
    size_t i;

    for (i = 0; i < text.length; i++)
        if (text.bytes[i] <= ' ' || text.bytes[i] == 0x7f)
            return true;
    return false;
}

/* A colon without a number is the protocol's own port. */
static bool take_port(struct naming *n, struct imgprobe_bytes port)
{
    struct imgprobe_bytes number = ip_naming_number(port);

    if (port.length == 0)
        return true;
    if (!ip_naming_digits(port) || number.length > 5 || (number.length == 5 && memcmp(number.bytes, "65535", 5) > 0))
        return false;
    n->protocol->server.port = ip_naming_copy(n, number);
    return true;
}

/* "[ADDRESS][:PORT]" with its brackets, or "HOST[:PORT]". */
static bool take_server(struct naming *n, struct imgprobe_bytes text)
{
    struct imgprobe_bytes host = text, port;

    if (ip_naming_begins(text, "[")) {
        host = ip_naming_between(text, 1, text.length);
        host.length = ip_naming_find(host, ']');
        if (host.length + 1 == text.length || host.length < 2)
            return false;
        port = ip_naming_between(text, host.length + 2, text.length);
        if (port.length && port.bytes[0] != ':')
            return false;
        host = ip_naming_copy(n, host);
    } else {
        host.length = ip_naming_find(text, ':');
        port = ip_naming_between(text, host.length, text.length);
        host = ip_naming_decode(n, host);
        if (host.length == 0 || holds_junk(host) || holds_any(host, "/:#?!@{}[]\\$'\"^`*<>=;,&()"))
            return false;
    }
    n->protocol->server.host = host;
    return take_port(n, port.length ? ip_naming_between(port, 1, port.length) : port);
}

/* The first @ ends the login here. A second one would stand in the host, which takes none. */
static bool take_authority(struct naming *n, struct imgprobe_bytes text)
{
    struct imgprobe_bytes login = text;
    size_t colon;

    login.length = ip_naming_find(text, '@');
    if (login.length < text.length) {
        text = ip_naming_between(text, login.length + 1, text.length);
        colon = ip_naming_find(login, ':');
        if (colon < login.length)
            ip_naming_hide(n, ip_naming_between(login, colon + 1, login.length));
        login.length = colon;
        if (login.length)
            n->protocol->user = ip_naming_decode(n, login);
    }
    return take_server(n, text);
}

static size_t authority_end(struct imgprobe_bytes text)
{
    size_t end = 0;

    while (end < text.length && text.bytes[end] != '/' && text.bytes[end] != '?' && text.bytes[end] != '#')
        end++;
    return end;
}

/* Parts that were taken before may belong to a password. So nothing of a name that fails is kept. */
static void refuse(struct naming *n)
{
    n->protocol->server.host = (struct imgprobe_bytes){NULL, 0};
    n->protocol->user = (struct imgprobe_bytes){NULL, 0};
    ip_naming_hide_any(n);
    ip_naming_fault(n, not_a_url);
}

void ip_name_curl(struct naming *n)
{
    struct imgprobe_bytes text = n->rest, query;
    size_t end;

    /* libcurl passes over a third slash. */
    if (!ip_naming_begins(text, "//") || ip_naming_begins(text, "////") || holds_junk(text)) {
        refuse(n);
        return;
    }
    text = ip_naming_between(text, ip_naming_begins(text, "///") ? 3 : 2, text.length);
    end = authority_end(text);
    if (!take_authority(n, ip_naming_between(text, 0, end))) {
        refuse(n);
        return;
    }
    text = ip_naming_between(text, end, text.length);
    text.length = ip_naming_find(text, '#');
    query = ip_naming_between(text, ip_naming_find(text, '?'), text.length);
    text.length -= query.length;
    if (text.length)
        n->protocol->path = ip_naming_copy(n, text);
    if (query.length)
        n->protocol->query = ip_naming_copy(n, ip_naming_between(query, 1, query.length));
}
