/* SPDX-License-Identifier: MIT */
/* What is asked of a chain of images that stand in memory, the walk of it, and what holds of every answer. */
#ifndef ACCESS_WALK_H
#define ACCESS_WALK_H

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chain-files.h"

#define MOST_FILES 7
#define MOST_WORDS 4

/* What is asked of the chain of a row's files, the first of which is the top. A word of `consents` is a directory's
 * canonical name; with `=` before it, a file of the chain by its name; of `raised` each is such a name. A file that
 * isn't in the chain stands for one of another inode, with `!` after it for one of another device. */
struct access_case {
    const char *name;
    struct file files[MOST_FILES];
    struct imgprobe_options options;
    struct imgprobe_limits limits;
    bool nameless, no_opener, write;
    enum imgprobe_floor floor;
    const char *consents[MOST_WORDS], *raised[MOST_WORDS];
    enum imgprobe_status status;
    const char *field, *culprit, *at; /* path of the member, name of its reference */
    /* For each member "NAME,NAME:MODE": w for write, u for one without consent, else r; behind it - where no reader
     * writes. */
    const char *grants;
};

/* clang-format off */
#define PIN(word) .options = {.format = (word)}
#define DATA {.path = "/i/data", .canonical = "/real/data"}
#define TOP_WITH_DATA {TOP, IS_QCOW2(.data_file = "/i/data")}
/* clang-format on */

static inline enum imgprobe_status walk(const struct access_case *c, struct store *store,
                                        struct imgprobe_workspace *w, struct imgprobe_chain **ret)
{
    struct imgprobe_options options = c->options;
    struct imgprobe_limits limits = c->limits;
    struct imgprobe_opener opener;
    struct imgprobe_opened top = opened(&store->all[0]);

    store->knows_names = true;
    opener = opener_of(store);
    options.struct_size = sizeof options;
    limits.struct_size = sizeof limits;
    options.limits = &limits;
    options.name = c->nameless ? NULL : store->all[0].file->path;
    return imgprobe_chain(&options, &top, c->no_opener ? NULL : &opener, w, ret);
}

static inline bool same_bytes(struct imgprobe_bytes a, struct imgprobe_bytes b)
{
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

static inline const struct imgprobe_name *listed(const struct imgprobe_grant *grant, struct imgprobe_bytes path)
{
    const struct imgprobe_name *n = grant->names;

    while (n && !same_bytes(n->path, path))
        n = n->next;
    return n;
}

/* The first that leads to the member by this path. */
static inline const struct imgprobe_reference *first_by(const struct imgprobe_chain *chain,
                                                        const struct imgprobe_member *to, struct imgprobe_bytes path)
{
    const struct imgprobe_member *m;
    const struct imgprobe_reference *r;

    for (m = chain->members; m; m = m->next)
        for (r = m->image->references; r; r = r->next)
            if (r->led.member == to && same_bytes(r->led.path, path))
                return r;
    return NULL;
}

static inline void check_names(const struct imgprobe_chain *chain, const struct imgprobe_grant *grant)
{
    const struct imgprobe_member *m = grant->member;
    const struct imgprobe_name *n;

    assert_true(!m->path.bytes || (grant->names && same_bytes(grant->names->path, m->path)));
    for (n = grant->names; n; n = n->next) {
        assert_ptr_equal(n->via, m->path.bytes && n == grant->names ? m->via : first_by(chain, m, n->path));
        assert_true(n->via ? n->via->led.member == m && same_bytes(n->via->led.path, n->path) : m->index == 0);
        assert_int_equal(n->path.bytes[n->path.length], 0);
        assert_ptr_equal(listed(grant, n->path), n);
    }
}

/* Every member once, in the chain's order, and every name by which the chain comes to it. */
static inline void check_members(const struct imgprobe_chain *chain, const struct imgprobe_access *access)
{
    const struct imgprobe_grant *grant = access->grants, *of;
    const struct imgprobe_member *m;
    const struct imgprobe_reference *r;

    assert_int_equal(access->count, chain->count);
    for (m = chain->members; m; m = m->next, grant = grant->next) {
        assert_non_null(grant);
        assert_ptr_equal(grant->member, m);
        check_names(chain, grant);
        for (r = m->image->references; r; r = r->next) {
            for (of = access->grants; r->led.member && of->member != r->led.member; of = of->next)
                assert_non_null(of->next);
            assert_true(!r->led.member || listed(of, r->led.path));
        }
    }
    assert_null(grant);
}

/* What no answer may be. */
static inline void check_modes(const struct imgprobe_access *access, bool asked)
{
    const struct imgprobe_grant *g;

    for (g = access->grants; g; g = g->next) {
        assert_true(!g->write || !g->unconsented);
        assert_true(!g->write || asked);
        assert_int_equal(g->writable, !g->member->image->read_only);
        if (access->error.status == IMGPROBE_OK)
            assert_true(!g->unconsented && (!g->write || g->writable));
    }
}

#endif
