/* SPDX-License-Identifier: MIT */
/*
 * Where files and directories have to stand in a jail, so that each name of what is granted leads to it there.
 */
#ifndef CLI_ACCESS_GRANTS_JAIL_H
#define CLI_ACCESS_GRANTS_JAIL_H

#include "access/grants/absolute-path.h"

/* A file or a directory at one name. The same may be asked for at one place more than once: all but the first of them
 * are marked `again`. */
struct jail_place {
    const struct imgprobe_grant *grant; /* that stands there, or whose name passes this directory */
    bool directory;
    bool again; /* the same is there already */
    bool above; /* of a directory: something else stands beneath it */
    size_t length;
    char *path; /* normalised */
};

struct jail {
    struct jail_place *list; /* in the order of the grants; a directory before the file whose name passes it */
    size_t count, room;
};

/* Finds a place for every name of every grant. False, with *ret_why filled, where two files would need the same
 * place, or one a place beneath another, and where a path can't be said. jail_free is to be called in both cases. */
bool jail_lay_out(const struct grants *grants, struct jail *ret, struct cannot *ret_why);
void jail_free(struct jail *jail);

#endif
