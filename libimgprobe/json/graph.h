/* SPDX-License-Identifier: MIT */
/* What the files about json: names share: drivers, their keys, and one walk through a graph. */
#ifndef IP_GRAPH_H
#define IP_GRAPH_H

#include "json/json.h"

enum driver_class {
    DRIVER_FILE,      /* ends the graph at a file of this host */
    DRIVER_RAW,       /* shows a part of its file */
    DRIVER_FILTER,    /* shows its file */
    DRIVER_FORMAT,    /* decodes its file */
    DRIVER_DEVICE,    /* takes devices of this host alone */
    DRIVER_LOCAL,     /* reaches things of this host otherwise than by a file's name */
    DRIVER_REMOTE,    /* leads to another host */
    DRIVER_URL,       /* the same, by a URL */
    DRIVER_COMPOSITE, /* several children, or files beside its one */
    DRIVER_WRITES     /* can't but write to its file */
};

enum key_type {
    KEY_CHILD,     /* a value that graph.c reads: an object, or a null where that means something */
    KEY_FILENAME,  /* a string that isn't empty */
    KEY_BYTES,     /* decimal digits */
    KEY_SIZE,      /* decimal digits and a unit */
    KEY_BOOL,      /* true, or "on" and its like */
    KEY_READ_ONLY, /* true or "on": anything else opens for writing */
    KEY_NEVER_ON,  /* false or "off": anything else opens for writing */
    KEY_WORD,      /* one of `words`, between bars */
    KEY_TEXT,      /* any string or number: what it names is no file */
    KEY_NODE,      /* a name for the node, which no other has */
    KEY_GROUP,     /* an object with keys of its own, `group` */
    KEY_ANY        /* of a driver whose names aren't followed */
};

struct key {
    const char *name;
    enum key_type type;
    const char *words;
    const struct key *group;
};

struct driver {
    const char *name;
    enum driver_class class;
    const struct key *keys; /* besides those of every driver; NULL for none */
    bool many;              /* keys that aren't listed are taken */
};

/* The row of this driver; NULL for none. The keys of a node whose driver the reader probes. */
const struct driver *ip_graph_driver(struct imgprobe_bytes name);
extern const struct driver ip_graph_probed;
/* NULL, or the first key of the object that the driver doesn't take, with *ret_reason and *ret_note. */
const struct json *ip_graph_bad_key(const struct json *node, const struct driver *driver, const char **ret_reason,
                                    const char **ret_note);
bool ip_graph_bytes(const struct json *value, uint64_t *ret);
bool ip_graph_true(const struct json *value);

/* One walk. */
struct graph {
    struct imgprobe_reference *r;
    const struct place *place;
    struct imgprobe_workspace *w;
    struct imgprobe_error *error;
    const struct json *decoder; /* the node whose driver decodes, or is probed; NULL for none */
    struct imgprobe_layer **layer_tail;
    struct imgprobe_resource **resource_tail;
};
void *ip_graph_take(struct graph *g, size_t size);
enum imgprobe_status ip_graph_full(struct graph *g);
enum imgprobe_status ip_graph_refuse(struct graph *g, const struct json *at, const char *reason, const char *note);
/* A node that shows its file's bytes; the one that decodes them; and once all are seen, what is the format where none
 * does, `last` being the innermost. */
enum imgprobe_status ip_graph_layer(struct graph *g, const struct json *node, const struct driver *driver);
enum imgprobe_status ip_graph_decoder(struct graph *g, const struct json *node, const struct driver *driver);
void ip_graph_settle_raw(struct graph *g, const struct driver *last);
/* What a string or number says, or the one at a key; none. */
struct imgprobe_bytes ip_graph_text(const struct json *value);
struct imgprobe_bytes ip_graph_text_at(const struct json *node, const char *key);
/* Addresses: of one server, of an object or a list of them, and of "host:port". */
enum imgprobe_status ip_graph_server(struct graph *g, const struct json *from, struct imgprobe_server *server);
enum imgprobe_status ip_graph_servers(struct graph *g, const struct json *servers, struct imgprobe_protocol *p);
enum imgprobe_status ip_graph_portal(struct graph *g, struct imgprobe_bytes portal, struct imgprobe_server *server);
/* A node that isn't a plain file: its parts, as the reader takes them, and what it opens on this host. */
enum imgprobe_status ip_graph_protocol(struct graph *g, const struct json *node, const struct driver *driver);
/* The same of a driver with several children. */
enum imgprobe_status ip_graph_composite(struct graph *g, const struct json *node, const struct driver *driver);
/* Resources of the host. A name of a file stands in the reader's working directory. */
enum imgprobe_status ip_graph_resource(struct graph *g, enum imgprobe_kind kind, const struct json *name);

#endif
