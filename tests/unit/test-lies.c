/* SPDX-License-Identifier: MIT */
/*
 * Sources that lie: files that shrink, change or fail between two reads, or aren't as long as was said; and the
 * shipped opener's source, whose reads come short, are interrupted or fail. Whatever a file does in between, there is
 * one truth: that of the bytes that were given.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include <cmocka.h>

#include "build-image.h"
#include "imgprobe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SCHEDULES 64 /* of six reads, each from the one or the other */

static alignas(max_align_t) unsigned char memory[IMGPROBE_WORKSPACE_DEFAULT],
    other_memory[IMGPROBE_WORKSPACE_DEFAULT];

/* Two images of one size, between which a file changes. */
static const struct pair {
    const char *name;
    enum { TABLES, FAR_NAME, TEXT, EMBEDDED, LOCATORS, NOTHING } kind;
} pairs[] = {
    {"a qcow2 and its extensions", TABLES},
    {"a qcow2 with a name far away", FAR_NAME},
    {"a text of VMDK", TEXT},
    {"a sparse VMDK", EMBEDDED},
    {"a VHD and its locators", LOCATORS},
    {"a raw disk that becomes a qcow2", NOTHING},
};

static struct build make_text(bool second)
{
    static char lines[9000];
    size_t i;

    lines[0] = '\0';
    for (i = 0; i < 300; i++)
        strcat(lines, second ? "RW 8 FLAT \"b.img\" 0\n" : "RW 8 FLAT \"a.img\" 0\n");
    return build_vmdk(&(struct build_vmdk){.lines = lines});
}

static struct build make_qcow2(bool second, unsigned extensions, unsigned length)
{
    return build_qcow2(&(struct build_qcow2){.backing = second ? "two.img" : "one.img",
                                             .format = second ? "vpc" : "raw",
                                             .extensions = extensions,
                                             .extension_length = length,
                                             .cluster_bits = 16,
                                             .size = second ? 512 : 1048576});
}

static struct build make(const struct pair *c, bool second)
{
    static const struct build_vmdk one = {.lines = "RW 8 SPARSE \"one\"\n", .type = "monolithicSparse"},
                                   two = {.lines = "RW 8 SPARSE \"two\"\n", .type = "monolithicSparse"};

    switch (c->kind) {
    case TABLES:
        return make_qcow2(second, 600, 0);
    case FAR_NAME:
        return make_qcow2(second, 1, 50000);
    case TEXT:
        return make_text(second);
    case EMBEDDED:
        return build_sparse(second ? 16 : 8, build_vmdk(second ? &two : &one));
    case LOCATORS:
        return build_vhd(&(struct build_vhd){.type = BUILD_DIFFERENCING,
                                             .relative = second ? ".\\two.vhd" : ".\\one.vhd",
                                             .header = second ? "two.vhd" : "one.vhd",
                                             .parent_id = second ? 2 : 1});
    case NOTHING:
        break;
    }
    return second ? make_qcow2(true, 0, 0) : build_raw(3 << 16);
}

/* A file of which each read is answered as its schedule has it. */
struct liar {
    struct build images[2], given; /* `given`: what was read, and else the first of them */
    unsigned schedule;             /* bit n: read n comes from the second */
    unsigned calls, reads;
    unsigned stops; /* this many reads are good; 0: all */
    enum imgprobe_status then;
    bool waits;      /* each range isn't there when it is first asked for */
    uint64_t length; /* of the file in truth */
};

static enum imgprobe_status read_liar(void *context, uint64_t offset, void *buffer, size_t length)
{
    struct liar *l = context;

    l->calls++;
    if (l->stops != 0 && l->reads + 1 >= l->stops)
        return l->then;
    if (offset > l->length || length > l->length - offset)
        return IMGPROBE_TRUNCATED;
    if (l->waits && l->calls % 2 == 1)
        return IMGPROBE_NEED;
    memcpy(buffer, l->images[l->schedule >> l->reads++ & 1].bytes + offset, length);
    memcpy(l->given.bytes + offset, buffer, length);
    return IMGPROBE_OK;
}

