/* SPDX-License-Identifier: MIT */
/* What holds of every chain, and of what is granted and said of it. */
#include "harness.h"

#include <string.h>

static void promise_place(const struct imgprobe_chain *chain, const struct imgprobe_member *m, unsigned index)
{
    PROMISE(m->index == index, "members are numbered");
    PROMISE(!m->parent == (index == 0) && !m->via == (index == 0), "every member but the top was referred to");
    PROMISE(!m->parent || (m->parent->index < index && m->depth == m->parent->depth + 1), "a parent comes first");
    PROMISE(m->parent || m->depth == 0, "the top is at depth 0");
    PROMISE(!m->via || m->via->led.member == m, "a member knows its reference");
    PROMISE(m == chain->culprit || m->next || chain->state == IMGPROBE_CHAIN_COMPLETE || chain->culprit ||
                chain->error.status == IMGPROBE_LIMIT || chain->error.status == IMGPROBE_NEED,
            "an end has its culprit");
}

/* What a chain that is called complete may not leave open. */
static void promise_complete(const struct imgprobe_member *m)
{
    const struct imgprobe_image *image = m->image;
    const struct imgprobe_reference *r;
    unsigned chosen = 0;

    PROMISE(image->error.status == IMGPROBE_OK, "no member of a complete chain failed");
    PROMISE(image->references_state != IMGPROBE_REFERENCES_CANNOT_TELL ||
                ip_format_of(image->format)->parent == PARENT_NOT_TOLD,
            "a complete chain knows all references");
    PROMISE(m->index == 0 || image->format_source != IMGPROBE_FORMAT_PROBED ||
                image->references_state != IMGPROBE_REFERENCES_KNOWN,
            "a probed member refers to nothing");
    PROMISE(!((const struct ip_member *)(const void *)m)->entered, "all references of every member were followed");
    for (r = image->references; r; r = r->next) {
        chosen += r->stated.candidate && r->led.member;
        if (r->led.overridden || (r->stated.candidate && !r->led.member))
            continue;
        PROMISE(!r->led.ignored, "what the reader ignores ends a chain");
        PROMISE(r->led.member, "every reference led somewhere");
        PROMISE(r->led.kind == IMGPROBE_KIND_FILE || r->led.kind == IMGPROBE_KIND_BLOCK,
                "a member is a file or device");
        PROMISE(!r->led.reason && r->led.path.length > 0, "what was followed has no reason against it");
    }
    PROMISE(!image->references || !image->references->stated.candidate || chosen == 1,
            "of several names of a parent one was followed");
}

void promise_chain(const struct imgprobe_chain *chain, const struct imgprobe_options *options)
{
    const struct imgprobe_member *m, *other;
    unsigned index = 0;

    promise_error(&chain->error);
    PROMISE((chain->state == IMGPROBE_CHAIN_COMPLETE) == (chain->error.status == IMGPROBE_OK),
            "a chain is complete or says why it isn't");
    PROMISE(chain->count <= options->limits->chain_members, "members are bounded");
    for (m = chain->members; m; m = m->next) {
        PROMISE(index < chain->count && m->depth < options->limits->chain_depth, "depth is bounded");
        promise_place(chain, m, index++);
        promise_image(m->image, options->limits);
        promise_bytes(m->path);
        promise_bytes(m->canonical);
        if (chain->state == IMGPROBE_CHAIN_COMPLETE)
            promise_complete(m);
        for (other = chain->members; other != m; other = other->next)
            PROMISE(memcmp(&other->identity, &m->identity, sizeof m->identity) != 0, "a file is a member once");
    }
    PROMISE(index == chain->count, "members are counted");
    PROMISE(chain->state != IMGPROBE_CHAIN_COMPLETE || (index > 0 && !chain->culprit && !chain->at),
            "a complete chain has no culprit");
}

static bool named(const struct imgprobe_grant *grant, struct imgprobe_bytes path)
{
    const struct imgprobe_name *name;

    for (name = grant->names; name; name = name->next)
        if (name->path.length == path.length && memcmp(name->path.bytes, path.bytes, path.length) == 0)
            return true;
    return false;
}

