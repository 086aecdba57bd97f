/* SPDX-License-Identifier: MIT */
/*
 * The JSON document of `imgprobe check` for one FILE, schema version 1. It is there whatever came out.
 */
#include "check/check.h"
#include "output/stats.h"
#include "output/text.h"
#include "output/failure.h"
#include "output/names.h"
#include "output/status.h"
#include "output/readers.h"
#include "output/receipt.h"
#include "output/words.h"

#define SCHEMA 1

static void put_remark(const struct answer *answer, const struct imgprobe_finding *at, struct json *json)
{
    json_open(json, NULL, '{');
    json_string(json, "id", at->row->id);
    json_string(json, "severity", word_of_severity(at->row->severity));
    json_bool(json, "refused", at->refused);
    json_name(json, "member", name_of_member(answer->file, at->member));
    json_number(json, "member-index", at->member->index);
    if (at->reference) {
        json_string(json, "role", word_of_role(at->reference->role));
        json_name(json, "name", name_of_reference(at->reference));
    }
    json_known(json, "offset", at->offset);
    json_string(json, "message", at->message);
    json_string(json, "explanation", at->row->explanation);
    if (at->more != 0)
        json_number(json, "more", at->more);
    json_close(json);
}

/* The format by which all below was found, and whether that was only probed. */
static void put_top(const struct answer *answer, struct json *json)
{
    const struct imgprobe_image *image = answer->chain->members->image;

    if (!image->format)
        return;
    json_string(json, "format", image->format->name);
    json_string(json, "format-source", word_of_format_source(image->format_source));
    json_words(json, "content", image->content);
    json_string(json, "inside", image->inside ? image->inside->compression : NULL);
}

void check_json(const struct answer *answer, struct json *json)
{
    const struct imgprobe_finding *at = answer->verdict ? answer->verdict->findings : NULL;

    json_open(json, NULL, '{');
    json_number(json, "schema", SCHEMA);
    json_name(json, "filename", text_bytes(answer->file));
    json_string(json, "policy", check_policy(answer->options));
    readers_json(answer->options, json);
    if (answer->chain)
        put_top(answer, json);
    json_string(json, "chain-state", word_of_chain_state(status_chain_state(answer)));
    json_string(json, "status", word_of_status(answer->error.status));
    if (answer->status != STATUS_ANSWERED && !check_is_explained(answer))
        failure_json(&answer->error, json);
    json_string(json, "verdict", check_word(answer));
    if (answer->stopped)
        json_number(json, "stopped-at", answer->received);
    json_number(json, "exit", (uint64_t)answer->status);
    json_open(json, "findings", '[');
    for (; at; at = at->next)
        put_remark(answer, at, json);
    json_close(json);
    if (answer->options->stats && answer->chain)
        stats_json(answer->chain, answer->workspace, &answer->options->sandbox, json);
    receipt_json(answer, json);
    json_close(json);
}
