/* SPDX-License-Identifier: MIT */
/*
 * What each question of a list costs: cost LIST. A line of the list is `HOW READER FORMAT PATH` with tabs between,
 * FORMAT `-` for none. HOW is
 *
 *     probe       one image
 *     inside      the image inside a gzip file; the references are the bytes that were inflated
 *     ranges      one image from a source that has each range only when it's asked for a second time
 *     stream      one image from a stream of 512 bytes at a time, asked again when what was asked for is there
 *     eager       the same, asked again after every 512 bytes
 *     feed        the same fed in pieces of 64 KiB and judged by `upload`, and probed at its end
 *     idle        1 MiB of zeros fed in pieces of 64 KiB, behind the image, when all but its end is decided
 *     idle-bytes  4 KiB of them, byte by byte
 *     chain       a chain by the safe opener
 *     walk        the same, and its system calls are counted; `beneath`: with the image's directory for a root
 *     here        the same by relative names, by an opener that keeps and is asked for no canonical name
 *     access      what `chain` found, granted; `check`: reviewed, without a policy
 *     verify      one image, compared with the receipt that it was just given
 *
 * A line of the answer has the numbers of `struct cost`, in their order, then the format and what its row says.
 * Under callgrind each question is a dump named after the number of its line, and the stack isn't measured. A word
 * that begins with `most-` before a tab and HOW sets each limit to its ceiling: `most-probe`. One that begins with
 * `old-` asks as on a kernel without openat2.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "imgprobe.h"

#ifdef HAVE_CALLGRIND
#include <valgrind/callgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#define CALLGRIND_ZERO_STATS
#define CALLGRIND_TOGGLE_COLLECT
#define CALLGRIND_DUMP_STATS_AT(name) (void)(name)
#endif

#define CHUNK 512
#define STACK_SIZE ((size_t)262144)
#define MEMORY_SIZE ((size_t)268435456)
#define PAINT 0xa5

struct cost {
    uint64_t status, reads, bytes, workspace, stack, asked, members, references, calls;
};

/* A file of which only a part can be had. */
struct feed {
    int fd;
    uint64_t size, front;        /* what a stream has delivered */
    uint64_t wanted, wanted_end; /* the range that was asked for last, and is there now */
    bool ranges;
};

struct question {
    const char *how, *path, *name;
    struct imgprobe_options options;
    struct imgprobe_workspace w;
    struct imgprobe_opened top;
    struct imgprobe_image *image;
    struct feed feed;
    struct cost cost;
    const unsigned char *stack; /* its lowest byte; NULL: not measured */
    bool old;
};

static alignas(max_align_t) unsigned char memory[MEMORY_SIZE];
static alignas(4096) unsigned char stack[STACK_SIZE];

static void die(const char *what, const char *name)
{
    fprintf(stderr, "cost: %s: %s\n", what, name);
    exit(2);
}

/* ---- the counted part ---- */

/* Bytes beneath the caller's frame that were written to since they were painted. */
__attribute__((noinline)) static uint64_t used_stack(const unsigned char *lowest)
{
    const unsigned char *frame = __builtin_frame_address(0), *at = lowest;

    while (at < frame && *at == PAINT)
        at++;
    return (uint64_t)(frame - at);
}

static void begin(void)
{
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
}

static void end(struct question *q)
{
    CALLGRIND_TOGGLE_COLLECT;
    if (q->stack)
        q->cost.stack = used_stack(q->stack);
}

/* ---- sources ---- */

static enum imgprobe_status read_feed(void *context, uint64_t offset, void *buffer, size_t length)
{
    struct feed *feed = context;

    if (feed->ranges ? offset != feed->wanted || offset + length > feed->wanted_end : offset + length > feed->front)
        return IMGPROBE_NEED;
    return pread(feed->fd, buffer, length, (off_t)offset) == (ssize_t)length ? IMGPROBE_OK : IMGPROBE_SYSTEM;
}

/* The next part of what is needed. */
static void deliver(struct question *q, struct imgprobe_source *source, bool eager)
{
    const struct imgprobe_error *need = &q->image->error;
    struct feed *feed = &q->feed;
    uint64_t until = need->offset == IMGPROBE_UNKNOWN ? feed->size : need->offset + need->least;

    feed->wanted = need->offset;
    feed->wanted_end = until;
    feed->front = (eager || until < feed->front ? feed->front / CHUNK + 1 : (until + CHUNK - 1) / CHUNK) * CHUNK;
    if (feed->front >= feed->size)
        source->size = feed->size;
}

