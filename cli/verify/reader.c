/* SPDX-License-Identifier: MIT */
/*
 * The JSON reader. It doesn't recurse: what is open stands in a list.
 */
#include "verify/reader.h"

#include <string.h>

void reader_start(struct reader *r, void *text, size_t length)
{
    *r = (struct reader){.text = text, .length = length, .line = 1};
}

bool reader_refuse(struct reader *r, const char *wrong)
{
    if (!r->wrong)
        r->wrong = wrong;
    return false;
}

unsigned char reader_peek(struct reader *r)
{
    for (; r->at < r->length && r->text[r->at] != 0 && strchr(" \t\r\n", r->text[r->at]); r->at++) {
        if (r->text[r->at] != '\n')
            continue;
        r->line++;
        r->line_start = r->at + 1;
    }
    return r->at < r->length ? r->text[r->at] : 0;
}

bool reader_more(struct reader *r)
{
    (void)reader_peek(r);
    return r->at < r->length;
}

static bool take(struct reader *r, char wanted, const char *wrong)
{
    if (r->wrong || reader_peek(r) != (unsigned char)wanted)
        return reader_refuse(r, wrong);
    r->at++;
    return true;
}

bool reader_open(struct reader *r, char opening)
{
    if (r->depth == READER_DEPTH)
        return reader_refuse(r, "nested too deep");
    if (!take(r, opening, opening == '{' ? "an object is wanted here" : "an array is wanted here"))
        return false;
    r->closing[r->depth] = opening == '{' ? '}' : ']';
    r->filled[r->depth++] = false;
    return true;
}

bool reader_next(struct reader *r, struct imgprobe_bytes *ret_key)
{
    struct imgprobe_bytes unwanted;
    const unsigned last = r->depth - 1;

    if (r->wrong)
        return false;
    if (reader_peek(r) == (unsigned char)r->closing[last]) {
        r->at++;
        r->depth = last;
        return false;
    }
    if (r->filled[last] && !take(r, ',', "a comma or the end is wanted here"))
        return false;
    r->filled[last] = true;
    if (r->closing[last] == ']')
        return true;
    if (reader_peek(r) != '"')
        return reader_refuse(r, "a key is wanted here");
    return reader_string(r, ret_key ? ret_key : &unwanted) && take(r, ':', "a colon is wanted here");
}

/* Four digits of an escape. */
static bool read_unit(struct reader *r, uint32_t *ret)
{
    unsigned i;

    *ret = 0;
    for (i = 0; i < 4; i++, r->at++) {
        const unsigned char c = r->at < r->length ? r->text[r->at] : 0;

        if (c >= '0' && c <= '9')
            *ret = *ret << 4 | (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            *ret = *ret << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return reader_refuse(r, "not an escape");
    }
    return true;
}

/* What is above U+FFFF stands as two surrogates, and none stands alone. */
static bool read_point(struct reader *r, uint32_t *ret)
{
    uint32_t low;

    if (!read_unit(r, ret))
        return false;
    if (*ret < 0xd800 || *ret > 0xdfff)
        return true;
    if (*ret > 0xdbff || r->length - r->at < 2 || r->text[r->at] != '\\' || r->text[r->at + 1] != 'u')
        return reader_refuse(r, "a surrogate alone");
    r->at += 2;
    if (!read_unit(r, &low))
        return false;
    if (low < 0xdc00 || low > 0xdfff)
        return reader_refuse(r, "a surrogate alone");
    *ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

/* It takes less room than its escape. */
static size_t put_point(unsigned char *to, uint32_t point)
{
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    const size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    size_t i;

    for (i = length; i-- > 1; point >>= 6)
        to[i] = (unsigned char)(0x80 | (point & 0x3f));
    to[0] = (unsigned char)(first[length < 2 ? 0 : length] | point);
    return length;
}

static bool read_escape(struct reader *r, unsigned char *to, size_t *ret_length)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const unsigned char c = r->at < r->length ? r->text[r->at++] : 0;
    const char *found = c != 0 ? strchr(letters, c) : NULL;
    uint32_t point;

    *ret_length = 1;
    if (found) {
        *to = (unsigned char)meanings[found - letters];
        return true;
    }
    if (c != 'u' || !read_point(r, &point))
        return reader_refuse(r, "not an escape");
    *ret_length = put_point(to, point);
    return true;
}

/* One character, or the part of a string up to it, moves to where the decoded string has its end. */
bool reader_string(struct reader *r, struct imgprobe_bytes *ret)
{
    unsigned char *start, *to;
    size_t length;
    uint32_t point;

    if (!take(r, '"', "a string is wanted here"))
        return false;
    start = to = r->text + r->at;
    while (r->at < r->length && r->text[r->at] != '"') {
        if (r->text[r->at] < 0x20)
            return reader_refuse(r, "a control character in a string");
        if (r->text[r->at] == '\\') {
            r->at++;
            if (!read_escape(r, to, &length))
                return false;
        } else {
            length = imgprobe_utf8(r->text + r->at, r->length - r->at, &point);
            if (point == UINT32_MAX)
                return reader_refuse(r, "not UTF-8");
            memmove(to, r->text + r->at, length);
            r->at += length;
        }
        to += length;
    }
    if (!take(r, '"', "a string without an end"))
        return false;
    *to = '\0';
    *ret = (struct imgprobe_bytes){.bytes = start, .length = (size_t)(to - start)};
    return true;
}

bool reader_number(struct reader *r, uint64_t *ret)
{
    size_t start;

    if (reader_peek(r) < '0' || reader_peek(r) > '9')
        return reader_refuse(r, "a number is wanted here");
    *ret = 0;
    for (start = r->at; r->at < r->length && r->text[r->at] >= '0' && r->text[r->at] <= '9'; r->at++) {
        const uint64_t digit = (uint64_t)(r->text[r->at] - '0');

        if (*ret > (UINT64_MAX - digit) / 10)
            return reader_refuse(r, "a number over 64 bits");
        *ret = 10 * *ret + digit;
    }
    if (r->text[start] == '0' && r->at - start > 1)
        return reader_refuse(r, "a number with a zero in front");
    if (r->at < r->length && r->text[r->at] != 0 && strchr(".eE", r->text[r->at]))
        return reader_refuse(r, "a number that isn't whole");
    return true;
}

static bool take_word(struct reader *r, const char *word)
{
    const size_t length = strlen(word);

    (void)reader_peek(r);
    if (r->wrong || r->length - r->at < length || memcmp(r->text + r->at, word, length) != 0)
        return false;
    r->at += length;
    return true;
}

bool reader_true(struct reader *r)
{
    return take_word(r, "true") || reader_refuse(r, "true is wanted here");
}

/* A number may be negative here: qemu-img's keys are skipped, too. */
static bool skip_scalar(struct reader *r)
{
    struct imgprobe_bytes string;
    uint64_t number;

    if (reader_peek(r) == '"')
        return reader_string(r, &string);
    if (take_word(r, "true") || take_word(r, "false") || take_word(r, "null"))
        return true;
    if (reader_peek(r) == '-')
        r->at++;
    return reader_number(r, &number);
}

/* A value, or the beginning of one. */
static bool begin(struct reader *r)
{
    const unsigned char next = reader_peek(r);

    return next == '{' || next == '[' ? reader_open(r, (char)next) : skip_scalar(r);
}

bool reader_skip(struct reader *r)
{
    const unsigned before = r->depth;
    bool good = begin(r);

    while (good && r->depth > before) {
        if (reader_next(r, NULL))
            good = begin(r);
        else
            good = !r->wrong;
    }
    return good;
}
