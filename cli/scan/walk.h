/* SPDX-License-Identifier: MIT */
/*
 * The walk through directories, by descriptors: a name is never longer than one component, a link is never followed,
 * and it doesn't matter how deep a directory lies. At most WALK_OPEN directories are open for it at once.
 */
#ifndef CLI_SCAN_WALK_H
#define CLI_SCAN_WALK_H

#include "scan/place.h"

#include <signal.h>
#include <stdint.h>

#define WALK_OPEN 24
#define WALK_PATH_MOST 65536 /* bytes of a path; what lies deeper isn't walked, and is told so */

/* What was met and isn't handed over. */
struct walked {
    uint64_t directories, links, special, others, gone; /* others: other file systems, or no storage */
};

struct walk {
    /* The caller's: */
    bool sort, one_file_system;
    bool names; /* `path` is a file's, whatever is there: it is handed over */
    void *context;
    /* A file: `name` in `place`. Both live until the next, but the place may be kept. */
    void (*file)(void *context, struct place *place, const char *name);
    /* A directory or a file that can't be walked. The name is the whole path. */
    void (*wrong)(void *context, const char *name, const char *why);
    const volatile sig_atomic_t *stop; /* ends the walk when it isn't 0 */
    struct walked walked;
    /* walk.c's own: */
    struct level *levels;
    size_t depth, room, first; /* the first level that is open */
    dev_t device, storage;
};

/* Walks `path`, or hands it over where it is no directory. */
void walk_path(struct walk *walk, const char *path);
void walk_free(struct walk *walk);

#endif
