/* SPDX-License-Identifier: MIT */
/*
 * Reads JSON (RFC 8259) in memory, value by value, and refuses whatever is odd. It's for our own documents: numbers
 * are whole and not negative, and nesting is bounded. Nothing is allocated: strings are decoded where they stand.
 */
#ifndef CLI_VERIFY_READER_H
#define CLI_VERIFY_READER_H

#include "imgprobe.h"

#define READER_DEPTH 64 /* our documents nest less than a quarter of that */

/* A text that is being read. The members are the reader's own, but for those that say what is wrong, and where: in
 * which line, from 1 on, which begins at which byte. */
struct reader {
    unsigned char *text;
    size_t length, at, line, line_start;
    const char *wrong;
    unsigned depth; /* objects and arrays that are open */
    char closing[READER_DEPTH];
    bool filled[READER_DEPTH]; /* a value of it was read */
};

/* `text` is written to, and stays the caller's. */
void reader_start(struct reader *r, void *text, size_t length);
/* Keeps the first of all reasons. Returns false. */
bool reader_refuse(struct reader *r, const char *wrong);
/* Whether another document begins here. */
bool reader_more(struct reader *r);
/* The character with which the next value begins; 0 at the end. */
unsigned char reader_peek(struct reader *r);
/* Opens an object or an array: `opening` is '{' or '['. */
bool reader_open(struct reader *r, char opening);
/* Whether another value follows in what was opened last, and in an object its key. If not, it's closed, or something
 * is wrong. Each value has to be read or skipped before the next call. */
bool reader_next(struct reader *r, struct imgprobe_bytes *ret_key);
/* These read one value. The string is good as long as the text, and a NUL follows it. */
bool reader_string(struct reader *r, struct imgprobe_bytes *ret);
bool reader_number(struct reader *r, uint64_t *ret);
bool reader_true(struct reader *r);
bool reader_skip(struct reader *r);
#endif
