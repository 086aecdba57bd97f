/* SPDX-License-Identifier: MIT */
/*
 * Standard output and standard error, where they are files. An image that is one of them would be written over by the
 * answer.
 */
#ifndef CLI_INPUT_OUTPUTS_H
#define CLI_INPUT_OUTPUTS_H

#include "imgprobe.h"

#include <sys/stat.h>

/* Bits. */
enum { OUTPUTS_NONE = 0, OUTPUTS_OUT = 1, OUTPUTS_ERROR = 2 };

/* Which of them is this file. */
unsigned outputs_that_are(const struct imgprobe_identity *identity);
/* Whether one of them is a file at all. */
bool outputs_are_files(void);
/* Of a file or a device; none of anything else, such as a pipe, a terminal or /dev/null. */
struct imgprobe_identity outputs_identity(const struct stat *found);
/* Closes those, so that nothing is written to them any more, and what waits in a buffer neither. Fills *error with
 * the reason. */
void outputs_close(unsigned which, struct imgprobe_error *error);

#endif