static void ask_image(struct question *q)
{
    bool eager = strcmp(q->how, "eager") == 0, ranges = strcmp(q->how, "ranges") == 0;
    struct imgprobe_source source = q->top.source;

    q->feed = (struct feed){.fd = (int)(intptr_t)q->top.handle, .size = source.size, .ranges = ranges};
    q->options.inside = strcmp(q->how, "inside") == 0;
    if (strcmp(q->how, "probe") != 0 && !q->options.inside) {
        source.read_at = read_feed;
        source.context = &q->feed;
        source.size = ranges ? source.size : IMGPROBE_UNKNOWN;
    }
    begin();
    do {
        if (q->cost.asked++ > 0)
            deliver(q, &source, eager);
        q->cost.status = imgprobe_probe(&q->options, &source, &q->w, &q->image);
    } while (q->cost.status == IMGPROBE_NEED);
    end(q);
    if (!q->image)
        return; /* a question that is none: a format that there isn't */
    q->cost.reads = q->image->reads;
    q->cost.bytes = q->image->bytes;
    q->cost.members = 1;
    if (q->image->inside)
        q->cost.references = q->image->inside->inflated;
}

/* ---- what is fed ---- */

static uint64_t references(const struct imgprobe_image *image)
{
    const struct imgprobe_reference *r;
    uint64_t count = 0;

    for (r = image->references; r; r = r->next)
        count++;
    return count;
}

#define PIECE 65536

static enum imgprobe_status feed_image(struct question *q, struct imgprobe_feed *feed, uint64_t size)
{
    static unsigned char piece[PIECE];
    enum imgprobe_status status = imgprobe_feed_begin(feed);
    uint64_t at = 0;

    while (at < size) {
        ssize_t got = pread(q->feed.fd, piece, sizeof piece, (off_t)at);

        if (got <= 0)
            die("can't be read", q->path);
        status = imgprobe_feed(feed, piece, (size_t)got);
        at += (uint64_t)got;
    }
    return status;
}

static void ask_idle(struct question *q, struct imgprobe_feed *feed)
{
    static const unsigned char zeros[PIECE];
    size_t piece = strcmp(q->how, "idle") == 0 ? PIECE : 1, count = piece == 1 ? 4096 : 16;

    imgprobe_feed(feed, zeros, sizeof zeros); /* behind the windows */
    begin();
    for (q->cost.asked = 0; q->cost.asked < count; q->cost.asked++)
        q->cost.status = imgprobe_feed(feed, zeros, piece);
    end(q);
    q->cost.bytes = piece * count;
}

static void ask_fed(struct question *q)
{
    static alignas(max_align_t) unsigned char room[IMGPROBE_FEED_DEFAULT];
    const struct imgprobe_check_options check = {.struct_size = sizeof check, .policy = "upload"};
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = memory, .size = IMGPROBE_WORKSPACE_DEFAULT};
    struct imgprobe_feed feed = {.struct_size = sizeof feed,
                                 .memory = room,
                                 .size = sizeof room,
                                 .workspace = &w,
                                 .options = &q->options,
                                 .check = &check};
    struct imgprobe_opened kept;

    q->feed.fd = (int)(intptr_t)q->top.handle;
    if (strcmp(q->how, "feed") != 0) {
        feed_image(q, &feed, q->top.source.size);
        ask_idle(q, &feed);
        q->cost.workspace = feed.used;
        return;
    }
    begin();
    q->cost.status = feed_image(q, &feed, q->top.source.size);
    if (imgprobe_feed_end(&feed, &kept) == IMGPROBE_OK)
        q->cost.status = imgprobe_probe(&q->options, &kept.source, &w, &q->image);
    end(q);
    q->w.most = feed.used;
    q->cost.asked = 1;
    q->cost.reads = q->image ? q->image->reads : 0;
    q->cost.bytes = q->image ? q->image->bytes : 0;
    q->cost.members = 1;
    q->cost.references = q->image ? references(q->image) : 0;
}

/* ---- chains ---- */

static void grant(struct question *q, const struct imgprobe_chain *chain)
{
    static const struct imgprobe_consent anywhere = {.beneath = ""};
    struct imgprobe_access_options options = {
        .struct_size = sizeof options, .write = true, .consents = &anywhere, .consent_count = 1};
    struct imgprobe_access *access;

    begin();
    q->cost.status = imgprobe_access(&options, chain, &q->w, &access);
    end(q);
}

