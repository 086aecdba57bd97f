/* SPDX-License-Identifier: MIT */
/*
 * A document about one file, of one line: schema version 1.
 */
#include "output/failure.h"
#include "output/names.h"
#include "output/readers.h"
#include "output/text.h"
#include "output/words.h"
#include "scan/scan.h"

static void put_identity(const struct imgprobe_identity *identity, struct json *json)
{
    json_number(json, "device", identity->device);
    json_number(json, "inode", identity->inode);
}

static void put_image(const struct found *found, struct json *json)
{
    const struct imgprobe_image *image = found->chain->members->image;

    if (image->format) {
        json_string(json, "format", image->format->name);
        json_string(json, "format-source", word_of_format_source(image->format_source));
    }
    json_string(json, "variant", image->variant);
    json_words(json, "content", image->content);
    if (image->error.status == IMGPROBE_OK)
        json_known(json, "virtual-size", image->virtual_size);
    json_known(json, "file-size", image->file_size);
    json_known(json, "actual-size", found->opened->allocated);
    json_string(json, "references-state", word_of_references_state(image->references_state));
}

/* The identity is that of the file to which it leads, which has a line of its own if the walk came to it. */
static void put_reference(const struct found *found, const struct imgprobe_reference *at, struct json *json)
{
    json_open(json, NULL, '{');
    json_string(json, "role", word_of_role(at->role));
    json_name(json, "name", name_of_reference(at));
    json_bytes(json, "format", at->led.format);
    json_string(json, "kind", word_of_kind(at->led.kind));
    json_name(json, "path", at->led.path);
    json_string(json, "reason", at->led.reason);
    if (at->led.ignored)
        json_bool(json, "ignored", true);
    if (at->led.member)
        put_identity(&at->led.member->identity, json);
    else if (at == found->backing && found->led)
        put_identity(&found->base, json);
    json_close(json);
}

static void put_references(const struct found *found, struct json *json)
{
    const struct imgprobe_reference *at = found->chain->members->image->references;

    if (!at)
        return;
    json_open(json, "references", '[');
    for (; at; at = at->next)
        put_reference(found, at, json);
    json_close(json);
}

static void put_findings(const struct found *found, struct json *json)
{
    const struct imgprobe_finding *at = NULL;

    json_open(json, "findings", '[');
    while ((at = scan_findings(found, at)) != NULL) {
        json_open(json, NULL, '{');
        json_string(json, "id", at->row->id);
        json_string(json, "severity", word_of_severity(at->row->severity));
        json_bool(json, "refused", at->refused);
        if (at->more != 0)
            json_number(json, "more", at->more);
        json_close(json);
    }
    json_close(json);
}

static void put_error(const struct found *found, struct json *json)
{
    if (found->error.status == IMGPROBE_OK)
        return;
    failure_json(&found->error, json);
    if (!found->at)
        return;
    json_open(json, "at", '{');
    json_string(json, "role", word_of_role(found->at->role));
    json_name(json, "name", name_of_reference(found->at));
    json_name(json, "path", found->at->led.path);
    json_close(json);
}

void scan_json(const struct found *found, FILE *stream)
{
    const struct options *options = found->scan->options;
    struct json json;

    json_start(&json, stream, true);
    json_open(&json, NULL, '{');
    json_number(&json, "schema", 1);
    json_string(&json, "type", "file");
    json_name(&json, "filename", text_bytes(found->name));
    if (found->opened)
        put_identity(&found->opened->identity, &json);
    if (found->chain) {
        put_image(found, &json);
        put_references(found, &json);
        if (options->backing_chain)
            json_string(&json, "chain-state", word_of_chain_state(found->chain->state));
    }
    json_string(&json, "status", word_of_status(found->error.status));
    put_error(found, &json);
    if (found->verdict)
        put_findings(found, &json);
    json_number(&json, "exit", (uint64_t)found->status);
    json_close(&json);
    json_finish(&json);
}
