/* SPDX-License-Identifier: MIT */
/*
 * Bounded reads: what is asked of a source, how often, and what is told of it; and the workspace's two ends, of which
 * the ranges that were read are one.
 */
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

static enum imgprobe_status read_file(void *context, uint64_t offset, void *buffer, size_t length)
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

static void observe(void *observer, uint64_t offset, const void *bytes, size_t length)
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

static void begin_probe(void)
{
    image = (struct imgprobe_image){.format = NULL};
    ip_error(&image.error, IMGPROBE_OK, NULL, NULL);
    workspace.results = 0;
    probe = (struct probe){.image = &image,
                           .size = source.size,
                           .limits = {.image_bytes = FILE_SIZE, .image_reads = 64},
                           .source = &source,
                           .workspace = &workspace};
}

static int set_up(void **state)
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
    begin_probe();
    return 0;
}

/* Asks for bytes that must be there, and must be the file's. */
static void get(uint64_t offset, uint64_t length)
{
    struct imgprobe_bytes b = {NULL, 0};

    assert_int_equal(ip_bytes(&probe, "field", offset, length, &b), IMGPROBE_OK);
    assert_int_equal(b.length, length);
    if (!file.changes)
        assert_memory_equal(b.bytes, file.bytes + offset, b.length);
}

static enum imgprobe_status ask(uint64_t offset, uint64_t length)
{
    struct imgprobe_bytes b;

    return ip_bytes(&probe, "field", offset, length, &b);
}

static void check_fetched(uint64_t from, uint64_t to)
{
    uint64_t i;

    for (i = 0; i < FILE_SIZE; i++)
        assert_int_equal(file.fetched[i], i >= from && i < to);
}

/* Ranges asked one after the other: the reads and bytes that they may cost. */
static const struct overlap {
    const char *name;
    struct {
        uint64_t offset, length;
    } asked[4];
    unsigned reads;
    uint64_t bytes;
} overlaps[] = {
    {"a range", {{100, 50}}, 1, 50},
    {"no bytes cost no read", {{0, 0}, {100, 0}, {FILE_SIZE, 0}}, 0, 0},
    {"the same range twice", {{100, 50}, {100, 50}}, 1, 50},
    {"a part of a range", {{100, 50}, {110, 10}}, 1, 50},
    {"its first and its last byte", {{100, 50}, {100, 1}, {149, 1}}, 1, 50},
    {"no bytes at the end of a range", {{100, 50}, {150, 0}}, 1, 50},
    {"the byte before and the byte behind", {{100, 50}, {99, 1}, {150, 1}}, 3, 52},
    {"a range that begins inside another", {{100, 50}, {120, 50}}, 2, 70},
    {"a range that ends inside another", {{100, 50}, {80, 50}}, 2, 70},
    {"a range around another", {{100, 50}, {80, 90}}, 3, 90},
    {"a range that begins where another does", {{100, 50}, {100, 60}}, 2, 60},
    {"a range that ends where another does", {{100, 50}, {90, 60}}, 2, 60},
    {"a range over two neighbours", {{100, 50}, {150, 50}, {100, 100}}, 2, 100},
    {"a range over two with a gap", {{100, 50}, {200, 50}, {100, 150}}, 3, 150},
    {"a range over two that overlap", {{100, 50}, {120, 50}, {90, 100}}, 4, 100},
    {"the whole file", {{0, FILE_SIZE}}, 1, FILE_SIZE},
    {"the last byte", {{FILE_SIZE - 1, 1}}, 1, 1},
};

static void test_overlap(void **state)
{
    const struct overlap *c = *state;
    uint64_t sum = 0;
    size_t i;

    for (i = 0; i < COUNT(c->asked) && (i == 0 || c->asked[i].offset + c->asked[i].length != 0); i++)
        get(c->asked[i].offset, c->asked[i].length);
    assert_int_equal(file.calls, c->reads);
    assert_int_equal(workspace.reads, c->reads);
    assert_int_equal(workspace.bytes, c->bytes);
    for (i = 0; i < FILE_SIZE; i++) {
        assert_true(file.fetched[i] <= 1);
        sum += file.fetched[i];
    }
    assert_int_equal(sum, c->bytes);
}

#define FAILS(verdict, at, is, from, to)                                                                             \
    {                                                                                                                \
        .status = IMGPROBE_##verdict, .field = "field", .offset = (at), .found = (is), .least = (from), .most = (to) \
    }

