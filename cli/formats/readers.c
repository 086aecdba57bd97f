/* SPDX-License-Identifier: MIT */
#include "formats/formats.h"
#include "output/json.h"
#include "output/readers.h"

#include <stdio.h>

static void print_json(void)
{
    const struct imgprobe_reader_row *row;
    struct json json;
    size_t i, j;

    json_start(&json, stdout, false);
    json_open(&json, NULL, '[');
    for (i = 0; (row = imgprobe_reader_at(i)) != NULL; i++) {
        json_open(&json, NULL, '{');
        json_string(&json, "name", row->name);
        json_string(&json, "what", row->what);
        json_open(&json, "versions", '[');
        for (j = 0; j < row->version_count; j++)
            json_string(&json, NULL, word_of_version(row->versions[j]));
        json_close(&json);
        json_string(&json, "compared-with", row->compared);
        json_close(&json);
    }
    json_close(&json);
    json_finish(&json);
}

static void print_human(void)
{
    const struct imgprobe_reader_row *row;
    size_t i, j;

    for (i = 0; (row = imgprobe_reader_at(i)) != NULL; i++) {
        printf("%s: %s\n", row->name, row->what);
        if (row->version_count > 0) {
            fputs("  versions compared:", stdout);
            for (j = 0; j < row->version_count; j++)
                printf(" %s", word_of_version(row->versions[j]));
            putchar('\n');
        }
        if (row->version_count > 1) {
            printf("  %s stands for all of them; %s-MAJOR.MINOR for one, and between two compared ones for the "
                   "older\n",
                   row->name, row->name);
        }
        printf("  compared with: %s\n", row->compared);
    }
}

void formats_readers(const struct options *options)
{
    if (options->output == OUTPUT_JSON)
        print_json();
    else
        print_human();
}
