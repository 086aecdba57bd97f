/* SPDX-License-Identifier: MIT */
/* Which of a VHD's names for its parent libvhd takes, and beside what they stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "name/name.h"

/* clang-format off */
static const struct {
    const char *what, *type, *text;
    size_t length; /* 0: the text's */
    uint64_t offset, room, size;
    enum ip_taking taking;
} names[] = {
    {"a URL", "MacX", "file://a", 0, 512, 512, 1024, IP_TAKEN},
    {"a URL with an escape", "MacX", "file://a%20", 0, 512, 512, 1024, IP_TAKEN},
    {"a URL and nothing else", "MacX", "file://", 0, 512, 512, 1024, IP_TAKEN},
    {"a URL that is cut", "MacX", "file:/", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL in capitals", "MacX", "FILE://a", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a plain path in place of a URL", "MacX", "/a", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL that isn't ASCII", "MacX", "file://\xc3\xa4", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL that isn't UTF-8", "MacX", "file://\xff", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL that ends inside a character", "MacX", "file://\xc3", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL that isn't ASCII behind its NUL", "MacX", "file://a\0\xff", 10, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL with the least tag", "MacX", "file://\xf3\xa0\x80\x80", 0, 512, 512, 1024, IP_CANNOT_TELL},
    {"a URL with the most tag", "MacX", "file://\xf3\xa0\x81\xbf", 0, 512, 512, 1024, IP_CANNOT_TELL},
    {"a URL with one more", "MacX", "file://\xf3\xa0\x82\x80", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL with one less", "MacX", "file://\xf3\x9f\xbf\xbf", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL with a tag, and not ASCII", "MacX", "file://\xf3\xa0\x80\x81\xc3\xa4", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a tag in front of a URL", "MacX", "\xf3\xa0\x80\x81" "file://a", 0, 512, 512, 1024, IP_CANNOT_TELL},
    {"UTF-16", "W2ru", "a\0", 2, 512, 512, 1024, IP_TAKEN},
    {"UTF-16, absolute", "W2ku", "a\0", 2, 512, 512, 1024, IP_TAKEN},
    {"UTF-16, the last of ASCII", "W2ru", "\x7f\0", 2, 512, 512, 1024, IP_TAKEN},
    {"UTF-16, one more", "W2ru", "\x80\0", 2, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, the high byte", "W2ru", "a\x01", 2, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, a byte order mark", "W2ru", "\xff\xfe" "a\0", 4, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, cut in a character", "W2ru", "a\0b", 3, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, a NUL inside", "W2ru", "a\0\0\0b\0", 6, 512, 512, 1024, IP_TAKEN},
    {"UTF-16, not ASCII behind a NUL", "W2ru", "a\0\0\0b\x01", 6, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, the least tag", "W2ru", "\x40\xdb\x00\xdc", 4, 512, 512, 1024, IP_CANNOT_TELL},
    {"UTF-16, the most tag", "W2ru", "\x40\xdb\x7f\xdc", 4, 512, 512, 1024, IP_CANNOT_TELL},
    {"UTF-16, one more", "W2ru", "\x40\xdb\x80\xdc", 4, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, another high surrogate", "W2ru", "\x41\xdb\x00\xdc", 4, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, half a tag", "W2ru", "\x40\xdb", 2, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, half a tag and a letter", "W2ru", "\x40\xdb" "a\0", 4, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, a tag, and not ASCII", "W2ru", "\x40\xdb\x00\xdc\x80\0", 6, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, empty", "W2ru", "", 0, 512, 512, 1024, IP_TAKEN},
    {"bytes", "Wi2r", "a", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"bytes, absolute", "Wi2k", "a", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"an alias", "Mac ", "a", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"the header's name", "header", "a\0", 2, 512, 512, 1024, IP_PASSED_OVER},
    {"no type", NULL, "a", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"no room", "MacX", "file://a", 0, 512, 0, 1024, IP_PASSED_OVER},
    {"room of 2 GiB", "MacX", "file://a", 0, 512, 0x80000000, UINT64_C(1) << 40, IP_PASSED_OVER},
    {"room of less", "MacX", "file://a", 0, 512, 0x7ffffe00, UINT64_C(1) << 40, IP_TAKEN},
    {"room up to the end", "MacX", "file://a", 0, 512, 1024, 1536, IP_TAKEN},
    {"room beyond the end", "MacX", "file://a", 0, 512, 1024, 1535, IP_PASSED_OVER},
    {"room beyond all", "MacX", "file://a", 0, UINT64_MAX - 511, 512, UINT64_MAX, IP_PASSED_OVER},
    {"as long as the room", "MacX", "file://abcd", 11, 512, 11, 1024, IP_TAKEN},
    {"longer than the room", "MacX", "file://abcd", 11, 512, 10, 1024, IP_CANNOT_TELL},
    {"at no multiple of 512", "MacX", "file://a", 0, 513, 16, 1024, IP_CANNOT_TELL},
    {"no multiple of 512, and not ASCII", "MacX", "file://\xff", 0, 513, 16, 1024, IP_PASSED_OVER},
};

static const struct {
    const char *name, *clean, *real;
    enum ip_beside beside;
    const char *mapper;
} places[] = {
    {"/a/b", "/a/b", "/a/b", IP_BESIDE_REAL, NULL},
    {"//a/./b//", "/a/b", NULL, IP_BESIDE_REAL, NULL},
    {"/a/../b", "/b", NULL, IP_BESIDE_REAL, NULL},
    {"/../../b/..", "/", NULL, IP_BESIDE_REAL, NULL},
    {"/", "/", NULL, IP_BESIDE_REAL, NULL},
    {"/a/..b/...", "/a/..b/...", NULL, IP_BESIDE_REAL, NULL},
    {"/dev/mapper/x", "/dev/mapper/x", "/dev/dm-0", IP_BESIDE_NAME, NULL},
    {"/dev/mapper/../mapper/x", "/dev/mapper/x", "/dev/dm-0", IP_BESIDE_NAME, NULL},
    {"/dev/mapper/a/x", "/dev/mapper/a/x", "/dev/dm-0", IP_BESIDE_REAL, NULL},
    {"/dev/mapper", "/dev/mapper", NULL, IP_BESIDE_REAL, NULL},
    {"/dev/mapperx/x", "/dev/mapperx/x", NULL, IP_BESIDE_MAPPER, "/dev/mapper/mapperx-x"},
    {"/dev/group/volume", "/dev/group/volume", "/dev/dm-0", IP_BESIDE_MAPPER, "/dev/mapper/group-volume"},
    {"/dev/a-b/c--d", "/dev/a-b/c--d", NULL, IP_BESIDE_MAPPER, "/dev/mapper/a--b-c----d"},
    {"/dev/sda", "/dev/sda", "/dev/sda", IP_BESIDE_REAL, NULL},
    {"/dev", "/dev", NULL, IP_BESIDE_REAL, NULL},
    {"/devel/a/b", "/devel/a/b", NULL, IP_BESIDE_REAL, NULL},
    {"/dev/disk/by-id/x", "/dev/disk/by-id/x", "/dev/sda", IP_BESIDE_REAL, NULL},
    {"/dev/drbd/by-res/u/0", "/dev/drbd/by-res/u/0", "/dev/drbd1000", IP_BESIDE_NAME, NULL},
    {"/dev/drbd/by-res/u", "/dev/drbd/by-res/u", "/dev/drbd0", IP_BESIDE_NAME, NULL},
    {"/dev/drbd/by-res/u/0", "/dev/drbd/by-res/u/0", "/dev/drbd", IP_BESIDE_REAL, NULL},
    {"/dev/drbd/by-res/u/0", "/dev/drbd/by-res/u/0", "/dev/drbd1x", IP_BESIDE_REAL, NULL},
    {"/dev/drbd/by-res/u/0", "/dev/drbd/by-res/u/0", "/dev/dm-1", IP_BESIDE_REAL, NULL},
    {"/dev/drbd/by-res/u/0", "/dev/drbd/by-res/u/0", NULL, IP_BESIDE_REAL, NULL},
    {"/dev/drbd/by-disk/u/0", "/dev/drbd/by-disk/u/0", "/dev/drbd0", IP_BESIDE_REAL, NULL},
};
/* clang-format on */

static void test_takes(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < IP_COUNT(names); i++) {
        size_t length = names[i].length ? names[i].length : strlen(names[i].text);
        struct imgprobe_bytes text = {(const unsigned char *)names[i].text, length};
        struct imgprobe_image image = {.file_size = names[i].size};
        struct ip_reference own = {.room = names[i].room};
        const char *why = NULL;

        own.reference.stated.name = own.reference.stated.stored = text;
        own.reference.stated.cut = strlen(names[i].text);
        own.reference.stated.offset = names[i].offset;
        own.reference.stated.type = names[i].type;
        own.reference.stated.encoding = names[i].type && names[i].type[0] == 'W' ? "UTF-16LE" : NULL;
        if (ip_libvhd_takes(&image, &own.reference, &why) != names[i].taking)
            fail_msg("%s: %s", names[i].what, why ? why : "taken");
    }
}

static struct imgprobe_bytes of(const char *text)
{
    return (struct imgprobe_bytes){(const unsigned char *)text, text ? strlen(text) : 0};
}

static void test_places(void **state)
{
    unsigned char text[128];
    size_t i, length;

    (void)state;
    for (i = 0; i < IP_COUNT(places); i++) {
        length = ip_libvhd_clean(of(places[i].name), text);
        assert_true(length <= strlen(places[i].name));
        assert_int_equal(length, strlen(places[i].clean));
        assert_memory_equal(text, places[i].clean, length);
        if (ip_libvhd_beside(of(places[i].clean), of(places[i].real)) != places[i].beside)
            fail_msg("beside %s", places[i].name);
        if (!places[i].mapper)
            continue;
        length = ip_libvhd_mapper(of(places[i].clean), text);
        assert_true(length <= 2 * strlen(places[i].clean) + IP_LIBVHD_MAPPER);
        assert_int_equal(length, strlen(places[i].mapper));
        assert_memory_equal(text, places[i].mapper, length);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        {"which names libvhd takes", test_takes, NULL, NULL, NULL},
        {"beside which name of the image they stand", test_places, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("libvhd", tests, NULL, NULL);
}
