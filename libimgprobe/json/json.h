/* SPDX-License-Identifier: MIT */
/* The JSON of a json: name, as the reader takes it, and the tree that it means. */
#ifndef IP_JSON_H
#define IP_JSON_H

#include "engine.h"

/* Values of one name, objects that dotted keys make included: a name of the reader's own has a dozen. */
#define IP_JSON_MOST 128
#define IP_JSON_SLOTS 256

enum json_type { JSON_OBJECT, JSON_STRING, JSON_NUMBER, JSON_BOOL, JSON_NULL };

/* A value. Lists are objects whose keys are "0", "1", ..., as the reader takes them. */
struct json {
    struct json *next, *parent, *members;
    struct json *last, *slot_next; /* of its members; with a key that hashes to the same */
    struct imgprobe_bytes key;     /* without dots: those make objects */
    struct imgprobe_bytes text;    /* of a string what it means, of others how they are written; none: made of keys */
    size_t offset;                 /* of the key, or of the value where there is none */
    unsigned depth, count;         /* of an object: 1 for the outermost; members */
    enum json_type type;
    bool list, settled;
};

/* The tree that `text` means. MALFORMED with an id in `error->field`, a place in `error->offset` and a sentence in
 * `error->what`, where the reader takes it for no JSON or goes by the order of its hashes; LIMIT. */
enum imgprobe_status ip_json(struct imgprobe_bytes text, uint64_t most_depth, struct imgprobe_workspace *w,
                             struct json **ret, struct imgprobe_error *error);
/* The member of an object with this key; NULL for none. */
struct json *ip_json_get(const struct json *object, const char *key);
/* Whether it's an object that holds something. An empty one is a value like others. */
bool ip_json_holds(const struct json *value);
bool ip_json_is(const struct json *value, const char *text);

/* One text being read. What takes room or finds a fault fills `error`. */
struct json_reader {
    struct imgprobe_bytes text;
    size_t at;
    uint64_t most_depth;
    unsigned count;
    struct imgprobe_workspace *w;
    struct imgprobe_error *error;
    struct json *slots[IP_JSON_SLOTS];
};
struct json *ip_json_new(struct json_reader *r, enum json_type type, size_t offset);
/* json-index.c: a member more; the same, to be found by its key while the text is read; the first with this key, or
 * NULL; all members, taken away. */
void ip_json_append(struct json *object, struct json *value);
void ip_json_place(struct json_reader *r, struct json *object, struct json *value);
struct json *ip_json_seek(struct json_reader *r, const struct json *object, struct imgprobe_bytes key);
struct json *ip_json_empty(struct json_reader *r, struct json *object);
enum imgprobe_status ip_json_deep(const struct json_reader *r, uint64_t depth, size_t offset);
enum imgprobe_status ip_json_flatten(struct json_reader *r, struct json *root);
void *ip_json_take(const struct json_reader *r, size_t size);
enum imgprobe_status ip_json_fail(const struct json_reader *r, size_t offset, const char *what);
int ip_json_peek(const struct json_reader *r); /* -1: the end */
/* json-scalar.c: from a quote to its twin; a value that begins with `c` and is neither an object nor a list. */
enum imgprobe_status ip_json_read_string(struct json_reader *r, struct imgprobe_bytes *ret);
enum imgprobe_status ip_json_read_scalar(struct json_reader *r, int c, struct json *value);
/* json-string.c: a string without its quotes into `to`, which has room for as many bytes; false for one that is none,
 * with *ret_what. */
bool ip_json_string(struct imgprobe_bytes raw, unsigned char *to, size_t *ret_length, const char **ret_what);

#endif
