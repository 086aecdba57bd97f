/* SPDX-License-Identifier: MIT */
/*
 * Goes through a chain by its own links, without recursion and without memory.
 */
#include "output/tree.h"

#include <stddef.h>

void tree_start(struct tree *tree, const struct imgprobe_member *member)
{
    *tree = (struct tree){.member = member, .at = member->image ? member->image->references : NULL};
}

bool tree_first(const struct tree *tree)
{
    const struct imgprobe_member *led = tree->at->led.member;

    return led != NULL && led->via == tree->at && led->image != NULL;
}

/* Every member knows by which reference it was entered, and that takes the place of a stack. */
void tree_next(struct tree *tree, bool enter)
{
    const struct imgprobe_reference *at = tree->at;

    if (enter && tree_first(tree) && at->led.member->image->references) {
        tree->member = at->led.member;
        tree->at = tree->member->image->references;
        tree->depth++;
        return;
    }
    while (!at->next && tree->depth != 0) {
        at = tree->member->via;
        tree->member = tree->member->parent;
        tree->depth--;
    }
    tree->at = at->next;
}

const struct imgprobe_reference *tree_backing(const struct imgprobe_image *image)
{
    const struct imgprobe_reference *first = NULL;
    const struct imgprobe_reference *at;

    for (at = image->references; at; at = at->next) {
        if (at->role != IMGPROBE_ROLE_BACKING || at->led.ignored)
            continue;
        if (at->led.member)
            return at;
        if (!first)
            first = at;
    }
    return first;
}

/* The reference that closes a loop leads to a member that is an overlay of this one. To follow it would never end. */
const struct imgprobe_member *tree_base(const struct imgprobe_chain *chain, const struct imgprobe_member *member)
{
    const struct imgprobe_reference *backing = member->image ? tree_backing(member->image) : NULL;

    if (!backing || (backing == chain->at && chain->state == IMGPROBE_CHAIN_LOOP))
        return NULL;
    return backing->led.member;
}
