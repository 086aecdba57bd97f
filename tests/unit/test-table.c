/* SPDX-License-Identifier: MIT */
/* Numbers out of bytes: rows, types, what they say when a value or the file's end is wrong; and UTF-16. */
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

static alignas(max_align_t) unsigned char memory[65536];
static struct imgprobe_source source;
static struct imgprobe_workspace workspace;
static struct imgprobe_image image;
static struct probe probe;

static void begin(const void *bytes, size_t size)
{
    imgprobe_source_buffer(&source, bytes, size);
    workspace = (struct imgprobe_workspace){.struct_size = sizeof workspace, .memory = memory, .size = sizeof memory};
    ip_workspace_begin(&workspace);
    image = (struct imgprobe_image){.format = NULL};
    ip_error(&image.error, IMGPROBE_OK, NULL, NULL);
    probe = (struct probe){.image = &image,
                           .size = size,
                           .limits = {.image_bytes = 65536, .image_reads = 64},
                           .source = &source,
                           .workspace = &workspace};
}

static struct imgprobe_bytes bytes(const void *text, size_t length)
{
    return (struct imgprobe_bytes){text, length};
}

static const unsigned char eight[] = {0xf1, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xf8};
static const struct {
    enum ip_type type;
    size_t width;
    uint64_t value; /* of the first bytes of `eight` */
} types[] = {
    {IP_U8, 1, 0xf1},
    {IP_U16BE, 2, 0xf102},
    {IP_U32BE, 4, 0xf1020304},
    {IP_U64BE, 8, 0xf1020304050607f8},
    {IP_U16LE, 2, 0x02f1},
    {IP_U32LE, 4, 0x040302f1},
    {IP_U64LE, 8, 0xf8070605040302f1},
};

static void test_types(void **state)
{
    size_t i, length, offset;

    (void)state;
    for (i = 0; i < COUNT(types); i++) {
        assert_true(ip_number(bytes(eight, sizeof eight), 0, types[i].type) == types[i].value);
        for (length = 0; length <= sizeof eight; length++)
            for (offset = 0; offset <= sizeof eight + 1; offset++)
                assert_true(offset + types[i].width <= length ||
                            ip_number(bytes(eight, length), offset, types[i].type) == IMGPROBE_UNKNOWN);
        assert_true(ip_number(bytes(eight, sizeof eight), SIZE_MAX, types[i].type) == IMGPROBE_UNKNOWN);
        assert_true(ip_number(bytes(NULL, 0), 0, types[i].type) == IMGPROBE_UNKNOWN);
    }
}

static void test_unaligned(void **state)
{
    (void)state;
    assert_int_equal(ip_number(bytes(eight, sizeof eight), 1, IP_U32BE), 0x02030405);
    assert_int_equal(ip_number(bytes(eight, sizeof eight), 3, IP_U32LE), 0x07060504);
    assert_int_equal(ip_number(bytes(eight, sizeof eight), 7, IP_U8), 0xf8);
}

struct header {
    uint64_t a, b, c, d, e, f, g, same;
};
#define ROW(...) FIELD(struct header, __VA_ARGS__)
/* clang-format off */
static const struct field rows[] = {
    ROW( 0, U8,    a,      1, 0x11,   UNSUPPORTED),
    ROW( 1, U16BE, b,      0, IP_ANY, MALFORMED),
    ROW( 3, U32LE, c,      0, IP_ANY, MALFORMED),
    ROW( 7, U64BE, d,      5, 5,      MALFORMED),
    ROW(16, U16LE, e,      0, 9,      REFUSED),
    ROW(20, U64LE, f,      0, IP_ANY, MALFORMED),
    ROW(12, U32BE, g,      0, IP_ANY, MALFORMED),
    ROW( 1, U8,    same,   0, IP_ANY, MALFORMED),
};
/* clang-format on */
#define ROWS_END 28

static unsigned char good[64] = {0x11, 0x22, 0x33, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0,
                                 5,    0xff, 9,    0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 0xff};

static void test_rows(void **state)
{
    struct header h;

    (void)state;
    memset(&h, 0xa5, sizeof h);
    begin(good, sizeof good);
    assert_int_equal(ip_decode(&probe, 0, rows, COUNT(rows), &h), IMGPROBE_OK);
    assert_int_equal(h.a, 0x11);
    assert_int_equal(h.b, 0x2233);
    assert_int_equal(h.c, 0x04030201);
    assert_int_equal(h.d, 5);
    assert_int_equal(h.e, 9);
    assert_true(h.f == 0xff02030405060708);
    assert_int_equal(h.g, 0x000005ff);
    assert_int_equal(h.same, 0x22);
    assert_int_equal(ip_state(&workspace)->reads, 1);
    assert_int_equal(ip_state(&workspace)->bytes, ROWS_END);
}

