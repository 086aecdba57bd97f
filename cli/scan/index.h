/* SPDX-License-Identifier: MIT */
/*
 * Which files there are, by identity, and which refers to which: 64 bytes a file with one reference. Names aren't in
 * it, but for the few that are told.
 */
#ifndef CLI_SCAN_INDEX_H
#define CLI_SCAN_INDEX_H

#include "imgprobe.h"

#define INDEX_NONE UINT32_MAX
#define INDEX_MOST (UINT32_MAX / 2) /* files, or references */

enum index_flag {
    INDEX_WALKED = 1,  /* the walk came to it */
    INDEX_GONE = 2,    /* no file: a name that leads to none */
    INDEX_ORPHAN = 4,  /* something that it needs is gone */
    INDEX_STANDS = 8,  /* it stands on what --who-uses names */
    INDEX_TOLD = 16,   /* at the end, once is enough */
    INDEX_DIRECT = 32, /* of INDEX_STANDS: by a reference of its own */
    INDEX_TARGET = 64, /* what --who-uses names */
    INDEX_REFERS = 128 /* to something, or that can't be told */
};

struct record {
    struct imgprobe_identity identity;
    uint32_t users, own; /* the first edge that leads here, and the first from here */
    uint32_t name;       /* in the index's list; INDEX_NONE: none */
    uint8_t flags, format;
};

/* A reference: `from` refers to `to`. */
struct edge {
    uint32_t from;
    uint32_t to : 31, backing : 1; /* backing: it is that of a backing file */
    uint32_t next_user, next_own;
};

struct index {
    struct record *records;
    struct edge *edges;
    char **names;
    uint32_t *slots; /* of a table by hash: a record's number, or INDEX_NONE */
    uint32_t count, room, edge_count, edge_room, name_count, name_room, slot_count;
};

/* The number of its record, which is made if there is none; INDEX_NONE: out of memory, here and below. */
uint32_t index_file(struct index *index, const struct imgprobe_identity *identity);
/* The same for a name that leads to no file. */
uint32_t index_gone(struct index *index, struct imgprobe_bytes name);
/* A record that is there; INDEX_NONE: none. */
uint32_t index_find(const struct index *index, const struct imgprobe_identity *identity);
/* Two references from one file to another that come one after the other are one. The last one is the first edge. */
bool index_refer(struct index *index, uint32_t from, uint32_t to, bool backing);
bool index_refers(const struct index *index, uint32_t from, uint32_t to);
/* The walk came to the file: its name isn't needed any more. */
void index_forget_name(struct index *index, uint32_t record);
/* Keeps a copy of a file's name, if it has none yet. */
bool index_name(struct index *index, uint32_t record, struct imgprobe_bytes name);
/* How many refer to it, counted up to `most`. */
uint32_t index_users(const struct index *index, const struct record *record, uint32_t most);
/* Sets `mark` in all that refer to a record with `flag`, through others too. Each edge is gone once. */
bool index_mark(struct index *index, unsigned flag, unsigned mark);
void index_free(struct index *index);

#endif
