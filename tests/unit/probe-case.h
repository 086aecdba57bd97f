/* SPDX-License-Identifier: MIT */
/*
 * One row of a format's table of tests: how an image is built, what is asked, and what the answer must be. An image
 * is a list of patches over zeros, composed whenever it is read, so its size costs nothing. See probe-loops.h for
 * what is checked of every row.
 */
#ifndef PROBE_CASE_H
#define PROBE_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "answer/answer.h"

enum patch_kind {
    PATCH_NONE,
    PATCH_TEXT,
    PATCH_BIG,
    PATCH_LITTLE,
    PATCH_REPEAT,
    PATCH_WIDE,
    PATCH_SUM,
    PATCH_CRC,
    PATCH_FLIP
};
struct patch {
    enum patch_kind kind;
    uint64_t offset;
    size_t length;
    const char *text;
    uint64_t number; /* the value; REPEAT: length of the text; WIDE: 1 if big endian; SUM, CRC: place of the sum;
                        FLIP: a bit */
};

/* In the order given; a later one lies over an earlier one. SUM is the ones' complement of the sum of what the
 * patches before it have at [at, at + length), without its own four bytes. CRC is the CRC-32C of what all patches
 * make of that, those behind it, too; no later one lies over it but a FLIP, of which no sum knows. */
#define TEXT(at, string)                                                                                             \
    {                                                                                                                \
        PATCH_TEXT, at, sizeof(string) - 1, string, 0                                                                \
    }
#define REPEAT(at, times, string)                                                                                    \
    {                                                                                                                \
        PATCH_REPEAT, at, (times) * (sizeof(string) - 1), string, sizeof(string) - 1                                 \
    }
#define UTF16BE(at, string)                                                                                          \
    {                                                                                                                \
        PATCH_WIDE, at, 2 * (sizeof(string) - 1), string, 1                                                          \
    }
#define UTF16LE(at, string)                                                                                          \
    {                                                                                                                \
        PATCH_WIDE, at, 2 * (sizeof(string) - 1), string, 0                                                          \
    }
#define BYTE(at, value)                                                                                              \
    {                                                                                                                \
        PATCH_BIG, at, 1, NULL, value                                                                                \
    }
#define BE16(at, value)                                                                                              \
    {                                                                                                                \
        PATCH_BIG, at, 2, NULL, value                                                                                \
    }
#define BE32(at, value)                                                                                              \
    {                                                                                                                \
        PATCH_BIG, at, 4, NULL, value                                                                                \
    }
#define BE64(at, value)                                                                                              \
    {                                                                                                                \
        PATCH_BIG, at, 8, NULL, value                                                                                \
    }
#define LE16(at, value)                                                                                              \
    {                                                                                                                \
        PATCH_LITTLE, at, 2, NULL, value                                                                             \
    }
#define LE32(at, value)                                                                                              \
    {                                                                                                                \
        PATCH_LITTLE, at, 4, NULL, value                                                                             \
    }
#define LE64(at, value)                                                                                              \
    {                                                                                                                \
        PATCH_LITTLE, at, 8, NULL, value                                                                             \
    }
#define SUM(at, length, place)                                                                                       \
    {                                                                                                                \
        PATCH_SUM, at, length, NULL, place                                                                           \
    }
#define CRC(at, length, place)                                                                                       \
    {                                                                                                                \
        PATCH_CRC, at, length, NULL, place                                                                           \
    }
#define FLIP(at, bit)                                                                                                \
    {                                                                                                                \
        PATCH_FLIP, at, 1, NULL, bit                                                                                 \
    }

#define BASE_PATCHES 48
#define CASE_PATCHES 32
#define MOST_REFERENCES 8
#define MOST_WORDS 12