static void test_one_row(void **state)
{
    struct header h = {0};

    (void)state;
    begin(good, sizeof good);
    assert_int_equal(ip_decode(&probe, 0, &rows[5], 1, &h), IMGPROBE_OK);
    assert_true(h.f == 0xff02030405060708);
    assert_int_equal(ip_state(&workspace)->bytes, ROWS_END);
}

static void test_rows_at_a_base(void **state)
{
    static unsigned char moved[200];
    struct header h = {0};

    (void)state;
    memcpy(moved + 101, good, sizeof good);
    begin(moved, sizeof moved);
    assert_int_equal(ip_decode(&probe, 101, rows, COUNT(rows), &h), IMGPROBE_OK);
    assert_int_equal(h.b, 0x2233);
    moved[101] = 0x12;
    begin(moved, sizeof moved);
    assert_int_equal(ip_decode(&probe, 101, rows, COUNT(rows), &h), IMGPROBE_UNSUPPORTED);
    assert_int_equal(image.error.offset, 101);
}

/* A row's multiple is looked at once all values are within their bounds. */
static void test_multiples(void **state)
{
    static const struct field of[] = {
        FIELD(struct header, 0, U16LE, a, 0, 1024, MALFORMED, IP_OF_512),
        FIELD(struct header, 2, U8, b, 0, 9, UNSUPPORTED, IP_POWER_OF_2),
    };
    static const struct {
        unsigned char bytes[3];
        enum imgprobe_status status;
        const char *field, *what;
    } cases[] = {
        {{0, 2, 1}, IMGPROBE_OK, NULL, NULL},
        {{0, 4, 8}, IMGPROBE_OK, NULL, NULL},
        {{0, 0, 0}, IMGPROBE_OK, NULL, NULL},
        {{1, 2, 1}, IMGPROBE_MALFORMED, "a", "isn't a multiple of 512"},
        {{0, 1, 3}, IMGPROBE_MALFORMED, "a", "isn't a multiple of 512"},
        {{0, 2, 3}, IMGPROBE_UNSUPPORTED, "b", "isn't a power of two"},
        {{0, 2, 6}, IMGPROBE_UNSUPPORTED, "b", "isn't a power of two"},
        {{1, 2, 10}, IMGPROBE_UNSUPPORTED, "b", NULL},
    };
    struct header h;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        begin(cases[i].bytes, 3);
        assert_int_equal(ip_decode(&probe, 0, of, COUNT(of), &h), cases[i].status);
        if (!cases[i].field)
            continue;
        assert_string_equal(image.error.field, cases[i].field);
        assert_int_equal(image.error.offset, cases[i].field[0] == 'a' ? 0 : 2);
        if (cases[i].what)
            assert_string_equal(image.error.what, cases[i].what);
        else
            assert_null(image.error.what);
    }
}

/* What a hook finds at a row is told by the row's name and place. */
static void test_failures_of_rows(void **state)
{
    (void)state;
    begin(good, sizeof good);
    assert_ptr_equal(IP_ROW(rows, struct header, a), &rows[0]);
    assert_ptr_equal(IP_ROW(rows, struct header, f), &rows[5]);
    assert_int_equal(ip_row_number(bytes(good, sizeof good), &rows[1]), 0x2233);
    assert_int_equal(ip_fail_row(&probe, IMGPROBE_LIMIT, &rows[5], 7, 1, 2, 3), IMGPROBE_LIMIT);
    assert_string_equal(image.error.field, "f");
    assert_int_equal(image.error.offset, 27);
    assert_int_equal(image.error.found, 1);
    assert_int_equal(image.error.least, 2);
    assert_int_equal(image.error.most, 3);
    assert_int_equal(ip_fail_row_what(&probe, IMGPROBE_AMBIGUOUS, &rows[1], 7, "why"), IMGPROBE_AMBIGUOUS);
    assert_string_equal(image.error.field, "b");
    assert_int_equal(image.error.offset, 8);
    assert_string_equal(image.error.what, "why");
    assert_int_equal(ip_fail_end(&probe, &rows[1], 7, 99), IMGPROBE_TRUNCATED);
    assert_string_equal(image.error.field, "b");
    assert_int_equal(image.error.found, sizeof good);
    assert_int_equal(image.error.least, 99);
    assert_true(image.error.most == IMGPROBE_UNKNOWN);
}