static void promise_grant(const struct imgprobe_grant *grant, const struct imgprobe_chain *chain)
{
    const struct imgprobe_member *m;
    const struct imgprobe_reference *r;
    const struct imgprobe_name *name, *other;

    for (name = grant->names; name; name = name->next) {
        PROMISE(name->via ? name->via->led.member == grant->member : grant->member->index == 0, "a name is its own");
        for (other = grant->names; other != name; other = other->next)
            PROMISE(other->path.length != name->path.length ||
                        memcmp(other->path.bytes, name->path.bytes, name->path.length) != 0,
                    "a name is listed once");
    }
    PROMISE(grant->writable == !grant->member->image->read_only, "what can be written is said");
    for (m = chain->members; m; m = m->next)
        for (r = m->image->references; r; r = r->next)
            PROMISE(r->led.member != grant->member || named(grant, r->led.path), "every name is listed");
}

/* Whether the reader opens it for writing. It does by the caller's word, because an image that is written keeps data
 * there, or because it opens such a file in no other way. */
static bool written(const struct imgprobe_grant *grant, const struct imgprobe_access *access,
                    const struct imgprobe_access_options *options)
{
    const struct imgprobe_grant *of;
    const struct imgprobe_reference *r;

    if (grant->member->index == 0 && options->write)
        return true;
    if (options->raised_count != 0)
        return grant->write;
    for (of = access->grants; of; of = of->next)
        for (r = of->member->image->references; r; r = r->next)
            if (r->led.member == grant->member && ip_always_written(r))
                return true;
    for (of = access->grants; of; of = of->next)
        for (r = of->member->image->references; of->write && r; r = r->next)
            if (r->led.member == grant->member && r->role != IMGPROBE_ROLE_BACKING)
                return true;
    return false;
}

void promise_access(const struct imgprobe_access *access, const struct imgprobe_chain *chain,
                    const struct imgprobe_access_options *options)
{
    const struct imgprobe_grant *grant = access->grants;
    const struct imgprobe_member *m = chain->members;
    size_t count = 0;

    promise_error(&access->error);
    PROMISE(chain->state == IMGPROBE_CHAIN_COMPLETE || access->error.status != IMGPROBE_OK,
            "nothing is granted of a chain that isn't complete");
    for (; grant; grant = grant->next, m = m->next, count++) {
        PROMISE(m && grant->member == m, "members are granted in their order");
        promise_grant(grant, chain);
        if (access->error.status != IMGPROBE_OK)
            continue;
        PROMISE(m->image->references_state != IMGPROBE_REFERENCES_CANNOT_TELL || options->allowed_count != 0,
                "what may have a parent is granted by the caller's word alone");
        PROMISE(!grant->unconsented && (!grant->write || grant->writable), "what is granted can be had");
        PROMISE(grant->write == written(grant, access, options), "what is written is what must be");
    }
    PROMISE(count == access->count, "grants are counted");
    PROMISE(access->error.status != IMGPROBE_OK || count == chain->count, "every member is granted");
}

void promise_verdict(const struct imgprobe_verdict *verdict, const struct imgprobe_chain *chain)
{
    const struct imgprobe_finding *remark;
    size_t count = 0, refused = 0;

    promise_error(&verdict->error);
    for (remark = verdict->findings; remark; remark = remark->next) {
        PROMISE(remark->row && remark->message && remark->member, "a remark is of a row and a member");
        PROMISE(remark->member->index < chain->count, "a remark is of a member of this chain");
        count += 1 + (size_t)remark->more;
        refused += remark->refused ? 1 + (size_t)remark->more : 0;
    }
    PROMISE(count == verdict->count && refused == verdict->refused, "remarks are counted");
    if (verdict->error.status == IMGPROBE_OK)
        PROMISE(refused == 0 && chain->state == IMGPROBE_CHAIN_COMPLETE, "a good verdict has nothing against it");
}
