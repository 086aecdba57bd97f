/* SPDX-License-Identifier: MIT */
/*
 * Feeds images to the library in pieces of many sizes. For each line of standard input, which is FORMAT, a tab and a
 * file, it prints one line: what is wrong, or "ok"; where the policy `upload` first refused it and where any reader
 * could have known (-1 for never); what decided that; the most memory of a feed that was in use.
 */
#include "../../fuzz/harness.h"
#include "feed/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 65536
/* A hole that is longer than this is fed in its first and last bytes. What is between is counted and not given. */
#define HOLE (UINT64_C(8) << 20)

static alignas(max_align_t) unsigned char memory[IMGPROBE_WORKSPACE_DEFAULT], own_memory[IMGPROBE_WORKSPACE_DEFAULT];
static alignas(max_align_t) unsigned char room[IMGPROBE_FEED_DEFAULT];
static const char *const policies[] = {"upload", "guest", "base"};
static const size_t sizes[] = {1, 17, 512, 4096, 65536, 0};
static struct imgprobe_options options;
static uint64_t random_state, image_size;
static const char *wrong;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static struct imgprobe_check_options check_of(size_t policy)
{
    return (struct imgprobe_check_options){.struct_size = sizeof(struct imgprobe_check_options),
                                           .policy = policies[policy]};
}

static void fail(const char *what)
{
    wrong = wrong ? wrong : what;
}

/* A number for the whole answer: the chain, and the verdict by each policy. */
static uint64_t answer(const struct imgprobe_opened *top, struct imgprobe_workspace *w,
                       struct imgprobe_verdict *ret[IP_COUNT(policies)])
{
    struct imgprobe_chain *chain = NULL;
    uint64_t digest = (uint64_t)imgprobe_chain(&options, top, NULL, w, &chain);
    size_t i;

    digest = chain ? digest_number(digest, digest_chain(chain)) : digest;
    for (i = 0; i < IP_COUNT(policies); i++) {
        struct imgprobe_check_options check = check_of(i);

        ret[i] = NULL;
        digest = digest_number(digest, (uint64_t)imgprobe_check(&check, chain, w, &ret[i]));
        digest = ret[i] ? digest_number(digest, digest_verdict(ret[i])) : digest;
    }
    return digest;
}

/* What was refused early is refused at the end, unless the whole isn't known even then. */
static void stays(const struct imgprobe_verdict *early, const struct imgprobe_verdict *whole)
{
    const struct imgprobe_finding *e, *w;

    if (early->error.status != IMGPROBE_NEED && whole->error.status == IMGPROBE_OK)
        fail("refused early, and accepted at the end");
    if (whole->error.status != IMGPROBE_REFUSED && whole->error.status != IMGPROBE_OK)
        return;
    for (e = early->findings; e; e = e->next) {
        for (w = whole->findings; w && w->row != e->row;)
            w = w->next;
        if (e->refused && !w)
            fail("refused early for a finding that the whole doesn't have");
    }
}

/* Counts a hole without feeding it. Nothing waits for a byte of it. */
static uint64_t jump(struct imgprobe_feed *feed, int fd, uint64_t at)
{
    struct ip_feed *f = feed->memory;
    off_t data = lseek(fd, (off_t)at, SEEK_DATA);
    uint64_t end = data < 0 ? image_size : (uint64_t)data;
    const struct kept_range *k;

    if (end < at + HOLE)
        return 0;
    end -= PIECE;
    end = end < f->look_at ? end : f->look_at - 1;
    for (k = f->first; k; k = k->next)
        if (k->got < k->length && k->offset + k->got < end)
            end = k->offset + k->got;
    if (end < at + HOLE / 2)
        return 0;
    f->come = end;
    memset(f->last, 0, sizeof f->last);
    return end - at;
}

/* Feeds the file in pieces of `size`, or of random sizes for 0. Returns behind which piece it was first not NEED. */
static uint64_t feed_all(struct imgprobe_feed *feed, int fd, size_t size, const struct imgprobe_verdict *whole)
{
    static unsigned char buffer[PIECE];
    uint64_t at = 0, decided = UINT64_MAX;
    enum imgprobe_status s = imgprobe_feed_begin(feed);
    size_t length = 0, done = 0;

    decided = s == IMGPROBE_NEED ? decided : 0;
    while (at < image_size) {
        size_t piece = size ? size : 1 + (size_t)(next_random() % 3000);

        if (done == length) {
            uint64_t skipped = at >= 65536 ? jump(feed, fd, at) : 0;
            ssize_t got = pread(fd, buffer, sizeof buffer, (off_t)(at + skipped));

            if (got <= 0)
                exit(2);
            at += skipped;
            length = (size_t)got;
            done = 0;
        }
        piece = piece < length - done ? piece : length - done;
        s = imgprobe_feed(feed, buffer + done, piece);
        done += piece;
        at += piece;
        if (feed->verdict && s != IMGPROBE_NEED && decided == UINT64_MAX) {
            stays(feed->verdict, whole);
            decided = at;
        }
        if (feed->received != at)
            fail("the bytes are counted");
    }
    return decided;
}

