/* SPDX-License-Identifier: MIT */
/*
 * imgprobe formats: the rows of the table of formats.
 */
#include "json.h"
#include "options.h"
#include "text.h"
#include "words.h"

#include <stdio.h>

static void print_json(void)
{
    const struct imgprobe_format *format;
    struct json json;

    json_start(&json, stdout, false);
    json_open(&json, NULL, '[');
    for (size_t i = 0; (format = imgprobe_format_at(i)) != NULL; i++) {
        json_open(&json, NULL, '{');
        json_string(&json, "name", format->name);
        json_string(&json, "qemu-name", format->qemu_name);
        json_string(&json, "tier", word_of_tier(format->tier));
        json_bool(&json, "decoded", format->decoded);
        json_string(&json, "why", format->why);
        json_string(&json, "deprecated", format->deprecated);
        json_close(&json);
    }
    json_close(&json);
    json_finish(&json);
}

static void print_human(void)
{
    const struct imgprobe_format *format;

    printf("%-12s %-12s %-9s %-8s %s\n", "FORMAT", "QEMU", "TIER", "DECODED", "WHY");
    for (size_t i = 0; (format = imgprobe_format_at(i)) != NULL; i++) {
        printf("%-12s %-12s %-9s %-8s %s", format->name, format->qemu_name == NULL ? "-" : format->qemu_name,
               word_of_tier(format->tier), format->decoded ? "yes" : "no", format->why == NULL ? "" : format->why);
        if (format->deprecated != NULL)
            printf(" (deprecated: %s)", format->deprecated);
        putchar('\n');
    }
}

int run_formats(const struct command *self, int argc, char **argv)
{
    struct options options;
    int status;

    if (options_parse(&options, self, argc, argv, &status)) {
        status = STATUS_ANSWERED;
        if (options.output == OUTPUT_JSON)
            print_json();
        else
            print_human();
    }
    options_free(&options);
    return status;
}
