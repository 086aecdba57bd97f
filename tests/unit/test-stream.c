/* SPDX-License-Identifier: MIT */
/* A whole probe: the windows that it reads, and bytes that come one by one. */
#include "source-file.h"

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
    assert_int_equal(ip_state(&workspace)->reads, 0);
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

/* A stream that ends before what was asked for: its size is then what came, and that is the file. */
static void test_early_end(void **state)
{
    static const struct {
        const char *format;
        uint64_t size;
        enum imgprobe_status status;
    } ends[] = {{"raw", 512, IMGPROBE_OK}, {"raw", 5000, IMGPROBE_OK}, {"qcow2", 3, IMGPROBE_TRUNCATED}};
    size_t i;

    for (i = 0; i < COUNT(ends); i++) {
        struct imgprobe_options options = {.struct_size = sizeof options, .format = ends[i].format};
        struct imgprobe_image *ret = NULL;
        unsigned calls = 0;
        enum imgprobe_status s;

        (void)set_up(state);
        source.size = IMGPROBE_UNKNOWN;
        file.have = ends[i].size;
        while ((s = imgprobe_probe(&options, &source, &workspace, &ret)) == IMGPROBE_NEED) {
            assert_true(++calls < 4);
            assert_true(ret->error.offset == IMGPROBE_UNKNOWN || ret->error.offset + ret->error.least > file.have);
            source.size = ends[i].size;
        }
        assert_int_equal(calls, 1);
        assert_int_equal(s, ends[i].status);
        assert_int_equal(ret->file_size, ends[i].size);
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

/* While it waits, what was read stays, though every result of the workspace is made anew. */
static void test_ranges_survive(void **state)
{
    struct imgprobe_image *ret = NULL;

    (void)state;
    file.have = 4096;
    assert_int_equal(imgprobe_probe(NULL, &source, &workspace, &ret), IMGPROBE_NEED);
    memset(memory + IP_FIRST_RESULT, 0xa5, ip_state(&workspace)->results - IP_FIRST_RESULT);
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

static const struct CMUnitTest others[] = {
    TEST("three windows and nothing else", test_windows),
    TEST("files that end near the windows' edges", test_sizes),
    TEST("a stream whose size isn't known at first", test_stream),
    TEST("a stream that ends in the first window", test_stream_that_ends_early),
    TEST("streams that end before what was asked for", test_early_end),
    TEST("another image after NEED", test_another_after_need),
    TEST("what was read survives NEED", test_ranges_survive),
    TEST("a buffer as a source", test_buffer),
};

int main(void)
{
    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("stream", others, COUNT(others), NULL, NULL);
}
