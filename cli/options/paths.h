/* SPDX-License-Identifier: MIT */
/*
 * Options whose values name files and directories.
 */
#ifndef CLI_OPTIONS_PATHS_H
#define CLI_OPTIONS_PATHS_H

#include "options/options.h"

/* Each sets one option: NULL, or what is wrong with the value. */
const char *option_declare(struct options *options, const char *value);
const char *option_root(struct options *options, const char *value);
const char *option_workdir(struct options *options, const char *value);
const char *option_allow_write(struct options *options, const char *value);
const char *option_write_member(struct options *options, const char *value);

#endif
