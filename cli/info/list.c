/* SPDX-License-Identifier: MIT */
/*
 * References for people, as a list that is indented by who refers to what.
 */
#include "info/info.h"
#include "output/text.h"
#include "output/tree.h"
#include "output/failure.h"
#include "output/names.h"
#include "output/readers.h"
#include "output/words.h"

#include <inttypes.h>

/* Deeper lines would leave the screen; a chain may have a thousand members. */
#define INDENT_MOST 20U

static void indent(FILE *stream, unsigned depth)
{
    fprintf(stream, "%*s", (int)(4 + 4 * (depth < INDENT_MOST ? depth : INDENT_MOST)), "");
}

static void put_image_format(const struct imgprobe_image *image, FILE *stream)
{
    if (!image || !image->format)
        fputs("format unknown", stream);
    else
        fprintf(stream, "%s (%s)", image->format->name, word_of_format_source(image->format_source));
}

/* What was decoded; what was only said, where nothing was opened. */
static void put_format(const struct imgprobe_reference *at, FILE *stream)
{
    if (at->led.member) {
        put_image_format(at->led.member->image, stream);
    } else if (!at->led.format.bytes) {
        fputs("format not given", stream);
    } else {
        text_put(stream, at->led.format);
        fprintf(stream, " (%s)", word_of_format_source(at->led.format_source));
    }
}

static void put_extent(const struct imgprobe_reference *at, FILE *stream)
{
    const char *words[] = {at->stated.access, at->stated.type};
    size_t i;

    /* The format's own words, which may be bytes out of the image. */
    for (i = 0; i < 2; i++) {
        if (!words[i])
            continue;
        fputs(i == 0 || !at->stated.access ? ", " : " ", stream);
        text_put_string(stream, words[i]);
    }
    if (at->stated.size == IMGPROBE_UNKNOWN)
        return;
    fputs(", ", stream);
    text_put_size(stream, at->stated.size);
    if (at->led.size != IMGPROBE_UNKNOWN)
        fprintf(stream, " at byte %" PRIu64, at->stated.data_offset);
}

static void put_error(const struct imgprobe_error *error, unsigned depth, FILE *stream)
{
    char message[MESSAGE_SIZE];

    imgprobe_error_text(error, message, sizeof(message));
    indent(stream, depth);
    text_put_string(stream, message);
    fputc('\n', stream);
}

static void put_part(const char *what, struct imgprobe_bytes part, FILE *stream)
{
    if (!part.bytes)
        return;
    fprintf(stream, " %s ", what);
    text_quote(stream, part);
}

/* Never the password: whether there is one is all that is said. */
static void put_protocol(const struct imgprobe_protocol *protocol, FILE *stream)
{
    const struct imgprobe_server *at;

    fputs(protocol->scheme, stream);
    for (at = &protocol->server; at; at = at->next) {
        if (at->transport)
            fprintf(stream, " by %s", at->transport);
        put_part("host", at->host, stream);
        put_part("port", at->port, stream);
        put_part("socket", at->socket, stream);
    }
    put_part("path", protocol->path, stream);
    put_part("user", protocol->user, stream);
    if (protocol->has_password)
        fputs(" with a password", stream);
    put_part("query", protocol->query, stream);
}

/* What the reader opens in the end: a server, a file by its path, or the kind of thing that has no path. */
static void put_led(const struct imgprobe_reference *at, FILE *stream)
{
    if (at->led.protocol)
        put_protocol(at->led.protocol, stream);
    else if (at->led.path.bytes)
        text_quote(stream, at->led.path);
    else
        fputs(word_of_kind(at->led.kind), stream);
}

static void put_resources(const struct imgprobe_resource *at, unsigned depth, FILE *stream)
{
    for (; at; at = at->next) {
        indent(stream, depth);
        fprintf(stream, "opens %s ", word_of_kind(at->kind));
        text_quote(stream, at->path);
        fputc('\n', stream);
    }
}

static void put_reference(const struct imgprobe_reference *at, unsigned depth, FILE *stream)
{
    indent(stream, depth);
    fprintf(stream, "%s ", word_of_role(at->role));
    text_quote(stream, name_of_reference(at));
    fputs(" -> ", stream);
    put_led(at, stream);
    fputs(", ", stream);
    put_format(at, stream);
    put_extent(at, stream);
    if (at->stated.candidate)
        fputs(", one of several names", stream);
    if (at->led.ignored)
        fputs(", ignored by the reader", stream);
    fputc('\n', stream);
    put_resources(at->led.resources, depth + 1, stream);
    if (at->led.note) {
        indent(stream, depth + 1);
        text_put_string(stream, at->led.note);
        fputc('\n', stream);
    }
    if (at->led.member && at->led.member->image && at->led.member->image->error.status != IMGPROBE_OK)
        put_error(&at->led.member->image->error, depth + 1, stream);
}

static void put_tree(const struct imgprobe_member *member, unsigned depth, FILE *stream)
{
    struct tree tree;

    for (tree_start(&tree, member); tree.at; tree_next(&tree, true))
        put_reference(tree.at, depth + tree.depth, stream);
}

void info_list_member(const struct imgprobe_member *member, FILE *stream)
{
    put_tree(member, 0, stream);
}

void info_list(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_chain *chain = answer->chain;

    fputs("chain for ", stream);
    readers_text(answer->options, stream);
    fprintf(stream, ": %s\n", word_of_chain_end(chain));
    if (chain->state != IMGPROBE_CHAIN_COMPLETE) {
        indent(stream, 0);
        fputs("ends at ", stream);
        text_quote(stream, name_is_of_reference(&chain->error, chain->at)
                               ? chain->at->led.path
                               : name_of_member(answer->file, chain->culprit));
        fputc('\n', stream);
        if (!chain->culprit || chain->culprit->image->error.status == IMGPROBE_OK) /* or else it says so itself */
            put_error(&chain->error, 1, stream);
    }
    indent(stream, 0);
    text_quote(stream, text_bytes(answer->file));
    fputs(", ", stream);
    put_image_format(chain->members->image, stream);
    fputc('\n', stream);
    put_tree(chain->members, 1, stream);
}
