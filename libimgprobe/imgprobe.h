/* SPDX-License-Identifier: MIT */
/*
 * libimgprobe: which files does a disk image refer to, asked before any emulator runs.
 *
 * The library reads header fields of hostile images. It allocates nothing, opens nothing by itself, keeps no global
 * state and writes only into the caller's workspace. Any number of threads may use it, each with its own workspace
 * and sources. A format that was only probed is a claim by whoever wrote the bytes: a guest can write any header into
 * a raw disk. Pass the format that you know in `options.format`, and use a probed one only to show it to people.
 *
 * Sizes and offsets are bytes. The caller sets `struct_size` to sizeof of the struct, and zeroes what it doesn't set;
 * memory behind what this version knows must be zero, and a size that no release had is USAGE. So is NULL where none
 * may be; a call without a status then does nothing, or gives NULL or 0. Results are reached by pointer, live in the
 * workspace, and end with the next probe or chain that uses it. Static strings outlive everything. A string is never
 * NULL, and bytes are never none, unless their comment says so. "The reader" is the program that opens the image.
 */
#ifndef IMGPROBE_H
#define IMGPROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#ifdef __GNUC__ /* imgprobe_chain and imgprobe_access are structs and calls, as C lets them be */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif
#endif

#ifndef IMGPROBE_API                                        /* empty for what reads no attributes, such as cffi */
#define IMGPROBE_API __attribute__((visibility("default"))) /* what the library exports */
#endif
/* Constants are literals, without casts, so that tools which make bindings see them. bindgen has -1 for UNKNOWN, of
 * which `as u64` makes the same number. */
#define IMGPROBE_UNKNOWN 0xffffffffffffffff /* a number that isn't known; the size of a source whose end isn't */
#define IMGPROBE_VERSION "0.3.0"            /* of this header; imgprobe_version() gives the library's */
#define IMGPROBE_VERSION_NUMBER 300         /* the same to compare: major * 10000 + minor * 100 + patch */

/* Every limit: name, default, ceiling, what it bounds. A limit of 0 means the default; none can be turned off. */
#define IMGPROBE_LIMITS(X)                                                                                           \
    X(image_bytes, 524288, 16777216, "bytes read for one image")                                                     \
    X(image_reads, 64, 4096, "reads for one image")                                                                  \
    X(descriptor_bytes, 262144, 1048576, "bytes of a text descriptor")                                               \
    X(header_extensions, 1024, 65536, "header extensions of one image")                                              \
    X(name_bytes, 4095, 4095, "bytes of a name or path")                                                             \
    X(json_depth, 16, 64, "nesting of a json: name")                                                                 \
    X(json_values, 128, 128, "values of a json: name, objects and lists included")                                   \
    X(chain_members, 4096, 65536, "members of a chain, extents included")                                            \
    X(chain_depth, 200, 1024, "depth of a chain, top included")                                                      \
    X(finding_repeats, 64, 65536, "findings of one id listed for one image")                                         \
    X(inside_compressed, 524288, 16777216, "compressed bytes read for one image inside")                             \
    X(inside_inflated, 16777216, 1073741824, "bytes inflated for it, those that are inflated again included")        \
    X(inside_ratio, 1032, 1032, "bytes inflated for each byte read; the default is the most that there can be")      \
    X(kept_members, 256, 65536, "files beneath the top that a chain keeps open, where it is to keep them")

/* The same of the safe opener, for one name. They are fixed. */
#define IMGPROBE_OPENER_LIMITS(X)                                                                                    \
    X(opener_steps, 1024, 1024, "components, also links', dots and empty ones; a way from a root counts as 16")      \
    X(opener_bytes, 65536, 65536, "bytes that are read: the whole name, anew behind each link and each ..")
#define IMGPROBE_OPENER_LINKS 40 /* as many as the kernel */
#define IMGPROBE_OPENER_STEPS 1024
#define IMGPROBE_OPENER_BYTES 65536

/* Room for a chain of `members` members and their references, with names of `names` bytes in all, and a descriptor of
 * `descriptor` bytes. */
#define IMGPROBE_WORKSPACE_SIZE(members, names, descriptor)                                                          \
    ((size_t)262144 + (size_t)2048 * (members) + (size_t)4 * (names) + (size_t)2 * (descriptor))
#define IMGPROBE_WORKSPACE_DEFAULT 4194304 /* serves the default limits; with receipts it takes 1 MiB more */

/* Room for a feed that keeps ranges of `ranges` bytes in all besides the three windows, as a probe asks for them. */
#define IMGPROBE_FEED_SIZE(ranges) ((size_t)8192 + (ranges))
#define IMGPROBE_FEED_DEFAULT 540672 /* serves the default limits */

/* clang-format off */

/* How a call ended. */
enum imgprobe_status {
    IMGPROBE_OK = 0,          /* all is known */
    IMGPROBE_NEED = 1,        /* the source doesn't have that range yet: `error.offset` and `error.least` bytes */
    IMGPROBE_AMBIGUOUS = 2,   /* the bytes decode as two things, or readers differ in what they open */
    IMGPROBE_TRUNCATED = 3,   /* the file ends inside something that it must hold */
    IMGPROBE_MALFORMED = 4,   /* damaged, or not the format that it was said to be */
    IMGPROBE_UNSUPPORTED = 5, /* newer or other than what this version decodes: nothing is known of its references */
    IMGPROBE_LIMIT = 6,       /* a limit or the workspace was reached */
    IMGPROBE_REFUSED = 7,     /* a rule forbids it */
    IMGPROBE_SYSTEM = 8,      /* the source or the opener failed */
    IMGPROBE_USAGE = 9        /* the caller's mistake; nothing was read */
};

