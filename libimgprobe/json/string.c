/* SPDX-License-Identifier: MIT */
/* Strings of the reader's JSON: modified UTF-8, in which U+0000 is C0 80 (qobject/json-parser.c, util/unicode.c). */
#include "json/json.h"

struct string {
    const unsigned char *from, *end;
    unsigned char *to;
    const char *what;
};

static bool fail(struct string *s, const char *what)
{
    s->what = what;
    return false;
}

/* Surrogates and noncharacters are no characters to the reader. */
static bool is_character(uint32_t c)
{
    return c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff) && !(c >= 0xfdd0 && c <= 0xfdef) && (c & 0xfffe) != 0xfffe;
}

/* Modified UTF-8 is UTF-8 for all characters but U+0000. */
static void put(struct string *s, uint32_t c)
{
    if (c != 0) {
        s->to += ip_utf8_put(s->to, c);
        return;
    }
    *s->to++ = 0xc0;
    *s->to++ = 0x80;
}

static bool take_utf8(struct string *s)
{
    size_t room = (size_t)(s->end - s->from), length;
    uint32_t c;

    if (s->from[0] < ' ')
        return fail(s, "a string holds a control character");
    if (s->from[0] < 0x80) {
        *s->to++ = *s->from++;
        return true;
    }
    length = imgprobe_utf8(s->from, room, &c);
    if (s->from[0] == 0xc0 && room >= 2 && s->from[1] == 0x80) {
        c = 0;
        length = 2;
    }
    if (!is_character(c))
        return fail(s, "a string isn't UTF-8");
    put(s, c);
    s->from += length;
    return true;
}

/* Reads four hexadecimal digits. UINT32_MAX where there are none. */
static uint32_t take_digits(struct string *s)
{
    uint32_t c = 0;
    size_t i;

    if (s->end - s->from < 4)
        return UINT32_MAX;
    for (i = 0; i < 4; i++) {
        unsigned char digit = *s->from++;

        if (digit >= '0' && digit <= '9') {
            c = c << 4 | (uint32_t)(digit - '0');
            continue;
        }
        digit |= 0x20;
        if (digit < 'a' || digit > 'f')
            return UINT32_MAX;
        c = c << 4 | (uint32_t)(digit - 'a' + 10);
    }
    return c;
}

static bool take_code(struct string *s)
{
    uint32_t c = take_digits(s), low;

    if (c >= 0xd800 && c <= 0xdbff && s->end - s->from >= 2 && s->from[0] == '\\' && s->from[1] == 'u') {
        s->from += 2;
        low = take_digits(s);
        c = low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff)) : UINT32_MAX;
    }
    if (!is_character(c))
        return fail(s, "an escape is no character");
    put(s, c);
    return true;
}

/* No escape is longer than what it means, so the copy needs no more room than the text. */
static bool take_escape(struct string *s)
{
    static const char letters[] = "\"'\\/bfnrt", means[] = "\"'\\/\b\f\n\r\t";
    unsigned char letter;
    size_t i;

    if (s->from == s->end)
        return fail(s, "a string doesn't end");
    letter = *s->from++;
    if (letter == 'u')
        return take_code(s);
    for (i = 0; i < sizeof letters - 1; i++) {
        if (letter == (unsigned char)letters[i]) {
            *s->to++ = (unsigned char)means[i];
            return true;
        }
    }
    return fail(s, "an escape isn't known");
}

bool ip_json_string(struct imgprobe_bytes raw, unsigned char *to, size_t *ret_length, const char **ret_what)
{
    struct string s = {raw.bytes, raw.bytes + raw.length, to, NULL};
    bool good = true;

    while (good && s.from < s.end) {
        if (*s.from != '\\') {
            good = take_utf8(&s);
            continue;
        }
        s.from++;
        good = take_escape(&s);
    }
    *ret_length = (size_t)(s.to - to);
    *ret_what = s.what;
    return good;
}
