/* SPDX-License-Identifier: MIT */
/*
 * One directory on the stack of a walk, and what is left of it.
 */
#ifndef CLI_SCAN_LEVEL_H
#define CLI_SCAN_LEVEL_H

#include "scan/place.h"

struct level {
    struct place *place; /* NULL: it isn't open now */
    dev_t device;        /* by which it is known again */
    ino_t inode;
    size_t length; /* of its path */
    long at;       /* where it goes on once it is open again, if its names aren't in memory */
    char **names;  /* in order, with the type before each; NULL: they are read as they come */
    size_t count, next;
};

struct entry {
    const char *name; /* good until the next */
    unsigned char type;
};

/* Takes the place over, as level_open does. */
void level_start(struct level *ret, struct place *place);
void level_close(struct level *level);
void level_open(struct level *level, struct place *place);
void level_end(struct level *level);
/* Reads all names and sorts them by their bytes. False with errno: those that could be read are there. */
bool level_sort(struct level *level);
/* The next one: 0; -1 where there is none, or an errno. DT_UNKNOWN: it is gone. */
int level_next(struct level *level, struct entry *ret);

#endif
