/* SPDX-License-Identifier: MIT */
/* The readers' tables: what a format says of the driver that decodes it, the other drivers, words, and versions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "json/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ENCRYPT "encrypt{format=|aes|luks| key-secret }"
#define OVERLAP "|none|constant|cached|all|"

/* What each format says of its driver: its keys with their words and their own keys. */
static const struct {
    const char *driver, *keys;
    bool compresses;
} drivers[] = {
    {"qcow2",
     "file backing data-file " ENCRYPT " lazy-refcounts=compat 0.10 pass-discard-request pass-discard-snapshot "
     "pass-discard-other discard-no-unref=compat 0.10 "
     "overlap-check=" OVERLAP " overlap-check{template=" OVERLAP " main-header active-l1 active-l2 refcount-table "
     "refcount-block snapshot-table inactive-l1 inactive-l2 bitmap-directory } cache-size "
     "l2-cache-size=cache-size "
     "refcount-cache-size=cache-size cache-clean-interval ",
     true},
    {"qcow", "file backing " ENCRYPT " ", true},
    {"vmdk", "file backing ", true},
    {"qed", "file backing ", false},
    {"parallels", "file backing ", false},
    {"luks", "file key-secret header ", false},
    {"raw", "file offset size ", false},
    {"vpc", "file ", false},
    {"vhdx", "file ", false},
    {"vdi", "file ", false},
    {"bochs", "file ", false},
    {"cloop", "file ", false},
    {"dmg", "file ", false},
};

static size_t put_keys(const struct key *key, char *to, size_t size)
{
    size_t length = 0;

    for (; key->name; key++) {
        length += (size_t)snprintf(to + length, size - length, "%s%s%s", key->name, key->words ? "=" : "",
                                   key->words ? key->words : "");
        if (key->group) {
            length += (size_t)snprintf(to + length, size - length, "{");
            length += put_keys(key->group, to + length, size - length);
            length += (size_t)snprintf(to + length, size - length, "}");
        }
        length += (size_t)snprintf(to + length, size - length, " ");
    }
    return length;
}

/* A format without a row has the one file beneath it, and no more to say. */
static void check_driver(const struct format *format)
{
    const char *name = format->driver.name, *wanted = "file ";
    bool compresses = false;
    char keys[1024];
    size_t i;

    for (i = 0; i < COUNT(drivers); i++) {
        if (strcmp(drivers[i].driver, name) != 0)
            continue;
        wanted = drivers[i].keys;
        compresses = drivers[i].compresses;
    }
    assert_ptr_equal(ip_driver(ip_string(name)), &format->driver);
    assert_int_equal(format->driver.class, strcmp(name, "raw") == 0 ? DRIVER_RAW : DRIVER_FORMAT);
    assert_false(format->driver.many);
    put_keys(format->driver.keys, keys, sizeof keys);
    assert_string_equal(keys, wanted);
    assert_int_equal(format->compresses, compresses);
}

static void test_drivers_of_formats(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(drivers); i++)
        assert_non_null(ip_format_named(ip_string(drivers[i].driver)));
    for (i = 0; i < ip_registry_count; i++)
        if (ip_registry[i]->row.qemu_name)
            check_driver(ip_registry[i]);
        else
            assert_null(ip_registry[i]->driver.name);
    assert_null(ip_driver(ip_string("cow")));
}

/* Which create types are of one file: those of VMDK, by its own word. */
static void test_create_types_of_one_file(void **state)
{
    const struct format *vmdk = ip_format_of(imgprobe_format_named("vmdk"));

    (void)state;
    assert_string_equal(vmdk->one_file[0], "monolithicSparse");
    assert_string_equal(vmdk->one_file[1], "streamOptimized");
    assert_null(vmdk->one_file[2]);
    assert_null(ip_format_of(imgprobe_format_named("qcow2"))->one_file);
    assert_null(ip_format_of(NULL));
}

/* Each word before a colon chooses a driver that there is; json: alone chooses none. */
static void test_words(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < ip_protocol_words_count; i++) {
        const struct protocol_word *word = &ip_protocol_words[i];

        if (!word->driver)
            assert_string_equal(word->word, "json");
        else if (!ip_driver(ip_string(word->driver)))
            fail_msg("%s chooses %s, which is no driver", word->word, word->driver);
    }
}

/* Drivers through the public call: formats' first, and each name once. */
static void test_public_rows(void **state)
{
    struct imgprobe_driver driver = {.struct_size = sizeof driver}, other = driver;
    size_t i, j, formats = 0, registered = 0;

    (void)state;
    for (i = 0; i < ip_registry_count; i++)
        registered += ip_registry[i]->row.qemu_name != NULL; /* what QEMU has no driver for isn't listed */
    for (i = 0; imgprobe_driver_at(i, &driver); i++) {
        assert_true(driver.name[0] != '\0' && driver.why[0] != '\0');
        assert_int_equal(driver.struct_size, sizeof driver);
        formats += driver.format != NULL;
        if (driver.format) {
            assert_int_equal(formats, i + 1);
            assert_int_equal(driver.tier, driver.format->tier);
        }
        assert_true(driver.until == 0 || !driver.followed);
        for (j = 0; j < i && imgprobe_driver_at(j, &other); j++)
            assert_string_not_equal(driver.name, other.name);
    }
    assert_int_equal(formats, registered);
    assert_int_equal(i, registered + ip_drivers_count);
    assert_false(imgprobe_driver_at(i, &driver));
    assert_false(imgprobe_driver_at(0, NULL));
    driver.struct_size--;
    assert_false(imgprobe_driver_at(0, &driver));
}

