/* SPDX-License-Identifier: MIT */
/*
 * The JSON of a json: name as QEMU reads it (qobject/json-lexer.c, json-parser.c, json-streamer.c). It is RFC 8259,
 * with strings in single quotes, too. No object has a key twice, and nothing stands behind the value. Nothing
 * recurses here: the object that is open knows the one around it.
 */
#include "json/json.h"

static int skip_space(struct json_reader *r)
{
    int c;

    while ((c = ip_json_peek(r)) == ' ' || c == '\t' || c == '\n' || c == '\r')
        r->at++;
    return c;
}

/* The index of a list's next value, as a key. */
static enum imgprobe_status count_key(const struct json_reader *r, const struct json *list,
                                      struct imgprobe_bytes *ret)
{
    unsigned char *digits = ip_json_take(r, 4);
    unsigned i = list->count;

    if (!digits)
        return IMGPROBE_LIMIT;
    ret->bytes = digits;
    if (i >= 100)
        digits[ret->length++] = (unsigned char)('0' + i / 100);
    if (i >= 10)
        digits[ret->length++] = (unsigned char)('0' + i / 10 % 10);
    digits[ret->length++] = (unsigned char)('0' + i % 10);
    return IMGPROBE_OK;
}

static enum imgprobe_status read_key(struct json_reader *r, const struct json *object, struct json *value)
{
    enum imgprobe_status s;
    int c = skip_space(r);

    if (c != '"' && c != '\'')
        return ip_json_fail(r, r->at, "a key is expected there");
    value->offset = r->at;
    s = ip_json_read_string(r, &value->key);
    if (s != IMGPROBE_OK)
        return s;
    if (ip_json_seek(r, object, value->key))
        return ip_json_fail(r, value->offset, "a key is given twice");
    if (skip_space(r) != ':')
        return ip_json_fail(r, r->at, "a colon is expected there");
    r->at++;
    skip_space(r);
    return IMGPROBE_OK;
}

/* Reads one more member of `open`, or the outermost value. If that is an object or a list, it is open from then
 * on. */
static enum imgprobe_status read_value(struct json_reader *r, struct json **open, struct json **ret_root)
{
    struct json *value = ip_json_new(r, JSON_OBJECT, r->at);
    enum imgprobe_status s = IMGPROBE_OK;
    int c;

    if (!value)
        return IMGPROBE_LIMIT;
    if (*open)
        s = (*open)->list ? count_key(r, *open, &value->key) : read_key(r, *open, value);
    if (s != IMGPROBE_OK)
        return s;
    if (*open) {
        ip_json_insert(r, *open, value);
    } else {
        *ret_root = value;
    }
    c = ip_json_peek(r);
    if (c != '{' && c != '[')
        return ip_json_read_scalar(r, c, value);
    value->list = c == '[';
    value->depth = *open ? (*open)->depth + 1 : 1;
    value->text = ip_part(r->text, r->at, 1);
    r->at++;
    *open = value;
    return ip_json_deep(r, value->depth, value->offset);
}

/* Reads what may follow a value or an open bracket: closing brackets, and a comma before the next value. */
static enum imgprobe_status read_after(struct json_reader *r, struct json **open, bool fresh)
{
    int c = skip_space(r);

    for (; *open && c == ((*open)->list ? ']' : '}'); c = skip_space(r), fresh = false) {
        r->at++;
        (*open)->text.length = (size_t)(r->text.bytes + r->at - (*open)->text.bytes);
        *open = (*open)->parent;
    }
    if (!*open || fresh)
        return IMGPROBE_OK;
    if (c != ',')
        return ip_json_fail(r, r->at, "a comma or the end of an object or list is expected there");
    r->at++;
    skip_space(r);
    return IMGPROBE_OK;
}

enum imgprobe_status ip_json(struct imgprobe_bytes text, const struct imgprobe_limits *limits,
                             struct imgprobe_workspace *w, struct json **ret, struct imgprobe_error *error)
{
    struct json_reader r = {.text = text, .limits = limits, .w = w, .error = error};
    struct json *open = NULL, *root = NULL;
    enum imgprobe_status s;

    skip_space(&r);
    do {
        const struct json *before = open;

        s = read_value(&r, &open, &root);
        s = s ? s : read_after(&r, &open, open != before);
    } while (s == IMGPROBE_OK && open);
    if (s != IMGPROBE_OK)
        return s;
    if (r.at < text.length)
        return ip_json_fail(&r, r.at, "something follows the value");
    if (root->type != JSON_OBJECT || root->list)
        return ip_json_fail(&r, 0, "it isn't an object");
    s = ip_json_flatten(&r, root);
    if (s == IMGPROBE_OK)
        *ret = root;
    return s;
}
