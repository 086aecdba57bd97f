/* SPDX-License-Identifier: MIT */
/*
 * What would allow what was refused, from one table of reasons. It is said by the letters of names alone: whether a
 * file outside the roots exists, and where a link leads, can't be learnt from it.
 */
#include "access/print.h"
#include "access/advice-root.h"
#include "output/shell.h"
#include "output/text.h"

#include <stdlib.h>
#include <string.h>

/* The reference of `member` that has to be mended. */
struct blamed {
    const struct imgprobe_member *member; /* NULL: none */
    const struct imgprobe_reference *at;
};

static struct blamed blamed_of(const struct answer *answer)
{
    return (struct blamed){.member = answer->at ? answer->culprit : NULL, .at = answer->at};
}

static bool can_be_rebased(const struct blamed *blamed)
{
    const struct imgprobe_member *member = blamed->member;

    return member != NULL && blamed->at->role == IMGPROBE_ROLE_BACKING && member->image->format != NULL &&
           member->image->format->rebases;
}

/* What stays in capitals is for the user to fill in. `name` NULL: it has to be another one. */
static void put_rebase(const struct answer *answer, const struct blamed *blamed, const struct imgprobe_bytes *name,
                       FILE *stream)
{
    struct imgprobe_bytes overlay = blamed->member->path;

    if (!can_be_rebased(blamed))
        return;
    if (!overlay.bytes)
        overlay = text_bytes(answer->file);
    fputs("qemu-img rebase -u -F FORMAT -b ", stream);
    if (!name)
        fputs("NAME", stream);
    else
        shell_put(stream, *name);
    fputc(' ', stream);
    shell_put_operand(stream, overlay);
    fputc('\n', stream);
}

/* The name that the reader opens can't be allowed, so the image has to have another. */
static void advise_another_name(const struct answer *answer, FILE *stream)
{
    struct blamed blamed = blamed_of(answer);

    if (can_be_rebased(&blamed))
        put_rebase(answer, &blamed, NULL, stream);
    else
        fputs("an image that names a plain file on this host\n", stream);
}

static void advise_consent(const struct answer *answer, FILE *stream)
{
    const char *before = "";
    const struct imgprobe_grant *at;

    if (!answer->access)
        return;
    for (at = answer->access->grants; at; at = at->next) {
        if (!at->unconsented || !at->names)
            continue;
        fprintf(stream, "%s--allow-write ", before);
        shell_put(stream, at->names->path);
        before = " ";
    }
    fputc('\n', stream);
}

/* By identity and not by name: the user may have given another name of the same file. */
static bool in_chain(const struct imgprobe_chain *chain, const struct imgprobe_identity *identity)
{
    const struct imgprobe_member *at = chain->members;

    while (at && (at->identity.device != identity->device || at->identity.inode != identity->inode))
        at = at->next;
    return at != NULL;
}

static void advise_member(const struct answer *answer, FILE *stream)
{
    size_t i;

    for (i = 0; i < answer->options->raised_count; i++) {
        if (in_chain(answer->chain, &answer->options->raised[i].identity))
            continue;
        fputs("the same without --write-member ", stream);
        shell_put(stream, text_bytes(answer->options->raised_names[i]));
        fputc('\n', stream);
    }
}

static void put_looks(const struct imgprobe_member *member, FILE *stream)
{
    const struct imgprobe_format *format = member ? member->image->format : NULL;

    fputs("FORMAT is what you know it to be", stream);
    if (format && member->image->format_source == IMGPROBE_FORMAT_PROBED)
        fprintf(stream, "; it looks like %s, which a guest can have written", format->name);
    fputc('\n', stream);
}

/* Where the culprit itself was probed, its format has to be declared. Where another reference states that format, the
 * one that doesn't has to be mended. */
