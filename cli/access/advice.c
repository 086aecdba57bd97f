/* SPDX-License-Identifier: MIT */
/*
 * What would allow what was refused, from one table: by the reason, the format of the image at fault, and the reader.
 * Where there is no row, or nothing that could be done, nothing is said. It is said by the letters of names alone:
 * whether a file outside the roots exists, and where a link leads, can't be learnt from it.
 */
#include "access/advice-command.h"
#include "access/advice-mend.h"
#include "access/advice-options.h"
#include "access/advice-root.h"
#include "access/print.h"
#include "output/shell.h"
#include "output/text.h"

#include <stdlib.h>
#include <string.h>

static const char qemu[] = "qemu";

/* clang-format off */
static const struct row {
    const char *reason; /* the id of what refused it, or else the error's own words */
    const char *format; /* our name; NULL: any */
    const char *reader; /* NULL: any */
    void (*advise)(const struct answer *answer, FILE *stream);
    const char *sentence; /* what there is to say before that; of advice_rename, only where that has a line */
} rows[] = {
    { "path-escape",                 NULL,   NULL, advice_roots,      NULL },
    { "needs-workdir",               NULL,   NULL, NULL,              "--workdir DIR" },
    { "no-directory",                NULL,   NULL, advice_directory,  NULL },
    { "write-needs-consent",         NULL,   NULL, advice_consents,   NULL },
    { "format-probed",               NULL,   NULL, advice_format,     NULL },
    { "not-a-member",                NULL,   NULL, advice_no_member,  NULL },
    { "not-writable",                NULL,   NULL, advice_copy,       NULL },
    { "reference-asks-write",        NULL,   NULL, advice_rename,     "use a name without \"read-only\" off in it" },
    { "remote-reference",            NULL,   NULL, advice_rename,     "copy the file to this host, and put that name into the image" },
    { "process-relative-name",       NULL,   NULL, advice_rename,     "use the name of the file itself" },
    { "name-means-two-things",       NULL,   NULL, advice_rename,     "use a name that begins with no word and colon" },
    { "driver-takes-another-name",   NULL,   NULL, advice_rename,     "use a plain name, and the format of what the file holds" },
    { "declared-formats-disagree",   NULL,   NULL, advice_one_format, NULL },
    { "reference-ignored-by-reader", "vhd",  qemu, advice_xen,        NULL },
    { "reference-ignored-by-reader", "vmdk", qemu, advice_read_write, NULL },
    { "reference-ignored-by-reader", NULL,   NULL, NULL,              NULL },
    { "parent-not-told",             NULL,   NULL, NULL,              "--allow parent-not-told\nwhether it is a snapshot is for you to know: the image doesn't say" },
    { "versions-differ",             NULL,   NULL, advice_versions,   NULL },
    { "tier-below-floor",            NULL,   NULL, NULL,              NULL },
    { "backing format",              NULL,   NULL, advice_declare,    NULL },
    { "no such file",                NULL,   NULL, advice_missing,    NULL },
    { "permission denied",           NULL,   NULL, NULL,              "run it as a user who may read this file: what it holds is part of the answer" },
    { "too many symbolic links",     NULL,   NULL, NULL,              "look at the symbolic links in this name: they lead in a circle, or there are too many of them" },
};
/* clang-format on */

static const char *reason_of(const struct imgprobe_error *error)
{
    const char *reason = error->status == IMGPROBE_SYSTEM ? error->what : error->field;

    return reason ? reason : "";
}

static bool fits(const struct row *row, const struct answer *answer)
{
    const struct imgprobe_format *format = answer->culprit ? answer->culprit->image->format : NULL;

    return strcmp(row->reason, reason_of(&answer->error)) == 0 &&
           (!row->format || (format && strcmp(row->format, format->name) == 0)) &&
           (!row->reader || answer->options->reader == IMGPROBE_READER_QEMU);
}

static bool put_row(const struct answer *answer, FILE *stream)
{
    size_t i = 0;

    while (i < sizeof(rows) / sizeof(rows[0]) && !fits(&rows[i], answer))
        i++;
    if (i == sizeof(rows) / sizeof(rows[0]))
        return false;
    if (rows[i].sentence && (rows[i].advise != advice_rename || advice_can_rename(answer)))
        fprintf(stream, "%s\n", rows[i].sentence);
    if (rows[i].advise)
        rows[i].advise(answer, stream);
    return true;
}

/* The bytes can be read as two formats, and the format was only probed. Which of the two they are is for the user to
 * say. */
static void advise_ambiguous(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_member *member = answer->culprit;

    if (!member || answer->at || !answer->error.field || strcmp(answer->error.field, "format") != 0 ||
        (member->image->format && member->image->format_source != IMGPROBE_FORMAT_PROBED))
        return;
    if (!member->via) {
        fputs("-f FORMAT\n", stream);
    } else {
        fputs("--declare ", stream);
        shell_put(stream, member->path);
        fputs("=FORMAT\n", stream);
    }
    advice_choices(member, stream);
}

static void put_advice(const struct answer *answer, FILE *stream)
{
    if (!answer->chain)
        return;
    if (put_row(answer, stream))
        advice_further(answer, stream);
    else if (answer->error.status == IMGPROBE_AMBIGUOUS)
        advise_ambiguous(answer, stream);
    else if (answer->error.status == IMGPROBE_REFUSED)
        advice_rename(answer, stream);
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
