/* SPDX-License-Identifier: MIT */
/* iscsi and iser: QEMU's block/iscsi.c leaves the name to libiscsi, whose iscsi_parse_full_url reads
 * "[USER[%PASSWORD]@]HOST[:PORT]/TARGET/LUN[?KEY=VALUE&...]" and no more than 255 letters of that. */
#include "name/name.h"

/* A sign is allowed: libiscsi asks strtol. */
static bool is_lun(struct imgprobe_bytes text)
{
    if (text.length > 1 && (text.bytes[0] == '+' || text.bytes[0] == '-'))
        text = ip_naming_between(text, 1, text.length);
    return ip_naming_digits(text);
}

/* A query is shown as it is written. So one that holds a password isn't shown at all. */
static void take_query(struct naming *n, struct imgprobe_bytes query)
{
    bool secret = false;
    size_t at = 0;

    while (at < query.length) {
        struct imgprobe_bytes one = ip_naming_between(query, at, query.length), value;

        one.length = ip_naming_find(one, '&');
        at += one.length + 1;
        value = ip_naming_between(one, ip_naming_find(one, '='), one.length);
        one.length -= value.length;
        if (value.length)
            value = ip_naming_between(value, 1, value.length);
        if (ip_equal(one, "target_password")) {
            ip_naming_hide(n, value);
            secret = true;
        } else if (ip_equal(one, "iser")) {
            n->protocol->server.transport = "iser";
        } else if (ip_equal(one, "header_digest") && !ip_equal(value, "crc32c") && !ip_equal(value, "none")) {
            ip_naming_fault(n, "the reader refuses it: it doesn't know that header_digest");
        }
    }
    if (query.length && !secret)
        n->protocol->query = ip_naming_copy(n, query);
}

static void take_portal(struct naming *n, struct imgprobe_bytes portal)
{
    bool bracket = ip_naming_begins(portal, "[");
    struct imgprobe_bytes host = ip_naming_between(portal, bracket, portal.length), port;

    host.length = ip_naming_find(host, bracket ? ']' : ':');
    port = ip_naming_between(portal, bracket + host.length, portal.length);
    if (bracket && port.length)
        port = ip_naming_between(port, 1, port.length);
    if (port.length)
        port = ip_naming_between(port, 1, port.length);
    if (host.length)
        n->protocol->server.host = ip_naming_copy(n, host);
    else
        ip_naming_fault(n, "the reader refuses it: it names no host");
    if (port.length)
        n->protocol->server.port = ip_naming_copy(n, ip_naming_digits(port) ? ip_naming_number(port) : port);
}

/* The first @ ends the login, wherever it stands. The password begins at the first % in the login, or else at a
 * colon. */
static struct imgprobe_bytes take_login(struct naming *n, struct imgprobe_bytes text)
{
    struct imgprobe_bytes login = text;
    size_t mark;

    login.length = ip_naming_find(text, '@');
    if (login.length == text.length)
        return text;
    text = ip_naming_between(text, login.length + 1, text.length);
    mark = ip_naming_find(login, '%');
    if (mark == login.length)
        mark = ip_naming_find(login, ':');
    if (mark < login.length)
        ip_naming_hide(n, ip_naming_between(login, mark + 1, login.length));
    login.length = mark;
    if (login.length && n->secret < n->secret_end) /* a user without a password logs nobody in */
        n->protocol->user = ip_naming_copy(n, login);
    return text;
}

void ip_name_iscsi(struct naming *n)
{
    struct imgprobe_bytes text = n->rest, query, target, lun, parts[3];

    if (!ip_naming_begins(text, "//") || text.length - 2 > 255) {
        ip_naming_hide_any(n);
        ip_naming_fault(n, "the reader refuses or cuts it: it isn't a URL of at most 255 letters");
        return;
    }
    text = ip_naming_between(text, 2, text.length);
    query = ip_naming_between(text, ip_naming_find(text, '?'), text.length);
    text.length -= query.length;
    if (query.length)
        take_query(n, ip_naming_between(query, 1, query.length));
    text = take_login(n, text);
    target = ip_naming_between(text, ip_naming_find(text, '/'), text.length);
    text.length -= target.length;
    if (ip_naming_find(text, '@') < text.length) { /* a password that holds an @ goes on here */
        ip_naming_hide_any(n);
        ip_naming_fault(n, "the reader refuses it: its host holds an @");
    } else {
        take_portal(n, text);
    }
    target = target.length ? ip_naming_between(target, 1, target.length) : target;
    lun = ip_naming_between(target, ip_naming_find(target, '/'), target.length);
    target.length -= lun.length;
    if (target.length == 0 || lun.length < 2 || !is_lun(ip_naming_between(lun, 1, lun.length))) {
        ip_naming_fault(n, "the reader refuses it: it must name a target and the number of a unit");
        return;
    }
    parts[0] = ip_naming_decode(n, target);
    parts[1] = lun;
    n->protocol->path = ip_naming_join(n, parts, 2);
}
