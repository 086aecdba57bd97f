/* SPDX-License-Identifier: MIT */
/*
 * Opens each FILE, asks for its chain, has the command judge and print that, and picks the exit status.
 */
#include "answer.h"
#include "access/access.h"
#include "commands.h"
#include "input/input.h"
#include "input/outputs.h"
#include "input/stream.h"
#include "large.h"
#include "output/json.h"
#include "output/status.h"
#include "output/text.h"

#include <stdlib.h>
#include <unistd.h>

#define RECEIPTS 1048576 /* bytes for those of as many members as the limits allow */

/* Where nothing that FILE names may be opened, not even a root is looked at. */
static enum imgprobe_status open_nothing(void *context, const char *path, struct imgprobe_opened *ret,
                                         struct imgprobe_error *error)
{
    (void)context;
    (void)path;
    (void)ret;
    error->status = IMGPROBE_REFUSED;
    error->field = "path-escape";
    error->what = "leads outside the directories that are allowed";
    return IMGPROBE_REFUSED;
}

/* The library can't know that its source kept only a part of what it was read from. */
static void explain_stream(struct imgprobe_chain *chain)
{
    static const char what[] = "standard input is a pipe: of what it gave, only the first 4 MiB and the last 2048 "
                               "bytes were kept";
    struct imgprobe_error *error = &chain->members->image->error;

    if (error->status != IMGPROBE_SYSTEM || !stream_missed())
        return;
    error->what = what;
    if (chain->culprit == chain->members)
        chain->error.what = what;
}

struct imgprobe_roots answer_roots(const struct answer *answer)
{
    const bool own = answer->default_root != NULL;

    return (struct imgprobe_roots){.struct_size = sizeof(struct imgprobe_roots),
                                   .roots = own ? &answer->default_root : answer->options->roots,
                                   .root_count = own ? 1 : answer->options->root_count};
}

/* Canonical names cost two system calls for each member. access prints them, libvhd goes by them, and a receipt holds
 * where a file lay. */
static bool tells_canonical(const struct options *options)
{
    return options->receipt || options->command->bit == COMMAND_ACCESS || options->reader == IMGPROBE_READER_XEN;
}

/* What isn't beneath a root is opened by nobody: the chain then ends there, and says so. Without a default root and
 * without given ones, info opens a name wherever it leads. */
static void ask(struct answer *answer, const struct input *input, struct imgprobe_workspace *workspace)
{
    const struct options *options = answer->options;
    const bool beneath = options->command->beneath_roots;
    const bool anywhere = options->kind != NULL && options->kind->anywhere;
    const struct imgprobe_roots none = {.struct_size = sizeof(none)};
    const struct imgprobe_roots roots = anywhere ? none : answer_roots(answer);
    const struct imgprobe_options how = {
        .struct_size = sizeof(how),
        .format = options->format,
        .reader = options->reader,
        .version = options->version,
        .follow = beneath || options->backing_chain ? IMGPROBE_FOLLOW_ALL : IMGPROBE_FOLLOW_OWN,
        .name = input->name,
        .workdir = options->workdir,
        .declarations = options->declarations,
        .declaration_count = options->declaration_count,
        .receipt = options->receipt,
    };
    struct imgprobe_opener opener = {.struct_size = sizeof(opener)};
    struct imgprobe_chain *chain = NULL;

    input_opener(&opener, &roots);
    if (beneath && !anywhere && roots.root_count == 0)
        opener.open = open_nothing;
    if (!tells_canonical(options))
        opener.canonical = NULL;
    answer->error.status = imgprobe_chain(&how, &input->opened, options->no_open ? NULL : &opener, workspace, &chain);
    if (answer->error.status == IMGPROBE_USAGE || !chain || !chain->members)
        return;
    explain_stream(chain);
    answer->chain = chain;
}

