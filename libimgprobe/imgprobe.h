/* SPDX-License-Identifier: MIT */
/*
 * libimgprobe: which files does a disk image refer to, asked before any emulator runs.
 *
 * The library reads header fields of hostile images. It allocates nothing, opens nothing by itself, keeps no
 * global state and writes only into the caller's workspace; any number of threads may use it, each with its own
 * workspace and sources. A format that was only probed is a claim by whoever wrote the bytes: a guest can write any
 * header into a raw disk. Pass the format that you know in `options.format`, and trust a probed one for nothing else
 * than showing it to people.
 *
 * Conventions: sizes and offsets are bytes. `struct_size` is set by the caller to sizeof of the struct; memory behind
 * what this version knows must be zero. Results are reached by pointer, live in the workspace and end with the next
 * call that uses it. A string is never NULL unless its comment says so.
 */
#ifndef IMGPROBE_H
#define IMGPROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define IMGPROBE_API __attribute__((visibility("default")))
#else
#define IMGPROBE_API
#endif

/* A number that isn't known, and the size of a source whose end isn't known. */
#define IMGPROBE_UNKNOWN UINT64_MAX

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
    X(chain_depth, 200, 1024, "depth of a chain, top included")

/* Room for a chain of `members` members and their references, with names of `names` bytes in all, and a descriptor
 * of `descriptor` bytes. The default of 4 MiB serves the default limits. */
#define IMGPROBE_WORKSPACE_SIZE(members, names, descriptor)                                                          \
    ((size_t)65536 + (size_t)2048 * (members) + (size_t)4 * (names) + (size_t)2 * (descriptor))
#define IMGPROBE_WORKSPACE_DEFAULT ((size_t)4194304)

