/* SPDX-License-Identifier: MIT */
/*
 * Counts in which modes the graph opens each file. A file that is met twice is opened twice, and not always in the
 * same mode.
 */
#include "access/grants/numbers.h"
#include "access/grants/graph.h"

#include <stdlib.h>

static void need(struct numbers *numbers, const struct imgprobe_grant *grant, bool written)
{
    struct number *number = &numbers->all[grant->member->index];

    number->read = number->read || !written;
    number->written = number->written || written;
}

bool numbers_take(const struct grants *grants, struct numbers *ret, struct cannot *ret_why)
{
    struct graph_link link;
    bool fine;
    unsigned i;

    *ret = (struct numbers){.all = calloc(grants->chain->count, sizeof(*ret->all)), .next = NUMBERS_FIRST};
    if (!ret->all)
        return cannot(ret_why, NULL, "out of memory");
    for (fine = graph_top(grants, &link, ret_why); fine; fine = graph_next(grants, &link, ret_why)) {
        need(ret, link.grant, link.grant->write);
        if (link.data)
            need(ret, link.data_grant, link.grant->write);
        if (!link.backing)
            break;
    }
    for (i = 0; i < grants->chain->count; i++) {
        ret->all[i].first = ret->next;
        ret->next += ret->all[i].read + (unsigned)ret->all[i].written;
    }
    return fine;
}

unsigned numbers_of(const struct numbers *numbers, const struct imgprobe_member *member, bool written)
{
    const struct number *number = &numbers->all[member->index];

    return number->first + (written && number->read);
}

void numbers_free(struct numbers *numbers)
{
    free(numbers->all);
    numbers->all = NULL;
}
