/* SPDX-License-Identifier: MIT */
/*
 * What all fuzz targets share. A target takes any bytes, makes files and a question of them, asks the library, and
 * ends the program where a promise is broken.
 */
#ifndef FUZZ_HARNESS_H
#define FUZZ_HARNESS_H

#include "answer/answer.h"

#define PROMISE(holds, what) ((holds) ? (void)0 : fuzz_broken(what, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *what, const char *file, int line);

/* ---- the input, taken from its beginning ---- */

struct input {
    const unsigned char *bytes;
    size_t size;
};
unsigned take_byte(struct input *in); /* 0 where the input has ended */
unsigned take_word(struct input *in);

/* ---- a file: bytes, with a gap of zeros somewhere among them, so that a small input is a file of any size ---- */

#define SPREAD_PIECE ((size_t)1024)
#define SPREAD_STEP UINT64_C(65536)
#define SPREAD_TAIL (UINT64_C(2) << 20) /* zeros behind the last piece: a block table */
#define SPREAD_SUMS 4                   /* pieces from the second on that have a CRC-32C: headers and region tables */
#define SPREAD_SUM 4                    /* where it stands in the piece */
struct file {
    const unsigned char *bytes;
    size_t length, split; /* the gap lies before the byte at `split` */
    uint64_t gap;
    bool spread; /* a piece at each step instead, as a VHDX has them */
    bool mended; /* and the sums in them are right, or nothing behind a sum would ever be looked at */
    unsigned char sums[SPREAD_SUMS][4];
};
/* Takes a selector of the gap and where it lies. The rest of the input is the file's bytes. */
struct file take_file(struct input *in);
struct file file_of(const void *bytes, size_t length);
/* Makes a file of pieces, whose checksums are right if `mended`. */
void file_spread(struct file *file, bool mended);
uint64_t file_size(const struct file *file);
/* Writes it into an empty file of the host. False where the host has no files that long. */
bool file_write(const struct file *file, int fd);
int file_open(const struct file *file); /* a descriptor to close, or -1 */
/* Where this is set, it gets what a target makes of its input, and the library is asked nothing. */
extern void (*fuzz_sink)(const struct file *files, size_t count, const char *format);

/* ---- a source over a file, which counts, fails and withholds as it's told ---- */

#define MOST_SPANS 256 /* as many pieces of 4 KiB as the limits let a verification read, and more */
struct span {
    uint64_t from, to;
};
struct feed {
    const struct file *file;
    uint64_t calls, fails_at; /* the call that fails, from 1; 0: none */
    enum imgprobe_status failure;
    bool withholds; /* all but what stands in `front` and `extra` */
    uint64_t front;
    struct span extra;
    struct span seen[MOST_SPANS]; /* by the observer */
    size_t seen_count;
    uint64_t seen_bytes;
};
struct imgprobe_source feed_source(struct feed *feed);

/* ---- the workspace, between red zones ---- */

#define ROOM_USUAL ((size_t)1 << 20)
struct room {
    struct imgprobe_workspace w;
    unsigned char *block;
    bool own;
};
void room_open(struct room *room, size_t size);
/* Ends the program if anything around the workspace was written. Overwrites what isn't a result, so that no result
 * can lie there. */
void room_check(const struct room *room);
void room_close(struct room *room);

/* ---- a number for all that an answer says ---- */

uint64_t digest_number(uint64_t digest, uint64_t number);
uint64_t digest_bytes(uint64_t digest, struct imgprobe_bytes bytes);
uint64_t digest_word(uint64_t digest, const char *word);
uint64_t digest_error(uint64_t digest, const struct imgprobe_error *error);
uint64_t digest_reference(uint64_t digest, const struct imgprobe_reference *r);
uint64_t digest_image(const struct imgprobe_image *image);
uint64_t digest_chain(const struct imgprobe_chain *chain);
uint64_t digest_access(const struct imgprobe_access *access);
uint64_t digest_verdict(const struct imgprobe_verdict *verdict);

/* ---- what holds of every answer ---- */

void promise_error(const struct imgprobe_error *error);
void promise_bytes(struct imgprobe_bytes bytes);
void promise_reference(const struct imgprobe_reference *r);
void promise_image(const struct imgprobe_image *image, const struct imgprobe_limits *limits);
void promise_feed(const struct feed *feed, const struct imgprobe_image *image);
void promise_full(const struct imgprobe_error *error, size_t size);
void promise_chain(const struct imgprobe_chain *chain, const struct imgprobe_options *options);
void promise_access(const struct imgprobe_access *access, const struct imgprobe_chain *chain,
                    const struct imgprobe_access_options *options);
void promise_verdict(const struct imgprobe_verdict *verdict, const struct imgprobe_chain *chain);

/* ---- what is asked of one image, in all ways that must give one answer ---- */

struct asked {
    struct imgprobe_options options;
    struct imgprobe_limits limits;
    unsigned seed; /* of the places at which things go wrong */
};
/* Takes a selector of limits, and the reader. The format is left to the target. */
void take_asked(struct input *in, struct asked *asked);
void check_probe(const struct asked *asked, const struct file *file);
/* Asks a source that has little at first. `plan` says how much more comes each time. */
void check_stream(const struct asked *asked, const struct file *file, struct input plan);

/* ---- what is asked of a chain, whose files an archive holds as "a", "b", ... in whatever directory ---- */

#define MOST_FILES 8
enum archive_how {
    ARCHIVE_BLOCK = 1,   /* a block device */
    ARCHIVE_LINKED = 2,  /* named by a symbolic link */
    ARCHIVE_ALIAS = 4,   /* the same file as the one before it */
    ARCHIVE_REFUSED = 8, /* not opened */
    ARCHIVE_BROKEN = 16  /* not read */
};
struct archive {
    struct file files[MOST_FILES];
    unsigned how[MOST_FILES];
    size_t count;
    struct feed feeds[MOST_FILES];
    unsigned open[MOST_FILES]; /* how often; more than once only where it's kept */
    bool keeps;                /* the chain does */
    uint64_t opens, most_open, now_open;
};
struct asked_chain {
    struct asked top;
    struct imgprobe_access_options access;
    struct imgprobe_check_options check;
    struct imgprobe_consent consents[2];
    struct imgprobe_declaration declared;
};
/* Takes a selector for each of names, grants and policy. */
void take_asked_chain(struct input *in, struct asked_chain *asked);
void check_chain(const struct asked_chain *asked, struct archive *archive);

/* ---- the targets ---- */

#define FUZZ_TARGETS(X) X(image) X(pinned) X(descriptor) X(name) X(chain) X(stream) X(feed) X(inside) X(receipt)
#define FUZZ_DECLARE(name) void fuzz_##name(const unsigned char *bytes, size_t size);
FUZZ_TARGETS(FUZZ_DECLARE)

#endif
