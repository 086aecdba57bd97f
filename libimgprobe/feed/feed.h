/* SPDX-License-Identifier: MIT */
/*
 * feed: a stream that is judged while it comes, in memory that doesn't grow.
 *
 * It uses the rooms before it. It keeps the bytes that a probe may ask for, and has what came so far probed and
 * judged again at places that don't depend on the caller's pieces. It never guesses at bytes that it didn't keep.
 */
#ifndef IP_FEED_H
#define IP_FEED_H

#include "answer/answer.h"

/* A range of the stream that is kept. It is filled as its bytes come. */
struct kept_range {
    struct kept_range *next;
    uint64_t offset;
    size_t length, got;
    unsigned char bytes[];
};

/* What the library keeps of a feed, at the start of its memory. Ranges stand behind it, in the order in which they
 * were asked for. */
struct ip_feed {
    size_t size, used; /* of the memory */
    uint64_t come;     /* bytes from the start of the stream */
    uint64_t look_at;  /* as soon as so many have come, it is probed again */
    uint64_t keep_end; /* behind all ranges that are kept */
    struct kept_range *first, **tail;
    bool ended;
    enum imgprobe_status status;        /* NEED, or what it came to */
    unsigned char last[IP_TAIL_LENGTH]; /* the last bytes: that at N stands at N modulo the length */
};

/*
 * keep
 */

/* Begins with the windows at the head and in the middle. The memory has room for them. */
void ip_keep_begin(struct ip_feed *f, size_t size);
/* Keeps that range from now on. Where there is no room, or a part of it is gone already, it isn't kept. */
void ip_keep(struct ip_feed *f, uint64_t offset, uint64_t length);
/* Takes the next bytes of the stream. */
void ip_keep_bytes(struct ip_feed *f, const unsigned char *bytes, size_t length);
/* A source's read_at, of a feed. LIMIT for bytes that weren't kept. */
enum imgprobe_status ip_kept_read(void *feed, uint64_t offset, void *buffer, size_t length);

#endif