#define FAILS(verdict, name, at, is, from, to)                                                                       \
    {                                                                                                                \
        .status = IMGPROBE_##verdict, .field = #name, .offset = (at), .found = (is), .least = (from), .most = (to),  \
        .valued = true                                                                                               \
    }

static const struct edge {
    const char *name;
    size_t at, width; /* big endian */
    uint64_t number;
    struct imgprobe_error error;
    const char *changed; /* the members that were decoded before it */
} edges[] = {
    {"a row's least value", 0, 1, 1, {.status = IMGPROBE_OK}, "abcdefgs"},
    {"a row's least value - 1", 0, 1, 0, FAILS(UNSUPPORTED, a, 0, 0, 1, 0x11), ""},
    {"a row's most value", 0, 1, 0x11, {.status = IMGPROBE_OK}, "abcdefgs"},
    {"a row's most value + 1", 0, 1, 0x12, FAILS(UNSUPPORTED, a, 0, 0x12, 1, 0x11), ""},
    {"a row of one value and no other, below", 7, 8, 4, FAILS(MALFORMED, d, 7, 4, 5, 5), "abc"},
    {"a row of one value and no other, above", 7, 8, 6, FAILS(MALFORMED, d, 7, 6, 5, 5), "abc"},
    {"a row that gets a value with its top bit", 7, 8, UINT64_MAX, FAILS(MALFORMED, d, 7, UINT64_MAX, 5, 5), "abc"},
    {"a row, little endian, over its range", 16, 2, 0x0a00, FAILS(REFUSED, e, 16, 10, 0, 9), "abcd"},
    {"a row that allows any value", 20, 8, UINT64_MAX, {.status = IMGPROBE_OK}, "abcdefgs"},
};

static void check_changed(const struct header *h, const char *changed)
{
    const struct {
        char letter;
        uint64_t value;
    } members[] = {{'a', h->a}, {'b', h->b}, {'c', h->c}, {'d', h->d},
                   {'e', h->e}, {'f', h->f}, {'g', h->g}, {'s', h->same}};
    size_t i;

    for (i = 0; i < COUNT(members); i++)
        if (!strchr(changed, members[i].letter))
            assert_true(members[i].value == 0xa5a5a5a5a5a5a5a5);
}

static void check_error(const struct imgprobe_error *wanted)
{
    const struct imgprobe_error *e = &image.error;

    assert_int_equal(e->status, wanted->status);
    assert_string_equal(e->field, wanted->field);
    assert_true(e->offset == wanted->offset && e->found == wanted->found);
    assert_true(e->least == wanted->least && e->most == wanted->most);
    assert_int_equal(e->valued, wanted->valued);
    assert_null(e->what);
}

static void test_edge(void **state)
{
    const struct edge *c = *state;
    unsigned char changed[sizeof good];
    struct header h;
    size_t i;

    memset(&h, 0xa5, sizeof h);
    memcpy(changed, good, sizeof changed);
    for (i = 0; i < c->width; i++)
        changed[c->at + i] = c->number >> 8 * (c->width - 1 - i) & 0xff;
    begin(changed, sizeof changed);
    assert_int_equal(ip_decode(&probe, 0, rows, COUNT(rows), &h), c->error.status);
    if (c->error.status != IMGPROBE_OK)
        check_error(&c->error);
    check_changed(&h, c->changed);
}

/* A file that ends anywhere in the rows: the first row that isn't whole is named, with where it would end. */
static void test_truncation(void **state)
{
    static const size_t widths[] = {1, 2, 4, 8, 2, 8, 4, 1};
    size_t size, i;

    (void)state;
    for (size = 0; size < ROWS_END; size++) {
        struct header h = {0};

        begin(good, size);
        for (i = 0; rows[i].offset + widths[i] <= size; i++)
            ;
        assert_int_equal(ip_decode(&probe, 0, rows, COUNT(rows), &h), IMGPROBE_TRUNCATED);
        assert_string_equal(image.error.field, rows[i].name);
        assert_int_equal(image.error.offset, rows[i].offset < size ? rows[i].offset : size);
        assert_int_equal(image.error.found, size);
        assert_int_equal(image.error.least, rows[i].offset + widths[i]);
        assert_true(image.error.most == IMGPROBE_UNKNOWN);
    }
}

