/* SPDX-License-Identifier: MIT */
/*
 * The bytes inside a gzip file (RFC 1952) as a source. It goes forward; whoever asks for what lies behind it is given
 * it by starting over. What was read of the file stays in the workspace, so nothing is read twice, and zlib takes its
 * memory there, too.
 */
#include "image/image.h"

#include <string.h>
#include <zlib.h>

#define PIECE UINT64_C(16384)   /* of the file, at a time */
#define SCRATCH UINT64_C(16384) /* of what is inflated and wanted by nobody */
#define HEADER 10               /* bytes of a header, without its names */
#define RESERVED 0xe0           /* flags that RFC 1952 keeps for later */

/* A part of the file that was read. */
struct piece {
    struct piece *next;
    struct imgprobe_bytes bytes;
};

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static enum imgprobe_status fail(struct inflating *in, enum imgprobe_status status, const char *what)
{
    return ip_error(&in->error, status, "gzip", what);
}

static void *take(void *context, uInt count, uInt size)
{
    return ip_take(((struct inflating *)context)->w, (size_t)count * size);
}

/* All of it is given back at once, with the results. */
static void give_back(void *context, void *address)
{
    (void)context;
    (void)address;
}

static enum imgprobe_status add_piece(struct inflating *in, struct imgprobe_bytes bytes)
{
    struct piece *piece = ip_room(in->w, sizeof *piece, &in->error);

    if (!piece)
        return IMGPROBE_LIMIT;
    piece->bytes = bytes;
    *in->last = piece;
    in->last = &piece->next;
    in->taken += bytes.length;
    return IMGPROBE_OK;
}

/* How many bytes of the file may be read, and by which limit: those of any image hold as well. */
static uint64_t most(const struct inflating *in)
{
    return smaller(in->limits.inside_compressed, in->limits.image_bytes);
}

static const char *most_name(const struct inflating *in)
{
    return in->limits.image_bytes < in->limits.inside_compressed ? "image_bytes" : "inside_compressed";
}

/* Reads one piece more, behind the last. */
static enum imgprobe_status read_piece(struct inflating *in)
{
    uint64_t left = in->taken < most(in) ? most(in) - in->taken : 0;
    uint64_t length = smaller(smaller(PIECE, in->from.size - in->taken), left);
    unsigned char *buffer;
    enum imgprobe_status s;

    if (in->taken == in->from.size)
        return fail(in, IMGPROBE_TRUNCATED, "the file ends inside the compressed bytes");
    if (length == 0)
        return ip_error_over(&in->error, most_name(in), in->taken, in->taken + 1, most(in));
    if (in->reads >= in->limits.image_reads)
        return ip_error_over(&in->error, "image_reads", in->taken, in->reads + 1, in->limits.image_reads);
    buffer = ip_room(in->w, (size_t)length, &in->error);
    if (!buffer)
        return IMGPROBE_LIMIT;
    s = in->from.read_at(in->from.context, in->taken, buffer, (size_t)length);
    if (s != IMGPROBE_NEED)
        in->reads++;
    if (s != IMGPROBE_OK) {
        s = s == IMGPROBE_NEED || s == IMGPROBE_TRUNCATED || s == IMGPROBE_LIMIT ? s : IMGPROBE_SYSTEM;
        fail(in, s, s == IMGPROBE_SYSTEM ? "the image can't be read" : NULL);
        in->error.offset = in->taken;
        if (s == IMGPROBE_NEED)
            in->error.least = length;
        else if (s == IMGPROBE_TRUNCATED)
            in->error.what = "the file is shorter than its size says";
        else if (s == IMGPROBE_LIMIT)
            in->error.what = "the stream went past that, and it wasn't kept: give the file by its name";
        return s;
    }
    if (in->from.observe)
        in->from.observe(in->from.observer, in->taken, buffer, (size_t)length);
    return add_piece(in, (struct imgprobe_bytes){buffer, (size_t)length});
}

/* Gives zlib the next piece, which is read if it wasn't before. */
static enum imgprobe_status feed(struct inflating *in)
{
    z_stream *z = in->stream;
    enum imgprobe_status s = *in->next ? IMGPROBE_OK : read_piece(in);

    if (s != IMGPROBE_OK)
        return s;
    z->next_in = (z_const Bytef *)(uintptr_t)(*in->next)->bytes.bytes;
    z->avail_in = (uInt)(*in->next)->bytes.length;
    in->next = &(*in->next)->next;
    return IMGPROBE_OK;
}

/* One step: at most `length` bytes, as many as zlib makes of what it has. */
static enum imgprobe_status step(struct inflating *in, unsigned char *to, uint64_t length, uint64_t *ret_made)
{
    z_stream *z = in->stream;
    enum imgprobe_status s = z->avail_in == 0 ? feed(in) : IMGPROBE_OK;
    uInt room = (uInt)smaller(length, in->limits.inside_inflated - in->told->inflated);
    uint64_t given;
    int status;