/* How far a format is meant for hostile input: decoded, and fit for a running guest; decoded, for a one-off
 * conversion; recognised and not decoded; dead or known to be unsafe. */
enum imgprobe_tier { IMGPROBE_TIER_GUEST, IMGPROBE_TIER_IMPORT, IMGPROBE_TIER_IDENTIFY, IMGPROBE_TIER_REFUSE };
enum imgprobe_floor { IMGPROBE_FLOOR_NONE = 0, IMGPROBE_FLOOR_GUEST, IMGPROBE_FLOOR_IMPORT }; /* the lowest tier taken */
enum imgprobe_reader { IMGPROBE_READER_QEMU = 0, IMGPROBE_READER_XEN = 1, /* libvhd, and the tools round it */
    IMGPROBE_READER_IMAGO = 2 };                                          /* the library that libkrun has */
#define IMGPROBE_READER_VERSION(major, minor) ((major) * 256 + (minor)) /* of a reader */
enum imgprobe_role { IMGPROBE_ROLE_BACKING = 0, /* why a file is referred to; a VMDK's or VHD's parent: BACKING */
    IMGPROBE_ROLE_DATA_FILE = 1, IMGPROBE_ROLE_EXTENT = 2 };
enum imgprobe_references_state { /* CANNOT_TELL is never NONE: something may be there, even if the status is OK */
    IMGPROBE_REFERENCES_CANNOT_TELL, IMGPROBE_REFERENCES_NONE, IMGPROBE_REFERENCES_KNOWN };
enum imgprobe_format_source { /* how a format was decided, strongest first. IMPLIED: its referrer leaves no choice */
    IMGPROBE_FORMAT_PINNED, IMGPROBE_FORMAT_DECLARED, IMGPROBE_FORMAT_IMPLIED, IMGPROBE_FORMAT_PROBED };
enum imgprobe_kind { /* what a name opens; NONE: nothing, or it can't be told */
    IMGPROBE_KIND_NONE, IMGPROBE_KIND_FILE, IMGPROBE_KIND_BLOCK, IMGPROBE_KIND_SOCKET, IMGPROBE_KIND_DIRECTORY,
    IMGPROBE_KIND_REMOTE,    /* a protocol to another host */
    IMGPROBE_KIND_SPECIAL }; /* something on this host, otherwise than by a file's name */
enum imgprobe_chain_state { IMGPROBE_CHAIN_COMPLETE, IMGPROBE_CHAIN_MISSING, /* can't be opened, for any reason */
    IMGPROBE_CHAIN_REMOTE, IMGPROBE_CHAIN_LOOP, IMGPROBE_CHAIN_LIMIT, IMGPROBE_CHAIN_REFUSED,
    IMGPROBE_CHAIN_MALFORMED, /* a member is truncated, malformed or unsupported */ IMGPROBE_CHAIN_AMBIGUOUS };
enum imgprobe_severity { IMGPROBE_NOTE, IMGPROBE_WARNING, IMGPROBE_DANGER }; /* of a finding */
enum imgprobe_attribute_type { IMGPROBE_BOOL, IMGPROBE_NUMBER, IMGPROBE_TEXT }; /* of a fact of an image */
enum imgprobe_follow { IMGPROBE_FOLLOW_ALL = 0, IMGPROBE_FOLLOW_OWN = 1 }; /* OWN: extents and data file alone */

/* What went wrong. Strings are static and may be NULL; numbers are IMGPROBE_UNKNOWN where there is none. */
struct imgprobe_error {
    enum imgprobe_status status; /* OK: nothing did */
    const char *format, *field; /* what was decoded; its field, or of REFUSED and AMBIGUOUS a finding's id */
    const char *what;           /* a sentence, where the numbers don't say it */
    uint64_t offset, found, least, most; /* where in the image; what is there, and what is allowed */
    bool valued, absent; /* `found` is the image's, even where it is all ones; an opener's: no file has that name */
};

/* Bytes as they stand in an image; a NUL that doesn't count in `length` follows them. `bytes` is NULL for none. */
struct imgprobe_bytes { const unsigned char *bytes; size_t length; };

/*
 * Where an image's bytes come from: the caller's, and valid while the call lasts. `read_at` fills `buffer` with
 * exactly `length` bytes and returns OK; NEED when they aren't there yet, TRUNCATED when the end came sooner than
 * `size` says, LIMIT when it had them and didn't keep them, SYSTEM when reading failed. A `size` of IMGPROBE_UNKNOWN
 * makes the probe ask by NEED, with offset IMGPROBE_UNKNOWN, for the size and the last bytes. Where a stream ends
 * before a range that was asked for, set `size` to what came and call again: the answer is that of a file of this
 * size, with TRUNCATED where too little is there. What came stays as it was, and so does a `size` that was given once.
 * `observe`, where set, is told of each range once, after it was read.
 */
struct imgprobe_source {
    size_t struct_size; uint64_t size; /* of the file; UNKNOWN for a stream that hasn't ended */
    enum imgprobe_status (*read_at)(void *context, uint64_t offset, void *buffer, size_t length);
    void *context; /* handed to read_at */
    void (*observe)(void *observer, uint64_t offset, const void *bytes, size_t length); /* or NULL */
    void *observer; /* handed to observe */
};

