/* SPDX-License-Identifier: MIT */
/*
 * Asks about images within one process, in turn, and prints what each way took:
 *
 *     inside ROUNDS TIMES FORMAT WAY,WAY... PATH...
 *
 * `floor` opens, stats, reads 4 KiB and closes each PATH; the other ways ask of the first, whose format is FORMAT
 * where a way tells it. A line of the answer is one way's: its name, and nanoseconds of CPU time of each round, for
 * one time; or its name and why it can't be asked. libvirt's are in no header, so they are found when this runs.
 */
#include "imgprobe.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_BLKID
#include <blkid.h>
#endif

#define ROUNDS_MOST 4096
#define WAYS_MOST 16

struct asked {
    const char *format;
    char **paths; /* NULL ends them */
    unsigned char *bytes;
    size_t length; /* of the first, for what asks from memory */
};

static uint64_t memory[IMGPROBE_WORKSPACE_DEFAULT / sizeof(uint64_t)];

static void fail(const char *what)
{
    fprintf(stderr, "inside: %s\n", what);
    exit(1);
}

/* ---- the floor ---- */

static void ask_floor(const struct asked *asked)
{
    static char head[4096];
    struct stat found;
    char **path;

    for (path = asked->paths; *path; path++) {
        int fd = open(*path, O_RDONLY);

        if (fd < 0 || fstat(fd, &found) != 0 || pread(fd, head, sizeof(head), 0) < 0)
            fail("floor");
        close(fd);
    }
}

/* ---- ours ---- */

/* As a program that stays: its opener keeps what it can, and canonical names aren't asked for. */
static void ask(const struct asked *asked, const char *format, enum imgprobe_follow follow)
{
    static const struct imgprobe_roots anywhere = {.struct_size = sizeof(anywhere)};
    static struct imgprobe_kept kept = {.struct_size = sizeof(kept), .roots = &anywhere};
    static struct imgprobe_workspace workspace = {
        .struct_size = sizeof(workspace), .memory = memory, .size = sizeof(memory)};
    const struct imgprobe_options options = {
        .struct_size = sizeof(options), .format = format, .name = asked->paths[0], .follow = follow};
    struct imgprobe_opener opener = {.struct_size = sizeof(opener)};
    struct imgprobe_opened top = {.struct_size = sizeof(top), .source.struct_size = sizeof(top.source)};
    struct imgprobe_error error = {0};
    struct imgprobe_chain *chain;

    imgprobe_kept_opener(&opener, &kept);
    opener.canonical = NULL;
    if (opener.open(opener.context, options.name, &top, &error) != IMGPROBE_OK ||
        imgprobe_chain(&options, &top, &opener, &workspace, &chain) != IMGPROBE_OK)
        fail("imgprobe");
    opener.done(opener.context, &top);
}

static void ask_told(const struct asked *asked)
{
    ask(asked, asked->format, IMGPROBE_FOLLOW_OWN);
}

static void ask_probed(const struct asked *asked)
{
    ask(asked, NULL, IMGPROBE_FOLLOW_OWN);
}

static void ask_chain(const struct asked *asked)
{
    ask(asked, NULL, IMGPROBE_FOLLOW_ALL);
}

static enum imgprobe_status read_bytes(void *context, uint64_t offset, void *buffer, size_t length)
{
    const struct asked *asked = context;

    if (offset > asked->length || length > asked->length - offset)
        return IMGPROBE_TRUNCATED;
    memcpy(buffer, asked->bytes + offset, length);
    return IMGPROBE_OK;
}

static void ask_memory(const struct asked *asked)
{
    static struct imgprobe_workspace workspace = {
        .struct_size = sizeof(workspace), .memory = memory, .size = sizeof(memory)};
    const struct imgprobe_options options = {.struct_size = sizeof(options)};
    const struct imgprobe_source source = {.struct_size = sizeof(source),
                                           .size = asked->length,
                                           .read_at = read_bytes,
                                           .context = (void *)(uintptr_t)asked};
    struct imgprobe_image *image;

    if (imgprobe_probe(&options, &source, &workspace, &image) != IMGPROBE_OK)
        fail("imgprobe, from memory");
}

/* ---- libblkid ---- */

#ifdef HAVE_BLKID
static void ask_blkid(const struct asked *asked)
{
    blkid_probe probe = blkid_new_probe_from_filename(asked->paths[0]);

    if (!probe)
        fail("libblkid");
    blkid_probe_enable_partitions(probe, 1);
    (void)blkid_do_safeprobe(probe); /* as `blkid -p`; that it knows nothing of an image is an answer */
    blkid_free_probe(probe);
}
#endif

/* ---- libvirt ---- */

static struct {
    int (*begin)(void);
    int (*format)(const char *name);
    int (*probe)(const char *path, uid_t user, gid_t group);
    void *(*from_fd)(const char *path, int fd, int format);
    void (*drop)(void *source);
} libvirt;