/* A good image, and what it gives unless the row says otherwise. */
struct base {
    const struct base *from; /* NULL, or the image under its patches */
    struct patch patches[BASE_PATCHES];
    uint64_t size;  /* 0: where the last patch ends */
    uint64_t whole; /* no shorter file may be OK */
    uint64_t magic; /* a shorter file may be taken for another format when none is pinned */
    bool dear;      /* each look costs much, so rows that change the image try fewer sizes of file and memory */
    bool text;      /* lines: a file cut where one ends may have fewer references */
    const char *format, *variant, *flags;
    uint64_t virtual_size, cluster_size;
    unsigned more_reads; /* beyond the three windows */
    uint64_t more_bytes;
};

/* Where a number may be left out and 0 means "the base's", this one means 0. */
#define ZERO (UINT64_MAX - 1)
#define UNKNOWN IMGPROBE_UNKNOWN

struct want_reference {
    enum imgprobe_role role;
    const char *name;
    size_t length; /* of the name; its one character is repeated when `repeated` */
    uint64_t offset;
    const char *declared, *implied; /* the format, by how it is known */
    const char *type, *access, *encoding;
    uint64_t size; /* 0: UNKNOWN */
    uint64_t data_offset;
    size_t cut;    /* by CUT; else the whole name */
    size_t stored; /* bytes in the image, which must be those at `offset` */
    bool repeated, is_cut, ignored, candidate, windows;
};
#define NAMED(of, string, at)                                                                                        \
    .role = IMGPROBE_ROLE_##of, .name = (string), .length = sizeof(string) - 1, .offset = (at)
#define REPEATED(of, string, times, at)                                                                              \
    .role = IMGPROBE_ROLE_##of, .name = (string), .length = (times), .offset = (at), .repeated = true
#define CUT(at_length) .cut = (at_length), .is_cut = true

struct probe_case {
    const char *name;
    const struct base *base;
    struct patch patches[CASE_PATCHES];
    uint64_t size;         /* 0: the base's, or where the last patch ends; ZERO: an empty file */
    uint64_t whole, magic; /* 0: the base's */
    /* asked: */
    const char *format;
    enum imgprobe_reader reader;
    unsigned version; /* of the reader; 0: all */
    enum imgprobe_role role;
    const char *hint;
    struct imgprobe_limits limits;
    /* wanted: */
    struct imgprobe_error error; /* status OK: nothing of it is looked at */
    bool says;                   /* the error has a sentence */
    const char *is;              /* the format; NULL: the base's; "" for none */
    const char *variant, *flags; /* NULL: the base's; "" for none */
    uint64_t virtual_size, cluster_size;
    struct want_reference references[MOST_REFERENCES];
    const char *attributes[MOST_WORDS]; /* "name=value"; "!name": there is none */
    const char *findings[MOST_WORDS];   /* "id@offset", all of them, in order */
    const char *also;                   /* names of other formats that match, with a blank between; NULL: none */
    const char *content;                /* of a raw image, with a blank between; NULL: none */
    const char *identity, *parent;      /* hexadecimal; NULL: not looked at; "" for none */
    unsigned more_reads;                /* beyond the three windows; 0: the base's when OK, else none */
    uint64_t more_bytes;
    bool windows_only; /* OK, and none where the base has some */
};

#define WITH(...) .patches = {__VA_ARGS__}
#define FAILS(verdict, at_field, at, is_found, from, to)                                                             \
    .error = {.status = IMGPROBE_##verdict,                                                                          \
              .field = (at_field),                                                                                   \
              .offset = (at),                                                                                        \
              .found = (is_found),                                                                                   \
              .least = (from),                                                                                       \
              .most = (to)}
#define SAYS(verdict, at_field, at) FAILS(verdict, at_field, at, UNKNOWN, UNKNOWN, UNKNOWN), .says = true
#define REFERS(...) .references = {__VA_ARGS__}
#define MORE(reads, bytes) .more_reads = (reads), .more_bytes = (bytes)

/* ---- images ---- */