/* The caller's memory, in which all results live. After NEED what was read so far is kept in it for the next call;
 * zero `pending` to probe something else instead. */
struct imgprobe_workspace {
    size_t struct_size; void *memory; /* aligned for uint64_t */
    size_t size, most; /* of the memory; the most that was in use at once, set by the library */
    size_t pending;    /* set by the library */
};
#define IMGPROBE_DECLARE_LIMIT(name, usual, ceiling, what) uint64_t name;
struct imgprobe_limits { size_t struct_size; IMGPROBE_LIMITS(IMGPROBE_DECLARE_LIMIT) }; /* the caller's; 0: default */

/* A row of the table of formats: static. */
struct imgprobe_format {
    const char *name, *qemu_name;            /* "vhd"; "vpc", or NULL where QEMU has no driver */
    enum imgprobe_tier tier;                 /* how far it is meant for hostile input */
    const char *why;                         /* of the tier, a sentence */
    const char *deprecated, *deprecated_use; /* NULL, or what is, or which use of it, and since when */
    bool decoded, compiled;                  /* not only recognised; in this build, which else refuses it */
    unsigned reads;                          /* at most, of a well-formed image that writers make */
    uint64_t bytes;                          /* the same; a VMDK's descriptor may take as much as its limit */
    const char *libvirt_name;                /* NULL where libvirt has no word for it */
    bool takes_backing, rebases;             /* a backing node, in QEMU; qemu-img rebase -u renames it */
};

/* A reader of images: static. An answer holds for the versions that were compared; one between two of these is given
 * the answer of the older. */
struct imgprobe_reader_row {
    enum imgprobe_reader reader; const char *name, *what; /* "qemu"; what it is */
    const char *compared;                                 /* which of its programs the answers were compared with */
    const unsigned *versions; size_t version_count;       /* the oldest first; none: it has no versions */
};

/* A block driver of QEMU's. The caller sets `struct_size`. Versions are 0 where they lie outside of those compared. */
struct imgprobe_driver {
    size_t struct_size; const char *name;
    const struct imgprobe_format *format;        /* that it decodes; NULL: it is a protocol's, or a filter */
    bool filter, followed;                       /* it shows other nodes; names are followed to the file beneath */
    enum imgprobe_tier tier; const char *why;    /* how far it is meant for hostile names, and why */
    unsigned reaches;                            /* 1 << kind: each kind of thing that it opens besides its nodes */
    unsigned since, until, deprecated;           /* the first version that has it, the first that hasn't, or warns */
};

/* One fact of an image beyond the common ones, as the image has it. */
struct imgprobe_attribute {
    struct imgprobe_attribute *next; const char *name; /* static; "a.b": in an object, "a[].b": in a list of such */
    enum imgprobe_attribute_type type; /* which of the two below counts */
    bool qemu; /* it is a key of qemu-img's format-specific data */
    uint64_t number; struct imgprobe_bytes text; /* of BOOL (0 or 1) and NUMBER; of TEXT, else none */
};
struct imgprobe_word { struct imgprobe_word *next; const char *name; }; /* one of a list of our static names */

/* A finding that there can be: static. */
struct imgprobe_finding_row {
    const char *id; enum imgprobe_severity severity; /* stable between versions; the same wherever it is raised */
    unsigned policies; const char *explanation;      /* bit N: the policy at N refuses it; what to do about it */
};

/* A finding in an image or a verdict. */
struct imgprobe_finding {
    struct imgprobe_finding *next; const struct imgprobe_finding_row *row; /* its id and severity */
    const struct imgprobe_member *member;       /* NULL in an image */
    const struct imgprobe_reference *reference; /* NULL: it is about the image */
    uint64_t offset; const char *message;       /* in the image, or UNKNOWN; of this one, or the row's explanation */
    bool refused; uint64_t more; /* by the verdict's policy; of the same id and image, behind it and not listed */
};

/* Where data is served that isn't a local file's: the image's word, as the reader takes it. */
struct imgprobe_server {
    struct imgprobe_server *next;      /* the others, where there are several */
    const char *transport;             /* "tcp", "unix", "rdma", "iser", "vsock"; NULL: the protocol's own */
    struct imgprobe_bytes host, port;  /* IPv6 without brackets; digits or a service; none: the protocol's own */
    struct imgprobe_bytes socket;      /* path on this host; none */
};

/* What a name says of such data. A password is never kept, nor a query in which one stands. */
struct imgprobe_protocol {
    const char *scheme;            /* the driver in the reader's word, without a transport: "nbd", "host_device" */
    struct imgprobe_server server; /* the first */
    struct imgprobe_bytes path, user; /* the export, image, file or device there; none where there is none */
    struct imgprobe_bytes query; bool has_password; /* behind '?', or fat's words; none; left out */
};

/* A thing on this host that the reader would open for a name that isn't a plain file's; the path as it opens it. */
struct imgprobe_resource { struct imgprobe_resource *next; enum imgprobe_kind kind; struct imgprobe_bytes path; };

/* A driver between a reference and its file that shows the same bytes, or a part of them; the outermost first. */
struct imgprobe_layer {
    struct imgprobe_layer *next; const char *driver;    /* "raw", "copy-on-read" */
    uint64_t offset, size; /* of raw: where the part begins; its length, or UNKNOWN for the rest */
    bool beneath;          /* beneath the format that decodes the file, not above it */
};