/* What isn't in the file, or isn't asked for within the limits, is an error that says so and costs no read. */
static const struct refusal {
    const char *name;
    uint64_t offset, length;
    uint64_t bytes; /* limit; 0: that of set_up */
    struct imgprobe_error error;
} refusals[] = {
    {"a byte behind the end", FILE_SIZE, 1, 0,
     FAILS(TRUNCATED, FILE_SIZE, FILE_SIZE, FILE_SIZE + 1, IMGPROBE_UNKNOWN)},
    {"a range over the end", FILE_SIZE - 10, 11, 0,
     FAILS(TRUNCATED, FILE_SIZE - 10, FILE_SIZE, FILE_SIZE + 1, IMGPROBE_UNKNOWN)},
    {"no bytes behind the end", FILE_SIZE + 1, 0, 0,
     FAILS(TRUNCATED, FILE_SIZE, FILE_SIZE, FILE_SIZE + 1, IMGPROBE_UNKNOWN)},
    {"the largest offset", UINT64_MAX, 1, 0,
     FAILS(TRUNCATED, FILE_SIZE, FILE_SIZE, UINT64_MAX - 1, IMGPROBE_UNKNOWN)},
    {"the largest length", 1, UINT64_MAX, 0, FAILS(TRUNCATED, 1, FILE_SIZE, UINT64_MAX - 1, IMGPROBE_UNKNOWN)},
    {"the largest offset and length", UINT64_MAX, UINT64_MAX, 0,
     FAILS(TRUNCATED, FILE_SIZE, FILE_SIZE, UINT64_MAX - 1, IMGPROBE_UNKNOWN)},
    {"more in one piece than the limit on bytes", 7, 101, 100, FAILS(LIMIT, 7, 101, 0, 100)},
};

static void test_refusal(void **state)
{
    const struct refusal *c = *state;
    struct imgprobe_bytes b = {NULL, 77};

    if (c->bytes != 0)
        probe.limits.image_bytes = c->bytes;
    assert_int_equal(ip_bytes(&probe, "field", c->offset, c->length, &b), c->error.status);
    assert_int_equal(file.calls, 0);
    assert_int_equal(workspace.ranges, 0);
    assert_int_equal(b.length, 77);
    assert_string_equal(image.error.field, c->error.field);
    assert_true(image.error.status == c->error.status && image.error.offset == c->error.offset &&
                image.error.found == c->error.found && image.error.least == c->error.least &&
                image.error.most == c->error.most);
}

static void test_limit_on_reads(void **state)
{
    (void)state;
    probe.limits.image_reads = 3;
    get(0, 1);
    get(2, 1);
    get(4, 1);
    get(0, 1);
    assert_int_equal(ask(6, 1), IMGPROBE_LIMIT);
    assert_string_equal(image.error.field, "image_reads");
    assert_int_equal(image.error.offset, 6);
    assert_int_equal(image.error.found, 4);
    assert_int_equal(image.error.least, 0);
    assert_int_equal(image.error.most, 3);
    assert_int_equal(file.calls, 3);
    get(2, 1);
}

static void test_limit_on_bytes(void **state)
{
    (void)state;
    probe.limits.image_bytes = 100;
    get(0, 60);
    get(100, 39);
    assert_int_equal(ask(200, 2), IMGPROBE_LIMIT);
    assert_string_equal(image.error.field, "image_bytes");
    assert_int_equal(image.error.offset, 200);
    assert_int_equal(image.error.found, 101);
    assert_int_equal(image.error.least, 0);
    assert_int_equal(image.error.most, 100);
    assert_int_equal(file.calls, 2);
    get(200, 1);
    get(0, 60);
    assert_int_equal(ask(201, 1), IMGPROBE_LIMIT);
    assert_int_equal(workspace.bytes, 100);
}

/* Only what isn't there already counts. */
static void test_limit_on_bytes_of_an_overlap(void **state)
{
    (void)state;
    probe.limits.image_bytes = 100;
    get(0, 60);
    get(10, 90);
    assert_int_equal(workspace.bytes, 100);
    assert_int_equal(ask(0, 101), IMGPROBE_LIMIT);
    check_fetched(0, 100);
}

