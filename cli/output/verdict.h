/* SPDX-License-Identifier: MIT */
/*
 * What every subcommand that probes makes of an answer: the exit status, and the line that says why.
 */
#ifndef CLI_OUTPUT_VERDICT_H
#define CLI_OUTPUT_VERDICT_H

#include "answer.h"
#include "commands.h"
#include "output/json.h"

#define MESSAGE_SIZE 1024

int verdict_of_error(enum imgprobe_status status);
int verdict_of_chain(enum imgprobe_chain_state state);
/* The more it says, the higher: with several files one status stands for all. */
int verdict_rank(int status);

/* The top by the word given, others by the path under which they were opened. */
struct imgprobe_bytes verdict_path(const char *file, const struct imgprobe_member *member);
/* One line on standard error: the file, what is wrong with it, and the reference at which a chain ended. */
void verdict_complain(const struct answer *answer);
/* The fields of an error, but for its status. */
void verdict_json(const struct imgprobe_error *error, struct json *json);
/* The name in the image, without the password if it holds one. */
struct imgprobe_bytes verdict_name(const struct imgprobe_reference *at);

#endif
