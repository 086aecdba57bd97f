/* SPDX-License-Identifier: MIT */
/* An image that is fed to the library in pieces, and judged by a policy while it comes. */
#include "harness.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define PLAN_MOST 16
#define SIZE_MOST (UINT64_C(2) << 20)
#define USUAL_ROOM 262144 /* more than the limits let a probe ask for, but for the usual ones */

static alignas(max_align_t) unsigned char own[ROOM_USUAL], room_of_feed[IMGPROBE_FEED_DEFAULT];

static bool was_lost(const struct imgprobe_error *e)
{
    return e->status == IMGPROBE_LIMIT && e->what && strstr(e->what, "wasn't kept") && e->least != IMGPROBE_UNKNOWN;
}

/* What every finding that was refused early has to be at the end: there. */
static void promise_stays(const struct imgprobe_verdict *early, const struct imgprobe_verdict *whole)
{
    const struct imgprobe_finding *e, *w;

    PROMISE(whole->error.status != IMGPROBE_OK, "what was refused early isn't accepted");
    for (e = early->findings; e && whole->error.status == IMGPROBE_REFUSED; e = e->next) {
        for (w = whole->findings; w && w->row != e->row;)
            w = w->next;
        PROMISE(!e->refused || w, "a finding that was refused early stays");
    }
}

/* The chain and the verdict of a whole image, as a number. */
static uint64_t ask_whole(const struct imgprobe_options *options, const struct imgprobe_check_options *check,
                          const struct imgprobe_source *source, struct imgprobe_workspace *w,
                          struct imgprobe_verdict **ret)
{
    struct imgprobe_opened top = {.struct_size = sizeof top, .source = *source, .kind = IMGPROBE_KIND_FILE};
    struct imgprobe_chain *chain = NULL;
    enum imgprobe_status s;

    top.allocated = IMGPROBE_UNKNOWN;
    w->pending = 0;
    s = imgprobe_chain(options, &top, NULL, w, &chain);
    PROMISE(s != IMGPROBE_USAGE && s != IMGPROBE_NEED, "a whole image is answered");
    s = imgprobe_check(check, chain, w, ret);
    PROMISE(*ret && s == (*ret)->error.status, "there is room for the verdict");
    return digest_number(digest_chain(chain), digest_verdict(*ret));
}

/* The verdict so far is in the feed's workspace, which the whole doesn't use. */
static enum imgprobe_status feed_piece(struct imgprobe_feed *feed, const unsigned char *bytes, size_t length,
                                       enum imgprobe_status before, const struct imgprobe_verdict *whole)
{
    uint64_t received = feed->received;
    enum imgprobe_status s = imgprobe_feed(feed, bytes, length);

    PROMISE(s != IMGPROBE_OK && s != IMGPROBE_USAGE, "nothing is accepted before its end");
    PROMISE(feed->received == received + length && feed->used <= feed->size,
            "bytes are counted, and memory is bounded");
    PROMISE(before == IMGPROBE_NEED || s != IMGPROBE_NEED, "what is refused stays refused");
    if (s == IMGPROBE_NEED)
        PROMISE(feed->error.offset == IMGPROBE_UNKNOWN || feed->error.least > 0, "who waits says for what");
    else if (feed->verdict && !was_lost(&feed->verdict->error))
        promise_stays(feed->verdict, whole);
    return s;
}

static void check_fed(const struct asked *asked, const unsigned char *bytes, size_t size, struct input plan,
                      size_t memory)
{
    struct imgprobe_options options = asked->options;
    struct imgprobe_check_options check = {.struct_size = sizeof check,
                                           .policy = imgprobe_policy_at(asked->seed % 3)->name};
    struct imgprobe_workspace mine = {.struct_size = sizeof mine, .memory = own, .size = sizeof own};
    struct imgprobe_source source;
    struct imgprobe_opened kept;
    struct imgprobe_verdict *whole, *last;
    enum imgprobe_status s;
    struct room room;
    uint64_t digest;
    size_t at;

    options.limits = &asked->limits;
    imgprobe_source_buffer(&source, bytes, size);
    digest = ask_whole(&options, &check, &source, &mine, &whole);
    room_open(&room, ROOM_USUAL);
    struct imgprobe_feed feed = {.struct_size = sizeof feed,
                                 .memory = room_of_feed,
                                 .size = memory,
                                 .workspace = &room.w,
                                 .options = &options,
                                 .check = &check};
    s = imgprobe_feed_begin(&feed);
    for (at = 0; at < size;) {
        size_t piece = plan.size > 0 ? 1 + take_byte(&plan) * (size_t)9 : 3001;

        piece = piece < size - at ? piece : size - at;
        s = feed_piece(&feed, bytes + at, piece, s, whole);
        at += piece;
    }
    PROMISE(imgprobe_feed_end(&feed, &kept) == IMGPROBE_OK && kept.source.size == size, "it ends");
    if (ask_whole(&options, &check, &kept.source, &room.w, &last) != digest)
        PROMISE(was_lost(&last->error), "what was kept gives the same answer, or says which bytes weren't");
    room_check(&room);
    room_close(&room);
}

void fuzz_feed(const unsigned char *bytes, size_t size)
{
    struct input in = {bytes, size}, plan;
    struct asked asked;
    struct file file;
    struct feed feed = {.file = &file};
    struct imgprobe_source source;
    unsigned char *whole;
    unsigned pin;

    take_asked(&in, &asked);
    pin = take_byte(&in);
    if (pin >= 128)
        asked.options.format = ip_registry[pin % ip_registry_count]->row.name;
    plan = (struct input){in.bytes, in.size < PLAN_MOST ? in.size : PLAN_MOST};
    in.bytes += plan.size;
    in.size -= plan.size;
    file = take_file(&in);
    source = feed_source(&feed);
    if (fuzz_sink) {
        fuzz_sink(&file, 1, asked.options.format);
        return;
    }
    if (source.size > SIZE_MOST) /* of longer files the stream target asks */
        return;
    whole = malloc((size_t)source.size + 1);
    if (!whole)
        abort();
    if (source.size != 0 && source.read_at(source.context, 0, whole, (size_t)source.size) != IMGPROBE_OK)
        abort();
    check_fed(&asked, whole, (size_t)source.size, plan,
              asked.seed & 1 ? sizeof room_of_feed : IMGPROBE_FEED_SIZE(asked.seed % USUAL_ROOM));
    free(whole);
}
