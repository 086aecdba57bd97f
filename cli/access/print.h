/* SPDX-License-Identifier: MIT */
/*
 * What is printed of `imgprobe access`, complete or not.
 */
#ifndef CLI_ACCESS_PRINT_H
#define CLI_ACCESS_PRINT_H

#include "answer.h"
#include "output/json.h"

#include <stdio.h>

/* The whole document, whatever came out: a program that reads it needs nothing else. */
void access_json(const struct answer *answer, struct json *json);
/* For people, or in the kind of output that was asked for, which is printed as a whole or not at all. Returns the
 * exit status: where the kind can't carry the answer, it isn't the answer's own, and standard error says why. */
int access_print(const struct answer *answer, FILE *stream);
/* The table for people. */
void access_text(const struct answer *answer, FILE *stream);
/* On standard error: why there is no answer, and each thing that can be done about it. */
void access_complain(const struct answer *answer);

/* What would allow what was refused: a line for each thing to do, options ready to paste. A string to be freed; NULL
 * where memory ran out. */
char *advice_text(const struct answer *answer);

#endif
