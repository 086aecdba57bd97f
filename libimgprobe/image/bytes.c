/* SPDX-License-Identifier: MIT */
/* Strings of bytes with their length: what an image holds has no NUL at its end, and may have one inside. */
#include "image/image.h"

#include <string.h>

struct imgprobe_bytes ip_string(const char *text)
{
    struct imgprobe_bytes bytes = {(const unsigned char *)text, strlen(text)};

    return bytes;
}

/* A part that isn't inside gives no bytes at all. So a caller who forgets to look has none to read. */
struct imgprobe_bytes ip_part(struct imgprobe_bytes bytes, uint64_t offset, uint64_t length)
{
    struct imgprobe_bytes part = {NULL, 0};

    if (bytes.bytes && offset <= bytes.length && length <= bytes.length - offset) {
        part.bytes = bytes.bytes + offset;
        part.length = (size_t)length;
    }
    return part;
}

struct imgprobe_bytes ip_cut(struct imgprobe_bytes bytes)
{
    const unsigned char *nul = bytes.length ? memchr(bytes.bytes, 0, bytes.length) : NULL;

    if (nul)
        bytes.length = (size_t)(nul - bytes.bytes);
    return bytes;
}

bool ip_find(struct imgprobe_bytes bytes, const char *text, size_t *ret)
{
    const unsigned char *found = bytes.length ? memmem(bytes.bytes, bytes.length, text, strlen(text)) : NULL;

    if (!found)
        return false;
    *ret = (size_t)(found - bytes.bytes);
    return true;
}

size_t ip_find_byte(struct imgprobe_bytes bytes, size_t from, unsigned char byte)
{
    const unsigned char *found;

    if (from >= bytes.length)
        return from;
    found = memchr(bytes.bytes + from, byte, bytes.length - from);
    return found ? (size_t)(found - bytes.bytes) : bytes.length;
}

bool ip_same(struct imgprobe_bytes a, struct imgprobe_bytes b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

/* By hand, since most of what is compared differs in its first byte. */
bool ip_equal(struct imgprobe_bytes a, const char *text)
{
    size_t i;

    for (i = 0; i < a.length; i++)
        if (text[i] == '\0' || a.bytes[i] != (unsigned char)text[i])
            return false;
    return text[i] == '\0';
}

/* Each part lies in memory, but one may be given twice. Their sum may then wrap, so it is checked. */
enum imgprobe_status ip_join(struct imgprobe_workspace *w, const struct imgprobe_bytes *parts, size_t count,
                             struct imgprobe_bytes *ret, struct imgprobe_error *error)
{
    size_t i, length = 0;
    unsigned char *memory;

    for (i = 0; i < count; i++) {
        if (parts[i].length >= SIZE_MAX - length)
            return ip_error_full(error, w);
        length += parts[i].length;
    }
    memory = ip_room(w, length + 1, error);
    if (!memory)
        return IMGPROBE_LIMIT;
    *ret = (struct imgprobe_bytes){memory, length};
    for (i = 0; i < count; memory += parts[i++].length)
        if (parts[i].length > 0)
            memcpy(memory, parts[i].bytes, parts[i].length);
    return IMGPROBE_OK;
}
