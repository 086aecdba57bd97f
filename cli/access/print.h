/* SPDX-License-Identifier: MIT */
/*
 * What is printed of `imgprobe access`, complete or not.
 */
#ifndef CLI_ACCESS_PRINT_H
#define CLI_ACCESS_PRINT_H

#include "answer.h"
#include "output/json.h"

#include <stdio.h>

/* As asked; the exit status. */
int access_print(const struct answer *answer);
void access_json(const struct answer *answer, struct json *json);
void access_text(const struct answer *answer, FILE *stream);

/* What would allow what was refused: a line for each thing to do, options ready to paste. A string to be freed; NULL
 * where memory ran out. */
char *advice_text(const struct answer *answer);

#endif
