/* SPDX-License-Identifier: MIT */
/*
 * imgprobe scan: walks directories, looks at each file in them, by several threads, and says at the end how the files
 * stand to each other.
 *
 * One thread walks and hands files over in batches. The others each take a batch, probe its files with a workspace of
 * their own, and print its lines. What was printed is counted and forgotten, but for the index of identities. The
 * names that are told at the end come from a second walk, which reads directories alone.
 */
#ifndef CLI_SCAN_SCAN_H
#define CLI_SCAN_SCAN_H

#include "options/options.h"
#include "output/json.h"
#include "scan/crew.h"
#include "scan/index.h"
#include "scan/open.h"
#include "scan/tally.h"
#include "scan/walk.h"

#include <pthread.h>
#include <stdio.h>

struct scan {
    const struct options *options;
    const char **own_roots;
    const char **roots; /* beneath which every file's chain may lead, whatever else it may */
    size_t root_count;
    struct walk walk;
    struct index index;
    pthread_mutex_t lock; /* of the index */
    struct crew *crew;
    int proc; /* as in struct open_state, for all */
    struct worker *workers;
    size_t worker_count;
    struct tally tally;   /* of all, once they are done */
    const char **allowed; /* findings: those of the options, and what is so because nothing was followed */
    size_t allowed_count;
    bool follows;    /* every chain, to its end */
    bool names_kept; /* they came from standard input, where no second walk finds them */
    bool interrupted;
    uint64_t to_tell; /* how many files the second walk looks for; all_told ends it */
    volatile sig_atomic_t all_told;
};

struct worker {
    struct scan *scan;
    struct imgprobe_workspace workspace;
    FILE *lines; /* of one batch, in `text` */
    char *text;
    size_t length;
    char *name, *root; /* of the file that is looked at: its own, and the directory at which the walk began */
    size_t room;       /* of both */
    const char **roots;
    struct open_state open;
    struct tally tally, shown;
};

/* What was found out about one file, while its line is printed. */
struct found {
    const struct scan *scan;
    const char *name;
    const struct imgprobe_opened *opened;     /* NULL: it couldn't be opened */
    const struct imgprobe_chain *chain;       /* NULL: the same */
    const struct imgprobe_verdict *verdict;   /* NULL: the same, or there was no room */
    const struct imgprobe_reference *at;      /* that keeps the answer from being full, or NULL */
    const struct imgprobe_reference *backing; /* the name of its backing file that counts; NULL: none */
    struct imgprobe_identity base;            /* to which file that leads, where it is `led` */
    bool led, gone;                           /* gone: the name of `at` is no file's */
    struct imgprobe_error error;              /* why the answer isn't full, if it isn't OK */
    int status;                               /* of the program, for this file alone */
};

/* probe.c: looks at the file, counts it, puts it into the index and prints its line. `worker` is a struct worker. */
void scan_file(void *worker, const struct item *item);
/* findings.c: the finding that is so because nothing was followed, as was asked. */
#define SCAN_NOT_FOLLOWED "not-followed"
/* The findings that tell something: the one behind `last`, or the first. */
const struct imgprobe_finding *scan_findings(const struct found *found, const struct imgprobe_finding *last);
/* graph.c: puts the file and its references into the index. False: out of memory. */
bool scan_index(struct scan *scan, const struct found *found);
/* How many images of a chain stand beneath this record, it included, by its backing files. */
uint32_t scan_depth(const struct index *index, const struct record *record);

/* line.c: a line about one file, in the kind of output that was asked for; and what comes before the first. */
void scan_head(const struct options *options, FILE *stream);
void scan_line(const struct found *found, FILE *stream);
/* ndjson.c, csv.c */
void scan_json(const struct found *found, FILE *stream);
void scan_csv(const struct found *found, FILE *stream);
void scan_csv_head(FILE *stream);

/* finish.c: what there is to say of all files together, when all are looked at. */
void scan_finish(struct scan *scan);
/* summary.c: the last lines: how many of what. */
struct summary {
    uint64_t chains, longest, orphans, shared, unused;
};
void scan_summary(const struct scan *scan, const struct summary *summary);
/* dot.c: a node of the graph and its edges, and what stands round them. */
void scan_dot_head(void);
void scan_dot_node(const struct index *index, uint32_t record, const char *name);
void scan_dot_end(void);

/* progress.c: a line on a terminal, for as long as it takes. `known` is how many files there are, 0 if it isn't
 * known. Of the calls at most one is under way at a time. */
void progress_start(const struct options *options, uint64_t known);
void progress_add(const struct tally *more, const struct tally *less);
/* Takes the line away, so that another may be printed. */
void progress_hide(void);

#endif
