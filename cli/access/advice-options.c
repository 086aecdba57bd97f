/* SPDX-License-Identifier: MIT */
/*
 * The chain ends at the first thing that is refused, and names that weren't followed by then are judged here by their
 * letters. So one run tells of all of them. What lies behind a file that may not be opened isn't known.
 */
#include "access/advice-options.h"
#include "access/advice-mend.h"
#include "access/advice-root.h"
#include "output/shell.h"
#include "output/text.h"

#include <string.h>

void advice_directory(const struct answer *answer, FILE *stream)
{
    const char *descriptor = strcmp(answer->file, "-") == 0 ? "fd:0" : answer->file;

    fputs("give ", stream);
    shell_put(stream, text_bytes(descriptor));
    fputs("=NAME in place of ", stream);
    shell_put(stream, text_bytes(answer->file));
    fputs(", with the name under which the reader opens it\n", stream);
}

static bool same_file(const struct imgprobe_identity *a, const struct imgprobe_identity *b)
{
    return a->device == b->device && a->inode == b->inode;
}

/* By identity and not by name: the user may have given another name of the same file. */
static bool in_chain(const struct imgprobe_chain *chain, const struct imgprobe_identity *identity)
{
    const struct imgprobe_member *at = chain->members;

    while (at && !same_file(&at->identity, identity))
        at = at->next;
    return at != NULL;
}

void advice_no_member(const struct answer *answer, FILE *stream)
{
    size_t i;

    for (i = 0; i < answer->options->raised_count; i++) {
        if (in_chain(answer->chain, &answer->options->raised[i].identity))
            continue;
        fputs("leave out --write-member ", stream);
        shell_put(stream, text_bytes(answer->options->raised_names[i]));
        fputc('\n', stream);
    }
}

static const char *put_consent(const char *before, struct imgprobe_bytes path, FILE *stream)
{
    fprintf(stream, "%s--allow-write ", before);
    shell_put(stream, path);
    return " ";
}

void advice_consents(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_grant *at = answer->access ? answer->access->grants : NULL;
    const char *before = "";

    for (; at; at = at->next) {
        if (at->unconsented && at->names)
            before = put_consent(before, at->names->path, stream);
    }
    if (before[0] != '\0')
        fputc('\n', stream);
}

static bool is_beneath(struct imgprobe_bytes path, const char *directory)
{
    size_t length = strlen(directory);

    return path.bytes && path.length > length && path.bytes[length] == '/' &&
           memcmp(path.bytes, directory, length) == 0;
}

/* A file that wasn't opened has no identity that could be compared, and counts as one that lacks consent. */
static bool has_consent(const struct options *options, const struct imgprobe_reference *at)
{
    const struct imgprobe_member *member = at->led.member;
    size_t i;

    for (i = 0; i < options->consent_count; i++) {
        const struct imgprobe_consent *consent = &options->consents[i];

        if (consent->beneath ? is_beneath(member ? member->canonical : at->led.path, consent->beneath)
                             : member && same_file(&member->identity, &consent->identity))
            return true;
    }
    return false;
}

/* Files in which FILE itself says that its data lies: the ones that are written with it. */
static void put_consents_ahead(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_reference *at = answer->chain->members->image->references;
    const char *before = "";

    for (; at && answer->options->write; at = at->next) {
        if (at->role == IMGPROBE_ROLE_BACKING || at->led.ignored || !at->led.path.bytes || at->led.protocol ||
            at->led.member == answer->chain->members || has_consent(answer->options, at))
            continue;
        before = put_consent(before, at->led.path, stream);
    }
    if (before[0] != '\0')
        fputc('\n', stream);
}

static bool needs_workdir(const struct answer *answer)
{
    const struct imgprobe_member *member = answer->chain->members;
    const struct imgprobe_reference *at = NULL;

    for (; member && !at; member = member->next) {
        at = member->image->references;
        while (at && (!at->led.reason || strcmp(at->led.reason, "needs-workdir") != 0))
            at = at->next;
    }
    return at != NULL;
}

static bool was(const struct answer *answer, const char *reason)
{
    return answer->error.field && strcmp(answer->error.field, reason) == 0;
}

void advice_further(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_member *top = answer->chain->members;
    bool probed = was(answer, "format-probed"), consent = was(answer, "write-needs-consent");
    bool ended = answer->chain->state != IMGPROBE_CHAIN_COMPLETE;

    if (!probed && !consent && !was(answer, "path-escape") && !was(answer, "needs-workdir"))
        return;
    if (ended && top->image->format_source == IMGPROBE_FORMAT_PROBED)
        advice_top_format(answer, stream);
    if (ended && !was(answer, "path-escape"))
        advice_roots(answer, stream);
    if (ended && !was(answer, "needs-workdir") && needs_workdir(answer))
        fputs("--workdir DIR\n", stream);
    if (!consent)
        put_consents_ahead(answer, stream);
}
