/* SPDX-License-Identifier: MIT */
/* What the engine's own files share. Formats see format.h alone. */
#ifndef IP_ENGINE_H
#define IP_ENGINE_H

#include "format.h"

/* The three windows that detection looks through, always the same and always all. */
#define IP_HEAD_LENGTH UINT64_C(4096)
#define IP_MIDDLE_OFFSET UINT64_C(32768)
#define IP_MIDDLE_LENGTH UINT64_C(136)
#define IP_TAIL_LENGTH UINT64_C(2048)

/* workspace: results grow from the bottom, ranges from the top. NULL when they would meet. */
void *ip_take(struct imgprobe_workspace *w, size_t size);
/* Gives back what is behind `size` bytes of the piece that was taken last. */
void ip_trim(struct imgprobe_workspace *w, const void *last, size_t size);
bool ip_workspace_valid(const struct imgprobe_workspace *w);
void ip_workspace_clear(struct imgprobe_workspace *w);

/* Ranges are linked by where they lie in the image, the last first, and none lies within another: where one ends is
 * in the same order, so whoever reads upward finds what was read before in few steps, however much that is. */
struct range {
    uint64_t offset;
    size_t length;
    size_t previous; /* place of the range that begins before this one plus 1; 0 for none */
    unsigned char bytes[];
};
/* Room for a range, which is found only once it is linked. Until another is taken `w->ranges` may be set back. */
struct range *ip_take_range(struct imgprobe_workspace *w, uint64_t offset, size_t length);
/* `range` may lie within no other; those that lie within it are found no more. */
void ip_link_range(struct imgprobe_workspace *w, struct range *range);
/* The last range that begins at or before `offset`, else NULL; the start of the next one above it, or UINT64_MAX. */
struct range *ip_range_below(const struct imgprobe_workspace *w, uint64_t offset, uint64_t *ret_next);

/* options: the caller's structs, whatever version they were compiled with, and the limits with defaults filled in.
 * False: a mistake of the caller's. */
bool ip_options(const struct imgprobe_options *options, struct imgprobe_options *ret,
                struct imgprobe_limits *ret_limits);
bool ip_tail_zero(size_t size, const void *from);
bool ip_struct(void *ret, size_t size, const void *from);

/* What one probe is asked: the format that it must be, if one is known, and how that is known. */
struct question {
    const struct format *format; /* NULL: probe */
    enum imgprobe_format_source format_source;
    enum imgprobe_reader reader;
    enum imgprobe_role role;
    const char *hint;
    struct imgprobe_limits limits;
};
/* probe: one image into the workspace, behind the results that stand there. NULL when not even the image fits. */
struct imgprobe_image *ip_probe(const struct question *question, const struct imgprobe_source *source,
                                struct imgprobe_workspace *workspace);
/* detect: the format of the bytes, which is `pinned` if that isn't NULL and they don't contradict it. */
enum imgprobe_status ip_detect(struct probe *p, const struct format *pinned, const struct format **ret);
/* The place of a magic in this file; false when it doesn't fit in. */
bool ip_magic_place(const struct probe *p, const struct magic *magic, uint64_t *ret);
/* content: what a raw image holds, other formats' headers included. */
enum imgprobe_status ip_content(struct probe *p);
/* Whether an honest image of this format may hold that, by the pairs beside the registry. */
bool ip_go_together(const struct format *format, const char *content);
/* Whether an image of another format has the face of a content as well: ambiguous, or a finding where it was said. */
enum imgprobe_status ip_faces(struct probe *p, const struct format *format);
const struct format *ip_format_named(struct imgprobe_bytes name);
/* The last row that stands for bytes as they are, which a protocol driver's name as a format means, too. */
const struct format *ip_fallback(void);

void ip_error_clear(struct imgprobe_error *error);

/* reference: what a name means by its letters, under the rules for its role. */
struct place {
    struct imgprobe_bytes directory; /* of the image that holds the name, with its last slash; may be empty */
    bool has_directory;
    const char *workdir; /* or NULL */
    uint64_t name_bytes; /* limit of a path */
    uint64_t json_depth;
    bool linked; /* the image was named by a symbolic link */
};
enum imgprobe_status ip_resolve(struct imgprobe_reference *reference, const struct place *place,
                                struct imgprobe_workspace *w, struct imgprobe_error *error);
/* name: up to the last slash; whether it begins with one; the length of the word before a colon, 0 for none; whether
 * a colon comes before any slash; escapes undone in place, false for one that is none; the byte for which an escape
 * at the beginning stands, or -1. */
struct imgprobe_bytes ip_directory(struct imgprobe_bytes path);
bool ip_name_absolute(struct imgprobe_bytes name);
size_t ip_name_protocol(struct imgprobe_bytes name);
bool ip_name_has_protocol(struct imgprobe_bytes name);
bool ip_name_unescape(unsigned char *path, size_t *length);
/* Well-formed by the Unicode Standard, table 3-7: no surrogates, no overlong forms. */
bool ip_utf8_valid(struct imgprobe_bytes text);
int ip_name_escape(struct imgprobe_bytes text);

/* protocol: the row for the word before a colon; NULL if the reader has none. */
struct naming;
struct protocol {
    const char *word, *scheme, *transport; /* the last: NULL where the word says none */
    enum imgprobe_kind kind;
    void (*grammar)(struct naming *n); /* of what stands behind the colon; NULL: not this file's */
};
const struct protocol *ip_protocol(struct imgprobe_bytes word);
/* A name that begins with a protocol: what it says of where the data is, by its letters. Fills kind, path,
 * protocol, resources, redacted, reason and note. LIMIT when the workspace is full, else OK. */
enum imgprobe_status ip_protocol_name(struct imgprobe_reference *r, struct imgprobe_bytes name,
                                      struct imgprobe_workspace *w);
