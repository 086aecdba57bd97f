/* SPDX-License-Identifier: MIT */
/*
 * Opens each FILE, asks for its chain, has the command judge and print that, and picks the exit status.
 */
#include "answer.h"
#include "access/access.h"
#include "check/check.h"
#include "commands.h"
#include "input/input.h"
#include "input/outputs.h"
#include "large.h"
#include "output/json.h"
#include "output/status.h"
#include "output/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INSIDE 2097152   /* bytes for an image inside another: what is read of both, and what zlib needs */
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

/* What is asked about FILE, which has this name. */
static struct imgprobe_options question(const struct options *options, const char *name)
{
    const bool all = options->command->beneath_roots || options->backing_chain;

    return (struct imgprobe_options){
        .struct_size = sizeof(struct imgprobe_options),
        .format = options->format,
        .reader = options->reader,
        .version = options->version,
        .follow = all ? IMGPROBE_FOLLOW_ALL : IMGPROBE_FOLLOW_OWN,
        .name = name,
        .workdir = options->workdir,
        .declarations = options->declarations,
        .declaration_count = options->declaration_count,
        .receipt = options->receipt,
        .inside = options->inside,
        .keep = options->exec != NULL,
    };
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
    const struct imgprobe_options how = question(options, input->name);
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
    answer->chain = chain;
}

/* Opens FILE, or reads it. A stream that is refused before its end has a chain of what had come. */
static enum imgprobe_status open_file(struct answer *answer, struct input *input,
                                      struct imgprobe_workspace *workspace)
{
    const struct options *options = answer->options;
    struct imgprobe_options how = question(options, NULL);
    const struct imgprobe_check_options rules = check_rules(options);
    struct stream stream = {
        .options = &how, .check = options->tee ? &rules : NULL, .workspace = workspace, .tee = options->tee};

    how.receipt = false;                                            /* that is made of the whole, at its end */
    how.inside = options->inside || options->command->looks_inside; /* what that needs is kept */
    answer->error.status = input_open(answer->file, &stream, input, &answer->error);
    answer->chain = stream.chain;
    answer->stopped = stream.chain != NULL;
    answer->received = stream.received;
    return answer->error.status;
}

static bool is_gzip(const struct imgprobe_image *image)
{
    const struct imgprobe_word *at = image->content;

    while (at && strcmp(at->name, "gzip") != 0)
        at = at->next;
    return at != NULL;
}

/* The image inside stands in a workspace of its own, which the caller frees. Without memory nothing is said of it. */
static void *look_inside(struct answer *answer, const struct input *input)
{
    const struct options *options = answer->options;
    const struct imgprobe_options how = {
        .struct_size = sizeof(how),
        .reader = options->reader,
        .version = options->version,
        .name = input->name,
        .workdir = options->workdir,
        .inside = true,
    };
    struct imgprobe_workspace workspace = {.struct_size = sizeof(workspace), .size = INSIDE};
    struct imgprobe_chain *chain = NULL;

    workspace.memory = malloc(INSIDE);
    if (workspace.memory && imgprobe_chain(&how, &input->opened, NULL, &workspace, &chain) != IMGPROBE_USAGE &&
        chain->members)
        answer->inside = chain->members;
    return workspace.memory;
}

/* Returns the exit status. It isn't the answer's own where the kind of output can't carry the answer. */
static int print(const struct answer *answer)
{
    const struct options *options = answer->options;
    FILE *stream = options->tee ? stderr : stdout; /* which then has the image */
    int status = answer->status;
    struct json json;

    if (options->output != OUTPUT_JSON) {
        status = options->command->text(answer, stream);
    } else {
        json_start(&json, stream, options->file_count > 1);
        options->command->json(answer, &json);
        json_finish(&json);
    }
    return options->tee && (fflush(stream) != 0 || ferror(stream)) ? STATUS_NO_ANSWER : status;
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
    void *inside = NULL;
    int status;

    if (command->beneath_roots && options->root_count == 0)
        root = input_directory(file);
    answer.default_root = root;
    opened = open_file(&answer, &input, &workspace);
    if (opened == IMGPROBE_OK)
        ask(&answer, &input, &workspace);
    if (answer.chain && command->looks_inside && is_gzip(answer.chain->members->image))
        inside = look_inside(&answer, &input);
    answer.status = status_of_error(answer.error.status);
    if (answer.chain)
        command->judge(&answer, &workspace);
    answer.workspace = workspace.most;
    taken = refuse_outputs(&answer, opened == IMGPROBE_OK ? &input : NULL);
    if (opened == IMGPROBE_OK && !options->exec) /* what is handed on stays open */
        input_close(&input);
    status = (taken & OUTPUTS_OUT) != 0 ? STATUS_NO_ANSWER : print(&answer);
    if (answer.status != STATUS_ANSWERED)
        command->complain(&answer);
    free(root);
    free(inside);
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
