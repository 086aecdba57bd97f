/* SPDX-License-Identifier: MIT */
/*
 * What the child tells of its answer, in memory that is shared.
 */
#ifndef CLI_EXEC_HAND_H
#define CLI_EXEC_HAND_H

#include <stdbool.h>
#include <stddef.h>

#define HAND_FILES 1024
#define HAND_ARGUMENT 131072 /* Linux takes no longer one: MAX_ARG_STRLEN, with its NUL */
#define HAND_WORDS 2097152

/* A descriptor of a file, which stays open, and in which mode the emulator wants one. */
struct hand_file {
    int fd;
    bool write;
};

struct hand {
    bool whole; /* all of the others are written */
    size_t count;
    struct hand_file files[HAND_FILES];            /* in the order of the numbers */
    char sets[HAND_ARGUMENT], proc[HAND_ARGUMENT]; /* the graph, as text */
    size_t length;
    char words[HAND_WORDS]; /* of -add-fd, each ended by a NUL */
};

/* Where exec_kind writes. */
extern struct hand *hand;

#endif
