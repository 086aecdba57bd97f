/* SPDX-License-Identifier: MIT */
/*
 * References in the JSON document: the name as it stands in the image, and what became of it.
 */
#include "info.h"
#include "words.h"

/* In short what an own reference led to; a backing file's full answer stands in the array. */
static void put_led(const struct answer *answer, const struct imgprobe_member *member, struct json *json)
{
    const struct imgprobe_image *image = member->image;

    json_open(json, "member", '{');
    json_name(json, "path", info_path(answer, member));
    if (image != NULL) {
        json_string(json, "format", image->format == NULL ? NULL : image->format->name);
        json_known(json, "virtual-size", image->virtual_size);
    }
    json_known(json, "actual-size", member->allocated);
    if (image != NULL)
        json_string(json, "status", word_of_status(image->error.status));
    json_close(json);
}

static void put_target(const struct answer *answer, const struct imgprobe_reference *at, struct json *json)
{
    json_string(json, "kind", word_of_kind(at->kind));
    json_name(json, "path", at->path);
    if (at->protocol != NULL) {
        json_open(json, "protocol", '{');
        json_string(json, "scheme", at->protocol->scheme);
        json_close(json);
    }
    json_string(json, "reason", at->reason);
    json_string(json, "note", at->note);
    if (at->member == NULL)
        return;
    json_number(json, "member-index", at->member->index);
    if (!answer->options->backing_chain || at->role != IMGPROBE_ROLE_BACKING)
        put_led(answer, at->member, json);
}

void info_reference(const struct answer *answer, const struct imgprobe_reference *at, struct json *json)
{
    json_open(json, NULL, '{');
    json_string(json, "role", word_of_role(at->role));
    json_name(json, "name", at->name);
    if (at->encoding != NULL) {
        json_hexadecimal(json, "stored-bytes", at->stored);
        json_string(json, "encoding", at->encoding);
    }
    json_known(json, "offset", at->offset);
    json_bytes(json, "format", at->format);
    json_string(json, "format-source", word_of_format_source(at->format_source));
    json_string(json, "type", at->type);
    json_string(json, "access", at->access);
    json_known(json, "size", at->stated_size);
    if (at->size != IMGPROBE_UNKNOWN)
        json_known(json, "data-offset", at->data_offset);
    if (at->candidate)
        json_bool(json, "candidate", true);
    if (at->ignored)
        json_bool(json, "ignored", true);
    put_target(answer, at, json);
    json_close(json);
}
