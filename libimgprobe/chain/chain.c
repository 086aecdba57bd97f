/* SPDX-License-Identifier: MIT */
/*
 * The chain: members and references, depth first, in the reader's order. Each member has a parent and the cursor of
 * its next reference, so nothing recurses. Every step ends at a limit.
 */
#include "chain/chain.h"

#include <string.h>

/* Where the chain ends early, the images above it still add up what is known of their extents. The rest stays
 * unknown. */
static void sum_up(struct imgprobe_member *m)
{
    for (; m; m = m->parent)
        ip_chain_sum(m);
}

static enum imgprobe_status follow_all(struct chain_builder *b, struct imgprobe_member *m)
{
    while (m) {
        struct imgprobe_reference *r = ip_own_member(m)->cursor;
        struct imgprobe_member *child = NULL;
        enum imgprobe_status s;

        if (!r) {
            ip_chain_sum(m);
            ip_own_member(m)->entered = false;
            m = m->parent;
            continue;
        }
        ip_own_member(m)->cursor = r->next;
        s = ip_chain_follow(b, m, r, &child);
        if (s != IMGPROBE_OK) {
            sum_up(m);
            return s;
        }
        if (child)
            m = child;
    }
    if (b->left_out)
        return ip_chain_refuse(b, IMGPROBE_REFUSED, "not-followed", "references are listed and not followed",
                               b->chain->members, NULL);
    return IMGPROBE_OK;
}

static bool start(struct chain_builder *b, const struct imgprobe_options *options,
                  const struct imgprobe_opener *opener, struct imgprobe_workspace *w)
{
    memset(b, 0, sizeof *b);
    if (!ip_options(options, &b->options, &b->limits, &b->versions) || !ip_workspace_valid(w))
        return false;
    if (opener &&
        (!ip_struct(&b->opener, sizeof b->opener, sizeof b->opener, opener) || !b->opener.open || !b->opener.done))
        return false;
    b->opens = opener != NULL;
    b->w = w;
    ip_workspace_begin(w);
    return true;
}

static enum imgprobe_status run(struct chain_builder *b, const struct imgprobe_opened *top)
{
    struct question q = {.format_source = IMGPROBE_FORMAT_PINNED,
                         .reader = b->options.reader,
                         .versions = b->versions,
                         .role = IMGPROBE_ROLE_BACKING,
                         .limits = b->limits,
                         .arrival = b->arrival};
    struct imgprobe_member *m = NULL;
    enum imgprobe_status s;

    q.inside = b->options.inside;
    if (b->options.format) {
        q.format = ip_format_named(ip_string(b->options.format));
    } else if ((q.format = ip_chain_declared(b, top->identity))) {
        q.format_source = IMGPROBE_FORMAT_DECLARED;
    }
    s = ip_chain_enter(b, top, &q, NULL, NULL, &m);
    if (s == IMGPROBE_NEED)
        return s; /* the ranges of the top stay for the next call */
    if (m && m->image->inside)
        b->opens = false; /* what it names is a claim, of what no reader opens there */
    s = s ? s : follow_all(b, m);
    b->w->pending = 0;
    if (b->unlisted)
        return ip_chain_full(b, b->chain->members, NULL);
    return s;
}

static enum imgprobe_status build(const struct imgprobe_options *options, const struct imgprobe_opened *top,
                                  const struct imgprobe_opener *opener, struct ip_arrival *arrival,
                                  struct imgprobe_workspace *workspace, struct imgprobe_chain **ret_chain)
{
    struct chain_builder b;
    struct imgprobe_opened from;
    struct imgprobe_source source;

    if (!top || !ret_chain || !ip_struct(&from, sizeof from, sizeof from, top) ||
        !ip_struct(&source, sizeof source, sizeof source, &from.source) || !source.read_at ||
        !start(&b, options, opener, workspace))
        return IMGPROBE_USAGE;
    b.chain = ip_take(workspace, sizeof *b.chain);
    if (!b.chain)
        return IMGPROBE_USAGE;
    ip_error(&b.chain->error, IMGPROBE_OK, NULL, NULL);
    b.tail = &b.chain->members;
    b.asked_tail = &b.chain->asked;
    b.arrival = arrival;
    b.kept_tail = &b.chain->kept;
    *ret_chain = b.chain;
    return run(&b, &from);
}

enum imgprobe_status imgprobe_chain(const struct imgprobe_options *options, const struct imgprobe_opened *top,
                                    const struct imgprobe_opener *opener, struct imgprobe_workspace *workspace,
                                    struct imgprobe_chain **ret_chain)
{
    return build(options, top, opener, NULL, workspace, ret_chain);
}

enum imgprobe_status ip_chain_arriving(const struct imgprobe_options *options, const struct imgprobe_opened *top,
                                       struct ip_arrival *arrival, struct imgprobe_workspace *workspace,
                                       struct imgprobe_chain **ret_chain)
{
    return build(options, top, NULL, arrival, workspace, ret_chain);
}
