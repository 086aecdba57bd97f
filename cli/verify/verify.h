/* SPDX-License-Identifier: MIT */
/*
 * What imgprobe verify found out about one FILE, and the two ways to print it.
 */
#ifndef CLI_VERIFY_VERIFY_H
#define CLI_VERIFY_VERIFY_H

#include "options/options.h"
#include "output/json.h"
#include "verify/document.h"

struct verified {
    const struct options *options;
    const char *file; /* as given */
    struct documents documents;
    size_t line, byte;           /* of what is wrong with the document; 0: nothing, or it has no place */
    struct imgprobe_error error; /* why nothing was verified; OK: all was looked at */
    uint64_t reads, bytes;       /* of the members */
    enum verdict verdict;
    bool astray; /* there is no file by a relative name */
};

/* The exit status: where all is unchanged, that of the answer, since it would be given again. */
int verify_status(const struct verified *verified);
/* "unchanged", "changed", "cannot-tell". */
const char *verify_word(enum verdict verdict);
void verify_json(const struct verified *verified, struct json *json);
/* A line for each member and each name, and one for FILE. */
void verify_text(const struct verified *verified, FILE *stream);

/* compare: opens each member and each name anew, and fills their outcomes and the verdict. A file that standard
 * output or error is written to isn't read; which of them that was is returned (outputs.h). */
unsigned verify_compare(struct verified *verified);

#endif
