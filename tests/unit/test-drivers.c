/* SPDX-License-Identifier: MIT */
/* What a format says of the driver that decodes it, to whoever reads json: names. */
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
     "file backing data-file " ENCRYPT
     " lazy-refcounts pass-discard-request pass-discard-snapshot pass-discard-other "
     "overlap-check=" OVERLAP " overlap-check{template=" OVERLAP " main-header active-l1 active-l2 refcount-table "
     "refcount-block snapshot-table inactive-l1 inactive-l2 bitmap-directory } cache-size l2-cache-size "
     "refcount-cache-size cache-clean-interval ",
     true},
    {"qcow", "file backing " ENCRYPT " ", true},
    {"vmdk", "file backing ", true},
    {"qed", "file backing ", false},
    {"parallels", "file backing ", false},
    {"luks", "file key-secret ", false},
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
    assert_ptr_equal(ip_graph_driver(ip_string(name)), &format->driver);
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
        check_driver(ip_registry[i]);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drivers_of_formats),
        cmocka_unit_test(test_create_types_of_one_file),
    };

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
