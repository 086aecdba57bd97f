/* SPDX-License-Identifier: MIT */
/*
 * The sandbox for one command line, and the words for what of it is in force.
 */
#ifndef CLI_SANDBOX_LOCK_IN_H
#define CLI_SANDBOX_LOCK_IN_H

#include "output/json.h"
#include "options/options.h"

#include <stdio.h>

/* False: nothing may be read, because a layer isn't in force and --require-sandbox was given; that was said then. */
bool lock_in(struct options *options, const struct command *command);

bool lock_in_is_whole(const struct sandbox *sandbox);
/* The layers that aren't in force, as part of a line. */
void lock_in_lacking(const struct sandbox *sandbox, FILE *stream);
/* What --stats says: an object, or part of a line. */
void lock_in_json(const struct sandbox *sandbox, struct json *json);
void lock_in_text(const struct sandbox *sandbox, FILE *stream);

#endif
