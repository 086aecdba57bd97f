/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 by the Unicode Standard, table 3-7: every character there is, the edges of each row of the table, and every
 * start of up to four bytes against a decoder that was written another way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "image/image.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NONE UINT32_MAX

static const struct utf8_case {
    const char *name, *bytes;
    size_t length, want;
    uint32_t character;
} cases[] = {
    /* clang-format off */
    {"nothing", "a", 0, 0, NONE},
    {"a NUL", "\0a", 2, 1, 0},
    {"a letter, and more behind it", "az", 2, 1, 'a'},
    {"the last of one byte", "\x7f", 1, 1, 0x7f},
    {"a byte that continues nothing", "\x80", 1, 1, NONE},
    {"C0 begins nothing, whatever follows", "\xc0\x80", 2, 1, NONE},
    {"C1 begins nothing", "\xc1\xbf", 2, 1, NONE},
    {"the first of two bytes", "\xc2\x80", 2, 2, 0x80},
    {"the last of two bytes", "\xdf\xbf", 2, 2, 0x7ff},
    {"two bytes, broken off", "\xdf", 1, 1, NONE},
    {"two bytes, the second below", "\xdf\x7f", 2, 1, NONE},
    {"two bytes, the second above", "\xdf\xc0", 2, 1, NONE},
    {"the first of three bytes", "\xe0\xa0\x80", 3, 3, 0x800},
    {"three bytes that are too many", "\xe0\x9f\xbf", 3, 1, NONE},
    {"the last before the surrogates", "\xed\x9f\xbf", 3, 3, 0xd7ff},
    {"the first surrogate", "\xed\xa0\x80", 3, 1, NONE},
    {"the first behind the surrogates", "\xee\x80\x80", 3, 3, 0xe000},
    {"a noncharacter is a character here", "\xef\xbf\xbf", 3, 3, 0xffff},
    {"three bytes, broken off behind two", "\xe2\x82", 2, 2, NONE},
    {"three bytes, the third is none", "\xe2\x82x", 3, 2, NONE},
    {"the first of four bytes", "\xf0\x90\x80\x80", 4, 4, 0x10000},
    {"four bytes that are too many", "\xf0\x8f\xbf\xbf", 4, 1, NONE},
    {"the last character", "\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff},
    {"what is past the last character", "\xf4\x90\x80\x80", 4, 1, NONE},
    {"F5 begins nothing", "\xf5\x80\x80\x80", 4, 1, NONE},
    {"FF begins nothing", "\xff", 1, 1, NONE},
    {"four bytes, broken off behind three", "\xf1\x80\x80", 3, 3, NONE},
    {"four bytes, the fourth is none", "\xf1\x80\x80\x41", 4, 3, NONE},
    /* clang-format on */
};

static void test_case(void **state)
{
    const struct utf8_case *c = *state;
    uint32_t character = 1;
    unsigned char *copy = malloc(c->length + 1); /* a sanitizer sees a read behind it */

    assert_non_null(copy);
    memcpy(copy, c->bytes, c->length);
    copy = realloc(copy, c->length + (c->length == 0));
    assert_non_null(copy);
    assert_int_equal(imgprobe_utf8(copy, c->length, &character), c->want);
    assert_int_equal(character, c->character);
    assert_int_equal(ip_utf8_valid((struct imgprobe_bytes){copy, c->want}), c->length == 0 || character != NONE);
    free(copy);
}

/* Each range with what stands just outside of it. */
static const struct {
    const char *what;
    uint32_t first, last;
} hostile[] = {
    {"controls", 0x00, 0x1f},
    {"delete, and the controls of C1", 0x7f, 0x9f},
    {"soft hyphen", 0xad, 0xad},
    {"grapheme joiner", 0x34f, 0x34f},
    {"Arabic letter mark", 0x61c, 0x61c},
    {"Hangul fillers", 0x115f, 0x1160},
    {"Khmer inherent vowels", 0x17b4, 0x17b5},
    {"Mongolian selectors", 0x180b, 0x180f},
    {"no width, and marks of direction", 0x200b, 0x200f},
    {"separators, and embeddings", 0x2028, 0x202e},
    {"joiners, operators, isolates", 0x2060, 0x206f},
    {"Hangul filler", 0x3164, 0x3164},
    {"variation selectors", 0xfe00, 0xfe0f},
    {"byte order mark", 0xfeff, 0xfeff},
    {"halfwidth filler", 0xffa0, 0xffa0},
    {"annotations", 0xfff0, 0xfffb},
    {"shorthand controls", 0x1bca0, 0x1bca3},
    {"musical controls", 0x1d173, 0x1d17a},
    {"tags, and more selectors", 0xe0000, 0xe0fff},
};

static void test_hostile(void **state)
{
    uint32_t c;
    size_t i = 0;

    (void)state;
    for (c = 0; c <= 0x110000; c++) {
        bool inside;

        while (i < COUNT(hostile) && c > hostile[i].last)
            i++;
        inside = i < COUNT(hostile) && c >= hostile[i].first;
        if (imgprobe_hostile(c) != inside)
            fail_msg("U+%04X, %s", c, i < COUNT(hostile) ? hostile[i].what : "behind all");
    }
    assert_false(imgprobe_hostile(UINT32_MAX));
}

/* What is written is read back, and is the shortest there is. */
static void test_every_character(void **state)
{
    uint32_t c, read;
    unsigned char bytes[4];
    size_t length;

    (void)state;
    for (c = 0; c <= 0x10ffff; c++) {
        length = ip_utf8_put(bytes, c);
        assert_int_equal(length, c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
        if (c >= 0xd800 && c <= 0xdfff) {
            assert_int_equal(imgprobe_utf8(bytes, length, &read), 1);
            assert_int_equal(read, NONE);
        } else {
            assert_int_equal(imgprobe_utf8(bytes, length, &read), length);
            assert_int_equal(read, c);
        }
    }
}

/* By the bits alone, and what they make: no table. Only whether a character stands there. */
static uint32_t decode(const unsigned char *b, size_t length)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    size_t more = b[0] < 0x80 ? 0 : b[0] < 0xc0 ? 9 : b[0] < 0xe0 ? 1 : b[0] < 0xf0 ? 2 : b[0] < 0xf8 ? 3 : 9;
    uint32_t c = more == 0 ? b[0] : b[0] & (0x3fu >> more);
    size_t i;

    if (more >= length)
        return NONE;
    for (i = 1; i <= more; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return NONE;
        c = c << 6 | (b[i] & 0x3f);
    }
    return c < least[more] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? NONE : c;
}

/* All first and second bytes, with the bytes behind them that lie at an edge. */
static void test_every_start(void **state)
{
    static const unsigned char edges[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
    unsigned pair;
    size_t third, fourth, length;

    (void)state;
    for (pair = 0; pair < 0x10000; pair++) {
        for (third = 0; third < sizeof edges; third++) {
            for (fourth = 0; fourth < sizeof edges; fourth++) {
                const unsigned char b[4] = {pair >> 8 & 0xff, pair & 0xff, edges[third], edges[fourth]};

                for (length = 1; length <= sizeof b; length++) {
                    uint32_t c;
                    size_t step = imgprobe_utf8(b, length, &c);

                    if (c != decode(b, length) || step == 0 || step > length)
                        fail_msg("%02x %02x %02x %02x, of %zu bytes", b[0], b[1], b[2], b[3], length);
                }
            }
        }
    }
}

int main(void)
{
    static struct CMUnitTest tests[COUNT(cases) + 3];
    size_t i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(cases); i++)
        tests[i] = (struct CMUnitTest){cases[i].name, test_case, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    tests[i++] = (struct CMUnitTest)cmocka_unit_test(test_every_character);
    tests[i++] = (struct CMUnitTest)cmocka_unit_test(test_every_start);
    tests[i] = (struct CMUnitTest)cmocka_unit_test(test_hostile);
    return _cmocka_run_group_tests("unicode", tests, COUNT(tests), NULL, NULL);
}
