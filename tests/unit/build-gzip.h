/* SPDX-License-Identifier: MIT */
/* An image as a gzip file, by zlib. */
#ifndef BUILD_GZIP_H
#define BUILD_GZIP_H

#include "build-image.h"

#include <zlib.h>

/* Frees what it's given. A level of 0 stores. */
static inline struct build build_gzip(struct build raw, int level)
{
    struct build b = build_raw(raw.size + raw.size / 1000 + 64);
    z_stream z = {.next_in = raw.bytes, .avail_in = (uInt)raw.size, .next_out = b.bytes, .avail_out = (uInt)b.size};

    if (deflateInit2(&z, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
        deflate(&z, Z_FINISH) != Z_STREAM_END)
        abort();
    b.size = z.total_out;
    deflateEnd(&z);
    free(raw.bytes);
    return b;
}

/* Bytes that don't get shorter. */
static inline struct build build_noise(size_t size)
{
    struct build b = build_raw(size);
    uint32_t x = 1;
    size_t i;

    for (i = 0; i < size; i++) {
        x = x * 1664525 + 1013904223;
        b.bytes[i] = (unsigned char)(x >> 24);
    }
    return b;
}

#endif