static bool decides(const char *id)
{
    return strcmp(id, "not-followed") != 0;
}

/* Where the finding can be known: behind the field or the name to which it points, or behind a magic. */
static uint64_t known_at(const struct imgprobe_finding *f, const struct imgprobe_error *e)
{
    static const char *const at_the_end[] = {"truncated", "content-text", "image-empty", "trailer-also-matches",
                                             "size-not-sector-multiple"};
    size_t i;

    for (i = 0; i < IP_COUNT(at_the_end); i++)
        if (strcmp(f->row->id, at_the_end[i]) == 0)
            return image_size;
    if (e->status != IMGPROBE_OK && e->what && strstr(e->what, "none") && f->offset == e->offset)
        return image_size; /* what isn't there */
    if (f->offset == IMGPROBE_UNKNOWN)
        return 8;
    return f->offset + (f->reference ? f->reference->stated.name.length : 8);
}

static uint64_t known(const struct imgprobe_verdict *verdict, const struct imgprobe_error *e, const char **ret)
{
    uint64_t first = UINT64_MAX;
    const struct imgprobe_finding *f;

    for (f = verdict->findings; f; f = f->next)
        if (f->refused && decides(f->row->id) && known_at(f, e) < first) {
            first = known_at(f, e);
            *ret = f->row->id;
        }
    return first;
}

static void run(const char *path)
{
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = memory, .size = sizeof memory};
    struct imgprobe_workspace mine = {.struct_size = sizeof mine, .memory = own_memory, .size = sizeof own_memory};
    struct imgprobe_verdict *verdicts[IP_COUNT(policies)], *others[IP_COUNT(policies)];
    struct imgprobe_check_options check = check_of(0);
    struct imgprobe_opened top, stream;
    uint64_t whole, first = UINT64_MAX, could;
    const char *why = "-";
    size_t i, used = 0;
    int fd = open(path, O_RDONLY);

    if (fd < 0 || imgprobe_open_fd(fd, &top, NULL) != IMGPROBE_OK)
        exit(2);
    top.identity = (struct imgprobe_identity){0, 0};
    top.allocated = IMGPROBE_UNKNOWN;
    image_size = top.source.size;
    whole = answer(&top, &mine, verdicts);
    for (i = 0; i < IP_COUNT(sizes) + IP_COUNT(policies) - 1; i++) {
        size_t size = i < IP_COUNT(sizes) ? sizes[i] : 4096,
               policy = i < IP_COUNT(sizes) ? 0 : i - IP_COUNT(sizes) + 1;
        struct imgprobe_feed feed = {.struct_size = sizeof feed,
                                     .memory = room,
                                     .size = sizeof room,
                                     .workspace = &w,
                                     .options = &options,
                                     .check = &check};
        uint64_t decided;

        check = check_of(policy);
        memset(room, 0xa5, sizeof(struct ip_feed));
        decided = feed_all(&feed, fd, size, verdicts[policy]);
        used = feed.used > used ? feed.used : used;
        if (i == 0)
            first = decided;
        else if (policy == 0 && size && first != UINT64_MAX && (decided < first || decided - first >= size))
            fail("it is decided at another byte for other pieces");
        if (policy == 0 && (decided == UINT64_MAX) != (first == UINT64_MAX))
            fail("whether it is decided early depends on the pieces");
        if (imgprobe_feed_end(&feed, &stream) != IMGPROBE_OK || answer(&stream, &w, others) != whole)
            fail(w.most && others[0] && others[0]->error.status == IMGPROBE_LIMIT && others[0]->error.what
                     ? "cannot tell"
                     : "another answer than the file's");
    }
    could = verdicts[0] && verdicts[0]->error.status != IMGPROBE_OK ? known(verdicts[0], &verdicts[0]->error, &why)
                                                                    : UINT64_MAX;
    printf("%s\t%lld\t%lld\t%s\t%zu\n", wrong ? wrong : "ok", (long long)first, (long long)could, why, used);
    fflush(stdout);
    close(fd);
}

/* The seed of the random pieces is the only argument. */
int main(int argc, char **argv)
{
    static char line[8192];

    random_state = argc > 1 ? strtoull(argv[1], NULL, 10) | 1 : 1;
    while (fgets(line, sizeof line, stdin)) {
        char *tab = strchr(line, '\t');

        if (!tab)
            return 2;
        line[strcspn(line, "\n")] = '\0';
        *tab = '\0';
        options = (struct imgprobe_options){.struct_size = sizeof options, .format = line[0] ? line : NULL};
        wrong = NULL;
        run(tab + 1);
    }
    return 0;
}