/* What the image says of a file that it refers to: the image's word, known after a probe, `redacted` after a chain */
struct imgprobe_stated {
    struct imgprobe_bytes name, redacted; /* UTF-16 as WTF-8; to be shown instead, "***" for a password, or none */
    struct imgprobe_bytes stored;         /* of a UTF-16 name the bytes in the image, in `encoding`; none */
    const char *encoding;                 /* NULL, "UTF-16BE", "UTF-16LE" */
    size_t cut;                           /* length of the name as the reader cuts it, at a NUL */
    uint64_t offset;                      /* where the name stands in the image */
    struct imgprobe_bytes format;         /* declared or implied, as written; none: the reader probes */
    enum imgprobe_format_source format_source; /* DECLARED, IMPLIED or PROBED */
    const char *type, *access;            /* NULL, or the format's words: "FLAT", "W2ru"; "RW", "RDONLY" */
    uint64_t size, data_offset;           /* of an extent: bytes of the disk, or UNKNOWN; their place in the file */
    bool candidate, windows;              /* one of several names of one parent; written with \ and maybe a drive */
};

/* Where the reference led: the chain's answer. The first line is known after a probe. */
struct imgprobe_led {
    bool ignored; uint64_t size;          /* the reader opens nothing for it; bytes of the disk, UNKNOWN: all */
    bool json, overridden;                /* it is an object of a json: name; such an object stands in its place */
    struct imgprobe_bytes format;         /* in which the reader opens it; none: it probes */
    enum imgprobe_format_source format_source; enum imgprobe_kind kind; /* whose word that is; what the name opens */
    struct imgprobe_bytes path;           /* as the reader opens it; none if it can't be told or there are several */
    const struct imgprobe_protocol *protocol; /* NULL: a local file, or it can't be told */
    struct imgprobe_resource *resources;  /* of a SPECIAL or REMOTE name: what it opens on this host */
    struct imgprobe_layer *layers;        /* of a json: name */
    const char *reason, *note;            /* NULL, or why it isn't followed: a finding's id; in words */
    struct imgprobe_member *member;       /* NULL, or the member that it is */
};

struct imgprobe_reference { /* in an image's list; its two halves have an author each */
    struct imgprobe_reference *next; enum imgprobe_role role; /* why the image refers to it */
    struct imgprobe_stated stated; /* the image's half */
    struct imgprobe_led led;       /* ours */
};

/* What an image stands compressed in: static words, and counts. */
struct imgprobe_inside {
    const char *compression; /* "gzip" */
    bool whole;              /* its end is known, and its checksum holds */
    uint64_t inflated;       /* bytes, those that were inflated again included */
};

/* One image, probed. Its format, how that was decided, and the file's size are our word; the rest is the image's. */
struct imgprobe_image {
    struct imgprobe_error error;             /* .status OK: fully known */
    const struct imgprobe_format *format;    /* NULL while undecided */
    enum imgprobe_format_source format_source; /* PROBED: a claim, to be shown and not trusted */
    enum imgprobe_references_state references_state; /* whether the list below is all */
    const char *variant;                     /* NULL if the format has none */
    uint64_t file_size, virtual_size;        /* UNKNOWN: of a stream; until a chain adds the extents up */
    uint64_t cluster_size;                   /* 0: none */
    bool size_from_extents, encrypted, dirty, compressed; /* the first: the disk's size is what these add up to */
    bool read_only;                          /* no reader opens it for writing */
    struct imgprobe_bytes unique_id, parent_unique_id; /* as the format records them; none */
    struct imgprobe_reference *references;   /* in the order in which the reader opens them */
    struct imgprobe_attribute *attributes;   /* in the order of the header */
    struct imgprobe_finding *findings;       /* what is odd about it; imgprobe_check says more */
    struct imgprobe_word *also_matches, *content; /* other formats that the bytes match; what a raw image holds */
    uint64_t reads, bytes;                   /* from the source */
    const struct imgprobe_inside *inside;    /* NULL, or what it stands compressed in; see `options.inside` */
};
struct imgprobe_identity { uint64_t device, inode; }; /* which file it is; of a block device its number and 0 */

/* What an opener gives. */
struct imgprobe_opened {
    size_t struct_size; struct imgprobe_source source; /* of its bytes */
    struct imgprobe_identity identity; enum imgprobe_kind kind; /* one for all names of the file; FILE or BLOCK */
    uint64_t allocated; void *handle; /* bytes on the host's disk, or UNKNOWN; the opener's own */
    bool linked; /* the last component of its name is a symbolic link */
    int64_t changed; uint32_t changed_nanoseconds; /* when the file was changed last, st_ctim; 0: not known */
};

/*
 * The caller's opener. `open` is asked for each name that is followed, with a path as the reader would open it, and
 * fills `ret` or returns REFUSED, SYSTEM (or any other status) with `error->what`, and with `error->absent` where no file
 * has that name. It is asked as well for what decides which of several names a reader follows. Its sources answer at once; NEED
 * stops the chain. `done` is called once for each that was opened, and of a member that `keep` keeps by imgprobe_release; but for these
 * at most two are open at once. `canonical`, which
 * may be NULL, writes the absolute name without links, of at most `size` bytes, no NUL needed; it returns its length,
 * or 0 where it can't be told. It is asked between `open` and `done`, and for the top, which `open` hasn't opened.
 */
struct imgprobe_opener {
    size_t struct_size; enum imgprobe_status (*open)(void *context, const char *path, struct imgprobe_opened *ret,
                                                     struct imgprobe_error *error);
    void (*done)(void *context, struct imgprobe_opened *opened); void *context; /* handed to all three */
    size_t (*canonical)(void *context, const struct imgprobe_opened *opened, char *name, size_t size);
};

