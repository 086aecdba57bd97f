/* SPDX-License-Identifier: MIT */
/*
 * Readers on the command line.
 */
#ifndef CLI_OPTIONS_READERS_H
#define CLI_OPTIONS_READERS_H

#include "options/options.h"

/* Sets the reader, and its version: "qemu", "qemu-10.0", "xen". NULL, or what is wrong with the value. */
const char *option_reader(struct options *options, const char *value);

#endif
