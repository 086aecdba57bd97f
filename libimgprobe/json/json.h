/* SPDX-License-Identifier: MIT */
/*
 * json: what a json: name means. Its text becomes a tree, as the reader's JSON has it; the tree is a graph of nodes,
 * of which at most one decodes, and that ends at a file or at something else.
 *
 * It uses image and name. It never opens what a node names, and never decides whether a chain may follow it.
 */
#ifndef IP_JSON_H
#define IP_JSON_H

#include "name/name.h"

/* Slots of the table of keys while a text is read. */
#define IP_JSON_SLOTS 256

enum json_type { JSON_OBJECT, JSON_STRING, JSON_NUMBER, JSON_BOOL, JSON_NULL };

/* A value. Lists are objects whose keys are "0", "1", ..., as the reader takes them. */
struct json {
    struct json *next, *parent, *members;
    struct json *last, *slot_next; /* its last member; the next value in the same slot */
    struct imgprobe_bytes key;     /* without dots: those make objects */
    struct imgprobe_bytes text;    /* what a string means; others as they are written; none: made of dotted keys */
    size_t offset;                 /* of the key, or of the value where there is none */
    unsigned depth, count;         /* of an object: 1 for the outermost; how many members */
    enum json_type type;
    bool list;
    bool declared; /* of an object: the image's declared format is in it; of a driver: it is that format */
};

/* parse: makes the tree that `text` means. MALFORMED where the reader takes the text for no JSON, or where the order
 * of its hashes decides. `error->field` is then a finding's id, `error->what` a sentence, and `error->offset` counts
 * from the text's first byte. LIMIT where a limit or the workspace is passed. */
enum imgprobe_status ip_json(struct imgprobe_bytes text, const struct imgprobe_limits *limits,
                             struct imgprobe_workspace *w, struct json **ret, struct imgprobe_error *error);

/*
 * value
 */

/* The member of an object with this key; NULL for none. */
struct json *ip_json_get(const struct json *object, const char *key);
/* Whether it's an object that holds something. An empty one is a value like others. */
bool ip_json_holds(const struct json *value);
/* Whether it's a value other than an object, and this is its text. */
bool ip_json_is(const struct json *value, const char *text);
/* The text of a string or a number; none for any other value, and for NULL. */
struct imgprobe_bytes ip_json_text(const struct json *value);
/* The same of the object's member with that key. */
struct imgprobe_bytes ip_json_text_at(const struct json *object, const char *key);
/* The next value beneath `root`, behind `at`; NULL behind the last. An object comes before its members. */
const struct json *ip_json_next(const struct json *root, const struct json *at);

/*
 * reader: one text being read
 */

struct json_reader {
    struct imgprobe_bytes text;
    size_t at;
    const struct imgprobe_limits *limits;
    unsigned count; /* values, and the objects that dotted keys make; a name that the reader writes has a dozen */
    struct imgprobe_workspace *w;
    struct imgprobe_error *error;
    struct json *slots[IP_JSON_SLOTS];
};
/* A new value. NULL, with the error filled, where there may be no more or the workspace is full. */
struct json *ip_json_new(struct json_reader *r, enum json_type type, size_t offset);
/* Room for a copy of text. NULL, with the error filled, where the workspace is full. */
void *ip_json_take(const struct json_reader *r, size_t size);
/* LIMIT, with the error filled, where an object of that depth is deeper than may be; else OK. */
enum imgprobe_status ip_json_deep(const struct json_reader *r, uint64_t depth, size_t offset);
/* Fills the error with what is wrong at that byte of the text. Returns MALFORMED. */
enum imgprobe_status ip_json_fail(const struct json_reader *r, size_t offset, const char *what);
/* The next byte, or -1 at the end. */
static inline int ip_json_peek(const struct json_reader *r)
{
    return r->at < r->text.length ? r->text.bytes[r->at] : -1;
}

/*
 * index: members of objects by their keys, while a text is read
 */

/* Gives an object one more member. */
void ip_json_append(struct json *object, struct json *value);
/* The same, and the member can be found by its key. */
void ip_json_insert(struct json_reader *r, struct json *object, struct json *value);
/* The first member with this key, or NULL. */
struct json *ip_json_seek(struct json_reader *r, const struct json *object, struct imgprobe_bytes key);
/* Takes all members away from an object; returns the first. */
struct json *ip_json_empty(struct json_reader *r, struct json *object);

/* tree: makes objects of dotted keys, everywhere beneath `root`. */
enum imgprobe_status ip_json_flatten(struct json_reader *r, struct json *root);

/*
 * scalar
 */

