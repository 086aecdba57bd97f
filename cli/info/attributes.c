/* SPDX-License-Identifier: MIT */
/*
 * The attributes of an image in the JSON document.
 */
#include "info/info.h"
#include "output/names.h"

#include <string.h>

static void put_attribute(const struct imgprobe_image *image, const struct imgprobe_attribute *at, const char *key,
                          struct json *json)
{
    if (at->type == IMGPROBE_BOOL)
        json_bool(json, key, at->number != 0);
    else if (at->type == IMGPROBE_NUMBER)
        json_number(json, key, at->number);
    else if (at->qemu)
        json_bytes(json, key, text_of_attribute(image, at));
    else
        json_name(json, key, text_of_attribute(image, at));
}

/* Where the attributes stand: the first word of their names, which opened an object, or a list and an object in it.
 */
struct place {
    const char *open;  /* NULL: in neither */
    size_t length;     /* of the word */
    const char *first; /* of a list's object: the key with which the next object begins */
};

static void leave(struct place *place, struct json *json)
{
    if (!place->open)
        return;
    json_close(json);
    if (place->first)
        json_close(json);
    place->open = NULL;
}

static bool is_list(const char *name, size_t length)
{
    return length > 2 && memcmp(name + length - 2, "[]", 2) == 0;
}

/* "encrypt.format" and its neighbours with the same first word share one object. "slots[].active" begins an object of
 * a list, which its neighbours share until it comes again. Gives the key in the object. */
static const char *enter(struct place *place, const char *name, struct json *json)
{
    const char *dot = strchr(name, '.');
    size_t length = dot ? (size_t)(dot - name) : 0;

    if (place->open && (length != place->length || memcmp(place->open, name, length) != 0))
        leave(place, json);
    if (!dot)
        return name;
    if (!place->open) {
        *place = (struct place){.open = name, .length = length, .first = is_list(name, length) ? dot + 1 : NULL};
        json_open_part(json, name, place->first ? length - 2 : length, place->first ? '[' : '{');
        if (place->first)
            json_open(json, NULL, '{');
    } else if (place->first && strcmp(place->first, dot + 1) == 0) {
        json_close(json);
        json_open(json, NULL, '{');
    }
    return dot + 1;
}

void info_attributes(const struct imgprobe_image *image, bool qemu, struct json *json)
{
    const struct imgprobe_attribute *at;
    struct place place = {.open = NULL};

    for (at = image->attributes; at; at = at->next)
        if (at->qemu == qemu)
            put_attribute(image, at, enter(&place, at->name, json), json);
    leave(&place, json);
}
