/* SPDX-License-Identifier: MIT */
/*
 * What to do about a name that leads out of the roots.
 */
#ifndef CLI_ACCESS_ADVICE_ROOT_H
#define CLI_ACCESS_ADVICE_ROOT_H

#include "access/print.h"

void advice_root(const struct answer *answer, FILE *stream);

#endif
