/* SPDX-License-Identifier: MIT */
/* The names of one member: where each leads, and whether several names of one parent agree. */
#include "engine.h"

#include <string.h>

static struct imgprobe_bytes last_component(struct imgprobe_bytes path)
{
    size_t directory = ip_directory(path).length;

    return ip_part(path, directory, path.length - directory);
}

/* Several names of one parent agree when their last components are equal; which exists isn't asked. */
static enum imgprobe_status check_candidates(struct chain_walk *walk, struct imgprobe_member *m)
{
    struct imgprobe_reference *first = NULL, *r;
    struct imgprobe_bytes a, b;

    for (r = m->image->references; r; r = r->next) {
        if (!r->candidate || r->ignored || r->kind != IMGPROBE_KIND_FILE)
            continue;
        if (!first) {
            first = r;
            continue;
        }
        a = last_component(first->path);
        b = last_component(r->path);
        if (a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0)
            continue;
        ip_chain_refuse(walk, IMGPROBE_AMBIGUOUS, "parent-names-disagree",
                        "the image's names for its parent don't agree on the file", m, r);
        m->image->error = walk->chain->error;
        m->image->references_state = IMGPROBE_REFERENCES_CANNOT_TELL;
        return IMGPROBE_AMBIGUOUS;
    }
    return IMGPROBE_OK;
}

/* What an extent names stands beside the disk that it is part of: QEMU's vmdk_parse_extents asks the file of the
 * image that it opens, however deep extents list extents. */
struct imgprobe_bytes ip_chain_base(const struct imgprobe_member *m)
{
    while (m->via && m->via->role == IMGPROBE_ROLE_EXTENT)
        m = m->parent;
    return m->path;
}

enum imgprobe_status ip_chain_resolve(struct chain_walk *walk, struct imgprobe_member *m)
{
    struct imgprobe_bytes base = ip_chain_base(m);
    struct place place = {ip_directory(base),      base.bytes != NULL,      walk->options.workdir,
                          walk->limits.name_bytes, walk->limits.json_depth, m->linked};
    struct imgprobe_reference *r;
    struct imgprobe_error error;

    for (r = m->image->references; r; r = r->next)
        if (ip_resolve(r, &place, walk->w, &error) != IMGPROBE_OK)
            return ip_chain_stop(walk, &error, m, r);
    return m->image->error.status != IMGPROBE_OK ? IMGPROBE_OK : check_candidates(walk, m);
}
