/* SPDX-License-Identifier: MIT */
/* Arithmetic that can't wrap, parts of bytes, and sums over them. */
#include <limits.h>
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

static struct imgprobe_bytes bytes(const void *text, size_t length)
{
    return (struct imgprobe_bytes){text, length};
}

static const unsigned char eight[] = {0xf1, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xf8};

static const struct {
    uint64_t a, b, sum, product;
    bool adds, multiplies;
} sums[] = {
    {0, 0, 0, 0, true, true},
    {1, 2, 3, 2, true, true},
    {UINT64_MAX, 0, UINT64_MAX, 0, true, true},
    {0, UINT64_MAX, UINT64_MAX, 0, true, true},
    {UINT64_MAX, 1, 0, UINT64_MAX, false, true},
    {1, UINT64_MAX, 0, UINT64_MAX, false, true},
    {UINT64_MAX, UINT64_MAX, 0, 0, false, false},
    {UINT64_MAX - 5, 5, UINT64_MAX, 0, true, false},
    {UINT64_MAX - 5, 6, 0, 0, false, false},
    {UINT64_C(1) << 32, UINT64_C(1) << 31, 0x180000000, UINT64_C(1) << 63, true, true},
    {UINT64_C(1) << 32, UINT64_C(1) << 32, UINT64_C(1) << 33, 0, true, false},
    {UINT64_MAX / 512, 512, UINT64_MAX / 512 + 512, UINT64_MAX / 512 * 512, true, true},
    {UINT64_MAX / 512 + 1, 512, UINT64_MAX / 512 + 513, 0, true, false},
};

static void test_arithmetic(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(sums); i++) {
        uint64_t ret = 77;

        assert_int_equal(ip_add(sums[i].a, sums[i].b, &ret), sums[i].adds);
        assert_true(ret == (sums[i].adds ? sums[i].sum : 77));
        ret = 77;
        assert_int_equal(ip_multiply(sums[i].a, sums[i].b, &ret), sums[i].multiplies);
        assert_true(ret == (sums[i].multiplies ? sums[i].product : 77));
    }
}

static const struct {
    uint64_t offset, length;
    bool inside;
} parts[] = {
    {0, 8, true},
    {0, 0, true},
    {8, 0, true},
    {7, 1, true},
    {3, 2, true},
    {8, 1, false},
    {9, 0, false},
    {0, 9, false},
    {UINT64_MAX, 1, false},
    {1, UINT64_MAX, false},
    {UINT64_MAX, UINT64_MAX, false},
    {0, UINT64_MAX, false},
};

static void test_part(void **state)
{
    struct imgprobe_bytes part;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(parts); i++) {
        part = ip_part(bytes(eight, sizeof eight), parts[i].offset, parts[i].length);
        assert_ptr_equal(part.bytes, parts[i].inside ? eight + parts[i].offset : NULL);
        assert_int_equal(part.length, parts[i].inside ? parts[i].length : 0);
    }
    part = ip_part(bytes(NULL, 0), 0, 0);
    assert_null(part.bytes);
}

static const struct {
    const char *bytes;
    size_t length;
    const char *text;
    bool found;
    size_t at;
} finds[] = {
    {"abcabc", 6, "abc", true, 0},   {"abcabc", 6, "ca", true, 2},   {"abcabc", 6, "bc", true, 1},
    {"abcabc", 6, "cab ", false, 0}, {"abcabc", 5, "abca", true, 0}, {"abcab", 4, "cab", false, 0},
    {"abc", 3, "abcd", false, 0},    {"abc", 3, "c", true, 2},       {"a\0b", 3, "b", true, 2},
    {"aab", 3, "ab", true, 1},       {"", 0, "a", false, 0},         {"abc", 0, "a", false, 0},
};

static void test_find(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(finds); i++) {
        size_t at = 77;

        assert_int_equal(ip_find(bytes(finds[i].bytes, finds[i].length), finds[i].text, &at), finds[i].found);
        assert_int_equal(at, finds[i].found ? finds[i].at : 77);
    }
}

static void test_ones_complement(void **state)
{
    unsigned char footer[512];

    (void)state;
    assert_int_equal(ip_ones_complement(bytes("", 0), 0), 0xffffffff);
    assert_int_equal(ip_ones_complement(bytes("\1\2\3\4\5", 5), 5), 0xffffffff - 15);
    assert_int_equal(ip_ones_complement(bytes("\1\2\3\4\5", 5), 0), 0xffffffff - 5);
    assert_int_equal(ip_ones_complement(bytes("\1\2\3\4\5", 5), 1), 0xffffffff - 1);
    assert_int_equal(ip_ones_complement(bytes("\1\2\3\4\5", 5), 3), 0xffffffff - 6);
    assert_int_equal(ip_ones_complement(bytes("\1\2\3\4\5", 5), SIZE_MAX), 0xffffffff - 15);
    memset(footer, 0xff, sizeof footer);
    assert_int_equal(ip_ones_complement(bytes(footer, sizeof footer), 64), 0xffffffff - 508 * 255);
}

