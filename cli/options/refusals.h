/* SPDX-License-Identifier: MIT */
/*
 * Options that say what is refused.
 */
#ifndef CLI_OPTIONS_REFUSALS_H
#define CLI_OPTIONS_REFUSALS_H

#include "options/options.h"

/* Each sets one option: NULL, or what is wrong with the value. Names of policies and ids of findings are replaced by
 * the library's own strings. */
const char *option_policy(struct options *options, const char *value);
const char *option_deny(struct options *options, const char *value);
const char *option_allow(struct options *options, const char *value);
const char *option_tier(struct options *options, const char *value);
const char *option_lift(struct options *options, const char *value);
const char *option_most_virtual_size(struct options *options, const char *value);
const char *option_tee(struct options *options, const char *value);
const char *option_list(struct options *options, const char *value);

#endif