static void test_limit_inside_an_overlap(void **state)
{
    (void)state;
    probe.limits.image_reads = 2;
    get(100, 50);
    assert_int_equal(ask(80, 90), IMGPROBE_LIMIT);
    assert_string_equal(image.error.field, "image_reads");
    assert_int_equal(image.error.offset, 150);
    assert_int_equal(file.calls, 2);
    get(80, 70);
    assert_int_equal(file.calls, 2);
}

/* What is there already takes no further room. */
static void test_again(void **state)
{
    static const struct {
        uint64_t offset, length;
    } parts[] = {{100, 50}, {100, 1}, {110, 10}, {149, 1}, {120, 30}, {100, 0}, {150, 0}};
    struct imgprobe_bytes first, again;
    size_t used, i;

    (void)state;
    assert_int_equal(ip_bytes(&probe, "field", 100, 50, &first), IMGPROBE_OK);
    used = workspace.ranges;
    for (i = 0; i < COUNT(parts); i++) {
        assert_int_equal(ip_bytes(&probe, "field", parts[i].offset, parts[i].length, &again), IMGPROBE_OK);
        assert_ptr_equal(again.bytes, first.bytes + (parts[i].offset - 100));
        assert_int_equal(workspace.ranges, used);
    }
}

/* Of two ranges that begin alike the longer one is enough. */
static void test_longer_range(void **state)
{
    const struct range *range;
    uint64_t next;

    (void)state;
    get(100, 50);
    get(100, 60);
    range = ip_range_below(&workspace, 100, &next);
    assert_non_null(range);
    assert_int_equal(range->length, 60);
    assert_int_equal(range->previous, 0);
}

static void test_file_that_changes(void **state)
{
    struct imgprobe_bytes first, part, around;

    (void)state;
    file.changes = true;
    assert_int_equal(ip_bytes(&probe, "field", 100, 50, &first), IMGPROBE_OK);
    assert_int_equal(ip_bytes(&probe, "field", 110, 10, &part), IMGPROBE_OK);
    assert_int_equal(ip_bytes(&probe, "field", 90, 80, &around), IMGPROBE_OK);
    assert_memory_equal(part.bytes, first.bytes + 10, 10);
    assert_memory_equal(around.bytes + 10, first.bytes, 50);
}

static const struct {
    uint64_t offset, length, got;
} up_to[] = {
    {0, 10, 10},       {FILE_SIZE - 10, 10, 10}, {FILE_SIZE - 10, 11, 10},    {FILE_SIZE - 1, UINT64_MAX, 1},
    {FILE_SIZE, 1, 0}, {FILE_SIZE + 1, 1, 0},    {UINT64_MAX, UINT64_MAX, 0}, {5, 0, 0},
};

static void test_up_to(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(up_to); i++) {
        struct imgprobe_bytes b;

        assert_int_equal(ip_bytes_up_to(&probe, up_to[i].offset, up_to[i].length, &b), IMGPROBE_OK);
        assert_int_equal(b.length, up_to[i].got);
        assert_true((b.bytes == NULL) == (up_to[i].offset >= FILE_SIZE));
        if (b.length != 0)
            assert_memory_equal(b.bytes, file.bytes + up_to[i].offset, b.length);
    }
    probe.limits.image_bytes = 9;
    assert_int_equal(ip_bytes_up_to(&probe, 300, 10, &(struct imgprobe_bytes){0}), IMGPROBE_LIMIT);
    assert_string_equal(image.error.field, "window");
}

/* What a source returns, and what becomes of it. */
static const struct {
    enum imgprobe_status returned, status;
    unsigned counted;
    bool says;
} returns[] = {
    {IMGPROBE_NEED, IMGPROBE_NEED, 0, false},       {IMGPROBE_TRUNCATED, IMGPROBE_TRUNCATED, 1, true},
    {IMGPROBE_SYSTEM, IMGPROBE_SYSTEM, 1, true},    {IMGPROBE_AMBIGUOUS, IMGPROBE_SYSTEM, 1, true},
    {IMGPROBE_MALFORMED, IMGPROBE_SYSTEM, 1, true}, {IMGPROBE_UNSUPPORTED, IMGPROBE_SYSTEM, 1, true},
    {IMGPROBE_LIMIT, IMGPROBE_SYSTEM, 1, true},     {IMGPROBE_REFUSED, IMGPROBE_SYSTEM, 1, true},
    {IMGPROBE_USAGE, IMGPROBE_SYSTEM, 1, true},     {(enum imgprobe_status)77, IMGPROBE_SYSTEM, 1, true},
};

