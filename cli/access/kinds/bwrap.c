/* SPDX-License-Identifier: MIT */
/*
 * The kind `bwrap`: arguments of bubblewrap(1) that put each file where its names lead. The file is taken from its
 * name without links on the host. It is put at each name by which the reader opens it, with `.` and `..` undone by
 * letters. A directory that a `..` leaves is made. Devices are given by --dev-bind, read only or not, because
 * bubblewrap has nothing else for them. Whether one may be written stays with its permissions.
 */
#include "access/grants/jail.h"
#include "output/quote.h"
#include "output/text.h"

#include <string.h>

#define MOST_ARGUMENTS 9000 /* bubblewrap's own bound on all that it is given */

/* Options stand as they are, and paths in quotes. No path begins with a dash, since each begins at the root. */
static void put(const struct grants *grants, FILE *stream, bool first, const char *word)
{
    if (grants->options->nul) {
        fwrite(word, 1, strlen(word) + 1, stream);
        return;
    }
    if (!first)
        fputc(' ', stream);
    if (word[0] == '-')
        fputs(word, stream);
    else
        quote_shell(stream, text_bytes(word));
}

static const char *option_of(const struct imgprobe_grant *grant)
{
    if (grant->member->kind == IMGPROBE_KIND_BLOCK)
        return "--dev-bind";
    return grant->write ? "--bind" : "--ro-bind";
}

static bool put_place(const struct grants *grants, const struct jail_place *place, FILE *stream, size_t *arguments,
                      struct cannot *ret_why)
{
    struct path source;

    if (!place->directory && !path_on_host(grants, place->grant, &source, ret_why))
        return false;
    put(grants, stream, *arguments == 0, place->directory ? "--dir" : option_of(place->grant));
    if (!place->directory)
        put(grants, stream, false, source.text);
    put(grants, stream, false, place->path);
    *arguments += place->directory ? 2 : 3;
    if (*arguments > MOST_ARGUMENTS)
        return cannot(ret_why, place->grant, "bubblewrap takes no more than %d arguments", MOST_ARGUMENTS);
    return true;
}

bool access_bwrap(const struct grants *grants, FILE *stream, struct cannot *ret_why)
{
    struct jail jail;
    bool fine = jail_lay_out(grants, &jail, ret_why);
    size_t arguments = 0;
    size_t i;

    for (i = 0; fine && i < jail.count; i++) {
        /* A directory above something else is made with that. */
        if (!jail.list[i].again && !jail.list[i].above)
            fine = put_place(grants, &jail.list[i], stream, &arguments, ret_why);
    }
    jail_free(&jail);
    if (fine && !grants->options->nul)
        fputc('\n', stream);
    return fine;
}
