/* SPDX-License-Identifier: MIT */
/*
 * Quoting by the Shell Command Language of POSIX, 2.2. Only UTF-8 without control characters comes out.
 */
#include "output/shell.h"
#include "output/quote.h"
#include "output/text.h"

#include <string.h>

/* Letters, digits and marks that no shell gives a meaning in an operand. An empty word needs quotes to be there. */
static bool plain(struct imgprobe_bytes word)
{
    size_t i;

    for (i = 0; i < word.length; i++) {
        unsigned char c = word.bytes[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!letter && (c == '\0' || !strchr("_./:@%+,-", c)))
            return false;
    }
    return word.length > 0;
}

/* What printf(1) is given as its format. Three digits end an octal escape, whatever follows. An octal % would be one
 * to some printf, and a word that begins with a dash an option. */
static void put_escaped(FILE *stream, struct imgprobe_bytes word)
{
    size_t i;

    for (i = 0; i < word.length; i++) {
        struct imgprobe_bytes letter = {.bytes = word.bytes + i, .length = 1};

        if (word.bytes[i] == '%')
            fputs("%%", stream);
        else if (plain(letter) && (i > 0 || word.bytes[i] != '-'))
            fputc(word.bytes[i], stream);
        else
            fprintf(stream, "\\%03o", word.bytes[i]);
    }
}

/* $'' is read otherwise by a shell that doesn't know it: the name could then end the quotes and begin a command. A
 * substitution loses the newlines at its end, so each of these is taken from where every shell begins with one. */
static void put_substituted(FILE *stream, struct imgprobe_bytes word)
{
    struct imgprobe_bytes rest = word;

    while (rest.length > 0 && rest.bytes[rest.length - 1] == '\n')
        rest.length--;
    fputs("\"$(printf '", stream);
    put_escaped(stream, rest);
    fputs("')", stream);
    for (; rest.length < word.length; rest.length++)
        fputs("${IFS#??}", stream);
    fputc('"', stream);
}

void shell_put(FILE *stream, struct imgprobe_bytes word)
{
    if (plain(word))
        fwrite(word.bytes, 1, word.length, stream);
    else if (text_shown(word) == word.length)
        quote_shell(stream, word);
    else
        put_substituted(stream, word);
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
