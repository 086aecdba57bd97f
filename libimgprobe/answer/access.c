/* SPDX-License-Identifier: MIT */
/* What each member of a complete chain needs: one grant for each file, with every name by which it is opened. */
#include "answer/answer.h"

#include <string.h>

struct ledger {
    struct imgprobe_access_options options;
    const struct imgprobe_chain *chain;
    struct imgprobe_workspace *w;
    struct imgprobe_access *access;
    struct imgprobe_grant *grants;        /* by the member's index */
    bool *written;                        /* by the member's index: the reader opens it for writing */
    const struct imgprobe_member **queue; /* the written ones, in the order in which they were found */
    size_t queued;
    const struct imgprobe_reference **references; /* those that lead to members, sorted by member and path */
    size_t count;
};

static void *room(struct ledger *l, size_t size)
{
    return ip_room(l->w, size, &l->access->error);
}

/* The first reason stays. Others may come later, since all grants are filled in even after a refusal. */
static enum imgprobe_status refuse(struct ledger *l, const char *field, const char *what,
                                   const struct imgprobe_member *culprit, const struct imgprobe_reference *at)
{
    if (l->access->error.status != IMGPROBE_OK)
        return l->access->error.status;
    l->access->culprit = culprit;
    l->access->at = at;
    return ip_error(&l->access->error, IMGPROBE_REFUSED, field, what);
}

/* Whether the reader opens a file by this reference. */
static bool leads(const struct imgprobe_reference *r)
{
    return r->led.member && r->led.path.bytes;
}

/* Everything is counted first, and all room is taken at once. So no list grows, and none has to be searched. */
static bool make_room(struct ledger *l)
{
    const struct imgprobe_member *m;
    const struct imgprobe_reference *r;

    for (m = l->chain->members; m; m = m->next)
        for (r = m->image->references; r; r = r->next)
            l->count += leads(r);
    l->references = room(l, 2 * l->count * sizeof *l->references); /* the second half is to sort in */
    l->grants = room(l, l->chain->count * sizeof *l->grants);
    l->written = room(l, l->chain->count * sizeof *l->written);
    l->queue = room(l, l->chain->count * sizeof *l->queue);
    return l->references && l->grants && l->written && l->queue;
}

/* Equal names stand side by side once they are sorted. Finding them then takes no loop in a loop. */
static void sort_references(struct ledger *l)
{
    const struct imgprobe_member *m;
    const struct imgprobe_reference *r;
    size_t i = 0;

    for (m = l->chain->members; m; m = m->next)
        for (r = m->image->references; r; r = r->next)
            if (leads(r))
                l->references[i++] = r;
    ip_sort(l->references, l->references + l->count, l->count);
}

static bool add_name(struct ledger *l, struct imgprobe_name **tail, struct imgprobe_bytes path,
                     const struct imgprobe_reference *via)
{
    struct imgprobe_name *name = room(l, sizeof *name);

    if (!name)
        return false;
    name->path = path;
    name->via = via;
    *tail = name;
    return true;
}

/* Adds the other names of each member, behind its own name, which is listed already. */
static bool add_names(struct ledger *l)
{
    const struct imgprobe_reference *r, *before = NULL;
    struct imgprobe_name **tail = NULL;
    size_t i;

    for (i = 0; i < l->count; before = r, i++) {
        r = l->references[i];
        if (before && ip_order(before, r) == 0)
            continue;
        if (!before || before->led.member != r->led.member) {
            tail = &l->grants[r->led.member->index].names;
            tail = *tail ? &(*tail)->next : tail;
        }
        if (ip_same(r->led.path, r->led.member->path))
            continue;
        if (!add_name(l, tail, r->led.path, r))
            return false;
        tail = &(*tail)->next;
    }
    return true;
}

static enum imgprobe_status list(struct ledger *l)
{
    struct imgprobe_grant **tail = &l->access->grants;
    const struct imgprobe_member *m;

