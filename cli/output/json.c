/* SPDX-License-Identifier: MIT */
/*
 * The JSON writer (RFC 8259). It keeps no text: each value is written when it is given.
 */
#include "output/json.h"
#include "output/text.h"

#include <inttypes.h>
#include <string.h>

void json_start(struct json *json, FILE *stream, bool compact)
{
    *json = (struct json){.stream = stream, .compact = compact};
}

void json_finish(struct json *json)
{
    fputc('\n', json->stream);
}

/* The indent is qemu-img's, four blanks a level, so that the two programs' outputs can be compared as text. */
static void put_line(struct json *json)
{
    unsigned i;

    if (json->compact)
        return;
    fputc('\n', json->stream);
    for (i = 0; i < json->depth; i++)
        fputs("    ", json->stream);
}

/* What is above U+FFFF goes as two surrogates. */
static void put_escape(struct json *json, uint32_t point)
{
    if (point > 0xffff)
        fprintf(json->stream, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff));
    else
        fprintf(json->stream, "\\u%04" PRIx32, point);
}

/* Control characters and those that reorder or hide letters are escaped, though JSON lets some of them stand: the
 * output may be shown on a terminal. */
static void put_text(struct json *json, struct imgprobe_bytes text)
{
    size_t at = 0;

    while (at < text.length) {
        struct text_step step = text_next(text.bytes + at, text.length - at);

        if (!step.valid)
            fputs("\xef\xbf\xbd", json->stream);
        else if (text_hostile(step.point))
            put_escape(json, step.point);
        else if (step.point == '"' || step.point == '\\')
            fprintf(json->stream, "\\%c", (int)step.point);
        else
            fwrite(text.bytes + at, 1, step.length, json->stream);
        at += step.length;
    }
}

static void put_quoted(struct json *json, struct imgprobe_bytes text)
{
    fputc('"', json->stream);
    put_text(json, text);
    fputc('"', json->stream);
}

/* What stands before a value: a comma after the one before, the line, and in an object the key. `suffix` is the
 * key's second half. */
static void put_key(struct json *json, struct imgprobe_bytes key, const char *suffix)
{
    bool *filled = &json->filled[json->depth];

    if (*filled)
        fputs(json->compact ? ", " : ",", json->stream);
    *filled = true;
    if (json->depth != 0)
        put_line(json);
    if (!key.bytes)
        return;
    fputc('"', json->stream);
    put_text(json, key);
    fprintf(json->stream, "%s\": ", suffix);
}

static void put_key_string(struct json *json, const char *key)
{
    struct imgprobe_bytes none = {0};

    put_key(json, key ? text_bytes(key) : none, "");
}

static void open_container(struct json *json, char opening)
{
    fputc(opening, json->stream);
    /* The documents' depth is fixed by the code that writes them. */
    if (json->depth + 1 < JSON_DEPTH)
        json->depth++;
    json->closing[json->depth] = opening == '{' ? '}' : ']';
    json->filled[json->depth] = false;
}

void json_open(struct json *json, const char *key, char opening)
{
    put_key_string(json, key);
    open_container(json, opening);
}

void json_open_part(struct json *json, const char *key, size_t length, char opening)
{
    put_key(json, (struct imgprobe_bytes){.bytes = (const unsigned char *)key, .length = length}, "");
    open_container(json, opening);
}

void json_close(struct json *json)
{
    char closing = json->closing[json->depth];

    json->depth--;
    put_line(json);
    fputc(closing, json->stream);
}

void json_bool(struct json *json, const char *key, bool value)
{
    put_key_string(json, key);
    fputs(value ? "true" : "false", json->stream);
}

void json_null(struct json *json, const char *key)
{
    put_key_string(json, key);
    fputs("null", json->stream);
}

void json_number(struct json *json, const char *key, uint64_t value)
{
    put_key_string(json, key);
    fprintf(json->stream, "%" PRIu64, value);
}

void json_known(struct json *json, const char *key, uint64_t value)
{
    if (value != IMGPROBE_UNKNOWN)
        json_number(json, key, value);
}

void json_string(struct json *json, const char *key, const char *value)
{
    if (value)
        json_bytes(json, key, text_bytes(value));
}

void json_bytes(struct json *json, const char *key, struct imgprobe_bytes value)
{
    if (!value.bytes)
        return;
    put_key_string(json, key);
    put_quoted(json, value);
}

static void put_hexadecimal(struct json *json, struct imgprobe_bytes value)
{
    size_t i;

    fputc('"', json->stream);
    for (i = 0; i < value.length; i++)
        fprintf(json->stream, "%02x", value.bytes[i]);
    fputc('"', json->stream);
}

void json_name(struct json *json, const char *key, struct imgprobe_bytes value)
{
    json_bytes(json, key, value);
    if (!value.bytes || text_exact(value))
        return;
    put_key(json, text_bytes(key), "-bytes");
    put_hexadecimal(json, value);
}

void json_hexadecimal(struct json *json, const char *key, struct imgprobe_bytes value)
{
    if (!value.bytes)
        return;
    put_key_string(json, key);
    put_hexadecimal(json, value);
}

void json_words(struct json *json, const char *key, const struct imgprobe_word *words)
{
    if (!words)
        return;
    json_open(json, key, '[');
    for (; words; words = words->next)
        json_string(json, NULL, words->name);
    json_close(json);
}
