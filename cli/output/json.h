/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON as it comes, indented as qemu-img does or all on one line. Whatever the bytes, the output is valid
 * UTF-8 and valid JSON. Nothing is allocated. An error of the stream is left to whoever owns it.
 */
#ifndef CLI_OUTPUT_JSON_H
#define CLI_OUTPUT_JSON_H

#include "imgprobe.h"

#include <stdio.h>

#define JSON_DEPTH 1024 /* QEMU's JSON parser reads no deeper */
#define JSON_TEXT 2048  /* bytes that are handed to the stream at once */

/* A document that is being written. Its members are json.c's own, but for `depth`, which says how many objects and
 * arrays are open. */
struct json {
    FILE *stream;
    bool compact;
    unsigned depth;
    size_t used; /* of `text` */
    char text[JSON_TEXT];
    char closing[JSON_DEPTH]; /* of each object or array that is open */
    bool filled[JSON_DEPTH];  /* whether it has a value yet */
};

/* Begins a document, of one line where it is `compact`. The caller keeps the stream, writes nothing to it until the
 * document is finished, and closes it. */
void json_start(struct json *json, FILE *stream, bool compact);
/* Ends the line, and hands the rest to the stream. Everything that was opened has to be closed by then. */
void json_finish(struct json *json);

/* Opens an object or an array: `opening` is '{' or '['. Here and below, `key` is NULL in an array and at the top, and
 * a string anywhere else. It may hold any bytes. A document nests less than JSON_DEPTH deep; the caller sees to that.
 */
void json_open(struct json *json, const char *key, char opening);
/* The same, with a key of `length` bytes. */
void json_open_part(struct json *json, const char *key, size_t length, char opening);
/* Closes what was opened last. */
void json_close(struct json *json);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);
void json_number(struct json *json, const char *key, uint64_t value);
/* Writes neither key nor value for IMGPROBE_UNKNOWN. */
void json_known(struct json *json, const char *key, uint64_t value);
/* Writes neither key nor value for NULL. What isn't UTF-8 becomes U+FFFD. */
void json_string(struct json *json, const char *key, const char *value);
/* Writes neither key nor value where `value` has no bytes. What isn't UTF-8 becomes U+FFFD, so bytes may be lost:
 * this is for qemu-img's keys, which lose them too. */
void json_bytes(struct json *json, const char *key, struct imgprobe_bytes value);
/* The same, and where a reader of the string wouldn't get the exact bytes, these in hexadecimal as "key-bytes".
 * Nothing is lost. */
void json_name(struct json *json, const char *key, struct imgprobe_bytes value);
/* An array of the names; neither key nor value where there are none. */
void json_words(struct json *json, const char *key, const struct imgprobe_word *words);
/* The bytes in hexadecimal under the key itself; neither key nor value where there are none. */
void json_hexadecimal(struct json *json, const char *key, struct imgprobe_bytes value);

#endif
