/* SPDX-License-Identifier: MIT */
/* Keys of one node. The name isn't followed unless the driver knows each of them and takes its value. */
#include "json/json.h"

#include <string.h>

const struct driver ip_graph_probed = {.class = DRIVER_FORMAT, .keys = ip_keys_backed};

static bool among(struct imgprobe_bytes word, const char *words)
{
    const char *end;

    for (; *++words; words = end) {
        end = strchr(words, '|');
        if (!end)
            return false;
        if (ip_same(word, (struct imgprobe_bytes){(const unsigned char *)words, (size_t)(end - words)}))
            return true;
    }
    return false;
}

/* The words of qapi_bool_parse. */
bool ip_graph_true(const struct json *value)
{
    return ip_json_is(value, "on") || ip_json_is(value, "true") || ip_json_is(value, "yes") || ip_json_is(value, "y");
}

static bool is_bool(const struct json *value)
{
    return (value->type == JSON_STRING || value->type == JSON_BOOL) &&
           among(value->text, "|on|off|true|false|yes|no|y|n|");
}

/* Takes a number only in the form that every reader takes: no sign, no unit, no zero in front. */
static bool read_bytes(struct imgprobe_bytes text, uint64_t *ret)
{
    uint64_t number = 0;
    size_t i;

    if (text.length == 0 || text.length > 18 || (text.length > 1 && text.bytes[0] == '0'))
        return false;
    for (i = 0; i < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.bytes[i] - '0');
    }
    *ret = number;
    return true;
}

bool ip_graph_bytes(const struct json *value, uint64_t *ret)
{
    return (value->type == JSON_NUMBER || value->type == JSON_STRING) && read_bytes(value->text, ret);
}

/* Of 1 TiB a cache has too many entries for an image of small clusters. A smaller one may be too large for a machine.
 */
static bool read_size(const struct json *value, uint64_t *ret)
{
    struct imgprobe_bytes text = value->text;
    uint64_t unit = 1;

    if (value->type == JSON_STRING && text.length > 1 && strchr("kKM", text.bytes[text.length - 1]))
        unit = text.bytes[--text.length] == 'M' ? 1 << 20 : 1 << 10;
    if ((value->type != JSON_NUMBER && value->type != JSON_STRING) || !read_bytes(text, ret) ||
        *ret >= (UINT64_C(1) << 40) / unit)
        return false;
    *ret *= unit;
    return true;
}

/* What is wrong with the other key's own value, is said of that. */
static bool is_size_within(const struct json *value, const char *other)
{
    const struct json *beside = other ? ip_json_get(value->parent, other) : NULL;
    uint64_t number, most;

    return read_size(value, &number) && (!beside || !read_size(beside, &most) || number <= most);
}

/* util/id.c: a letter, then letters, digits, '-', '.' and '_'; 31 bytes at most. */
static bool is_node_name(struct imgprobe_bytes name)
{
    size_t i;

    for (i = 0; i < name.length; i++) {
        unsigned char c = name.bytes[i], letter = c | 0x20;

        if (letter >= 'a' && letter <= 'z')
            continue;
        if (i == 0 || !((c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'))
            return false;
    }
    return name.length > 0 && name.length < 32;
}

/* Whether no other node of the name has that one's name. A name has few values, by its limit. */
static bool is_new_node(const struct json *value)
{
    const struct json *root = value, *at;

    if (value->type != JSON_STRING || !is_node_name(value->text))
        return false;
    while (root->parent)
        root = root->parent;
    for (at = root; at; at = ip_json_next(root, at))
        if (at != value && ip_equal(at->key, "node-name") && ip_same(at->text, value->text))
            return false;
    return true;
}

static bool takes(const struct key *key, const struct json *value)
{
    uint64_t number;

    switch (key->type) {
    case KEY_FILENAME:
        return value->type == JSON_STRING && value->text.length > 0;
    case KEY_BYTES:
        return ip_graph_bytes(value, &number);
    case KEY_U32:
        return ip_graph_bytes(value, &number) && number <= UINT32_MAX;
    case KEY_SIZE:
        return is_size_within(value, key->words);
    case KEY_BOOL:
    case KEY_NEWER:
        return is_bool(value);
    case KEY_READ_ONLY:
        return ip_json_is(value, value->type == JSON_BOOL ? "true" : "on"); /* as bdrv_open_inherit asks */
    case KEY_ONLY_ON:
        return is_bool(value) && ip_graph_true(value);
    case KEY_NEVER_ON:
        return is_bool(value) && !ip_graph_true(value);
    case KEY_WORD:
        return value->type == JSON_STRING && among(value->text, key->words);
    case KEY_TEXT:
        return value->type == JSON_STRING && value->text.length > 0;
    case KEY_NODE:
        return is_new_node(value);
    case KEY_CHILD:
    case KEY_OPENS:
    case KEY_GROUP:
    case KEY_ANY:
        break;
    }
    return true;
}

/* The row of a key, among those that some version has. */
static const struct key *find(const struct key *keys, const struct json *value, struct ip_versions versions)
{
    for (; keys && keys->name; keys++)
        if (ip_equal(value->key, keys->name) && ip_have(versions, keys->when) != IP_NONE_HAS &&
            (keys->type == KEY_CHILD || keys->type == KEY_OPENS || keys->type == KEY_ANY ||
             (keys->type == KEY_GROUP) == (value->type == JSON_OBJECT)))
            return keys;
    return NULL;
}

/* A key that isn't known is refused. If we passed over it, it could make the reader open another file, or write to
 * one. */
static bool judge(const struct key *key, const struct json *value, struct ip_versions versions, struct bad_key *ret)
{
    ret->at = value;
    ret->key = key;
    ret->reason = NULL;
    if (!key) {
        ret->reason = "unknown-key";
        ret->note = "it holds a key that isn't known for its driver";
    } else if (ip_have(versions, key->when) == IP_SOME_HAVE) {
        ret->reason = "versions-differ";
        ret->note = "the reader takes a key of it in some versions only";
    } else if (key->type == KEY_OPENS) {
        ret->reason = "special-reference";
        ret->note = "it opens a second file beside its own, which isn't followed";
    } else if (!takes(key, value)) {
        bool write = key->type == KEY_READ_ONLY || key->type == KEY_NEVER_ON;

        ret->reason = write ? "reference-asks-write" : "unknown-value";
        ret->note = write ? "it asks the reader to open the file for writing"
                          : "it gives a key a value that isn't known to be one";
    }
    return !ret->reason;
}

bool ip_graph_bad_key(const struct json *node, const struct driver *driver, struct ip_versions versions,
                      struct bad_key *ret)
{
    static const struct key any = KEYS_END;
    const struct json *m, *inner;

    for (m = node->members; m; m = m->next) {
        const struct key *key = find(ip_keys_common, m, versions);

        key = key ? key : find(driver->keys, m, versions);
        if (!key && driver->many)
            key = &any;
        if (!judge(key, m, versions, ret))
            return true;
        if (key->type != KEY_GROUP)
            continue;
        for (inner = m->members; inner; inner = inner->next)
            if (!judge(find(key->group, inner, versions), inner, versions, ret))
                return true;
        if (!m->members) /* an empty object is a value that no driver takes */
            return !judge(NULL, m, versions, ret);
    }
    return false;
}
