/* SPDX-License-Identifier: MIT */
/*
 * What a scan's command line asks for, also for the sandbox, which has to know it before.
 */
#ifndef CLI_SCAN_SETTINGS_H
#define CLI_SCAN_SETTINGS_H

#include "options/options.h"

/* Whether the names come from standard input. */
bool scan_reads_names(const struct options *options);
/* How many look at files: those that were asked for, or one for each processor. */
size_t scan_threads(const struct options *options);
/* The directories beneath which chains may lead where no roots are given: all that are walked, and those of the files
 * that are named. The strings and the list are to be freed; NULL: out of memory. */
const char **scan_roots(const struct options *options, size_t *ret_count);
/* How many files there are; 0: it isn't known before. */
uint64_t scan_known(const struct options *options);

#endif