#define MOST_PATCHES (3 * BASE_PATCHES + CASE_PATCHES)
struct image {
    const struct patch *patches[MOST_PATCHES];
    uint32_t sums[MOST_PATCHES]; /* of those patches that are SUM or CRC */
    size_t count;
    uint64_t size;
};

static inline void add_sums(struct image *image);

static inline void add_patches(struct image *image, const struct patch *patches, size_t count)
{
    for (size_t i = 0; i < count && patches[i].kind != PATCH_NONE; i++)
        image->patches[image->count++] = &patches[i];
}

static inline void add_base(struct image *image, const struct base *base)
{
    if (base->from && base->from->from)
        add_patches(image, base->from->from->patches, BASE_PATCHES);
    if (base->from)
        add_patches(image, base->from->patches, BASE_PATCHES);
    add_patches(image, base->patches, BASE_PATCHES);
}

static inline struct image make_image(const struct probe_case *c)
{
    struct image image = {.size = c->size ? c->size : c->base->size};
    size_t i;

    add_base(&image, c->base);
    add_patches(&image, c->patches, CASE_PATCHES);
    for (i = 0; i < image.count && c->size == 0 && c->base->size == 0; i++)
        if (image.patches[i]->offset + image.patches[i]->length > image.size)
            image.size = image.patches[i]->offset + image.patches[i]->length;
    if (c->size == ZERO)
        image.size = 0;
    add_sums(&image);
    return image;
}

/* Of a number or of UTF-16. */
static inline unsigned char patch_byte(const struct patch *patch, size_t i)
{
    switch (patch->kind) {
    case PATCH_WIDE:
        return i % 2 == patch->number ? (unsigned char)patch->text[i / 2] : 0;
    case PATCH_BIG:
        return (unsigned char)(patch->number >> 8 * (patch->length - 1 - i));
    case PATCH_LITTLE:
        return (unsigned char)(patch->number >> 8 * i);
    case PATCH_NONE:
    case PATCH_TEXT:
    case PATCH_REPEAT:
    case PATCH_SUM:
    case PATCH_CRC:
    case PATCH_FLIP:
        break;
    }
    return 0;
}

/* `length` bytes of a patch from its byte `from` on. */
static inline void put_patch(const struct patch *patch, size_t from, unsigned char *buffer, size_t length)
{
    size_t period = patch->kind == PATCH_TEXT ? patch->length : (size_t)patch->number, i, n;

    if (patch->kind != PATCH_TEXT && patch->kind != PATCH_REPEAT) {
        for (i = 0; i < length; i++)
            buffer[i] = patch_byte(patch, from + i);
        return;
    }
    if (period == 1)
        memset(buffer, patch->text[0], length);
    for (i = 0; period > 1 && i < length; i += n) {
        n = period - (from + i) % period;
        n = n < length - i ? n : length - i;
        memcpy(buffer + i, patch->text + (from + i) % period, n);
    }
}

/* Puts a patch, or the sum that it stands for, where it lies in [offset, offset + length). */
static inline void lay(const struct patch *patch, uint64_t offset, unsigned char *buffer, size_t length)
{
    uint64_t from = patch->offset > offset ? patch->offset : offset, to = patch->offset + patch->length;

    if (to > offset + length)
        to = offset + length;
    if (from >= to)
        return;
    if (patch->kind == PATCH_FLIP)
        buffer[from - offset] ^= (unsigned char)(1u << patch->number);
    else
        put_patch(patch, (size_t)(from - patch->offset), buffer + (from - offset), (size_t)(to - from));
}

/* What the first `count` patches make of [offset, offset + length), but for those of these two kinds. */
static inline void compose_but(const struct image *image, size_t count, enum patch_kind one, enum patch_kind other,
                               uint64_t offset, unsigned char *buffer, size_t length)
{
    memset(buffer, 0, length);
    for (size_t i = 0; i < count; i++) {
        const struct patch *patch = image->patches[i];
        const struct patch sum = {PATCH_BIG, patch->number, 4, NULL, image->sums[i]};

        if (patch->kind != one && patch->kind != other)
            lay(patch->kind == PATCH_SUM ? &sum : patch, offset, buffer, length);
    }
}

