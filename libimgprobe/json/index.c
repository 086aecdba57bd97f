/* SPDX-License-Identifier: MIT */
/* Finds members of objects by their keys, while a text is read. A key costs a step or two, however many an object
 * has. */
#include "json/json.h"

#include <xxhash.h>

/* Two objects may have the same key. So the object's address is the seed of the hash. */
static struct json **slot(struct json_reader *r, const struct json *object, struct imgprobe_bytes key)
{
    return &r->slots[XXH64(key.bytes, key.length, (uintptr_t)object) % IP_JSON_SLOTS];
}

void ip_json_append(struct json *object, struct json *value)
{
    if (object->last)
        object->last->next = value;
    else
        object->members = value;
    object->last = value;
    object->count++;
    value->next = NULL;
    value->parent = object;
}

/* The member goes behind those that are in its slot. Of two members with one key the first is found. */
void ip_json_insert(struct json_reader *r, struct json *object, struct json *value)
{
    struct json **at = slot(r, object, value->key);

    while (*at)
        at = &(*at)->slot_next;
    *at = value;
    value->slot_next = NULL;
    ip_json_append(object, value);
}

struct json *ip_json_seek(struct json_reader *r, const struct json *object, struct imgprobe_bytes key)
{
    struct json *m = *slot(r, object, key);

    while (m && (m->parent != object || !ip_same(m->key, key)))
        m = m->slot_next;
    return m;
}

struct json *ip_json_empty(struct json_reader *r, struct json *object)
{
    struct json *members = object->members, *m;

    for (m = members; m; m = m->next) {
        struct json **at = slot(r, object, m->key);

        while (*at != m)
            at = &(*at)->slot_next;
        *at = m->slot_next;
    }
    object->members = object->last = NULL;
    object->count = 0;
    return members;
}
