/* SPDX-License-Identifier: MIT */
#include "output/readers.h"
#include "output/text.h"
#include "output/words.h"

#include <stdio.h>

const char *word_of_version(unsigned version)
{
    static char word[24];
    char *minor = text_number(word + sizeof(word) - 1, version % 256);

    *--minor = '.';
    return text_number(minor, version / 256);
}

static const struct imgprobe_reader_row *row_of(const struct options *options)
{
    const struct imgprobe_reader_row *row;
    size_t i;

    for (i = 0; (row = imgprobe_reader_at(i)) != NULL && row->reader != options->reader; i++)
        ;
    return row;
}

void readers_text(const struct options *options, FILE *stream)
{
    const unsigned as = imgprobe_reader_version(options->reader, options->version);

    fputs(word_of_reader(options->reader), stream);
    if (options->version == 0)
        return;
    fprintf(stream, " %s", word_of_version(options->version));
    if (as != options->version)
        fprintf(stream, ", answered as %s", word_of_version(as));
}

void readers_json(const struct options *options, struct json *json)
{
    const struct imgprobe_reader_row *row = row_of(options);
    const unsigned as = imgprobe_reader_version(options->reader, options->version);
    size_t i;

    json_string(json, "reader", word_of_reader(options->reader));
    json_open(json, "reader-versions", '[');
    for (i = 0; row && i < row->version_count; i++) {
        if (options->version == 0 || row->versions[i] == as)
            json_string(json, NULL, word_of_version(row->versions[i]));
    }
    json_close(json);
    if (as != options->version)
        json_string(json, "reader-version-asked", word_of_version(options->version));
}
