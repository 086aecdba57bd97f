/* SPDX-License-Identifier: MIT */
/*
 * imgprobe info: what images are, and which other files they refer to.
 */
#include "info/info.h"
#include "commands.h"
#include "output/failure.h"
#include "output/status.h"

/* Plain `info` is about this image alone, whatever it refers to. The exception is a disk whose size is the sum of its
 * extents: without them it isn't known. They are left out where nothing may be opened. */
static void judge(struct answer *answer, struct imgprobe_workspace *workspace)
{
    const struct imgprobe_chain *chain = answer->chain;
    const struct imgprobe_image *top = chain->members->image;
    bool whole = answer->options->backing_chain;

    (void)workspace;
    answer->status = STATUS_ANSWERED;
    if (whole) {
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
    if (whole || top->error.status == IMGPROBE_OK) {
        answer->culprit = chain->culprit;
        answer->at = chain->at;
    }
}

/* At a terminal the text has said it, but for what ended a search for extents. */
static void complain(const struct answer *answer)
{
    bool said = answer->options->backing_chain || !answer->chain ||
                answer->chain->members->image->error.status != IMGPROBE_OK;

    if (!said || !failure_is_shown(answer))
        failure_complain(answer);
}

const struct command command_info = {
    .name = "info",
    .bit = COMMAND_INFO,
    .operands = "FILE...",
    .summary = "what images are, and which other files they refer to",
    .looks_inside = true,
    .judge = judge,
    .json = info_json,
    .text = info_text,
    .complain = complain,
};