    for (m = l->chain->members; m; m = m->next) {
        struct imgprobe_grant *grant = &l->grants[m->index];

        grant->member = m;
        grant->writable = !m->image->read_only;
        *tail = grant;
        tail = &grant->next;
        l->access->count++;
        if (m->path.bytes && !add_name(l, &grant->names, m->path, m->via))
            return IMGPROBE_LIMIT;
    }
    sort_references(l);
    return add_names(l) ? IMGPROBE_OK : IMGPROBE_LIMIT;
}

static bool names_file(const struct imgprobe_consent *consent, struct imgprobe_identity identity)
{
    return !consent->beneath && ip_same_file(consent->identity, identity);
}

/* Canonical names are compared, in which no link is left. "/a" is not above "/ab", so a slash must follow. */
static bool beneath(const struct imgprobe_consent *consent, struct imgprobe_bytes path)
{
    size_t length;

    if (!consent->beneath || !path.bytes)
        return false;
    length = strlen(consent->beneath);
    return path.length > length && path.bytes[length] == '/' && memcmp(path.bytes, consent->beneath, length) == 0;
}

static bool consented(const struct ledger *l, const struct imgprobe_member *m)
{
    size_t i;

    for (i = 0; i < l->options.consent_count; i++)
        if (names_file(&l->options.consents[i], m->identity) || beneath(&l->options.consents[i], m->canonical))
            return true;
    return false;
}

static bool raised(const struct ledger *l, const struct imgprobe_member *m)
{
    size_t i;

    for (i = 0; i < l->options.raised_count; i++)
        if (names_file(&l->options.raised[i], m->identity))
            return true;
    return false;
}

/* A queue and a flag take the place of recursion. Each member is marked once, however many images name it. */
static void mark(struct ledger *l, const struct imgprobe_member *m)
{
    if (!l->written[m->index])
        l->queue[l->queued++] = m;
    l->written[m->index] = true;
}

/* Where the caller itself asks for a member to be written, no more consent is needed. */
static bool by_word(const struct ledger *l, const struct imgprobe_member *m)
{
    return (m->index == 0 && l->options.write) || raised(l, m);
}

/* Some readers open a data file for writing even where they only read its image. */
static void mark_member(struct ledger *l, const struct imgprobe_member *m)
{
    const struct imgprobe_reference *r;

    if (by_word(l, m))
        mark(l, m);
    for (r = m->image->references; r; r = r->next)
        if (r->led.member && ip_always_written(r))
            mark(l, r->led.member);
}

/* An image's data files and extents are opened as the image is, so they are written where it is. */
static void mark_all(struct ledger *l)
{
    const struct imgprobe_reference *r;
    const struct imgprobe_member *m;
    size_t i;

    for (m = l->chain->members; m; m = m->next)
        mark_member(l, m);
    for (i = 0; i < l->queued; i++)
        for (r = l->queue[i]->image->references; r; r = r->next)
            if (r->led.member && r->role != IMGPROBE_ROLE_BACKING && !r->led.ignored)
                mark(l, r->led.member);
}

/* No consent makes a file writable that no reader would write to. */
static void decide_write(struct ledger *l, const struct imgprobe_member *m)
{
    struct imgprobe_grant *grant = &l->grants[m->index];

    if (!l->written[m->index])
        return;
    grant->write = by_word(l, m) || consented(l, m);
    grant->unconsented = !grant->write;
    if (grant->unconsented)
        refuse(l, "write-needs-consent", "the image names it and it would be opened for writing", m, m->via);
    if (!grant->writable)
        refuse(l, "not-writable", "it can't be written: the reader opens it read only, whoever asks", m, m->via);
}

static enum imgprobe_status check_floor(struct ledger *l)
{
    const struct imgprobe_member *m;

    for (m = l->chain->members; m; m = m->next)
        if (ip_below_floor(l->options.floor, m))
            return refuse(l, "tier-below-floor",
                          "its format, or a driver above it, is of a tier below the one asked for", m, m->via);
    return IMGPROBE_OK;
}

