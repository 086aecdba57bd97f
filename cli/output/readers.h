/* SPDX-License-Identifier: MIT */
/*
 * For which reader an answer is, and for which of its versions.
 */
#ifndef CLI_OUTPUT_READERS_H
#define CLI_OUTPUT_READERS_H

#include "options/options.h"
#include "output/json.h"

#include <stdio.h>

/* "10.0", in static memory that the next call overwrites. */
const char *word_of_version(unsigned version);
/* "qemu"; with a version "qemu 10.0", or "qemu 10.1, answered as 10.0". */
void readers_text(const struct options *options, FILE *stream);
/* The keys "reader" and "reader-versions", and "reader-version-asked" where the answer is another version's. */
void readers_json(const struct options *options, struct json *json);

#endif
