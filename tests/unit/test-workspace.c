/* SPDX-License-Identifier: MIT */
/* A workspace's two ends, of which the ranges that were read are one. */
#include "source-file.h"

/* What an earlier user left behind doesn't count. */
static void test_used_workspace(void **state)
{
    struct imgprobe_image *ret = NULL;

    (void)state;
    ip_state(&workspace)->reads = 60;
    ip_state(&workspace)->bytes = 500000;
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
        if (!ip_workspace_valid(&w)) {
            assert_true(size < IP_FIRST_RESULT && !ip_take(&w, 1) && !ip_take_range(&w, 0, 1));
            free(w.memory);
            continue;
        }
        ip_workspace_begin(&w);
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
        assert_true(most == ip_state(&w)->results + ip_state(&w)->ranges && most <= size);
        ip_workspace_clear(&w);
        assert_true(ip_state(&w)->ranges == 0 && ip_state(&w)->last_range == 0 && w.most == most);
        free(w.memory);
    }
}

/* The last byte of a workspace can be taken from either end. */
static void test_filled_to_the_brim(void **state)
{
    const size_t unit = sizeof(max_align_t), head = sizeof(struct range);

    (void)state;
    workspace.size = IP_FIRST_RESULT + 16 * unit;
    assert_non_null(ip_take(&workspace, 8 * unit));
    assert_null(ip_take(&workspace, 8 * unit + 1));
    assert_non_null(ip_take(&workspace, 8 * unit));
    assert_null(ip_take(&workspace, 1));
    assert_null(ip_take_range(&workspace, 0, 1));
    ip_workspace_begin(&workspace);
    assert_non_null(ip_take(&workspace, 8 * unit));
    assert_null(ip_take_range(&workspace, 0, 8 * unit - head + 1));
    assert_non_null(ip_take_range(&workspace, 0, 8 * unit - head));
    assert_null(ip_take_range(&workspace, 0, 0));
    assert_null(ip_take(&workspace, 1));
}

static bool holds(size_t results, size_t ranges)
{
    *ip_state(&workspace) = (struct ip_state){.results = results, .ranges = ranges};
    return ip_workspace_holds(&workspace);
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
    w.size = IP_FIRST_RESULT;
    assert_true(ip_workspace_valid(&w));
    w.size--;
    assert_false(ip_workspace_valid(&w));
    assert_true(holds(workspace.size, 0));
    assert_false(holds(workspace.size, 1));
    assert_false(holds(workspace.size + 1, 0));
    assert_true(holds(IP_FIRST_RESULT, workspace.size - IP_FIRST_RESULT));
    assert_false(holds(IP_FIRST_RESULT, workspace.size - IP_FIRST_RESULT + 1));
    assert_false(holds(IP_FIRST_RESULT - 1, 0));
}

/* Only after NEED is it asked what the library kept; otherwise the memory may hold anything. */
static void test_pending(void **state)
{
    (void)state;
    memset(memory, 0xff, sizeof memory);
    assert_true(ip_workspace_valid(&workspace));
    workspace.pending = 1;
    assert_false(ip_workspace_valid(&workspace));
    workspace.pending = 0;
    ip_workspace_begin(&workspace);
    assert_true(ip_workspace_holds(&workspace));
}

static void test_results_are_zero(void **state)
{
    static const unsigned char zeros[100];
    void *result;

    (void)state;
    memset((unsigned char *)memory + IP_FIRST_RESULT, 0xff, sizeof memory - IP_FIRST_RESULT);
    result = ip_take(&workspace, sizeof zeros);
    assert_memory_equal(result, zeros, sizeof zeros);
}

/* The last result is cut: never longer than it was, the next begins aligned behind it, and as zeros. */
static void test_trim(void **state)
{
    static const unsigned char zeros[64];
    unsigned char *const memory_of = workspace.memory;
    unsigned char *first, *last;
    size_t size, kept, before;

    (void)state;
    for (size = 0; size <= 100; size++) {
        for (kept = 0; kept <= size + 20; kept++) {
            ip_workspace_begin(&workspace);
            first = ip_take(&workspace, 40);
            last = ip_take(&workspace, size);
            before = ip_state(&workspace)->results;
            memset(first, 0xff, before - IP_FIRST_RESULT);
            ip_trim(&workspace, last, kept);
            assert_true(ip_state(&workspace)->results <= before && memory_of + ip_state(&workspace)->results >= last);
            assert_true(kept > size || memory_of + ip_state(&workspace)->results >= last + kept);
            assert_true(kept >= size ||
                        ip_state(&workspace)->results < (size_t)(last - memory_of) + kept + sizeof(max_align_t));
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
    assert_int_equal(ip_state(&workspace)->results, IP_FIRST_RESULT);
    assert_int_equal(ip_state(&workspace)->ranges, 0);
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

static const struct CMUnitTest others[] = {
    TEST("a workspace that was used", test_used_workspace),
    TEST("a workspace's two ends", test_two_ends),
    TEST("a workspace filled to the brim", test_filled_to_the_brim),
    TEST("a workspace that can't be one", test_valid),
    TEST("a workspace whose memory holds anything", test_pending),
    TEST("results begin as zeros", test_results_are_zero),
    TEST("the end of the last result is given back", test_trim),
    TEST("sizes that would overflow", test_sizes_that_overflow),
    TEST("ranges are found by where they lie", test_linked_ranges),
    TEST("no read without room for it", test_full_workspace),
};

int main(void)
{
    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("workspace", others, COUNT(others), NULL, NULL);
}
