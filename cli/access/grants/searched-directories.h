/* SPDX-License-Identifier: MIT */
/*
 * The way to a file: every directory that is searched when a name is opened, links followed.
 */
#ifndef CLI_ACCESS_GRANTS_SEARCHED_DIRECTORIES_H
#define CLI_ACCESS_GRANTS_SEARCHED_DIRECTORIES_H

#include <stdbool.h>

/* Tells `directory` of each by its name without links, one maybe more than once, and stops when that returns false.
 * NULL, or why the way can't be gone; "" where `directory` stopped it. */
const char *searched_directories(const char *path, bool (*directory)(void *context, const char *name), void *context);

#endif
