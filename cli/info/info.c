/* SPDX-License-Identifier: MIT */
/*
 * imgprobe info: opens each FILE, asks for its chain, prints the answer and picks the exit status.
 */
#include "info/info.h"
#include "input/input.h"
#include "output/verdict.h"

#include <stdalign.h>
#include <stdio.h>

/* Plain `info` is about this image alone, whatever it refers to; but a disk whose size is its extents' isn't known
 * without them, unless nobody wanted them opened. */
static void judge(struct answer *answer)
{
    const struct imgprobe_chain *chain = answer->chain;
    const struct imgprobe_image *top = chain->members->image;

    if (answer->options->backing_chain) {
        answer->status = verdict_of_chain(chain->state);
        answer->error = chain->error;
    } else if (top->error.status != IMGPROBE_OK) {
        answer->status = verdict_of_error(top->error.status);
        answer->error = top->error;
    } else if (top->virtual_size == IMGPROBE_UNKNOWN && !answer->options->no_open) {
        answer->status = verdict_of_chain(chain->state);
        answer->error = chain->error;
        if (answer->status == STATUS_ANSWERED)
            answer->status = STATUS_NO_ANSWER;
    }
}

static void complain(const struct answer *answer)
{
    const struct imgprobe_chain *chain = answer->chain;
    bool in_chain =
        chain != NULL && (answer->options->backing_chain || chain->members->image->error.status == IMGPROBE_OK);
    const struct verdict verdict = {
        .file = answer->file,
        .error = &answer->error,
        .culprit = in_chain ? chain->culprit : NULL,
        .at = in_chain ? chain->at : NULL,
    };

    if (answer->status != STATUS_ANSWERED)
        verdict_complain(&verdict);
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
    verdict_explain_stream(chain);
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
        answer.status = verdict_of_error(answer.error.status);
    print(&answer, first);
    complain(&answer);
    return answer.status;
}

int run_info(const struct options *options)
{
    int status = STATUS_ANSWERED;

    for (size_t i = 0; i < options->file_count; i++) {
        int one = info_file(options, options->files[i], i == 0);

        if (verdict_rank(one) > verdict_rank(status))
            status = one;
    }
    return status;
}