static void test_returns(void **state)
{
    size_t i;

    for (i = 0; i < COUNT(returns); i++) {
        (void)set_up(state);
        source.observe = observe;
        source.observer = &file;
        file.fail = returns[i].returned;
        assert_int_equal(ask(16, 32), returns[i].status);
        assert_int_equal(image.error.status, returns[i].status);
        assert_string_equal(image.error.field, "field");
        assert_int_equal(image.error.offset, 16);
        assert_true((image.error.what != NULL) == returns[i].says);
        assert_true(image.error.found == IMGPROBE_UNKNOWN && image.error.most == IMGPROBE_UNKNOWN);
        assert_true(image.error.least == (returns[i].returned == IMGPROBE_NEED ? 32 : IMGPROBE_UNKNOWN));
        assert_int_equal(workspace.reads, returns[i].counted);
        assert_int_equal(workspace.bytes, 0);
        assert_int_equal(workspace.ranges, 0);
        assert_int_equal(file.observed, 0);
        file.fail = IMGPROBE_OK;
        get(16, 32);
    }
}

/* A read that fails is a read, so that a source which always fails is not asked for ever. */
static void test_failures_count(void **state)
{
    unsigned i;

    (void)state;
    file.fail = IMGPROBE_SYSTEM;
    probe.limits.image_reads = 5;
    for (i = 0; i < 5; i++)
        assert_int_equal(ask(0, 1), IMGPROBE_SYSTEM);
    assert_int_equal(ask(0, 1), IMGPROBE_LIMIT);
    assert_int_equal(file.calls, 5);
}

static void test_need(void **state)
{
    (void)state;
    file.have = 100;
    assert_int_equal(ask(90, 20), IMGPROBE_NEED);
    assert_int_equal(image.error.offset, 90);
    assert_int_equal(image.error.least, 20);
    assert_true(image.error.found == IMGPROBE_UNKNOWN);
    assert_int_equal(workspace.reads, 0);
    file.have = 110;
    begin_probe();
    get(90, 20);
    assert_int_equal(workspace.reads, 1);
    check_fetched(90, 110);
}

/* What came before the missing part is kept, and asked for no more. */
static void test_partial_need(void **state)
{
    (void)state;
    get(100, 50);
    file.have = 150;
    assert_int_equal(ask(80, 90), IMGPROBE_NEED);
    assert_int_equal(image.error.offset, 150);
    assert_int_equal(image.error.least, 20);
    file.have = 170;
    begin_probe();
    get(80, 90);
    check_fetched(80, 170);
    assert_int_equal(workspace.reads, 3);
    assert_int_equal(workspace.bytes, 90);
}

/* Whoever asks again and again for what isn't there yet must not run out of room. */
static void test_waiting_costs_nothing(void **state)
{
    size_t used;
    unsigned i;

    (void)state;
    get(100, 50);
    file.have = 150;
    assert_int_equal(ask(80, 90), IMGPROBE_NEED);
    used = workspace.ranges;
    for (i = 0; i < 20000; i++) {
        begin_probe();
        assert_int_equal(ask(80, 90), IMGPROBE_NEED);
    }
    assert_true(workspace.ranges <= used + 256);
}

static uint64_t random_number(uint64_t *seed, uint64_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*seed >> 33) % below;
}

/* What random requests leave: none lies within another, and where they begin and end is in one order. */
static void check_order(void)
{
    const struct range *range = NULL, *above = NULL;
    uint64_t next, at = UINT64_MAX;

    while ((range = ip_range_below(&workspace, at, &next)) != NULL) {
        assert_true(!above || range->offset + range->length < above->offset + above->length);
        above = range;
        if (range->offset == 0)
            break;
        at = range->offset - 1;
    }
}

