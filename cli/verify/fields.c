/* SPDX-License-Identifier: MIT */
/*
 * Reads objects by tables, and grows lists.
 */
#include "verify/fields.h"

#include <stdlib.h>
#include <string.h>

/* `*count` is a power of two where the list is full. */
void *fields_add(struct reader *r, void **items, size_t *count, size_t size)
{
    unsigned char *found = *items;

    if (!found || (*count & (*count - 1)) == 0) {
        found = *count > SIZE_MAX / 2 / size ? NULL : realloc(*items, (*count == 0 ? 1 : 2 * *count) * size);
        if (!found) {
            reader_refuse(r, "out of memory");
            return NULL;
        }
        *items = found;
    }
    return memset(found + (*count)++ * size, 0, size);
}

static int digit(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place, as the string was decoded. */
static bool read_hexadecimal(struct reader *r, struct imgprobe_bytes *ret)
{
    unsigned char *to;
    size_t i;

    if (!reader_string(r, ret))
        return false;
    to = r->text + (ret->bytes - r->text);
    for (i = 0; i + 1 < ret->length; i += 2) {
        const int high = digit(ret->bytes[i]), low = digit(ret->bytes[i + 1]);

        if (high < 0 || low < 0)
            return reader_refuse(r, "not hexadecimal");
        to[i / 2] = (unsigned char)(high << 4 | low);
    }
    if (ret->length % 2 != 0)
        return reader_refuse(r, "not hexadecimal");
    ret->length /= 2;
    to[ret->length] = '\0';
    return true;
}

static bool read_digest(struct reader *r, unsigned char *digest)
{
    struct imgprobe_bytes found;

    if (!read_hexadecimal(r, &found))
        return false;
    if (found.length != sizeof(((struct imgprobe_receipt_range *)0)->digest))
        return reader_refuse(r, "not a digest of 16 bytes");
    memcpy(digest, found.bytes, found.length);
    return true;
}

/* No string here has a NUL in it. */
static bool read_text(struct reader *r, enum field_type type, struct imgprobe_bytes *ret)
{
    if (!(type == FIELD_BYTES ? read_hexadecimal(r, ret) : reader_string(r, ret)))
        return false;
    return (ret->length != 0 && !memchr(ret->bytes, 0, ret->length)) || reader_refuse(r, "empty, or a NUL in it");
}

static bool read_value(struct reader *r, const struct field *field, void *object)
{
    unsigned char *to = (unsigned char *)object + field->offset;

    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_BYTES:
        return read_text(r, field->type, (struct imgprobe_bytes *)(void *)to);
    case FIELD_NUMBER:
        return reader_number(r, (uint64_t *)(void *)to);
    case FIELD_TRUE:
        *(bool *)to = true;
        return reader_true(r);
    case FIELD_DIGEST:
        return read_digest(r, to);
    case FIELD_LIST:
        return field->list(r, object);
    }
    return reader_refuse(r, "unknown key");
}

bool fields_is(struct imgprobe_bytes key, const char *name)
{
    return key.length == strlen(name) && memcmp(key.bytes, name, key.length) == 0;
}

bool fields_read(struct reader *r, const struct field *fields, size_t count, void *object, unsigned *ret_seen)
{
    struct imgprobe_bytes key;

    *ret_seen = 0;
    if (!reader_open(r, '{'))
        return false;
    while (reader_next(r, &key)) {
        size_t i = 0;

        while (i < count && !fields_is(key, fields[i].name))
            i++;
        if (i == count)
            return reader_refuse(r, "a key that no receipt of this version has");
        if ((*ret_seen >> i & 1u) != 0)
            return reader_refuse(r, "a key that is there twice");
        *ret_seen |= 1u << i;
        if (!read_value(r, &fields[i], object))
            return false;
    }
    return !r->wrong;
}
