/* SPDX-License-Identifier: MIT */
/*
 * readers: what each reader of images has and does, by its versions, as tables: versions, drivers and their keys, the
 * words by which a name chooses a driver.
 *
 * It uses nothing. It never looks at an image, and holds no rule that a table can't say: the rooms behind it ask.
 */
#ifndef IP_READERS_H
#define IP_READERS_H

#include "imgprobe.h"

#define IP_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * versions
 */

/* Which versions have a thing: from `since` on, 0 for all before `until`; up to `until`, which hasn't it any more, 0
 * for none. */
struct ip_when {
    uint16_t since, until;
};
/* Those for which one answer is made: the first and the last of them. */
struct ip_versions {
    uint16_t first, last;
};
enum ip_have { IP_NONE_HAS, IP_SOME_HAVE, IP_ALL_HAVE };
static inline enum ip_have ip_have(struct ip_versions versions, struct ip_when when)
{
    if (when.since > versions.last || (when.until != 0 && when.until <= versions.first))
        return IP_NONE_HAS;
    if (when.since <= versions.first && (when.until == 0 || when.until > versions.last))
        return IP_ALL_HAVE;
    return IP_SOME_HAVE;
}
/* clang-format off */
#define IP_SINCE(major, minor) {IMGPROBE_READER_VERSION(major, minor), 0}
#define IP_UNTIL(major, minor) {0, IMGPROBE_READER_VERSION(major, minor)}
/* clang-format on */

/*
 * readers
 */

/* A reader: its row, and what it does otherwise than QEMU. Where that is zero it does as QEMU. */
struct ip_reader {
    struct imgprobe_reader_row row;
    const char *const *formats;  /* NULL for all; else those that it opens and that were compared, ended by NULL */
    const char *const *declared; /* NULL, or the words that it knows for a backing file's format, ended by NULL */
    bool plain_names; /* a name is a path, letter by letter, beside the image that holds it: also that of a data file
                       */
    bool writes_data; /* data files are opened for writing, whatever the image is opened for */
    bool files_alone; /* what it does with a block device was never compared */
};
extern const struct ip_reader ip_reader_imago;
/* The readers, in the order of their numbers. */
extern const struct ip_reader *const ip_readers[];
extern const size_t ip_readers_count;
/* Whether the reader opens images of the format that we call so. */
bool ip_reader_opens(enum imgprobe_reader reader, const char *format);
/* The versions that an answer is for: those compared ones that `version` stands for, all for 0. False for a version
 * of which nothing is known. */
bool ip_reader_versions(enum imgprobe_reader reader, unsigned version, struct ip_versions *ret);

/*
 * keys: what a json: name may say to a driver, as the option lists in QEMU's block/ have it
 */

enum key_type {
    KEY_CHILD,     /* a value that graph.c reads: an object, or a null where that means something */
    KEY_FILENAME,  /* a string that isn't empty */
    KEY_BYTES,     /* decimal digits */
    KEY_U32,       /* the same, of a number below 2^32 */
    KEY_SIZE,      /* decimal digits and a unit, below 1 TiB; no more than the key `words` has, if that isn't NULL */
    KEY_BOOL,      /* true, or "on" and its like */
    KEY_NEWER,     /* the same; of an image whose variant is `words` it can't be true */
    KEY_READ_ONLY, /* true or "on": anything else opens for writing */
    KEY_ONLY_ON,   /* true or "on": with anything else the node can't be used as one of several */
    KEY_NEVER_ON,  /* false or "off": anything else opens for writing */
    KEY_WORD,      /* one of `words`, between bars */
    KEY_TEXT,      /* any string or number: what it names is no file */
    KEY_NODE,      /* a name for the node, which no other has */
    KEY_GROUP,     /* an object with keys of its own, `group` */
    KEY_OPENS,     /* an object or a node's name: a further file, which isn't followed */
    KEY_ANY        /* of a driver whose names aren't followed */
};

