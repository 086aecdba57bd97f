/* SPDX-License-Identifier: MIT */
/*
 * Reads a stream in pieces. The library keeps of it what a probe asks for, and says when it needn't be read any
 * further.
 */
#include "input/stream.h"
#include "large.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE_SIZE ((size_t)65536)

static enum imgprobe_status failed(struct imgprobe_error *error, const char *what)
{
    error->status = IMGPROBE_SYSTEM;
    error->what = what;
    return IMGPROBE_SYSTEM;
}

/* Below 0: reading failed. */
static ssize_t read_piece(int fd, unsigned char *piece, size_t size)
{
    ssize_t got;

    do
        got = read(fd, piece, size);
    while (got < 0 && errno == EINTR);
    return got;
}

/* Not through stdio, since what waits in a buffer would be passed on behind a refusal. */
static bool pass_on(const unsigned char *piece, size_t length)
{
    while (length > 0) {
        ssize_t put = write(STDOUT_FILENO, piece, length);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        piece += put;
        length -= (size_t)put;
    }
    return true;
}

static bool goes_on(const struct stream *stream, enum imgprobe_status status)
{
    return status == IMGPROBE_NEED || !stream->check;
}

/* A disk that is full may show itself at the end only. */
static enum imgprobe_status read_all(int fd, struct stream *stream, struct imgprobe_feed *feed,
                                     struct imgprobe_error *error)
{
    LARGE_BUFFER unsigned char piece[PIECE_SIZE];
    enum imgprobe_status status = imgprobe_feed_begin(feed);
    ssize_t got = 1;

    while (got > 0 && goes_on(stream, status)) {
        got = read_piece(fd, piece, PIECE_SIZE);
        if (got < 0)
            return failed(error, "standard input can't be read");
        status = imgprobe_feed(feed, piece, (size_t)got);
        if (stream->tee && goes_on(stream, status) && !pass_on(piece, (size_t)got))
            return failed(error, "standard output can't be written");
    }
    if (!goes_on(stream, status)) {
        *error = feed->error;
        stream->chain = feed->verdict ? feed->chain : NULL;
        return status;
    }
    if (stream->tee && close(STDOUT_FILENO) != 0)
        return failed(error, "standard output can't be written");
    return IMGPROBE_OK;
}

enum imgprobe_status stream_open(int fd, struct stream *stream, struct imgprobe_opened *ret,
                                 struct imgprobe_error *error)
{
    LARGE_BUFFER unsigned char memory[IMGPROBE_FEED_DEFAULT];
    struct imgprobe_feed feed = {.struct_size = sizeof(feed),
                                 .memory = memory,
                                 .size = sizeof(memory),
                                 .workspace = stream->workspace,
                                 .options = stream->options,
                                 .check = stream->check};
    enum imgprobe_status status = read_all(fd, stream, &feed, error);

    stream->received = feed.received;
    return status != IMGPROBE_OK ? status : imgprobe_feed_end(&feed, ret);
}

unsigned char *stream_load(int fd, size_t most, size_t *ret_length, struct imgprobe_error *error)
{
    unsigned char *text = NULL, *larger;
    size_t length = 0, size = 0;
    ssize_t got = 1;

    while (got > 0 && length <= most) {
        if (length == size) {
            size = size == 0 ? PIECE_SIZE : 2 * size;
            larger = realloc(text, size + 1);
            if (!larger)
                break;
            text = larger;
        }
        got = read_piece(fd, text + length, size - length);
        length += got > 0 ? (size_t)got : 0;
    }
    *ret_length = length;
    if (got == 0)
        return text;
    failed(error, got < 0 ? "standard input can't be read" : length > most ? "it is too long" : "out of memory");
    free(text);
    return NULL;
}
