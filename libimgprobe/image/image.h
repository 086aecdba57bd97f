/* SPDX-License-Identifier: MIT */
/*
 * image: from bytes to one image. A source gives bytes within limits, tables turn them into numbers, detection finds
 * the format, its row decodes, and results go into the caller's workspace.
 *
 * It uses formats/format.h and the registry. It never looks into a second file, never asks what a name means, and
 * knows no format by name.
 */
#ifndef IP_IMAGE_H
#define IP_IMAGE_H

#include "format.h"

#include <string.h>

/* The three windows that detection looks through, always the same and always all. */
#define IP_HEAD_LENGTH UINT64_C(4096)
#define IP_MIDDLE_OFFSET UINT64_C(32768)
#define IP_MIDDLE_LENGTH UINT64_C(136)
#define IP_TAIL_LENGTH UINT64_C(2048)

/*
 * workspace: results grow from the bottom, ranges of the image from the top.
 */

/* Room for a result, zeroed and aligned for any type; NULL when the two ends would meet. */
void *ip_take(struct imgprobe_workspace *w, size_t size);
/* The same, with the error filled where it gives NULL. */
void *ip_room(struct imgprobe_workspace *w, size_t size, struct imgprobe_error *error);
/* Gives back what lies behind the first `size` bytes of `last`, the piece that was taken last. */
void ip_trim(struct imgprobe_workspace *w, const void *last, size_t size);
/* What the library keeps of a workspace, at the start of its memory. */
struct ip_state {
    size_t results, ranges; /* bytes in use: from the start, this state included, and from the end */
    size_t last_range;      /* where the range that begins last stands, plus 1; 0 for none */
    size_t last_record;     /* the same of the read that was recorded last */
    uint64_t reads, bytes;  /* of the image that is being probed */
};
/* Where results begin: behind the state, aligned for any type. */
#define IP_FIRST_RESULT                                                                                              \
    ((sizeof(struct ip_state) + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t))
static inline struct ip_state *ip_state(const struct imgprobe_workspace *w)
{
    return w->memory;
}
/* Whether a caller's workspace can be used: its size is known, its memory is there and aligned, and has room for the
 * state. */
bool ip_workspace_valid(const struct imgprobe_workspace *w);
/* Whether results stand in it as well. */
bool ip_workspace_holds(const struct imgprobe_workspace *w);
/* Forgets all results. The ranges go, too, unless the call before asked for more bytes. */
void ip_workspace_begin(struct imgprobe_workspace *w);
/* Forgets the ranges, and the reads and bytes that they cost. Results stay. */
void ip_workspace_clear(struct imgprobe_workspace *w);

/* A piece of the image that was read. Ranges are linked by where they lie, the last first, and none lies within
 * another. Where one ends is then in the same order, so whoever looks for an offset finds it in few steps. */
struct range {
    uint64_t offset;
    size_t length;
    size_t previous; /* where in the workspace the range before this one stands, plus 1; 0 for none */
    unsigned char bytes[];
};
/* Room for a range, NULL for none. No search finds it before it is linked. Until another is taken it can be given
 * back, by setting the state's `ranges` back. */
struct range *ip_take_range(struct imgprobe_workspace *w, uint64_t offset, size_t length);
/* Links a range, so that it is found. It may lie within no other. Those that lie within it are found no more. */
void ip_link_range(struct imgprobe_workspace *w, struct range *range);
/* The last range that begins at or before `offset`, NULL for none. *ret_next is where the next one above it begins,
 * UINT64_MAX for none. */
struct range *ip_range_below(const struct imgprobe_workspace *w, uint64_t offset, uint64_t *ret_next);

/*
 * caller: structs that begin with their own size, which is that of a release: ours, an older one, or a later one.
 */

/* Whether the struct has the `size` bytes that this version knows, and is zero behind them. */
bool ip_tail_zero(size_t size, const void *from);
/* Copies a struct into `ret` of `size` bytes. It may also be of `older` bytes, as in an earlier release: what that
 * lacks is zero. False, with `ret` untouched, for another size, and where a newer one asks for something that this
 * version doesn't know. */
bool ip_struct(void *ret, size_t size, size_t older, const void *from);

