/* SPDX-License-Identifier: MIT */
/*
 * What the words of the command line come to.
 */
#include "scan/settings.h"
#include "input/input.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROCESSORS_MOST 64 /* where none are asked for: more of them wait for the one that walks */

bool scan_reads_names(const struct options *options)
{
    return options->file_count == 0 || strcmp(options->files[0], "-") == 0;
}

size_t scan_threads(const struct options *options)
{
    long found;

    if (options->jobs != 0)
        return options->jobs;
    found = sysconf(_SC_NPROCESSORS_ONLN);
    return found < 1 ? 1 : found > PROCESSORS_MOST ? PROCESSORS_MOST : (size_t)found;
}

static bool is_directory(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

static void free_roots(const char **roots, size_t count)
{
    while (count > 0)
        free((void *)(uintptr_t)roots[--count]);
    free(roots);
}

const char **scan_roots(const struct options *options, size_t *ret_count)
{
    const char **roots = calloc(options->file_count + 1, sizeof(*roots));
    size_t count = options->has_target && options->root_count == 0, i;

    *ret_count = 0;
    if (!roots || options->root_count != 0)
        return roots;
    if (count != 0)
        roots[0] = input_directory(options->target_name);
    for (i = 0; !scan_reads_names(options) && i < options->file_count; i++) {
        const char *path = options->files[i];

        roots[count++] = is_directory(path) ? strdup(path) : input_directory(path);
    }
    *ret_count = count;
    for (i = 0; i < count; i++) {
        if (!roots[i]) {
            free_roots(roots, count);
            return NULL;
        }
    }
    return roots;
}

uint64_t scan_known(const struct options *options)
{
    size_t i;

    for (i = 0; i < options->file_count; i++) {
        if (scan_reads_names(options) || is_directory(options->files[i]))
            return 0;
    }
    return options->file_count;
}