struct key {
    const char *name;
    enum key_type type;
    const char *words;
    const struct key *group;
    struct ip_when when;
};

/* clang-format off */
#define KEY(name, type) {name, KEY_##type, NULL, NULL, {0, 0}}
#define KEY_OF(name, words) {name, KEY_WORD, words, NULL, {0, 0}}
#define KEY_WITHIN(name, other) {name, KEY_SIZE, other, NULL, {0, 0}}
#define KEY_NEWER(name, variant, major, minor) {name, KEY_NEWER, variant, NULL, IP_SINCE(major, minor)}
#define KEY_WITH(name, keys) {name, KEY_GROUP, NULL, keys, {0, 0}}
#define KEY_SINCE(name, type, major, minor) {name, KEY_##type, NULL, NULL, IP_SINCE(major, minor)}
#define KEYS_END {NULL, KEY_ANY, NULL, NULL, {0, 0}}
/* clang-format on */

/* Keys of every driver; a file; a file and a backing file; what encrypts. */
extern const struct key ip_keys_common[], ip_keys_file[], ip_keys_backed[], ip_keys_encrypt[];

/*
 * drivers
 */

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

struct driver {
    const char *name;
    enum driver_class class;
    const struct key *keys; /* besides those of every driver; NULL for none */
    bool many;              /* keys that aren't listed are taken */
    bool as_format;         /* declared as a format it means the bytes as they are */
    struct ip_when when;
    uint16_t deprecated;     /* since this version; 0: it isn't */
    bool by_name;            /* its "filename" in a json: name is a name of its protocol */
    const char *path[3];     /* the keys that together name what is opened, in the order of the path */
    const char *local;       /* NULL, or its key that names something on this host, */
    enum imgprobe_kind kind; /* of this kind */
    unsigned reaches;        /* a bit, 1 << kind, for each kind of thing; 0: nothing but its nodes */
    enum imgprobe_tier tier; /* a format's driver has its format's, */
    const char *why;         /* and its reason */
};
/* Of a format whose images name a backing file: that is any name. */
#define IP_REACHES_NAMED                                                                                             \
    (1u << IMGPROBE_KIND_FILE | 1u << IMGPROBE_KIND_BLOCK | 1u << IMGPROBE_KIND_SOCKET |                             \
     1u << IMGPROBE_KIND_DIRECTORY | 1u << IMGPROBE_KIND_REMOTE | 1u << IMGPROBE_KIND_SPECIAL)
/* QEMU's drivers that are no format's. */
extern const struct driver ip_drivers[];
extern const size_t ip_drivers_count;

/*
 * words: what stands before a name's colon
 */

/* The grammars of what stands behind it. The name room has a function for each. */
enum ip_grammar {
    IP_GRAMMAR_NONE, /* another room's, or no version's any more */
    IP_GRAMMAR_NBD,
    IP_GRAMMAR_CURL,
    IP_GRAMMAR_SSH,
    IP_GRAMMAR_ISCSI,
    IP_GRAMMAR_RBD,
    IP_GRAMMAR_NFS,
    IP_GRAMMAR_GLUSTER,
    IP_GRAMMAR_FAT,
    IP_GRAMMAR_BLKDEBUG,
    IP_GRAMMAR_BLKVERIFY,
    IP_GRAMMAR_DEVICE,
    IP_GRAMMAR_NULL,
    IP_GRAMMAR_NVME,
    IP_GRAMMAR_IO_URING,
    IP_GRAMMAR_OPTIONS_ONLY,
    IP_GRAMMARS
};
struct protocol_word {
    const char *word, *driver; /* the driver that it chooses; NULL: the name's own nodes say */
    const char *transport;     /* NULL where the word says none */
    enum ip_grammar grammar;
};
extern const struct protocol_word ip_protocol_words[];
extern const size_t ip_protocol_words_count;

#endif
