/* SPDX-License-Identifier: MIT */
/*
 * Bytes out of images as text for people: what isn't printable is escaped, so that no name can drive a terminal.
 */
#ifndef CLI_OUTPUT_TEXT_H
#define CLI_OUTPUT_TEXT_H

#include "imgprobe.h"

#include <stdio.h>

/* One step through bytes as UTF-8: a character, or the longest part of one that is broken off (Unicode's practice of
 * one replacement for each maximal subpart). */
struct text_step {
    size_t length;
    uint32_t point;
    bool valid;
};
/* The step at the beginning of the bytes. `length` is at least 1, and so is the step's. `point` means something only
 * where the step is valid. */
struct text_step text_next(const unsigned char *bytes, size_t length);
/* Whether the bytes are UTF-8 without a NUL: a JSON string then holds them exactly, for every reader of it. */
bool text_exact(struct imgprobe_bytes bytes);

/* The bytes of a string without its NUL. They stay the string's own. */
struct imgprobe_bytes text_bytes(const char *string);

/* The number in decimal, so that it ends before `end`; returns where it begins. 20 bytes are enough. */
char *text_number(char *end, uint64_t number);

/* Without quotes around it: a backslash before each backslash, and what isn't UTF-8 or is hostile byte by byte as
 * \xHH.
 */
void text_put(FILE *stream, struct imgprobe_bytes bytes);
/* How many of the bytes, from the first on, are UTF-8 that a terminal can be shown. */
size_t text_shown(struct imgprobe_bytes bytes);
/* The same in "", with a backslash before each quote in it, so that a reader sees where it ends. */
void text_quote(FILE *stream, struct imgprobe_bytes bytes);
void text_put_string(FILE *stream, const char *string);
/* "1.5 GiB (1610612736 bytes)": rounded to three digits, and exact in parentheses. */
void text_put_size(FILE *stream, uint64_t size);
/* "; and 7 more of these, which aren't listed"; nothing where there are none. */
void text_put_more(FILE *stream, uint64_t more);
/* "imgprobe: subject: message", escaped, as one line on standard error. */
void text_complain(const char *subject, const char *message);
/* The same without the end of the line, which the caller may go on with and has to end; `message` NULL: all of it is
 * the caller's. What is on standard output
 * until then is written out first. */
void text_complain_start(struct imgprobe_bytes subject, const char *message);

#endif
