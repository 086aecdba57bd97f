/* SPDX-License-Identifier: MIT */
/* Bounded reads: what is asked of a source, how often, and what is told of it. */
#include "source-file.h"

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
    assert_int_equal(ip_state(&workspace)->reads, c->reads);
    assert_int_equal(ip_state(&workspace)->bytes, c->bytes);
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
    assert_int_equal(ip_state(&workspace)->ranges, 0);
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
    assert_int_equal(ip_state(&workspace)->bytes, 100);
}

/* Only what isn't there already counts. */
static void test_limit_on_bytes_of_an_overlap(void **state)
{
    (void)state;
    probe.limits.image_bytes = 100;
    get(0, 60);
    get(10, 90);
    assert_int_equal(ip_state(&workspace)->bytes, 100);
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
    used = ip_state(&workspace)->ranges;
    for (i = 0; i < COUNT(parts); i++) {
        assert_int_equal(ip_bytes(&probe, "field", parts[i].offset, parts[i].length, &again), IMGPROBE_OK);
        assert_ptr_equal(again.bytes, first.bytes + (parts[i].offset - 100));
        assert_int_equal(ip_state(&workspace)->ranges, used);
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
    bool says, ranged;
} returns[] = {
    {IMGPROBE_NEED, IMGPROBE_NEED, 0, false, true},  {IMGPROBE_TRUNCATED, IMGPROBE_TRUNCATED, 1, true},
    {IMGPROBE_SYSTEM, IMGPROBE_SYSTEM, 1, true},     {IMGPROBE_AMBIGUOUS, IMGPROBE_SYSTEM, 1, true},
    {IMGPROBE_MALFORMED, IMGPROBE_SYSTEM, 1, true},  {IMGPROBE_UNSUPPORTED, IMGPROBE_SYSTEM, 1, true},
    {IMGPROBE_LIMIT, IMGPROBE_LIMIT, 1, true, true}, {IMGPROBE_REFUSED, IMGPROBE_SYSTEM, 1, true},
    {IMGPROBE_USAGE, IMGPROBE_SYSTEM, 1, true},      {(enum imgprobe_status)77, IMGPROBE_SYSTEM, 1, true},
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
        assert_true(image.error.least == (returns[i].ranged ? 32 : IMGPROBE_UNKNOWN));
        assert_false(image.error.valued);
        assert_int_equal(ip_state(&workspace)->reads, returns[i].counted);
        assert_int_equal(ip_state(&workspace)->bytes, 0);
        assert_int_equal(ip_state(&workspace)->ranges, 0);
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
    assert_int_equal(ip_state(&workspace)->reads, 0);
    file.have = 110;
    begin_probe();
    get(90, 20);
    assert_int_equal(ip_state(&workspace)->reads, 1);
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
    assert_int_equal(ip_state(&workspace)->reads, 3);
    assert_int_equal(ip_state(&workspace)->bytes, 90);
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
    used = ip_state(&workspace)->ranges;
    for (i = 0; i < 20000; i++) {
        begin_probe();
        assert_int_equal(ask(80, 90), IMGPROBE_NEED);
    }
    assert_true(ip_state(&workspace)->ranges <= used + 256);
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
        assert_int_equal(ip_state(&workspace)->reads, file.reads);
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
