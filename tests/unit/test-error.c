/* SPDX-License-Identifier: MIT */
/* Errors as sentences, whole and cut, and every string of an error that may be missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "imgprobe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NO IMGPROBE_UNKNOWN
#define ERROR(verdict, of, at_field, says, at, is, from, to)                                                         \
    {                                                                                                                \
        .status = (verdict), .format = (of), .field = (at_field), .what = (says), .offset = (at), .found = (is),     \
        .least = (from), .most = (to)                                                                                \
    }

static const struct error_case {
    const char *name;
    struct imgprobe_error error;
    const char *text;
} cases[] = {
    /* clang-format off */
    {"ok", ERROR(IMGPROBE_OK, NULL, NULL, NULL, NO, NO, NO, NO), "ok"},
    {"not there yet", ERROR(IMGPROBE_NEED, NULL, NULL, NULL, NO, NO, NO, NO), "not there yet"},
    {"ambiguous", ERROR(IMGPROBE_AMBIGUOUS, NULL, NULL, NULL, NO, NO, NO, NO), "ambiguous"},
    {"truncated", ERROR(IMGPROBE_TRUNCATED, NULL, NULL, NULL, NO, NO, NO, NO), "truncated"},
    {"malformed", ERROR(IMGPROBE_MALFORMED, NULL, NULL, NULL, NO, NO, NO, NO), "malformed"},
    {"unsupported", ERROR(IMGPROBE_UNSUPPORTED, NULL, NULL, NULL, NO, NO, NO, NO), "unsupported"},
    {"over a limit", ERROR(IMGPROBE_LIMIT, NULL, NULL, NULL, NO, NO, NO, NO), "over a limit"},
    {"refused", ERROR(IMGPROBE_REFUSED, NULL, NULL, NULL, NO, NO, NO, NO), "refused"},
    {"system error", ERROR(IMGPROBE_SYSTEM, NULL, NULL, NULL, NO, NO, NO, NO), "system error"},
    {"usage", ERROR(IMGPROBE_USAGE, NULL, NULL, NULL, NO, NO, NO, NO), "usage"},
    {"a status that this version doesn't know", ERROR((enum imgprobe_status)10, NULL, NULL, NULL, NO, NO, NO, NO),
     "error"},
    {"a status out of all range", ERROR((enum imgprobe_status)-1, NULL, NULL, NULL, NO, NO, NO, NO), "error"},
    {"a value over its range", ERROR(IMGPROBE_MALFORMED, "qcow2", "cluster_bits", NULL, 20, 63, 9, 21),
     "qcow2 malformed: cluster_bits at byte 20 is 63, allowed 9 to 21"},
    {"one value alone is allowed", ERROR(IMGPROBE_MALFORMED, "vhd", "type", NULL, 60, 3, 2, 2),
     "vhd malformed: type at byte 60 is 3, allowed 2"},
    {"only 0 is allowed", ERROR(IMGPROBE_UNSUPPORTED, "vmdk", "flags", NULL, 40, 7, 0, 0),
     "vmdk unsupported: flags at byte 40 is 7, allowed 0"},
    {"a full workspace", ERROR(IMGPROBE_LIMIT, NULL, "workspace", NULL, NO, 4096, NO, NO),
     "over a limit: the workspace of 4096 bytes is full"},
    {"another trouble with the workspace", ERROR(IMGPROBE_USAGE, NULL, "workspace", NULL, NO, 4096, NO, NO),
     "usage: workspace is 4096"},
    {"a limit of the opener's own, of that name",
     ERROR(IMGPROBE_LIMIT, NULL, "workspace", "is too large", NO, NO, NO, NO),
     "over a limit: workspace: is too large"},
    {"a full workspace behind a format", ERROR(IMGPROBE_LIMIT, "qcow2", "workspace", NULL, NO, 0, NO, NO),
     "qcow2 over a limit: the workspace of 0 bytes is full"},
    {"a least value and no most", ERROR(IMGPROBE_MALFORMED, "qcow2", "header_length", NULL, 100, 72, 104, NO),
     "qcow2 malformed: header_length at byte 100 is 72, allowed 104 or more"},
    {"a most value and no least", ERROR(IMGPROBE_LIMIT, NULL, "name_bytes", NULL, NO, 5000, NO, 4095),
     "over a limit: name_bytes is 5000, allowed 4095 or less"},
    {"a limit", ERROR(IMGPROBE_LIMIT, NULL, "chain_depth", NULL, NO, 201, 0, 200),
     "over a limit: chain_depth is 201, allowed 0 to 200"},
    {"the file ends too soon", ERROR(IMGPROBE_TRUNCATED, "qcow2", "version", NULL, 4, 6, 8, NO),
     "qcow2 truncated: version at byte 4: the file has 6 bytes and needs at least 8"},
    {"the file has a byte", ERROR(IMGPROBE_TRUNCATED, "qcow2", "magic", NULL, 0, 1, 4, NO),
     "qcow2 truncated: magic at byte 0: the file has 1 byte and needs at least 4"},
    {"the file ends too soon, in words",
     ERROR(IMGPROBE_TRUNCATED, "vmdk", "footer", "it isn't there", 512, NO, NO, NO),
     "vmdk truncated: footer at byte 512: it isn't there"},
    {"numbers and words", ERROR(IMGPROBE_MALFORMED, "vhd", "checksum", "doesn't hold", 64, 1, 2, 2),
     "vhd malformed: checksum at byte 64 is 1, allowed 2: doesn't hold"},
    {"words alone", ERROR(IMGPROBE_SYSTEM, NULL, NULL, "is a FIFO", NO, NO, NO, NO), "system error: is a FIFO"},
    {"a format alone", ERROR(IMGPROBE_MALFORMED, "raw", NULL, NULL, NO, NO, NO, NO), "raw malformed"},
    {"an offset alone", ERROR(IMGPROBE_NEED, NULL, NULL, NULL, 4096, NO, NO, NO), "not there yet at byte 4096"},
    {"what isn't there yet", ERROR(IMGPROBE_NEED, NULL, "window", NULL, 4096, NO, 2048, NO),
     "not there yet: window at byte 4096"},
    {"the largest numbers",
     ERROR(IMGPROBE_MALFORMED, "vmdk", "capacity", NULL, UINT64_MAX - 1, UINT64_MAX - 1, UINT64_MAX - 2,
           UINT64_MAX - 1),
     "vmdk malformed: capacity at byte 18446744073709551614 is 18446744073709551614, allowed 18446744073709551613 to "
     "18446744073709551614"},
    {"a value that is all ones, as the image has it",
     {IMGPROBE_MALFORMED, "vmdk", "gdOffset", NULL, 56, UINT64_MAX, 0, 9, true},
     "vmdk malformed: gdOffset at byte 56 is 18446744073709551615, allowed 0 to 9"},
    {"all zeros", ERROR(IMGPROBE_MALFORMED, "qcow2", "l1_size", NULL, 0, 0, 1, 1),
     "qcow2 malformed: l1_size at byte 0 is 0, allowed 1"},
    /* clang-format on */
};

static void test_case(void **state)
{
    const struct error_case *c = *state;
    size_t length = strlen(c->text), size;

    for (size = 0; size < length + 3; size++) {
        char *text = malloc(size + 1);

        assert_non_null(text);
        memset(text, '~', size + 1);
        assert_int_equal(imgprobe_error_text(&c->error, text, size), length);
        assert_int_equal(text[size], '~');
        if (size > 0) {
            size_t written = size <= length ? size - 1 : length;

            assert_memory_equal(text, c->text, written);
            assert_int_equal(text[written], '\0');
        }
        free(text);
    }
    assert_int_equal(imgprobe_error_text(&c->error, NULL, 0), length);
}

int main(void)
{
    static struct CMUnitTest tests[COUNT(cases)];
    size_t i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(cases); i++)
        tests[i] = (struct CMUnitTest){cases[i].name, test_case, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    return _cmocka_run_group_tests("error", tests, COUNT(tests), NULL, NULL);
}