/* Reads a string, from the quote that comes next to its twin, and gives what it means. */
enum imgprobe_status ip_json_read_string(struct json_reader *r, struct imgprobe_bytes *ret);
/* Reads a value that is neither an object nor a list. `c` is the byte that comes next. */
enum imgprobe_status ip_json_read_scalar(struct json_reader *r, int c, struct json *value);

/* string: writes to `to` what the bytes between two quotes mean, which takes no more room than they do. False, with a
 * sentence in *ret_what, where they are no string. */
bool ip_json_string(struct imgprobe_bytes raw, unsigned char *to, size_t *ret_length, const char **ret_what);

/*
 * graph: what a json: name describes
 */

/* Resolves a json: name, or an object of one that stands in place of a name in the header. Fills what
 * ip_protocol_name fills. For what ends at a local file it fills its path, format and layers. */
enum imgprobe_status ip_graph_name(struct imgprobe_reference *r, const struct place *place);
/* Fills `r->redacted` where a password may stand in such a name. */
void ip_graph_redact(struct imgprobe_reference *r);
/* graph-override: the name `via`, by which an image was reached, may have objects in place of the image's own
 * references. Marks those as `overridden`, and lists the objects behind them. */
enum imgprobe_status ip_graph_override(const struct imgprobe_reference *via, struct imgprobe_image *image,
                                       struct imgprobe_workspace *w, struct imgprobe_error *error);

/*
 * graph-keys: what a driver takes
 */

/* What stands for a driver where the reader probes. A node without a driver's word has the keys that any format
 * might have. */
extern const struct driver ip_graph_probed;
/* A key for which a name isn't followed: its value, its row if the reader has one, a finding's id and a sentence. */
struct bad_key {
    const struct json *at;
    const struct key *key;
    const char *reason, *note;
};
/* Whether the node has a key that the driver doesn't take, in all of these versions; the first goes to *ret. */
bool ip_graph_bad_key(const struct json *node, const struct driver *driver, struct ip_versions versions,
                      struct bad_key *ret);
/* The number that a value of KEY_BYTES says; false for none. */
bool ip_graph_bytes(const struct json *value, uint64_t *ret);
/* Whether a value of KEY_BOOL is true. */
bool ip_graph_true(const struct json *value);

/*
 * graph-note, graph-layers, graph-server, graph-protocol: what is found on the way through a graph
 */

/* One name on its way from the outermost node inward. */
struct graph {
    struct imgprobe_reference *r;
    const struct place *place;
    const struct json *decoder; /* the node whose driver decodes, or is probed; NULL for none */
    struct imgprobe_layer **layer_tail;
    struct imgprobe_resource **resource_tail;
};
/* Room for what is found; NULL, with the error filled, where there is none. */
void *ip_graph_take(struct graph *g, size_t size);
/* Notes why the name isn't followed, and at which value. Returns OK, or LIMIT. */
enum imgprobe_status ip_graph_refuse(struct graph *g, const struct json *at, const char *reason, const char *note);
/* The same, because versions of the reader differ, in a thing that `when` says. */
enum imgprobe_status ip_graph_refuse_some(struct graph *g, const struct json *at, struct ip_when when,
                                          const char *note);
/* Lists a thing of this host, if `name` names one. A relative name stands in the reader's working directory. */
enum imgprobe_status ip_graph_resource(struct graph *g, enum imgprobe_kind kind, const struct json *name);
/* Takes a node that shows its file's bytes. */
enum imgprobe_status ip_graph_layer(struct graph *g, const struct json *node, const struct driver *driver);
/* Takes the node that decodes. */
enum imgprobe_status ip_graph_decoder(struct graph *g, const struct json *node, const struct driver *driver);
/* Decides the format where no node decodes, once all nodes are seen. `last` is the innermost. */
void ip_graph_raw_format(struct graph *g, const struct driver *last);
/* Fills in one server by the keys of `from`, and lists the socket that it may be. */
enum imgprobe_status ip_graph_server(struct graph *g, const struct json *from, struct imgprobe_server *server);
/* The same of "server", which is one object or a list of them. */
enum imgprobe_status ip_graph_servers(struct graph *g, const struct json *servers, struct imgprobe_protocol *p);
/* Fills in host and port of "HOST:PORT". */
enum imgprobe_status ip_graph_portal(struct graph *g, struct imgprobe_bytes portal, struct imgprobe_server *server);
/* Ends at a node that isn't a plain file. Fills its parts as the reader takes them, and lists what it opens on this
 * host. */
enum imgprobe_status ip_graph_protocol(struct graph *g, const struct json *node, const struct driver *driver);
/* Ends at a driver with several children. Lists what any of them opens on this host. */
enum imgprobe_status ip_graph_composite(struct graph *g, const struct json *node, const struct driver *driver);

#endif
