/* SPDX-License-Identifier: MIT */
/*
 * What became of `imgprobe access`, complete or not, and what is printed of it.
 */
#ifndef CLI_ACCESS_ANSWER_H
#define CLI_ACCESS_ANSWER_H

#include "output/json.h"
#include "options/options.h"

#include <stdio.h>

struct access_answer {
    const struct options *options;
    const char *file;                      /* as given */
    const char *default_root;              /* NULL: roots were given, or nothing may be opened */
    const struct imgprobe_chain *chain;    /* NULL: FILE couldn't be opened */
    const struct imgprobe_access *access;  /* NULL: the same */
    const struct imgprobe_member *culprit; /* NULL: none, or FILE */
    const struct imgprobe_reference *at;   /* NULL: none */
    struct imgprobe_error error;           /* why, if `status` isn't 0 */
    size_t workspace;                      /* bytes of it that were used */
    int status;                            /* of the program */
};

/* As asked; the exit status. */
int access_print(const struct access_answer *answer);
void access_json(const struct access_answer *answer, struct json *json);
void access_text(const struct access_answer *answer, FILE *stream);

/* What would allow what was refused: a line for each thing to do, options ready to paste. */
void advice_put(const struct access_answer *answer, FILE *stream);
/* The lines of that, in a string to be freed; NULL for none. */
char *advice_text(const struct access_answer *answer);

#endif
