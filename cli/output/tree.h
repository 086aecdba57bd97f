/* SPDX-License-Identifier: MIT */
/*
 * Ways through a chain's members and references.
 */
#ifndef CLI_OUTPUT_TREE_H
#define CLI_OUTPUT_TREE_H

#include "imgprobe.h"

/* A way through the references of a member and of those that they led to. Each member is entered once, by the
 * reference that led to it first, so that neither a loop nor a shared file can make the way longer than the chain. */
struct tree {
    const struct imgprobe_member *member; /* whose reference it is */
    const struct imgprobe_reference *at;  /* NULL at the end */
    unsigned depth;                       /* 0: of the member at which the way began */
};

/* To the first reference of `member`, or to the end where it has none. */
void tree_start(struct tree *tree, const struct imgprobe_member *member);
/* Whether `at` led to a member for the first time, so that the way goes on into it. `at` isn't NULL. */
bool tree_first(const struct tree *tree);
/* To what the member at `at` refers to, if `enter` is set and it refers to anything; else to the next reference of
 * the same member; else to that of the member above. */
void tree_next(struct tree *tree, bool enter);

/* The reference of role backing that the reader follows: of several names for one parent that which led to a member,
 * or the first. NULL if there is none. */
const struct imgprobe_reference *tree_backing(const struct imgprobe_image *image);
/* The next member of the backing line; NULL at its end, also where it would close a loop. */
const struct imgprobe_member *tree_base(const struct imgprobe_chain *chain, const struct imgprobe_member *member);

#endif
