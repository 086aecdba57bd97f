/* SPDX-License-Identifier: MIT */
/*
 * The JSON writer (RFC 8259). Values are written in the order in which they are given; runs of plain ASCII are
 * copied at once, and no printf(3) is asked, since most of what `info` costs would else be this.
 */
#include "output/json.h"
#include "output/text.h"

#include <string.h>

#define DIGITS 20 /* of the highest number */

void json_start(struct json *json, FILE *stream, bool compact)
{
    json->stream = stream;
    json->compact = compact;
    json->depth = 0;
    json->filled[0] = false;
    json->used = 0;
}

/* An error is the stream's, which remembers it. */
static void hand_on(struct json *json)
{
    (void)fwrite(json->text, 1, json->used, json->stream);
    json->used = 0;
}

static void put(struct json *json, const void *bytes, size_t length)
{
    const unsigned char *from = bytes;

    while (length > 0) {
        size_t room = sizeof(json->text) - json->used, some = length < room ? length : room;

        memcpy(json->text + json->used, from, some);
        json->used += some;
        if (json->used == sizeof(json->text))
            hand_on(json);
        from += some;
        length -= some;
    }
}

static void put_byte(struct json *json, char byte)
{
    json->text[json->used++] = byte;
    if (json->used == sizeof(json->text))
        hand_on(json);
}

static void put_string(struct json *json, const char *string)
{
    put(json, string, strlen(string));
}

static void put_nibbles(struct json *json, uint32_t value, unsigned count)
{
    while (count-- > 0)
        put_byte(json, "0123456789abcdef"[value >> 4 * count & 15]);
}

void json_finish(struct json *json)
{
    put_byte(json, '\n');
    hand_on(json);
}

/* The indent is qemu-img's, four blanks a level, so that the two programs' outputs can be compared as text. */
static void put_line(struct json *json)
{
    static const char line[] = "\n                                ";
    size_t width = 4 * (size_t)json->depth, some = width < sizeof(line) - 2 ? width : sizeof(line) - 2;

    if (json->compact)
        return;
    put(json, line, 1 + some);
    for (; width > some; width--)
        put_byte(json, ' ');
}

static void put_unit(struct json *json, uint32_t unit)
{
    put(json, "\\u", 2);
    put_nibbles(json, unit, 4);
}

/* What is above U+FFFF goes as two surrogates. */
static void put_escape(struct json *json, uint32_t point)
{
    if (point > 0xffff) {
        put_unit(json, 0xd7c0 + (point >> 10));
        put_unit(json, 0xdc00 + (point & 0x3ff));
    } else {
        put_unit(json, point);
    }
}

/* ASCII that stands as it is. */
static bool is_plain(unsigned char byte)
{
    return byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\';
}

/* Control characters and those that reorder or hide letters are escaped, though JSON lets some of them stand: the
 * output may be shown on a terminal. */
static size_t put_character(struct json *json, const unsigned char *bytes, size_t length)
{
    struct text_step step = text_next(bytes, length);

    if (!step.valid)
        put(json, "\xef\xbf\xbd", 3);
    else if (imgprobe_hostile(step.point))
        put_escape(json, step.point);
    else if (step.point == '"' || step.point == '\\')
        put(json, step.point == '"' ? "\\\"" : "\\\\", 2);
    else
        put(json, bytes, step.length);
    return step.length;
}

/* Copies what is plain, and returns how much that was: up to the first that isn't, or to where there is no room. */
static size_t put_plain(struct json *json, const unsigned char *bytes, size_t length)
{
    char *to = json->text + json->used;
    size_t room = sizeof(json->text) - json->used, most = length < room ? length : room, i;

    for (i = 0; i < most && is_plain(bytes[i]); i++)
        to[i] = (char)bytes[i];
    json->used += i;
    if (i == room)
        hand_on(json);
    return i;
}

/* Almost all is plain. */
static void put_text(struct json *json, struct imgprobe_bytes text)
{
    size_t at = 0, some;

    while (at < text.length) {
        some = put_plain(json, text.bytes + at, text.length - at);
        if (some == 0)
            some = put_character(json, text.bytes + at, text.length - at);
        at += some;
    }
}

static void put_quoted(struct json *json, struct imgprobe_bytes text)
{
    put_byte(json, '"');
    put_text(json, text);
    put_byte(json, '"');
}

/* What stands before a value: a comma after the one before, the line, and in an object the key. `suffix` is the
 * key's second half. */
static void put_key(struct json *json, struct imgprobe_bytes key, const char *suffix)
{
    bool *filled = &json->filled[json->depth];

    if (*filled)
        put_byte(json, ',');
    if (*filled && json->compact)
        put_byte(json, ' ');
    *filled = true;
    if (json->depth != 0)
        put_line(json);
    if (!key.bytes)
        return;
    put_byte(json, '"');
    put_text(json, key);
    if (suffix[0] != '\0')
        put_string(json, suffix);
    put_byte(json, '"');
    put_byte(json, ':');
    put_byte(json, ' ');
}

static void put_key_string(struct json *json, const char *key)
{
    struct imgprobe_bytes none = {0};

    put_key(json, key ? text_bytes(key) : none, "");
}

static void open_container(struct json *json, char opening)
{
    put_byte(json, opening);
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
    put_byte(json, closing);
}

void json_bool(struct json *json, const char *key, bool value)
{
    put_key_string(json, key);
    put_string(json, value ? "true" : "false");
}

void json_null(struct json *json, const char *key)
{
    put_key_string(json, key);
    put(json, "null", 4);
}

void json_number(struct json *json, const char *key, uint64_t value)
{
    char digits[DIGITS];
    const char *first = text_number(digits + DIGITS, value);

    put_key_string(json, key);
    put(json, first, (size_t)(digits + DIGITS - first));
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

    put_byte(json, '"');
    for (i = 0; i < value.length; i++)
        put_nibbles(json, value.bytes[i], 2);
    put_byte(json, '"');
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
