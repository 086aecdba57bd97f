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

/* "encrypt.format" and its neighbours with the same first word share one object. */
void info_attributes(const struct imgprobe_image *image, bool qemu, struct json *json)
{
    const char *open = NULL;
    size_t length = 0;
    const struct imgprobe_attribute *at;

    for (at = image->attributes; at; at = at->next) {
        const char *dot = strchr(at->name, '.');

        if (at->qemu != qemu)
            continue;
        if (open && (!dot || strncmp(open, at->name, length + 1) != 0)) {
            json_close(json);
            open = NULL;
        }
        if (!open && dot) {
            open = at->name;
            length = (size_t)(dot - at->name);
            json_open_part(json, open, length, '{');
        }
        put_attribute(image, at, dot ? dot + 1 : at->name, json);
    }
    if (open)
        json_close(json);
}
