/* SPDX-License-Identifier: MIT */
/* Follows one reference: whether that may be done, in which format, and to which member. */
#include "chain/chain.h"

/* A file is known by device and inode and not by its name, since it may have many names. */
const struct format *ip_chain_declared(const struct chain_builder *b, struct imgprobe_identity identity)
{
    size_t i;

    for (i = 0; i < b->options.declaration_count; i++) {
        const struct imgprobe_declaration *d = &b->options.declarations[i];

        if (ip_same_file(d->identity, identity))
            return ip_format_named(ip_string(d->format));
    }
    return NULL;
}

/* The reference's own format comes first, then the one that the caller declares for the file. If there is neither,
 * the reader probes. */
static enum imgprobe_status decide_format(struct chain_builder *b, struct imgprobe_member *m,
                                          struct imgprobe_reference *r, struct imgprobe_identity identity,
                                          struct question *q)
{
    const struct format *declared = ip_chain_declared(b, identity);
    struct imgprobe_bytes name = {r->stated.name.bytes, r->stated.cut};

    if (ip_object(r))
        name = r->led.path;
    q->format_source = r->led.format_source;
    if (r->led.format.length != 0 && !(q->format = ip_format_named(r->led.format)))
        return ip_chain_refuse(b, IMGPROBE_UNSUPPORTED, "backing format", "it names no known format", m, r);
    if (!ip_driver_takes(r->led.format, name, r->led.kind) ||
        (ip_own(r)->only != IMGPROBE_KIND_NONE && r->led.kind != ip_own(r)->only))
        return ip_chain_refuse(b, IMGPROBE_REFUSED, "driver-takes-another-name",
                               "the declared driver doesn't open this name, or not this file for it", m, r);
    if (!declared)
        return IMGPROBE_OK;
    if (q->format && q->format != declared)
        return ip_chain_refuse(b, IMGPROBE_REFUSED, "declared-formats-disagree",
                               "the image declares another format for this file, and the reader goes by that", m, r);
    if (!q->format) {
        q->format = declared;
        q->format_source = IMGPROBE_FORMAT_DECLARED;
    }
    return IMGPROBE_OK;
}

/* Bounds are checked before the next member is probed, so that a chain costs no more than its limits. */
static enum imgprobe_status check_bounds(struct chain_builder *b, struct imgprobe_member *m,
                                         struct imgprobe_reference *r)
{
    struct imgprobe_error error;

    if (m->depth + UINT64_C(1) >= b->limits.chain_depth)
        ip_error_over(&error, "chain_depth", IMGPROBE_UNKNOWN, m->depth + UINT64_C(2), b->limits.chain_depth);
    else if (b->chain->count >= b->limits.chain_members)
        ip_error_over(&error, "chain_members", IMGPROBE_UNKNOWN, b->chain->count + UINT64_C(1),
                      b->limits.chain_members);
    else if (b->options.keep && b->chain->count > b->limits.kept_members)
        ip_error_over(&error, "kept_members", IMGPROBE_UNKNOWN, b->chain->count, b->limits.kept_members);
    else
        return IMGPROBE_OK;
    return ip_chain_stop(b, &error, m, r);
}

/* A parent that was made anew at the same path has another unique id. The guest would then see a mix of two disks. */
static enum imgprobe_status compare_parent(struct chain_builder *b, const struct imgprobe_member *m,
                                           const struct imgprobe_reference *r)
{
    struct imgprobe_bytes wanted = m->image->parent_unique_id, found = r->led.member->image->unique_id;
    struct imgprobe_finding *finding, **tail;

    if (r->role != IMGPROBE_ROLE_BACKING || !wanted.bytes || !found.bytes || ip_same(wanted, found))
        return IMGPROBE_OK;
    finding = ip_take(b->w, sizeof *finding);
    if (!finding)
        return ip_chain_full(b, b->chain->members, NULL);
    *finding = ip_finding_of(FOUND_PARENT_MISMATCH, r->stated.offset,
                             "the parent isn't the image that this one was made on: its recorded identity differs");
    for (tail = &m->image->findings; *tail; tail = &(*tail)->next)
        ;
    *tail = finding;
    return IMGPROBE_OK;
}

