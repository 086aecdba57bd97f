/* SPDX-License-Identifier: MIT */
/*
 * Exit statuses, the same for every command.
 */
#ifndef CLI_OUTPUT_STATUS_H
#define CLI_OUTPUT_STATUS_H

#include "answer.h"
#include "commands.h"

/* The exit status for what the library returned, and for how a chain ended. What isn't refused, ambiguous or a
 * mistake in the call is no answer, also a status that this program doesn't know yet. */
int status_of_error(enum imgprobe_status status);
int status_of_chain(enum imgprobe_chain_state state);
/* The more the status says, the higher: with several files one status stands for all. */
int status_rank(int status);
/* What is said of the chain: its state, or for a FILE that couldn't be opened why there is none. */
enum imgprobe_chain_state status_chain_state(const struct answer *answer);

#endif
