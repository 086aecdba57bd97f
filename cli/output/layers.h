/* SPDX-License-Identifier: MIT */
/*
 * The layers of the sandbox in words: which of them are in force.
 */
#ifndef CLI_OUTPUT_LAYERS_H
#define CLI_OUTPUT_LAYERS_H

#include "output/json.h"
#include "sandbox/sandbox.h"

/* Whether nothing of the sandbox is missing, as --require-sandbox wants it. */
bool layers_all_in_force(const struct sandbox *sandbox);
/* Those that aren't in force, or "none", as part of a line. */
void layers_lacking(const struct sandbox *sandbox, FILE *stream);
/* What --stats says: an object "sandbox" with each layer, or part of a line with those that are in force and then
 * those that aren't. */
void layers_json(const struct sandbox *sandbox, struct json *json);
void layers_text(const struct sandbox *sandbox, FILE *stream);

#endif