/* A guest can write any header into a raw disk. So a member below the top whose format was only probed may bring no
 * further file. */
static enum imgprobe_status check_probed(struct chain_builder *b, struct imgprobe_member *child)
{
    if (child->image->format_source != IMGPROBE_FORMAT_PROBED || !child->image->references)
        return IMGPROBE_OK;
    return ip_chain_refuse(b, IMGPROBE_REFUSED, "format-probed",
                           "its format was only probed and it refers to further files: have the image that refers "
                           "to it declare it, or say --declare PATH=FORMAT",
                           child, child->image->references);
}

/* A child that failed is a member as well, and shows where the chain ended. So *ret_child is set before the status is
 * looked at. */
static enum imgprobe_status take_opened(struct chain_builder *b, struct imgprobe_member *m,
                                        struct imgprobe_reference *r, const struct imgprobe_opened *opened,
                                        struct imgprobe_member **ret_child)
{
    struct question q = {.format_source = r->led.format_source,
                         .reader = b->options.reader,
                         .versions = b->versions,
                         .role = r->role,
                         .hint = r->stated.type,
                         .limits = b->limits};
    struct ip_member *seen = *ip_identities_slot(&b->identities, opened->identity);
    enum imgprobe_status s;

    r->led.kind = opened->kind;
    s = decide_format(b, m, r, opened->identity, &q);
    if (s != IMGPROBE_OK)
        return s;
    if (seen)
        return ip_chain_meet(b, m, &seen->member, r, q.format);
    s = check_bounds(b, m, r);
    s = s ? s : ip_chain_enter(b, opened, &q, m, r, ret_child);
    if (!*ret_child)
        return s;
    r->led.member = *ret_child;
    return s ? s : check_probed(b, *ret_child);
}

static enum imgprobe_status open_and_take(struct chain_builder *b, struct imgprobe_member *m,
                                          struct imgprobe_reference *r, struct imgprobe_member **ret_child)
{
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    bool found = true;
    enum imgprobe_status s;

    if (r->stated.candidate)
        s = ip_chain_candidate(b, m, r, &opened, &found);
    else if ((s = ip_chain_ask(b, r->led.path, &opened, &error)) != IMGPROBE_OK)
        s = ip_chain_unopened(b, &error, m, r);
    if (s != IMGPROBE_OK || !found)
        return s;
    s = take_opened(b, m, r, &opened, ret_child);
    if (!*ret_child || !b->options.keep)
        ip_chain_done(b, &opened);
    return s ? s : compare_parent(b, m, r);
}

enum imgprobe_status ip_chain_follow(struct chain_builder *b, struct imgprobe_member *m, struct imgprobe_reference *r,
                                     struct imgprobe_member **ret_child)
{
    bool own_only = b->options.follow == IMGPROBE_FOLLOW_OWN;

    if (r->led.overridden)
        return IMGPROBE_OK;
    if (!b->opens || (own_only && (r->led.ignored || r->role == IMGPROBE_ROLE_BACKING))) {
        b->left_out = true;
        return IMGPROBE_OK;
    }
    if (r->led.ignored && !ip_own(r)->passed_over)
        return ip_chain_refuse(b, IMGPROBE_REFUSED, "reference-ignored-by-reader", ip_own(r)->ignored, m, r);
    if (r->led.kind == IMGPROBE_KIND_FILE || r->stated.candidate)
        return open_and_take(b, m, r, ret_child);
    if (ip_own(r)->differs)
        return ip_chain_refuse(b, IMGPROBE_AMBIGUOUS, r->led.reason, r->led.note, m, r);
    ip_chain_refuse(b, IMGPROBE_REFUSED, r->led.reason, r->led.note, m, r);
    if (r->led.kind == IMGPROBE_KIND_REMOTE && ip_equal(ip_string(r->led.reason), "remote-reference"))
        b->chain->state = IMGPROBE_CHAIN_REMOTE;
    return IMGPROBE_REFUSED;
}
