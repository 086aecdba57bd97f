/* SPDX-License-Identifier: MIT */
/*
 * The key "filename" of a member whose name shows a part of a file. QEMU has no file name for such a node, so
 * qemu-img prints the graph, as the text that its own JSON writer gives: with a blank behind `:` and `,`, and keys in
 * the order of QEMU's table of them.
 */
#include "info/info.h"
#include "large.h"
#include "output/names.h"
#include "output/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A name of 4,095 bytes, all of them escaped, beneath as many drivers as a name can nest. */
struct room {
    char text[32768];
    size_t length;
    unsigned open;
};

static void put(struct room *room, const char *text)
{
    size_t length = strlen(text);

    if (length < sizeof(room->text) - room->length) {
        memcpy(room->text + room->length, text, length + 1);
        room->length += length;
    }
}

static void put_unit(struct room *room, uint32_t unit)
{
    static const char digits[] = "0123456789ABCDEF";
    const char text[] = {
        '\\', 'u', digits[unit >> 12 & 15], digits[unit >> 8 & 15], digits[unit >> 4 & 15], digits[unit & 15], '\0'};

    put(room, text);
}

static void put_character(struct room *room, uint32_t point)
{
    static const char *const named[] = {['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f",
                                        ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\"};

    if (point < sizeof(named) / sizeof(named[0]) && named[point]) {
        put(room, named[point]);
    } else if (point >= 0x20 && point < 0x7f) {
        put(room, (const char[]){(char)point, '\0'});
    } else if (point < 0x10000) {
        put_unit(room, point);
    } else {
        put_unit(room, 0xd7c0 + (point >> 10));
        put_unit(room, 0xdc00 + (point & 0x3ff));
    }
}

static void put_string(struct room *room, struct imgprobe_bytes bytes)
{
    size_t at = 0;

    put(room, "\"");
    while (at < bytes.length) {
        struct text_step step = text_next(bytes.bytes + at, bytes.length - at);

        put_character(room, step.valid ? step.point : 0xfffd);
        at += step.length;
    }
    put(room, "\"");
}

/* A driver that passes on what lies beneath it, whose object stays open. `part` is NULL where it takes all of it. */
static void put_driver(struct room *room, const char *driver, const struct imgprobe_layer *part)
{
    char number[48];

    put(room, "{");
    if (part && part->offset != 0) {
        snprintf(number, sizeof(number), "\"offset\": %" PRIu64 ", ", part->offset);
        put(room, number);
    }
    put(room, "\"driver\": ");
    put_string(room, text_bytes(driver));
    if (part && part->size != IMGPROBE_UNKNOWN) {
        snprintf(number, sizeof(number), ", \"size\": %" PRIu64, part->size);
        put(room, number);
    }
    put(room, ", \"file\": ");
    room->open++;
}

static void put_file(struct room *room, const struct imgprobe_member *member)
{
    put(room, member->kind == IMGPROBE_KIND_BLOCK ? "{\"driver\": \"host_device\", \"filename\": "
                                                  : "{\"driver\": \"file\", \"filename\": ");
    put_string(room, member->path);
    for (put(room, "}"); room->open != 0; room->open--)
        put(room, "}");
}

static bool is_raw(const struct imgprobe_image *image)
{
    return image->format && strcmp(image->format->name, "raw") == 0;
}

/* Whether QEMU has to name a graph, and whether we know all of it: other drivers have options of their own. A raw
 * image that is all of its file goes by the file's name. */
static bool is_graph(const struct imgprobe_member *member)
{
    const struct imgprobe_layer *at = member->via ? member->via->led.layers : NULL;
    const struct imgprobe_layer *first = at;

    if (!first || !member->image->format || !member->image->format->qemu_name)
        return false;
    for (; at; at = at->next)
        if (strcmp(at->driver, "raw") != 0 && !(at->beneath && strcmp(at->driver, "preallocate") == 0))
            return false;
    return !is_raw(member->image) || first->next || first->offset != 0 || first->size != IMGPROBE_UNKNOWN;
}

struct imgprobe_bytes info_filename(const struct answer *answer, const struct imgprobe_member *member)
{
    LARGE_BUFFER struct room room;
    const struct imgprobe_layer *at;
    bool format = false;

    if (!is_graph(member))
        return name_of_member(answer->file, member);
    room.length = 0;
    put(&room, "json:");
    for (at = member->via->led.layers; at; at = at->next) {
        bool decoder = at->beneath && !format;

        format = format || at->beneath;
        /* The outermost raw of a raw image is the image itself. */
        if (decoder && !is_raw(member->image))
            put_driver(&room, member->image->format->qemu_name, NULL);
        put_driver(&room, at->driver, at);
    }
    if (!format)
        put_driver(&room, member->image->format->qemu_name, NULL);
    put_file(&room, member);
    return text_bytes(room.text);
}
