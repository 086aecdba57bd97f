/* SPDX-License-Identifier: MIT */
/*
 * imgprobe access: which files to grant whoever opens an image, and for what.
 */
#include "access/access.h"
#include "access/print.h"
#include "commands.h"
#include "output/status.h"

#include <string.h>

static void blame_chain(struct answer *answer)
{
    answer->status = status_of_chain(answer->chain->state);
    answer->error = answer->chain->error;
    answer->culprit = answer->chain->culprit;
    answer->at = answer->chain->at;
}

static void blame_access(struct answer *answer, enum imgprobe_status status)
{
    answer->status = status_of_error(status);
    if (answer->access) {
        answer->error = answer->access->error;
        answer->culprit = answer->access->culprit;
        answer->at = answer->access->at;
    }
    answer->error.status = status;
}

/* A kind that asks for consents takes them all for given, and sees what else there is to refuse. Whose they are
 * stands in the first answer, which stays. */
static enum imgprobe_status take_consents(const struct answer *answer, struct imgprobe_access_options how,
                                          struct imgprobe_workspace *workspace, struct imgprobe_access **access)
{
    static const struct imgprobe_consent all = {.beneath = ""};
    struct imgprobe_access *first = *access;
    enum imgprobe_status status;

    if (!answer->options->kind || !answer->options->kind->anywhere || !first || !first->error.field ||
        strcmp(first->error.field, "write-needs-consent") != 0)
        return IMGPROBE_REFUSED;
    how.consents = &all;
    how.consent_count = 1;
    status = imgprobe_access(&how, answer->chain, workspace, access);
    if (status == IMGPROBE_OK)
        *access = first;
    return status;
}

/* An incomplete chain comes before whatever is wrong with the access: what isn't known can't be granted. */
static void judge(struct answer *answer, struct imgprobe_workspace *workspace)
{
    const struct options *options = answer->options;
    const struct imgprobe_access_options how = {
        .struct_size = sizeof(how),
        .write = options->write,
        .consents = options->consents,
        .consent_count = options->consent_count,
        .raised = options->raised,
        .raised_count = options->raised_count,
        .floor = options->floor,
        .allowed = options->allowed,
        .allowed_count = options->allowed_count,
    };
    const struct imgprobe_identity *top = &answer->chain->members->identity;
    struct imgprobe_access *access = NULL;
    enum imgprobe_status status = imgprobe_access(&how, answer->chain, workspace, &access);

    if (status == IMGPROBE_REFUSED)
        status = take_consents(answer, how, workspace, &access);
    answer->access = access;
    if (answer->chain->state != IMGPROBE_CHAIN_COMPLETE) {
        blame_chain(answer);
    } else if (options->write && top->device == 0 && top->inode == 0) {
        answer->status = STATUS_NO_ANSWER;
        answer->error.status = IMGPROBE_SYSTEM;
        answer->error.what = "standard input is a pipe, which nobody can open for writing";
    } else if (status != IMGPROBE_OK) {
        blame_access(answer, status);
    }
}

const struct command command_access = {
    .name = "access",
    .bit = COMMAND_ACCESS,
    .operands = "FILE",
    .summary = "which files to grant whoever opens an image, and for what",
    .kinds = access_kinds,
    .beneath_roots = true,
    .judge = judge,
    .json = access_json,
    .text = access_print,
    .complain = access_complain,
};
