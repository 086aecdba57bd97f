/* SPDX-License-Identifier: MIT */
/*
 * A line about one file for people. The name comes first, and then all that fits behind it.
 */
#include "output/failure.h"
#include "output/names.h"
#include "output/text.h"
#include "output/words.h"
#include "scan/scan.h"

static void put_image(const struct imgprobe_image *image, FILE *stream)
{
    const struct imgprobe_word *at;

    fprintf(stream, ": %s", image->format ? image->format->name : "unknown format");
    for (at = image->content; at; at = at->next)
        fprintf(stream, "%s%s", at == image->content ? " with " : ", ", at->name);
    if (image->error.status == IMGPROBE_OK && image->virtual_size != IMGPROBE_UNKNOWN) {
        fputs(", ", stream);
        text_put_size(stream, image->virtual_size);
    }
}

static void put_backing(const struct found *found, FILE *stream)
{
    if (!found->backing)
        return;
    fputs("; backing ", stream);
    text_quote(stream, name_of_reference(found->backing));
}

static void put_findings(const struct found *found, FILE *stream)
{
    const struct imgprobe_finding *at = NULL, *last = NULL;

    while ((at = scan_findings(found, at)) != NULL) {
        if (last && last->row == at->row && last->refused == at->refused && at->more == 0)
            continue;
        last = at;
        fprintf(stream, "; %s%s", at->refused ? "refused: " : "", at->row->id);
        if (at->more != 0)
            fprintf(stream, " and %llu more", (unsigned long long)at->more);
    }
}

static void put_error(const struct found *found, FILE *stream)
{
    char message[MESSAGE_SIZE];

    if (found->error.status == IMGPROBE_OK)
        return;
    imgprobe_error_text(&found->error, message, sizeof(message));
    fputs(found->chain ? "; " : ": ", stream);
    if (found->at) {
        fprintf(stream, "%s ", word_of_role(found->at->role));
        text_quote(stream, found->at->led.path.bytes && !found->at->led.protocol ? found->at->led.path
                                                                                 : name_of_reference(found->at));
        fputs(": ", stream);
    }
    text_put_string(stream, message);
}

static void put_text(const struct found *found, FILE *stream)
{
    if (found->scan->options->has_target)
        fputs("imgprobe: can't be told: ", stream);
    text_put_string(stream, found->name);
    if (found->chain) {
        put_image(found->chain->members->image, stream);
        put_backing(found, stream);
    }
    put_findings(found, stream);
    put_error(found, stream);
    fputc('\n', stream);
}

void scan_head(const struct options *options, FILE *stream)
{
    if (options->output == OUTPUT_CSV)
        scan_csv_head(stream);
}

void scan_line(const struct found *found, FILE *stream)
{
    if (found->scan->options->output == OUTPUT_NDJSON)
        scan_json(found, stream);
    else if (found->scan->options->output == OUTPUT_CSV)
        scan_csv(found, stream);
    else
        put_text(found, stream);
}