/* A range of a file that was read. `digest` is XXH3-128, in its canonical bytes, over this range and all before it, in
 * the order of reading: of each its offset and length, as 8 bytes little-endian, and then its content. */
struct imgprobe_receipt_range { uint64_t offset, length; unsigned char digest[16]; };

/* What an answer rests on in one file. It may be kept, and looked at by imgprobe_verify later. */
struct imgprobe_receipt {
    size_t struct_size; struct imgprobe_identity identity; enum imgprobe_kind kind;
    uint64_t size; int64_t changed; uint32_t changed_nanoseconds; /* as the opener gave them */
    const struct imgprobe_receipt_range *ranges; size_t range_count; /* in the order of reading; NULL for none */
};

/* A name that the opener was asked for which is no member's `path`: the file has another one in the chain, or there was
 * nothing, or it wasn't followed. An answer rests on these as well. */
struct imgprobe_asked {
    struct imgprobe_asked *next; struct imgprobe_bytes path;
    enum imgprobe_status status; bool absent; /* OK: opened; no file has that name; else it couldn't be told */
    struct imgprobe_identity identity;        /* of what was opened */
};

/* A file of a chain: the opener's word on the file, and the image in it. */
struct imgprobe_member {
    struct imgprobe_member *next, *parent; /* in the order of opening; who referred to it first, NULL for the top */
    struct imgprobe_reference *via;        /* by which reference; NULL for the top */
    struct imgprobe_bytes path, canonical; /* as the reader opens it; absolute, without links, or none */
    struct imgprobe_identity identity; enum imgprobe_kind kind; /* by which loops are found; FILE or BLOCK */
    uint64_t allocated;                    /* its own and its extents' bytes on the host's disk, or UNKNOWN */
    unsigned index, depth;                 /* 0 for the top */
    struct imgprobe_image *image;          /* what it holds; never NULL */
    const struct imgprobe_receipt *receipt; /* NULL: not asked for, or a read failed */
};

/* A file that stays open: as the opener gave it, or the top as the caller gave it. */
struct imgprobe_kept_file { struct imgprobe_kept_file *next; struct imgprobe_opened opened; };

/* A chain: complete, or up to where it ended. */
struct imgprobe_chain {
    enum imgprobe_chain_state state; unsigned count; /* only COMPLETE is all; how many members */
    struct imgprobe_error error;     /* why it isn't complete */
    struct imgprobe_member *culprit; /* at which member; NULL when complete */
    struct imgprobe_reference *at;   /* at which of its references, or NULL */
    struct imgprobe_member *members; /* the top first, then in the order of opening */
    struct imgprobe_asked *asked;    /* with receipts: in the order of asking */
    struct imgprobe_kept_file *kept; /* with `keep`, until imgprobe_release: one for each member, in their order */
};
struct imgprobe_declaration { struct imgprobe_identity identity; const char *format; }; /* of a file, from outside */

/* What the caller asks. What stands behind `limits` is for a chain. */
struct imgprobe_options {
    size_t struct_size; const char *format; /* of the (top) image, our name or QEMU's; NULL: probe */
    enum imgprobe_reader reader; unsigned version; /* for whom: all versions that were compared for 0, else one */
    const struct imgprobe_limits *limits; /* NULL: the defaults */
    enum imgprobe_follow follow; /* which references */
    const char *name;    /* under which the top is opened; relative names stand beside it. NULL: nowhere */
    const char *workdir; /* the reader's working directory; NULL: names relative to it stay unresolved */
    const struct imgprobe_declaration *declarations; size_t declaration_count; /* of files beneath the top */
    bool receipt;        /* each member gets its receipt, and the chain the names that were asked for */
    /* If the (top) file is gzip, the answer is about the image inside it, and `format` is that one's. To every reader
     * the file is raw: so this is to be shown and judged, none of its references is followed, and imgprobe_access
     * refuses it. Its end is known where the file and what is inflated are short enough for the limits; else the size
     * is UNKNOWN, `inside-not-whole` is a finding, and what only the end decides is LIMIT. Other compressed content
     * and archives are UNSUPPORTED, gzip in gzip is REFUSED, several members are AMBIGUOUS. Any other file is
     * answered for as without. After NEED the source is read from its start again. */
    bool inside;
    bool keep;           /* what was opened for a member stays open, until imgprobe_release */
};
/* A name by which a file is opened, and the reference that has it; NULL for the top's own. */
struct imgprobe_name { struct imgprobe_name *next; struct imgprobe_bytes path;
    const struct imgprobe_reference *via; };

/* What is to be granted of one file: once, by each name by which the reader opens it. */
struct imgprobe_grant {
    struct imgprobe_grant *next; const struct imgprobe_member *member; /* the file */
    struct imgprobe_name *names; /* the member's own first */
    bool write, unconsented;     /* to be granted; the reader would, and the caller hasn't consented */
    bool writable;               /* false: no reader writes to it, whatever it is granted */
};

/* What a chain's reader is to be granted: each of its files, the top first. */
struct imgprobe_access {
    struct imgprobe_error error;           /* why `grants` isn't to be used, if it isn't OK */
    const struct imgprobe_member *culprit; /* at which member, or NULL */
    const struct imgprobe_reference *at;   /* at which of its references, or NULL */
    struct imgprobe_grant *grants; size_t count; /* what is known up to the error; how many */
};