static void test_base_behind_the_end(void **state)
{
    static const uint64_t bases[] = {
        sizeof good,    sizeof good + 1, INT64_MAX, UINT64_MAX - ROWS_END, UINT64_MAX - ROWS_END + 1,
        UINT64_MAX - 1, UINT64_MAX};
    struct header h = {0};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bases); i++) {
        begin(good, sizeof good);
        assert_int_equal(ip_decode(&probe, bases[i], rows, COUNT(rows), &h), IMGPROBE_TRUNCATED);
        assert_string_equal(image.error.field, "a");
        assert_int_equal(image.error.offset, sizeof good);
        assert_int_equal(image.error.found, sizeof good);
        assert_true(image.error.least == (bases[i] > UINT64_MAX - ROWS_END ? UINT64_MAX - 1 : bases[i] + 1));
        assert_true(image.error.most == IMGPROBE_UNKNOWN);
        assert_int_equal(ip_state(&workspace)->reads, 0);
    }
    assert_int_equal(h.a, 0);
}

static void test_error_of_a_format(void **state)
{
    struct header h = {0};
    unsigned char bad[sizeof good];

    (void)state;
    memcpy(bad, good, sizeof bad);
    bad[0] = 0;
    begin(bad, sizeof bad);
    image.format = imgprobe_format_named("vhd");
    (void)ip_decode(&probe, 0, rows, COUNT(rows), &h);
    assert_string_equal(image.error.format, "vhd");
}

/* UTF-16, big endian, and what it is in WTF-8. */
static const struct utf16 {
    const char *name, *units;
    size_t length;
    const char *text;
    size_t text_length;
} utf16[] = {
    {"UTF-16: nothing", "", 0, "", 0},
    {"UTF-16: ASCII", "\0a\0b", 4, "ab", 2},
    {"UTF-16: half a unit", "\0a\0", 3, "a", 1},
    {"UTF-16: half a unit and nothing else", "a", 1, "", 0},
    {"UTF-16: a NUL unit ends it", "\0a\0\0\0b", 6, "a", 1},
    {"UTF-16: a NUL unit first", "\0\0\0a", 4, "", 0},
    {"UTF-16: a unit with a NUL byte at its end is none", "a\0\0b", 4,
     "\xe6\x84\x80"
     "b",
     4},
    {"UTF-16: the last of one byte", "\0\x7f", 2, "\x7f", 1},
    {"UTF-16: the first of two bytes", "\0\x80", 2, "\xc2\x80", 2},
    {"UTF-16: the last of two bytes", "\x07\xff", 2, "\xdf\xbf", 2},
    {"UTF-16: the first of three bytes", "\x08\0", 2, "\xe0\xa0\x80", 3},
    {"UTF-16: the last before the surrogates", "\xd7\xff", 2, "\xed\x9f\xbf", 3},
    {"UTF-16: the first behind the surrogates", "\xe0\0", 2, "\xee\x80\x80", 3},
    {"UTF-16: the last of three bytes", "\xff\xff", 2, "\xef\xbf\xbf", 3},
    {"UTF-16: the first pair", "\xd8\0\xdc\0", 4, "\xf0\x90\x80\x80", 4},
    {"UTF-16: the last pair", "\xdb\xff\xdf\xff", 4, "\xf4\x8f\xbf\xbf", 4},
    {"UTF-16: a pair between others", "\0a\xd8\x3d\xde\0\0b", 8,
     "a\xf0\x9f\x98\x80"
     "b",
     6},
    {"UTF-16: a high surrogate alone", "\xd8\0", 2, "\xed\xa0\x80", 3},
    {"UTF-16: a low surrogate alone", "\xdf\xff", 2, "\xed\xbf\xbf", 3},
    {"UTF-16: a high surrogate before a letter", "\xdb\xff\0a", 4,
     "\xed\xaf\xbf"
     "a",
     4},
    {"UTF-16: a low surrogate before a high one", "\xdc\0\xd8\0", 4, "\xed\xb0\x80\xed\xa0\x80", 6},
    {"UTF-16: two high surrogates and a low one", "\xd8\0\xd8\0\xdc\0", 6, "\xed\xa0\x80\xf0\x90\x80\x80", 7},
    {"UTF-16: a high surrogate and a NUL unit", "\xd8\0\0\0\xdc\0", 6, "\xed\xa0\x80", 3},
    {"UTF-16: a pair cut in the low one", "\xd8\0\xdc", 3, "\xed\xa0\x80", 3},
    {"UTF-16: a byte order mark is no part of the name", "\xfe\xff\0a", 4, "a", 1},
    {"UTF-16: a byte order mark overrules the order",
     "\xff\xfe"
     "a\0",
     4, "a", 1},
    {"UTF-16: a byte order mark alone", "\xfe\xff", 2, "", 0},
    {"UTF-16: half a byte order mark", "\xfe", 1, "", 0},
    {"UTF-16: a second byte order mark is a character", "\xfe\xff\xfe\xff", 4, "\xef\xbb\xbf", 3},
    {"UTF-16: a byte order mark later on is a character", "\0a\xfe\xff", 4, "a\xef\xbb\xbf", 4},
};

