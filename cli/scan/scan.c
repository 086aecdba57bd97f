/* SPDX-License-Identifier: MIT */
/*
 * imgprobe scan: the command, its threads, and what becomes of Ctrl-C.
 */
#include "scan/scan.h"
#include "scan/settings.h"
#include "commands.h"
#include "input/input.h"
#include "input/outputs.h"
#include "output/status.h"
#include "output/text.h"

#include <malloc.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For a process, and for its signals: there is one. */
static struct scan scan;
static volatile sig_atomic_t stopped;

/* The second time it ends the process at once, if something hangs. */
static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static void write_lines(void *context)
{
    struct worker *worker = context;
    const bool aside = worker->scan->options->has_target && worker->scan->options->output == OUTPUT_HUMAN;

    (void)fflush(worker->lines);
    if (worker->length != 0) {
        progress_hide();
        (void)fwrite(worker->text, 1, worker->length, aside ? stderr : stdout);
        (void)fflush(aside ? stderr : stdout);
    }
    rewind(worker->lines);
    worker->length = 0; /* not every libc does it before something is written */
    progress_add(&worker->tally, &worker->shown);
    worker->shown = worker->tally;
}

static bool hire(struct worker *worker)
{
    const size_t roots = scan.root_count + 1;

    worker->scan = &scan;
    worker->open.proc = scan.proc;
    worker->workspace = (struct imgprobe_workspace){.struct_size = sizeof(worker->workspace),
                                                    .memory = malloc(IMGPROBE_WORKSPACE_DEFAULT),
                                                    .size = IMGPROBE_WORKSPACE_DEFAULT};
    worker->lines = open_memstream(&worker->text, &worker->length);
    if (worker->lines) /* it is one thread's alone */
        (void)__fsetlocking(worker->lines, FSETLOCKING_BYCALLER);
    worker->roots = calloc(roots, sizeof(*worker->roots));
    if (!tally_new(&worker->tally) || !worker->workspace.memory || !worker->lines || !worker->roots)
        return false;
    if (scan.root_count != 0)
        memcpy(worker->roots, scan.roots, scan.root_count * sizeof(*scan.roots));
    worker->shown = worker->tally;
    return true;
}

static bool start_crew(void)
{
    struct crew_work work = {
        .file = scan_file, .write = write_lines, .count = scan.worker_count, .sorted = scan.options->sort};
    bool fine;
    size_t i;

    scan.workers = calloc(scan.worker_count, sizeof(*scan.workers));
    work.workers = calloc(scan.worker_count, sizeof(*work.workers));
    fine = scan.workers && work.workers && tally_new(&scan.tally);
    for (i = 0; fine && i < scan.worker_count; i++) {
        fine = hire(&scan.workers[i]);
        work.workers[i] = &scan.workers[i];
    }
    scan.crew = fine ? crew_new(&work) : NULL;
    free(work.workers);
    return scan.crew != NULL;
}

static bool find_roots(const struct options *options)
{
    scan.own_roots = scan_roots(options, &scan.root_count);
    scan.roots = scan.own_roots;
    if (options->root_count == 0)
        return scan.roots != NULL;
    scan.roots = options->roots;
    scan.root_count = options->root_count;
    return true;
}

static bool allow_not_followed(const struct options *options)
{
    const size_t count = options->allowed_count;

    scan.follows = options->backing_chain || options->has_target;
    scan.allowed = calloc(count + 1, sizeof(*scan.allowed));
    if (!scan.allowed)
        return false;
    if (count != 0)
        memcpy(scan.allowed, options->allowed, count * sizeof(*scan.allowed));
    scan.allowed[count] = SCAN_NOT_FOLLOWED;
    scan.allowed_count = scan.follows ? count : count + 1;
    return true;
}

/* glibc gives each thread a heap of its own, for which it takes addresses by 64 MiB and counts processors. The
 * workers allocate next to nothing, so one heap does. */
static void have_one_heap(void)
{
#ifdef M_ARENA_MAX
    (void)mallopt(M_ARENA_MAX, 1);
#endif
}

static bool prepare(const struct options *options)
{
    struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND};

    have_one_heap();
    scan.proc = open_start();
    scan.options = options;
    scan.names_kept = scan_reads_names(options);
    scan.worker_count = scan_threads(options);
    (void)pthread_mutex_init(&scan.lock, NULL);
    (void)outputs_are_files(); /* asked once, before there are threads */
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    if (find_roots(options) && allow_not_followed(options) && start_crew())
        return true;
    text_complain("scan", "out of memory, or no threads can be had");
    return false;
}

static void meet(void *context, struct place *place, const char *name)
{
    const bool given = place->length == 0;
    const struct item item = {.place = place, .name = name, .given = given && !scan.names_kept};

    (void)context;
    if (!crew_add(scan.crew, &item))
        stopped = 1;
}

static void complain(void *context, const char *name, const char *why)
{
    const struct item item = {.name = name, .wrong = why};

    (void)context;
    if (!crew_add(scan.crew, &item))
        stopped = 1;
}

/* One at a time, so that there may be any number of them. */
static void walk_names(char separator)
{
    char *name = NULL;
    size_t room = 0;
    ssize_t length;

    while (stopped == 0 && (length = getdelim(&name, &room, separator, stdin)) > 0) {
        if (name[length - 1] == separator)
            name[--length] = '\0';
        if (length != 0)
            walk_path(&scan.walk, name);
    }
    free(name);
}

static void free_scan(void)
{
    size_t i;

    crew_free(scan.crew);
    for (i = 0; i < scan.worker_count; i++) {
        struct worker *worker = &scan.workers[i];

        (void)fclose(worker->lines);
        free(worker->text);
        free(worker->workspace.memory);
        free(worker->roots);
        free(worker->name);
        free(worker->root);
        tally_free(&worker->tally);
    }
    free(scan.workers);
    tally_free(&scan.tally);
    walk_free(&scan.walk);
    index_free(&scan.index);
    for (i = 0; scan.roots == scan.own_roots && i < scan.root_count; i++)
        free((void *)(uintptr_t)scan.own_roots[i]);
    free(scan.own_roots);
    free(scan.allowed);
}

static int run(const struct options *options)
{
    size_t i;
    int status;

    scan.walk = (struct walk){.sort = options->sort,
                              .one_file_system = options->one_file_system,
                              .names = scan.names_kept,
                              .file = meet,
                              .wrong = complain,
                              .stop = &stopped};
    progress_start(options, scan_known(options));
    scan_head(options, stdout);
    for (i = 0; i < options->file_count && !scan.names_kept && stopped == 0; i++)
        walk_path(&scan.walk, options->files[i]);
    if (scan.names_kept)
        walk_names(options->nul ? '\0' : '\n');
    crew_finish(scan.crew);
    progress_hide();
    scan.interrupted = stopped != 0;
    for (i = 0; i < scan.worker_count; i++)
        tally_add(&scan.tally, &scan.workers[i].tally);
    scan_finish(&scan);
    status = scan.interrupted ? STATUS_INTERRUPTED : scan.tally.status;
    if (scan.tally.out_of_memory) {
        text_complain("scan", "out of memory: not every file is in the answer");
        status = STATUS_NO_ANSWER;
    }
    free_scan();
    return status;
}

const struct command command_scan = {
    .name = "scan",
    .bit = COMMAND_SCAN,
    .operands = "[PATH]...",
    .summary = "every image in a directory, and how they stand to each other",
    .beneath_roots = true,
    .prepare = prepare,
    .run = run,
};