static void review(struct question *q, const struct imgprobe_chain *chain)
{
    struct imgprobe_verdict *verdict;

    begin();
    q->cost.status = imgprobe_check(NULL, chain, &q->w, &verdict);
    end(q);
}

/* Its directory, as an absolute path has one. */
static const char *directory_of(const char *path)
{
    static char directory[4096];
    const char *slash = strrchr(path, '/');

    if (!slash || (size_t)(slash - path) >= sizeof directory)
        die("no directory", path);
    memcpy(directory, path, (size_t)(slash - path));
    directory[slash - path] = '\0';
    return directory;
}

/* As the program does it without a root. */
static enum imgprobe_status ask_here(struct question *q, const char *directory, const struct imgprobe_roots *roots,
                                     struct imgprobe_chain **ret)
{
    struct imgprobe_kept kept = {.struct_size = sizeof kept, .roots = roots};
    struct imgprobe_opener opener;
    struct imgprobe_opened top;
    struct imgprobe_error error;
    enum imgprobe_status status;

    imgprobe_kept_opener(&opener, &kept);
    opener.canonical = NULL;
    q->options.name = q->path + strlen(directory) + 1;
    if (chdir(directory) != 0 || opener.open(opener.context, q->options.name, &top, &error) != IMGPROBE_OK)
        die("can't be opened from its directory", q->path);
    status = imgprobe_chain(&q->options, &top, &opener, &q->w, ret);
    opener.done(opener.context, &top);
    imgprobe_kept_end(&kept);
    return status;
}

static void ask_chain(struct question *q)
{
    const char *directory = directory_of(q->path);
    const bool here = strcmp(q->how, "here") == 0;
    const bool beneath = strcmp(q->how, "beneath") == 0;
    const struct imgprobe_roots roots = {.struct_size = sizeof roots, .roots = &directory, .root_count = beneath};
    struct imgprobe_opener opener;
    struct imgprobe_chain *chain;
    const struct imgprobe_member *m;
    bool counted = beneath || strcmp(q->how, "chain") == 0 || strcmp(q->how, "walk") == 0;

    imgprobe_safe_opener(&opener, &roots);
    if (counted)
        begin();
    q->cost.asked = 1;
    q->cost.status =
        here ? ask_here(q, directory, &roots, &chain) : imgprobe_chain(&q->options, &q->top, &opener, &q->w, &chain);
    if (counted)
        end(q);
    if (q->cost.status == IMGPROBE_USAGE)
        return;
    q->image = chain->members ? chain->members->image : NULL;
    for (m = chain->members; m; m = m->next) {
        q->cost.reads += m->image->reads;
        q->cost.bytes += m->image->bytes;
        q->cost.references += references(m->image);
        q->cost.members++;
    }
    if (strcmp(q->how, "access") == 0)
        grant(q, chain);
    if (strcmp(q->how, "check") == 0)
        review(q, chain);
}

/* The status is USAGE where a read failed, and so there is no receipt. */
static void ask_verified(struct question *q)
{
    struct imgprobe_chain *chain;
    const struct imgprobe_receipt *receipt;

    q->options.receipt = true;
    q->cost.status = imgprobe_chain(&q->options, &q->top, NULL, &q->w, &chain);
    if (q->cost.status == IMGPROBE_USAGE)
        return;
    q->image = chain->members->image;
    receipt = chain->members->receipt;
    begin();
    q->cost.status = imgprobe_verify(receipt, &q->top, NULL, NULL);
    end(q);
    q->cost.asked = q->cost.members = 1;
    q->cost.bytes = q->image->bytes;
    q->cost.references = receipt ? receipt->range_count : 0;
}

/* For this thread alone: the system call fails as it does on a kernel that has never heard of it. */
static void forbid_openat2(void)
{
#ifdef SYS_openat2
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        die("no filter", "openat2");
#endif
}

static bool is_chain(const struct question *q)
{
    static const char *const hows[] = {"chain", "walk", "beneath", "here", "access", "check"};
    size_t i;

    for (i = 0; i < sizeof hows / sizeof hows[0]; i++)
        if (strcmp(q->how, hows[i]) == 0)
            return true;
    return false;
}

static void *ask(void *context)
{
    struct question *q = context;

    if (q->old)
        forbid_openat2();
    if (is_chain(q))
        ask_chain(q);
    else if (strcmp(q->how, "feed") == 0 || strncmp(q->how, "idle", 4) == 0)
        ask_fed(q);
    else if (strcmp(q->how, "verify") == 0)
        ask_verified(q);
    else
        ask_image(q);
    return NULL;
}

/* ---- the list ---- */

