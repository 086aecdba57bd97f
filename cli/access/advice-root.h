/* SPDX-License-Identifier: MIT */
/*
 * What to do about names that lead out of the roots.
 */
#ifndef CLI_ACCESS_ADVICE_ROOT_H
#define CLI_ACCESS_ADVICE_ROOT_H

#include "answer.h"

#include <stdbool.h>
#include <stdio.h>

#define ADVICE_PATH 8192

/* Absolute, without a slash at its end, without `.` and `..`, by letters. */
bool advice_clean(char ret[ADVICE_PATH], struct imgprobe_bytes path);

/* Writes one line with each --root that would let in a name at which the chain ended, or to which it didn't come.
 * Where a link leads out, which directory that is stays unsaid: whoever made the image could otherwise ask where a
 * link on this host leads. A line says that it is such a link. Another is the command that tells of that and of what
 * is named behind such files. Nothing is written where there is no such name. */
void advice_roots(const struct answer *answer, FILE *stream);

#endif
