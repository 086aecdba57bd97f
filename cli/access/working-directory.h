/* SPDX-License-Identifier: MIT */
/*
 * The working directory.
 */
#ifndef CLI_ACCESS_WORKING_DIRECTORY_H
#define CLI_ACCESS_WORKING_DIRECTORY_H

#include <limits.h>
#include <stdbool.h>

/* Its name, absolute and without links. False: errno says why. */
bool working_directory(char ret[PATH_MAX]);

#endif
