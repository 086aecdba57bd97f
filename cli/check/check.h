/* SPDX-License-Identifier: MIT */
/*
 * The two ways to print what `imgprobe check` found out about one FILE.
 */
#ifndef CLI_CHECK_CHECK_H
#define CLI_CHECK_CHECK_H

#include "answer.h"
#include "output/json.h"

#include <stdio.h>

/* Where none is said: nothing is known of who made FILE. */
#define CHECK_USUAL_POLICY "upload"

/* The policy by name: that of the command line, or the usual one. */
const char *check_policy(const struct options *options);
/* "accepted", "refused", "ambiguous", "no-answer" */
const char *check_word(const struct answer *answer);
/* Whether the answer says by itself why it isn't "accepted": by a finding that is refused. */
bool check_is_explained(const struct answer *answer);

void check_json(const struct answer *answer, struct json *json);
int check_text(const struct answer *answer, FILE *stream);
void check_list(const struct options *options);

#endif