/* A file by its identity; or where `beneath` isn't NULL, all beneath that directory: its canonical name, without a
 * slash at its end, "" for the root. */
struct imgprobe_consent { struct imgprobe_identity identity; const char *beneath; };

/* What the caller asks of access. */
struct imgprobe_access_options {
    size_t struct_size; bool write;                                       /* the top is opened for writing */
    const struct imgprobe_consent *consents; size_t consent_count; /* files to be written though an image chose */
    const struct imgprobe_consent *raised; size_t raised_count;    /* members written besides: for a block job */
    const char *const *allowed; size_t allowed_count; /* refusals to lift, as the caller knows better: see below */
    enum imgprobe_floor floor; /* REFUSED, `tier-below-floor`, where a member or a driver in between is below it */
};
struct imgprobe_policy { const char *name, *purpose; }; /* a named set of findings to refuse; static */

/* What there is to say of a chain. */
struct imgprobe_verdict {
    struct imgprobe_error error;       /* why there is no full answer, if it isn't OK */
    struct imgprobe_finding *findings; /* member by member, the top first */
    size_t count, refused;             /* how many, and how many the policy refuses, those not listed included */
};

/* What the caller asks of a check. */
struct imgprobe_check_options {
    size_t struct_size; const char *policy;           /* its name; NULL: only what is denied is refused */
    const char *const *denied; size_t denied_count;   /* ids that are refused besides */
    const char *const *allowed; size_t allowed_count; /* ids that are not refused; stronger than both */
    uint64_t most_virtual_size; const struct imgprobe_limits *limits; /* bytes, 0: any; NULL: the defaults */
    enum imgprobe_floor floor;                  /* of tiers: what is below it is a finding */
};

/* A stream that is judged while it comes. The caller sets what stands in the first two lines, which is the library's
 * until the end. */
struct imgprobe_feed {
    size_t struct_size; void *memory; size_t size; struct imgprobe_workspace *workspace; /* aligned for uint64_t */
    const struct imgprobe_options *options; const struct imgprobe_check_options *check;  /* each may be NULL */
    uint64_t received; size_t used; /* bytes that came; bytes of the memory */
    struct imgprobe_error error;    /* what it waits for, or why it's refused */
    struct imgprobe_chain *chain; struct imgprobe_verdict *verdict; /* of what had come, when last looked at, or NULL */
};

/* Directories beneath which the safe opener stays; none: it goes anywhere. */
struct imgprobe_roots { size_t struct_size; const char *const *roots; size_t root_count; };

/* What an opener keeps from one name to the next. The caller sets the first two, and the rest to zero once. */
struct imgprobe_kept {
    size_t struct_size; const struct imgprobe_roots *roots; /* as for the safe opener; may change between two names */
    struct { int proc, here, held, opened; unsigned open; size_t here_length; uint64_t device; } own; /* the opener's */
};

/*
 * Probes one image. Pure: the answer depends on the bytes and the options only. `options` may be NULL. On every
 * status but USAGE `*ret_image` is set, with what was decided before an error; the same status stands in its `error`.
 * Within `limits`. A well-formed image as writers make them takes at most 4 reads and 8 KiB, vmdk 5 and 24 KiB, vhd
 * 11 and 16 KiB, vhdx 11 and 160 KiB, for its checksums; a longer descriptor of a vmdk takes one read more and its
 * bytes.
 */
IMGPROBE_API enum imgprobe_status imgprobe_probe(const struct imgprobe_options *options,
    const struct imgprobe_source *source, struct imgprobe_workspace *workspace, struct imgprobe_image **ret_image);

/*
 * Probes `top` and what it refers to, depth first, in the reader's order. `opener` NULL: nothing is opened and every
 * reference is listed. `done` is not called for `top`, which stays the caller's. `*ret_chain` is set on every status
 * but USAGE and holds the members up to the reason. Returns OK exactly when the state is COMPLETE.
 */
IMGPROBE_API enum imgprobe_status imgprobe_chain(const struct imgprobe_options *options,
    const struct imgprobe_opened *top, const struct imgprobe_opener *opener, struct imgprobe_workspace *workspace,
    struct imgprobe_chain **ret_chain);

/*
 * Calls `done` for each member that `keep` kept open, in their order, and sets `kept` to NULL. The top stays the caller's.
 * For every chain with `keep`, complete or not, before its workspace is used anew. A second call does nothing.
 */
IMGPROBE_API void imgprobe_release(const struct imgprobe_opener *opener, struct imgprobe_chain *chain);

/*
 * The grants of a chain that stands in this workspace, behind it: every file that the reader opens, and whether for
 * writing. Beneath the top's backing file nothing is written. A data file or extent is written only where the caller
 * consents, since whoever wrote the image chose the name. Anything but a complete chain gives its own error; a probed
 * top that refers to anything is REFUSED, `format-probed`; also REFUSED: `write-needs-consent`, `not-writable`,
 * `not-a-member`; and where a member may have a parent of which it says nothing `parent-not-told`, the one that may
 * be in `allowed`. `options` NULL: read only. `*ret_access` is set on every status but USAGE.
 */
IMGPROBE_API enum imgprobe_status imgprobe_access(const struct imgprobe_access_options *options,
    const struct imgprobe_chain *chain, struct imgprobe_workspace *workspace, struct imgprobe_access **ret_access);

