/* SPDX-License-Identifier: MIT */
/* Protocols whose names are URIs in QEMU's grammar: block/gluster.c, block/ssh.c, block/nfs.c. */
#include "name/name.h"

/* The volume is the part between slashes. The path in it is what stands behind. */
static void split_volume(struct naming *n, struct imgprobe_bytes path)
{
    struct imgprobe_bytes volume, parts[3];

    while (path.length && path.bytes[0] == '/')
        path = ip_naming_between(path, 1, path.length);
    volume = path;
    volume.length = ip_naming_find(path, '/');
    while (volume.length < path.length && path.bytes[volume.length] == '/') {
        path.bytes++;
        path.length--;
    }
    if (path.bytes)
        path.bytes += volume.length;
    path.length -= volume.length;
    if (volume.length == 0 || path.length == 0) {
        ip_naming_fault(n, "the reader refuses it: it must name a volume and a file in it");
        return;
    }
    parts[0] = volume;
    parts[1] = ip_string("/");
    parts[2] = path;
    n->protocol->path = ip_naming_join(n, parts, 3);
}

void ip_name_gluster(struct naming *n)
{
    struct uri uri;

    if (!ip_uri_of_name(n, &uri))
        return;
    split_volume(n, ip_naming_decode(n, uri.path));
    ip_uri_host_or_socket(n, &uri);
    if (!n->protocol->server.host.bytes && !ip_naming_is_local(n))
        n->protocol->server.host = ip_string("localhost");
}

static bool host_key_check_known(struct naming *n, struct imgprobe_bytes value)
{
    struct imgprobe_bytes said = ip_naming_decode(n, value);

    return value.bytes && (ip_equal(said, "yes") || ip_equal(said, "no") || ip_naming_begins(said, "md5:") ||
                           ip_naming_begins(said, "sha1:") || ip_naming_begins(said, "sha256:"));
}

void ip_name_ssh(struct naming *n)
{
    struct uri uri;
    struct parameters parameters;
    struct parameter one;
    bool known = true;

    if (!ip_uri_of_name(n, &uri))
        return;
    ip_uri_need_host(n, &uri);
    ip_uri_server(n, &uri);
    if (uri.user.length)
        n->protocol->user = ip_naming_decode(n, uri.user);
    if (uri.path.bytes)
        n->protocol->path = ip_naming_decode(n, uri.path);
    if (n->protocol->path.length == 0)
        ip_naming_fault(n, "the reader refuses it: it names no file");
    if (uri.query.bytes)
        n->protocol->query = ip_naming_copy(n, uri.query);
    ip_uri_parameters(uri.query, &parameters);
    while (ip_uri_next(&parameters, &one))
        if (ip_uri_means(one.name, "host_key_check"))
            known = host_key_check_known(n, one.value);
    if (!known)
        ip_naming_fault(n, "the reader refuses it: it doesn't know that host_key_check");
}

static int digit(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : 99;
}

/* Whether strtoll takes all of the text, in the base that its first letters say, and gives no negative number. */
static bool is_number(struct imgprobe_bytes text)
{
    int base = 10;
    uint64_t number = 0;
    size_t at = 0;

    while (at < text.length && (text.bytes[at] == ' ' || (text.bytes[at] >= '\t' && text.bytes[at] <= '\r')))
        at++;
    at += at < text.length && text.bytes[at] == '+';
    if (at + 2 < text.length && text.bytes[at] == '0' && (text.bytes[at + 1] | 0x20) == 'x') {
        base = 16;
        at += 2;
    } else if (at < text.length && text.bytes[at] == '0') {
        base = 8;
    }
    if (at == text.length)
        return false;
    for (; at < text.length; at++) {
        int value = digit(text.bytes[at]);

        if (value >= base || number > ((uint64_t)INT64_MAX - (uint64_t)value) / (uint64_t)base)
            return false;
        number = number * (uint64_t)base + (uint64_t)value;
    }
    return true;
}

static void check_nfs_parameter(struct naming *n, const struct parameter *one)
{
    static const char *const names[] = {"uid", "gid", "tcp-syncnt", "readahead", "pagecache", "debug"};
    size_t i;

    for (i = 0; i < IP_COUNT(names) && !ip_uri_means(one->name, names[i]); i++)
        ;
    if (i == IP_COUNT(names))
        ip_naming_fault(n, "the reader refuses it: it doesn't know a word of its query");
    if (!is_number(ip_naming_decode(n, one->value)))
        ip_naming_fault(n, "the reader refuses it: a value in its query isn't a number");
}

/* The port isn't read, because the server's own port mapper tells it. */
void ip_name_nfs(struct naming *n)
{
    struct uri uri;
    struct parameters parameters;
    struct parameter one;

    if (!ip_uri_of_name(n, &uri))
        return;
    ip_uri_need_host(n, &uri);
    uri.port.bytes = NULL;
    ip_uri_server(n, &uri);
    if (uri.path.bytes)
        n->protocol->path = ip_naming_decode(n, uri.path);
    else
        ip_naming_fault(n, "the reader refuses it: it names no file");
    if (uri.query.bytes)
        n->protocol->query = ip_naming_copy(n, uri.query);
    ip_uri_parameters(uri.query, &parameters);
    while (ip_uri_next(&parameters, &one))
        check_nfs_parameter(n, &one);
}
