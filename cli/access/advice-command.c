/* SPDX-License-Identifier: MIT */
/*
 * What was given on the command line is repeated in words that can be pasted: values in their order, then the rest.
 */
#include "access/advice-command.h"
#include "input/input.h"
#include "output/readers.h"
#include "output/shell.h"
#include "output/text.h"

#include <string.h>

static bool is_among(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

void advice_command(const struct answer *answer, const char *const *without, const char *added, FILE *stream)
{
    const struct options *options = answer->options;
    size_t i;

    fprintf(stream, "imgprobe access %s", added);
    for (i = 0; i < options->given_count; i++) {
        if (is_among(without, options->given[i].row->name))
            continue;
        fprintf(stream, " --%s ", options->given[i].row->name);
        shell_put(stream, text_bytes(options->given[i].value));
    }
    for (i = 0; i < option_row_count; i++)
        if ((options->flags >> i & 1) != 0 && !is_among(without, option_rows[i].name) &&
            strcmp(option_rows[i].name, "exec") != 0)
            fprintf(stream, " --%s", option_rows[i].name);
    fputs(input_is_path(answer->file) && answer->file[0] == '-' ? " ./" : " ", stream);
    shell_put(stream, text_bytes(answer->file));
    for (i = 0; options->exec && options->exec[i]; i++) {
        fputs(i == 0 ? " --exec " : " ", stream);
        shell_put(stream, text_bytes(options->exec[i]));
    }
    fputc('\n', stream);
}

void advice_versions(const struct answer *answer, FILE *stream)
{
    static const char *const old[] = {"reader", NULL};
    const struct imgprobe_reader_row *row;
    char added[64];
    size_t i = 0;

    while ((row = imgprobe_reader_at(i)) != NULL && row->reader != answer->options->reader)
        i++;
    for (i = row ? row->version_count : 0; i > 0; i--) {
        snprintf(added, sizeof(added), "--reader %s-%s", row->name, word_of_version(row->versions[i - 1]));
        advice_command(answer, old, added, stream);
    }
}