/*
 * What there is to say of a chain that stands in this workspace, behind it, and what of that the policy refuses. OK:
 * the top is known and nothing is refused; REFUSED: something is; the top's own status where it isn't known. USAGE: a
 * policy or an id that there isn't. Of a top that waits for more (NEED) only what was found so far is said, and is
 * REFUSED or NEED. LIMIT: the workspace is full, and more may be refused than is said; the verdict
 * is NULL where there was no room even for that. What lies behind the end of a chain that ended early isn't said:
 * look at its state, too.
 */
IMGPROBE_API enum imgprobe_status imgprobe_check(const struct imgprobe_check_options *options,
    const struct imgprobe_chain *chain, struct imgprobe_workspace *workspace, struct imgprobe_verdict **ret_verdict);

/*
 * Whether what a receipt says of a file still holds of `now`, which is what its name opens now. Nothing is probed: the
 * ranges are read in their order, once each, 4 KiB at a time, up to the first that differs. OK: all of it holds. The
 * change time isn't looked at, for a label or a link changes it: compare it, where that matters. REFUSED: the file
 * differs in the error's field, "identity", "size" or "bytes"; of these `*ret_range`, which may be NULL, is the index
 * of the first range that differs, and `range_count` in every other case. What can't be read is TRUNCATED, SYSTEM or
 * NEED, and a receipt with ranges beyond its size USAGE. `error` may be NULL. An answer rests on more than one file:
 * open each member's path and each name in `asked` anew. Options and the library's version are the caller's to compare.
 * Whoever can choose bytes that collide isn't seen.
 */
IMGPROBE_API enum imgprobe_status imgprobe_verify(const struct imgprobe_receipt *receipt,
    const struct imgprobe_opened *now, size_t *ret_range, struct imgprobe_error *error);

/*
 * Judges a stream while it comes. After `begin`, and after each piece, of any size, they return
 * - NEED: nothing is refused yet. `error` says which bytes it waits for; an offset of IMGPROBE_UNKNOWN: all is decided
 *   but what the end decides, the last bytes and the size.
 * - REFUSED: the policy refuses what was found, whatever comes behind; `verdict` says why.
 * - any other status: so does every probe of the whole, or it finds something worse.
 * Then the caller may stop, or go on for the whole verdict. After how many bytes that is depends on the bytes alone.
 * `end` gives a source of what was kept, with the size. A chain of that, and a check, in the same workspace, give
 * the file's own answer, which is the one that counts: an image isn't accepted before. Kept are bytes 0 to 4,095, 136
 * at 32,768, the last 2,048, and what a probe asked for before it came, as long as there is room. What else a probe
 * asks for is LIMIT, with the range in `offset` and `least`: it's lost, and we cannot tell.
 */
IMGPROBE_API enum imgprobe_status imgprobe_feed_begin(struct imgprobe_feed *feed);
IMGPROBE_API enum imgprobe_status imgprobe_feed(struct imgprobe_feed *feed, const void *bytes, size_t length);
IMGPROBE_API enum imgprobe_status imgprobe_feed_end(struct imgprobe_feed *feed, struct imgprobe_opened *ret);

/* Writes the error as one sentence, cut to `size` with a NUL (size 0: nothing). Returns its full length. */
IMGPROBE_API size_t imgprobe_error_text(const struct imgprobe_error *error, char *text, size_t size);

/*
 * Decodes the first character of UTF-8 text by the Unicode Standard, table 3-7: no overlong form, no surrogate, none
 * past U+10FFFF. Returns the number of its bytes; 0 for no text. Where no character begins, `*ret_character` is
 * UINT32_MAX, and the bytes counted are those for which one U+FFFD stands (section 3.9, maximal subparts).
 */
IMGPROBE_API size_t imgprobe_utf8(const void *bytes, size_t length, uint32_t *ret_character);

/*
 * Whether a terminal acts on the character, or a person doesn't see it: controls, separators of lines, what reorders
 * the letters around it, and what is invisible. The finding `name-control-character` goes by it.
 */
IMGPROBE_API bool imgprobe_hostile(uint32_t character);

/* The library's version, as IMGPROBE_VERSION. */
IMGPROBE_API const char *imgprobe_version(void);

/* The words for values, as the program's JSON has them: "data-file", "cannot-tell". Static; "unknown" for none. */
IMGPROBE_API const char *imgprobe_status_name(enum imgprobe_status status);
IMGPROBE_API const char *imgprobe_tier_name(enum imgprobe_tier tier);
IMGPROBE_API const char *imgprobe_reader_name(enum imgprobe_reader reader);
IMGPROBE_API const char *imgprobe_role_name(enum imgprobe_role role);
IMGPROBE_API const char *imgprobe_references_state_name(enum imgprobe_references_state state);
IMGPROBE_API const char *imgprobe_format_source_name(enum imgprobe_format_source source);
IMGPROBE_API const char *imgprobe_kind_name(enum imgprobe_kind kind);
IMGPROBE_API const char *imgprobe_chain_state_name(enum imgprobe_chain_state state);
IMGPROBE_API const char *imgprobe_severity_name(enum imgprobe_severity severity);

/* The row at `index`, in the order of the table; NULL past the last. Of formats also by our name or QEMU's; NULL if
 * none. */
