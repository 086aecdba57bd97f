/* SPDX-License-Identifier: MIT */
/* All that a caller hands over, as an image of zeros and an opener of such. */
#ifndef API_CALL_H
#define API_CALL_H

#include <pthread.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "build-image.h"
#include "imgprobe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MEMORY_SIZE ((size_t)262144)
#define THREADS 8
#define ROUNDS 100

static alignas(max_align_t) unsigned char memory[MEMORY_SIZE];
static unsigned reads, opens, dones, observed;
static const unsigned char zeros[1024];

static inline enum imgprobe_status read_zeros(void *context, uint64_t offset, void *buffer, size_t length)
{
    (void)context;
    assert_true(offset + length <= sizeof zeros);
    reads++;
    memset(buffer, 0, length);
    return IMGPROBE_OK;
}

static inline void observe(void *observer, uint64_t offset, const void *bytes, size_t length)
{
    (void)observer;
    (void)offset;
    (void)bytes;
    (void)length;
    observed++;
}

static inline enum imgprobe_status open_zeros(void *context, const char *path, struct imgprobe_opened *ret,
                                              struct imgprobe_error *error)
{
    (void)path;
    (void)error;
    assert_null(context);
    imgprobe_source_buffer(&ret->source, zeros, sizeof zeros);
    ret->identity.inode = 1;
    opens++;
    return IMGPROBE_OK;
}

static inline void done_zeros(void *context, struct imgprobe_opened *opened)
{
    (void)opened;
    assert_null(context);
    dones++;
}

/* Everything that a caller hands over, each struct with room behind it for what a later version may add. */
struct call {
    struct {
        struct imgprobe_options s;
        unsigned char later[32];
    } options;
    struct {
        struct imgprobe_limits s;
        unsigned char later[32];
    } limits;
    struct {
        struct imgprobe_source s;
        unsigned char later[32];
    } source;
    struct {
        struct imgprobe_opened s;
        unsigned char later[32];
    } top;
    struct {
        struct imgprobe_opener s;
        unsigned char later[32];
    } opener;
    struct {
        struct imgprobe_workspace s;
        unsigned char later[32];
    } workspace;
};

static inline struct call good_call(void)
{
    struct call c;

    memset(&c, 0, sizeof c);
    reads = opens = dones = observed = 0;
    c.options.s.struct_size = sizeof c.options.s;
    c.options.s.limits = &c.limits.s; /* to be set again by who copies it */
    c.options.s.name = "/i/top";
    c.limits.s.struct_size = sizeof c.limits.s;
    c.source.s = (struct imgprobe_source){
        .struct_size = sizeof c.source.s, .size = sizeof zeros, .read_at = read_zeros, .observe = observe};
    c.top.s.struct_size = sizeof c.top.s;
    c.top.s.source = c.source.s;
    c.opener.s = (struct imgprobe_opener){.struct_size = sizeof c.opener.s, .open = open_zeros, .done = done_zeros};
    c.workspace.s =
        (struct imgprobe_workspace){.struct_size = sizeof c.workspace.s, .memory = memory, .size = sizeof memory};
    return c;
}

static inline enum imgprobe_status call_probe(struct call *c)
{
    struct imgprobe_image *image = NULL;
    enum imgprobe_status s;

    c->options.s.limits = &c->limits.s;
    s = imgprobe_probe(&c->options.s, &c->source.s, &c->workspace.s, &image);
    assert_int_equal(s == IMGPROBE_USAGE, image == NULL);
    assert_true(s != IMGPROBE_USAGE || reads == 0);
    if (image)
        assert_int_equal(image->error.status, s);
    return s;
}

static inline enum imgprobe_status call_chain(struct call *c)
{
    struct imgprobe_chain *chain = NULL;
    enum imgprobe_status s;

    c->options.s.limits = &c->limits.s;
    s = imgprobe_chain(&c->options.s, &c->top.s, &c->opener.s, &c->workspace.s, &chain);
    assert_int_equal(s == IMGPROBE_USAGE, chain == NULL);
    assert_true(s != IMGPROBE_USAGE || (reads == 0 && opens == 0));
    if (chain)
        assert_int_equal(chain->error.status, s);
    return s;
}

#define TEST(name, function)                                                                                         \
    {                                                                                                                \
        name, function, NULL, NULL, NULL                                                                             \
    }

#endif