static void advise_format(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_member *probed = answer->culprit;
    struct blamed blamed = blamed_of(answer);

    if (!probed || (!probed->via && answer->chain->state == IMGPROBE_CHAIN_COMPLETE)) {
        fputs("-f FORMAT\n", stream);
    } else {
        if (probed->via && probed->image->format_source == IMGPROBE_FORMAT_PROBED)
            blamed = (struct blamed){.member = probed->parent, .at = probed->via};
        else if (blamed.at)
            probed = blamed.at->led.member;
        fputs("--declare ", stream);
        if (blamed.at)
            shell_put(stream, blamed.at->led.path);
        fputs("=FORMAT\n", stream);
        if (blamed.at && !blamed.at->led.json) {
            struct imgprobe_bytes name = {.bytes = blamed.at->stated.name.bytes, .length = blamed.at->stated.cut};

            put_rebase(answer, &blamed, &name, stream);
        }
    }
    put_looks(probed, stream);
}

static void advise_directory(const struct answer *answer, FILE *stream)
{
    const char *descriptor = strcmp(answer->file, "-") == 0 ? "fd:0" : answer->file;

    shell_put(stream, text_bytes(descriptor));
    fputs("=NAME in place of ", stream);
    shell_put(stream, text_bytes(answer->file));
    fputs(", with the name under which the reader opens it\n", stream);
}

/* clang-format off */
static const struct {
    const char *reason;
    void (*advise)(const struct answer *answer, FILE *stream);
    const char *sentence; /* what there is to say, where nothing has to be computed */
} rows[] = {
    { "path-escape",                 advice_root,         NULL },
    { "needs-workdir",               NULL,                "--workdir DIR" },
    { "no-directory",                advise_directory,    NULL },
    { "write-needs-consent",         advise_consent,      NULL },
    { "format-probed",               advise_format,       NULL },
    { "not-a-member",                advise_member,       NULL },
    { "not-writable",                NULL,                "reading only, or a writable copy of it: qemu-img convert" },
    { "reference-asks-write",        advise_another_name, "a name without \"read-only\" off in it" },
    { "remote-reference",            advise_another_name, "a copy of the file on this host, and its name in the image" },
    { "special-reference",           advise_another_name, NULL },
    { "unknown-protocol",            advise_another_name, NULL },
    { "empty-name",                  advise_another_name, NULL },
    { "process-relative-name",       advise_another_name, "the name of the file itself" },
    { "name-means-two-things",       advise_another_name, "a name that begins with no word and colon" },
    { "driver-takes-another-name",   advise_another_name, "the format of what the file holds as its declared format" },
    { "member-means-two-things",     advise_another_name, "one name for the file wherever the chain has it" },
    { "loop",                        advise_another_name, NULL },
    { "declared-formats-disagree",   NULL,                "one format for the file: leave --declare out, or correct the image" },
    { "reference-ignored-by-reader", NULL,                "the reader that opens it (--reader xen), or a converted image (qemu-img convert)" },
    { "parent-not-told",             NULL,                "--allow parent-not-told\nwhether it is a snapshot is for you to know: the image doesn't say" },
};
/* clang-format on */

static bool put_row(const struct answer *answer, const char *reason, FILE *stream)
{
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].reason, reason) != 0)
            continue;
        if (rows[i].sentence)
            fprintf(stream, "%s\n", rows[i].sentence);
        if (rows[i].advise)
            rows[i].advise(answer, stream);
        return true;
    }
    return false;
}

/* The bytes can be read as two things, and the format was only probed. Which of the two they are is for the user to
 * say. */
static void advise_ambiguous(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_member *member = answer->culprit;

    if (!member || !member->image || answer->at ||
        (member->image->format && member->image->format_source != IMGPROBE_FORMAT_PROBED))
        return;
    if (!member->via) {
        fputs("-f FORMAT\n", stream);
        return;
    }
    fputs("--declare ", stream);
    shell_put(stream, member->path);
    fputs("=FORMAT\n", stream);
}

static void put_advice(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_error *error = &answer->error;
    bool known = error->field != NULL && answer->chain != NULL &&
                 (error->status == IMGPROBE_REFUSED || error->status == IMGPROBE_AMBIGUOUS) &&
                 put_row(answer, error->field, stream);

    if (known || !answer->chain)
        return;
    if (error->status == IMGPROBE_AMBIGUOUS)
        advise_ambiguous(answer, stream);
    else if (error->status == IMGPROBE_REFUSED)
        advise_another_name(answer, stream);
}

char *advice_text(const struct answer *answer)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    if (!stream)
        return NULL;
    put_advice(answer, stream);
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
