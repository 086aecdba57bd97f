/* SPDX-License-Identifier: MIT */
/*
 * The answer for people: a block for each image, its keys aligned at the colon.
 */
#include "info/info.h"
#include "output/layers.h"
#include "output/text.h"
#include "output/tree.h"
#include "output/failure.h"
#include "output/names.h"
#include "output/words.h"

#include <inttypes.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

#define KEY_WIDTH 20
#define BOLD "1"
#define RED "31"

/* Colour repeats what the words say, and only to a terminal whose user hasn't said otherwise (no-color.org). */
static void paint(FILE *stream, const char *colour, struct imgprobe_bytes bytes)
{
    const char *refused = getenv("NO_COLOR");
    bool colourful = (refused == NULL || refused[0] == '\0') && isatty(fileno(stream));

    if (colourful)
        fprintf(stream, "\033[%sm", colour);
    text_put(stream, bytes);
    if (colourful)
        fputs("\033[0m", stream);
}

/* Keys may come out of an image's attributes, so they are escaped like values. */
static void put_key(FILE *stream, const char *key)
{
    int length = 0;

    while (key[length] != '\0')
        length++;
    fprintf(stream, "%*s", length < KEY_WIDTH ? KEY_WIDTH - length : 0, "");
    text_put_string(stream, key);
    fputs(": ", stream);
}

static void put_word(FILE *stream, const char *key, const char *value)
{
    if (!value)
        return;
    put_key(stream, key);
    text_put_string(stream, value);
    fputc('\n', stream);
}

static void put_size(FILE *stream, const char *key, uint64_t size)
{
    if (size == IMGPROBE_UNKNOWN)
        return;
    put_key(stream, key);
    text_put_size(stream, size);
    fputc('\n', stream);
}

static void put_flag(FILE *stream, const char *key, bool value)
{
    if (value)
        put_word(stream, key, "yes");
}

static void put_status(const struct imgprobe_error *error, FILE *stream)
{
    char message[MESSAGE_SIZE];

    if (error->status == IMGPROBE_OK)
        return;
    imgprobe_error_text(error, message, sizeof(message));
    put_key(stream, "status");
    paint(stream, RED, text_bytes(message));
    fputc('\n', stream);
}

static void put_format(const struct imgprobe_image *image, FILE *stream)
{
    const struct imgprobe_word *content;
    const struct imgprobe_word *at;

    if (!image->format) {
        put_word(stream, "format", "unknown");
        return;
    }
    put_key(stream, "format");
    fprintf(stream, "%s (%s)\n", image->format->name, word_of_format_source(image->format_source));
    put_word(stream, "variant", image->variant);
    put_word(stream, "tier", word_of_tier(image->format->tier));
    put_word(stream, "deprecated", image->format->deprecated);
    for (at = image->also_matches; at; at = at->next)
        put_word(stream, "also matches", at->name);
    for (content = image->content; content; content = content->next)
        put_word(stream, "content", content->name);
}

/* Sizes that the header gives are shown only where it was understood. Those of the file hold always. */
static void put_sizes(const struct imgprobe_member *member, FILE *stream)
{
    const struct imgprobe_image *image = member->image;

    if (image->error.status == IMGPROBE_OK) {
        put_size(stream, "virtual size", image->virtual_size);
        if (image->virtual_size == IMGPROBE_UNKNOWN)
            put_word(stream, "virtual size", "unknown: it is that of extents that weren't read");
    }
    put_size(stream, "file size", image->file_size);
    if (!image->inside)
        put_size(stream, "disk size", member->allocated);
    if (image->error.status == IMGPROBE_OK && image->cluster_size != 0)
        put_size(stream, "cluster size", image->cluster_size);
}

static void put_attributes(const struct imgprobe_image *image, FILE *stream)
{
    const struct imgprobe_attribute *at;

    for (at = image->attributes; at; at = at->next) {
        if (strstr(at->name, "[]")) /* a list is for programs: it would push the rest off the screen */
            continue;
        put_key(stream, at->name);
        if (at->type == IMGPROBE_BOOL)
            fputs(at->number != 0 ? "yes" : "no", stream);
        else if (at->type == IMGPROBE_NUMBER)
            fprintf(stream, "%" PRIu64, at->number);
        else
            text_put(stream, text_of_attribute(image, at));
        fputc('\n', stream);
    }
}