static struct liar make_liar(const struct pair *c)
{
    struct liar l = {{make(c, false), make(c, true)}, make(c, false), .length = 0};

    assert_int_equal(l.images[0].size, l.images[1].size);
    l.length = l.given.size;
    return l;
}

static void free_liar(struct liar *l)
{
    free(l->images[0].bytes);
    free(l->images[1].bytes);
    free(l->given.bytes);
}

/* Asks until it no longer waits; nothing of what it waited for may look like an answer. */
static struct imgprobe_image *ask(const struct imgprobe_source *source, void *room)
{
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = room, .size = IMGPROBE_WORKSPACE_DEFAULT};
    struct imgprobe_image *ret = NULL;
    enum imgprobe_status s;
    unsigned rounds = 0;

    while ((s = imgprobe_probe(NULL, source, &w, &ret)) == IMGPROBE_NEED) {
        assert_true(++rounds < 100);
        assert_int_equal(ret->references_state, IMGPROBE_REFERENCES_CANNOT_TELL);
    }
    assert_non_null(ret);
    assert_int_equal(ret->error.status, s);
    return ret;
}

static struct imgprobe_image *ask_liar(struct liar *l, uint64_t size)
{
    return ask(
        &(struct imgprobe_source){
            .struct_size = sizeof(struct imgprobe_source), .size = size, .read_at = read_liar, .context = l},
        memory);
}

static void assert_same(const struct imgprobe_image *a, const struct imgprobe_image *b)
{
    const struct imgprobe_reference *r = a->references, *t = b->references;

    assert_int_equal(a->error.status, b->error.status);
    assert_ptr_equal(a->format, b->format);
    assert_true(a->error.field == b->error.field || strcmp(a->error.field, b->error.field) == 0);
    assert_true(a->error.offset == b->error.offset && a->error.found == b->error.found);
    assert_int_equal(a->references_state, b->references_state);
    assert_true(a->virtual_size == b->virtual_size && a->cluster_size == b->cluster_size);
    for (; r && t; r = r->next, t = t->next) {
        assert_int_equal(r->stated.name.length, t->stated.name.length);
        assert_memory_equal(r->stated.name.bytes, t->stated.name.bytes, r->stated.name.length);
        assert_true(r->stated.offset == t->stated.offset && r->stated.format.length == t->stated.format.length);
    }
    assert_true(!r && !t);
}

/* The answer about a file that changes is the answer about what was given of it, in whatever order and however often
 * it was asked again. */
static void changes(const struct pair *c, bool waits)
{
    unsigned schedule;

    for (schedule = 0; schedule < SCHEDULES; schedule++) {
        struct liar l = make_liar(c);
        struct imgprobe_source still;
        struct imgprobe_image *got;

        l.schedule = schedule;
        l.waits = waits;
        got = ask_liar(&l, l.given.size);
        assert_true(l.reads <= 6 && l.calls == l.reads * (waits ? 2u : 1u));
        imgprobe_source_buffer(&still, l.given.bytes, l.given.size);
        assert_same(got, ask(&still, other_memory));
        free_liar(&l);
    }
}

static void test_changes(void **state)
{
    changes(*state, false);
}

static void test_changes_while_waiting(void **state)
{
    changes(*state, true);
}

/* Cut or broken before any of its reads: an error that says so, and never "no references". */
static void stops(const struct pair *c, enum imgprobe_status then)
{
    unsigned reads, stop;
    struct liar l = make_liar(c);

    (void)ask_liar(&l, l.given.size);
    reads = l.reads;
    assert_true(reads > 0);
    for (stop = 1; stop <= reads; stop++) {
        struct imgprobe_image *got;

        l.reads = l.calls = 0;
        l.stops = stop;
        l.then = then;
        got = ask_liar(&l, l.given.size);
        assert_int_equal(got->error.status, then);
        assert_int_equal(got->references_state, IMGPROBE_REFERENCES_CANNOT_TELL);
        assert_non_null(got->error.what);
        assert_int_equal(l.calls, stop);
        assert_int_equal(got->reads, stop);
    }
    free_liar(&l);
}

