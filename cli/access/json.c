/* SPDX-License-Identifier: MIT */
/*
 * The JSON document of `imgprobe access`, schema version 1. It is there whatever came out.
 */
#include "access/print.h"
#include "output/stats.h"
#include "output/text.h"
#include "output/failure.h"
#include "output/identity.h"
#include "output/names.h"
#include "output/status.h"
#include "output/readers.h"
#include "output/receipt.h"
#include "output/words.h"

#include <stdlib.h>
#include <string.h>

#define SCHEMA 1

/* One name stands as "path" already. There is a list only of a file that the reader opens by several. */
static void put_names(const struct imgprobe_grant *grant, struct json *json)
{
    const struct imgprobe_name *at;

    if (!grant->names || !grant->names->next)
        return;
    json_open(json, "names", '[');
    for (at = grant->names; at; at = at->next) {
        json_open(json, NULL, '{');
        json_string(json, "role", word_of_way(at->via));
        json_name(json, "path", at->path);
        json_close(json);
    }
    json_close(json);
}

/* A mode stands only in an answer: nobody may take half of one for all. */
static void put_grant(const struct answer *answer, const struct imgprobe_grant *grant, struct json *json)
{
    if (!grant)
        return;
    put_names(grant, json);
    if (answer->status == STATUS_ANSWERED)
        json_string(json, "mode", grant->write ? "read-write" : "read");
    if (grant->unconsented)
        json_bool(json, "needs-consent", true);
    json_bool(json, "writable", grant->writable);
}

static void put_member(const struct answer *answer, const struct imgprobe_member *member,
                       const struct imgprobe_grant *grant, struct json *json)
{
    const struct imgprobe_image *image = member->image;

    json_open(json, NULL, '{');
    json_number(json, "index", member->index);
    json_string(json, "role", word_of_way(member->via));
    json_name(json, "path", member->path);
    json_name(json, "canonical-path", member->canonical);
    json_string(json, "kind", word_of_kind(member->kind));
    identity_json(member->identity, member->kind, json);
    if (image->format) {
        json_string(json, "format", image->format->name);
        json_string(json, "format-source", word_of_format_source(image->format_source));
    }
    put_grant(answer, grant, json);
    if (answer->options->stats)
        stats_member_json(member, answer->workspace, &answer->options->sandbox, json);
    json_close(json);
}

static void put_advice(const struct answer *answer, struct json *json)
{
    char *advice = advice_text(answer), *rest = advice, *line;

    json_open(json, "advice", '[');
    while ((line = strsep(&rest, "\n"))) {
        if (line[0] != '\0')
            json_string(json, NULL, line);
    }
    json_close(json);
    free(advice);
}

/* Advice stands beside the error, for whoever shows it to a person. A program should go by "reason". */
static void put_error(const struct answer *answer, struct json *json)
{
    const struct imgprobe_error *error = &answer->error;

    if (answer->status == STATUS_ANSWERED)
        return;
    json_string(json, "reason", failure_reason(error, answer->at));
    failure_json(error, json);
    if (answer->culprit || answer->at) {
        json_open(json, "at", '{');
        if (answer->culprit)
            json_number(json, "member", answer->culprit->index);
        if (answer->at) {
            json_string(json, "role", word_of_role(answer->at->role));
            json_name(json, "name", name_of_reference(answer->at));
            json_name(json, "path", answer->at->led.path);
        }
        json_close(json);
    }
    put_advice(answer, json);
}

void access_json(const struct answer *answer, struct json *json)
{
    const struct imgprobe_grant *grant = answer->access ? answer->access->grants : NULL;
    const struct imgprobe_member *at = answer->chain ? answer->chain->members : NULL;

    json_open(json, NULL, '{');
    json_number(json, "schema", SCHEMA);
    json_name(json, "filename", text_bytes(answer->file));
    readers_json(answer->options, json);
    json_bool(json, "write", answer->options->write);
    json_string(json, "chain-state", word_of_chain_state(status_chain_state(answer)));
    json_string(json, "status", word_of_status(answer->error.status));
    json_number(json, "exit", (uint64_t)answer->status);
    put_error(answer, json);
    json_open(json, "members", '[');
    for (; at && at->image; at = at->next) {
        put_member(answer, at, grant, json);
        grant = grant ? grant->next : NULL;
    }
    json_close(json);
    receipt_json(answer, json);
    json_close(json);
}
