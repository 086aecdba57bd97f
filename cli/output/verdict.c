/* SPDX-License-Identifier: MIT */
/*
 * Exit statuses and error lines, the same for every subcommand.
 */
#include "output/verdict.h"
#include "output/text.h"
#include "output/words.h"

#include <stdio.h>

int verdict_rank(int status)
{
    static const int rising[] = {STATUS_ANSWERED, STATUS_REFUSED, STATUS_AMBIGUOUS, STATUS_NO_ANSWER, STATUS_USAGE};
    int i = 0;

    while (i < 4 && rising[i] != status)
        i++;
    return i;
}

int verdict_of_error(enum imgprobe_status status)
{
    switch (status) {
    case IMGPROBE_OK:
        return STATUS_ANSWERED;
    case IMGPROBE_REFUSED:
        return STATUS_REFUSED;
    case IMGPROBE_AMBIGUOUS:
        return STATUS_AMBIGUOUS;
    case IMGPROBE_USAGE:
        return STATUS_USAGE;
    default:
        return STATUS_NO_ANSWER;
    }
}

int verdict_of_chain(enum imgprobe_chain_state state)
{
    switch (state) {
    case IMGPROBE_CHAIN_COMPLETE:
        return STATUS_ANSWERED;
    case IMGPROBE_CHAIN_REFUSED:
        return STATUS_REFUSED;
    case IMGPROBE_CHAIN_AMBIGUOUS:
        return STATUS_AMBIGUOUS;
    default:
        return STATUS_NO_ANSWER;
    }
}

struct imgprobe_bytes verdict_path(const char *file, const struct imgprobe_member *member)
{
    if (member == NULL || member->index == 0 || member->path.bytes == NULL)
        return text_bytes(file);
    return member->path;
}

struct imgprobe_bytes verdict_name(const struct imgprobe_reference *at)
{
    return at->redacted.bytes == NULL ? at->name : at->redacted;
}

void verdict_complain(const struct answer *answer)
{
    const struct imgprobe_reference *at = answer->at;
    char message[MESSAGE_SIZE];

    imgprobe_error_text(&answer->error, message, sizeof(message));
    text_complain_start(verdict_path(answer->file, answer->culprit), message);
    if (at != NULL) {
        fprintf(stderr, ": %s ", word_of_role(at->role));
        text_quote(stderr, at->path.bytes != NULL && at->protocol == NULL ? at->path : verdict_name(at));
    }
    fputc('\n', stderr);
}

static void json_valued(struct json *json, const char *key, uint64_t number, bool valued)
{
    if (valued)
        json_number(json, key, number);
    else
        json_known(json, key, number);
}

void verdict_json(const struct imgprobe_error *error, struct json *json)
{
    char message[MESSAGE_SIZE];

    imgprobe_error_text(error, message, sizeof(message));
    json_string(json, "field", error->field);
    json_known(json, "offset", error->offset);
    json_valued(json, "found", error->found, error->valued);
    json_known(json, "least", error->least);
    json_known(json, "most", error->most);
    json_string(json, "message", message);
}
