/* SPDX-License-Identifier: MIT */
/*
 * Errors, the same for every command.
 */
#include "output/failure.h"
#include "output/names.h"
#include "output/text.h"
#include "output/words.h"

#include <stdio.h>
#include <unistd.h>

static struct imgprobe_bytes subject(const struct answer *answer)
{
    if (name_is_of_reference(&answer->error, answer->at))
        return answer->at->led.path;
    return name_of_member(answer->file, answer->culprit);
}

/* The resolved path tells more than the name in the image, but a protocol's may hold a password, which the name is
 * shown without. */
static void put_message(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_reference *at = answer->at;
    char message[MESSAGE_SIZE];

    imgprobe_error_text(&answer->error, message, sizeof(message));
    text_put_string(stream, message);
    if (!at)
        return;
    fprintf(stream, ": %s ", word_of_role(at->role));
    if (name_is_of_reference(&answer->error, at)) {
        text_quote(stream, name_of_reference(at));
        fputs(" of ", stream);
        text_quote(stream, name_of_member(answer->file, answer->culprit));
    } else {
        text_quote(stream, at->led.path.bytes && !at->led.protocol ? at->led.path : name_of_reference(at));
    }
}

void failure_put(const struct answer *answer, FILE *stream)
{
    struct imgprobe_bytes about = subject(answer);

    if (about.bytes != (const unsigned char *)answer->file) {
        text_put(stream, about);
        fputs(": ", stream);
    }
    put_message(answer, stream);
}

void failure_complain(const struct answer *answer)
{
    text_complain_start(subject(answer), NULL);
    put_message(answer, stderr);
    fputc('\n', stderr);
}

bool failure_is_shown(const struct answer *answer)
{
    return answer->options->output == OUTPUT_HUMAN && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
}

/* The largest number is the mark for none, but in a field it is a value that an image can hold. `valued` tells them
 * apart. */
static void json_valued(struct json *json, const char *key, uint64_t number, bool valued)
{
    if (valued)
        json_number(json, key, number);
    else
        json_known(json, key, number);
}

const char *failure_reason(const struct imgprobe_error *error, const struct imgprobe_reference *at)
{
    if (error->status == IMGPROBE_REFUSED || error->status == IMGPROBE_AMBIGUOUS)
        return error->field;
    return error->status == IMGPROBE_SYSTEM && at ? "member-missing" : NULL;
}

void failure_json(const struct imgprobe_error *error, struct json *json)
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
