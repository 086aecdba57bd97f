/* SPDX-License-Identifier: MIT */
/*
 * What was found, for people and for programs.
 */
#include "output/layers.h"
#include "output/text.h"
#include "verify/verify.h"

#include <inttypes.h>
#include <string.h>

#define SCHEMA 1

const char *verify_word(enum verdict verdict)
{
    static const char *const words[] = {
        [VERDICT_UNCHANGED] = "unchanged", [VERDICT_CHANGED] = "changed", [VERDICT_CANNOT_TELL] = "cannot-tell"};

    return words[verdict];
}

int verify_status(const struct verified *verified)
{
    return verified->verdict == VERDICT_UNCHANGED ? verified->documents.answered : STATUS_NO_ANSWER;
}

/* What the answer itself was. */
static const char *answer_word(int status)
{
    switch (status) {
    case STATUS_ANSWERED:
        return "full";
    case STATUS_REFUSED:
        return "refused";
    case STATUS_AMBIGUOUS:
        return "ambiguous";
    default:
        return "no full answer";
    }
}

static const struct imgprobe_receipt_range *range_of(const struct verified_member *m)
{
    return m->outcome.range < m->receipt.range_count ? &m->receipt.ranges[m->outcome.range] : NULL;
}

static void json_outcome(const struct outcome *outcome, struct json *json)
{
    json_string(json, "verdict", verify_word(outcome->verdict));
    json_string(json, "field", outcome->field);
    json_string(json, "message", outcome->message);
}

static void json_member(const struct verified_member *m, struct json *json)
{
    const struct imgprobe_receipt_range *range = range_of(m);

    json_open(json, NULL, '{');
    json_number(json, "member-index", m->index);
    json_name(json, "path", m->path);
    json_outcome(&m->outcome, json);
    if (range) {
        json_number(json, "range-index", m->outcome.range);
        json_number(json, "offset", range->offset);
        json_number(json, "length", range->length);
    }
    if (m->touched)
        json_bool(json, "change-time-differs", true);
    json_close(json);
}

static void json_stats(const struct verified *verified, struct json *json)
{
    json_open(json, "stats", '{');
    json_number(json, "reads", verified->reads);
    json_number(json, "bytes", verified->bytes);
    layers_json(&verified->options->sandbox, json);
    json_close(json);
}

void verify_json(const struct verified *verified, struct json *json)
{
    const struct documents *documents = &verified->documents;
    size_t i;

    json_open(json, NULL, '{');
    json_number(json, "schema", SCHEMA);
    json_name(json, "filename", text_bytes(verified->file));
    json_string(json, "verdict", verify_word(verified->verdict));
    json_number(json, "exit", (uint64_t)verify_status(verified));
    if (verified->error.status == IMGPROBE_OK)
        json_number(json, "answer-exit", (uint64_t)documents->answered);
    else
        json_string(json, "message", verified->error.what);
    if (verified->line != 0) {
        json_number(json, "line", verified->line);
        json_number(json, "byte", verified->byte);
    }
    json_open(json, "members", '[');
    for (i = 0; verified->error.status == IMGPROBE_OK && i < documents->member_count; i++)
        json_member(&documents->members[i], json);
    json_close(json);
    json_open(json, "names", '[');
    for (i = 0; verified->error.status == IMGPROBE_OK && i < documents->name_count; i++) {
        json_open(json, NULL, '{');
        json_name(json, "path", documents->names[i].path);
        json_outcome(&documents->names[i].outcome, json);
        json_close(json);
    }
    json_close(json);
    if (verified->options->stats)
        json_stats(verified, json);
    json_close(json);
}

static void put_outcome(const struct outcome *outcome, FILE *stream)
{
    fprintf(stream, ": %s", outcome->verdict == VERDICT_CANNOT_TELL ? "cannot tell" : verify_word(outcome->verdict));
    if (outcome->message)
        fprintf(stream, ": %s", outcome->message);
}

static void put_member(const struct verified_member *m, FILE *stream)
{
    const struct imgprobe_receipt_range *range = range_of(m);

    if (m->path.bytes)
        text_put(stream, m->path);
    else
        fprintf(stream, "member %" PRIu64, m->index);
    put_outcome(&m->outcome, stream);
    if (range)
        fprintf(stream, ": range %zu of %zu, %" PRIu64 " bytes at %" PRIu64, m->outcome.range + 1,
                m->receipt.range_count, range->length, range->offset);
    else if (m->outcome.field && strcmp(m->outcome.field, "size") == 0)
        fprintf(stream, ": %" PRIu64 " bytes, and %" PRIu64 " then", m->outcome.size, m->receipt.size);
    else if (m->outcome.verdict == VERDICT_UNCHANGED && m->touched)
        fputs(" (its change time is another)", stream);
    fputc('\n', stream);
}

static void put_count(const char *before, size_t count, const char *what, FILE *stream)
{
    if (count == 0)
        fprintf(stream, "%s no %ss", before, what);
    else
        fprintf(stream, "%s %zu %s%s", before, count, what, count == 1 ? "" : "s");
}

void verify_text(const struct verified *verified, FILE *stream)
{
    const struct documents *documents = &verified->documents;
    size_t i;

    if (verified->error.status != IMGPROBE_OK)
        return; /* said on standard error */
    for (i = 0; i < documents->member_count; i++)
        put_member(&documents->members[i], stream);
    for (i = 0; i < documents->name_count; i++) {
        text_put(stream, documents->names[i].path);
        put_outcome(&documents->names[i].outcome, stream);
        fputc('\n', stream);
    }
    text_put(stream, text_bytes(verified->file));
    put_outcome(&(struct outcome){.verdict = verified->verdict}, stream);
    put_count(", by", documents->member_count, "member", stream);
    put_count(" and", documents->name_count, "name", stream);
    fprintf(stream, "; the answer was: %s (exit %d)\n", answer_word(documents->answered), documents->answered);
    if (!verified->options->stats)
        return;
    fprintf(stream, "read %" PRIu64 " bytes in %" PRIu64 " reads\nsandbox: ", verified->bytes, verified->reads);
    layers_text(&verified->options->sandbox, stream);
    fputc('\n', stream);
}
