/* SPDX-License-Identifier: MIT */
/*
 * The JSON document of one FILE: qemu-img's keys, and beside them the object "imgprobe", schema version 1.
 */
#include "info/info.h"
#include "output/stats.h"
#include "output/text.h"
#include "output/tree.h"
#include "output/failure.h"
#include "output/names.h"
#include "output/status.h"
#include "output/readers.h"
#include "output/receipt.h"
#include "output/words.h"

#define SCHEMA 1

static void put_findings(const struct imgprobe_image *image, struct json *json)
{
    const struct imgprobe_finding *at;

    json_open(json, "findings", '[');
    for (at = image->findings; at; at = at->next) {
        json_open(json, NULL, '{');
        json_string(json, "id", at->row->id);
        json_string(json, "severity", word_of_severity(at->row->severity));
        json_known(json, "offset", at->offset);
        json_string(json, "message", at->message);
        if (at->more != 0)
            json_number(json, "more", at->more);
        json_close(json);
    }
    json_close(json);
}

static void put_lists(const struct answer *answer, const struct imgprobe_image *image, struct json *json)
{
    const struct imgprobe_reference *reference;
    const struct imgprobe_word *at;

    json_open(json, "also-matches", '[');
    for (at = image->also_matches; at; at = at->next)
        json_string(json, NULL, at->name);
    json_close(json);
    json_string(json, "references-state", word_of_references_state(image->references_state));
    json_open(json, "references", '[');
    for (reference = image->references; reference; reference = reference->next)
        info_reference(answer, reference, json);
    json_close(json);
    put_findings(image, json);
}

/* Those that qemu-img has no key for. Its own stand in "format-specific". */
static void put_own_attributes(const struct imgprobe_image *image, struct json *json)
{
    const struct imgprobe_attribute *at = image->attributes;

    while (at && at->qemu)
        at = at->next;
    if (!at)
        return;
    json_open(json, "attributes", '{');
    info_attributes(image, false, json);
    json_close(json);
}

/* What is said once, in the first member: about the whole answer. */
static void put_whole(const struct answer *answer, struct json *json)
{
    const struct imgprobe_chain *chain = answer->chain;

    readers_json(answer->options, json);
    json_number(json, "exit", (uint64_t)answer->status);
    if (!answer->options->backing_chain)
        return;
    json_string(json, "chain-state", word_of_chain_state(status_chain_state(answer)));
    if (!chain || chain->state == IMGPROBE_CHAIN_COMPLETE)
        return;
    json_open(json, "chain-error", '{');
    json_string(json, "reason", failure_reason(&chain->error, chain->at));
    failure_json(&chain->error, json);
    json_name(json, "member", name_of_member(answer->file, chain->culprit));
    if (chain->at) {
        json_string(json, "role", word_of_role(chain->at->role));
        json_name(json, "name", name_of_reference(chain->at));
        json_name(json, "path", chain->at->led.path);
    }
    json_close(json);
}

/* A file's name is any bytes, and "filename" has to be text. */
static void put_filename_bytes(struct imgprobe_bytes path, struct json *json)
{
    if (!text_exact(path))
        json_hexadecimal(json, "filename-bytes", path);
}

static void put_image(const struct answer *answer, const struct imgprobe_image *image, struct json *json)
{
    json_string(json, "status", word_of_status(image->error.status));
    if (image->error.status != IMGPROBE_OK)
        failure_json(&image->error, json);
    if (image->format) {
        json_string(json, "format", image->format->name);
        json_string(json, "variant", image->variant);
        json_string(json, "tier", word_of_tier(image->format->tier));
        json_string(json, "format-source", word_of_format_source(image->format_source));
    }
    json_words(json, "content", image->content);
    put_lists(answer, image, json);
    put_own_attributes(image, json);
}

static void put_described(const struct answer *answer, const struct imgprobe_member *member, struct json *json)
{
    const struct imgprobe_image *image = member->image;

    json_number(json, "schema", SCHEMA);
    put_filename_bytes(name_of_member(answer->file, member), json);
    json_number(json, "member-index", member->index);
    put_image(answer, image, json);
    if (answer->options->stats)
        stats_member_json(member, answer->workspace, &answer->options->sandbox, json);
}

/* What is claimed of the image inside a compressed FILE. A size that isn't known is left out. */
static void put_inside(const struct answer *answer, struct json *json)
{
    const struct imgprobe_image *image = answer->inside->image;

    json_open(json, "inside", '{');
    json_string(json, "compression", image->inside->compression);
    json_bool(json, "whole", image->inside->whole);
    json_known(json, "file-size", image->file_size);
    if (image->error.status == IMGPROBE_OK)
        json_known(json, "virtual-size", image->virtual_size);
    put_image(answer, image, json);
    if (answer->options->stats) {
        json_open(json, "stats", '{');
        json_number(json, "reads", image->reads);
        json_number(json, "bytes", image->bytes);
        json_number(json, "inflated", image->inside->inflated);
        json_close(json);
    }
    json_close(json);
}

/* A member that is no line of the document, an extent or a data file, and has more to say than fits its reference. */
static bool has_more(const struct imgprobe_member *member)
{
    return member->via != NULL && member->via->role != IMGPROBE_ROLE_BACKING && member->image != NULL &&
           (member->image->references != NULL || member->image->findings != NULL ||
            member->image->error.status != IMGPROBE_OK);
}

/* Extents and data files aren't elements of qemu-img's array, so what they have to say stands with the top. */
static void put_members(const struct answer *answer, struct json *json)
{
    bool open = false;
    const struct imgprobe_member *at;

    for (at = answer->chain->members; at; at = at->next) {
        if (!has_more(at))
            continue;
        if (!open)
            json_open(json, "members", '[');
        open = true;
        json_open(json, NULL, '{');
        json_name(json, "path", name_of_member(answer->file, at));
        put_described(answer, at, json);
        json_close(json);
    }
    if (open)
        json_close(json);
}

static void put_imgprobe(const struct answer *answer, const struct imgprobe_member *member, struct json *json)
{
    json_open(json, "imgprobe", '{');
    put_described(answer, member, json);
    if (member->index == 0) {
        put_whole(answer, json);
        put_members(answer, json);
        if (answer->inside)
            put_inside(answer, json);
        receipt_json(answer, json);
    }
    json_close(json);
}

/* A program that reads the output gets an object for each FILE, also for one that couldn't be opened. */
static void put_unopened(const struct answer *answer, struct json *json)
{
    json_open(json, NULL, '{');
    json_string(json, "filename", answer->file);
    json_open(json, "imgprobe", '{');
    json_number(json, "schema", SCHEMA);
    put_filename_bytes(text_bytes(answer->file), json);
    json_string(json, "status", word_of_status(answer->error.status));
    failure_json(&answer->error, json);
    put_whole(answer, json);
    json_close(json);
    json_close(json);
}

void info_json(const struct answer *answer, struct json *json)
{
    const struct imgprobe_member *at = answer->chain ? answer->chain->members : NULL;
    bool array = answer->options->backing_chain;

    if (array)
        json_open(json, NULL, '[');
    if (!at)
        put_unopened(answer, json);
    for (; at && at->image; at = array ? tree_base(answer->chain, at) : NULL) {
        json_open(json, NULL, '{');
        info_qemu(answer, at, json);
        put_imgprobe(answer, at, json);
        json_close(json);
    }
    if (array)
        json_close(json);
}
