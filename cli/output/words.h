/* SPDX-License-Identifier: MIT */
/*
 * The words of the output for the library's enumerations.
 */
#ifndef CLI_OUTPUT_WORDS_H
#define CLI_OUTPUT_WORDS_H

#include "imgprobe.h"

/* Each returns a word in static memory, as it stands in JSON: programs read these, so none of them may change. A
 * value that isn't known is "unknown". */
const char *word_of_status(enum imgprobe_status status);
const char *word_of_tier(enum imgprobe_tier tier);
const char *word_of_reader(enum imgprobe_reader reader);
const char *word_of_role(enum imgprobe_role role);
/* Of the reference by which a member was reached. NULL: it is the top, an "image". */
const char *word_of_way(const struct imgprobe_reference *via);
const char *word_of_references_state(enum imgprobe_references_state state);
const char *word_of_severity(enum imgprobe_severity severity);
const char *word_of_format_source(enum imgprobe_format_source source);
const char *word_of_kind(enum imgprobe_kind kind);
const char *word_of_chain_state(enum imgprobe_chain_state state);
/* The same for people: the state MALFORMED stands for a member that is truncated or unsupported, too, and this says
 * which of these it is. */
const char *word_of_chain_end(const struct imgprobe_chain *chain);

#endif
