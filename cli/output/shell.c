/* SPDX-License-Identifier: MIT */
/*
 * Quoting by the Shell Command Language of POSIX, 2.2. Only UTF-8 without control characters comes out.
 */
#include "output/shell.h"
#include "output/text.h"

#include <string.h>

static bool printable(struct imgprobe_bytes word)
{
    size_t at = 0;

    while (at < word.length) {
        struct text_step step = text_next(word.bytes + at, word.length - at);

        if (!step.valid || text_hostile(step.point))
            return false;
        at += step.length;
    }
    return true;
}

static bool plain(struct imgprobe_bytes word)
{
    for (size_t i = 0; i < word.length; i++) {
        unsigned char c = word.bytes[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!letter && (c == '\0' || strchr("_./:@%+,-", c) == NULL))
            return false;
    }
    return word.length > 0;
}

static void put_quoted(FILE *stream, struct imgprobe_bytes word)
{
    fputc('\'', stream);
    for (size_t i = 0; i < word.length; i++) {
        if (word.bytes[i] == '\'')
            fputs("'\\'", stream);
        fputc(word.bytes[i], stream);
    }
    fputc('\'', stream);
}

/* Octal, because it ends after three digits whatever follows. */
static void put_escaped(FILE *stream, struct imgprobe_bytes word)
{
    size_t at = 0;

    fputs("$'", stream);
    while (at < word.length) {
        struct text_step step = text_next(word.bytes + at, word.length - at);

        if (step.valid && (step.point == '\'' || step.point == '\\'))
            fputc('\\', stream);
        if (step.valid && !text_hostile(step.point)) {
            fwrite(word.bytes + at, 1, step.length, stream);
        } else {
            for (size_t i = 0; i < step.length; i++)
                fprintf(stream, "\\%03o", word.bytes[at + i]);
        }
        at += step.length;
    }
    fputc('\'', stream);
}

void shell_put(FILE *stream, struct imgprobe_bytes word)
{
    if (plain(word))
        fwrite(word.bytes, 1, word.length, stream);
    else if (printable(word))
        put_quoted(stream, word);
    else
        put_escaped(stream, word);
}

void shell_put_operand(FILE *stream, struct imgprobe_bytes path)
{
    size_t i = 0;

    while (i < path.length && path.bytes[i] != ':' && path.bytes[i] != '/')
        i++;
    if (path.length > 0 && (path.bytes[0] == '-' || (i < path.length && path.bytes[i] == ':')))
        fputs("./", stream);
    shell_put(stream, path);
}
