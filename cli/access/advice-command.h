/* SPDX-License-Identifier: MIT */
/*
 * Advice that is another command line of imgprobe.
 */
#ifndef CLI_ACCESS_ADVICE_COMMAND_H
#define CLI_ACCESS_ADVICE_COMMAND_H

#include "answer.h"

#include <stdio.h>

/* The command line as it was given, without the options of these names, ended by NULL, and with `added`. */
void advice_command(const struct answer *answer, const char *const *without, const char *added, FILE *stream);
/* Each version of the reader alone, the newest first. */
void advice_versions(const struct answer *answer, FILE *stream);

#endif
