/* SPDX-License-Identifier: MIT */
/* One image asked about in all ways that must give one answer, and in those that must fail. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define SELDOM 16 /* one in so many: what costs more than the rest together is done that seldom */

static const struct imgprobe_limits sets[] = {
    {.image_bytes = 0},
    {.image_bytes = 16384, .image_reads = 5, .descriptor_bytes = 2048, .header_extensions = 3, .name_bytes = 40},
    {.image_bytes = 7000, .image_reads = 3, .json_depth = 2, .json_values = 6, .chain_members = 3, .chain_depth = 2},
    {.image_bytes = 1, .image_reads = 1, .descriptor_bytes = 1, .header_extensions = 1, .name_bytes = 1},
};

void take_asked(struct input *in, struct asked *asked)
{
    struct imgprobe_options usual = {.struct_size = sizeof usual};
    struct ip_versions versions;
    unsigned how = take_byte(in);

    memset(asked, 0, sizeof *asked);
    asked->limits = sets[how >> 1 & 3];
    asked->limits.struct_size = sizeof asked->limits;
    usual.limits = &asked->limits;
    PROMISE(ip_options(&usual, &asked->options, &asked->limits, &versions), "these limits go together");
    asked->limits.struct_size = sizeof asked->limits; /* which now has the defaults filled in */
    asked->options.struct_size = sizeof asked->options;
    asked->options.reader = how & 8 ? IMGPROBE_READER_IMAGO : how & 1 ? IMGPROBE_READER_XEN : IMGPROBE_READER_QEMU;
    asked->seed = XXH32(in->bytes, in->size, 0);
}

/* Gives one answer from a new workspace. NULL is USAGE: not even the image fits into the workspace. */
static struct imgprobe_image *ask(const struct asked *asked, const struct imgprobe_source *source, size_t size,
                                  struct room *room)
{
    struct imgprobe_options options = asked->options;
    struct imgprobe_image *image = NULL;
    enum imgprobe_status s;

    options.limits = &asked->limits;
    room_open(room, size);
    s = imgprobe_probe(&options, source, &room->w, &image);
    room_check(room);
    PROMISE(image ? s == image->error.status && s != IMGPROBE_USAGE : s == IMGPROBE_USAGE, "a status is told twice");
    if (!image)
        return NULL;
    promise_image(image, &asked->limits);
    return image;
}

struct whole {
    uint64_t digest, reads;
    size_t most;
};

static struct whole ask_whole(const struct asked *asked, const struct file *file)
{
    struct feed feed = {.file = file};
    struct imgprobe_source source = feed_source(&feed);
    struct room room;
    const struct imgprobe_image *image = ask(asked, &source, ROOM_USUAL, &room);
    struct whole whole;

    PROMISE(image && image->error.status != IMGPROBE_NEED && image->error.status != IMGPROBE_SYSTEM,
            "a whole file is answered");
    promise_feed(&feed, image);
    whole = (struct whole){digest_image(image), image->reads, room.w.most};
    room_close(&room);
    return whole;
}

/* The buffer is gone when the answer is looked at, and the memory is just enough. */
static void check_buffer(const struct asked *asked, const struct file *file, const struct whole *whole)
{
    unsigned char *copy = malloc(file->length ? file->length : 1);
    struct imgprobe_source source;
    struct imgprobe_image *image;
    struct room room;

    if (!copy)
        abort();
    if (file->length != 0)
        memcpy(copy, file->bytes, file->length);
    imgprobe_source_buffer(&source, copy, file->length);
    image = ask(asked, &source, whole->most, &room);
    memset(copy, 0xa5, file->length);
    free(copy);
    PROMISE(image && digest_image(image) == whole->digest, "a buffer gives the same answer");
    room_close(&room);
}

/* The file is one of the host, with its gaps. */
static void check_descriptor(const struct asked *asked, const struct file *file, const struct whole *whole)
{
    int fd = file_open(file);
    struct imgprobe_opened opened = {.struct_size = sizeof opened};
    struct imgprobe_error error;
    const struct imgprobe_image *image;
    struct room room;

    if (fd < 0)
        return;
    PROMISE(imgprobe_open_fd(fd, &opened, &error) == IMGPROBE_OK, "a file's descriptor is a source");
    image = ask(asked, &opened.source, ROOM_USUAL, &room);
    (void)close(fd);
    PROMISE(image && digest_image(image) == whole->digest, "a descriptor gives the same answer");
    room_close(&room);
}

