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

void tree_start(struct tree *tree, const struct imgprobe_member *member);
/* Whether `at` led to a member for the first time. */
bool tree_first(const struct tree *tree);
/* To what the member at `at` refers to, if `enter` and there is any; else to the next one. */
void tree_next(struct tree *tree, bool enter);

/* The reference of role backing that the reader follows; NULL if it has none. */
const struct imgprobe_reference *tree_backing(const struct imgprobe_image *image);
/* The next member of the backing line; NULL at its end, also where it would close a loop. */
const struct imgprobe_member *tree_base(const struct imgprobe_chain *chain, const struct imgprobe_member *member);

#endif
