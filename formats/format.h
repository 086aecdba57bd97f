/* SPDX-License-Identifier: MIT */
/*
 * All that a format's file may use: rows to decode by, bytes by name and offset, and ways to say what was found.
 * Nothing here reads past a limit or the end of the file; every call that fails has filled the image's error.
 */
#ifndef IP_FORMAT_H
#define IP_FORMAT_H

#include "readers/readers.h"
#include "findings.h"
#include "imgprobe.h"
#include "list.h"

#define IP_ANY UINT64_MAX
#define IP_SECTOR UINT64_C(512)

enum ip_type { IP_U8, IP_U16BE, IP_U32BE, IP_U64BE, IP_U16LE, IP_U32LE, IP_U64LE };
enum ip_multiple { IP_OF_1, IP_OF_512, IP_POWER_OF_2 }; /* of what a value is a multiple, or what it is */

/* One row: where a field stands, the member that takes it, the values that a valid image may have, and the status
 * that any other value gets. */
struct field {
    const char *name;
    uint16_t offset;
    uint16_t member;
    uint8_t type;
    uint8_t otherwise;
    uint8_t multiple; /* looked at once all rows of a table are within their bounds */
    uint64_t least, most;
};

/* Refuses at compile time a member that isn't a uint64_t: no narrow or signed arithmetic on an image's numbers. */
#define IP_MEMBER(structure, name)                                                                                   \
    (uint16_t)(offsetof(structure, name) + 0 * sizeof(_Generic(((structure *)0)->name, uint64_t : 0)))
/* A row may end in its multiple, behind the status. */
#define FIELD(structure, at, kind, field, lo, hi, ...)                                                               \
    {                                                                                                                \
        .name = #field, .offset = at, .member = IP_MEMBER(structure, field), .type = IP_##kind, .least = lo,         \
        .most = hi, .otherwise = IMGPROBE_##__VA_ARGS__                                                              \
    }
/* The row among `rows` that fills this member. */
#define IP_ROW(rows, structure, name) ip_row(rows, IP_COUNT(rows), IP_MEMBER(structure, name))

/* Of one id and image: how many findings were listed, and the last of them, which counts those that weren't. */
struct tally {
    uint64_t listed;
    struct imgprobe_finding *last;
};

/* The engine's state for one image. Formats read `image`, `size`, `endless`, `role`, `hint`, `reader`, `versions` and
 * `limits`, write through `image` and the calls below, and leave the rest alone. */
struct probe {
    struct imgprobe_image *image;
    uint64_t size; /* of the file; IMGPROBE_UNKNOWN for a stream that hasn't ended, past which no offset is then */
    enum imgprobe_reader reader;
    struct ip_versions versions; /* of the reader */
    enum imgprobe_role role;     /* what this image is to the one that named it; BACKING for the top */
    const char *hint;            /* NULL, or the type word with which it was named as an extent */
    struct imgprobe_limits limits;
    const struct imgprobe_source *source;
    struct imgprobe_workspace *workspace;
    struct imgprobe_bytes head, middle, tail; /* the windows that detection has read; none before */
    struct imgprobe_bytes last;               /* the range that was asked for last, and where it begins */
    uint64_t last_at;
    struct ip_arrival *arrival; /* NULL, or what has come of a stream whose end isn't known yet */
    struct imgprobe_reference **reference_tail;
    struct imgprobe_attribute **attribute_tail;
    struct imgprobe_finding **finding_tail;
    struct imgprobe_word **match_tail;
    struct imgprobe_word **content_tail;
    struct tally tallies[FOUND_COUNT]; /* by a finding's row */
    bool endless;                      /* where the image ends isn't known, and `size` is larger than any */
    struct inflating *inside;          /* NULL, or what inflates the image: the engine's own */
};

struct magic {
    int64_t at; /* negative: from the end of the file */
    const char *bytes;
    size_t length;
};

/* What an image of a format says of a parent, whose data it would show. Each row answers that. */
enum parent {
    PARENT_UNSAID,  /* a row that forgot it */
    PARENT_NEVER,   /* there is none, or of such an image we cannot tell */
    PARENT_NAMED,   /* where there is one, the image says so: it names it, or we cannot tell */
    PARENT_NOT_TOLD /* there may be one, and nothing of it stands in the image */
};