/* Any ranges in any order, some of them not there at first: right bytes, and each fetched and told of once. */
static void test_random_ranges(void **state)
{
    uint64_t seed, i;

    for (seed = 1; seed <= 100; seed++) {
        uint64_t number = seed;

        (void)set_up(state);
        probe.limits.image_reads = 4096;
        source.observe = observe;
        source.observer = &file;
        file.skip = seed % 4 == 0 ? 0 : 2 + (unsigned)seed % 5;
        for (i = 0; i < 60; i++) {
            uint64_t offset = random_number(&number, 2000), length = random_number(&number, 400);

            while (ask(offset, length) == IMGPROBE_NEED)
                assert_true(image.error.offset >= offset &&
                            image.error.offset + image.error.least <= offset + length);
            get(offset, length);
            check_order();
        }
        for (i = 0; i < FILE_SIZE; i++) {
            assert_true(file.fetched[i] <= 1);
            assert_int_equal(file.fetched[i], file.told[i]);
        }
        assert_int_equal(workspace.reads, file.reads);
        assert_int_equal(file.observed, file.reads);
    }
}

static void test_observer(void **state)
{
    (void)state;
    source.observe = observe;
    source.observer = &file;
    get(100, 50);
    get(110, 10);
    assert_int_equal(file.observed, 1);
    get(90, 70);
    assert_int_equal(file.observed, 3);
    assert_int_equal(file.told[90], 1);
    assert_int_equal(file.told[100], 1);
    assert_int_equal(file.told[159], 1);
    file.have = 200;
    assert_int_equal(ask(190, 20), IMGPROBE_NEED);
    assert_int_equal(file.observed, 3);
}

static struct imgprobe_image *probe_file(enum imgprobe_status wanted)
{
    struct imgprobe_image *ret = NULL;

    assert_int_equal(imgprobe_probe(NULL, &source, &workspace, &ret), wanted);
    assert_non_null(ret);
    assert_int_equal(ret->error.status, wanted);
    return ret;
}

static void test_windows(void **state)
{
    struct imgprobe_image *ret = probe_file(IMGPROBE_OK);

    (void)state;
    assert_int_equal(ret->reads, 3);
    assert_int_equal(ret->bytes, 4096 + 136 + 2048);
    assert_int_equal(file.calls, 3);
    assert_int_equal(workspace.reads, 0);
    assert_int_equal(workspace.pending, 0);
}

/* Files of every size near the windows' edges: each byte once, nothing but the windows. */
static void test_sizes(void **state)
{
    static const uint64_t sizes[] = {1,     511,   512,   2047,  2048,  2049,  4095,  4096,     4097,
                                     6143,  6144,  6145,  32767, 32768, 32769, 32903, 32904,    32905,
                                     34815, 34816, 34817, 34951, 34952, 34953, 40000, FILE_SIZE};
    size_t i, j;

    for (i = 0; i < COUNT(sizes); i++) {
        struct imgprobe_image *ret;

        (void)set_up(state);
        source.size = sizes[i];
        ret = probe_file(IMGPROBE_OK);
        assert_true(ret->reads <= 4);
        for (j = 0; j < FILE_SIZE; j++) {
            bool window = j < 4096 || (j >= 32768 && j < 32904) || j + 2048 >= sizes[i];

            assert_int_equal(file.fetched[j], j < sizes[i] && window);
        }
    }
}

/* Bytes come one by one: the probe asks for what is missing, and never for a byte again. */
static void test_stream(void **state)
{
    struct imgprobe_image *ret = NULL;
    enum imgprobe_status s;
    unsigned calls = 0;

    (void)state;
    source.size = IMGPROBE_UNKNOWN;
    file.have = 0;
    while ((s = imgprobe_probe(NULL, &source, &workspace, &ret)) == IMGPROBE_NEED) {
        assert_true(++calls < 10);
        assert_true(ret->references_state == IMGPROBE_REFERENCES_CANNOT_TELL);
        if (ret->error.offset == IMGPROBE_UNKNOWN) {
            assert_int_equal(ret->error.least, 2048);
            assert_string_equal(ret->error.field, "size");
            assert_true(ret->error.found == IMGPROBE_UNKNOWN && ret->error.most == IMGPROBE_UNKNOWN);
            source.size = FILE_SIZE;
            file.have = FILE_SIZE;
        } else {
            assert_true(ret->error.offset + ret->error.least > file.have);
            file.have = ret->error.offset + ret->error.least;
        }
    }
    assert_int_equal(s, IMGPROBE_OK);
    assert_int_equal(calls, 2);
    assert_int_equal(ret->reads, 3);
    assert_int_equal(ret->bytes, 4096 + 136 + 2048);
    assert_int_equal(ret->file_size, FILE_SIZE);
    for (calls = 0; calls < FILE_SIZE; calls++)
        assert_true(file.fetched[calls] <= 1);
}