/* options: copies the caller's limits, which may be NULL, with their defaults filled in. False where the caller made
 * a mistake. */
bool ip_limits(const struct imgprobe_limits *limits, struct imgprobe_limits *ret);
/* Copies the caller's options, which may be NULL, and their limits, and gives the versions that the answer is for.
 * False where the caller made a mistake. */
bool ip_options(const struct imgprobe_options *options, struct imgprobe_options *ret,
                struct imgprobe_limits *ret_limits, struct ip_versions *ret_versions);

/*
 * formats
 */

/* The row of our name for a format, QEMU's or an alias; NULL for none. */
const struct format *ip_format_named(struct imgprobe_bytes name);
/* The last row, raw: it stands for bytes as they are, and for a protocol driver's name given as a format. */
const struct format *ip_fallback(void);
/* Whether an honest image of the format may hold that content, by the pairs beside the registry. */
bool ip_go_together(const struct format *format, const char *content);
/* The format that has this row; NULL for a row that isn't the registry's. */
const struct format *ip_format_of(const struct imgprobe_format *row);

/*
 * drivers
 */

/* The row of this driver, a format's or another; NULL for none. */
const struct driver *ip_driver(struct imgprobe_bytes name);
/* The row of a word before a colon; NULL if the reader has none. */
const struct protocol_word *ip_protocol_word(struct imgprobe_bytes word);
/* The sentence `what` with the versions behind it: which of those asked for have the thing, and which haven't. */
enum imgprobe_status ip_versions_differ(struct imgprobe_workspace *w, struct ip_versions asked, struct ip_when when,
                                        const char *what, const char **ret, struct imgprobe_error *error);

/* detect: finds the format of the bytes. That is `pinned`, where it isn't NULL and the bytes don't contradict it.
 * What else they match is listed in the image. */
enum imgprobe_status ip_detect(struct probe *p, const struct format *pinned, const struct format **ret);
/* Where a magic would stand in this file; false, with *ret unknown, when it doesn't fit in. */
bool ip_magic_offset(const struct probe *p, const struct magic *magic, uint64_t *ret);

/* Whether its first byte stands there, as far as the windows that were read tell. Most magics that don't match end
 * here. */
static inline bool ip_magic_may_match(const struct probe *p, const struct magic *magic)
{
    const struct imgprobe_bytes *window = &p->head;
    uint64_t at = (uint64_t)magic->at; /* in the window; what isn't in it is behind it, or far behind by wrapping */

    if (magic->at < 0) {
        window = &p->tail;
        at += p->tail.length;
    } else if (at >= p->head.length) {
        window = &p->middle;
        at -= IP_MIDDLE_OFFSET;
    }
    return !window->bytes || at >= window->length || magic->length == 0 ||
           window->bytes[at] == (unsigned char)magic->bytes[0];
}

/* content: lists what a raw image holds, other formats' headers included. */
enum imgprobe_status ip_content(struct probe *p);
/* Whether an image of another format has the face of a content as well: AMBIGUOUS for a probed format, a finding for
 * one that was said. */
enum imgprobe_status ip_faces(struct probe *p, const struct format *format);

/* arrival: how much of a stream has come, and what the probe asks of what hasn't. */
#define IP_WANTS 16
struct ip_want {
    uint64_t offset, length;
};
struct ip_arrival {
    uint64_t come;  /* bytes from the start of the stream */
    uint64_t asked; /* how often something was asked for that hasn't come */
    bool text;      /* a text that is asked for was read as far as it has come */
    size_t want_count;
    struct ip_want wants[IP_WANTS]; /* as many as fit: what was asked for, without the end */
};
static inline uint64_t ip_asked(const struct probe *p)
{
    return p->arrival ? p->arrival->asked : 0;
}
/* Whether those bytes have come, or are the file's. */
bool ip_has_come(const struct probe *p, uint64_t offset, uint64_t length);
/* Ends a probe that found nothing wrong: NEED with what was asked for and ends first, or with the end of the stream.
 * OK for a file. */
enum imgprobe_status ip_await_rest(struct probe *p);

/*
 * inflate: the bytes inside a gzip file, as a source
 */

