/* SPDX-License-Identifier: MIT */
/*
 * What QEMU opens, image by image. A file that is met twice is described twice, as the reader opens it twice.
 */
#include "access/grants/graph.h"
#include "access/grants/absolute-path.h"

#include <string.h>

static const struct imgprobe_grant *grant_of(const struct grants *grants, const struct imgprobe_member *member)
{
    const struct imgprobe_grant *at = grants->access->grants;

    while (at && at->member != member)
        at = at->next;
    return at;
}

/* Whether the reader opens an image by this reference. */
static bool counts(const struct imgprobe_reference *at)
{
    return !at->led.ignored && !at->led.overridden && at->led.member != NULL;
}

/* A raw layer that takes all of what lies beneath it is as good as none. */
static bool whole(const struct imgprobe_layer *at)
{
    return strcmp(at->driver, "raw") == 0 && at->offset == 0 && at->size == IMGPROBE_UNKNOWN;
}

static bool take_layers(struct graph_link *link, struct cannot *ret_why)
{
    const struct imgprobe_layer *at = link->via ? link->via->led.layers : NULL;

    for (; at; at = at->next) {
        if (strcmp(at->driver, "raw") != 0)
            return cannot(ret_why, link->grant, "its name puts the driver %s before it", at->driver);
        if (whole(at))
            continue;
        link->parts++;
        link->offset = at->offset;
        link->size = at->size;
    }
    return true;
}

/* A data file is described as a whole file, and as that alone. */
static bool take_data(const struct grants *grants, struct graph_link *link, struct cannot *ret_why)
{
    const struct imgprobe_layer *at = link->data->led.layers;

    link->data_grant = grant_of(grants, link->data->led.member);
    while (at && whole(at))
        at = at->next;
    return !at || cannot(ret_why, link->data_grant, "its name has the driver %s give a part of it", at->driver);
}

static bool look(const struct grants *grants, const struct imgprobe_member *member,
                 const struct imgprobe_reference *via, struct graph_link *ret, struct cannot *ret_why)
{
    const struct imgprobe_reference *at;

    *ret = (struct graph_link){.grant = grant_of(grants, member), .via = via, .size = IMGPROBE_UNKNOWN};
    if (!take_layers(ret, ret_why))
        return false;
    if (!member->image->format->qemu_name)
        return cannot(ret_why, ret->grant, "QEMU has no driver for it");
    for (at = member->image->references; at; at = at->next) {
        if (!counts(at))
            continue;
        if (at->role == IMGPROBE_ROLE_EXTENT)
            return cannot(ret_why, ret->grant, "its driver finds its extents by itself");
        if (at->role == IMGPROBE_ROLE_DATA_FILE)
            ret->data = at;
        else
            ret->backing = at;
    }
    if (ret->data && !take_data(grants, ret, ret_why))
        return false;
    if (ret->backing && !graph_takes_backing(ret))
        return cannot(ret_why, ret->grant, "QEMU's driver for it takes no backing file");
    return true;
}

bool graph_top(const struct grants *grants, struct graph_link *ret, struct cannot *ret_why)
{
    if (grants->options->reader != IMGPROBE_READER_QEMU)
        return cannot(ret_why, NULL, "the answer is for another reader than QEMU");
    return look(grants, grants->chain->members, NULL, ret, ret_why);
}

bool graph_next(const struct grants *grants, struct graph_link *link, struct cannot *ret_why)
{
    const struct imgprobe_reference *via = link->backing;

    return look(grants, via->led.member, via, link, ret_why);
}

bool graph_takes_backing(const struct graph_link *link)
{
    return link->grant->member->image->format->takes_backing;
}