static void test_stream_that_ends_early(void **state)
{
    struct imgprobe_image *ret = NULL;

    (void)state;
    source.size = IMGPROBE_UNKNOWN;
    file.have = 100;
    assert_int_equal(imgprobe_probe(NULL, &source, &workspace, &ret), IMGPROBE_NEED);
    assert_int_equal(ret->error.offset, 0);
    assert_int_equal(ret->error.least, 4096);
    assert_true(ret->file_size == IMGPROBE_UNKNOWN);
    source.size = 100;
    assert_int_equal(imgprobe_probe(NULL, &source, &workspace, &ret), IMGPROBE_OK);
    assert_int_equal(ret->virtual_size, 512);
    check_fetched(0, 100);
}

static void test_another_after_need(void **state)
{
    static const unsigned char zeros[4096];
    struct imgprobe_source other;
    struct imgprobe_image *ret = NULL;

    (void)state;
    memcpy(file.bytes, "QFI\xfb\0\0\0\4", 8);
    file.have = 4096;
    assert_int_equal(imgprobe_probe(NULL, &source, &workspace, &ret), IMGPROBE_NEED);
    assert_int_not_equal(workspace.pending, 0);
    workspace.pending = 0;
    imgprobe_source_buffer(&other, zeros, sizeof zeros);
    assert_int_equal(imgprobe_probe(NULL, &other, &workspace, &ret), IMGPROBE_OK);
    assert_string_equal(ret->format->name, "raw");
    assert_int_equal(ret->reads, 1);
    assert_int_equal(ret->bytes, 4096);
}

/* While it waits, what was read stays, though every other byte of the workspace is made anew. */
static void test_ranges_survive(void **state)
{
    struct imgprobe_image *ret = NULL;

    (void)state;
    file.have = 4096;
    assert_int_equal(imgprobe_probe(NULL, &source, &workspace, &ret), IMGPROBE_NEED);
    memset(memory, 0xa5, workspace.results);
    file.have = FILE_SIZE;
    assert_int_equal(imgprobe_probe(NULL, &source, &workspace, &ret), IMGPROBE_OK);
    assert_int_equal(ret->bytes, 4096 + 136 + 2048);
    assert_int_equal(file.fetched[0], 1);
}

static void test_buffer(void **state)
{
    struct imgprobe_source s;
    unsigned char part[3];

    (void)state;
    memset(&s, 0xa5, sizeof s);
    imgprobe_source_buffer(&s, "abcdef", 6);
    assert_int_equal(s.struct_size, sizeof s);
    assert_int_equal(s.size, 6);
    assert_null(s.observe);
    assert_int_equal(s.read_at(s.context, 2, part, 3), IMGPROBE_OK);
    assert_memory_equal(part, "cde", 3);
}

/* What an earlier user left behind doesn't count. */
static void test_used_workspace(void **state)
{
    struct imgprobe_image *ret = NULL;

    (void)state;
    workspace.reads = 60;
    workspace.bytes = 500000;
    assert_int_equal(imgprobe_probe(NULL, &source, &workspace, &ret), IMGPROBE_OK);
    assert_int_equal(ret->reads, 3);
    assert_int_equal(ret->bytes, 4096 + 136 + 2048);
}

/* Both ends of workspaces of any size: aligned, apart, inside, and the high-water mark counts both. */
static void test_two_ends(void **state)
{
    size_t size, most;

    (void)state;
    for (size = 0; size < 1200; size++) {
        struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = malloc(size + 1), .size = size};
        unsigned char *bottom = w.memory, *lowest = bottom + size;
        struct range *range;

        assert_non_null(w.memory);
        while ((range = ip_take_range(&w, 0, 1 + size % 7)) != NULL) {
            void *result = ip_take(&w, 1 + size % 60);

            assert_true((uintptr_t)range % alignof(struct range) == 0);
            assert_true((unsigned char *)range >= bottom);
            assert_true(range->bytes + range->length <= lowest);
            lowest = (unsigned char *)range;
            memset(range->bytes, 0xff, range->length);
            assert_true(!result || (uintptr_t)result % alignof(max_align_t) == 0);
            assert_true(!result || (unsigned char *)result + 1 + size % 60 <= lowest);
        }
        most = w.most;
        assert_true(most == w.results + w.ranges && most <= size);
        ip_workspace_clear(&w);
        assert_true(w.ranges == 0 && w.last_range == 0 && w.most == most);
        free(w.memory);
    }
}

