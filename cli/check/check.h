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
/* What the command line refuses, and allows. */
struct imgprobe_check_options check_rules(const struct options *options);
/* The outcome, from the exit status: "accepted", "refused", "ambiguous", "no-answer". */
const char *check_word(const struct answer *answer);
/* Whether the findings say by themselves why the outcome isn't "accepted". Otherwise the error has to be said too. */
bool check_is_explained(const struct answer *answer);

/* One FILE's outcome and findings, also where it couldn't be opened. check_text returns the answer's status. */
void check_json(const struct answer *answer, struct json *json);
int check_text(const struct answer *answer, FILE *stream);
/* For --list: every finding, every policy, and which refuses which. It goes to standard output, as text or as JSON.
 */
void check_list(const struct options *options);

#endif