/* A function out of a library has no type until it is given one, which C does by copying. */
static bool find(void *library, const char *name, void *ret, size_t size)
{
    void *found = dlsym(library, name);

    memcpy(ret, &found, size);
    return found != NULL;
}

#define FIND(library, name, member) find(library, name, &libvirt.member, sizeof(libvirt.member))

static const char *open_libvirt(void)
{
    void *library = dlopen("libvirt.so.0", RTLD_NOW);

    if (!library)
        return "libvirt.so.0 is missing";
    if (!FIND(library, "virInitialize", begin) || !FIND(library, "virStorageFileFormatTypeFromString", format) ||
        !FIND(library, "virStorageFileProbeFormat", probe) ||
        !FIND(library, "virStorageSourceGetMetadataFromFD", from_fd) || !FIND(library, "g_object_unref", drop))
        return "this libvirt.so.0 has other functions";
    return libvirt.begin() == 0 ? NULL : "this libvirt.so.0 doesn't begin";
}

static void ask_libvirt(const char *path, int format)
{
    int fd = open(path, O_RDONLY);
    void *source = libvirt.from_fd(path, fd, format);

    if (!source)
        fail("libvirt");
    libvirt.drop(source);
    close(fd);
}

static void ask_libvirt_told(const struct asked *asked)
{
    ask_libvirt(asked->paths[0], libvirt.format(asked->format));
}

/* Each PATH: what follows a chain by itself is a module of its daemon. */
static void ask_libvirt_probed(const struct asked *asked)
{
    char **path;

    for (path = asked->paths; *path; path++)
        ask_libvirt(*path, libvirt.probe(*path, (uid_t)-1, (gid_t)-1));
}

/* ---- all ---- */

static const struct way {
    const char *name;
    void (*ask)(const struct asked *asked);
} ways[] = {
    {"floor", ask_floor},
    {"told", ask_told},
    {"probed", ask_probed},
    {"chain", ask_chain},
    {"memory", ask_memory},
#ifdef HAVE_BLKID
    {"blkid", ask_blkid},
#endif
    {"libvirt-told", ask_libvirt_told},
    {"libvirt-probed", ask_libvirt_probed},
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static const struct way *find_way(const char *name)
{
    size_t i;

    for (i = 0; i < WAYS; i++) {
        if (strcmp(ways[i].name, name) == 0)
            return &ways[i];
    }
    return NULL;
}

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void read_first(struct asked *asked)
{
    FILE *file = fopen(asked->paths[0], "rb");
    struct stat found;

    if (!file || fstat(fileno(file), &found) != 0)
        fail("the first PATH");
    asked->length = (size_t)found.st_size;
    asked->bytes = malloc(asked->length + 1);
    if (!asked->bytes || fread(asked->bytes, 1, asked->length, file) != asked->length)
        fail("the first PATH");
    fclose(file);
}

/* Under callgrind this alone is counted. */
__attribute__((noinline)) static void measured(const struct way *way, const struct asked *asked, long times)
{
    for (; times > 0; times--)
        way->ask(asked);
}

/* In turn, so that what the machine does meanwhile falls on all. */
static void measure(const struct way **chosen, size_t count, const struct asked *asked, long rounds, long times)
{
    static int64_t took[WAYS_MOST][ROUNDS_MOST];
    int64_t before;
    size_t i;
    long round;

    for (round = 0; round < rounds; round++) {
        for (i = 0; i < count; i++) {
            before = now();
            measured(chosen[i], asked, times);
            took[i][round] = (now() - before) / times;
        }
    }
    for (i = 0; i < count; i++) {
        fputs(chosen[i]->name, stdout);
        for (round = 0; round < rounds; round++)
            printf(" %lld", (long long)took[i][round]);
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    const struct way *chosen[WAYS_MOST];
    struct asked asked = {0};
    const char *lacking = NULL;
    size_t count = 0;
    char *name;

    if (argc < 6 || strtol(argv[1], NULL, 10) < 1 || strtol(argv[1], NULL, 10) > ROUNDS_MOST ||
        strtol(argv[2], NULL, 10) < 1)
        return 2;
    asked.format = argv[3];
    asked.paths = argv + 5;
    if (strstr(argv[4], "libvirt"))
        lacking = open_libvirt();
    if (strstr(argv[4], "memory"))
        read_first(&asked);
    for (name = strtok(argv[4], ","); name && count < WAYS_MOST; name = strtok(NULL, ",")) {
        const struct way *way = find_way(name);

        if (!way)
            printf("%s: libblkid is missing\n", name);
        else if (lacking && strncmp(name, "libvirt", strlen("libvirt")) == 0)
            printf("%s: %s\n", name, lacking);
        else
            chosen[count++] = way;
    }
    measure(chosen, count, &asked, strtol(argv[1], NULL, 10), strtol(argv[2], NULL, 10));
    return 0;
}
