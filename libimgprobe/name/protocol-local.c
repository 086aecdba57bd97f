/* SPDX-License-Identifier: MIT */
/* Drivers without a network: QEMU's block/file-posix.c, vvfat.c, blkdebug.c, blkverify.c, null.c, nvme.c, blkio.c. */
#include "name/name.h"

void ip_name_device(struct naming *n)
{
    if (n->rest.length == 0) {
        ip_naming_fault(n, "the reader refuses it: it names no device");
        return;
    }
    n->protocol->path = ip_naming_copy(n, n->rest);
    ip_naming_resource(n, IMGPROBE_KIND_BLOCK, n->protocol->path);
}

static bool is_letter(unsigned char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* The directory stands behind the last colon. If a drive's letter stands between the last two colons, it belongs to
 * the directory. Any words may stand before that: QEMU passes over those that it doesn't know. */
void ip_name_fat(struct naming *n)
{
    struct imgprobe_bytes name = n->name, options;
    size_t colon = name.length, first = n->name.length - n->rest.length;

    while (name.bytes[colon - 1] != ':')
        colon--;
    if (name.bytes[colon - 3] == ':' && is_letter(name.bytes[colon - 2]))
        colon -= 2;
    if (colon > first) {
        options = ip_naming_between(name, first, colon - 1);
        n->protocol->query = ip_naming_copy(n, options);
    }
    if (colon == name.length) {
        ip_naming_fault(n, "the reader refuses it: it names no directory");
        return;
    }
    n->protocol->path = ip_naming_copy(n, ip_naming_between(name, colon, name.length));
    ip_naming_resource(n, IMGPROBE_KIND_DIRECTORY, n->protocol->path);
}

/* "FIRST:IMAGE". FIRST can't hold a colon, so it names a plain file. */
static bool split(struct naming *n, struct imgprobe_bytes *first)
{
    *first = n->rest;
    first->length = ip_naming_find(n->rest, ':');
    if (first->length == n->rest.length) {
        ip_naming_fault(n, "the reader refuses it: it must name two files, with a colon between them");
        return false;
    }
    if (first->length)
        ip_naming_resource(n, IMGPROBE_KIND_FILE, ip_naming_copy(n, *first));
    n->inner = ip_naming_between(n->rest, first->length + 1, n->rest.length);
    if (n->inner.length == 0)
        ip_naming_fault(n, "the reader refuses it: it names no image");
    else if (n->name.bytes == n->whole.bytes)
        n->protocol->path = ip_naming_copy(n, n->inner);
    return true;
}

void ip_name_blkdebug(struct naming *n)
{
    struct imgprobe_bytes config;

    split(n, &config);
}

void ip_name_blkverify(struct naming *n)
{
    struct imgprobe_bytes raw;

    if (split(n, &raw) && raw.length == 0)
        ip_naming_fault(n, "the reader refuses it: it names no raw copy");
}

void ip_name_null(struct naming *n)
{
    if (!ip_equal(n->rest, "//"))
        ip_naming_fault(n, "the reader refuses it: nothing but // may stand behind the colon");
}

/* "//DEVICE[/[NAMESPACE]]" */
void ip_name_nvme(struct naming *n)
{
    struct imgprobe_bytes device, number;

    if (!ip_naming_begins(n->rest, "//") || n->rest.length == 2) {
        ip_naming_fault(n, "the reader refuses it: it names no device");
        return;
    }
    device = ip_naming_between(n->rest, 2, n->rest.length);
    n->protocol->path = ip_naming_copy(n, device);
    number = ip_naming_between(device, ip_naming_find(device, '/'), device.length);
    if (number.length < 2)
        return;
    number = ip_naming_between(number, 1, number.length);
    if (number.length > 1 && (number.bytes[0] == '+' || number.bytes[0] == '-'))
        number = ip_naming_between(number, 1, number.length);
    if (!ip_naming_digits(number))
        ip_naming_fault(n, "the reader refuses it: its namespace isn't a number");
}

/* blkio_io_uring_open hands on the whole name, the driver's word included. */
void ip_name_io_uring(struct naming *n)
{
    n->protocol->path = ip_naming_copy(n, n->name);
    ip_naming_resource(n, IMGPROBE_KIND_FILE, n->protocol->path);
}

void ip_name_options_only(struct naming *n)
{
    if (n->rest.length)
        n->protocol->path = ip_naming_copy(n, n->rest);
    ip_naming_fault(n, "the reader refuses it: this driver takes options and no name");
}
