/* SPDX-License-Identifier: MIT */
/*
 * Counts of files, of one worker or of all together.
 */
#ifndef CLI_SCAN_TALLY_H
#define CLI_SCAN_TALLY_H

#include "imgprobe.h"

struct found;

struct tally {
    uint64_t files, images, untold, findings;    /* images: what isn't raw */
    uint64_t passed;                             /* over, since it is no file to be read */
    uint64_t bytes;                              /* that were read */
    uint64_t file_size, disk_size, virtual_size; /* together */
    uint64_t *formats;                           /* files of each, in the order of the library's table */
    uint64_t *found, *refused;                   /* findings of each id, and those that the policy refuses */
    int status;                                  /* of the program */
    bool out_of_memory;
};

/* False: out of memory. tally_free is to be called in both cases. */
bool tally_new(struct tally *ret);
void tally_free(struct tally *tally);
void tally_file(struct tally *tally, const struct found *found);
void tally_add(struct tally *sum, const struct tally *one);
/* How long the lists are, and where in the first a format stands. */
size_t tally_formats(void);
size_t tally_findings(void);
size_t tally_format(const struct imgprobe_format *format);

#endif
