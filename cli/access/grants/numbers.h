/* SPDX-License-Identifier: MIT */
/*
 * Descriptors in place of names: which number each file has for whoever is started with them.
 */
#ifndef CLI_ACCESS_GRANTS_NUMBERS_H
#define CLI_ACCESS_GRANTS_NUMBERS_H

#include "access/grants/cannot.h"

#define NUMBERS_FIRST 3 /* behind the three that every program has */

/* Of one member: the modes in which the reader opens it. Each takes a descriptor, the one that is read only first. */
struct number {
    bool read, written;
    unsigned first;
};

struct numbers {
    struct number *all; /* by the member's index; numbers_free frees it */
    unsigned next;      /* behind the last */
};

/* Numbers the files of QEMU's graph, in the order of the members. False, with *ret_why filled, where there is no
 * such graph, or no memory; numbers_free is to be called in both cases. */
bool numbers_take(const struct grants *grants, struct numbers *ret, struct cannot *ret_why);
unsigned numbers_of(const struct numbers *numbers, const struct imgprobe_member *member, bool written);
void numbers_free(struct numbers *numbers);

/* What a graph calls its files. */
enum graph_names {
    GRAPH_PATHS, /* the names by which the reader opens them */
    GRAPH_SETS,  /* /dev/fdset/N, the first number of the file */
    GRAPH_PROC   /* /proc/self/fd/N, for an emulator that has no sets */
};

/* Writes the graph of the kind blockdev. `numbers` is NULL for GRAPH_PATHS. */
bool graph_write(const struct grants *grants, enum graph_names names, const struct numbers *numbers, FILE *stream,
                 struct cannot *ret_why);
/* Writes `fd=N,set=M,opaque=NAME` for each number, each ended by a NUL. */
bool graph_write_sets(const struct grants *grants, const struct numbers *numbers, FILE *stream,
                      struct cannot *ret_why);

#endif
