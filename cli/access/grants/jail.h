/* SPDX-License-Identifier: MIT */
/*
 * Where files and directories have to stand in a jail, so that each name of what is granted leads to it there.
 */
#ifndef CLI_ACCESS_GRANTS_JAIL_H
#define CLI_ACCESS_GRANTS_JAIL_H

#include "access/grants/absolute-path.h"

struct jail_place {
    const struct imgprobe_grant *grant; /* that stands there, or whose name walks through this directory */
    bool directory;
    bool again; /* the same is there already */
    bool above; /* of a directory: something else stands beneath it */
    size_t length;
    char *path; /* normalised */
};

struct jail {
    struct jail_place *list; /* in the order of the grants; a directory before the file whose name walks through it */
    size_t count, room;
};

/* Every name of every grant. On failure *ret_why is filled; free in both cases. */
bool jail_lay_out(const struct grants *grants, struct jail *ret, struct cannot *ret_why);
void jail_free(struct jail *jail);

#endif