struct format {
    struct imgprobe_format row;
    enum parent parent;
    struct magic magics[4];
    /* NULL, or whether what follows a magic at `at` bears it out: a version, a trailer's checksum. */
    bool (*matches)(struct probe *p, uint64_t at);
    /* NULL, or whether the image is a text of this format, which has no magic. */
    bool (*text)(struct probe *p);
    /* NULL, or where a trailer stands that has no fixed offset; IMGPROBE_UNKNOWN for none. */
    uint64_t (*trailer)(struct probe *p);
    const char *only_end; /* NULL: it can't match at the end; what to say where it matches nowhere else */
    /* The hook: what rows can't say. NULL for a format that is recognised only. */
    enum imgprobe_status (*decode)(struct probe *p);
    struct driver driver;        /* by the reader's word for the format */
    bool compresses;             /* the reader's driver compresses what is written */
    const char *const *one_file; /* NULL, or the create types whose disk lies in the image itself, ended by NULL */
    const char *const *aliases;  /* NULL, or further names that mean this format, ended by NULL */
    bool unmarked;               /* `decode` proves the format itself, so a pinned image needs no magic */
    bool fallback;               /* what remains when nothing matches */
};
/* The row of a format that is recognised and not decoded, and for which QEMU has no driver. It may name a parent, of
 * which we cannot tell. */
#define IP_RECOGNISED(of, of_tier, because)                                                                          \
    .row = {.name = #of,                                                                                             \
            .tier = IMGPROBE_TIER_##of_tier,                                                                         \
            .why = (because),                                                                                        \
            .compiled = IP_COMPILED(of),                                                                             \
            .reads = 4,                                                                                              \
            .bytes = 8192},                                                                                          \
    .parent = PARENT_NAMED

extern const struct format *const ip_registry[];
extern const size_t ip_registry_count;

/* What a content means to a guest whose disk it is said to be. */
enum content_kind {
    CONTENT_DISK,
    CONTENT_DISC,       /* a disk, and a whole file of its kind has room for another format's header in front of it */
    CONTENT_ARCHIVE,    /* a container of files, or of a disk in another layout */
    CONTENT_COMPRESSED, /* the disk may lie within */
    CONTENT_PROGRAM,
    CONTENT_TEXT,
    CONTENT_DESCRIPTOR, /* text that other readers take for a disk's descriptor */
    CONTENT_KINDS
};

/* What a raw disk may hold. It is told beside raw, and decides nothing. */
struct content {
    const char *name;
    struct magic magics[3]; /* the first that matches counts */
    /* NULL, or whether what stands around a magic at `at` bears it out. */
    enum imgprobe_status (*holds)(struct probe *p, uint64_t at, bool *ret);
    enum content_kind kind;
};

extern const struct content ip_contents[];
extern const size_t ip_contents_count;

/* registry: a format and a face that stand in one honest file. */
struct pair {
    const struct format *format;
    const char *content, *why;
};
extern const struct pair ip_pairs[];
extern const size_t ip_pairs_count;

/* table: decodes `count` rows at `base` into `ret`; the first row that fails is the error. */
enum imgprobe_status ip_decode(struct probe *p, uint64_t base, const struct field *rows, size_t count, void *ret);
/* The row of a member, which has one. */
const struct field *ip_row(const struct field *rows, size_t count, uint16_t member);
/* One number out of bytes that were read already. Outside of them it gives IMGPROBE_UNKNOWN, which eight bytes may
 * hold as well. So the caller compares the offset with `bytes.length` first. */
uint64_t ip_number(struct imgprobe_bytes bytes, size_t offset, enum ip_type type);
/* False for text in units of 1 or 2 bytes that goes on behind a NUL, so that it would be two names. */
bool ip_ends_at_nul(struct imgprobe_bytes text, size_t unit);
/* The number at a row, whatever the row's bounds. */
uint64_t ip_row_number(struct imgprobe_bytes bytes, const struct field *row);
/* Fails by a row of those that were decoded at `base`: the row gives name and offset. With numbers: what was found,
 * and what is allowed. */