static void test_utf16(void **state)
{
    const struct utf16 *c = *state;
    size_t i, order;

    for (order = 0; order < 2; order++) {
        struct imgprobe_bytes ret = {NULL, 0};
        char units[16];

        memcpy(units, c->units, c->length);
        for (i = 0; order == 1 && i + 1 < c->length; i += 2) {
            units[i] = c->units[i + 1];
            units[i + 1] = c->units[i];
        }
        begin("", 0);
        assert_int_equal(ip_utf16(&probe, bytes(units, c->length), order == 0, &ret), IMGPROBE_OK);
        assert_int_equal(ret.length, c->text_length);
        assert_memory_equal(ret.bytes, c->text, ret.length);
        assert_int_equal(ret.bytes[ret.length], 0);
    }
}

/* Every unit alone: its three bytes at most, and no two units the same. */
static void test_every_unit(void **state)
{
    unsigned unit;

    (void)state;
    for (unit = 1; unit < 0x10000; unit++) {
        /* Behind a letter, where a byte order mark is a character as any other. */
        const unsigned char units[4] = {0, 'a', (unsigned char)(unit >> 8), unit & 0xff};
        struct imgprobe_bytes ret;
        unsigned back = 0;

        begin("", 0);
        assert_int_equal(ip_utf16(&probe, bytes(units, sizeof units), true, &ret), IMGPROBE_OK);
        assert_int_equal(ret.bytes[0], 'a');
        ret = ip_part(ret, 1, ret.length - 1);
        assert_int_equal(ret.length, unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3);
        if (ret.length == 1)
            back = ret.bytes[0];
        else if (ret.length == 2)
            back = (ret.bytes[0] & 0x1fu) << 6 | (ret.bytes[1] & 0x3fu);
        else
            back = (ret.bytes[0] & 0xfu) << 12 | (ret.bytes[1] & 0x3fu) << 6 | (ret.bytes[2] & 0x3fu);
        assert_int_equal(back, unit);
    }
}

static void test_utf16_without_room(void **state)
{
    struct imgprobe_bytes ret = {NULL, 0};

    (void)state;
    begin("", 0);
    workspace.size = 32;
    assert_int_equal(ip_utf16(&probe, bytes(good, sizeof good), true, &ret), IMGPROBE_LIMIT);
    assert_string_equal(image.error.field, "workspace");
    assert_int_equal(ip_utf16(&probe, bytes(good, SIZE_MAX), true, &ret), IMGPROBE_LIMIT);
    assert_null(ret.bytes);
}

#define TEST(name, function)                                                                                         \
    {                                                                                                                \
        name, function, NULL, NULL, NULL                                                                             \
    }

int main(void)
{
    static const struct CMUnitTest others[] = {
        TEST("every type in both byte orders, and outside the bytes", test_types),
        TEST("numbers at odd places", test_unaligned),
        TEST("rows into their members, by one read", test_rows),
        TEST("one row", test_one_row),
        TEST("rows at a base", test_rows_at_a_base),
        TEST("multiples of rows", test_multiples),
        TEST("failures at rows", test_failures_of_rows),
        TEST("a file that ends anywhere in the rows", test_truncation),
        TEST("rows behind the end of the file", test_base_behind_the_end),
        TEST("an error says the format", test_error_of_a_format),
        TEST("every unit of UTF-16", test_every_unit),
        TEST("UTF-16 without room", test_utf16_without_room),
    };
    static struct CMUnitTest tests[COUNT(edges) + COUNT(utf16) + COUNT(others)];
    size_t count = 0, i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(edges); i++)
        tests[count++] = (struct CMUnitTest){edges[i].name, test_edge, NULL, NULL, (void *)(uintptr_t)&edges[i]};
    for (i = 0; i < COUNT(utf16); i++)
        tests[count++] = (struct CMUnitTest){utf16[i].name, test_utf16, NULL, NULL, (void *)(uintptr_t)&utf16[i]};
    for (i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return _cmocka_run_group_tests("table", tests, count, NULL, NULL);
}
