/* SPDX-License-Identifier: MIT */
/*
 * Objects of JSON by tables of their keys. A key that isn't in the table is refused, and so is one that is there
 * twice.
 */
#ifndef CLI_VERIFY_FIELDS_H
#define CLI_VERIFY_FIELDS_H

#include "verify/reader.h"

/* FIELD_TEXT and FIELD_BYTES, which is text in hexadecimal, fill a struct imgprobe_bytes, without a NUL in it and
 * with one behind it; FIELD_NUMBER a uint64_t; FIELD_TRUE a bool; FIELD_DIGEST 16 bytes. */
enum field_type { FIELD_TEXT, FIELD_BYTES, FIELD_NUMBER, FIELD_TRUE, FIELD_DIGEST, FIELD_LIST };

/* A key of an object, and which member of a structure takes it. `list` reads the array of a FIELD_LIST. */
struct field {
    const char *name;
    enum field_type type;
    size_t offset;
    bool (*list)(struct reader *r, void *object);
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define ALL(array) ((1u << LENGTH(array)) - 1)

/* Reads an object into `object`. *ret_seen has a bit for each field that was there. */
bool fields_read(struct reader *r, const struct field *fields, size_t count, void *object, unsigned *ret_seen);
/* Whether a string is this word. */
bool fields_is(struct imgprobe_bytes key, const char *name);
/* One more zeroed item at the end of a list, whose room doubles. NULL: the reader says that memory ran out, and the
 * list stays as it was. */
void *fields_add(struct reader *r, void **items, size_t *count, size_t size);

#endif
