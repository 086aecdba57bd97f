/* SPDX-License-Identifier: MIT */
/*
 * What `imgprobe check` found out about one FILE, and the two ways to print it.
 */
#ifndef CLI_CHECK_CHECK_H
#define CLI_CHECK_CHECK_H

#include "output/json.h"
#include "options/options.h"

#include <stdio.h>

/* Where none is said: nothing is known of who made FILE. */
#define CHECK_USUAL_POLICY "upload"

struct check_answer {
    const struct options *options;
    const char *file;                       /* as given */
    const char *policy;                     /* its name */
    const struct imgprobe_chain *chain;     /* NULL: FILE couldn't be opened */
    const struct imgprobe_verdict *verdict; /* NULL: the same */
    struct imgprobe_error error;            /* why, if `status` isn't 0 */
    size_t workspace;                       /* bytes of it that were used */
    int status;                             /* of the program, for this file alone */
};

/* "accepted", "refused", "ambiguous", "no-answer" */
const char *check_word(const struct check_answer *answer);
/* Whether the answer says by itself why it isn't "accepted": by a finding that is refused. */
bool check_is_explained(const struct check_answer *answer);

void check_json(const struct check_answer *answer, struct json *json);
void check_text(const struct check_answer *answer, FILE *stream);
void check_list_json(struct json *json);
void check_list_text(FILE *stream);

#endif