static void put_findings(const struct imgprobe_image *image, FILE *stream)
{
    const struct imgprobe_finding *at;

    for (at = image->findings; at; at = at->next) {
        const char *severity = word_of_severity(at->row->severity);

        put_key(stream, "finding");
        if (at->row->severity == IMGPROBE_DANGER)
            paint(stream, RED, text_bytes(severity));
        else
            fputs(severity, stream);
        fprintf(stream, ": %s", at->row->id);
        if (at->offset != IMGPROBE_UNKNOWN)
            fprintf(stream, " at byte %" PRIu64, at->offset);
        fputs(": ", stream);
        text_put_string(stream, at->message);
        text_put_more(stream, at->more);
        fputc('\n', stream);
    }
}

static void put_stats(const struct answer *answer, const struct imgprobe_member *member, FILE *stream)
{
    put_key(stream, "read");
    fprintf(stream, "%" PRIu64 " bytes in %" PRIu64 " reads\n", member->image->bytes, member->image->reads);
    if (member->index == 0) {
        put_key(stream, "workspace");
        fprintf(stream, "%zu bytes\n", answer->workspace);
        put_key(stream, "sandbox");
        layers_text(&answer->options->sandbox, stream);
        fputc('\n', stream);
    }
}

static void put_references_state(const struct imgprobe_image *image, FILE *stream)
{
    switch (image->references_state) {
    case IMGPROBE_REFERENCES_NONE:
        put_word(stream, "references", "none");
        break;
    case IMGPROBE_REFERENCES_KNOWN:
        put_word(stream, "references", "known");
        break;
    default:
        put_word(stream, "references", "can't be told, there may be others than these");
        break;
    }
}

static void put_described(const struct imgprobe_member *member, FILE *stream)
{
    const struct imgprobe_image *image = member->image;

    put_status(&image->error, stream);
    put_format(image, stream);
    put_sizes(member, stream);
    put_flag(stream, "encrypted", image->encrypted);
    put_flag(stream, "dirty", image->dirty);
    put_flag(stream, "compressed", image->compressed);
    put_attributes(image, stream);
    put_findings(image, stream);
}

static void put_image(const struct answer *answer, const struct imgprobe_member *member, FILE *stream)
{
    const struct imgprobe_image *image = member->image;

    put_key(stream, "image");
    paint(stream, BOLD, name_of_member(answer->file, member));
    fputc('\n', stream);
    put_described(member, stream);
    if (answer->options->stats)
        put_stats(answer, member, stream);
    put_references_state(image, stream);
}

/* A reader sees nothing of the image inside, until somebody has decompressed FILE. */
static void put_inside(const struct imgprobe_member *member, bool stats, FILE *stream)
{
    put_key(stream, "inside");
    fprintf(stream, "%s, what it claims to hold:\n", member->image->inside->compression);
    put_described(member, stream);
    if (stats) {
        put_key(stream, "read");
        fprintf(stream, "%" PRIu64 " bytes in %" PRIu64 " reads, and %" PRIu64 " inflated\n", member->image->bytes,
                member->image->reads, member->image->inside->inflated);
    }
    put_references_state(member->image, stream);
    info_list_member(member, stream);
}

static void put_members(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_member *at = answer->chain ? answer->chain->members : NULL;

    if (!at) {
        put_key(stream, "image");
        paint(stream, BOLD, text_bytes(answer->file));
        fputc('\n', stream);
        put_status(&answer->error, stream);
        return;
    }
    if (!answer->options->backing_chain) {
        put_image(answer, at, stream);
        info_list_member(at, stream);
        if (answer->inside)
            put_inside(answer->inside, answer->options->stats, stream);
        return;
    }
    for (; at && at->image; at = tree_base(answer->chain, at)) {
        put_image(answer, at, stream);
        fputc('\n', stream);
    }
    info_list(answer, stream);
    if (answer->inside)
        put_inside(answer->inside, answer->options->stats, stream);
}

int info_text(const struct answer *answer, FILE *stream)
{
    if (answer->file != answer->options->files[0])
        fputc('\n', stream);
    put_members(answer, stream);
    return answer->status;
}
