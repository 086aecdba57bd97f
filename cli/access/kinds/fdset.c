/* SPDX-License-Identifier: MIT */
/*
 * The kind `fdset`: the graph of the kind `blockdev`, with descriptors in place of names, and the -add-fd that puts
 * each of these into a set of QEMU's. QEMU takes from a set the descriptor that is open in the mode it wants, so a
 * file that is opened in two modes has two in its set. A set has the number of its first descriptor: no other has
 * that.
 */
#include "access/grants/absolute-path.h"
#include "access/grants/numbers.h"
#include "output/quote.h"
#include "output/text.h"

#include <stdlib.h>
#include <string.h>

/* In QEMU's options a comma is written twice. */
static void put_opaque(FILE *stream, struct imgprobe_bytes name)
{
    size_t i;

    fputs(",opaque=", stream);
    for (i = 0; i < name.length; i++) {
        if (name.bytes[i] == ',')
            fputc(',', stream);
        fputc(name.bytes[i], stream);
    }
}

static bool put_set(const struct grants *grants, const struct imgprobe_grant *grant, unsigned number, unsigned set,
                    FILE *stream, struct cannot *ret_why)
{
    fprintf(stream, "fd=%u,set=%u", number, set);
    if (grant->names) {
        if (!path_is_shown(grants, grant, grant->names->path, "its name", ret_why))
            return false;
        put_opaque(stream, grant->names->path);
    }
    fputc('\0', stream);
    return true;
}

bool graph_write_sets(const struct grants *grants, const struct numbers *numbers, FILE *stream,
                      struct cannot *ret_why)
{
    const struct imgprobe_grant *at;
    bool fine = true;

    for (at = grants->access->grants; fine && at; at = at->next) {
        const struct number *number = &numbers->all[at->member->index];

        if (number->read)
            fine = put_set(grants, at, number->first, number->first, stream, ret_why);
        if (fine && number->written)
            fine = put_set(grants, at, numbers_of(numbers, at->member, true), number->first, stream, ret_why);
    }
    return fine;
}

static void put_word(const struct grants *grants, FILE *stream, const char *option, const char *word, bool first)
{
    if (grants->options->nul) {
        fprintf(stream, "%s%c%s%c", option, '\0', word, '\0');
        return;
    }
    fprintf(stream, "%s%s ", first ? "" : " ", option);
    quote_shell(stream, text_bytes(word));
}

/* `words` are ended by NULs, and the graph by a newline. */
static void put_all(const struct grants *grants, FILE *stream, const char *words, size_t length, char *graph)
{
    const char *at;

    for (at = words; at < words + length; at += strlen(at) + 1)
        put_word(grants, stream, "-add-fd", at, at == words);
    graph[strcspn(graph, "\n")] = '\0';
    put_word(grants, stream, "-blockdev", graph, false);
    if (!grants->options->nul)
        fputc('\n', stream);
}

static bool write_both(const struct grants *grants, const struct numbers *numbers, FILE *stream,
                       struct cannot *ret_why)
{
    char *words = NULL, *graph = NULL;
    size_t length = 0, graph_length = 0;
    FILE *sets = open_memstream(&words, &length), *nodes = open_memstream(&graph, &graph_length);
    bool opened = sets && nodes, fine, whole = opened;

    fine = opened && graph_write_sets(grants, numbers, sets, ret_why) &&
           graph_write(grants, GRAPH_SETS, numbers, nodes, ret_why);
    if (sets && fclose(sets) != 0)
        whole = false;
    if (nodes && fclose(nodes) != 0)
        whole = false;
    if (!whole)
        fine = cannot(ret_why, NULL, "out of memory");
    if (fine)
        put_all(grants, stream, words, length, graph);
    free(words);
    free(graph);
    return fine;
}

bool access_fdset(const struct grants *grants, FILE *stream, struct cannot *ret_why)
{
    struct numbers numbers;
    bool fine = numbers_take(grants, &numbers, ret_why) && write_both(grants, &numbers, stream, ret_why);

    numbers_free(&numbers);
    return fine;
}
