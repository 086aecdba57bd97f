/* SPDX-License-Identifier: MIT */
/* A driver of the reader's, and the keys that a json: name may give to it. They are the option lists in QEMU's
 * block/. */
#ifndef IP_DRIVER_H
#define IP_DRIVER_H

#include "imgprobe.h"

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

/* clang-format off */
#define KEY(name, type) {name, KEY_##type, NULL, NULL}
#define KEYS_END {NULL, KEY_ANY, NULL, NULL}
/* clang-format on */

/* keys: what several drivers take: a file; a file and a backing file; what encrypts. */
extern const struct key ip_keys_file[], ip_keys_backed[], ip_keys_encrypt[];

#endif
