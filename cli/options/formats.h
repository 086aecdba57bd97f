/* SPDX-License-Identifier: MIT */
/*
 * Formats on the command line.
 */
#ifndef CLI_OPTIONS_FORMATS_H
#define CLI_OPTIONS_FORMATS_H

#include "options/options.h"

/* Sets the format of FILE: NULL, or what is wrong with the value. */
const char *option_format(struct options *options, const char *value);
/* "unknown format; known are qcow2, vmdk, ..." in static memory, which one message at a time may use. */
const char *option_unknown_format(void);

#endif