static void test_shrinks(void **state)
{
    stops(*state, IMGPROBE_TRUNCATED);
}

static void test_fails(void **state)
{
    stops(*state, IMGPROBE_SYSTEM);
}

/* Said to be longer than it is, to the last number. What the windows at the end would hold can't be told. */
static void test_longer(void **state)
{
    static const uint64_t sizes[] = {
        1, 512, 2047, 1 << 20, UINT64_C(1) << 40, INT64_MAX - 262144, INT64_MAX, UINT64_MAX - 262144};
    size_t i;

    for (i = 0; i < COUNT(sizes); i++) {
        struct liar l = make_liar(*state);
        struct imgprobe_image *got = ask_liar(&l, l.given.size + sizes[i]);

        assert_int_equal(got->error.status, IMGPROBE_TRUNCATED);
        assert_int_equal(got->references_state, IMGPROBE_REFERENCES_CANNOT_TELL);
        free_liar(&l);
    }
}

/* ---- the source of a descriptor ---- */

enum { FULL, BYTES, INTERRUPTED, BROKEN, ENDED }; /* what becomes of a pread(2) */

static const struct step {
    const char *name;
    int steps[3]; /* the first calls; the last of them counts from then on */
    bool over;    /* they begin anew */
    enum imgprobe_status status;
} steps[] = {
    {"a descriptor that gives all", {FULL, FULL, FULL}, false, IMGPROBE_OK},
    {"a descriptor that gives a byte at a time", {BYTES, BYTES, BYTES}, true, IMGPROBE_OK},
    {"a descriptor that is interrupted once", {INTERRUPTED, FULL, FULL}, false, IMGPROBE_OK},
    {"a descriptor that is interrupted before each byte", {INTERRUPTED, INTERRUPTED, BYTES}, true, IMGPROBE_OK},
    {"a descriptor that ends at once", {ENDED, ENDED, ENDED}, false, IMGPROBE_TRUNCATED},
    {"a descriptor that ends behind a byte", {BYTES, ENDED, ENDED}, false, IMGPROBE_TRUNCATED},
    {"a descriptor that ends when it was interrupted", {BYTES, INTERRUPTED, ENDED}, false, IMGPROBE_TRUNCATED},
    {"a descriptor that fails at once", {BROKEN, BROKEN, BROKEN}, false, IMGPROBE_SYSTEM},
    {"a descriptor that fails behind a byte", {BYTES, BROKEN, BROKEN}, false, IMGPROBE_SYSTEM},
    {"a descriptor that fails when it was interrupted", {INTERRUPTED, BROKEN, BROKEN}, false, IMGPROBE_SYSTEM},
};
static const struct step *script;
static unsigned calls;

/* In place of the C library's, for the library under test is linked with this program. */
ssize_t pread(int fd, void *buffer, size_t length, off_t offset)
{
    unsigned at = calls++;
    struct iovec part = {buffer, length};
    int step = script ? script->steps[script->over ? at % 3 : at < 2 ? at : 2] : FULL;

    if (step == INTERRUPTED || step == BROKEN) {
        errno = step == INTERRUPTED ? EINTR : EIO;
        return -1;
    }
    if (step == ENDED)
        return 0;
    if (step == BYTES)
        part.iov_len = 1;
    return preadv(fd, &part, 1, offset);
}

static int make_file(struct imgprobe_opened *ret)
{
    char name[] = "/tmp/imgprobe-test-XXXXXX";
    struct build b = make_qcow2(false, 600, 0);
    int fd = mkstemp(name);

    assert_true(fd >= 0);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(pwrite(fd, b.bytes, b.size, 0), b.size);
    free(b.bytes);
    assert_int_equal(imgprobe_open_fd(fd, ret, NULL), IMGPROBE_OK);
    return fd;
}

