/* SPDX-License-Identifier: MIT */
/*
 * The way to a file: every directory that is searched when a name is opened, links followed.
 */
#ifndef CLI_ACCESS_GRANTS_SEARCHED_DIRECTORIES_H
#define CLI_ACCESS_GRANTS_SEARCHED_DIRECTORIES_H

#include <stdbool.h>

/* Tells `directory` of each, from the root on, by its name without links. It may tell of one more than once, and
 * stops when that returns false. `path` is absolute. Returns NULL at the end of the way, "" where `directory` stopped
 * it, or why the way can't be gone: the kernel's words, which the next call of strerror may overwrite. */
const char *searched_directories(const char *path, bool (*directory)(void *context, const char *name), void *context);

#endif
