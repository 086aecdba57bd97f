/* SPDX-License-Identifier: MIT */
/* The image inside a gzip file: the input as that file; or as the image, stored with the checksum that holds, since
 * no fuzzer would ever get past it. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define STORED_MOST ((size_t)65535) /* of one block */
#define AROUND 23                   /* a header, that of a block, and what follows the last */

static void put(unsigned char *to, uint64_t number, size_t length)
{
    for (; length > 0; length--, number >>= 8)
        *to++ = (unsigned char)number;
}

/* Returns its length. `to` has room for AROUND bytes more. */
static size_t store(unsigned char *to, const unsigned char *bytes, size_t length)
{
    static const unsigned char header[11] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1};
    unsigned char *end = to + 15 + length;

    memcpy(to, header, sizeof header);
    put(to + 11, length, 2);
    put(to + 13, ~(uint64_t)length, 2);
    if (length != 0)
        memcpy(to + 15, bytes, length);
    put(end, crc32(crc32(0, NULL, 0), bytes, (uInt)length), 4);
    put(end + 4, length, 4);
    return length + AROUND;
}

void fuzz_inside(const unsigned char *bytes, size_t size)
{
    struct input in = {bytes, size};
    unsigned char *stored;
    struct asked asked;
    struct file file;
    unsigned how;

    if (fuzz_sink)
        return; /* to others the file is raw */
    take_asked(&in, &asked);
    how = take_byte(&in);
    if (how >= 128)
        asked.options.format = ip_registry[how % ip_registry_count]->row.name;
    asked.options.inside = true;
    file = file_of(in.bytes, in.size);
    if (how % 2 != 0 || in.size > STORED_MOST) {
        check_probe(&asked, &file);
        return;
    }
    stored = malloc(in.size + AROUND);
    if (!stored)
        abort();
    file = file_of(stored, store(stored, in.bytes, in.size));
    check_probe(&asked, &file);
    free(stored);
}