/* A reference that isn't followed: why. Returns OK. */
enum imgprobe_status ip_unfollowed(struct imgprobe_reference *r, enum imgprobe_kind kind, const char *reason,
                                   const char *note);
/* Whether a driver that was declared as format opens what stands under this name as we do. */
bool ip_driver_takes(struct imgprobe_bytes driver, struct imgprobe_bytes name, enum imgprobe_kind kind);

/* graph: what a json: name describes, or the object in one that stands in a header's place (`r->object`). Fills the
 * same as ip_protocol_name, and for what ends at a local file its path, format and layers. */
/* Whether a password may stand in such a name: then `redacted`. */
void ip_graph_redact(struct imgprobe_reference *r);
enum imgprobe_status ip_graph_name(struct imgprobe_reference *r, const struct place *place,
                                   struct imgprobe_workspace *w, struct imgprobe_error *error);
/* What the name by which an image was reached says in place of the image's own references: these are `overridden`,
 * and others follow them. */
enum imgprobe_status ip_graph_override(const struct imgprobe_reference *via, struct imgprobe_image *image,
                                       struct imgprobe_workspace *w, struct imgprobe_error *error);
/* Relative to the reader's working directory, which only the caller knows. */
enum imgprobe_status ip_resolve_in_workdir(struct imgprobe_reference *r, const struct place *place,
                                           struct imgprobe_bytes name, struct imgprobe_workspace *w,
                                           struct imgprobe_error *error);

/* identities: a table of members by device and inode. */
struct identities {
    struct imgprobe_member **slots;
    size_t count; /* a power of two */
};
bool ip_identities_init(struct identities *t, struct imgprobe_workspace *w, uint64_t members);
/* The slot that holds the member with this identity, or the empty one where it belongs. */
struct imgprobe_member **ip_identities_slot(const struct identities *t, struct imgprobe_identity identity);

/* chain: the state of one walk. */
struct chain_walk {
    struct imgprobe_options options;
    struct imgprobe_limits limits;
    struct imgprobe_opener opener;
    bool opens; /* an opener was given */
    struct imgprobe_workspace *w;
    struct imgprobe_chain *chain;
    struct identities identities;
    struct imgprobe_member **tail;
    bool left_out; /* a reference was listed and not followed */
};
/* The reason why the walk ends here: the first one stays. Returns the status. */
enum imgprobe_status ip_chain_stop(struct chain_walk *walk, const struct imgprobe_error *error,
                                   struct imgprobe_member *culprit, struct imgprobe_reference *at);
enum imgprobe_status ip_chain_refuse(struct chain_walk *walk, enum imgprobe_status status, const char *field,
                                     const char *what, struct imgprobe_member *culprit,
                                     struct imgprobe_reference *at);
/* A new member from what was opened: probed, and its references resolved. */
enum imgprobe_status ip_chain_enter(struct chain_walk *walk, const struct imgprobe_opened *opened,
                                    const struct question *question, struct imgprobe_member *parent,
                                    struct imgprobe_reference *via, struct imgprobe_member **ret);
/* follow: one reference of `member`; *ret_child is a new member to walk, or NULL. */
enum imgprobe_status ip_chain_follow(struct chain_walk *walk, struct imgprobe_member *member,
                                     struct imgprobe_reference *r, struct imgprobe_member **ret_child);
/* window: the part of a file that layers beneath its format leave, as a source; `window` must outlive it. */
struct window {
    struct imgprobe_source whole;
    uint64_t offset, size;
};
enum imgprobe_status ip_window(const struct imgprobe_layer *layers, struct imgprobe_source *source,
                               struct window *window, struct imgprobe_error *error);
/* findings: the row of an id, and its index; the bit of a policy. */
const struct imgprobe_finding_row *ip_finding_row(const char *id, size_t *ret_index);
bool ip_policy_named(const char *name, unsigned *ret_bit);
/* remarks: what follows from the facts of an image, and of a reference, by tables. */
struct remark_rule {
    const char *id;
    bool (*holds)(const struct imgprobe_image *image);
};
struct reference_rule {
    const char *id;
    bool (*holds)(const struct imgprobe_reference *r, const struct imgprobe_image *image);
};
extern const struct remark_rule ip_remark_rules[];
extern const size_t ip_remark_rule_count;
extern const struct reference_rule ip_reference_rules[];
extern const size_t ip_reference_rule_count;
/* The id of an image's error. */
const char *ip_remark_of_error(const struct imgprobe_error *error);
/* resolve: every reference of `m`, by its letters. */
enum imgprobe_status ip_chain_resolve(struct chain_walk *walk, struct imgprobe_member *m);
/* The name beside which the relative names of `m` stand. */
struct imgprobe_bytes ip_chain_base(const struct imgprobe_member *m);
/* meet: `r` of `m` led to the member `seen`, which has been entered before, as `format` or NULL for a probe. */
enum imgprobe_status ip_chain_meet(struct chain_walk *walk, struct imgprobe_member *m, struct imgprobe_member *seen,
                                   struct imgprobe_reference *r, const struct format *format);
/* What the caller declares this file to be, or NULL. */
const struct format *ip_chain_declared(const struct chain_walk *walk, struct imgprobe_identity identity);
/* sort: references that lead to members, by member and path; of equal ones the first stays the first. `spare` has
 * room for as many. The order of two: below, equal or above 0. */
void ip_sort(const struct imgprobe_reference **all, const struct imgprobe_reference **spare, size_t count);
int ip_order(const struct imgprobe_reference *a, const struct imgprobe_reference *b);
/* sum: what an image's own answer takes from its extents, once they are known. */
void ip_chain_sum(struct imgprobe_member *member);

#endif
