/* SPDX-License-Identifier: MIT */
/*
 * A file of the walk, opened for reading.
 */
#ifndef CLI_SCAN_OPEN_H
#define CLI_SCAN_OPEN_H

#include "imgprobe.h"
#include "scan/place.h"

enum open_result {
    OPEN_FINE,
    OPEN_PASSED_OVER, /* it is no file that could be an image, it is gone, or it is what we write to */
    OPEN_WRONG        /* *error says why */
};

/* What is kept from one file to the next. */
struct open_state {
    int proc;      /* /proc/self/fd, by O_PATH; below 0: there is none, and nothing is opened */
    dev_t storage; /* the last file system on which files were found to be kept */
};

/* Before the sandbox, once for all threads: what goes into `proc`. */
int open_start(void);
/* After OPEN_FINE, and no other, open_done has to be called. */
enum open_result open_item(const struct item *item, struct open_state *state, struct imgprobe_opened *ret,
                           struct imgprobe_error *error);
void open_done(struct imgprobe_opened *opened);

#endif