    *ret_made = 0;
    if (s != IMGPROBE_OK)
        return s;
    if (room == 0)
        return ip_error_over(&in->error, "inside_inflated", IMGPROBE_UNKNOWN, in->told->inflated + length,
                             in->limits.inside_inflated);
    z->next_out = to;
    z->avail_out = room;
    status = inflate(z, Z_SYNC_FLUSH);
    *ret_made = room - z->avail_out;
    in->at += *ret_made;
    in->told->inflated += *ret_made;
    in->ended = status == Z_STREAM_END;
    if (status == Z_MEM_ERROR)
        return ip_error_full(&in->error, in->w);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
        return fail(in, IMGPROBE_MALFORMED,
                    "the compressed bytes are damaged, or a checksum or the length doesn't hold");
    given = z->total_in + z->avail_in;
    if (in->at > in->limits.inside_ratio * given)
        return ip_error_over(&in->error, "inside_ratio", IMGPROBE_UNKNOWN, in->at / given + 1,
                             in->limits.inside_ratio);
    return IMGPROBE_OK;
}

static void start_over(struct inflating *in)
{
    z_stream *z = in->stream;

    in->next = &in->first;
    in->at = 0;
    in->ended = false;
    z->avail_in = 0;
    inflateReset(z);
}

/* Up to this offset of what is inflated, or to its end. */
static enum imgprobe_status pass(struct inflating *in, uint64_t offset)
{
    enum imgprobe_status s = IMGPROBE_OK;
    uint64_t made;

    while (s == IMGPROBE_OK && !in->ended && in->at < offset)
        s = step(in, in->scratch, smaller(SCRATCH, offset - in->at), &made);
    return s;
}

static enum imgprobe_status read_inflated(void *context, uint64_t offset, void *buffer, size_t length)
{
    struct inflating *in = context;
    unsigned char *to = buffer;
    enum imgprobe_status s;
    uint64_t made;

    if (offset >= IP_ENDLESS / 2) {
        in->asked_for_end = true;
        in->error = in->beyond;
        return IMGPROBE_LIMIT;
    }
    if (offset < in->at)
        start_over(in);
    s = pass(in, offset);
    while (s == IMGPROBE_OK && length > 0 && !in->ended) {
        s = step(in, to, length, &made);
        to += made;
        length -= (size_t)made;
    }
    if (s != IMGPROBE_OK || length == 0)
        return s;
    in->error = in->beyond;
    return IMGPROBE_LIMIT;
}

/* Readers of gzip differ in what they make of bytes behind the first member. */
static enum imgprobe_status check_end(struct inflating *in)
{
    z_stream *z = in->stream;
    uint64_t rest = in->from.size - z->total_in;
    enum imgprobe_status s = rest > 0 && z->avail_in == 0 ? feed(in) : IMGPROBE_OK;

    if (s != IMGPROBE_OK || rest == 0)
        return s;
    s = z->next_in[0] == 0x1f ? IMGPROBE_AMBIGUOUS : IMGPROBE_MALFORMED;
    fail(in, s,
         s == IMGPROBE_AMBIGUOUS ? "there is more than one member: some readers take the first alone"
                                 : "there are bytes behind its end");
    in->error.offset = z->total_in;
    return s;
}

/* The end can be told where all of the file may be read, and where it comes within a quarter of what may be
 * inflated: what comes before is inflated again. */
static enum imgprobe_status measure(struct inflating *in, uint64_t *ret_size)
{
    enum imgprobe_status s;

    ip_error_over(&in->beyond, most_name(in), IMGPROBE_UNKNOWN, in->from.size, most(in));
    if (in->from.size > most(in))
        return IMGPROBE_OK;
    s = pass(in, in->limits.inside_inflated / 4 + 1);
    if (s == IMGPROBE_OK && in->ended && in->at <= in->limits.inside_inflated / 4) {
        s = check_end(in);
        *ret_size = s == IMGPROBE_OK ? in->at : IMGPROBE_UNKNOWN;
    }
    ip_error_over(&in->beyond, "inside_inflated", IMGPROBE_UNKNOWN, in->at * 4, in->limits.inside_inflated);
    return s;
}

bool ip_is_gzip(struct imgprobe_bytes head)
{
    return ip_equal(ip_part(head, 0, 3), "\x1f\x8b\x08");
}

enum imgprobe_status ip_inflate(struct inflating *in, struct imgprobe_bytes head, struct imgprobe_workspace *w,
                                uint64_t *ret_size)
{
    z_stream *z;
    enum imgprobe_status s;

    *ret_size = IMGPROBE_UNKNOWN;
    in->w = w;
    in->last = in->next = &in->first;
    in->source = (struct imgprobe_source){.struct_size = sizeof in->source, .read_at = read_inflated, .context = in};
    s = add_piece(in, ip_part(head, 0, smaller(head.length, most(in))));
    in->taken = head.length;
    if (s == IMGPROBE_OK && head.length >= HEADER && (head.bytes[3] & RESERVED) != 0) {
        fail(in, IMGPROBE_UNSUPPORTED, "flags are set that gzip keeps for later");
        in->error.offset = 3;
        return IMGPROBE_UNSUPPORTED;
    }
    in->stream = z = s == IMGPROBE_OK ? ip_room(w, sizeof *z, &in->error) : NULL;
    in->scratch = z ? ip_room(w, SCRATCH, &in->error) : NULL;
    if (!in->scratch)
        return IMGPROBE_LIMIT;
    z->zalloc = take;
    z->zfree = give_back;
    z->opaque = in;
    if (inflateInit2(z, 16 + MAX_WBITS) != Z_OK)
        return ip_error_full(&in->error, w);
    return measure(in, ret_size);
}
