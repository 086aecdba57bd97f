/* SPDX-License-Identifier: MIT */
/*
 * Who does the work: files are gathered into batches, and each batch is done by one of several threads, or at once
 * where there is one. What comes out of a batch is written as a whole; in the order of the walk if that is asked.
 */
#ifndef CLI_SCAN_CREW_H
#define CLI_SCAN_CREW_H

#include "scan/place.h"

#include <stdio.h>

#define CREW_FILES 32 /* in a batch */
#define CREW_PLACES 4 /* directories that a batch keeps open */
#define CREW_MOST 256 /* threads */

/* What the crew's owner does. */
struct crew_work {
    void (*file)(void *worker, const struct item *item);
    void (*write)(void *worker); /* what `file` had to say since the last call; one worker at a time */
    void **workers;              /* the list is needed by crew_new alone */
    size_t count;
    bool sorted;
};

struct crew;

/* Starts the threads, if there are to be several. NULL with errno. */
struct crew *crew_new(const struct crew_work *work);
/* Hands a file over. Waits while too many wait already. False: out of memory, or nothing can be written any more. */
bool crew_add(struct crew *crew, const struct item *item);
/* Waits until all is done and written. crew_free ends the threads, too. */
void crew_finish(struct crew *crew);
void crew_free(struct crew *crew);
/* How many batches there can be for so many workers: each keeps CREW_PLACES directories. */
size_t crew_batches(size_t workers);

#endif
