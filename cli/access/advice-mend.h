/* SPDX-License-Identifier: MIT */
/*
 * Advice that changes an image, or says something of one that only the user can know. Each of these writes a line for
 * each thing to do, and none where there is nothing that could be done.
 */
#ifndef CLI_ACCESS_ADVICE_MEND_H
#define CLI_ACCESS_ADVICE_MEND_H

#include "answer.h"

#include <stdio.h>

/* Whether the name that is at fault can be changed in the image that has it. */
bool advice_can_rename(const struct answer *answer);
/* Another name for the file, and its format with it. */
void advice_rename(const struct answer *answer, FILE *stream);
/* Another format for the file, by the same name. */
void advice_declare(const struct answer *answer, FILE *stream);
/* The same, where what declares it now may also be the command line. */
void advice_one_format(const struct answer *answer, FILE *stream);
/* A format that was only probed. */
void advice_format(const struct answer *answer, FILE *stream);
/* -f FORMAT, and what FILE looks like. */
void advice_top_format(const struct answer *answer, FILE *stream);
/* Which formats an ambiguous image may have. */
void advice_choices(const struct imgprobe_member *member, FILE *stream);
/* A file that isn't there. */
void advice_missing(const struct answer *answer, FILE *stream);
/* A copy of an image that nobody writes to. */
void advice_copy(const struct answer *answer, FILE *stream);
/* An extent that the reader passes over for its access. */
void advice_read_write(const struct answer *answer, FILE *stream);
/* Another reader, if that reads every image down to the one at fault. */
void advice_xen(const struct answer *answer, FILE *stream);

#endif