static void test_crc32(void **state)
{
    (void)state;
    assert_int_equal(ip_crc32(bytes("\0\0\0\0", 4), 0), 0x2144df1c);
    assert_int_equal(ip_crc32(bytes("123456789", 9), 0), 0x333643c3);
    assert_int_equal(ip_crc32(bytes("123456789", 9), 4), 0x41cee643);
    assert_int_equal(ip_crc32(bytes("123456789", 9), 5), 0x770a59bd);
    /* no room for the four bytes, and more than zlib counts: nothing of it is read */
    assert_int_equal(ip_crc32(bytes("123456789", 9), 6), 0);
    assert_int_equal(ip_crc32(bytes("123456789", 9), 9), 0);
    assert_int_equal(ip_crc32(bytes("123456789", 9), 10), 0);
    assert_int_equal(ip_crc32(bytes("123456789", 9), SIZE_MAX), 0);
    assert_int_equal(ip_crc32(bytes("123456789", (size_t)UINT_MAX + 1), 0), 0);
}

/* Of zeros the gap is no difference: 8a9136aa stands in RFC 3720, section B.4. */
static void test_crc32c(void **state)
{
    unsigned char many[32] = {0};

    (void)state;
    assert_int_equal(ip_crc32c(bytes("\0\0\0\0", 4), 0), 0x48674bc7);
    assert_int_equal(ip_crc32c(bytes(many, 32), 0), 0x8a9136aa);
    assert_int_equal(ip_crc32c(bytes(many, 32), 28), 0x8a9136aa);
    memset(many, 0xff, sizeof many);
    assert_int_equal(ip_crc32c(bytes(many, 32), 14), 0x54729998);
    assert_int_equal(ip_crc32c(bytes("123456789", 9), 0), 0x7d227b4e);
    assert_int_equal(ip_crc32c(bytes("123456789", 9), 4), 0x6d901313);
    assert_int_equal(ip_crc32c(bytes("123456789", 9), 5), 0x691f84f6);
}

static void test_cut(void **state)
{
    struct imgprobe_bytes b = ip_cut(bytes("ab\0c\0", 5));

    (void)state;
    assert_int_equal(b.length, 2);
    assert_int_equal(ip_cut(bytes("abc", 3)).length, 3);
    assert_int_equal(ip_cut(bytes("\0", 1)).length, 0);
    assert_int_equal(ip_cut(bytes(NULL, 0)).length, 0);
    assert_true(ip_equal(b, "ab"));
    assert_false(ip_equal(b, "a"));
    assert_false(ip_equal(b, "abc"));
    assert_true(ip_equal(bytes(NULL, 0), ""));
    assert_false(ip_equal(bytes("a\0", 2), "a"));
}

static void test_same(void **state)
{
    (void)state;
    assert_true(ip_same(bytes("a\0b", 3), bytes("a\0b", 3)));
    assert_false(ip_same(bytes("a\0b", 3), bytes("a\0c", 3)));
    assert_false(ip_same(bytes("ab", 2), bytes("ab", 1)));
    assert_true(ip_same(bytes(NULL, 0), bytes("", 0)));
}

/* Lengths that can't be are refused by their sum alone: nothing of such parts is looked at. */
static void test_join(void **state)
{
    static alignas(max_align_t) unsigned char memory[IP_FIRST_RESULT + 2 * sizeof(max_align_t)];
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = memory, .size = sizeof memory};
    const struct imgprobe_bytes three[] = {bytes("a\0", 2), bytes(NULL, 0), bytes("b", 1)};
    const struct imgprobe_bytes many[] = {bytes("a", 1), bytes("b", SIZE_MAX - 1)}, none = {NULL, 0};
    struct imgprobe_bytes ret = none;
    struct imgprobe_error error;

    (void)state;
    memset(memory, '~', sizeof memory);
    ip_workspace_begin(&w);
    assert_int_equal(ip_join(&w, three, COUNT(three), &ret, &error), IMGPROBE_OK);
    assert_int_equal(ret.length, 3);
    assert_memory_equal(ret.bytes, "a\0b", 4);
    assert_int_equal(ip_join(&w, &none, 1, &ret, &error), IMGPROBE_OK);
    assert_int_equal(ret.length, 0);
    assert_int_equal(ret.bytes[0], '\0');
    ret = none;
    assert_int_equal(ip_join(&w, many, 2, &ret, &error), IMGPROBE_LIMIT);
    assert_int_equal(ip_join(&w, many + 1, 1, &ret, &error), IMGPROBE_LIMIT);
    assert_int_equal(error.found, sizeof memory);
    assert_null(ret.bytes);
    w.size = ip_state(&w)->results;
    assert_int_equal(ip_join(&w, three, 1, &ret, &error), IMGPROBE_LIMIT);
    assert_string_equal(error.field, "workspace");
    assert_null(ret.bytes);
}

#define TEST(name, function)                                                                                         \
    {                                                                                                                \
        name, function, NULL, NULL, NULL                                                                             \
    }

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST("sums and products that fit and that don't", test_arithmetic),
        TEST("three inside the bytes and outside", test_part),
        TEST("where a text first stands", test_find),
        TEST("ones' complement of a sum", test_ones_complement),
        TEST("CRC-32", test_crc32),
        TEST("CRC-32C", test_crc32c),
        TEST("bytes up to their NUL", test_cut),
        TEST("whether two are the same", test_same),
        TEST("parts one behind the other", test_join),
    };

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("bytes", tests, COUNT(tests), NULL, NULL);
}
