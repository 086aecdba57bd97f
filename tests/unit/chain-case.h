/* SPDX-License-Identifier: MIT */
/*
 * Chains of images that stand in memory, behind an opener that knows them by name. Each row is walked twice on one
 * workspace, the second time with an opener that is asked for canonical names, and every open is paired with its
 * done, every read with what the image says of it.
 */
#ifndef CHAIN_CASE_H
#define CHAIN_CASE_H

#include "chain-walk.h"

/* clang-format off */
#define ENDS(how, with) .state = IMGPROBE_CHAIN_##how, .status = IMGPROBE_##with
/* clang-format on */

static inline void write_members(const struct imgprobe_chain *chain, char *text, size_t size)
{
    static const char *const how[] = {"pinned", "declared", "implied", "probed"};
    const struct imgprobe_member *m;
    size_t length = 0;

    text[0] = '\0';
    for (m = chain->members; m; m = m->next) {
        int more = snprintf(text + length, size - length, "%s%s:%s:%s", length ? " " : "", path_of(m),
                            m->image->format ? m->image->format->name : "?", how[m->image->format_source]);

        assert_true(more > 0 && (size_t)more < size - length);
        length += (size_t)more;
    }
}

/* Each image says of its reads what the source has seen, and a well-formed one needs few. */
static inline void check_reads(const struct store *store, const struct imgprobe_chain *chain, unsigned walks)
{
    const struct imgprobe_member *m;
    size_t i;

    for (m = chain->members; m; m = m->next)
        for (i = 0; i < store->count; i++) {
            const struct stored *s = &store->all[i];

            if (s->inode != m->identity.inode || (i != 0 && strcmp(s->file->path, path_of(m)) != 0))
                continue;
            assert_int_equal(m->image->bytes * walks, s->bytes);
            if (s->file->broken == IMGPROBE_OK)
                assert_int_equal(m->image->reads * walks, s->reads);
            assert_true(m->image->reads <= 4 && m->image->bytes <= 8192 + s->image.size * (s->file->v.lines != NULL));
        }
}

static inline void check_end(const struct chain_case *c, enum imgprobe_status s, const struct imgprobe_chain *chain)
{
    char members[512];

    assert_non_null(chain);
    write_members(chain, members, sizeof members);
    assert_string_equal(members, c->members);
    assert_int_equal(chain->state, c->state);
    assert_int_equal(s, c->status);
    assert_int_equal(chain->error.status, c->status);
    assert_string_equal(chain->error.field ? chain->error.field : "", c->field ? c->field : "");
    if (c->what)
        assert_string_equal(chain->error.what, c->what);
    assert_string_equal(chain->culprit ? path_of(chain->culprit) : "", c->culprit ? c->culprit : "");
    assert_string_equal(chain->at ? (const char *)chain->at->stated.name.bytes : "", c->at ? c->at : "");
    assert_true(c->state != IMGPROBE_CHAIN_REFUSED || chain->error.what != NULL || c->field != NULL);
    assert_int_equal(check_shape(chain), c->mismatches);
}

static inline void test_case(void **state)
{
    const struct chain_case *c = *state;
    struct store store = make_store(c->files, MOST_FILES);
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    unsigned i;

    for (i = 1; i <= 2; i++) {
        enum imgprobe_status s;

        store.knows_names = i == 2;
        s = walk(&store, c, &w, &chain);
        check_end(c, s, chain);
        assert_int_equal(store.opens, store.dones);
        assert_true(store.most_open <= 1 && (!c->no_opener || store.opens == 0));
        check_reads(&store, chain, i);
        assert_int_equal(store.asked, i == 2 && !c->no_opener ? chain->count : 0);
    }
    free_store(&store);
}

#endif
