/* SPDX-License-Identifier: MIT */
/*
 * What to do about a name that leads out of the roots.
 */
#ifndef CLI_ACCESS_ADVICE_ROOT_H
#define CLI_ACCESS_ADVICE_ROOT_H

#include "access/print.h"

/* Writes one line with the --root that would let the name at answer->at in. Where a link leads out, which directory
 * that is stays unsaid: whoever made the image could otherwise ask where a link on this host leads. Nothing is
 * written where there is no such name. */
void advice_root(const struct answer *answer, FILE *stream);

#endif
