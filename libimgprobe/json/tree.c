/* SPDX-License-Identifier: MIT */
/*
 * Nested objects, lists and dotted keys are one tree to the reader (qobject/block-qdict.c, qdict_flatten): "file.x"
 * and {"file": {"x": ...}} mean the same. Where two values have one key, the reader's hashes decide which of them
 * counts. That is refused.
 */
#include "json/json.h"

#include <string.h>

static enum imgprobe_status two_things(const struct json_reader *r, const struct json *value)
{
    ip_json_fail(r, value->offset, "a key is given in two ways, and the reader takes either");
    r->error->field = "name-means-two-things";
    return IMGPROBE_MALFORMED;
}

/* Each word before a dot of a key is an object. */
static enum imgprobe_status descend(struct json_reader *r, struct json **at, struct json *value)
{
    const unsigned char *dot;

    while (value->key.length && (dot = memchr(value->key.bytes, '.', value->key.length))) {
        size_t length = (size_t)(dot - value->key.bytes);
        struct imgprobe_bytes word = {value->key.bytes, length};
        struct json *child = ip_json_seek(r, *at, word);

        if (child && !ip_json_holds(child))
            return two_things(r, value);
        if (!child) {
            child = ip_json_new(r, JSON_OBJECT, value->offset);
            if (!child)
                return IMGPROBE_LIMIT;
            child->key = word;
            ip_json_insert(r, *at, child);
        }
        child->text = (struct imgprobe_bytes){NULL, 0};
        *at = child;
        value->key.bytes += length + 1;
        value->key.length -= length + 1;
    }
    return IMGPROBE_OK;
}

static enum imgprobe_status insert(struct json_reader *r, struct json *object, struct json *value)
{
    struct json *at = object, *twin, *m, *next;
    enum imgprobe_status s = descend(r, &at, value);

    if (s != IMGPROBE_OK)
        return s;
    twin = ip_json_seek(r, at, value->key);
    if (!twin) {
        ip_json_insert(r, at, value);
        return IMGPROBE_OK;
    }
    if (!ip_json_holds(twin) || !ip_json_holds(value))
        return two_things(r, value);
    twin->text = (struct imgprobe_bytes){NULL, 0};
    for (m = ip_json_empty(r, value); m; m = next) {
        next = m->next;
        ip_json_insert(r, twin, m);
    }
    return IMGPROBE_OK;
}

/* Puts the members of one object where their keys say. A member that comes to lie in an object beneath is put in
 * order when that object's turn comes. */
static enum imgprobe_status order(struct json_reader *r, struct json *object)
{
    struct json *m = ip_json_empty(r, object), *next;
    enum imgprobe_status s;

    object->depth = object->parent ? object->parent->depth + 1 : 1;
    s = ip_json_deep(r, object->depth, object->offset);
    for (; s == IMGPROBE_OK && m; m = next) {
        next = m->next;
        s = insert(r, object, m);
    }
    return s;
}

enum imgprobe_status ip_json_flatten(struct json_reader *r, struct json *root)
{
    struct json *at = root;
    enum imgprobe_status s = IMGPROBE_OK;

    while (at) {
        if (at->type == JSON_OBJECT)
            s = order(r, at);
        if (s != IMGPROBE_OK)
            return s;
        if (at->members) {
            at = at->members;
            continue;
        }
        while (at && !at->next)
            at = at->parent;
        at = at ? at->next : NULL;
    }
    return IMGPROBE_OK;
}
