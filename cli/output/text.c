/* SPDX-License-Identifier: MIT */
/*
 * UTF-8, character by character, and escaping for terminals.
 */
#include "output/text.h"

#include <inttypes.h>
#include <string.h>

struct text_step text_next(const unsigned char *bytes, size_t length)
{
    struct text_step step = {0};

    step.length = imgprobe_utf8(bytes, length, &step.point);
    step.valid = step.point != UINT32_MAX;
    return step;
}

bool text_exact(struct imgprobe_bytes bytes)
{
    size_t at = 0;

    while (at < bytes.length) {
        struct text_step step = text_next(bytes.bytes + at, bytes.length - at);

        if (!step.valid || step.point == 0)
            return false;
        at += step.length;
    }
    return true;
}

struct imgprobe_bytes text_bytes(const char *string)
{
    return (struct imgprobe_bytes){.bytes = (const unsigned char *)string, .length = strlen(string)};
}

char *text_number(char *end, uint64_t number)
{
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return end;
}

size_t text_shown(struct imgprobe_bytes bytes)
{
    size_t at = 0;

    while (at < bytes.length) {
        struct text_step step = text_next(bytes.bytes + at, bytes.length - at);

        if (!step.valid || imgprobe_hostile(step.point))
            break;
        at += step.length;
    }
    return at;
}

/* A backslash is doubled, or a name could spell an escape. `quote` gets one, too; '\0' is for none. */
static void put_escaped(FILE *stream, struct imgprobe_bytes bytes, char quote)
{
    size_t at = 0, i;

    while (at < bytes.length) {
        struct text_step step = text_next(bytes.bytes + at, bytes.length - at);

        if (step.valid && (step.point == '\\' || (quote != '\0' && step.point == (unsigned char)quote)))
            fputc('\\', stream);
        if (step.valid && !imgprobe_hostile(step.point)) {
            fwrite(bytes.bytes + at, 1, step.length, stream);
        } else {
            for (i = 0; i < step.length; i++)
                fprintf(stream, "\\x%02x", bytes.bytes[at + i]);
        }
        at += step.length;
    }
}

void text_put(FILE *stream, struct imgprobe_bytes bytes)
{
    put_escaped(stream, bytes, '\0');
}

void text_quote(FILE *stream, struct imgprobe_bytes bytes)
{
    fputc('"', stream);
    put_escaped(stream, bytes, '"');
    fputc('"', stream);
}

void text_put_string(FILE *stream, const char *string)
{
    text_put(stream, text_bytes(string));
}

void text_put_size(FILE *stream, uint64_t size)
{
    static const char units[] = "KMGTPE";
    double value = (double)size / 1024;
    size_t unit = 0;

    if (size < 1024) {
        fprintf(stream, "%" PRIu64 " byte%s", size, size == 1 ? "" : "s");
        return;
    }
    /* From 1,000 on three digits would need an exponent. */
    while (value >= 999.5 && units[unit + 1] != '\0') {
        value /= 1024;
        unit++;
    }
    fprintf(stream, "%.3g %ciB (%" PRIu64 " bytes)", value, units[unit], size);
}

void text_put_more(FILE *stream, uint64_t more)
{
    if (more != 0)
        fprintf(stream, "; and %" PRIu64 " more of these, which aren't listed", more);
}

void text_complain_start(struct imgprobe_bytes subject, const char *message)
{
    /* First what was answered, then what wasn't, also where both go to one terminal. */
    fflush(stdout);
    fputs("imgprobe: ", stderr);
    text_put(stderr, subject);
    fputs(": ", stderr);
    if (message)
        text_put_string(stderr, message);
}

void text_complain(const char *subject, const char *message)
{
    text_complain_start(text_bytes(subject), message);
    fputc('\n', stderr);
}