IMGPROBE_API const struct imgprobe_format *imgprobe_format_at(size_t index);
IMGPROBE_API const struct imgprobe_format *imgprobe_format_named(const char *name);
IMGPROBE_API const struct imgprobe_finding_row *imgprobe_finding_at(size_t index);
IMGPROBE_API const struct imgprobe_policy *imgprobe_policy_at(size_t index);
IMGPROBE_API const struct imgprobe_reader_row *imgprobe_reader_at(size_t index);
/* The compared version that answers for this one; 0: none, since nothing is known of it. */
IMGPROBE_API unsigned imgprobe_reader_version(enum imgprobe_reader reader, unsigned version);
/* The same, written to `ret`; false past the last. */
IMGPROBE_API bool imgprobe_driver_at(size_t index, struct imgprobe_driver *ret);

/* Makes `source` show `size` bytes, which must outlive it. */
IMGPROBE_API void imgprobe_source_buffer(struct imgprobe_source *source, const void *bytes, size_t size);

/* Opens one path as the safe opener below does it, without roots. Whoever is done with it calls imgprobe_close. */
IMGPROBE_API enum imgprobe_status imgprobe_open_path(const char *path, struct imgprobe_opened *ret,
    struct imgprobe_error *error);
IMGPROBE_API void imgprobe_close(struct imgprobe_opened *opened);

/*
 * Opened from a descriptor of the caller's, by pread(2), with its size, kind and identity from fstat(2). Anything but
 * a regular file or block device is SYSTEM with `error->what`. The descriptor stays the caller's. `error` may be
 * NULL.
 */
IMGPROBE_API enum imgprobe_status imgprobe_open_fd(int fd, struct imgprobe_opened *ret, struct imgprobe_error *error);

/*
 * The safe opener. It opens regular files and block devices only, read only, and judges them before that; it refuses
 * names that depend on the process, and what a kernel makes up (sysfs, tracefs). `roots` may be NULL and must outlive
 * it. For one name it follows IMGPROBE_OPENER_LINKS symbolic links and walks as much as IMGPROBE_OPENER_LIMITS says,
 * past which it fails with LIMIT. It needs procfs at /proc: what was judged is opened by its
 * descriptor, never by its name again. The canonical name that it tells lies beneath a root, or it tells none; the
 * top's may lie anywhere. It takes no lock, but closing a file drops the process's own classic POSIX
 * locks on it: a caller who holds such brings its own opener.
 */
IMGPROBE_API void imgprobe_safe_opener(struct imgprobe_opener *opener, const struct imgprobe_roots *roots);

/*
 * The same opener for many names: a chain's, or those of a program that opens one image after the other. From the
 * third name on it takes fewer system calls, since it keeps a descriptor of /proc/self/fd, and while a file is open
 * one of the working directory. `kept` must outlive the opener. It serves one thread at a time, in one process: not
 * in a child of fork(2). imgprobe_kept_end closes what it keeps, once all files are done.
 */
IMGPROBE_API void imgprobe_kept_opener(struct imgprobe_opener *opener, struct imgprobe_kept *kept);
IMGPROBE_API void imgprobe_kept_end(struct imgprobe_kept *kept);

/* The descriptor from which it is read, which stays the opener's; -1 where neither the safe opener nor imgprobe_open_fd
 * opened it. */
IMGPROBE_API int imgprobe_fd(const struct imgprobe_opened *opened);

/*
 * One more descriptor of the very file, which is the caller's, for reading only or for reading and writing. No name is
 * looked up: the file is opened by the first descriptor, with an offset and flags of its own, and closes on exec. To
 * open it so needs its permissions and procfs at /proc; where that is refused and the first descriptor is open in the
 * same mode, the new one is a copy of it. `*ret` is -1 where there is none.
 */
IMGPROBE_API enum imgprobe_status imgprobe_descriptor(const struct imgprobe_opened *opened, bool write, int *ret,
    struct imgprobe_error *error);

/*
 * The same for each grant of an access that is OK, in their order, for writing where the grant says so. The chain was
 * made with `keep` by the safe opener, and isn't released yet. `count` is the access's. All or none: otherwise each is
 * -1. imgprobe_close_descriptors closes them, whichever are there, and sets them to -1.
 */
IMGPROBE_API enum imgprobe_status imgprobe_descriptors(const struct imgprobe_chain *chain,
    const struct imgprobe_access *access, int *ret, size_t count, struct imgprobe_error *error);
IMGPROBE_API void imgprobe_close_descriptors(int *descriptors, size_t count);

/*
 * Walks `path` as the safe opener does with these roots, and opens nothing. `*ret` is which file it leads to now, of any
 * kind. `directory`, which may be NULL, is told of each directory that is searched, by its canonical name and an O_PATH
 * descriptor, which stays ours; of some more than once. What it returns ends the walk, if it isn't OK. With roots, it's
 * told of a root first by the name under which `path` comes to it, with -1: that way is the caller's own.
 */
IMGPROBE_API enum imgprobe_status imgprobe_way(const struct imgprobe_roots *roots, const char *path,
    enum imgprobe_status (*directory)(void *context, const char *name, int fd), void *context,
    struct imgprobe_identity *ret, struct imgprobe_error *error);

/*
 * OK where the file of this descriptor, which may be O_PATH, is kept by somebody: on a disk, in memory or by a server.
 * REFUSED or SYSTEM for what a kernel makes up, as the safe opener has it, and where it can't be told. It's for a caller
 * who comes to files by descriptors and judges them himself. `error` may be NULL.
 */
IMGPROBE_API enum imgprobe_status imgprobe_storage(int fd, struct imgprobe_error *error);
/* clang-format on */

#ifdef __cplusplus
#ifdef __GNUC__
#pragma GCC diagnostic pop
#endif
}
#endif

#endif
