/* SPDX-License-Identifier: MIT */
/* What there is to say of a chain, and what of that a policy refuses. */
#include "answer/answer.h"

#include <string.h>

struct review {
    struct imgprobe_check_options options;
    struct imgprobe_limits limits;
    const struct imgprobe_chain *chain;
    struct imgprobe_workspace *w;
    struct imgprobe_verdict *verdict;
    struct imgprobe_finding **tail;
    bool *refused;         /* by a row's index */
    struct tally *tallies; /* the same, of the image that is looked at */
    size_t rows;
};

/* Those that aren't listed count as well, since they are refused as well. */
static void count_all(struct review *v, size_t index, uint64_t many)
{
    v->verdict->count += (size_t)many;
    v->verdict->refused += v->refused[index] ? (size_t)many : 0;
}

/* Adds a finding. An id without a row is the library's own mistake, for which the tests look. It is no reason to be
 * silent. */
static enum imgprobe_status remark(struct review *v, const char *id, const struct imgprobe_member *m,
                                   const struct imgprobe_reference *r, uint64_t offset, const char *message)
{
    struct imgprobe_finding *new;
    size_t index;
    const struct imgprobe_finding_row *row = ip_finding_row(id, &index);

    row = row ? row : ip_finding_row("unsupported", &index);
    if (ip_tally_full(&v->tallies[index], v->limits.finding_repeats, 1)) {
        count_all(v, index, 1);
        return IMGPROBE_OK;
    }
    new = ip_room(v->w, sizeof *new, &v->verdict->error);
    if (!new)
        return IMGPROBE_LIMIT;
    new->row = row;
    new->member = m;
    new->reference = r;
    new->offset = offset;
    new->message = message ? message : new->row->explanation;
    new->refused = v->refused[index];
    count_all(v, index, 1);
    v->tallies[index] = (struct tally){v->tallies[index].listed + 1, new};
    *v->tail = new;
    v->tail = &new->next;
    return IMGPROBE_OK;
}

/* What an image found of its own, and how many more of the same it didn't list. */
static enum imgprobe_status remark_found(struct review *v, const struct imgprobe_member *m,
                                         const struct imgprobe_finding *f)
{
    enum imgprobe_status s = remark(v, f->row->id, m, NULL, f->offset, f->message);
    size_t index;

    if (s != IMGPROBE_OK || f->more == 0 || !ip_finding_row(f->row->id, &index))
        return s;
    count_all(v, index, f->more);
    v->tallies[index].last->more += f->more;
    return IMGPROBE_OK;
}

static const char unknown_size[] = "the disk's size isn't known, so neither is whether it is larger than was allowed";

static enum imgprobe_status review_facts(struct review *v, const struct imgprobe_member *m)
{
    const struct imgprobe_image *image = m->image;
    uint64_t most = v->options.most_virtual_size;
    enum imgprobe_status s = IMGPROBE_OK;
    size_t i;

    for (i = 0; i < ip_remark_rule_count; i++)
        if (ip_remark_rules[i].holds(image))
            s = s ? s : remark(v, ip_remark_rules[i].id, m, NULL, IMGPROBE_UNKNOWN, NULL);
    if (ip_below_floor(v->options.floor, m))
        s = s ? s : remark(v, "tier-below-floor", m, NULL, IMGPROBE_UNKNOWN, NULL);
    if (s != IMGPROBE_OK || most == 0)
        return s;
    if (image->virtual_size == IMGPROBE_UNKNOWN && image->error.status == IMGPROBE_NEED)
        return s;
    if (image->virtual_size == IMGPROBE_UNKNOWN) /* beneath the top, the end of the chain says why */
        return m->index != 0 ? s : remark(v, "virtual-size-over-limit", m, NULL, IMGPROBE_UNKNOWN, unknown_size);
    return image->virtual_size <= most ? s : remark(v, "virtual-size-over-limit", m, NULL, IMGPROBE_UNKNOWN, NULL);
}

/* The reference at which the chain ended is left to review_end, so that it's said once. */
static enum imgprobe_status review_references(struct review *v, const struct imgprobe_member *m)
{
    const struct imgprobe_reference *r;
    enum imgprobe_status s = IMGPROBE_OK;
    size_t i;

    for (r = m->image->references; r; r = r->next) {
        for (i = 0; i < ip_reference_rule_count; i++)
            if (ip_reference_rules[i].holds(r, m->image))
                s = s ? s : remark(v, ip_reference_rules[i].id, m, r, r->stated.offset, NULL);
        if (ip_leads_below_floor(v->options.floor, r))
            s = s ? s : remark(v, "tier-below-floor", m, r, r->stated.offset, NULL);
        if (r->led.reason && !r->led.overridden && r != v->chain->at)
            s = s ? s : remark(v, r->led.reason, m, r, r->stated.offset, r->led.note);
    }
    return s;
}

static enum imgprobe_status review_member(struct review *v, const struct imgprobe_member *m)
{
    const struct imgprobe_finding *f;
    enum imgprobe_status s = IMGPROBE_OK;

    memset(v->tallies, 0, v->rows * sizeof *v->tallies);
    if (m->image->error.status != IMGPROBE_OK && m->image->error.status != IMGPROBE_NEED)
        s = remark(v, ip_remark_of_error(&m->image->error), m, NULL, m->image->error.offset, m->image->error.what);
    s = s ? s : review_facts(v, m);
    for (f = m->image->findings; s == IMGPROBE_OK && f; f = f->next)
        s = remark_found(v, m, f);
    return s ? s : review_references(v, m);
}