/* The last byte of a workspace can be taken from either end. */
static void test_filled_to_the_brim(void **state)
{
    const size_t unit = sizeof(max_align_t), head = sizeof(struct range);

    (void)state;
    workspace.size = 16 * unit;
    assert_non_null(ip_take(&workspace, 8 * unit));
    assert_null(ip_take(&workspace, 8 * unit + 1));
    assert_non_null(ip_take(&workspace, 8 * unit));
    assert_null(ip_take(&workspace, 1));
    assert_null(ip_take_range(&workspace, 0, 1));
    workspace.results = 0;
    assert_non_null(ip_take(&workspace, 8 * unit));
    assert_null(ip_take_range(&workspace, 0, 8 * unit - head + 1));
    assert_non_null(ip_take_range(&workspace, 0, 8 * unit - head));
    assert_null(ip_take_range(&workspace, 0, 0));
    assert_null(ip_take(&workspace, 1));
}

static void test_valid(void **state)
{
    struct imgprobe_workspace w = workspace;

    (void)state;
    assert_true(ip_workspace_valid(&w));
    assert_false(ip_workspace_valid(NULL));
    w.struct_size--;
    assert_false(ip_workspace_valid(&w));
    w = workspace;
    w.memory = NULL;
    assert_false(ip_workspace_valid(&w));
    w.memory = memory + 1;
    assert_false(ip_workspace_valid(&w));
    w = workspace;
    w.results = w.size;
    assert_true(ip_workspace_valid(&w));
    w.ranges = 1;
    assert_false(ip_workspace_valid(&w));
    w.results = w.size + 1;
    w.ranges = 0;
    assert_false(ip_workspace_valid(&w));
    w.results = 1;
    w.ranges = w.size - 1;
    assert_true(ip_workspace_valid(&w));
    w.ranges = w.size;
    assert_false(ip_workspace_valid(&w));
}

static void test_results_are_zero(void **state)
{
    static const unsigned char zeros[100];
    void *result;

    (void)state;
    memset(memory, 0xff, sizeof memory);
    result = ip_take(&workspace, sizeof zeros);
    assert_memory_equal(result, zeros, sizeof zeros);
}

/* The last result is cut: never longer than it was, the next begins aligned behind it, and as zeros. */
static void test_trim(void **state)
{
    static const unsigned char zeros[64];
    unsigned char *first, *last;
    size_t size, kept, before;

    (void)state;
    for (size = 0; size <= 100; size++) {
        for (kept = 0; kept <= size + 20; kept++) {
            workspace.results = 0;
            first = ip_take(&workspace, 40);
            last = ip_take(&workspace, size);
            before = workspace.results;
            memset(first, 0xff, before);
            ip_trim(&workspace, last, kept);
            assert_true(workspace.results <= before && first + workspace.results >= last);
            assert_true(kept > size || first + workspace.results >= last + kept);
            assert_true(kept >= size || workspace.results < (size_t)(last - first) + kept + sizeof(max_align_t));
            last = ip_take(&workspace, sizeof zeros);
            assert_true((uintptr_t)last % alignof(max_align_t) == 0);
            assert_memory_equal(last, zeros, sizeof zeros);
        }
    }
}

static void test_sizes_that_overflow(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < 64; i++) {
        assert_null(ip_take(&workspace, SIZE_MAX - i));
        assert_null(ip_take_range(&workspace, 0, SIZE_MAX - i));
    }
    assert_int_equal(workspace.results, 0);
    assert_int_equal(workspace.ranges, 0);
}

/* Linked by where they lie, whatever the order in which they came; what lies within another is found no more. */
static const struct span {
    uint64_t offset, length;
} spans[] = {{100, 50}, {500, 10}, {90, 20}, {0, 0}, {600, 100}, {550, 40}, {90, 70}, {480, 110}, {700, 0}};
static const struct below {
    uint64_t offset, found, length, next;
} belows[] = {
    {0, 0, 0, 90},        {89, 0, 0, 90},       {90, 90, 70, 480},           {479, 90, 70, 480},
    {480, 480, 110, 600}, {599, 480, 110, 600}, {699, 600, 100, UINT64_MAX}, {UINT64_MAX, 600, 100, UINT64_MAX},
};

