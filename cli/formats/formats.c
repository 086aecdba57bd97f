/* SPDX-License-Identifier: MIT */
/*
 * imgprobe formats: the rows of the table of formats.
 */
#include "formats/formats.h"
#include "output/json.h"
#include "output/text.h"
#include "output/words.h"

#include <inttypes.h>
#include <stdio.h>

static void print_json(void)
{
    const struct imgprobe_format *format;
    struct json json;
    size_t i;

    json_start(&json, stdout, false);
    json_open(&json, NULL, '[');
    for (i = 0; (format = imgprobe_format_at(i)) != NULL; i++) {
        json_open(&json, NULL, '{');
        json_string(&json, "name", format->name);
        json_string(&json, "qemu-name", format->qemu_name);
        json_string(&json, "tier", word_of_tier(format->tier));
        json_bool(&json, "decoded", format->decoded);
        json_bool(&json, "compiled", format->compiled);
        json_number(&json, "reads", format->reads);
        json_number(&json, "bytes", format->bytes);
        json_string(&json, "why", format->why);
        json_string(&json, "deprecated", format->deprecated);
        json_string(&json, "deprecated-use", format->deprecated_use);
        json_close(&json);
    }
    json_close(&json);
    json_finish(&json);
}

/* A build may leave a format out (-Dformats=...): it is recognised all the same, and never taken for raw. */
static const char *decoded(const struct imgprobe_format *format)
{
    if (!format->compiled)
        return "left out";
    return format->decoded ? "yes" : "no";
}

static void print_human(void)
{
    const struct imgprobe_format *format;
    size_t i;

    printf("%-14s %-10s %-9s %-8s %5s %6s  %s\n", "FORMAT", "QEMU", "TIER", "DECODED", "READS", "BYTES", "WHY");
    for (i = 0; (format = imgprobe_format_at(i)) != NULL; i++) {
        printf("%-14s %-10s %-9s %-8s %5u %6" PRIu64 "  %s", format->name,
               format->qemu_name ? format->qemu_name : "-", word_of_tier(format->tier), decoded(format),
               format->reads, format->bytes, format->why ? format->why : "");
        if (format->deprecated)
            printf(" (deprecated: %s)", format->deprecated);
        if (format->deprecated_use)
            printf(" (deprecated: %s)", format->deprecated_use);
        putchar('\n');
    }
}

static void list(const struct options *options)
{
    if (options->listing == LISTING_DRIVERS)
        formats_drivers(options);
    else if (options->listing == LISTING_READERS)
        formats_readers(options);
    else if (options->output == OUTPUT_JSON)
        print_json();
    else
        print_human();
}

const struct command command_formats = {
    .name = "formats",
    .bit = COMMAND_FORMATS,
    .summary = "the formats that are known, and how far each is trusted",
    .list = list,
};