enum imgprobe_status {
    IMGPROBE_OK = 0,
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

enum imgprobe_tier { IMGPROBE_TIER_GUEST, IMGPROBE_TIER_IMPORT, IMGPROBE_TIER_IDENTIFY, IMGPROBE_TIER_REFUSE };
enum imgprobe_reader { IMGPROBE_READER_QEMU = 0, IMGPROBE_READER_XEN = 1 };
enum imgprobe_role { IMGPROBE_ROLE_BACKING = 0, IMGPROBE_ROLE_DATA_FILE = 1, IMGPROBE_ROLE_EXTENT = 2 };
enum imgprobe_references_state {
    IMGPROBE_REFERENCES_CANNOT_TELL,
    IMGPROBE_REFERENCES_NONE,
    IMGPROBE_REFERENCES_KNOWN
};
enum imgprobe_severity { IMGPROBE_NOTE, IMGPROBE_WARNING, IMGPROBE_DANGER };

/* How a format was decided, strongest first. IMPLIED: the referring format leaves no choice. */
enum imgprobe_format_source {
    IMGPROBE_FORMAT_PINNED,
    IMGPROBE_FORMAT_DECLARED,
    IMGPROBE_FORMAT_IMPLIED,
    IMGPROBE_FORMAT_PROBED
};

enum imgprobe_kind {
    IMGPROBE_KIND_NONE, /* opens nothing, or can't be told */
    IMGPROBE_KIND_FILE,
    IMGPROBE_KIND_BLOCK,
    IMGPROBE_KIND_SOCKET,
    IMGPROBE_KIND_DIRECTORY,
    IMGPROBE_KIND_REMOTE, /* a protocol to another host */
    IMGPROBE_KIND_SPECIAL /* reaches host resources otherwise than by a file name */
};

enum imgprobe_chain_state {
    IMGPROBE_CHAIN_COMPLETE,
    IMGPROBE_CHAIN_MISSING, /* a member can't be opened, for any reason */
    IMGPROBE_CHAIN_REMOTE,
    IMGPROBE_CHAIN_LOOP,
    IMGPROBE_CHAIN_LIMIT,
    IMGPROBE_CHAIN_REFUSED,
    IMGPROBE_CHAIN_MALFORMED, /* a member is truncated, malformed or unsupported */
    IMGPROBE_CHAIN_AMBIGUOUS
};

/* What went wrong. Strings are static and may be NULL; numbers are IMGPROBE_UNKNOWN where there is none. */
struct imgprobe_error {
    enum imgprobe_status status;
    const char *format; /* the format that was being decoded */
    const char *field;  /* the specification's name of the field, or a finding's id for REFUSED and AMBIGUOUS */
    const char *what;   /* a sentence, where found, least and most don't say it */
    uint64_t offset, found, least, most;
    bool valued; /* `found` is the image's, even where it is all ones */
};

/* Bytes as they stand in an image; a NUL that doesn't count in `length` follows them. `bytes` is NULL for none. */
struct imgprobe_bytes {
    const unsigned char *bytes;
    size_t length;
};

/*
 * Where an image's bytes come from. `read_at` fills `buffer` with exactly `length` bytes and returns OK; NEED when
 * they aren't there yet, TRUNCATED when the end came sooner than `size` says, SYSTEM when reading failed. A `size` of
 * IMGPROBE_UNKNOWN makes the probe ask by NEED, with offset IMGPROBE_UNKNOWN, for the size and the last bytes.
 * `observe`, where set, is told of each range once, after it was read.
 */
struct imgprobe_source {
    size_t struct_size;
    uint64_t size;
    enum imgprobe_status (*read_at)(void *context, uint64_t offset, void *buffer, size_t length);
    void *context;
    void (*observe)(void *observer, uint64_t offset, const void *bytes, size_t length);
    void *observer;
};

/* The caller's memory, aligned for any type. Set the first three, zero the rest. After NEED the ranges read so far
 * are kept for the next call; zero `pending` to probe something else instead. */
struct imgprobe_workspace {
    size_t struct_size;
    void *memory;
    size_t size;
    size_t most; /* high-water mark in bytes, set by the library */
    size_t results, ranges, pending, last_range;
    uint64_t reads, bytes;
};

#define IMGPROBE_DECLARE_LIMIT(name, usual, ceiling, what) uint64_t name;
struct imgprobe_limits {
    size_t struct_size;
    IMGPROBE_LIMITS(IMGPROBE_DECLARE_LIMIT)
};

/* A row of the table of formats. */
struct imgprobe_format {
    const char *name;      /* "vhd" */
    const char *qemu_name; /* "vpc"; NULL where QEMU has no driver */
    enum imgprobe_tier tier;
    const char *why;            /* of the tier, a sentence */
    const char *deprecated;     /* NULL, or what is and since when */
    const char *deprecated_use; /* NULL, or which use of it is and since when: its own encryption */
    bool decoded;               /* false: recognised only */
    bool compiled;              /* false: this build leaves it out, and refuses it as it does what isn't decoded */
    unsigned reads;             /* at most, of a well-formed image that writers make */
    uint64_t bytes;             /* the same; a VMDK's descriptor may take as much as its limit */
};

/* One fact of an image beyond the common ones. `qemu` facts are keys of qemu-img's format-specific data. */
enum imgprobe_attribute_type { IMGPROBE_BOOL, IMGPROBE_NUMBER, IMGPROBE_TEXT };
struct imgprobe_attribute {
    struct imgprobe_attribute *next;
    const char *name;
    enum imgprobe_attribute_type type;
    bool qemu;
    uint64_t number; /* of BOOL and NUMBER */
    struct imgprobe_bytes text;
};

struct imgprobe_finding {
    struct imgprobe_finding *next;
    const char *id;
    enum imgprobe_severity severity;
    uint64_t offset;
    const char *message;
};

struct imgprobe_match { /* another format that the bytes match */
    struct imgprobe_match *next;
    const struct imgprobe_format *format;
};

struct imgprobe_content { /* what a raw image holds, as far as its first and last bytes say */
    struct imgprobe_content *next;
    const char *name; /* "gpt", "luks2", "iso", ... */
};

/* What a name that isn't a local file's says of where the data is, as the reader takes it. A password is never kept.
 */
struct imgprobe_server {
    struct imgprobe_server *next;
    const char *transport;        /* "tcp", "unix", "rdma", "iser", "vsock"; NULL: the protocol's own */
    struct imgprobe_bytes host;   /* an IPv6 address without brackets; none */
    struct imgprobe_bytes port;   /* digits, or a service's name; none: the protocol's own */
    struct imgprobe_bytes socket; /* path on this host; none */
};
struct imgprobe_protocol {
    const char *scheme; /* "nbd", "https", "host_device": the driver, in the reader's word, without a transport */
    struct imgprobe_server server; /* the first; further ones by its `next` */
    struct imgprobe_bytes path;    /* the export, image, file or device there; none */
    struct imgprobe_bytes user;    /* none */
    struct imgprobe_bytes query;   /* what follows the '?' of a URI, or the words before fat's directory, as written;
                                    * none, also where a password stands in it */
    bool has_password;
};

/* A thing on this host that the reader would open for a name that isn't a plain file's. */
struct imgprobe_resource {
    struct imgprobe_resource *next;
    enum imgprobe_kind kind;
    struct imgprobe_bytes path; /* as the reader opens it */
};

/* A driver between a reference and its file that shows the same bytes, or a part of them; the outermost first. */
struct imgprobe_layer {
    struct imgprobe_layer *next;
    const char *driver;    /* "raw", "copy-on-read" */
    uint64_t offset, size; /* of raw: where the part begins, and its length or UNKNOWN for the rest */
    bool beneath;          /* beneath the format that decodes the file, not above it */
};

struct imgprobe_reference {
    struct imgprobe_reference *next;
    enum imgprobe_role role;
    struct imgprobe_bytes name; /* as it stands in the image; UTF-16 as WTF-8 */
    struct imgprobe_bytes
        redacted;                 /* the name with "***" for the password in it; none: it holds none. Show this one */
    struct imgprobe_bytes stored; /* UTF-16 names only: the bytes in the image, in `encoding` */
    const char *encoding;         /* NULL, "UTF-16BE", "UTF-16LE" */
    size_t cut;                   /* length of the name as the reader cuts it, at a NUL */
    uint64_t offset;              /* where the name stands in the image */
    struct imgprobe_bytes format; /* declared or implied, as written; none: the reader probes */
    enum imgprobe_format_source format_source;
    const char *type;     /* NULL, or the format's word: "FLAT", "W2ru" */
    const char *access;   /* NULL, or the format's word: "RW", "RDONLY" */
    uint64_t size;        /* bytes of the disk that it gives; UNKNOWN: its own virtual size */
    uint64_t stated_size; /* what the image says of that, whatever counts; UNKNOWN: nothing */
    uint64_t data_offset; /* where in the file they begin */
    bool candidate;       /* one of several names of one parent; the first in preference is followed */
    bool windows;         /* written with \ and maybe a drive: followed as the Xen tools convert it */
    bool ignored;         /* the format has it and the chosen reader opens nothing for it */
    bool overridden;      /* the name by which the image was reached gives another in its place, which follows it */
    /* after resolution, by imgprobe_chain: */
    enum imgprobe_kind kind;
    struct imgprobe_bytes path; /* as the reader opens it; none if it can't be told or there are several */
    const struct imgprobe_protocol *protocol; /* NULL: a local file, or it can't be told */
    struct imgprobe_resource *resources;      /* of a SPECIAL or REMOTE name: what it opens on this host */
    struct imgprobe_layer *layers;            /* of a json: name */
    bool regular;                             /* the driver that the name chooses takes a regular file alone */
    const void *object;                       /* the library's own: a json: name's object */
    struct imgprobe_bytes stated_format;      /* of a json: name: what the image itself says of the format; none */
    const char *reason; /* NULL, or the id of why it can't be followed: "needs-workdir", "remote-reference", ... */
    const char *note;   /* NULL, or why it wasn't followed, in words */
    struct imgprobe_member *member; /* NULL, or what it led to */
};

struct imgprobe_image {
    struct imgprobe_error error;          /* .status OK: fully known */
    const struct imgprobe_format *format; /* NULL while undecided */
    enum imgprobe_format_source format_source;
    const char *variant; /* NULL if the format has none */
    enum imgprobe_references_state references_state;
    uint64_t file_size;    /* UNKNOWN for a stream */
    uint64_t virtual_size; /* UNKNOWN until `chain` adds the extents up, for a format whose size is theirs */
    uint64_t cluster_size; /* 0: none */
    bool size_from_extents, encrypted, dirty, compressed, read_only;
    struct imgprobe_bytes identity, parent_identity; /* as the format records them; none */
    struct imgprobe_reference *references;           /* in the order in which the reader opens them */
    struct imgprobe_attribute *attributes;
    struct imgprobe_finding *findings;
    struct imgprobe_match *also_matches;
    struct imgprobe_content *content; /* of a raw image */
    uint64_t reads, bytes;            /* from the source */
};

/* Which file it is: device and inode; for a block device its number and 0. */
struct imgprobe_identity {
    uint64_t device, inode;
};

struct imgprobe_opened {
    size_t struct_size;
    struct imgprobe_source source;
    struct imgprobe_identity identity;
    enum imgprobe_kind kind;
    uint64_t allocated; /* bytes on the host's disk, or UNKNOWN */
    void *handle;       /* the opener's own */
    bool linked;        /* the last component of its name is a symbolic link */
};

/*
 * The caller's opener. `open` is asked for each name that is followed, with a path as the reader would open it, and
 * fills `ret` or returns REFUSED, SYSTEM (or any other status) with `error->what`. Its sources answer at once; NEED
 * stops the chain. `done` is called once for each that was opened; at most two are open at once.
 */
struct imgprobe_opener {
    size_t struct_size;
    enum imgprobe_status (*open)(void *context, const char *path, struct imgprobe_opened *ret,
                                 struct imgprobe_error *error);
    void (*done)(void *context, struct imgprobe_opened *opened);
    void *context;
    /* May be NULL. Writes the absolute name without links, of at most `size` bytes, no NUL needed; returns its
     * length, or 0 where it can't be told. Asked between `open` and `done`, and for the top, which `open` hasn't
     * opened: its `handle` is whatever the caller put there. */
    size_t (*canonical)(void *context, const struct imgprobe_opened *opened, char *name, size_t size);
};

struct imgprobe_member {
    struct imgprobe_member *next;    /* in the order of opening */
    struct imgprobe_member *parent;  /* who referred to it first; NULL for the top */
    struct imgprobe_reference *via;  /* by which reference; NULL for the top */
    struct imgprobe_bytes path;      /* as the reader opens it */
    struct imgprobe_bytes canonical; /* absolute, without links; none if the opener can't tell */
    struct imgprobe_identity identity;
    enum imgprobe_kind kind;
    uint64_t allocated;    /* its own and its extents' bytes on the host's disk, or UNKNOWN */
    unsigned index, depth; /* 0 for the top */
    struct imgprobe_image *image;
    struct imgprobe_reference *cursor; /* the library's own */
    bool entered, linked;
};

struct imgprobe_chain {
    enum imgprobe_chain_state state;
    struct imgprobe_error error;     /* why it isn't complete */
    struct imgprobe_member *culprit; /* at which member; NULL when complete */
    struct imgprobe_reference *at;   /* at which of its references, or NULL */
    struct imgprobe_member *members; /* the top first */
    unsigned count;
};

enum imgprobe_follow { IMGPROBE_FOLLOW_ALL = 0, IMGPROBE_FOLLOW_OWN = 1 /* extents and data file */ };

struct imgprobe_declaration { /* `--declare`: the format of a file, from outside */
    struct imgprobe_identity identity;
    const char *format;
};

struct imgprobe_options {
    size_t struct_size;
    const char *format; /* of the (top) image, our name or QEMU's; NULL: probe */
    enum imgprobe_reader reader;
    const struct imgprobe_limits *limits; /* NULL: the defaults */
    /* for imgprobe_chain: */
    enum imgprobe_follow follow;
    const char *name; /* under which the top is opened; relative names stand beside it. NULL: it has no directory */
    const char *workdir; /* the reader's working directory; NULL: names relative to it stay unresolved */
    const struct imgprobe_declaration *declarations;
    size_t declaration_count;
};

/*
 * Probes one image. Pure: the answer depends on the bytes and the options only. `options` may be NULL. On every
 * status but USAGE `*ret_image` is set, with what was decided before an error; the same status stands in its `error`.
 * At most `limits` reads and bytes. A well-formed image as writers make them takes at most 4 reads and 8 KiB, vmdk 5
 * and 24 KiB, vhd 11 and 16 KiB, vhdx 12 and 16 KiB; a longer descriptor of a vmdk takes one read more and its bytes.
 */
IMGPROBE_API enum imgprobe_status imgprobe_probe(const struct imgprobe_options *options,
                                                 const struct imgprobe_source *source,
                                                 struct imgprobe_workspace *workspace,
                                                 struct imgprobe_image **ret_image);

/*
 * Probes `top` and what it refers to, depth first, in the reader's order. `opener` NULL: nothing is opened and every
 * reference is listed. `done` is not called for `top`, which stays the caller's. `*ret_chain` is set on every status
 * but USAGE and holds the members up to the reason. Returns OK exactly when the state is COMPLETE.
 */
IMGPROBE_API enum imgprobe_status imgprobe_chain(const struct imgprobe_options *options,
                                                 const struct imgprobe_opened *top,
                                                 const struct imgprobe_opener *opener,
                                                 struct imgprobe_workspace *workspace,
                                                 struct imgprobe_chain **ret_chain);

/*
 * What a reader of a complete chain is to be granted: every file that it opens, once, the top first, and whether it
 * opens it for writing. Beneath the top's backing file nothing is written. A file that an image names as its data
 * file or extent is written only where the caller consents, since whoever wrote the image chose the name.
 */
struct imgprobe_name { /* by which a file is opened */
    struct imgprobe_name *next;
    struct imgprobe_bytes path;
    const struct imgprobe_reference *via; /* NULL for the top */
};

struct imgprobe_grant {
    struct imgprobe_grant *next;
    const struct imgprobe_member *member;
    struct imgprobe_name *names; /* each by which the reader opens it, once; the member's own first */
    bool write;
    bool unconsented; /* the reader would open it for writing, and the caller hasn't consented */
    bool writable;    /* false: no reader writes to it, whatever it is granted: seSparse, VMDK version 3, corrupt */
};

struct imgprobe_access {
    struct imgprobe_error error; /* why `grants` isn't to be used, if it isn't OK */
    const struct imgprobe_member *culprit;
    const struct imgprobe_reference *at;
    struct imgprobe_grant *grants; /* what is known up to the error */
    size_t count;
};

/* Consent, and members to be raised, by file: what was stat(2)ed, or a directory's canonical name. */
struct imgprobe_consent {
    struct imgprobe_identity identity; /* of a file, where `beneath` is NULL */
    const char *beneath;               /* a directory's canonical name, without a slash at its end; "" is the root */
};

struct imgprobe_access_options {
    size_t struct_size;
    bool write; /* the top is opened for writing */
    const struct imgprobe_consent *consents;
    size_t consent_count;
    const struct imgprobe_consent *raised; /* members that are written besides: for a block job */
    size_t raised_count;
};

/*
 * The grants of a chain that stands in this workspace, behind it. Anything but a complete chain gives its own error;
 * a probed top that refers to anything is REFUSED, `format-probed`; also REFUSED: `write-needs-consent`,
 * `not-writable`, `not-a-member`. `options` NULL: read only. `*ret_access` is set on every status but USAGE.
 */
IMGPROBE_API enum imgprobe_status imgprobe_access(const struct imgprobe_access_options *options,
                                                  const struct imgprobe_chain *chain,
                                                  struct imgprobe_workspace *workspace,
                                                  struct imgprobe_access **ret_access);

/* A finding that there can be, and what to do about it. */
struct imgprobe_finding_row {
    const char *id;
    enum imgprobe_severity severity;
    unsigned policies; /* bit N: the policy at N refuses it */
    const char *explanation;
};
struct imgprobe_policy {
    const char *name;
    const char *purpose;
};
/* The row at `index`; NULL past the last. */
IMGPROBE_API const struct imgprobe_finding_row *imgprobe_finding_at(size_t index);
IMGPROBE_API const struct imgprobe_policy *imgprobe_policy_at(size_t index);

struct imgprobe_remark { /* a finding in a chain */
    struct imgprobe_remark *next;
    const struct imgprobe_finding_row *row;
    const struct imgprobe_member *member;
    const struct imgprobe_reference *reference; /* NULL: it is about the image */
    uint64_t offset;                            /* or UNKNOWN */
    const char *message;                        /* of this one; the row's explanation where there is no other */
    bool refused;
};

struct imgprobe_verdict {
    struct imgprobe_error error;     /* why there is no full answer, if it isn't OK */
    struct imgprobe_remark *remarks; /* member by member, the top first */
    size_t count, refused;
};

struct imgprobe_check_options {
    size_t struct_size;
    const char *policy;        /* its name; NULL: only what is denied is refused */
    const char *const *denied; /* ids that are refused besides */
    size_t denied_count;
    const char *const *allowed; /* ids that are not refused; stronger than both */
    size_t allowed_count;
    uint64_t most_virtual_size; /* bytes; 0: any */
};

/*
 * What there is to say of a chain that stands in this workspace, behind it, and what of that the policy refuses. OK:
 * the top is known and nothing is refused; REFUSED: something is; the top's own status where it isn't known. USAGE: a
 * policy or an id that there isn't. LIMIT: the workspace is full, and more may be refused than is said; the verdict
 * is NULL where there was no room even for that. What a chain that ended early hides isn't said: look at its state,
 * too.
 */
IMGPROBE_API enum imgprobe_status imgprobe_check(const struct imgprobe_check_options *options,
                                                 const struct imgprobe_chain *chain,
                                                 struct imgprobe_workspace *workspace,
                                                 struct imgprobe_verdict **ret_verdict);

/* Writes the error as one sentence, cut to `size` with a NUL (size 0: nothing). Returns its full length. */
IMGPROBE_API size_t imgprobe_error_text(const struct imgprobe_error *error, char *text, size_t size);

/*
 * Decodes the first character of UTF-8 text by the Unicode Standard, table 3-7: no overlong form, no surrogate, none
 * past U+10FFFF. Returns the number of its bytes; 0 for no text. Where no character begins, `*ret_character` is
 * UINT32_MAX, and the bytes counted are those for which one U+FFFD stands (the Standard, section 3.9: substitution of
 * maximal subparts).
 */
IMGPROBE_API size_t imgprobe_utf8(const void *bytes, size_t length, uint32_t *ret_character);

/* The row at `index`, in the order of the registry; NULL past the last. By our name or QEMU's; NULL if none. */
IMGPROBE_API const struct imgprobe_format *imgprobe_format_at(size_t index);
IMGPROBE_API const struct imgprobe_format *imgprobe_format_named(const char *name);

/* A source over `size` bytes, which must outlive it. */
IMGPROBE_API void imgprobe_source_buffer(struct imgprobe_source *source, const void *bytes, size_t size);

/*
 * Opened from a descriptor of the caller's, by pread(2), with its size, kind and identity from fstat(2). Anything but
 * a regular file or block device is SYSTEM with `error->what`. The descriptor stays the caller's.
 */
IMGPROBE_API enum imgprobe_status imgprobe_open_fd(int fd, struct imgprobe_opened *ret, struct imgprobe_error *error);

/*
 * The safe opener. Regular files and block devices only, read only, judged before they are opened for reading; names
 * that depend on the process are refused. With `root_count` roots, only what lies beneath one of them. Takes no lock,
 * but closing a file drops the process's own classic POSIX locks on it: a caller who holds such brings its own
 * opener.
 * For one name it follows IMGPROBE_OPENER_LINKS symbolic links, as many as the kernel, and walks
 * IMGPROBE_OPENER_STEPS components, twice those of the longest name: `..` walks again from a root, which counts as 64
 * of them.
 */
#define IMGPROBE_OPENER_LINKS 40
#define IMGPROBE_OPENER_STEPS 4096
struct imgprobe_roots {
    size_t struct_size;
    const char *const *roots;
    size_t root_count; /* 0: anywhere */
};
IMGPROBE_API void imgprobe_safe_opener(struct imgprobe_opener *opener, const struct imgprobe_roots *roots);

#ifdef __cplusplus
}
#endif

#endif
