/* SPDX-License-Identifier: MIT */
/*
 * Names of what is granted, as paths for those who don't share our working directory, and why one can't be said.
 */
#ifndef CLI_ACCESS_GRANTS_ABSOLUTE_PATH_H
#define CLI_ACCESS_GRANTS_ABSOLUTE_PATH_H

#include "access/grants/cannot.h"

#include <limits.h>

/* From the root, without a NUL in it and with one behind it. What is longer the kernel doesn't take. */
struct path {
    char text[PATH_MAX];
    size_t length;
    size_t begins;  /* where the name as the reader has it begins; before it stands the working directory */
    const char *of; /* whose bytes these are: "its name", "its canonical name" */
};

/* Each of these returns false with *ret_why filled where there is no such path, or a terminal would act on it. A path
 * on the stack takes 4 KiB. */

/* A name by which the reader opens it, as it stands: links and `..` stay. A relative one is put behind the working
 * directory. */
bool path_of_name(const struct grants *grants, const struct imgprobe_grant *grant, struct imgprobe_bytes name,
                  struct path *ret, struct cannot *ret_why);
/* The first name by which the reader opens it. There is none for a descriptor that was given without a name. */
bool path_as_opened(const struct grants *grants, const struct imgprobe_grant *grant, struct path *ret,
                    struct cannot *ret_why);
/* Without links. There is none for what was deleted, or moved out of the roots meanwhile. */
bool path_on_host(const struct grants *grants, const struct imgprobe_grant *grant, struct path *ret,
                  struct cannot *ret_why);
/* Whether a name may be printed where these grants are: *ret_why names the byte on which a terminal would act. `of`
 * says whose name it is, as in a path. */
bool path_is_shown(const struct grants *grants, const struct imgprobe_grant *grant, struct imgprobe_bytes name,
                   const char *of, struct cannot *ret_why);
/* Whether it is UTF-8 without a character of which `refuses` says true. *ret_why then names the byte and where it
 * stands. */
bool path_is_text(const struct path *path, bool (*refuses)(uint32_t point), const struct imgprobe_grant *grant,
                  struct cannot *ret_why);
/* Whether Unicode sets the character aside: QEMU's and systemd's readers then take the whole string for no UTF-8. */
bool path_noncharacter(uint32_t point);
/* `.`, `..` and empty components taken out by letters. `left`, where set, is told of each directory that a `..`
 * leaves, in the same form, and stops it by returning false. */
bool path_normalise(const struct path *path, struct path *ret,
                    bool (*left)(void *context, const struct path *directory), void *context);

#endif