static void test_descriptor(void **state)
{
    struct imgprobe_opened o;
    struct imgprobe_image *got;
    int fd = make_file(&o);

    script = *state;
    calls = 0;
    got = ask(&o.source, memory);
    script = NULL;
    assert_int_equal(got->error.status, ((const struct step *)*state)->status);
    if (got->error.status == IMGPROBE_OK)
        assert_same(got, ask(&o.source, other_memory));
    else
        assert_int_equal(got->references_state, IMGPROBE_REFERENCES_CANNOT_TELL);
    assert_true(calls > 0);
    (void)close(fd);
}

/* Between opening and reading. */
static void test_truncated(void **state)
{
    static const off_t lengths[] = {0, 1, 4095, 4096, 5000, 32768, 196607};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(lengths); i++) {
        struct imgprobe_opened o;
        struct imgprobe_image *got;
        int fd = make_file(&o);

        assert_int_equal(o.source.size, 3 << 16);
        assert_int_equal(ftruncate(fd, lengths[i]), 0);
        got = ask(&o.source, memory);
        assert_int_equal(got->error.status, IMGPROBE_TRUNCATED);
        assert_string_equal(got->error.what, "the file is shorter than its size says");
        assert_int_equal(got->references_state, IMGPROBE_REFERENCES_CANNOT_TELL);
        (void)close(fd);
    }
}

/* What grew since doesn't count. */
static void test_grown(void **state)
{
    struct imgprobe_opened o;
    struct imgprobe_image *got;
    int fd = make_file(&o);

    (void)state;
    assert_int_equal(ftruncate(fd, 1 << 20), 0);
    got = ask(&o.source, memory);
    assert_int_equal(got->error.status, IMGPROBE_OK);
    assert_int_equal(got->file_size, 3 << 16);
    (void)close(fd);
}

/* No offset becomes a negative one. */
static void test_offsets(void **state)
{
    static const uint64_t offsets[] = {INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX - 1, UINT64_MAX};
    struct imgprobe_opened o;
    unsigned char byte;
    int fd = make_file(&o);
    size_t i;

    (void)state;
    calls = 0;
    for (i = 0; i < COUNT(offsets); i++)
        assert_int_equal(o.source.read_at(o.source.context, offsets[i], &byte, 1), IMGPROBE_TRUNCATED);
    assert_int_equal(calls, 0);
    (void)close(fd);
}

static const struct lie {
    const char *what;
    CMUnitTestFunction test;
} lies[] = {
    {"changes between two reads", test_changes}, {"changes while it is waited for", test_changes_while_waiting},
    {"shrinks between two reads", test_shrinks}, {"fails between two reads", test_fails},
    {"is shorter than was said", test_longer},
};

int main(void)
{
    static struct CMUnitTest tests[COUNT(pairs) * COUNT(lies) + COUNT(steps) + 3];
    static char names[COUNT(pairs) * COUNT(lies)][80];
    size_t count = 0, i, j;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(pairs); i++)
        for (j = 0; j < COUNT(lies); j++, count++) {
            (void)snprintf(names[count], sizeof names[0], "%s: it %s", pairs[i].name, lies[j].what);
            tests[count] = (struct CMUnitTest){names[count], lies[j].test, NULL, NULL, (void *)(uintptr_t)&pairs[i]};
        }
    for (i = 0; i < COUNT(steps); i++)
        tests[count++] =
            (struct CMUnitTest){steps[i].name, test_descriptor, NULL, NULL, (void *)(uintptr_t)&steps[i]};
    tests[count++] = (struct CMUnitTest){"a file cut after it was opened", test_truncated, NULL, NULL, NULL};
    tests[count++] = (struct CMUnitTest){"a file that grew after it was opened", test_grown, NULL, NULL, NULL};
    tests[count++] = (struct CMUnitTest){"offsets that off_t doesn't hold", test_offsets, NULL, NULL, NULL};
    return _cmocka_run_group_tests("lies", tests, count, NULL, NULL);
}
