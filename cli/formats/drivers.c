/* SPDX-License-Identifier: MIT */
#include "formats/formats.h"
#include "output/json.h"
#include "output/readers.h"
#include "output/words.h"

#include <stdio.h>

static const char *sort_of(const struct imgprobe_driver *driver)
{
    if (driver->format)
        return "format";
    return driver->filter ? "filter" : "protocol";
}

/* Words between commas, in static memory that the next call overwrites. "-": nothing but the nodes beneath it. */
static const char *reached(const struct imgprobe_driver *driver)
{
    static char words[96];
    size_t length = 0;
    unsigned kind;

    snprintf(words, sizeof(words), "-");
    for (kind = IMGPROBE_KIND_FILE; kind <= IMGPROBE_KIND_SPECIAL && length < sizeof(words); kind++) {
        if (driver->reaches & 1u << kind)
            length += (size_t)snprintf(words + length, sizeof(words) - length, "%s%s", length ? "," : "",
                                       word_of_kind((enum imgprobe_kind)kind));
    }
    return words;
}

static const char *dated(unsigned version)
{
    return version ? word_of_version(version) : NULL;
}

static void print_json(void)
{
    struct imgprobe_driver driver = {.struct_size = sizeof(driver)};
    struct json json;
    unsigned kind;
    size_t i;

    json_start(&json, stdout, false);
    json_open(&json, NULL, '[');
    for (i = 0; imgprobe_driver_at(i, &driver); i++) {
        json_open(&json, NULL, '{');
        json_string(&json, "name", driver.name);
        json_string(&json, "sort", sort_of(&driver));
        json_string(&json, "tier", word_of_tier(driver.tier));
        json_open(&json, "reaches", '[');
        for (kind = IMGPROBE_KIND_FILE; kind <= IMGPROBE_KIND_SPECIAL; kind++) {
            if (driver.reaches & 1u << kind)
                json_string(&json, NULL, word_of_kind((enum imgprobe_kind)kind));
        }
        json_close(&json);
        json_bool(&json, "followed", driver.followed);
        json_string(&json, "since", dated(driver.since));
        json_string(&json, "until", dated(driver.until));
        json_string(&json, "deprecated", dated(driver.deprecated));
        json_string(&json, "why", driver.why);
        json_close(&json);
    }
    json_close(&json);
    json_finish(&json);
}

static void print_human(void)
{
    struct imgprobe_driver driver = {.struct_size = sizeof(driver)};
    size_t i;

    printf("%-22s %-9s %-9s %-9s %-20s  %s\n", "DRIVER", "SORT", "TIER", "FOLLOWED", "REACHES", "WHY");
    for (i = 0; imgprobe_driver_at(i, &driver); i++) {
        printf("%-22s %-9s %-9s %-9s %-20s  %s", driver.name, sort_of(&driver), word_of_tier(driver.tier),
               driver.followed ? "yes" : "no", reached(&driver), driver.why ? driver.why : "");
        if (driver.since)
            printf(" (since %s)", word_of_version(driver.since));
        if (driver.until)
            printf(" (gone since %s)", word_of_version(driver.until));
        if (driver.deprecated)
            printf(" (deprecated since %s)", word_of_version(driver.deprecated));
        putchar('\n');
    }
}

void formats_drivers(const struct options *options)
{
    if (options->output == OUTPUT_JSON)
        print_json();
    else
        print_human();
}
