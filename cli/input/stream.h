/* SPDX-License-Identifier: MIT */
/*
 * Standard input as a stream: read once, kept in the memory of a feed, and passed on where that is asked for.
 */
#ifndef CLI_INPUT_STREAM_H
#define CLI_INPUT_STREAM_H

#include "imgprobe.h"

/* How it is read, and what came of that. */
struct stream {
    const struct imgprobe_options *options;     /* by which it is probed, then as now */
    const struct imgprobe_check_options *check; /* NULL: read to its end, whatever it is */
    struct imgprobe_workspace *workspace;
    bool tee;                     /* what isn't refused goes to standard output */
    struct imgprobe_chain *chain; /* of what had come when it was refused; NULL: it wasn't */
    uint64_t received;
};

/* Reads the stream to its end. *ret then stays good until the next call, since there is one memory for what is kept;
 * it is never given back. With `check` it stops as soon as the image can't be accepted any more, whatever comes; of
 * that piece nothing is passed on. That, and where reading or writing fails, is not OK: *error says why. */
enum imgprobe_status stream_open(int fd, struct stream *stream, struct imgprobe_opened *ret,
                                 struct imgprobe_error *error);
/* Reads all of a stream into memory, which is to be freed, and has room for one byte more. NULL: *error says why. */
unsigned char *stream_load(int fd, size_t most, size_t *ret_length, struct imgprobe_error *error);

#endif
