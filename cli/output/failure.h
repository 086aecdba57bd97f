/* SPDX-License-Identifier: MIT */
/*
 * Why there is no answer: the line on standard error, and the fields of JSON.
 */
#ifndef CLI_OUTPUT_FAILURE_H
#define CLI_OUTPUT_FAILURE_H

#include "answer.h"
#include "output/json.h"

#define MESSAGE_SIZE 1024 /* for imgprobe_error_text; a longer message is cut */

/* What is wrong, and the reference at which that came about. Where it isn't about FILE, the file that it is about
 * stands first. */
void failure_put(const struct answer *answer, FILE *stream);
/* One line on standard error: the file that it is about, and the same. */
void failure_complain(const struct answer *answer);
/* Whether text for people, which says it too, goes to the same terminal as standard error. */
bool failure_is_shown(const struct answer *answer);
/* The id of what refused it, or of the ambiguity, or of a file that couldn't be opened; NULL: it has none. */
const char *failure_reason(const struct imgprobe_error *error, const struct imgprobe_reference *at);
/* The fields of an error, but for its status, into the object that is open. A number that the error doesn't have is
 * left out. */
void failure_json(const struct imgprobe_error *error, struct json *json);

#endif
