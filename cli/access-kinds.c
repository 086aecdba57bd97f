/* SPDX-License-Identifier: MIT */
/*
 * The kinds of output that name files to whoever grants them, in the order in which they are listed.
 */
#include "access.h"

const struct access_kind access_kinds[] = {
    {"paths", "each file once, one a line; with -0 each ended by a NUL", access_paths},
};

const size_t access_kind_count = sizeof(access_kinds) / sizeof(access_kinds[0]);
