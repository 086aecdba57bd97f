/* SPDX-License-Identifier: MIT */
/*
 * The findings for people, a line each, and the verdict behind them. Each line begins with FILE, so that it can be
 * told whose it is among those of others.
 */
#include "check/check.h"
#include "output/stats.h"
#include "output/text.h"
#include "output/failure.h"
#include "output/names.h"
#include "output/status.h"
#include "output/words.h"

#include <inttypes.h>
#include <string.h>

/* A file that can't be had stands first, and then the name by which it is missed. */
static void put_missing(const struct answer *answer, const struct imgprobe_finding *at, FILE *stream)
{
    fputc(' ', stream);
    text_quote(stream, at->reference->led.path);
    fprintf(stream, ", %s ", word_of_role(at->reference->role));
    text_quote(stream, name_of_reference(at->reference));
    fputs(" of ", stream);
    text_quote(stream, name_of_member(answer->file, at->member));
}

static void put_place(const struct answer *answer, const struct imgprobe_finding *at, FILE *stream)
{
    if (at->reference && at->reference == answer->chain->at &&
        name_is_of_reference(&answer->chain->error, at->reference) && at->offset == IMGPROBE_UNKNOWN) {
        put_missing(answer, at, stream);
        return;
    }
    if (at->member->index != 0) {
        fputs(" in ", stream);
        text_quote(stream, name_of_member(answer->file, at->member));
    }
    if (at->offset != IMGPROBE_UNKNOWN)
        fprintf(stream, " at byte %" PRIu64, at->offset);
    if (at->reference) {
        fprintf(stream, ", %s ", word_of_role(at->reference->role));
        text_quote(stream, name_of_reference(at->reference));
    }
}

#define ROWS_MOST 256

/* Whether this is the first finding of its row. */
static bool is_new(bool seen[ROWS_MOST], const struct imgprobe_finding_row *row)
{
    const struct imgprobe_finding_row *at;
    bool was;
    size_t i = 0;

    while (i + 1 < ROWS_MOST && (at = imgprobe_finding_at(i)) != NULL && at != row)
        i++;
    was = seen[i];
    seen[i] = true;
    return !was;
}

/* An explanation is said once for a FILE. Some messages are the explanation, word for word. */
static void put_remark(const struct answer *answer, const struct imgprobe_finding *at, bool seen[ROWS_MOST],
                       FILE *stream)
{
    bool explains = is_new(seen, at->row), own = strcmp(at->message, at->row->explanation) != 0;

    text_put(stream, text_bytes(answer->file));
    fprintf(stream, ": %-7s  %-7s  %s", at->refused ? "refused" : "-", word_of_severity(at->row->severity),
            at->row->id);
    put_place(answer, at, stream);
    if (own) {
        fputs(": ", stream);
        text_put_string(stream, at->message);
    }
    if (explains) {
        fputs(own ? "; " : ": ", stream);
        text_put_string(stream, at->row->explanation);
    }
    text_put_more(stream, at->more);
    fputc('\n', stream);
}

static void put_format(const struct imgprobe_image *image, FILE *stream)
{
    const struct imgprobe_word *at;

    if (image->format)
        fprintf(stream, ", format %s (%s)", image->format->name, word_of_format_source(image->format_source));
    if (image->inside)
        fprintf(stream, " inside %s", image->inside->compression);
    for (at = image->content; at; at = at->next)
        fprintf(stream, "%s %s", at == image->content ? ", content" : ",", at->name);
}

/* This line comes after the findings, so that the outcome stands where the output ends. */
static void put_verdict(const struct answer *answer, FILE *stream)
{
    text_put(stream, text_bytes(answer->file));
    fprintf(stream, ": %s by policy %s", check_word(answer), check_policy(answer->options));
    if (!answer->options->policy)
        fputs(" (the default)", stream);
    if (answer->chain)
        put_format(answer->chain->members->image, stream);
    if (answer->verdict)
        fprintf(stream, ": %zu finding%s, %zu refused", answer->verdict->count,
                answer->verdict->count == 1 ? "" : "s", answer->verdict->refused);
    if (answer->status != STATUS_ANSWERED && !check_is_explained(answer)) {
        fputs(": ", stream);
        failure_put(answer, stream);
    }
    if (answer->stopped)
        fprintf(stream, ": stopped at byte %" PRIu64, answer->received);
    fputc('\n', stream);
}

int check_text(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_finding *at = answer->verdict ? answer->verdict->findings : NULL;
    bool seen[ROWS_MOST] = {false};

    for (; at; at = at->next)
        put_remark(answer, at, seen, stream);
    put_verdict(answer, stream);
    if (answer->options->stats && answer->chain)
        stats_text(answer->chain, answer->workspace, &answer->options->sandbox, stream);
    return answer->status;
}
