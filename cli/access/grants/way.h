/* SPDX-License-Identifier: MIT */
/*
 * The way to a file, judged again by the rules of the opener, since that tells only where it has ended.
 */
#ifndef CLI_ACCESS_GRANTS_WAY_H
#define CLI_ACCESS_GRANTS_WAY_H

#include "access/grants/cannot.h"

#include <sys/stat.h>

/* Told of each directory that is searched, as imgprobe_way tells it. Not OK: it stops, and has filled *ret_why. */
typedef enum imgprobe_status way_directory(void *context, const char *name, int fd);

/* Walks `path`, an absolute one that stands for this name of the grant's, beneath the roots; the top's own name, or a
 * root's, is the caller's word and goes anywhere, and so does any where `name` is NULL. `directory` may be NULL.
 * False, with *ret_why filled, where the way leads outside the roots, can't be gone, or doesn't end at the file that
 * was granted. */
bool way_to_file(const struct grants *grants, const struct imgprobe_grant *grant, const struct imgprobe_name *name,
                 const char *path, way_directory *directory, void *context, struct cannot *ret_why);
/* Walks the name of a root, which is the caller's word. */
bool way_to_root(const struct imgprobe_grant *grant, const char *root, way_directory *directory, void *context,
                 struct cannot *ret_why);
/* Whether this is the file that was granted. */
bool way_is_granted(const struct imgprobe_grant *grant, const struct stat *found);

#endif
