/* SPDX-License-Identifier: MIT */
/*
 * The subcommands, and the exit statuses that they share. Each has a row in the file of its name.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stdbool.h>
#include <stdio.h>

enum exit_status {
    STATUS_ANSWERED = 0,
    STATUS_NO_ANSWER = 1,
    STATUS_USAGE = 2,
    STATUS_REFUSED = 3,
    STATUS_AMBIGUOUS = 8,    /* blkid's number for it */
    STATUS_INTERRUPTED = 130 /* a shell's, for SIGINT */
};

/* Bits, so that a row of the options can belong to several. */
enum command_bit {
    COMMAND_INFO = 1,
    COMMAND_FORMATS = 2,
    COMMAND_ACCESS = 4,
    COMMAND_CHECK = 8,
    COMMAND_VERIFY = 16,
    COMMAND_SCAN = 32
};

struct access_kind;
struct answer;
struct imgprobe_workspace;
struct json;
struct options;

/* answer.c runs it: it lists, or for each FILE it judges, prints and complains. If it has `run`, that does all. */
struct command {
    const char *name;
    enum command_bit bit;
    const char *operands; /* NULL: it takes none, and lists */
    const char *summary;
    const struct access_kind *kinds; /* of output, besides human and json; the last has no name. NULL: no others */
    /* Every reference is followed, but beneath the roots alone: by default beneath the directory of FILE. */
    bool beneath_roots;
    bool looks_inside; /* of a gzip FILE, says what stands inside */
    /* Answers about one FILE that is no image, and returns the exit status. NULL: it's an image, for those below. */
    int (*answer)(const struct options *options, const char *file);
    /* Prints what can be said without a FILE. */
    void (*list)(const struct options *options);
    /* Fills the status of an answer that has a chain, and why. What it makes goes into the chain's own workspace. */
    void (*judge)(struct answer *answer, struct imgprobe_workspace *workspace);
    /* Print an answer, with or without a chain. `text` returns the exit status. */
    void (*json)(const struct answer *answer, struct json *json);
    int (*text)(const struct answer *answer, FILE *stream);
    /* Says on standard error why the status isn't 0. */
    void (*complain)(const struct answer *answer);
    /* Starts threads, where all of the sandbox holds but the filter of calls, which comes over them all then. False:
     * it was said on standard error why not. */
    bool (*prepare)(const struct options *options);
    /* Returns the exit status. */
    int (*run)(const struct options *options);
};

extern const struct command command_info;
extern const struct command command_access;
extern const struct command command_check;
extern const struct command command_verify;
extern const struct command command_scan;
extern const struct command command_formats;

#endif