/* What the first `count` patches make of [offset, offset + length). */
static inline void compose(const struct image *image, size_t count, uint64_t offset, unsigned char *buffer,
                           size_t length)
{
    compose_but(image, count, PATCH_CRC, PATCH_FLIP, offset, buffer, length);
    for (size_t i = 0; i < count; i++) {
        const struct patch sum = {PATCH_LITTLE, image->patches[i]->number, 4, NULL, image->sums[i]};

        if (image->patches[i]->kind == PATCH_CRC)
            lay(&sum, offset, buffer, length);
    }
    for (size_t i = 0; i < count; i++)
        if (image->patches[i]->kind == PATCH_FLIP)
            lay(image->patches[i], offset, buffer, length);
}

static inline uint32_t ones_complement(const struct patch *sum, const unsigned char *bytes)
{
    uint32_t total = 0;

    for (size_t k = 0; k < sum->length; k++)
        if (sum->offset + k < sum->number || sum->offset + k >= sum->number + 4)
            total += bytes[k];
    return ~total;
}

/* By the definition, a bit at a time. */
static inline uint32_t castagnoli(const unsigned char *bytes, size_t length)
{
    uint32_t rest = UINT32_MAX;

    for (size_t k = 0; k < length; k++)
        for (unsigned bit = 0; bit < 8; bit++)
            rest = rest >> 1 ^ ((rest ^ bytes[k] >> bit) & 1 ? UINT32_C(0x82f63b78) : 0);
    return ~rest;
}

static inline void add_sums(struct image *image)
{
    static unsigned char bytes[65536];

    for (size_t i = 0; i < image->count; i++) {
        const struct patch *sum = image->patches[i];

        if (sum->kind == PATCH_SUM) {
            compose(image, i, sum->offset, bytes, sum->length);
            image->sums[i] = ones_complement(sum, bytes);
        } else if (sum->kind == PATCH_CRC) {
            compose_but(image, image->count, PATCH_CRC, PATCH_FLIP, sum->offset, bytes, sum->length);
            memset(bytes + (sum->number - sum->offset), 0, 4);
            image->sums[i] = castagnoli(bytes, sum->length);
        }
    }
}

/* ---- a source over an image, and how it misbehaves ---- */

#define MOST_SERVED 256
struct served {
    uint64_t offset, end;
};
struct feed {
    const struct image *image;
    unsigned calls;
    unsigned fails_at; /* 0: never */
    enum imgprobe_status failure;
    bool withholds; /* answers NEED for a range that isn't in `delivered` */
    struct served delivered;
    struct served served[MOST_SERVED];
    size_t served_count;
    const char *broken; /* which promise the library broke */
};

static inline enum imgprobe_status serve(void *context, uint64_t offset, void *buffer, size_t length)
{
    struct feed *feed = context;

    if (feed->withholds && (offset < feed->delivered.offset || offset + length > feed->delivered.end))
        return IMGPROBE_NEED;
    if (++feed->calls == feed->fails_at)
        return feed->failure;
    if (offset > feed->image->size || length > feed->image->size - offset)
        feed->broken = "a read past the end of the source";
    if (length == 0)
        feed->broken = "a read of nothing";
    for (size_t i = 0; i < feed->served_count; i++)
        if (offset < feed->served[i].end && offset + length > feed->served[i].offset)
            feed->broken = "a byte read twice";
    if (feed->served_count < MOST_SERVED)
        feed->served[feed->served_count++] = (struct served){offset, offset + length};
    compose(feed->image, feed->image->count, offset, buffer, length);
    return IMGPROBE_OK;
}

static inline struct imgprobe_source source_of(struct feed *feed)
{
    return (struct imgprobe_source){
        .struct_size = sizeof(struct imgprobe_source), .size = feed->image->size, .read_at = serve, .context = feed};
}

#endif