static const struct {
    unsigned version;
    bool known;
    struct ip_versions versions;
} asked[] = {
    {0, true, {0x702, 0xb01}},     {0x702, true, {0x702, 0x702}}, {0x800, true, {0x702, 0x702}},
    {0x902, true, {0x702, 0x702}}, {0xa00, true, {0xa00, 0xa00}}, {0xa02, true, {0xa00, 0xa00}},
    {0xb00, true, {0xa00, 0xa00}}, {0xb01, true, {0xb01, 0xb01}}, {0x701, false, {0, 0}},
    {0xb02, false, {0, 0}},        {0x803, false, {0, 0}},        {1, false, {0, 0}},
};

/* A version between two that were compared follows the older. Of others nothing is known. */
static void test_versions(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(asked); i++) {
        struct ip_versions versions = {0, 0};

        assert_int_equal(ip_reader_versions(IMGPROBE_READER_QEMU, asked[i].version, &versions), asked[i].known);
        assert_int_equal(versions.first, asked[i].versions.first);
        assert_int_equal(imgprobe_reader_version(IMGPROBE_READER_QEMU, asked[i].version),
                         asked[i].version ? versions.first : 0);
        assert_int_equal(versions.last, asked[i].versions.last);
    }
    assert_false(ip_reader_versions(IMGPROBE_READER_XEN, 0x702, &(struct ip_versions){0, 0}));
    assert_int_equal(imgprobe_reader_version((enum imgprobe_reader)99, 0x702), 0);
    assert_true(ip_reader_versions(IMGPROBE_READER_XEN, 0, &(struct ip_versions){0, 0}));
    assert_true(ip_reader_versions(IMGPROBE_READER_IMAGO, 0, &(struct ip_versions){0, 0}));
    assert_true(ip_reader_versions(IMGPROBE_READER_IMAGO, 2, &(struct ip_versions){0, 0}));
    assert_false(ip_reader_versions(IMGPROBE_READER_IMAGO, 1, &(struct ip_versions){0, 0}));
    assert_false(ip_reader_versions(IMGPROBE_READER_IMAGO, 0xa00, &(struct ip_versions){0, 0}));
}

static void test_opens(void **state)
{
    (void)state;
    assert_true(ip_reader_opens(IMGPROBE_READER_QEMU, "vhdx"));
    assert_true(ip_reader_opens(IMGPROBE_READER_XEN, "qcow2"));
    assert_true(ip_reader_opens(IMGPROBE_READER_IMAGO, "qcow2"));
    assert_true(ip_reader_opens(IMGPROBE_READER_IMAGO, "raw"));
    assert_false(ip_reader_opens(IMGPROBE_READER_IMAGO, "qcow"));
    assert_true(ip_reader_opens(IMGPROBE_READER_IMAGO, "vmdk"));
}

static const struct {
    struct ip_when when;
    struct ip_versions versions;
    enum ip_have have;
} dated[] = {
    {{0, 0}, {0x702, 0xb01}, IP_ALL_HAVE},         {{0x801, 0}, {0x702, 0xb01}, IP_SOME_HAVE},
    {{0x801, 0}, {0x702, 0x702}, IP_NONE_HAS},     {{0x801, 0}, {0xa00, 0xa00}, IP_ALL_HAVE},
    {{0xa00, 0}, {0xa00, 0xb01}, IP_ALL_HAVE},     {{0, 0x600}, {0x702, 0xb01}, IP_NONE_HAS},
    {{0, 0xa00}, {0x702, 0xb01}, IP_SOME_HAVE},    {{0, 0xa00}, {0x702, 0x702}, IP_ALL_HAVE},
    {{0, 0xa00}, {0xa00, 0xb01}, IP_NONE_HAS},     {{0x800, 0xa00}, {0x702, 0xb01}, IP_SOME_HAVE},
    {{0x800, 0xb00}, {0xa00, 0xa00}, IP_ALL_HAVE},
};

static void test_have(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(dated); i++)
        assert_int_equal(ip_have(dated[i].versions, dated[i].when), dated[i].have);
}

/* The sentence lists the versions on each side. */
static void test_differ(void **state)
{
    static _Alignas(max_align_t) unsigned char memory[4096];
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = memory, .size = sizeof memory};
    struct imgprobe_error error;
    const char *text = NULL;

    (void)state;
    ip_workspace_begin(&w);
    assert_int_equal(ip_versions_differ(&w, (struct ip_versions){0x702, 0xb01}, (struct ip_when){0x801, 0},
                                        "it is so", &text, &error),
                     IMGPROBE_OK);
    assert_string_equal(text, "it is so: in 10.0, 11.1, and not in 7.2");
    w.size = IP_FIRST_RESULT;
    ip_workspace_begin(&w);
    assert_int_equal(ip_versions_differ(&w, (struct ip_versions){0x702, 0xb01}, (struct ip_when){0x801, 0},
                                        "it is so", &text, &error),
                     IMGPROBE_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drivers_of_formats),
        cmocka_unit_test(test_create_types_of_one_file),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_public_rows),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_opens),
        cmocka_unit_test(test_have),
        cmocka_unit_test(test_differ),
    };

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