/* On a stack of its own, which was painted. */
static void ask_on_stack(struct question *q)
{
    pthread_attr_t attributes;
    pthread_t thread;

    memset(stack, PAINT, sizeof stack);
    q->stack = stack;
    if (pthread_attr_init(&attributes) != 0 || pthread_attr_setstack(&attributes, stack, sizeof stack) != 0 ||
        pthread_create(&thread, &attributes, ask, q) != 0 || pthread_join(thread, NULL) != 0)
        die("no thread", q->name);
    pthread_attr_destroy(&attributes);
}

/* A copy of this process asks, with a few calls of its own, and stops at each system call that it enters or leaves.
 */
static uint64_t calls_of(struct question *q)
{
    pid_t child = fork();
    uint64_t stops = 0;
    int status;

    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 || raise(SIGSTOP) != 0)
            _exit(2);
        ask(q);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
        die("can't be traced", q->path);
    while (ptrace(PTRACE_SYSCALL, child, NULL, NULL) == 0 && waitpid(child, &status, 0) == child &&
           WIFSTOPPED(status))
        stops++;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        die("was killed while it was traced", q->path);
    return stops / 2;
}

static void print(const struct question *q)
{
    const struct cost *c = &q->cost;
    const struct imgprobe_format *format = q->image ? q->image->format : NULL;
    const uint64_t numbers[] = {c->status, c->reads,   c->bytes,      c->workspace, c->stack,
                                c->asked,  c->members, c->references, c->calls};
    size_t i;

    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        printf("%" PRIu64 "\t", numbers[i]);
    printf("%s\t%u\t%" PRIu64 "\n", format ? format->name : "-", format ? format->reads : 0,
           format ? format->bytes : 0);
}

static void answer(struct question *q)
{
    static const struct imgprobe_limits most = {.struct_size = sizeof most,
#define CEILING(name, usual, ceiling, what) .name = (ceiling),
                                                IMGPROBE_LIMITS(CEILING)
#undef CEILING
    };
    struct imgprobe_error error;
    struct question again;
    int fd = open(q->path, O_RDONLY | O_CLOEXEC);

    if (strncmp(q->how, "most-", 5) == 0) {
        q->how += 5;
        q->options.limits = &most;
    }
    if (strncmp(q->how, "old-", 4) == 0) {
        q->how += 4;
        q->old = true;
    }
    q->w = (struct imgprobe_workspace){.struct_size = sizeof q->w, .memory = memory, .size = sizeof memory};
    q->options.struct_size = sizeof q->options;
    q->options.name = q->path;
    if (fd < 0 || imgprobe_open_fd(fd, &q->top, &error) != IMGPROBE_OK)
        die("can't be opened", q->path);
    q->top.handle = (void *)(intptr_t)fd;
    again = *q;
    if (RUNNING_ON_VALGRIND && !q->old)
        ask(q);
    else
        ask_on_stack(q);
    if (!RUNNING_ON_VALGRIND &&
        (strcmp(q->how, "walk") == 0 || strcmp(q->how, "beneath") == 0 || strcmp(q->how, "here") == 0))
        q->cost.calls = calls_of(&again);
    CALLGRIND_DUMP_STATS_AT(q->name);
    close(fd);
    q->cost.workspace = q->w.most;
    print(q);
}

static enum imgprobe_reader reader_of(const char *name)
{
    const struct imgprobe_reader_row *row;
    size_t i;

    for (i = 0; (row = imgprobe_reader_at(i)) != NULL; i++)
        if (strcmp(row->name, name) == 0)
            return row->reader;
    die("no reader", name);
    return IMGPROBE_READER_QEMU;
}

int main(int argc, char **argv)
{
    static char line[8192];
    FILE *list = argc == 2 ? fopen(argv[1], "r") : NULL;
    unsigned number = 0;

    if (!list)
        die("no list", argc == 2 ? argv[1] : "cost LIST");
    while (fgets(line, sizeof line, list)) {
        char name[16], *rest = line;
        const char *reader, *format;
        struct question q = {.name = name};

        (void)snprintf(name, sizeof name, "%u", number++);
        q.how = strsep(&rest, "\t");
        reader = strsep(&rest, "\t");
        format = strsep(&rest, "\t");
        q.path = strsep(&rest, "\n");
        if (!q.path)
            die("not a question", q.how);
        q.options.reader = reader_of(reader);
        q.options.format = strcmp(format, "-") == 0 ? NULL : format;
        answer(&q);
    }
    return fclose(list) != 0;
}
