/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON as it comes, indented as qemu-img does or all on one line. Whatever the bytes, the output is valid
 * UTF-8 and valid JSON.
 */
#ifndef CLI_OUTPUT_JSON_H
#define CLI_OUTPUT_JSON_H

#include "imgprobe.h"

#include <stdio.h>

#define JSON_DEPTH 1024 /* QEMU's JSON parser reads no deeper */

struct json {
    FILE *stream;
    bool compact;
    unsigned depth;
    char closing[JSON_DEPTH]; /* of each object or array that is open */
    bool filled[JSON_DEPTH];  /* whether it has a value yet */
};

void json_start(struct json *json, FILE *stream, bool compact);
void json_finish(struct json *json);

/* `key` is NULL in an array and at the top. `opening` is '{' or '['. */
void json_open(struct json *json, const char *key, char opening);
/* The same, with a key of `length` bytes. */
void json_open_part(struct json *json, const char *key, size_t length, char opening);
void json_close(struct json *json);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);
void json_number(struct json *json, const char *key, uint64_t value);
/* Nothing for IMGPROBE_UNKNOWN. */
void json_known(struct json *json, const char *key, uint64_t value);
/* Nothing for NULL. */
void json_string(struct json *json, const char *key, const char *value);
/* Nothing for none; U+FFFD for what isn't UTF-8. */
void json_bytes(struct json *json, const char *key, struct imgprobe_bytes value);
/* The same, and where that isn't the exact bytes, these in hexadecimal as "key-bytes". */
void json_name(struct json *json, const char *key, struct imgprobe_bytes value);
void json_hexadecimal(struct json *json, const char *key, struct imgprobe_bytes value);

#endif
