/* SPDX-License-Identifier: MIT */
/*
 * Keeps of a stream what a probe can ask for: the start, where headers and the names that they point to stand (a
 * qcow2's first cluster is 2 MiB at most), and the end, where trailers do.
 */
#include "input/stream.h"
#include "large.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD_SIZE ((size_t)4 << 20)
#define TAIL_SIZE ((size_t)2048)

static struct {
    unsigned char *head;           /* room for HEAD_SIZE bytes, from the first stream on */
    unsigned char tail[TAIL_SIZE]; /* the last bytes behind the head */
    size_t head_length, tail_length;
    uint64_t total;
    bool missed;
} stream;

/* Of one range a part may come from the head and the rest from the tail, where the two touch. What lies between them
 * is gone. */
static enum imgprobe_status read_kept(void *context, uint64_t offset, void *buffer, size_t length)
{
    unsigned char *to = buffer;
    uint64_t tail_start = stream.total - stream.tail_length;

    (void)context;
    if (offset > stream.total || length > stream.total - offset)
        return IMGPROBE_TRUNCATED;
    if (offset < stream.head_length) {
        size_t room = stream.head_length - (size_t)offset;
        size_t part = length < room ? length : room;

        memcpy(to, stream.head + offset, part);
        to += part;
        offset += part;
        length -= part;
    }
    if (length == 0)
        return IMGPROBE_OK;
    if (offset < tail_start) {
        stream.missed = true;
        return IMGPROBE_SYSTEM;
    }
    memcpy(to, stream.tail + (size_t)(offset - tail_start), length);
    return IMGPROBE_OK;
}

/* Old bytes move up to make room for the new ones, and only as many stay as fit. */
static void keep_tail(const unsigned char *bytes, size_t length)
{
    size_t old;

    if (length > TAIL_SIZE) {
        bytes += length - TAIL_SIZE;
        length = TAIL_SIZE;
    }
    old = TAIL_SIZE - length < stream.tail_length ? TAIL_SIZE - length : stream.tail_length;
    memmove(stream.tail, stream.tail + stream.tail_length - old, old);
    memcpy(stream.tail + old, bytes, length);
    stream.tail_length = old + length;
}

/* Into the head while it has room, then through a buffer into the tail. False: reading failed. */
static bool read_all(int fd)
{
    LARGE_BUFFER unsigned char buffer[65536];

    for (;;) {
        bool in_head = stream.head_length < HEAD_SIZE;
        unsigned char *to = in_head ? stream.head + stream.head_length : buffer;
        ssize_t got = read(fd, to, in_head ? HEAD_SIZE - stream.head_length : sizeof(buffer));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        if (in_head)
            stream.head_length += (size_t)got;
        else
            keep_tail(buffer, (size_t)got);
        stream.total += (uint64_t)got;
    }
}

enum imgprobe_status stream_open(int fd, struct imgprobe_opened *ret, struct imgprobe_error *error)
{
    stream.head_length = 0;
    stream.tail_length = 0;
    stream.total = 0;
    stream.missed = false;
    if (!stream.head)
        stream.head = malloc(HEAD_SIZE);
    if (!stream.head || !read_all(fd)) {
        error->status = IMGPROBE_SYSTEM;
        error->what = stream.head ? "standard input can't be read" : "out of memory";
        return IMGPROBE_SYSTEM;
    }
    ret->source.size = stream.total;
    ret->source.read_at = read_kept;
    ret->kind = IMGPROBE_KIND_FILE;
    ret->allocated = IMGPROBE_UNKNOWN;
    return IMGPROBE_OK;
}

bool stream_missed(void)
{
    return stream.missed;
}
