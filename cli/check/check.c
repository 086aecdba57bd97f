/* SPDX-License-Identifier: MIT */
/*
 * imgprobe check: what a policy refuses in images, and why.
 */
#include "check/check.h"
#include "commands.h"
#include "output/failure.h"
#include "output/status.h"

struct imgprobe_check_options check_rules(const struct options *options)
{
    return (struct imgprobe_check_options){
        .struct_size = sizeof(struct imgprobe_check_options),
        .policy = check_policy(options),
        .denied = options->denied,
        .denied_count = options->denied_count,
        .allowed = options->allowed,
        .allowed_count = options->allowed_count,
        .most_virtual_size = options->most_virtual_size,
        .floor = options->floor,
    };
}

/* The chain needn't be complete: a policy has findings for what is missing in it. */
static void judge(struct answer *answer, struct imgprobe_workspace *workspace)
{
    const struct imgprobe_check_options how = check_rules(answer->options);
    const struct imgprobe_chain *chain = answer->chain;
    struct imgprobe_verdict *verdict = NULL;
    enum imgprobe_status status = imgprobe_check(&how, chain, workspace, &verdict);

    answer->verdict = verdict;
    if (verdict)
        answer->error = verdict->error;
    answer->error.status = status;
    /* The options were looked at before: what is left is that nothing more goes into the workspace. */
    answer->status = status == IMGPROBE_USAGE ? STATUS_NO_ANSWER : status_of_error(status);
    if (chain->members->image->error.status == IMGPROBE_OK) {
        answer->culprit = chain->culprit;
        answer->at = chain->at;
    }
}

/* Standard error has what no finding on standard output says. At a terminal the verdict has said it, and so it has
 * where it goes to standard error itself. */
static void complain(const struct answer *answer)
{
    if (!answer->options->tee && !check_is_explained(answer) && !failure_is_shown(answer))
        failure_complain(answer);
}

const struct command command_check = {
    .name = "check",
    .bit = COMMAND_CHECK,
    .operands = "FILE...",
    .summary = "what a policy refuses in images, and why",
    .beneath_roots = true,
    .list = check_list,
    .judge = judge,
    .json = check_json,
    .text = check_text,
    .complain = complain,
};
