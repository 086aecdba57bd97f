/* SPDX-License-Identifier: MIT */
/* Files out of a fuzzer's input, and sources over them. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_broken(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, what);
    abort();
}

unsigned take_byte(struct input *in)
{
    if (in->size == 0)
        return 0;
    in->size--;
    return *in->bytes++;
}

unsigned take_word(struct input *in)
{
    unsigned low = take_byte(in);

    return low | take_byte(in) << 8;
}

struct file file_of(const void *bytes, size_t length)
{
    return (struct file){.bytes = bytes, .length = length};
}

void file_spread(struct file *file, bool mended)
{
    static const size_t covers[SPREAD_SUMS] = {4096, 4096, 65536, 65536};
    static unsigned char whole[65536];
    size_t i, k;

    file->spread = true;
    file->mended = mended && file->length >= (SPREAD_SUMS + 1) * SPREAD_PIECE;
    for (i = 0; file->mended && i < SPREAD_SUMS; i++) {
        uint32_t sum;

        memcpy(whole, file->bytes + (i + 1) * SPREAD_PIECE, SPREAD_PIECE);
        sum = ip_crc32c((struct imgprobe_bytes){whole, covers[i]}, SPREAD_SUM);
        for (k = 0; k < 4; k++)
            file->sums[i][k] = (unsigned char)(sum >> 8 * k);
    }
}

uint64_t file_size(const struct file *file)
{
    if (file->spread)
        return (file->length + SPREAD_PIECE - 1) / SPREAD_PIECE * SPREAD_STEP + SPREAD_TAIL;
    return file->length + file->gap;
}

struct file take_file(struct input *in)
{
    static const uint64_t gaps[16] = {0,
                                      0,
                                      512,
                                      4096,
                                      28672,
                                      32768,
                                      65536,
                                      1 << 18,
                                      1 << 20,
                                      (2 << 20) + 512,
                                      UINT64_C(1) << 32,
                                      UINT64_C(1) << 41,
                                      UINT64_C(1) << 56,
                                      INT64_MAX - 4096,
                                      INT64_MAX,
                                      UINT64_MAX - (1 << 20)};
    unsigned gap = take_byte(in), split = take_word(in);
    struct file file = {.bytes = in->bytes, .length = in->size, .gap = gaps[gap % 16]};

    if (gap % 16 == 1)
        file_spread(&file, gap < 128);
    file.split = split % (in->size + 1);
    return file;
}

/* Copies what of [offset, offset + length) lies in the piece at `start`. */
static void copy_piece(unsigned char *to, uint64_t offset, size_t length, const unsigned char *piece, uint64_t start,
                       size_t piece_length)
{
    uint64_t from = offset > start ? offset : start;
    uint64_t end = offset + length < start + piece_length ? offset + length : start + piece_length;

    if (from < end)
        memcpy(to + (from - offset), piece + (from - start), (size_t)(end - from));
}

/* Copies what [offset, offset + length) of the file holds besides zeros. */
static void copy_file(unsigned char *to, const struct file *file, uint64_t offset, size_t length)
{
    uint64_t piece;

    if (!file->spread) {
        copy_piece(to, offset, length, file->bytes, 0, file->split);
        copy_piece(to, offset, length, file->bytes + file->split, file->split + file->gap,
                   file->length - file->split);
        return;
    }
    for (piece = offset / SPREAD_STEP; piece <= (offset + length - 1) / SPREAD_STEP; piece++) {
        size_t at = (size_t)piece * SPREAD_PIECE, left = at < file->length ? file->length - at : 0;

        copy_piece(to, offset, length, file->bytes + (file->length - left), piece * SPREAD_STEP,
                   left < SPREAD_PIECE ? left : SPREAD_PIECE);
        if (file->mended && piece >= 1 && piece <= SPREAD_SUMS)
            copy_piece(to, offset, length, file->sums[piece - 1], piece * SPREAD_STEP + SPREAD_SUM, 4);
    }
}

static enum imgprobe_status feed_read(void *context, uint64_t offset, void *buffer, size_t length)
{
    struct feed *feed = context;
    const struct file *file = feed->file;
    uint64_t size = file_size(file), end = offset + length;

    PROMISE(length > 0, "no empty read");
    if (feed->withholds && (end < offset || end > feed->front) &&
        (end < offset || offset < feed->extra.from || end > feed->extra.to))
        return IMGPROBE_NEED;
    PROMISE(offset <= size && length <= size - offset, "no read goes past the end");
    if (++feed->calls == feed->fails_at)
        return feed->failure;
    memset(buffer, 0, length);
    copy_file(buffer, file, offset, length);
    return IMGPROBE_OK;
}

static void feed_observe(void *observer, uint64_t offset, const void *bytes, size_t length)
{
    struct feed *feed = observer;
    struct span span = {offset, offset + length};
    size_t i;

    (void)bytes;
    PROMISE(feed->seen_count < MOST_SPANS, "no more reads than the limit");
    for (i = 0; i < feed->seen_count; i++)
        PROMISE(span.to <= feed->seen[i].from || span.from >= feed->seen[i].to, "each byte is read once");
    feed->seen[feed->seen_count++] = span;
    feed->seen_bytes += length;
}

struct imgprobe_source feed_source(struct feed *feed)
{
    return (struct imgprobe_source){
        .struct_size = sizeof(struct imgprobe_source),
        .size = file_size(feed->file),
        .read_at = feed_read,
        .context = feed,
        .observe = feed_observe,
        .observer = feed,
    };
}
