/* SPDX-License-Identifier: MIT */
/*
 * URIs as QEMU's util/uri.c reads them: RFC 3986 with any byte in a host's brackets, and a port of at most 65535.
 */
#include "name/name.h"

#include <string.h>

static bool plain(unsigned char c)
{
    static const char marks[] = "-._~!$&'()*+,;="; /* the rest of unreserved, and sub-delims */

    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           memchr(marks, c, sizeof marks - 1) != NULL;
}

/* Where a run of plain letters, escapes and letters of `more` ends, which begins at `at`. */
static size_t span(struct imgprobe_bytes text, size_t at, const char *more)
{
    struct imgprobe_bytes any = ip_string(more);

    while (at < text.length) {
        unsigned char c = text.bytes[at];

        if (plain(c) || ip_naming_find(any, c) < any.length)
            at++;
        else if (ip_name_escape(ip_naming_between(text, at, text.length)) >= 0)
            at += 3;
        else
            break;
    }
    return at;
}

static bool here(struct imgprobe_bytes text, size_t at, unsigned char c)
{
    return at < text.length && text.bytes[at] == c;
}

/* The port is compared with its bound at each digit. So it can't wrap, however many digits there are. */
static bool parse_port(struct imgprobe_bytes text, size_t *at, struct uri *uri)
{
    size_t from = *at;
    unsigned port = 0;

    for (; *at < text.length && text.bytes[*at] >= '0' && text.bytes[*at] <= '9'; ++*at) {
        port = port * 10 + (unsigned)(text.bytes[*at] - '0');
        if (port > 65535)
            return false;
    }
    if (port != 0) /* every driver takes port 0 for no port */
        uri->port = ip_naming_number(ip_naming_between(text, from, *at));
    return *at > from;
}

/* What stands before an @ is the user. If no @ follows, it was the host, and is read again as that. */
static bool parse_authority(struct imgprobe_bytes text, size_t *at, struct uri *uri)
{
    size_t end = span(text, *at, ":");

    if (here(text, end, '@')) {
        uri->user = ip_naming_between(text, *at, end);
        *at = end + 1;
    }
    if (here(text, *at, '[')) {
        end = *at + ip_naming_find(ip_naming_between(text, *at, text.length), ']') + 1;
        if (end > text.length)
            return false;
    } else {
        end = span(text, *at, "");
    }
    if (end > *at)
        uri->host = ip_naming_between(text, *at, end);
    *at = end;
    if (!here(text, *at, ':'))
        return true;
    ++*at;
    return parse_port(text, at, uri);
}

bool ip_uri(struct imgprobe_bytes rest, struct uri *ret)
{
    size_t at = 0, end;
    bool network = ip_naming_begins(rest, "//");
    struct uri uri = {0};

    memset(ret, 0, sizeof *ret);
    if (network) {
        at = 2;
        if (!parse_authority(rest, &at, &uri))
            return false;
    }
    end = network && !here(rest, at, '/') ? at : span(rest, at, ":@/");
    if (end > at)
        uri.path = ip_naming_between(rest, at, end);
    at = end;
    if (here(rest, at, '?')) {
        end = span(rest, at + 1, ":@/?");
        uri.query = ip_naming_between(rest, at + 1, end);
        at = end;
    }
    if (here(rest, at, '#')) {
        end = span(rest, at + 1, ":@/?[]");
        uri.fragment = ip_naming_between(rest, at + 1, end);
        at = end;
    }
    if (at < rest.length)
        return false;
    *ret = uri;
    return true;
}

/* A name that isn't a URI may hold a password all the same. It must not be shown whole. */
bool ip_uri_of_name(struct naming *n, struct uri *ret)
{
    size_t colon;

    if (!ip_uri(n->rest, ret)) {
        ip_naming_hide_any(n);
        ip_naming_fault(n, "the reader refuses it: it isn't a URI");
        return false;
    }
    colon = ip_naming_find(ret->user, ':');
    if (colon < ret->user.length) {
        ip_naming_hide(n, ip_naming_between(ret->user, colon + 1, ret->user.length));
        ret->user.length = colon;
    }
    return true;
}

/* The reader looks for the next & and, once there is none, for the next semicolon. */
void ip_uri_parameters(struct imgprobe_bytes query, struct parameters *ret)
{
    ret->query = query;
    ret->at = 0;
    ret->plain = query.length;
    while (ret->plain > 0 && query.bytes[ret->plain - 1] != '&')
        ret->plain--;
}

/* As query_params_parse: an empty parameter is passed over, and so is one that begins with =. A = alone is a
 * parameter. */
bool ip_uri_next(struct parameters *p, struct parameter *ret)
{
    while (p->at < p->query.length) {
        struct imgprobe_bytes left = ip_naming_between(p->query, p->at, p->query.length), one;
        size_t equals;

        one = ip_naming_between(left, 0, ip_naming_find(left, p->at < p->plain ? '&' : ';'));
        p->at += one.length + 1;
        equals = ip_naming_find(one, '=');
        if (one.length == 0 || (equals == 0 && one.length > 1))
            continue;
        ret->name = one;
        ret->value = (struct imgprobe_bytes){NULL, 0};
        if (equals < one.length) {
            ret->name.length = equals ? equals : 1;
            ret->value = ip_naming_between(one, equals + 1, one.length);
        }
        return true;
    }
    return false;
}

/* Escapes are undone on the way, so that asking takes no room. An escaped NUL ends the word. */
bool ip_uri_means(struct imgprobe_bytes part, const char *word)
{
    size_t at = 0;

    for (; at < part.length && *word; at++, word++) {
        int byte = ip_name_escape(ip_naming_between(part, at, part.length));

        if ((byte < 0 ? part.bytes[at] : byte) != *word)
            return false;
        at += byte < 0 ? 0 : 2;
    }
    return *word == '\0' && (at == part.length || ip_name_escape(ip_naming_between(part, at, part.length)) == 0);
}

/* "scheme:/user:password@host" has no host, and its password stands where a path would. */
void ip_uri_need_host(struct naming *n, struct uri *uri)
{
    if (uri->host.bytes)
        return;
    ip_naming_fault(n, "the reader refuses it: it names no host");
    ip_naming_hide_any(n);
    if (n->secret < n->secret_end)
        uri->path = (struct imgprobe_bytes){NULL, 0};
}

void ip_uri_server(struct naming *n, const struct uri *uri)
{
    struct imgprobe_bytes host = uri->host.bytes ? ip_naming_decode(n, uri->host) : uri->host;

    if (host.bytes && host.length >= 2 && host.bytes[0] == '[' && host.bytes[host.length - 1] == ']')
        host = ip_naming_copy(n, ip_naming_between(host, 1, host.length - 1));
    n->protocol->server.host = host;
    if (uri->port.bytes)
        n->protocol->server.port = ip_naming_copy(n, uri->port);
}
