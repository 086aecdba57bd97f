/* SPDX-License-Identifier: MIT */
/* Strings, numbers and words of the reader's JSON (qobject/json-lexer.c). */
#include "json/json.h"

/* The string ends at a quote like the one at its beginning. */
enum imgprobe_status ip_json_read_string(struct json_reader *r, struct imgprobe_bytes *ret)
{
    size_t begin = r->at + 1;
    int quote = ip_json_peek(r), c;
    unsigned char *copy;
    const char *what;

    for (r->at++; (c = ip_json_peek(r)) != quote; r->at++) {
        if (c == '\\')
            r->at++;
        if (r->at >= r->text.length)
            return ip_json_fail(r, begin - 1, "a string doesn't end");
    }
    copy = ip_json_take(r, r->at - begin + 1);
    if (!copy)
        return IMGPROBE_LIMIT;
    if (!ip_json_string(ip_part(r->text, begin, r->at - begin), copy, &ret->length, &what))
        return ip_json_fail(r, begin - 1, what);
    ret->bytes = copy;
    r->at++;
    return IMGPROBE_OK;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool skip_digits(struct json_reader *r)
{
    size_t begin = r->at;

    while (is_digit(ip_json_peek(r)))
        r->at++;
    return r->at > begin;
}

/* A zero is followed by no digit and, unlike in RFC 8259, by no exponent. */
static bool skip_number(struct json_reader *r)
{
    bool zero, fraction;

    if (ip_json_peek(r) == '-')
        r->at++;
    zero = ip_json_peek(r) == '0';
    if (zero) {
        r->at++;
    } else if (!skip_digits(r)) {
        return false;
    }
    fraction = ip_json_peek(r) == '.';
    if (fraction) {
        r->at++;
        if (!skip_digits(r))
            return false;
    }
    if ((ip_json_peek(r) != 'e' && ip_json_peek(r) != 'E') || (zero && !fraction))
        return true;
    r->at++;
    if (ip_json_peek(r) == '-' || ip_json_peek(r) == '+')
        r->at++;
    return skip_digits(r);
}

/* A number may be shown in the answer, so it ends with a NUL as a string does. */
static enum imgprobe_status read_number(struct json_reader *r, struct imgprobe_bytes *ret)
{
    size_t begin = r->at;
    struct imgprobe_bytes digits;

    if (!skip_number(r))
        return ip_json_fail(r, begin, "a number isn't one");
    digits = ip_part(r->text, begin, r->at - begin);
    return ip_join(r->w, &digits, 1, ret, r->error);
}

enum imgprobe_status ip_json_read_scalar(struct json_reader *r, int c, struct json *value)
{
    size_t begin = r->at;

    if (c == '"' || c == '\'') {
        value->type = JSON_STRING;
        return ip_json_read_string(r, &value->text);
    }
    if (c == '-' || is_digit(c)) {
        value->type = JSON_NUMBER;
        return read_number(r, &value->text);
    }
    while (ip_json_peek(r) >= 'a' && ip_json_peek(r) <= 'z')
        r->at++;
    value->text = ip_part(r->text, begin, r->at - begin);
    value->type = ip_equal(value->text, "null") ? JSON_NULL : JSON_BOOL;
    if (value->type == JSON_BOOL && !ip_equal(value->text, "true") && !ip_equal(value->text, "false"))
        return ip_json_fail(r, begin, "a value is expected there");
    return IMGPROBE_OK;
}