static void test_linked_ranges(void **state)
{
    uint64_t next;
    size_t i;

    (void)state;
    assert_null(ip_range_below(&workspace, 100, &next));
    assert_int_equal(next, UINT64_MAX);
    for (i = 0; i < COUNT(spans); i++) {
        struct range *range = ip_take_range(&workspace, spans[i].offset, (size_t)spans[i].length);
        const struct range *found = ip_range_below(&workspace, spans[i].offset, &next);

        assert_non_null(range);
        assert_ptr_not_equal(found, range);
        if (found && found->offset + found->length >= spans[i].offset + spans[i].length)
            continue; /* it has been read, and isn't asked for again */
        ip_link_range(&workspace, range);
        assert_ptr_equal(ip_range_below(&workspace, spans[i].offset, &next), range);
    }
    for (i = 0; i < COUNT(belows); i++) {
        const struct range *found = ip_range_below(&workspace, belows[i].offset, &next);

        assert_non_null(found);
        assert_int_equal(found->offset, belows[i].found);
        assert_int_equal(found->length, belows[i].length);
        assert_int_equal(next, belows[i].next);
    }
}

/* Nothing is asked of the source for which there is no room. */
static void test_full_workspace(void **state)
{
    (void)state;
    workspace.size = 256;
    assert_int_equal(ask(0, 400), IMGPROBE_LIMIT);
    assert_string_equal(image.error.field, "workspace");
    assert_int_equal(image.error.found, 256);
    assert_true(image.error.least == IMGPROBE_UNKNOWN && image.error.most == IMGPROBE_UNKNOWN);
    assert_int_equal(file.calls, 0);
    get(0, 100);
}

#define TEST(name, function)                                                                                         \
    {                                                                                                                \
        name, function, set_up, NULL, NULL                                                                           \
    }

static const struct CMUnitTest others[] = {
    TEST("the limit on reads", test_limit_on_reads),
    TEST("the limit on bytes", test_limit_on_bytes),
    TEST("the limit on bytes counts what is new", test_limit_on_bytes_of_an_overlap),
    TEST("a limit reached inside a range keeps its beginning", test_limit_inside_an_overlap),
    TEST("a range that is there already", test_again),
    TEST("a longer range in place of a shorter one", test_longer_range),
    TEST("a file that changes can't give two truths", test_file_that_changes),
    TEST("what the file has of a range", test_up_to),
    TEST("whatever a source returns", test_returns),
    TEST("a read that fails counts", test_failures_count),
    TEST("NEED, then the range", test_need),
    TEST("NEED in the middle of a range", test_partial_need),
    TEST("asking again for what isn't there yet costs no room", test_waiting_costs_nothing),
    TEST("any ranges in any order, each byte once", test_random_ranges),
    TEST("the observer is told of each range once", test_observer),
    TEST("three windows and nothing else", test_windows),
    TEST("files that end near the windows' edges", test_sizes),
    TEST("a stream whose size isn't known at first", test_stream),
    TEST("a stream that ends in the first window", test_stream_that_ends_early),
    TEST("another image after NEED", test_another_after_need),
    TEST("what was read survives NEED", test_ranges_survive),
    TEST("a buffer as a source", test_buffer),
    TEST("a workspace that was used", test_used_workspace),
    TEST("a workspace's two ends", test_two_ends),
    TEST("a workspace filled to the brim", test_filled_to_the_brim),
    TEST("a workspace that can't be one", test_valid),
    TEST("results begin as zeros", test_results_are_zero),
    TEST("the end of the last result is given back", test_trim),
    TEST("sizes that would overflow", test_sizes_that_overflow),
    TEST("ranges are found by where they lie", test_linked_ranges),
    TEST("no read without room for it", test_full_workspace),
};

int main(void)
{
    static struct CMUnitTest tests[COUNT(overlaps) + COUNT(refusals) + COUNT(others)];
    size_t count = 0, i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(overlaps); i++)
        tests[count++] =
            (struct CMUnitTest){overlaps[i].name, test_overlap, set_up, NULL, (void *)(uintptr_t)&overlaps[i]};
    for (i = 0; i < COUNT(refusals); i++)
        tests[count++] =
            (struct CMUnitTest){refusals[i].name, test_refusal, set_up, NULL, (void *)(uintptr_t)&refusals[i]};
    for (i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return _cmocka_run_group_tests("source", tests, count, NULL, NULL);
}
