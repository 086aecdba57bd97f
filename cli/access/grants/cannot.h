/* SPDX-License-Identifier: MIT */
/*
 * Why a kind of output can't say something.
 */
#ifndef CLI_ACCESS_GRANTS_CANNOT_H
#define CLI_ACCESS_GRANTS_CANNOT_H

#include "access/access.h"

/* Fills *ret_why with the member and a sentence made as printf makes it, cut where it is too long. `grant` NULL: it
 * is about no member alone. Returns false, for the caller to return. */
bool cannot(struct cannot *ret_why, const struct imgprobe_grant *grant, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
