/* SPDX-License-Identifier: MIT */
/*
 * A row about one file, as RFC 4180 has them, but for the ends of lines. Text is escaped as it is for people, so a
 * field never has two lines. Its first letter is escaped, too, where a spreadsheet would take it for a formula.
 */
#include "output/failure.h"
#include "output/names.h"
#include "output/text.h"
#include "output/words.h"
#include "scan/scan.h"

#include <inttypes.h>
#include <string.h>

void scan_csv_head(FILE *stream)
{
    fputs("filename,format,format-source,virtual-size,file-size,actual-size,backing,status,findings,refused,exit,"
          "message\n",
          stream);
}

/* A quote within quotes is doubled. */
static void put_quoted(FILE *stream, struct imgprobe_bytes text)
{
    size_t at = 0;

    fputc('"', stream);
    if (text.length != 0 && strchr("=+-@", text.bytes[0])) {
        fprintf(stream, "\\x%02x", text.bytes[0]);
        at = 1;
    }
    while (at < text.length) {
        const unsigned char *quote = memchr(text.bytes + at, '"', text.length - at);
        size_t end = quote ? (size_t)(quote - text.bytes) : text.length;

        text_put(stream, (struct imgprobe_bytes){.bytes = text.bytes + at, .length = end - at});
        if (quote)
            fputs("\"\"", stream);
        at = quote ? end + 1 : end;
    }
    fputc('"', stream);
}

static void put_number(FILE *stream, uint64_t number)
{
    if (number != IMGPROBE_UNKNOWN)
        fprintf(stream, "%" PRIu64, number);
    fputc(',', stream);
}

static void put_image(const struct found *found, FILE *stream)
{
    const struct imgprobe_image *image = found->chain ? found->chain->members->image : NULL;

    if (image && image->format)
        fprintf(stream, "%s,%s", image->format->name, word_of_format_source(image->format_source));
    else
        fputc(',', stream);
    fputc(',', stream);
    put_number(stream, image && image->error.status == IMGPROBE_OK ? image->virtual_size : IMGPROBE_UNKNOWN);
    put_number(stream, image ? image->file_size : IMGPROBE_UNKNOWN);
    put_number(stream, image ? found->opened->allocated : IMGPROBE_UNKNOWN);
    if (found->backing)
        put_quoted(stream, name_of_reference(found->backing));
    fputc(',', stream);
}

static void put_findings(const struct found *found, bool refused, FILE *stream)
{
    const struct imgprobe_finding *at = NULL, *last = NULL;
    bool any = false;

    while ((at = scan_findings(found, at)) != NULL) {
        if ((refused && !at->refused) || (last && last->row == at->row))
            continue;
        last = at;
        fprintf(stream, "%s%s", any ? " " : "", at->row->id);
        any = true;
    }
    fputc(',', stream);
}

void scan_csv(const struct found *found, FILE *stream)
{
    char message[MESSAGE_SIZE] = "";

    put_quoted(stream, text_bytes(found->name));
    fputc(',', stream);
    put_image(found, stream);
    fprintf(stream, "%s,", word_of_status(found->error.status));
    put_findings(found, false, stream);
    put_findings(found, true, stream);
    fprintf(stream, "%d,", found->status);
    if (found->error.status != IMGPROBE_OK)
        imgprobe_error_text(&found->error, message, sizeof(message));
    put_quoted(stream, text_bytes(message));
    fputc('\n', stream);
}