/* Returns the exit status. It isn't the answer's own where the kind of output can't carry the answer. */
static int print(const struct answer *answer)
{
    const struct options *options = answer->options;
    struct json json;

    if (options->output != OUTPUT_JSON)
        return options->command->text(answer, stdout);
    json_start(&json, stdout, options->file_count > 1);
    options->command->json(answer, &json);
    json_finish(&json);
    return answer->status;
}

/* An image isn't written over by the answer about it: neither FILE, which may be another since it was looked at
 * first, nor what it refers to. */
static unsigned refuse_outputs(struct answer *answer, const struct input *input)
{
    const struct imgprobe_member *at = answer->chain ? answer->chain->members : NULL, *culprit = NULL;
    unsigned taken = input ? outputs_that_are(&input->opened.identity) : OUTPUTS_NONE;

    for (; taken == OUTPUTS_NONE && at; at = at->next) {
        taken = outputs_that_are(&at->identity);
        culprit = at;
    }
    if (taken == OUTPUTS_NONE)
        return OUTPUTS_NONE;
    answer->culprit = culprit;
    answer->at = NULL;
    answer->status = STATUS_NO_ANSWER;
    outputs_close(taken, &answer->error);
    return taken;
}

/* The same for each FILE before the first is answered, since what is said of one could be written over another. */
static bool refuse_files(const struct options *options)
{
    struct imgprobe_error error;
    bool refused = false;
    size_t i;

    for (i = 0; !refused && i < options->file_count; i++) {
        unsigned taken = input_is_output(options->files[i]);

        refused = taken != OUTPUTS_NONE;
        if (refused) {
            outputs_close(taken, &error);
            text_complain(options->files[i], error.what);
        }
    }
    return refused;
}

/* The chain and all that was made of it live in `memory`, and advice repeats `root`, so both stay until the answer is
 * printed. The source isn't asked any more by then. */
static int answer_file(const struct options *options, const char *file)
{
    /* All that the library remembers stands here, until the next FILE. */
    LARGE_BUFFER unsigned char memory[IMGPROBE_WORKSPACE_DEFAULT + RECEIPTS];
    struct imgprobe_workspace workspace = {
        .struct_size = sizeof(workspace),
        .memory = memory,
        .size = options->receipt ? sizeof(memory) : IMGPROBE_WORKSPACE_DEFAULT,
    };
    struct answer answer = {.options = options, .file = file};
    const struct command *command = options->command;
    enum imgprobe_status opened;
    struct input input;
    unsigned taken;
    char *root = NULL;
    int status;

    if (command->beneath_roots && options->root_count == 0)
        root = input_directory(file);
    answer.default_root = root;
    opened = input_open(file, &input, &answer.error);
    answer.error.status = opened;
    if (opened == IMGPROBE_OK)
        ask(&answer, &input, &workspace);
    answer.status = status_of_error(answer.error.status);
    if (answer.chain)
        command->judge(&answer, &workspace);
    answer.workspace = workspace.most;
    taken = refuse_outputs(&answer, opened == IMGPROBE_OK ? &input : NULL);
    if (opened == IMGPROBE_OK)
        input_close(&input);
    status = (taken & OUTPUTS_OUT) != 0 ? STATUS_NO_ANSWER : print(&answer);
    if (answer.status != STATUS_ANSWERED)
        command->complain(&answer);
    free(root);
    return status;
}

int answer_files(const struct options *options)
{
    /* Somebody waits for the first answer while the next FILE is read. */
    const bool watched = options->file_count > 1 && isatty(STDOUT_FILENO);
    int status = STATUS_ANSWERED;
    size_t i;

    if (options->file_count == 0)
        options->command->list(options);
    if (refuse_files(options))
        return STATUS_NO_ANSWER;
    for (i = 0; i < options->file_count; i++) {
        const char *file = options->files[i];
        int one = options->command->answer ? options->command->answer(options, file) : answer_file(options, file);

        if (watched)
            fflush(stdout);
        if (status_rank(one) > status_rank(status))
            status = one;
    }
    return status;
}
