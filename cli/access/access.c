/* SPDX-License-Identifier: MIT */
/*
 * imgprobe access: follows FILE's chain beneath the roots, and asks which file is granted what.
 */
#include "access/print.h"
#include "confine.h"
#include "output/verdict.h"

#include <stdalign.h>
#include <stdlib.h>

static void settle_chain(struct answer *answer)
{
    answer->status = verdict_of_chain(answer->chain->state);
    answer->error = answer->chain->error;
    answer->culprit = answer->chain->culprit;
    answer->at = answer->chain->at;
}

static void settle_access(struct answer *answer, enum imgprobe_status status)
{
    answer->status = verdict_of_error(status);
    if (answer->access != NULL) {
        answer->error = answer->access->error;
        answer->culprit = answer->access->culprit;
        answer->at = answer->access->at;
    }
    answer->error.status = status;
}

static void grant(struct answer *answer, struct imgprobe_workspace *workspace)
{
    const struct options *options = answer->options;
    const struct imgprobe_access_options how = {
        .struct_size = sizeof(how),
        .write = options->write,
        .consents = options->consents,
        .consent_count = options->consent_count,
        .raised = options->raised,
        .raised_count = options->raised_count,
    };
    const struct imgprobe_identity *top = &answer->chain->members->identity;
    struct imgprobe_access *access = NULL;
    enum imgprobe_status status = imgprobe_access(&how, answer->chain, workspace, &access);

    answer->access = access;
    answer->workspace = workspace->most;
    if (answer->chain->state != IMGPROBE_CHAIN_COMPLETE) {
        settle_chain(answer);
    } else if (options->write && top->device == 0 && top->inode == 0) {
        answer->status = STATUS_NO_ANSWER;
        answer->error.status = IMGPROBE_SYSTEM;
        answer->error.what = "standard input is a pipe, which nobody can open for writing";
    } else if (status != IMGPROBE_OK) {
        settle_access(answer, status);
    }
}

static void ask(struct answer *answer, const struct input *input, struct imgprobe_workspace *workspace)
{
    struct imgprobe_chain *chain;

    answer->error.status = confine_chain(answer->options, input, answer->default_root, workspace, &chain);
    answer->status = verdict_of_error(answer->error.status);
    answer->chain = chain;
    if (chain != NULL)
        grant(answer, workspace);
}

static int access_file(const struct options *options, const char *file)
{
    /* All that the library remembers stands here. */
    static alignas(max_align_t) unsigned char memory[IMGPROBE_WORKSPACE_DEFAULT];
    struct imgprobe_workspace workspace = {
        .struct_size = sizeof(workspace), .memory = memory, .size = sizeof(memory)};
    struct answer answer = {.options = options, .file = file};
    struct input input;
    char *root = NULL;
    enum imgprobe_status status = input_open(file, &input, &answer.error);

    if (status != IMGPROBE_OK) {
        answer.error.status = status;
        answer.status = verdict_of_error(status);
    } else {
        root = options->root_count != 0 ? NULL : input_directory(file);
        answer.default_root = root;
        ask(&answer, &input, &workspace);
        input_close(&input);
    }
    answer.status = access_print(&answer);
    free(root);
    return answer.status;
}

int run_access(const struct options *options)
{
    return access_file(options, options->files[0]);
}
