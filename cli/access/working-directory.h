/* SPDX-License-Identifier: MIT */
/*
 * The working directory.
 */
#ifndef CLI_ACCESS_WORKING_DIRECTORY_H
#define CLI_ACCESS_WORKING_DIRECTORY_H

#include <limits.h>
#include <stdbool.h>

/* Its name, absolute and without links, with a NUL behind it. False: errno says why there is none. */
bool working_directory(char ret[PATH_MAX]);

#endif
