/* SPDX-License-Identifier: MIT */
/*
 * What a command line needs: the files that it gives, those beneath its roots, and memory and CPU time for so many.
 */
#include "sandbox/command-line.h"
#include "access/access.h"
#include "input/input.h"
#include "output/layers.h"
#include "output/text.h"
#include "scan/crew.h"
#include "scan/settings.h"
#include "scan/walk.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The program takes some 8 MiB, with half a MiB for what it keeps of a stream. The rest is for answers, which are
 * made in memory where they are printed as a whole or not at all. */
#define MEMORY (UINT64_C(128) << 20)
#define MEMORY_PER_WORD 256 /* of the command line: there is a place in each list for each */
#define SECONDS_PER_FILE 30
#define SECONDS_PER_STREAM 3600
#define MEMORY_PER_THREAD (UINT64_C(16) << 20) /* a workspace, a stack, and what goes into a line */
#define INDEX_MEMORY (UINT64_C(8) << 30)       /* of a scan: 64 bytes a file */
#define SECONDS_PER_SCAN 86400
#define DESCRIPTORS_PER_THREAD 6
#define DESCRIPTORS 16 /* FILE, the two members of a chain that may be open, and the opener's own on its way */
#define KEPT 256       /* members that stay open for who is executed: the default of kept_members */

/* What counts is where the root leads and not its name, because it may be a link into /dev. */
static bool is_in_dev(const char *directory)
{
    char canonical[PATH_MAX];

    return realpath(directory, canonical) != NULL && strncmp(canonical, "/dev", 4) == 0 &&
           (canonical[4] == '/' || canonical[4] == '\0');
}

static void allow_root(struct sandbox *sandbox, const char *directory)
{
    sandbox_allow(sandbox, directory);
    if (is_in_dev(directory)) /* where a link may end at any device: imgprobe.h, the safe opener */
        sandbox_allow(sandbox, "/dev");
}

/* Info follows a chain anywhere unless roots are given, verify goes where an answer was, and so does a kind that
 * lists what roots it would take. */
static bool goes_anywhere(const struct options *options, const struct command *command)
{
    if (options->kind != NULL && options->kind->anywhere)
        return true;
    return options->root_count == 0 && (command->bit == COMMAND_INFO || command->bit == COMMAND_VERIFY) &&
           !options->no_open;
}

/* What the chain will be followed beneath. */
static void allow_beneath(const struct options *options, const struct command *command, struct sandbox *sandbox)
{
    bool own_root = options->root_count == 0 && command->beneath_roots;
    size_t i;

    for (i = 0; i < options->root_count; i++)
        allow_root(sandbox, options->roots[i]);
    if (goes_anywhere(options, command))
        sandbox_allow(sandbox, "/");
    for (i = 0; own_root && i < options->file_count; i++) {
        char *root = input_directory(options->files[i]);

        if (root)
            allow_root(sandbox, root);
        free(root);
    }
}

/* What a scan walks is listed, and what its chains may lead to is read. Names from standard input may lead anywhere.
 */
static void allow_walk(const struct options *options, struct sandbox *sandbox)
{
    size_t count, i;
    const char **roots = scan_roots(options, &count);

    for (i = 0; i < options->file_count && !scan_reads_names(options); i++)
        sandbox_allow_listing(sandbox, options->files[i]);
    if (scan_reads_names(options))
        sandbox_allow(sandbox, "/");
    for (i = 0; i < options->root_count; i++)
        allow_root(sandbox, options->roots[i]);
    for (i = 0; roots && i < count; i++) {
        allow_root(sandbox, roots[i]);
        free((void *)(uintptr_t)roots[i]);
    }
    free(roots);
}

/* An index grows with what is walked, which may be a whole store. */
static void widen(const struct options *options, struct sandbox_limits *limits)
{
    const size_t threads = scan_threads(options);

    limits->memory += INDEX_MEMORY + MEMORY_PER_THREAD * (uint64_t)threads;
    limits->seconds += SECONDS_PER_SCAN;
    limits->descriptors +=
        (unsigned)(WALK_OPEN + DESCRIPTORS_PER_THREAD * threads + CREW_PLACES * crew_batches(threads));
}

/* A pipe may be of any length, and it is read to its end. */
static struct sandbox_limits limits_of(const struct options *options)
{
    struct sandbox_limits limits = {.memory = MEMORY + MEMORY_PER_WORD * (uint64_t)options->word_count,
                                    .seconds = SECONDS_PER_FILE,
                                    .descriptors = DESCRIPTORS + (options->exec ? KEPT : 0)};
    size_t i;

    if (options->command->bit == COMMAND_SCAN)
        widen(options, &limits);
    for (i = 0; options->command->bit != COMMAND_SCAN && i < options->file_count; i++)
        limits.seconds += input_is_stream(options->files[i], options->tee) ? SECONDS_PER_STREAM : SECONDS_PER_FILE;
    return limits;
}

static bool start_threads(const void *context)
{
    const struct options *options = context;

    return options->command->prepare(options);
}

/* Whether a descriptor that the program was given is read, or is for a command that is executed. */
static bool takes_descriptors(const struct options *options)
{
    bool takes = options->exec || (options->command->bit == COMMAND_SCAN && scan_reads_names(options));
    size_t i;

    for (i = 0; i < options->file_count; i++)
        takes = takes || !input_is_path(options->files[i]);
    return takes;
}

bool sandbox_for(struct options *options, const struct command *command)
{
    struct sandbox_limits limits = limits_of(options);
    struct sandbox *sandbox = &options->sandbox;
    const bool is_scan = command->bit == COMMAND_SCAN;
    size_t i;

    limits.passed = takes_descriptors(options) || !sandbox_drop_descriptors();
    sandbox_begin(sandbox);
    for (i = 0; i < options->file_count && !is_scan && !goes_anywhere(options, command); i++) {
        if (input_is_path(options->files[i]))
            sandbox_allow(sandbox, options->files[i]);
    }
    if (is_scan)
        allow_walk(options, sandbox);
    else
        allow_beneath(options, command, sandbox);
    if (command->prepare) {
        limits.start_threads = start_threads;
        limits.context = options;
    }
    if (!sandbox_enter(sandbox, &limits))
        return false;
    if (!options->require_sandbox || layers_all_in_force(sandbox))
        return true;
    text_complain_start(text_bytes("--require-sandbox"), "not in force here: ");
    layers_lacking(sandbox, stderr);
    fputc('\n', stderr);
    return false;
}
