/* SPDX-License-Identifier: MIT */
/*
 * The chain: members and references, depth first in the reader's order, by each member's parent and the cursor of its
 * next reference. No recursion; every step ends at a limit.
 */
#include "engine.h"

#include <string.h>

static enum imgprobe_chain_state state_of(enum imgprobe_status status)
{
    switch (status) {
    case IMGPROBE_OK:
        return IMGPROBE_CHAIN_COMPLETE;
    case IMGPROBE_AMBIGUOUS:
        return IMGPROBE_CHAIN_AMBIGUOUS;
    case IMGPROBE_LIMIT:
        return IMGPROBE_CHAIN_LIMIT;
    case IMGPROBE_REFUSED:
        return IMGPROBE_CHAIN_REFUSED;
    case IMGPROBE_SYSTEM:
    case IMGPROBE_NEED:
    case IMGPROBE_USAGE:
        return IMGPROBE_CHAIN_MISSING;
    case IMGPROBE_TRUNCATED:
    case IMGPROBE_MALFORMED:
    case IMGPROBE_UNSUPPORTED:
        break;
    }
    return IMGPROBE_CHAIN_MALFORMED;
}

enum imgprobe_status ip_chain_stop(struct chain_walk *walk, const struct imgprobe_error *error,
                                   struct imgprobe_member *culprit, struct imgprobe_reference *at)
{
    walk->chain->error = *error;
    walk->chain->state = state_of(error->status);
    walk->chain->culprit = culprit;
    walk->chain->at = at;
    return error->status;
}

enum imgprobe_status ip_chain_refuse(struct chain_walk *walk, enum imgprobe_status status, const char *field,
                                     const char *what, struct imgprobe_member *culprit, struct imgprobe_reference *at)
{
    struct imgprobe_error error;

    ip_error_clear(&error);
    error.status = status;
    error.field = field;
    error.what = what;
    error.offset = at ? at->offset : IMGPROBE_UNKNOWN;
    if (at && !at->note)
        at->note = what;
    return ip_chain_stop(walk, &error, culprit, at);
}

static bool add_canonical(struct chain_walk *walk, const struct imgprobe_opened *opened, struct imgprobe_member *m)
{
    size_t size = (size_t)walk->limits.name_bytes, length;
    char *name;

    if (!walk->opener.canonical)
        return true;
    name = ip_take(walk->w, size + 1);
    if (!name)
        return false;
    length = walk->opener.canonical(walk->opener.context, opened, name, size);
    if (length > 0 && length <= size) {
        name[length] = '\0';
        m->canonical = (struct imgprobe_bytes){(const unsigned char *)name, length};
    } else {
        length = 0;
    }
    ip_trim(walk->w, name, length + 1);
    return true;
}

static enum imgprobe_status add_member(struct chain_walk *walk, const struct imgprobe_opened *opened,
                                       struct imgprobe_member *parent, struct imgprobe_reference *via,
                                       struct imgprobe_member **ret)
{
    struct imgprobe_member *m = ip_take(walk->w, sizeof *m);

    if (!m)
        return ip_chain_refuse(walk, IMGPROBE_LIMIT, "workspace", "is full", parent, via);
    m->parent = parent;
    m->via = via;
    m->identity = opened->identity;
    m->kind = opened->kind;
    m->linked = opened->linked;
    m->allocated = opened->allocated;
    m->index = walk->chain->count;
    m->depth = parent ? parent->depth + 1 : 0;
    if (via) {
        m->path = via->path;
    } else if (walk->options.name) {
        m->path = ip_string(walk->options.name);
    }
    if (!add_canonical(walk, opened, m))
        return ip_chain_refuse(walk, IMGPROBE_LIMIT, "workspace", "is full", parent, via);
    *ip_identities_slot(&walk->identities, m->identity) = m;
    *ret = m;
    return IMGPROBE_OK;
}

/* An ancestor of itself is told by `entered`, which is cleared when the walk leaves a member. */
enum imgprobe_status ip_chain_enter(struct chain_walk *walk, const struct imgprobe_opened *opened,
                                    const struct question *question, struct imgprobe_member *parent,
                                    struct imgprobe_reference *via, struct imgprobe_member **ret)
{
    struct imgprobe_member *m = NULL;
    struct imgprobe_source source = opened->source; /* what the opener gave goes back to it as it was */
    struct window window;
    struct imgprobe_error error;
    enum imgprobe_status s;
    bool failed; /* of itself: its names are resolved to be shown */

