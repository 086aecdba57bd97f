/* SPDX-License-Identifier: MIT */
/* A source and a workspace: a file that counts what is fetched of it, and a probe of it that has just begun. */
#ifndef SOURCE_FILE_H
#define SOURCE_FILE_H

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "image/image.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FILE_SIZE 65536
#define MEMORY_SIZE ((size_t)1 << 20)

/* A file that counts how often each of its bytes is fetched and how often it is told of. */
struct file {
    unsigned char bytes[FILE_SIZE], fetched[FILE_SIZE], told[FILE_SIZE];
    uint64_t have;             /* what lies behind isn't there yet */
    unsigned skip;             /* each so many reads, one isn't there yet; 0: never */
    enum imgprobe_status fail; /* every read */
    unsigned calls, reads, observed;
    uint64_t last_offset, last_length;
    bool changes; /* after each read */
};

static struct file file;
static alignas(max_align_t) unsigned char memory[MEMORY_SIZE];
static struct imgprobe_source source;
static struct imgprobe_workspace workspace;
static struct imgprobe_image image;
static struct probe probe;

static inline enum imgprobe_status read_file(void *context, uint64_t offset, void *buffer, size_t length)
{
    struct file *f = context;
    size_t i;

    assert_true(length > 0 && offset < FILE_SIZE && length <= FILE_SIZE - offset);
    f->calls++;
    f->last_offset = offset;
    f->last_length = length;
    if (f->fail != IMGPROBE_OK)
        return f->fail;
    if (offset + length > f->have || (f->skip != 0 && f->calls % f->skip == 0))
        return IMGPROBE_NEED;
    f->reads++;
    memcpy(buffer, f->bytes + offset, length);
    for (i = 0; i < length; i++) {
        f->fetched[offset + i]++;
        if (f->changes)
            f->bytes[offset + i]++;
    }
    return IMGPROBE_OK;
}

static inline void observe(void *observer, uint64_t offset, const void *bytes, size_t length)
{
    struct file *f = observer;
    size_t i;

    f->observed++;
    assert_int_equal(f->last_offset, offset);
    assert_int_equal(f->last_length, length);
    assert_memory_equal(bytes, f->bytes + offset, length);
    for (i = 0; i < length; i++)
        f->told[offset + i]++;
}

static inline void begin_probe(void)
{
    image = (struct imgprobe_image){.format = NULL};
    ip_error(&image.error, IMGPROBE_OK, NULL, NULL);
    ip_state(&workspace)->results = IP_FIRST_RESULT;
    probe = (struct probe){.image = &image,
                           .size = source.size,
                           .limits = {.image_bytes = FILE_SIZE, .image_reads = 64},
                           .source = &source,
                           .workspace = &workspace};
}

static inline int set_up(void **state)
{
    size_t i;

    (void)state;
    memset(&file, 0, sizeof file);
    file.have = FILE_SIZE;
    for (i = 0; i < FILE_SIZE; i++)
        file.bytes[i] = (unsigned char)(i * 7 + i / 251);
    source = (struct imgprobe_source){
        .struct_size = sizeof source, .size = FILE_SIZE, .read_at = read_file, .context = &file};
    workspace = (struct imgprobe_workspace){.struct_size = sizeof workspace, .memory = memory, .size = sizeof memory};
    ip_workspace_begin(&workspace);
    begin_probe();
    return 0;
}

/* Asks for bytes that must be there, and must be the file's. */
static inline void get(uint64_t offset, uint64_t length)
{
    struct imgprobe_bytes b = {NULL, 0};

    assert_int_equal(ip_bytes(&probe, "field", offset, length, &b), IMGPROBE_OK);
    assert_int_equal(b.length, length);
    if (!file.changes)
        assert_memory_equal(b.bytes, file.bytes + offset, b.length);
}

static inline enum imgprobe_status ask(uint64_t offset, uint64_t length)
{
    struct imgprobe_bytes b;

    return ip_bytes(&probe, "field", offset, length, &b);
}

static inline void check_fetched(uint64_t from, uint64_t to)
{
    uint64_t i;

    for (i = 0; i < FILE_SIZE; i++)
        assert_int_equal(file.fetched[i], i >= from && i < to);
}

#define TEST(name, function)                                                                                         \
    {                                                                                                                \
        name, function, set_up, NULL, NULL                                                                           \
    }

#endif
