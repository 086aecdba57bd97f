/* SPDX-License-Identifier: MIT */
/* What the grammars of protocol names have in common: parts, copies, passwords, resources. */
#include "name/name.h"

#include <string.h>

bool ip_naming_is_local(const struct naming *n)
{
    if (n->row->transport && ip_equal(ip_string(n->row->transport), "unix"))
        return true;
    return !n->driver || (n->driver->class != DRIVER_REMOTE && n->driver->class != DRIVER_URL);
}

/* The first fault stays. Later ones come from the rest of a name that is refused anyway. */
void ip_naming_fault(struct naming *n, const char *fault)
{
    if (!n->fault)
        n->fault = fault;
}

struct imgprobe_bytes ip_naming_between(struct imgprobe_bytes bytes, size_t from, size_t end)
{
    return (struct imgprobe_bytes){bytes.bytes ? bytes.bytes + from : NULL, end - from};
}

size_t ip_naming_find(struct imgprobe_bytes bytes, unsigned char c)
{
    const unsigned char *at = bytes.length ? memchr(bytes.bytes, c, bytes.length) : NULL;

    return at ? (size_t)(at - bytes.bytes) : bytes.length;
}

bool ip_naming_begins(struct imgprobe_bytes bytes, const char *with)
{
    size_t length = strlen(with);

    return bytes.bytes && bytes.length >= length && memcmp(bytes.bytes, with, length) == 0;
}

size_t ip_naming_search(struct imgprobe_bytes bytes, const char *what)
{
    size_t i;

    for (i = 0; i < bytes.length; i++)
        if (ip_naming_begins(ip_naming_between(bytes, i, bytes.length), what))
            return i;
    return bytes.length;
}

void *ip_naming_take(struct naming *n, size_t size)
{
    void *memory = ip_room(n->w, size, n->error);

    if (!memory)
        n->full = true;
    return memory;
}

struct imgprobe_bytes ip_naming_join(struct naming *n, const struct imgprobe_bytes *parts, size_t count)
{
    struct imgprobe_bytes copy = {NULL, 0};

    if (ip_join(n->w, parts, count, &copy, n->error) != IMGPROBE_OK)
        n->full = true;
    return copy;
}

struct imgprobe_bytes ip_naming_copy(struct naming *n, struct imgprobe_bytes bytes)
{
    return ip_naming_join(n, &bytes, 1);
}

/* The reader keeps names as C strings, so an escaped NUL ends the name. */
struct imgprobe_bytes ip_naming_decode(struct naming *n, struct imgprobe_bytes bytes)
{
    unsigned char *memory = ip_naming_take(n, bytes.length + 1);
    struct imgprobe_bytes copy = {memory, 0};
    size_t from;
    int byte;

    if (!memory)
        return copy;
    for (from = 0; from < bytes.length; from++) {
        byte = ip_name_escape(ip_naming_between(bytes, from, bytes.length));
        memory[copy.length] = byte < 0 ? bytes.bytes[from] : (unsigned char)byte;
        if (memory[copy.length] == '\0')
            break;
        copy.length++;
        from += byte < 0 ? 0 : 2;
    }
    return copy;
}

/* Only one stretch is kept. If a name holds two passwords, what lies between them is hidden, too. It is better to
 * hide too much than to show a part of one. */
void ip_naming_hide(struct naming *n, struct imgprobe_bytes part)
{
    size_t from = (size_t)(part.bytes - n->whole.bytes);
    bool first = n->secret == n->secret_end;

    if (part.length == 0)
        return;
    if (first || from < n->secret)
        n->secret = from;
    if (first || from + part.length > n->secret_end)
        n->secret_end = from + part.length;
}

void ip_naming_hide_any(struct naming *n)
{
    size_t from = 0, end = n->rest.length;

    while (end > 0 && n->rest.bytes[end - 1] != '@')
        end--;
    while (from < end && n->rest.bytes[from] != ':' && n->rest.bytes[from] != '%')
        from++;
    if (from < end)
        ip_naming_hide(n, ip_naming_between(n->rest, from + 1, end - 1));
}

void ip_naming_resource(struct naming *n, enum imgprobe_kind kind, struct imgprobe_bytes path)
{
    struct imgprobe_resource *resource = ip_naming_take(n, sizeof *resource);

    if (!resource)
        return;
    resource->kind = kind;
    resource->path = path;
    *n->tail = resource;
    n->tail = &resource->next;
}

/* A socket stays listed even if the reader refuses the length of its path. Otherwise the name would look harmless. */
void ip_naming_socket(struct naming *n, struct imgprobe_bytes path)
{
    n->local = true;
    n->protocol->server.transport = "unix";
    n->protocol->server.socket = path;
    if (path.length == 0) {
        ip_naming_fault(n, "the reader refuses it: it names no socket");
        return;
    }
    if (path.length > 108) /* the size of sun_path; QEMU's unix_connect_saddr fills all of it */
        ip_naming_fault(n, "the reader refuses it: the socket's path is longer than 108 bytes");
    ip_naming_resource(n, IMGPROBE_KIND_SOCKET, path);
}

bool ip_naming_digits(struct imgprobe_bytes bytes)
{
    size_t i;

    for (i = 0; i < bytes.length; i++)
        if (bytes.bytes[i] < '0' || bytes.bytes[i] > '9')
            return false;
    return bytes.length > 0;
}

/* "080" and "80" are one port, and are shown as one. */
struct imgprobe_bytes ip_naming_number(struct imgprobe_bytes digits)
{
    while (digits.length > 1 && digits.bytes[0] == '0') {
        digits.bytes++;
        digits.length--;
    }
    return digits;
}