    if (via && ip_window(via->layers, &source, &window, &error) != IMGPROBE_OK)
        return ip_chain_stop(walk, &error, parent, via);
    s = add_member(walk, opened, parent, via, &m);
    if (s != IMGPROBE_OK)
        return s;
    m->image = ip_probe(question, &source, walk->w);
    if (!m->image)
        return ip_chain_refuse(walk, IMGPROBE_LIMIT, "workspace", "is full", parent, via);
    *walk->tail = m;
    walk->tail = &m->next;
    walk->chain->count++;
    m->entered = true;
    *ret = m;
    s = via && via->object ? ip_graph_override(via, m->image, walk->w, &error) : IMGPROBE_OK;
    if (s != IMGPROBE_OK)
        return ip_chain_stop(walk, &error, m, NULL);
    m->cursor = m->image->references;
    failed = m->image->error.status != IMGPROBE_OK;
    s = ip_chain_resolve(walk, m);
    return failed ? ip_chain_stop(walk, &m->image->error, m, NULL) : s;
}

/* Where the walk ends early, what is known of the images above it still adds up; what isn't stays unknown. */
static void sum_up(struct imgprobe_member *m)
{
    for (; m; m = m->parent)
        ip_chain_sum(m);
}

static enum imgprobe_status walk_members(struct chain_walk *walk, struct imgprobe_member *m)
{
    while (m) {
        struct imgprobe_reference *r = m->cursor;
        struct imgprobe_member *child = NULL;
        enum imgprobe_status s;

        if (!r) {
            ip_chain_sum(m);
            m->entered = false;
            m = m->parent;
            continue;
        }
        m->cursor = r->next;
        s = ip_chain_follow(walk, m, r, &child);
        if (s != IMGPROBE_OK) {
            sum_up(m);
            return s;
        }
        if (child)
            m = child;
    }
    if (walk->left_out)
        return ip_chain_refuse(walk, IMGPROBE_REFUSED, "not-followed", "references are listed and not followed",
                               walk->chain->members, NULL);
    return IMGPROBE_OK;
}

static bool start(struct chain_walk *walk, const struct imgprobe_options *options,
                  const struct imgprobe_opener *opener, struct imgprobe_workspace *w)
{
    memset(walk, 0, sizeof *walk);
    if (!ip_options(options, &walk->options, &walk->limits) || !ip_workspace_valid(w))
        return false;
    if (opener &&
        (!ip_struct(&walk->opener, sizeof walk->opener, opener) || !walk->opener.open || !walk->opener.done))
        return false;
    walk->opens = opener != NULL;
    walk->w = w;
    w->results = 0;
    return true;
}

/* No more than the workspace can hold need a place in the table. */
static uint64_t most_members(const struct chain_walk *walk)
{
    uint64_t room = walk->w->size / (sizeof(struct imgprobe_member) + sizeof(struct imgprobe_image));

    return room < walk->limits.chain_members ? room : walk->limits.chain_members;
}

static enum imgprobe_status run(struct chain_walk *walk, const struct imgprobe_opened *top)
{
    struct question q = {NULL,        IMGPROBE_FORMAT_PINNED, walk->options.reader, IMGPROBE_ROLE_BACKING, NULL,
                         walk->limits};
    struct imgprobe_member *m = NULL;
    enum imgprobe_status s;

    if (walk->options.format) {
        q.format = ip_format_named(ip_string(walk->options.format));
    } else if ((q.format = ip_chain_declared(walk, top->identity))) {
        q.format_source = IMGPROBE_FORMAT_DECLARED;
    }
    if (!ip_identities_init(&walk->identities, walk->w, most_members(walk)))
        return ip_chain_refuse(walk, IMGPROBE_LIMIT, "workspace", "is full", NULL, NULL);
    s = ip_chain_enter(walk, top, &q, NULL, NULL, &m);
    if (s == IMGPROBE_NEED)
        return s; /* the ranges of the top are kept for the next call */
    s = s ? s : walk_members(walk, m);
    walk->w->pending = 0;
    return s;
}

enum imgprobe_status imgprobe_chain(const struct imgprobe_options *options, const struct imgprobe_opened *top,
                                    const struct imgprobe_opener *opener, struct imgprobe_workspace *workspace,
                                    struct imgprobe_chain **ret_chain)
{
    struct chain_walk walk;
    struct imgprobe_opened from;
    struct imgprobe_source source;

    if (!top || !ret_chain || !ip_struct(&from, sizeof from, top) ||
        !ip_struct(&source, sizeof source, &from.source) || !source.read_at ||
        !start(&walk, options, opener, workspace))
        return IMGPROBE_USAGE;
    walk.chain = ip_take(workspace, sizeof *walk.chain);
    if (!walk.chain)
        return IMGPROBE_USAGE;
    ip_error_clear(&walk.chain->error);
    walk.tail = &walk.chain->members;
    *ret_chain = walk.chain;
    return run(&walk, &from);
}