/* Says why the chain ended, unless an image says it. It goes by the id of what refused the chain, or else by its
 * state. */
static enum imgprobe_status review_end(struct review *v)
{
    const struct imgprobe_chain *c = v->chain;
    const struct imgprobe_member *m = c->culprit ? c->culprit : c->members;
    const char *id = c->error.field;
    size_t index;

    if (c->state == IMGPROBE_CHAIN_COMPLETE || m->image->error.status != IMGPROBE_OK)
        return IMGPROBE_OK;
    if (!ip_finding_row(id, &index))
        id = c->state == IMGPROBE_CHAIN_MISSING ? "member-missing" : ip_remark_of_error(&c->error);
    if (ip_equal(ip_string(id), "format-probed") || ip_equal(ip_string(id), "reference-ignored-by-reader"))
        return IMGPROBE_OK; /* the member's own findings say it */
    memset(v->tallies, 0, v->rows * sizeof *v->tallies);
    return remark(v, id, m, c->at, c->error.offset, c->error.what);
}

/* An id that is misspelt would leave a rule out, and nobody would notice. */
static bool known(const char *const *ids, size_t count)
{
    size_t i, index;

    for (i = 0; i < count; i++)
        if (!ids || !ip_finding_row(ids[i], &index))
            return false;
    return true;
}

static void choose(struct review *v, const char *const *ids, size_t count, bool refused)
{
    size_t i, index;

    for (i = 0; i < count; i++)
        if (ip_finding_row(ids[i], &index))
            v->refused[index] = refused;
}

/* What is allowed comes last, because it is stronger than the policy and what is denied. */
static void apply_policy(struct review *v, unsigned policy)
{
    const struct imgprobe_check_options *o = &v->options;
    const struct imgprobe_finding_row *row;
    size_t i;

    for (i = 0; (row = imgprobe_finding_at(i)); i++)
        v->refused[i] = (row->policies & policy) != 0;
    choose(v, o->denied, o->denied_count, true);
    choose(v, o->allowed, o->allowed_count, false);
}

/* The top's own error comes first. Without the top, what was found is never the whole. Where more of it is to come,
 * what was found so far stays, and may be refused already. */
static enum imgprobe_status review(struct review *v)
{
    const struct imgprobe_error *top = &v->chain->members->image->error;
    const struct imgprobe_member *m;
    enum imgprobe_status s = IMGPROBE_OK;

    for (m = v->chain->members; s == IMGPROBE_OK && m; m = m->next)
        s = review_member(v, m);
    s = s ? s : review_end(v);
    if (s != IMGPROBE_OK)
        return s;
    if (top->status == IMGPROBE_NEED && v->verdict->refused != 0)
        v->verdict->error.status = IMGPROBE_REFUSED;
    else if (top->status != IMGPROBE_OK)
        v->verdict->error = *top;
    else if (v->chain->state == IMGPROBE_CHAIN_AMBIGUOUS)
        v->verdict->error = v->chain->error;
    else if (v->verdict->refused != 0)
        v->verdict->error.status = IMGPROBE_REFUSED;
    else if (v->chain->state != IMGPROBE_CHAIN_COMPLETE)
        v->verdict->error = v->chain->error;
    return v->verdict->error.status;
}

static bool valid(const struct imgprobe_check_options *o, struct imgprobe_limits *ret_limits, unsigned *ret_policy)
{
    *ret_policy = 0;
    return ip_limits(o->limits, ret_limits) && (!o->policy || ip_policy_named(o->policy, ret_policy)) &&
           known(o->denied, o->denied_count) && known(o->allowed, o->allowed_count);
}

enum imgprobe_status imgprobe_check(const struct imgprobe_check_options *options, const struct imgprobe_chain *chain,
                                    struct imgprobe_workspace *workspace, struct imgprobe_verdict **ret_verdict)
{
    static const struct imgprobe_check_options usual = {.struct_size = sizeof usual};
    const size_t older = offsetof(struct imgprobe_check_options, limits); /* in 0.2 */
    struct review v = {.chain = chain, .w = workspace};
    unsigned policy;

    if (!ret_verdict || !chain || !chain->members || !ip_workspace_holds(workspace) ||
        !ip_struct(&v.options, sizeof v.options, older, options ? options : &usual) ||
        !valid(&v.options, &v.limits, &policy) || !ip_floor_good(v.options.floor))
        return IMGPROBE_USAGE;
    while (imgprobe_finding_at(v.rows))
        v.rows++;
    v.verdict = ip_take(workspace, sizeof *v.verdict);
    *ret_verdict = v.verdict;
    if (!v.verdict)
        return IMGPROBE_LIMIT;
    v.tail = &v.verdict->findings;
    ip_error(&v.verdict->error, IMGPROBE_OK, NULL, NULL);
    v.refused = ip_room(workspace, v.rows * sizeof *v.refused, &v.verdict->error);
    if (!v.refused)
        return IMGPROBE_LIMIT;
    v.tallies = ip_room(workspace, v.rows * sizeof *v.tallies, &v.verdict->error);
    if (!v.tallies)
        return IMGPROBE_LIMIT;
    apply_policy(&v, policy);
    return review(&v);
}
