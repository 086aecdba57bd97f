/* SPDX-License-Identifier: MIT */
/*
 * The members of a chain for people: what each is opened for, its role, its format and how that is known, its path.
 */
#include "access/print.h"
#include "output/stats.h"
#include "output/text.h"
#include "output/names.h"
#include "output/status.h"
#include "output/readers.h"
#include "output/words.h"

#include <string.h>

/* How the format is known stands beside it, since a probed one may be a guest's word. */
static void put_format(const struct imgprobe_image *image, FILE *stream)
{
    char words[64] = "unknown";

    if (image->format)
        snprintf(words, sizeof(words), "%s (%s)", image->format->name, word_of_format_source(image->format_source));
    fprintf(stream, "%-20s ", words);
}

/* Where there is no answer nothing has a mode: nobody may take half of one for all. */
static const char *mode_of(const struct answer *answer, const struct imgprobe_grant *grant)
{
    if (grant && grant->unconsented)
        return "refused";
    if (!grant || answer->status != STATUS_ANSWERED)
        return "-";
    return grant->write ? "read-write" : "read";
}

/* Who writes the disk can give it another format's header, and with it other files. */
static void put_warning(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_member *top = answer->chain->members;

    if (top && answer->status == STATUS_ANSWERED && answer->options->write &&
        top->image->format_source == IMGPROBE_FORMAT_PROBED)
        fputs(
            "the format was only probed, and who writes the disk can make it look like another: say -f FORMAT, here "
            "and to the reader\n",
            stream);
}

void access_text(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_grant *grant = answer->access ? answer->access->grants : NULL;
    const struct imgprobe_member *at;

    if (!answer->chain)
        return;
    fputs("chain for ", stream);
    readers_text(answer->options, stream);
    fprintf(stream, ": %s%s\n", word_of_chain_end(answer->chain),
            answer->status == STATUS_ANSWERED ? "" : "; nothing is to be granted");
    fprintf(stream, "%-10s  %-9s  %-20s %s\n", "MODE", "ROLE", "FORMAT", "PATH");
    for (at = answer->chain->members; at; at = at->next) {
        fprintf(stream, "%-10s  %-9s  ", mode_of(answer, grant), word_of_way(at->via));
        put_format(at->image, stream);
        text_put(stream, name_of_member(answer->file, at));
        fputc('\n', stream);
        grant = grant ? grant->next : NULL;
    }
    put_warning(answer, stream);
    if (answer->options->stats)
        stats_text(answer->chain, answer->workspace, &answer->options->sandbox, stream);
}
