/* SPDX-License-Identifier: MIT */
/*
 * imgprobe access: follows FILE's chain beneath the roots, and asks which file is granted what.
 */
#include "access-answer.h"
#include "input.h"
#include "verdict.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

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

/* The directory of FILE, by the name given; to be freed. */
static char *directory_of(const char *name)
{
    const char *slash = strrchr(name, '/');

    if (slash == NULL)
        return strdup(".");
    return slash == name ? strdup("/") : strndup(name, (size_t)(slash - name));
}

static void settle_chain(struct access_answer *answer)
{
    answer->status = verdict_of_chain(answer->chain->state);
    answer->error = answer->chain->error;
    answer->culprit = answer->chain->culprit;
    answer->at = answer->chain->at;
}

static void settle_access(struct access_answer *answer, enum imgprobe_status status)
{
    answer->status = verdict_of_error(status);
    if (answer->access != NULL) {
        answer->error = answer->access->error;
        answer->culprit = answer->access->culprit;
        answer->at = answer->access->at;
    }
    answer->error.status = status;
}

static void grant(struct access_answer *answer, struct imgprobe_workspace *workspace)
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

static void ask(struct access_answer *answer, const struct input *input, struct imgprobe_workspace *workspace)
{
    const struct options *options = answer->options;
    const bool given = options->root_count != 0;
    const char *own[] = {answer->default_root};
    const struct imgprobe_roots roots = {.struct_size = sizeof(roots),
                                         .roots = given ? options->roots : own,
                                         .root_count = given ? options->root_count : 1};
    const struct imgprobe_options how = {
        .struct_size = sizeof(how),
        .format = options->format,
        .reader = options->reader,
        .follow = IMGPROBE_FOLLOW_ALL,
        .name = input->name,
        .workdir = options->workdir,
        .declarations = options->declarations,
        .declaration_count = options->declaration_count,
    };
    struct imgprobe_opener opener = {.struct_size = sizeof(opener)};
    struct imgprobe_chain *chain = NULL;

    imgprobe_safe_opener(&opener, &roots);
    if (!given && answer->default_root == NULL)
        opener.open = open_nothing;
    answer->error.status = imgprobe_chain(&how, &input->opened, &opener, workspace, &chain);
    answer->status = verdict_of_error(answer->error.status);
    if (answer->error.status == IMGPROBE_USAGE || chain == NULL || chain->members == NULL)
        return;
    verdict_explain_stream(chain);
    answer->chain = chain;
    grant(answer, workspace);
}

static int access_file(const struct options *options, const char *file)
{
    /* All that the library remembers stands here. */
    static alignas(max_align_t) unsigned char memory[IMGPROBE_WORKSPACE_DEFAULT];
    struct imgprobe_workspace workspace = {
        .struct_size = sizeof(workspace), .memory = memory, .size = sizeof(memory)};
    struct access_answer answer = {.options = options, .file = file};
    struct input input;
    char *root = NULL;
    enum imgprobe_status status = input_open(file, &input, &answer.error);

    if (status != IMGPROBE_OK) {
        answer.error.status = status;
        answer.status = verdict_of_error(status);
    } else {
        if (options->root_count == 0 && input.name != NULL)
            root = directory_of(input.name);
        answer.default_root = root;
        ask(&answer, &input, &workspace);
        input_close(&input);
    }
    answer.status = access_print(&answer);
    free(root);
    return answer.status;
}

int run_access(const struct command *self, int argc, char **argv)
{
    struct options options;
    int status = STATUS_ANSWERED;

    if (options_parse(&options, self, argc, argv, &status))
        status = access_file(&options, options.files[0]);
    options_free(&options);
    return status;
}
