/* SPDX-License-Identifier: MIT */
/* Values of a tree that has been read. */
#include "json/json.h"

struct json *ip_json_get(const struct json *object, const char *key)
{
    struct json *m = object->members;

    while (m && !ip_equal(m->key, key))
        m = m->next;
    return m;
}

bool ip_json_holds(const struct json *value)
{
    return value && value->type == JSON_OBJECT && value->members;
}

bool ip_json_is(const struct json *value, const char *text)
{
    return value && value->type != JSON_OBJECT && ip_equal(value->text, text);
}

struct imgprobe_bytes ip_json_text(const struct json *value)
{
    static const struct imgprobe_bytes none = {NULL, 0};

    return value && (value->type == JSON_STRING || value->type == JSON_NUMBER) ? value->text : none;
}

struct imgprobe_bytes ip_json_text_at(const struct json *node, const char *key)
{
    return ip_json_text(ip_json_get(node, key));
}

const struct json *ip_json_next(const struct json *root, const struct json *at)
{
    if (at->members)
        return at->members;
    while (at != root && !at->next)
        at = at->parent;
    return at == root ? NULL : at->next;
}
