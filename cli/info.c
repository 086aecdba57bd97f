/* SPDX-License-Identifier: MIT */
/*
 * imgprobe info: opens each FILE, asks for its chain, prints the answer and picks the exit status.
 */
#include "info.h"
#include "input.h"
#include "stream.h"
#include "text.h"
#include "words.h"

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

/* The more it says, the higher: with several files one status stands for all. */
static int rank(int status)
{
    static const int rising[] = {STATUS_ANSWERED, STATUS_REFUSED, STATUS_AMBIGUOUS, STATUS_NO_ANSWER, STATUS_USAGE};
    int i = 0;

    while (i < 4 && rising[i] != status)
        i++;
    return i;
}

struct imgprobe_bytes info_path(const struct answer *answer, const struct imgprobe_member *member)
{
    if (member == NULL || member->index == 0 || member->path.bytes == NULL)
        return text_bytes(answer->file);
    return member->path;
}

static int status_of_error(enum imgprobe_status status)
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

static int status_of_chain(enum imgprobe_chain_state state)
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

/* Plain `info` is about this image alone, whatever it refers to; but a disk whose size is its extents' isn't known
 * without them, unless nobody wanted them opened. */
static void judge(struct answer *answer)
{
    const struct imgprobe_chain *chain = answer->chain;
    const struct imgprobe_image *top = chain->members->image;

    if (answer->options->backing_chain) {
        answer->status = status_of_chain(chain->state);
        answer->error = chain->error;
    } else if (top->error.status != IMGPROBE_OK) {
        answer->status = status_of_error(top->error.status);
        answer->error = top->error;
    } else if (top->virtual_size == IMGPROBE_UNKNOWN && !answer->options->no_open) {
        answer->status = status_of_chain(chain->state);
        answer->error = chain->error;
        if (answer->status == STATUS_ANSWERED)
            answer->status = STATUS_NO_ANSWER;
    }
}

/* What the library can't know of the stream that it read from. */
static void explain_stream(struct imgprobe_chain *chain)
{
    static const char what[] = "standard input is a pipe: of what it gave, only the first 4 MiB and the last 2048 "
                               "bytes were kept";
    struct imgprobe_error *error = &chain->members->image->error;

    if (!stream_missed() || error->status != IMGPROBE_SYSTEM)
        return;
    error->what = what;
    if (chain->culprit == chain->members)
        chain->error.what = what;
}

/* One line: the file, what is wrong with it, and the reference at which a chain ended. */
static void complain(const struct answer *answer)
{
    const struct imgprobe_chain *chain = answer->chain;
    bool in_chain =
        chain != NULL && (answer->options->backing_chain || chain->members->image->error.status == IMGPROBE_OK);
    char message[MESSAGE_SIZE];

    if (answer->status == STATUS_ANSWERED)
        return;
    imgprobe_error_text(&answer->error, message, sizeof(message));
    text_complain_start(in_chain ? info_path(answer, chain->culprit) : text_bytes(answer->file), message);
    if (in_chain && chain->at != NULL) {
        fprintf(stderr, ": %s ", word_of_role(chain->at->role));
        text_quote(stderr, chain->at->path.bytes != NULL ? chain->at->path : chain->at->name);
    }
    fputc('\n', stderr);
}

static void print(const struct answer *answer, bool first)
{
    struct json json;

    if (answer->options->output == OUTPUT_JSON) {
        json_start(&json, stdout, answer->options->file_count > 1);
        info_json(answer, &json);
        json_finish(&json);
        return;
    }
    if (!first)
        fputc('\n', stdout);
    info_text(answer, stdout);
}

static void ask(struct answer *answer, const struct input *input, struct imgprobe_workspace *workspace)
{
    const struct options *options = answer->options;
    const struct imgprobe_roots roots = {
        .struct_size = sizeof(roots), .roots = options->roots, .root_count = options->root_count};
    const struct imgprobe_options how = {
        .struct_size = sizeof(how),
        .format = options->format,
        .reader = options->reader,
        .follow = options->backing_chain ? IMGPROBE_FOLLOW_ALL : IMGPROBE_FOLLOW_OWN,
        .name = input->name,
        .workdir = options->workdir,
        .declarations = options->declarations,
        .declaration_count = options->declaration_count,
    };
    struct imgprobe_opener opener = {.struct_size = sizeof(opener)};
    struct imgprobe_chain *chain = NULL;

    imgprobe_safe_opener(&opener, &roots);
    answer->error.status = imgprobe_chain(&how, &input->opened, options->no_open ? NULL : &opener, workspace, &chain);
    if (answer->error.status == IMGPROBE_USAGE || chain == NULL || chain->members == NULL)
        return;
    explain_stream(chain);
    answer->chain = chain;
    answer->workspace = workspace->most;
}

static int info_file(const struct options *options, const char *file, bool first)
{
    /* All that the library remembers stands here, until the next FILE. */
    static alignas(max_align_t) unsigned char memory[IMGPROBE_WORKSPACE_DEFAULT];
    struct imgprobe_workspace workspace = {
        .struct_size = sizeof(workspace), .memory = memory, .size = sizeof(memory)};
    struct answer answer = {.options = options, .file = file};
    struct input input;
    enum imgprobe_status status = input_open(file, &input, &answer.error);

    if (status == IMGPROBE_OK) {
        ask(&answer, &input, &workspace);
        input_close(&input);
    } else {
        answer.error.status = status;
    }
    if (answer.chain != NULL)
        judge(&answer);
    else
        answer.status = status_of_error(answer.error.status);
    print(&answer, first);
    complain(&answer);
    return answer.status;
}

int run_info(const struct command *self, int argc, char **argv)
{
    struct options options;
    int status = STATUS_ANSWERED;

    if (options_parse(&options, self, argc, argv, &status)) {
        status = STATUS_ANSWERED;
        for (size_t i = 0; i < options.file_count; i++) {
            int one = info_file(&options, options.files[i], i == 0);

            if (rank(one) > rank(status))
                status = one;
        }
    }
    options_free(&options);
    return status;
}
