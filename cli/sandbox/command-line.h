/* SPDX-License-Identifier: MIT */
/*
 * The sandbox for one command line.
 */
#ifndef CLI_SANDBOX_COMMAND_LINE_H
#define CLI_SANDBOX_COMMAND_LINE_H

#include "options/options.h"

/* Puts the process into the sandbox, in which it can read what this command line names, and notes in options->sandbox
 * which layers are in force. False: nothing may be read, because a layer isn't and --require-sandbox was given. That
 * was then said on standard error. */
bool sandbox_for(struct options *options, const struct command *command);

#endif
