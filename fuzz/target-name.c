/* SPDX-License-Identifier: MIT */
/* A name: what it means by its letters in every role, and what a chain makes of it as a qcow2's backing file. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MOST 4095
#define QCOW2_NAME_MOST 1023
#define CLUSTER ((size_t)4096)

static const char *const formats[] = {NULL,  "qcow2", "raw",          "vmdk", "vhd", "nbd",   "host_device", "file",
                                      "vdi", "what",  "copy-on-read", "luks", "vpc", "https", "qed",         "json"};

/* ---- by its letters ---- */

static enum imgprobe_status resolve(const struct imgprobe_reference *r, const struct place *given, size_t size,
                                    uint64_t *ret_digest, size_t *ret_most)
{
    struct ip_reference own = {.reference = *r};
    struct imgprobe_reference *copy = &own.reference;
    struct place place = *given;
    struct imgprobe_error error;
    struct room room;
    enum imgprobe_status s;

    ip_error(&error, IMGPROBE_OK, NULL, NULL);
    room_open(&room, size);
    if (ip_workspace_valid(&room.w))
        ip_workspace_begin(&room.w);
    copy->led.format = copy->stated.format;
    copy->led.format_source = copy->stated.format_source;
    place.w = &room.w;
    place.error = &error;
    s = ip_resolve(copy, &place);
    room_check(&room);
    PROMISE(s == error.status || s == IMGPROBE_OK, "a name's status is told twice");
    promise_error(&error);
    if (s == IMGPROBE_OK) {
        promise_reference(copy);
        PROMISE(copy->led.path.length <= place.limits->name_bytes || copy->led.kind != IMGPROBE_KIND_FILE,
                "no path is too long");
        PROMISE((copy->led.kind == IMGPROBE_KIND_FILE) == !copy->led.reason, "what isn't followed has its reason");
        PROMISE(!copy->led.protocol || !copy->led.protocol->has_password || copy->stated.redacted.bytes ||
                    copy->led.json,
                "a password is hidden");
        *ret_digest = digest_reference(s, copy);
    } else {
        *ret_digest = digest_error(s, &error);
    }
    *ret_most = room.w.most;
    if (s == IMGPROBE_LIMIT && size != ROOM_USUAL)
        promise_full(&error, size);
    room_close(&room);
    return s;
}

static void check_letters(const struct imgprobe_reference *r, const struct place *place, unsigned seed)
{
    uint64_t digest, again;
    size_t most, unused;
    enum imgprobe_status s = resolve(r, place, ROOM_USUAL, &digest, &most);

    PROMISE(s == IMGPROBE_OK || s == IMGPROBE_LIMIT, "a name is no mistake of the image's");
    if (s != IMGPROBE_OK)
        return;
    PROMISE(resolve(r, place, most, &again, &unused) == s && again == digest, "a name means one thing");
    if (most == IP_FIRST_RESULT)
        return;
    PROMISE(resolve(r, place, most - 1, &again, &unused) == IMGPROBE_LIMIT, "too little memory is an error");
    PROMISE(resolve(r, place, seed % most, &again, &unused) == IMGPROBE_LIMIT, "less memory is an error");
}

/* ---- in an image ---- */

static void put(unsigned char *to, size_t width, uint64_t number)
{
    for (; width > 0; number >>= 8)
        to[--width] = (unsigned char)number;
}

/* Version 3, with the format's extension if there is one, a data file's if there is room for it in `data_file`. */
static struct file wrap(unsigned char *to, const char *format, const char *data_file, const unsigned char *name,
                        size_t length)
{
    size_t at = 104;

    memset(to, 0, CLUSTER);
    memcpy(to, "QFI\xfb\0\0\0\3", 8);
    put(to + 20, 4, 12);
    put(to + 24, 8, 1 << 20);
    put(to + 36, 4, 1);
    put(to + 40, 8, 2 * CLUSTER);
    put(to + 48, 8, CLUSTER);
    put(to + 56, 4, 1);
    put(to + 72, 8, data_file ? 4 : 0);
    put(to + 96, 4, 4);
    put(to + 100, 4, at);
    if (format) {
        put(to + at, 8, UINT64_C(0xe2792aca00000000) + strlen(format));
        memcpy(to + at + 8, format, strlen(format));
        at += 8 + (strlen(format) + 7) / 8 * 8;
    }
    if (data_file) {
        put(to + at, 8, UINT64_C(0x4441544100000000) + strlen(data_file));
        memcpy(to + at + 8, data_file, strlen(data_file));
        at += 8 + (strlen(data_file) + 7) / 8 * 8;
    }
    put(to + 8, 8, at + 8);
    put(to + 16, 4, length);
    memcpy(to + at + 8, name, length);
    return (struct file){.bytes = to, .length = CLUSTER, .split = CLUSTER, .gap = 2 * CLUSTER};
}

/* What a json: name finds beneath it: qcow2 with names of its own, raw, and a part of a file that is one. */
static void check_wrapped(const struct asked_chain *asked, const char *format, const unsigned char *name,
                          size_t length)
{
    static unsigned char images[3][CLUSTER];
    static const unsigned char nothing[1];
    struct archive archive = {.count = 5};

    archive.files[0] = wrap(images[0], format, NULL, name, length);
    archive.files[1] = wrap(images[1], NULL, "/x/c", (const unsigned char *)"c", 1);
    archive.files[2] = (struct file){.bytes = nothing, .length = 1, .split = 1, .gap = 1 << 20};
    archive.files[3] = wrap(images[2], "raw", NULL, (const unsigned char *)"/y/c", 4);
    archive.files[4] = (struct file){.bytes = images[1], .length = CLUSTER, .gap = 512};
    archive.how[3] = ARCHIVE_BLOCK;
    check_chain(asked, &archive);
}

void fuzz_name(const unsigned char *bytes, size_t size)
{
    static const char *const directories[] = {"/i/", "", "d/", "./d:/"};
    struct input in = {bytes, size};
    struct imgprobe_reference r = {.led.size = IMGPROBE_UNKNOWN, .stated.size = IMGPROBE_UNKNOWN};
    struct asked_chain asked;
    struct place place;
    unsigned how, declared;
    unsigned char *name;

    take_asked_chain(&in, &asked);
    how = take_byte(&in);
    declared = take_byte(&in);
    if (in.size > NAME_MOST)
        in.size = NAME_MOST;
    place = (struct place){.directory = ip_string(directories[how >> 2 & 3]),
                           .has_directory = how & 16,
                           .workdir = asked.top.options.workdir,
                           .limits = &asked.top.limits};
    name = malloc(in.size + 1);
    if (!name)
        abort();
    memcpy(name, in.bytes, in.size);
    name[in.size] = '\0';
    r.stated.name = (struct imgprobe_bytes){name, in.size};
    r.stated.cut = ip_cut(r.stated.name).length;
    r.role = (enum imgprobe_role)((how & 3) % 3);
    r.stated.candidate = r.role == IMGPROBE_ROLE_BACKING && how & 64;
    r.stated.windows = r.stated.candidate && how & 128;
    r.stated.format_source = IMGPROBE_FORMAT_PROBED;
    if (formats[declared % 16]) {
        r.stated.format = ip_string(formats[declared % 16]);
        r.stated.format_source = IMGPROBE_FORMAT_DECLARED;
    }
    check_letters(&r, &place, asked.top.seed);
    if (in.size > 0 && in.size <= QCOW2_NAME_MOST)
        check_wrapped(&asked, formats[declared % 16], name, in.size);
    free(name);
}
