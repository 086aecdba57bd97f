/* SPDX-License-Identifier: MIT */
/*
 * imgprobe verify: whether an answer still holds, by the receipt that it was given with.
 */
#include "verify/verify.h"
#include "commands.h"
#include "input/input.h"
#include "input/outputs.h"
#include "output/text.h"

#include <stdlib.h>
#include <unistd.h>

/* A chain of as many members as the limits allow takes less, printed for people. */
#define DOCUMENT_MOST ((uint64_t)32 << 20)
static const char too_long[] = "a document of over 32 MiB";

static bool fail(struct verified *verified, const char *what)
{
    verified->error.status = IMGPROBE_SYSTEM;
    verified->error.what = what;
    return false;
}

/* All of FILE, to be freed. */
static bool load(struct verified *verified, unsigned char **ret_text, size_t *ret_length)
{
    struct input input;
    bool good = false;

    *ret_text = NULL;
    if (input_is_stream(verified->file, false)) {
        *ret_text = stream_load(STDIN_FILENO, DOCUMENT_MOST, ret_length, &verified->error);
        return *ret_text || (*ret_length > DOCUMENT_MOST && fail(verified, too_long));
    }
    if (input_open(verified->file, NULL, &input, &verified->error) != IMGPROBE_OK)
        return fail(verified, verified->error.what ? verified->error.what : "it can't be opened");
    if (input.opened.source.size > DOCUMENT_MOST)
        fail(verified, too_long);
    else if (!(*ret_text = malloc((size_t)input.opened.source.size + 1)))
        fail(verified, "out of memory");
    else if (input.opened.source.size != 0 &&
             input.opened.source.read_at(input.opened.source.context, 0, *ret_text,
                                         (size_t)input.opened.source.size) != IMGPROBE_OK)
        fail(verified, "it can't be read as a whole");
    else
        good = true;
    *ret_length = (size_t)input.opened.source.size;
    input_close(&input);
    return good;
}

static void print(const struct verified *verified)
{
    struct json json;

    if (verified->options->output != OUTPUT_JSON) {
        verify_text(verified, stdout);
        return;
    }
    json_start(&json, stdout, verified->options->file_count > 1);
    verify_json(verified, &json);
    json_finish(&json);
}

static void complain(const struct verified *verified)
{
    text_complain_start(text_bytes(verified->file), NULL);
    if (verified->line != 0)
        fprintf(stderr, "line %zu, byte %zu: ", verified->line, verified->byte);
    text_put_string(stderr, verified->error.what);
    fputc('\n', stderr);
}

/* Nothing is verified before all of FILE is understood. */
static unsigned look(struct verified *verified, unsigned char *text, size_t length)
{
    struct reader reader;

    reader_start(&reader, text, length);
    if (documents_read(&verified->documents, &reader))
        return verify_compare(verified);
    fail(verified, reader.wrong);
    verified->line = reader.line;
    verified->byte = reader.at - reader.line_start + 1;
    return OUTPUTS_NONE;
}

static int verify(const struct options *options, const char *file)
{
    struct verified verified = {.options = options, .file = file};
    unsigned taken = OUTPUTS_NONE;
    unsigned char *text;
    size_t length;
    int status;

    if (load(&verified, &text, &length)) {
        verified.error.status = IMGPROBE_OK;
        taken = look(&verified, text, length);
    }
    if (verified.error.status != IMGPROBE_OK)
        verified.verdict = VERDICT_CANNOT_TELL;
    if ((taken & OUTPUTS_OUT) == 0)
        print(&verified);
    if (verified.error.status != IMGPROBE_OK)
        complain(&verified);
    else if (verified.astray)
        fputs("imgprobe: hint: a relative name starts from the directory in which the document was made: run verify "
              "there\n",
              stderr);
    status = verify_status(&verified);
    documents_free(&verified.documents);
    free(text);
    return status;
}

const struct command command_verify = {
    .name = "verify",
    .bit = COMMAND_VERIFY,
    .operands = "DOCUMENT...",
    .summary = "whether what info, access or check printed with --receipt still holds",
    .answer = verify,
};