/* The size of what is compressed whose end isn't known. A read from half of it on is one of its end. */
#define IP_ENDLESS (UINT64_C(1) << 62)
struct piece;
struct inflating {
    struct imgprobe_source source, from; /* of what is inflated; of the file */
    struct imgprobe_limits limits;
    struct imgprobe_workspace *w;
    struct piece *first, **last, **next; /* of the file; behind the last; to be inflated next */
    uint64_t taken, reads;               /* bytes of the file, and reads */
    uint64_t at;                         /* of the next inflated byte */
    bool ended, asked_for_end; /* the stream did; somebody looked for the image's end, where it isn't known */
    void *stream;              /* zlib's */
    unsigned char *scratch;
    struct imgprobe_inside *told;        /* what is said of it */
    struct imgprobe_error error, beyond; /* why the last read failed; why the end isn't known */
};
bool ip_is_gzip(struct imgprobe_bytes head);
/* Makes `in->source` of `in->from` and the limits. `head` was read already. *ret_size is UNKNOWN where the end lies
 * beyond the limits. If it fails, `in->error` says why. */
enum imgprobe_status ip_inflate(struct inflating *in, struct imgprobe_bytes head, struct imgprobe_workspace *w,
                                uint64_t *ret_size);

/*
 * inside: an image that stands in a compressed file
 */

/* Makes a gzip file's probe that of the image inside. `in` must outlive it. */
enum imgprobe_status ip_inside(struct probe *p, struct inflating *in);
/* Fails where a decoded image isn't to be answered for: its end decided something, or it's compressed otherwise. */
enum imgprobe_status ip_inside_decoded(struct probe *p);
/* Fails, because without its end nobody can tell that it is raw. */
enum imgprobe_status ip_inside_undecided(struct probe *p);

/* What one probe is asked. */
struct question {
    const struct format *format; /* that the image must have; NULL: probe */
    enum imgprobe_format_source format_source;
    enum imgprobe_reader reader;
    struct ip_versions versions; /* of the reader */
    enum imgprobe_role role;     /* what the image is to the one that named it; BACKING for the top */
    const char *hint;            /* NULL, or the type word with which it was named as an extent */
    bool inside;                 /* a gzip file is asked about the image inside */
    struct imgprobe_limits limits;
    struct ip_arrival *arrival; /* NULL, or the source is a stream that still comes */
};
/* A reference with what the library keeps of it. All in an image's list are such. */
struct ip_reference {
    struct imgprobe_reference reference;
    const char *ignored;     /* what comes of it that the reader opens nothing for it; NULL: it does */
    const void *object;      /* NULL, or the object that it is: the json room's own */
    enum imgprobe_kind only; /* NONE, or the kind of file that the driver takes which the name chooses */
    bool differs;            /* versions of the reader differ in what it opens: `led.reason` and `led.note` say so */
    bool written;            /* the reader opens it for writing, whatever the image is opened for */
    /* of one of several names of a parent: */
    uint64_t room;                   /* bytes that the image has for it; 0: none, or the format doesn't say */
    bool passed_over;                /* the reader goes on to the next name, whatever there is */
    struct imgprobe_bytes otherwise; /* the path if there is nothing at the first; none */
    const char *unplaced, *why;      /* NULL, or why that path can't be told: a finding's id; in words */
};
static inline struct ip_reference *ip_own(struct imgprobe_reference *r)
{
    return (struct ip_reference *)(void *)r;
}
static inline const void *ip_object(const struct imgprobe_reference *r)
{
    return ((const struct ip_reference *)(const void *)r)->object;
}
static inline bool ip_always_written(const struct imgprobe_reference *r)
{
    return ((const struct ip_reference *)(const void *)r)->written;
}
static inline uint64_t ip_room_of(const struct imgprobe_reference *r)
{
    return ((const struct ip_reference *)(const void *)r)->room;
}
/* result: one more of our names, at the end of a list. */
enum imgprobe_status ip_word_of(struct probe *p, struct imgprobe_word ***tail, const char *name);

/* probe: one image, behind the results that stand in the workspace. What went wrong stands in its `error`. NULL when
 * not even the image fits. Its ranges stay in the workspace: unless `pending` is set, the caller has them cleared. */
struct imgprobe_image *ip_probe(const struct question *question, const struct imgprobe_source *source,
                                struct imgprobe_workspace *workspace);