enum imgprobe_status ip_fail_row(struct probe *p, enum imgprobe_status status, const struct field *row, uint64_t base,
                                 uint64_t found, uint64_t least, uint64_t most);
/* The same with a sentence. */
enum imgprobe_status ip_fail_row_what(struct probe *p, enum imgprobe_status status, const struct field *row,
                                      uint64_t base, const char *what);
/* The same where the row leads to something that ends at `end`, behind the end of the file. Returns TRUNCATED. */
enum imgprobe_status ip_fail_end(struct probe *p, const struct field *row, uint64_t base, uint64_t end);
/* Fails by a row where versions of the reader refuse the image: AMBIGUOUS where only some of them do, MALFORMED with
 * the numbers where all do. OK where none does. */
enum imgprobe_status ip_fail_versions(struct probe *p, struct ip_when refused, const struct field *row, uint64_t base,
                                      uint64_t found, uint64_t least, uint64_t most);
/* A part of bytes; none where the part isn't inside. */
struct imgprobe_bytes ip_part(struct imgprobe_bytes bytes, uint64_t offset, uint64_t length);
/* Where `text` first stands in bytes; false when it doesn't. */
bool ip_find(struct imgprobe_bytes bytes, const char *text, size_t *ret);
/* Where this byte next stands, from `from` on; the length, or more, when it doesn't. */
size_t ip_find_byte(struct imgprobe_bytes bytes, size_t from, unsigned char byte);
/* Checked arithmetic: false, with *ret untouched, when the result doesn't fit. */
bool ip_add(uint64_t a, uint64_t b, uint64_t *ret);
bool ip_multiply(uint64_t a, uint64_t b, uint64_t *ret);
/* Ones' complement of the sum of all bytes but the four at `except`. */
uint32_t ip_ones_complement(struct imgprobe_bytes bytes, size_t except);
/* CRC-32 (ISO 3309) of all bytes, with zeros for the four at `except`, which lie among them. */
uint32_t ip_crc32(struct imgprobe_bytes bytes, size_t except);
/* CRC-32C (Castagnoli) of the same. */
uint32_t ip_crc32c(struct imgprobe_bytes bytes, size_t except);

/* source: `length` bytes at `offset`, in one piece, valid until the image is decoded. TRUNCATED names `field`. */
enum imgprobe_status ip_bytes(struct probe *p, const char *field, uint64_t offset, uint64_t length,
                              struct imgprobe_bytes *ret);
/* The same as far as the file has them: fewer at its end, none behind it. */
enum imgprobe_status ip_bytes_up_to(struct probe *p, uint64_t offset, uint64_t length, struct imgprobe_bytes *ret);

/*
 * arrival: a stream that is judged while it comes. A hook is called again, from its start, when more has come. What
 * it finds or refuses has to hold whatever comes behind. So it leaves out what only the end can tell.
 */

/* Whether the file's size is known, and its end there. */
static inline bool ip_end_known(const struct probe *p)
{
    return p->size != IMGPROBE_UNKNOWN;
}
/* Asks for bytes that haven't come. Returns NEED, with the image's error. Whoever can do without them for now goes
 * on, and the probe ends with NEED all the same. */
enum imgprobe_status ip_await(struct probe *p, const char *field, uint64_t offset, uint64_t length);
/* The same of the end, where there is nothing to look at before it. */
enum imgprobe_status ip_await_end(struct probe *p);
/* As ip_bytes_up_to. While a stream comes: as many of them as have come. It asks for the others. */
enum imgprobe_status ip_bytes_come(struct probe *p, uint64_t offset, uint64_t length, struct imgprobe_bytes *ret);
/* The same of a text that ends at a NUL. *ret_more: it goes on behind what has come, so the probe has to end with
 * NEED whatever is found in it. */
enum imgprobe_status ip_text_come(struct probe *p, uint64_t offset, uint64_t length, struct imgprobe_bytes *ret,
                                  bool *ret_more);

/*
 * text: what stands in the first 4,096 bytes, as letters of one byte, or of two if it begins as UTF-16 does
 */

