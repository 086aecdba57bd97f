/* SPDX-License-Identifier: MIT */
/*
 * The way down a chain of backing files, for the kinds that describe disks and not files.
 */
#ifndef CLI_ACCESS_GRANTS_GRAPH_H
#define CLI_ACCESS_GRANTS_GRAPH_H

#include "access/access.h"

/* One image of the line, and what it stands on. Everything in it belongs to the chain. */
struct graph_link {
    const struct imgprobe_grant *grant;
    const struct imgprobe_reference *via;     /* by which it was reached; NULL for the top */
    const struct imgprobe_reference *backing; /* NULL at the end */
    const struct imgprobe_reference *data;    /* its data file; NULL: none */
    const struct imgprobe_grant *data_grant;
    unsigned parts;        /* raw layers of a json: name that take a part; the last one's: */
    uint64_t offset, size; /* UNKNOWN for the rest */
};

/* The top of the line. False, with *ret_why filled, where a description for QEMU can't have it: another reader was
 * asked for, QEMU has no driver, or the driver finds files by itself, as with extents. */
bool graph_top(const struct grants *grants, struct graph_link *ret, struct cannot *ret_why);
/* From a link that has a backing file to that file. False as above. There are no more links than members, because a
 * chain with a loop is no complete answer. */
bool graph_next(const struct grants *grants, struct graph_link *link, struct cannot *ret_why);
/* Whether QEMU's driver would look for a backing file where none is said. */
bool graph_takes_backing(const struct graph_link *link);

#endif