/* A path that was misspelt would leave a grant out, and nobody would notice. */
static enum imgprobe_status find_raised(struct ledger *l)
{
    const struct imgprobe_member *m;
    size_t i;

    for (i = 0; i < l->options.raised_count; i++) {
        for (m = l->chain->members; m; m = m->next)
            if (names_file(&l->options.raised[i], m->identity))
                break;
        if (!m)
            return refuse(l, "not-a-member", "a file that was to be written isn't in the chain", NULL, NULL);
    }
    return IMGPROBE_OK;
}

static const char not_told[] = "parent-not-told";

/* The reader opens such a member alone, and all that it opens is known. If the member is a snapshot, its guest would
 * see zeros where its parent has data. Only the caller can know that it is none. */
static enum imgprobe_status find_parents(struct ledger *l)
{
    const struct imgprobe_member *m = l->chain->members;

    while (m && m->image->references_state != IMGPROBE_REFERENCES_CANNOT_TELL)
        m = m->next;
    return !m || l->options.allowed_count != 0 /* the one that there is, or USAGE */
               ? IMGPROBE_OK
               : refuse(l, not_told, "it may have a parent, of which nothing stands in the image", m, NULL);
}

/* An id that is misspelt, or of a refusal that stands, would be passed over, and nobody would notice. */
static bool may_be_lifted(const struct imgprobe_access_options *o)
{
    size_t i;

    for (i = 0; i < o->allowed_count; i++)
        if (!o->allowed || !ip_equal(ip_string(o->allowed[i]), not_told))
            return false;
    return true;
}

static enum imgprobe_status grant(struct ledger *l)
{
    const struct imgprobe_member *top = l->chain->members, *m;
    enum imgprobe_status s = make_room(l) ? list(l) : IMGPROBE_LIMIT;

    if (s != IMGPROBE_OK)
        return s;
    if (l->chain->state != IMGPROBE_CHAIN_COMPLETE) {
        l->access->error = l->chain->error;
        l->access->culprit = l->chain->culprit;
        l->access->at = l->chain->at;
        return l->access->error.status;
    }
    if (top->image->inside)
        return refuse(l, "content-compressed", "the image stands inside compressed data, where no reader opens it",
                      top, NULL);
    if (top->image->format_source == IMGPROBE_FORMAT_PROBED && top->image->references)
        return refuse(l, "format-probed",
                      "the format of the image was only probed and it refers to other files: say -f FORMAT", top,
                      top->image->references);
    if (check_floor(l) != IMGPROBE_OK || find_parents(l) != IMGPROBE_OK || find_raised(l) != IMGPROBE_OK)
        return IMGPROBE_REFUSED;
    mark_all(l);
    for (m = top; m; m = m->next)
        decide_write(l, m);
    return l->access->error.status;
}

enum imgprobe_status imgprobe_access(const struct imgprobe_access_options *options,
                                     const struct imgprobe_chain *chain, struct imgprobe_workspace *workspace,
                                     struct imgprobe_access **ret_access)
{
    static const struct imgprobe_access_options usual = {.struct_size = sizeof usual};
    struct ledger l = {.chain = chain, .w = workspace};

    if (!ret_access || !chain || (!chain->members && chain->state == IMGPROBE_CHAIN_COMPLETE) ||
        !ip_workspace_holds(workspace) ||
        !ip_struct(&l.options, sizeof l.options, sizeof l.options, options ? options : &usual))
        return IMGPROBE_USAGE;
    if (!ip_floor_good(l.options.floor))
        return IMGPROBE_USAGE;
    if ((l.options.consent_count != 0 && !l.options.consents) || (l.options.raised_count != 0 && !l.options.raised) ||
        !may_be_lifted(&l.options))
        return IMGPROBE_USAGE;
    l.access = ip_take(workspace, sizeof *l.access);
    if (!l.access)
        return IMGPROBE_USAGE;
    ip_error(&l.access->error, IMGPROBE_OK, NULL, NULL);
    *ret_access = l.access;
    return grant(&l);
}