/* A workspace that is just large enough gives the answer. A smaller one gives an error, never a shorter answer. */
static void check_rooms(const struct asked *asked, const struct file *file, const struct whole *whole)
{
    const size_t sizes[] = {whole->most, whole->most - 1, asked->seed % whole->most};
    size_t i;

    for (i = 0; i < IP_COUNT(sizes); i++) {
        struct feed feed = {.file = file};
        struct imgprobe_source source = feed_source(&feed);
        struct room room;
        const struct imgprobe_image *image = ask(asked, &source, sizes[i], &room);

        if (i == 0)
            PROMISE(image && digest_image(image) == whole->digest, "asked again the answer is the same");
        else if (image)
            promise_full(&image->error, sizes[i]);
        room_close(&room);
    }
}

static void check_failing(const struct asked *asked, const struct file *file, const struct whole *whole)
{
    uint64_t n = whole->reads == 0 ? 0 : 1 + asked->seed % whole->reads;
    enum imgprobe_status failure = asked->seed & 256 ? IMGPROBE_SYSTEM : IMGPROBE_TRUNCATED;
    struct feed feed = {.file = file, .fails_at = n, .failure = failure};
    struct imgprobe_source source = feed_source(&feed);
    struct room room;
    const struct imgprobe_image *image;

    if (n == 0)
        return;
    image = ask(asked, &source, ROOM_USUAL, &room);
    PROMISE(image && image->error.status == failure && image->reads == n, "no read fails unnoticed");
    room_close(&room);
}

void check_probe(const struct asked *asked, const struct file *file)
{
    struct whole whole;

    if (fuzz_sink) {
        fuzz_sink(file, 1, asked->options.format);
        return;
    }
    whole = ask_whole(asked, file);
    check_rooms(asked, file, &whole);
    if (file->gap == 0 && !file->spread)
        check_buffer(asked, file, &whole);
    if (asked->seed % SELDOM == 0)
        check_descriptor(asked, file, &whole);
    check_failing(asked, file, &whole);
}

/* ---- from a source that has little at first ---- */

/* Delivers what was asked for, or a part of it, or more. The end of the file tells its size. */
static void deliver(struct feed *feed, struct imgprobe_source *source, const struct imgprobe_error *need,
                    unsigned step)
{
    uint64_t size = file_size(feed->file), end = need->offset + need->least;

    if (need->offset == IMGPROBE_UNKNOWN || end < need->offset || end > size) {
        source->size = size;
    } else if (step < 64 && end - feed->front > step + 1 && end >= feed->front) {
        feed->front += (end - feed->front) / 8 + step + 1; /* a stream that dribbles */
    } else if (step < 128) {
        feed->front = end > feed->front ? end : feed->front;
    } else {
        feed->extra = (struct span){need->offset, end + step % 64};
    }
}

static void ask_in_pieces(const struct asked *asked, const struct file *file, struct input plan)
{
    struct whole whole = ask_whole(asked, file);
    struct feed feed = {.file = file, .withholds = true};
    struct imgprobe_source source = feed_source(&feed);
    struct imgprobe_options options = asked->options;
    struct imgprobe_image *image = NULL;
    struct room room;
    unsigned asks = 0;

    options.limits = &asked->limits;
    if (take_byte(&plan) & 1 && asked->limits.image_bytes >= IP_HEAD_LENGTH) /* else the limit ends it first */
        source.size = IMGPROBE_UNKNOWN;
    room_open(&room, ROOM_USUAL);
    while (imgprobe_probe(&options, &source, &room.w, &image) == IMGPROBE_NEED) {
        const struct imgprobe_error *need = &image->error;

        promise_image(image, &asked->limits);
        PROMISE(need->offset == IMGPROBE_UNKNOWN ? source.size == IMGPROBE_UNKNOWN
                                                 : need->least > 0 && need->least != IMGPROBE_UNKNOWN,
                "who needs says what");
        PROMISE(++asks < 16384, "a stream comes to an end");
        deliver(&feed, &source, need, plan.size > 0 ? take_byte(&plan) : 200);
    }
    room_check(&room);
    PROMISE(image && digest_image(image) == whole.digest, "in pieces the answer is the same");
    promise_feed(&feed, image);
    room_close(&room);
}

void check_stream(const struct asked *asked, const struct file *file, struct input plan)
{
    if (fuzz_sink)
        fuzz_sink(file, 1, asked->options.format);
    else
        ask_in_pieces(asked, file, plan);
}
