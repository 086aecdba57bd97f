/* SPDX-License-Identifier: MIT */
/*
 * Quoting by: POSIX, Shell Command Language 2.2.2; systemd.syntax(7) "Quoting" and systemd.unit(5) "Specifiers";
 * apparmor.d(5) "Globbing"; XML 1.0, 2.4 and 3.3.3.
 */
#include "output/quote.h"

#include <string.h>

void quote_shell(FILE *stream, struct imgprobe_bytes word)
{
    size_t i;

    fputc('\'', stream);
    for (i = 0; i < word.length; i++) {
        if (word.bytes[i] == '\'')
            fputs("'\\'", stream);
        fputc(word.bytes[i], stream);
    }
    fputc('\'', stream);
}

void quote_systemd(FILE *stream, const char *text)
{
    fputc('"', stream);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', stream);
        if (*text == '%')
            fputc('%', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

void quote_apparmor(FILE *stream, const char *text)
{
    fputc('"', stream);
    for (; *text != '\0'; text++) {
        if (*text > 0 && *text < ' ') {
            fprintf(stream, "\\%03o", (unsigned)*text); /* three digits, so that the next letter is none of them */
            continue;
        }
        if (strchr("*?[]{}^\"\\", *text))
            fputc('\\', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

void quote_xml(FILE *stream, const char *text)
{
    fputc('\'', stream);
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", stream);
            break;
        case '<':
            fputs("&lt;", stream);
            break;
        case '>':
            fputs("&gt;", stream);
            break;
        case '\'':
            fputs("&apos;", stream);
            break;
        default:
            fputc(*text, stream);
        }
    }
    fputc('\'', stream);
}