/* findings: the bits of the policies in a row, in the order of the policies. */
enum ip_policy { IP_UPLOAD = 1, IP_GUEST = 2, IP_BASE = 4 };
/* The row of an id, and its index; NULL for none, as for an `id` of NULL. */
const struct imgprobe_finding_row *ip_finding_row(const char *id, size_t *ret_index);
/* Whether one more finding has no place in a list that holds `most` of its id: then it's counted, as `many`. */
bool ip_tally_full(struct tally *tally, uint64_t most, uint64_t many);
/* A finding as severe as its row says. */
struct imgprobe_finding ip_finding_of(enum ip_found found, uint64_t offset, const char *message);

/*
 * bytes: besides what a format may ask of them
 */

/* Copies the parts into the workspace, one behind the other, with a NUL behind the last. LIMIT, with the error filled
 * and *ret untouched, when it is full. */
enum imgprobe_status ip_join(struct imgprobe_workspace *w, const struct imgprobe_bytes *parts, size_t count,
                             struct imgprobe_bytes *ret, struct imgprobe_error *error);

/*
 * error: what every failure in every room is filled in by
 */

/* Fills an error of no format, with no number known. With OK, and neither field nor words, it clears the error.
 * Returns the status. */
enum imgprobe_status ip_error(struct imgprobe_error *error, enum imgprobe_status status, const char *field,
                              const char *what);
/* Fills the one error that says that the workspace is full, with its size. Returns LIMIT. */
enum imgprobe_status ip_error_full(struct imgprobe_error *error, const struct imgprobe_workspace *w);
/* The same, of the image that is probed. */
enum imgprobe_status ip_fail_full(struct probe *p);
/* Fills an error of too much: there are `found` of something, or it is `found` bytes long, and the limit is `most`.
 * Returns LIMIT. */
enum imgprobe_status ip_error_over(struct imgprobe_error *error, const char *field, uint64_t offset, uint64_t found,
                                   uint64_t most);

/* slice: the part of a file that is left by the layers between it and its format. */
struct slice {
    struct imgprobe_source whole;
    uint64_t offset, size;
    uint64_t made_up; /* bytes that were given and lie behind the file's end */
};
/* Makes `source` show that part; `slice` is its context and must outlive it. Without such layers it stays as it is.
 * TRUNCATED, with `error`, where QEMU refuses the part. */
enum imgprobe_status ip_slice(const struct imgprobe_layer *layers, struct imgprobe_source *source,
                              struct slice *slice, struct imgprobe_error *error);

/*
 * record: what a probe reads of a file, for its receipt
 */

/* A source that records its reads, in the workspace. So a record outlives NEED, as the ranges do. */
struct recording {
    struct imgprobe_source from;
    struct imgprobe_workspace *w;
    bool failed; /* a read did: nobody knows what the bytes would have been */
    bool full;   /* the workspace is, and a read isn't recorded */
};
/* Has `source` record. `recording` is its context and must outlive it. */
void ip_record(struct recording *recording, struct imgprobe_source *source, struct imgprobe_workspace *w);
/* Makes a receipt of all reads of this file, whose ranges still stand in the workspace: they were `bytes` in all.
 * *ret stays NULL if a read failed, or some weren't recorded. LIMIT when the workspace is full. */
enum imgprobe_status ip_receipt(const struct recording *recording, const struct imgprobe_opened *opened,
                                uint64_t bytes, const struct imgprobe_receipt **ret);

/* digest: a running XXH3-128. Its state is xxHash's own, which no other file looks into. */
struct digest {
    _Alignas(64) unsigned char state[576];
};
void ip_digest_begin(struct digest *d);
/* Adds what stands before the content of a range. */
void ip_digest_range(struct digest *d, uint64_t offset, uint64_t length);
void ip_digest_bytes(struct digest *d, const void *bytes, size_t length);
/* The digest of all that was added so far. */
void ip_digest_tell(const struct digest *d, unsigned char ret[16]);

/*
 * unicode
 */

/* Writes a character of at most U+10FFFF as one to four bytes; returns how many. A surrogate gets three. */
size_t ip_utf8_put(unsigned char *at, uint32_t c);

#endif
