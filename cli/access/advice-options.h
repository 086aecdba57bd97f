/* SPDX-License-Identifier: MIT */
/*
 * Advice that is an option of imgprobe itself, or another word for FILE.
 */
#ifndef CLI_ACCESS_ADVICE_OPTIONS_H
#define CLI_ACCESS_ADVICE_OPTIONS_H

#include "answer.h"

#include <stdio.h>

/* A descriptor's name. */
void advice_directory(const struct answer *answer, FILE *stream);
/* Consent for every file that lacks it. */
void advice_consents(const struct answer *answer, FILE *stream);
/* Without the --write-member that is none. */
void advice_no_member(const struct answer *answer, FILE *stream);
/* What else it would take, behind the advice for one option: every further option that the names which are known by
 * now would be refused without. */
void advice_further(const struct answer *answer, FILE *stream);

#endif
