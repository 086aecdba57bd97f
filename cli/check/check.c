/* SPDX-License-Identifier: MIT */
/*
 * imgprobe check: follows each FILE's chain beneath the roots, asks what a policy refuses of it, and prints that.
 */
#include "check/check.h"
#include "confine.h"
#include "output/verdict.h"

#include <stdalign.h>
#include <stdlib.h>

static void judge(struct answer *answer, struct imgprobe_workspace *workspace)
{
    const struct options *options = answer->options;
    const struct imgprobe_check_options how = {
        .struct_size = sizeof(how),
        .policy = check_policy(options),
        .denied = options->denied,
        .denied_count = options->denied_count,
        .allowed = options->allowed,
        .allowed_count = options->allowed_count,
        .most_virtual_size = options->most_virtual_size,
    };
    struct imgprobe_verdict *verdict = NULL;
    enum imgprobe_status status = imgprobe_check(&how, answer->chain, workspace, &verdict);

    answer->workspace = workspace->most;
    answer->verdict = verdict;
    if (verdict != NULL)
        answer->error = verdict->error;
    answer->error.status = status;
    /* The options were looked at before: what is left is that nothing more goes into the workspace. */
    answer->status = status == IMGPROBE_USAGE ? STATUS_NO_ANSWER : verdict_of_error(status);
}

static void ask(struct answer *answer, const struct input *input, struct imgprobe_workspace *workspace)
{
    char *root = answer->options->root_count != 0 ? NULL : input_directory(answer->file);
    struct imgprobe_chain *chain;

    answer->error.status = confine_chain(answer->options, input, root, workspace, &chain);
    answer->status = verdict_of_error(answer->error.status);
    answer->chain = chain;
    if (chain != NULL)
        judge(answer, workspace);
    free(root);
}

/* Standard error has what no finding on standard output says. */
static void complain(const struct answer *answer)
{
    const struct imgprobe_chain *chain = answer->chain;
    bool in_chain = chain != NULL && chain->members->image->error.status == IMGPROBE_OK;
    const struct verdict verdict = {
        .file = answer->file,
        .error = &answer->error,
        .culprit = in_chain ? chain->culprit : NULL,
        .at = in_chain ? chain->at : NULL,
    };

    if (answer->status != STATUS_ANSWERED && !check_is_explained(answer))
        verdict_complain(&verdict);
}

static void print(const struct answer *answer)
{
    struct json json;

    if (answer->options->output == OUTPUT_JSON) {
        json_start(&json, stdout, answer->options->file_count > 1);
        check_json(answer, &json);
        json_finish(&json);
    } else {
        check_text(answer, stdout);
    }
    complain(answer);
}

static int check_file(const struct options *options, const char *file)
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
        answer.status = verdict_of_error(status);
    }
    print(&answer);
    return answer.status;
}

static void print_list(const struct options *options)
{
    struct json json;

    if (options->output == OUTPUT_JSON) {
        json_start(&json, stdout, false);
        check_list_json(&json);
        json_finish(&json);
    } else {
        check_list_text(stdout);
    }
}

int run_check(const struct options *options)
{
    int status = STATUS_ANSWERED;

    if (options->list)
        print_list(options);
    for (size_t i = 0; i < options->file_count; i++) {
        int one = check_file(options, options->files[i]);

        if (verdict_rank(one) > verdict_rank(status))
            status = one;
    }
    return status;
}
