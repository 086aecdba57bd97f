/* SPDX-License-Identifier: MIT */
/*
 * Options whose values name files and directories.
 */
#ifndef CLI_OPTIONS_PATHS_H
#define CLI_OPTIONS_PATHS_H

#include "options/options.h"

/* Each sets one option: NULL, or what is wrong with the value. A file is looked up now and known by its device and
 * inode from then on, so that it is the same one by whatever name an image leads to it. */
const char *option_declare(struct options *options, const char *value);
const char *option_root(struct options *options, const char *value);
const char *option_workdir(struct options *options, const char *value);
const char *option_allow_write(struct options *options, const char *value);
const char *option_who_uses(struct options *options, const char *value);
const char *option_write_member(struct options *options, const char *value);

#endif
