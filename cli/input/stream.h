/* SPDX-License-Identifier: MIT */
/*
 * Standard input that is a pipe, as a source: it is read to its end, in fixed memory.
 */
#ifndef CLI_INPUT_STREAM_H
#define CLI_INPUT_STREAM_H

#include "imgprobe.h"

/* Reads the stream to its end. *ret then stays good until the next call, since there is one memory for what is kept;
 * it is never given back. Where reading fails, *error says why. */
enum imgprobe_status stream_open(int fd, struct imgprobe_opened *ret, struct imgprobe_error *error);
/* Whether a read asked for bytes that weren't kept, since stream_open was last called. Such a read fails as a system
 * error, of which the library can't know the reason. */
bool stream_missed(void);

#endif
