/* SPDX-License-Identifier: MIT */
/* QEMU's block/nbd.c, nbd_parse_filename: a name with "://" anywhere in it is a URI, any other has its parts between
 * colons. */
#include "name/name.h"

#include <string.h>

/* A URI over a socket has one parameter, "socket", and no other. A URI over the network has none. */
static bool socket_parameter(const struct uri *uri, struct imgprobe_bytes *ret)
{
    struct parameters parameters;
    struct parameter one, two;

    ip_uri_parameters(uri->query, &parameters);
    if (!ip_uri_next(&parameters, &one) || ip_uri_next(&parameters, &two) || !ip_uri_means(one.name, "socket") ||
        !one.value.bytes)
        return false;
    *ret = one.value;
    return true;
}

void ip_uri_host_or_socket(struct naming *n, const struct uri *uri)
{
    bool over_socket = n->protocol->server.transport && strcmp(n->protocol->server.transport, "unix") == 0;
    struct imgprobe_bytes path;
    struct parameters parameters;
    struct parameter any;

    if (uri->query.bytes)
        n->protocol->query = ip_naming_copy(n, uri->query);
    ip_uri_parameters(uri->query, &parameters);
    ip_uri_server(n, uri);
    if (!over_socket) {
        if (ip_uri_next(&parameters, &any))
            ip_naming_fault(n, "the reader refuses it: over a network it takes no query");
        return;
    }
    if (uri->host.bytes || uri->port.bytes)
        ip_naming_fault(n, "the reader refuses it: over a socket it takes no host");
    if (socket_parameter(uri, &path))
        ip_naming_socket(n, ip_naming_decode(n, path));
    else
        ip_naming_fault(n, "the reader refuses it: over a socket its query must be socket=PATH alone");
}

static void parse_uri(struct naming *n)
{
    struct imgprobe_bytes export, *host = &n->protocol->server.host;
    struct uri uri;

    if (!ip_uri_of_name(n, &uri))
        return;
    if (!ip_naming_is_local(n))
        ip_uri_need_host(n, &uri);
    export = ip_naming_decode(n, uri.path);
    if (export.length && export.bytes[0] == '/')
        export = ip_naming_between(export, 1, export.length);
    if (export.length)
        n->protocol->path = export;
    ip_uri_host_or_socket(n, &uri);
    if (host->bytes && (!host->length || host->bytes[0] == '[')) /* only an escape can make it so */
        ip_naming_fault(n, "the reader refuses it: it names no host");
}

/* The reader looks for the word anywhere in the options, and takes what follows it up to a comma. */
static void check_flag(struct naming *n, struct imgprobe_bytes options, const char *flag)
{
    size_t at = ip_naming_search(options, flag) + strlen(flag), length;
    struct imgprobe_bytes value;

    if (at > options.length)
        return;
    value = ip_naming_between(options, at, options.length);
    length = ip_naming_find(value, ',');
    if (ip_naming_begins(ip_naming_between(value, length, value.length), ",,"))
        ip_naming_fault(n, "the reader refuses it: an option of its address is neither on nor off");
    value.length = length;
    if (length && !ip_equal(value, "=on") && !ip_equal(value, "=off"))
        ip_naming_fault(n, "the reader refuses it: an option of its address is neither on nor off");
}

/* util/qemu-sockets.c, inet_parse, passes over options that it doesn't know. */
static void check_options(struct naming *n, struct imgprobe_bytes options)
{
    static const char *const flags[] = {",ipv4", ",ipv6", ",keep-alive", ",mptcp"};
    size_t at = ip_naming_search(options, ",to=") + 4, i;

    if (at <= options.length) {
        struct imgprobe_bytes to = ip_naming_between(options, at, options.length);

        to.length = ip_naming_find(to, ',');
        if (!ip_naming_digits(to))
            ip_naming_fault(n, "the reader refuses it: the option to= of its address isn't a number");
    }
    for (i = 0; i < IP_COUNT(flags); i++)
        check_flag(n, options, flags[i]);
}

/* A number that the C library would wrap is no port that we can tell. Blanks and colons can't stand in a service's
 * name. */
static void check_port(struct naming *n, struct imgprobe_bytes port)
{
    struct imgprobe_bytes number = ip_naming_number(port);
    size_t i;

    if (ip_naming_digits(port)) {
        if (number.length > 5 || (number.length == 5 && memcmp(number.bytes, "65535", 5) > 0))
            ip_naming_fault(n, "its port is over 65535, and which one the reader takes isn't told");
        return;
    }
    for (i = 0; i < port.length; i++)
        if (port.bytes[i] <= ' ' || port.bytes[i] == ':')
            ip_naming_fault(n, "the reader refuses it: it names no port");
}

/* "HOST:PORT[,OPTION]...". A host may have 64 letters. Of a port 32 letters count. */
static void parse_address(struct naming *n, struct imgprobe_bytes address)
{
    bool bracket = ip_naming_begins(address, "[");
    struct imgprobe_bytes host = ip_naming_between(address, bracket, address.length), port;

    host.length = ip_naming_find(host, bracket ? ']' : ':');
    port = ip_naming_between(address, bracket + host.length, address.length);
    if (host.length > 64 || !ip_naming_begins(port, bracket ? "]:" : ":")) {
        ip_naming_fault(n, "the reader refuses it: it isn't HOST:PORT");
        return;
    }
    port = ip_naming_between(port, bracket ? 2 : 1, port.length);
    address = port;
    port.length = ip_naming_find(port, ',');
    if (port.length > 32)
        port.length = 32;
    if (host.length)
        n->protocol->server.host = ip_naming_copy(n, host);
    else
        ip_naming_fault(n, "the reader refuses it: it names no host");
    if (port.length)
        n->protocol->server.port = ip_naming_copy(n, ip_naming_digits(port) ? ip_naming_number(port) : port);
    else
        ip_naming_fault(n, "the reader refuses it: it names no port");
    check_port(n, port);
    check_options(n, ip_naming_between(address, port.length, address.length));
}

/* The export's name is cut off first, wherever it begins, since it may hold colons and commas of its own. */
static void parse_colons(struct naming *n)
{
    static const char mark[] = ":exportname=";
    size_t at = ip_naming_search(n->name, mark), end = at + sizeof mark - 1;
    struct imgprobe_bytes address = n->rest;

    if (!ip_equal((struct imgprobe_bytes){n->name.bytes, ip_name_protocol(n->name)}, "nbd")) {
        ip_naming_fault(n, "the reader refuses it: such a name must be a URI");
        return;
    }
    if (at < n->name.length) {
        address = ip_naming_between(n->name, at < 4 ? at : 4, at);
        if (end < n->name.length)
            n->protocol->path = ip_naming_copy(n, ip_naming_between(n->name, end, n->name.length));
        else
            ip_naming_fault(n, "the reader refuses it: the export has no name");
    }
    if (address.length == 0)
        ip_naming_fault(n, "the reader refuses it: it names no server");
    else if (ip_naming_begins(address, "unix:"))
        ip_naming_socket(n, ip_naming_copy(n, ip_naming_between(address, 5, address.length)));
    else
        parse_address(n, address);
}

void ip_name_nbd(struct naming *n)
{
    if (ip_naming_search(n->name, "://") < n->name.length)
        parse_uri(n);
    else
        parse_colons(n);
}