struct head_text {
    struct imgprobe_bytes bytes; /* behind the byte order mark */
    size_t unit, low, high;      /* bytes of a letter, and where in it the low and the high one stand */
};
enum imgprobe_status ip_letters(struct probe *p, struct head_text *ret);
/* The letter at `i`; NUL behind the end. Here, since every letter is asked for several times. */
static inline unsigned ip_letter(const struct head_text *text, size_t i)
{
    const unsigned char *at;

    if (i >= text->bytes.length / text->unit)
        return 0;
    at = text->bytes.bytes + i * text->unit;
    return text->unit == 1 ? *at : at[text->low] + 256u * at[text->high];
}
/* Whether these letters stand at `i`, in either case. */
bool ip_letters_are(const struct head_text *text, size_t i, const char *word);
/* Where the next letter that isn't a blank or the end of a line stands. */
size_t ip_skip_space(const struct head_text *text, size_t i);
/* Whether the text is XML whose outermost element is called so, with a prefix or without, and `behind` stands behind
 * the name. */
bool ip_xml_root(struct probe *p, const char *element, const char *behind);

/*
 * results
 */

/* Fills the image's error and returns its status. With numbers: what stands at `offset`, and what is allowed. */
enum imgprobe_status ip_fail(struct probe *p, enum imgprobe_status status, const char *field, uint64_t offset,
                             uint64_t found, uint64_t least, uint64_t most);
/* The same with a sentence. */
enum imgprobe_status ip_fail_what(struct probe *p, enum imgprobe_status status, const char *field, uint64_t offset,
                                  const char *what);
/* Lists a reference. Its name is copied, and cut at its first NUL. The caller fills in the other fields. */
enum imgprobe_status ip_reference(struct probe *p, enum imgprobe_role role, struct imgprobe_bytes name,
                                  uint64_t offset, struct imgprobe_reference **ret);
/* Gives a reference its format where the referring format leaves no choice. `name` is static. */
void ip_imply(struct imgprobe_reference *r, const char *name);
/* Says how many bytes the image has room for at a reference's name. */
void ip_reserve(struct imgprobe_reference *r, uint64_t room);
/* Says that the reader opens nothing for a reference. `what` is what comes of that: a sentence, static. */
void ip_ignore(struct imgprobe_reference *r, const char *what);
/* Copies bytes into the workspace, with a NUL behind them. */
enum imgprobe_status ip_copy(struct probe *p, struct imgprobe_bytes bytes, struct imgprobe_bytes *ret);
/* A number of 32 bits as a unique id, which is compared along the chain. */
enum imgprobe_status ip_unique_id(struct probe *p, uint64_t number, struct imgprobe_bytes *ret);
/* Gives UTF-16 as WTF-8, in which an unpaired surrogate keeps its three bytes. The text ends at a NUL unit or with
 * the bytes. */
enum imgprobe_status ip_utf16(struct probe *p, struct imgprobe_bytes units, bool big_endian,
                              struct imgprobe_bytes *ret);
/* Each lists a fact of the image, as an attribute with this name. `qemu`: qemu-img has a key of that name. */
enum imgprobe_status ip_bool(struct probe *p, const char *name, bool qemu, bool value);
enum imgprobe_status ip_count(struct probe *p, const char *name, bool qemu, uint64_t value);
enum imgprobe_status ip_text(struct probe *p, const char *name, bool qemu, struct imgprobe_bytes value);
enum imgprobe_status ip_word(struct probe *p, const char *name, bool qemu, const char *value);
/* The same of 16 bytes, as the text of a UUID. */
enum imgprobe_status ip_uuid(struct probe *p, const char *name, struct imgprobe_bytes id);
/* A finding about the image; how severe it is stands in its row. */
enum imgprobe_status ip_finding(struct probe *p, enum ip_found found, uint64_t offset, const char *message);
/* Static text as bytes. */
struct imgprobe_bytes ip_string(const char *text);
/* Whether all of the text is characters, as imgprobe_utf8 takes them. */
bool ip_utf8_valid(struct imgprobe_bytes text);
/* Bytes up to their first NUL. */
struct imgprobe_bytes ip_cut(struct imgprobe_bytes bytes);
/* Whether both are the same bytes. No bytes and an empty string are the same. */
bool ip_same(struct imgprobe_bytes a, struct imgprobe_bytes b);
/* Whether bytes are this text. */
bool ip_equal(struct imgprobe_bytes a, const char *text);

#endif
