/* SPDX-License-Identifier: MIT */
/*
 * What a command found out about one FILE.
 */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include "options/options.h"

struct answer {
    const struct options *options;
    const char *file;                      /* as given */
    const char *default_root;              /* NULL: roots were given, or nothing may be opened */
    const struct imgprobe_chain *chain;    /* NULL: FILE couldn't be opened */
    const struct imgprobe_member *culprit; /* of the error; NULL: none, or FILE */
    const struct imgprobe_reference *at;   /* the reference at which it came about; NULL: none */
    struct imgprobe_error error;           /* why, if `status` isn't 0 */
    size_t workspace;                      /* bytes of it that were used */
    int status;                            /* of the program, for this FILE alone */
    bool stopped;                          /* FILE was a stream, and not all of it was read */
    uint64_t received;                     /* bytes of it that were */
    /* What one command has besides; NULL for the others, and where there is no chain: */
    const struct imgprobe_access *access;   /* of access */
    const struct imgprobe_verdict *verdict; /* of check */
    const struct imgprobe_member *inside;   /* of info: the image inside a FILE that is gzip */
};

/* Beneath which what FILE names is looked for. None: anywhere, or nowhere for a command that stays beneath roots. */
struct imgprobe_roots answer_roots(const struct answer *answer);

/* Runs options->command: has it answer about each FILE, or list what it knows where there is none. Returns the exit
 * status: with several FILEs, that of the one which could be answered least. */
int answer_files(const struct options *options);

#endif
