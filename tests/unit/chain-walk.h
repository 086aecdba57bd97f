/* SPDX-License-Identifier: MIT */
/* One walk of a chain of images that stand in memory, behind an opener that knows them by name. */
#ifndef CHAIN_WALK_H
#define CHAIN_WALK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chain-files.h"

#define MOST_FILES 6

/* One walk. The first file is the top. */
struct chain_case {
    const char *name;
    struct file files[MOST_FILES];
    struct imgprobe_options options;
    struct imgprobe_declaration declare;
    struct imgprobe_limits limits;
    bool nameless, no_opener;
    enum imgprobe_chain_state state;
    enum imgprobe_status status;
    const char *field, *what; /* of the error; `what` NULL: not asked */
    const char *members;      /* "name:format:how" in order */
    const char *culprit, *at; /* path of the member, name of its reference */
    unsigned mismatches;      /* findings that a parent isn't the one */
};

#define XEN .options = {.reader = IMGPROBE_READER_XEN}
#define IMAGO .options = {.reader = IMGPROBE_READER_IMAGO}
#define OWN .options = {.follow = IMGPROBE_FOLLOW_OWN}

#define ANOTHER_BASE                                                                                                 \
    "json:{'driver':'qcow2','file':{'driver':'file','filename':'/i/mid'},"                                           \
    "'backing':{'driver':'raw','file':{'driver':'file','filename':'/i/other'}}}"

/* Walks from the first file of the store, by the options of a row, if there is one. */
static inline enum imgprobe_status walk(struct store *store, const struct chain_case *c, struct imgprobe_workspace *w,
                                        struct imgprobe_chain **ret)
{
    struct imgprobe_options options = c ? c->options : (struct imgprobe_options){.struct_size = 0};
    struct imgprobe_limits limits = c ? c->limits : (struct imgprobe_limits){.struct_size = 0};
    struct imgprobe_opener opener = opener_of(store);
    struct imgprobe_opened top = opened(&store->all[0]);

    options.struct_size = sizeof options;
    limits.struct_size = sizeof limits;
    options.limits = &limits;
    options.name = c && c->nameless ? NULL : store->all[0].file->path;
    if (c && c->declare.format) {
        options.declarations = &c->declare;
        options.declaration_count = 1;
    }
    *ret = NULL;
    return imgprobe_chain(&options, &top, c && c->no_opener ? NULL : &opener, w, ret);
}

static inline void check_references(const struct imgprobe_reference *r)
{
    for (; r; r = r->next) {
        assert_true(r->stated.cut <= r->stated.name.length);
        assert_int_equal(r->stated.name.bytes[r->stated.name.length], 0);
        assert_true(!r->led.path.bytes || r->led.path.bytes[r->led.path.length] == 0);
        assert_true(r->led.kind != IMGPROBE_KIND_FILE || r->led.path.bytes != NULL);
    }
}

/* What holds of every chain, whatever its end. Returns the findings of a parent that isn't the one. */
static unsigned check_shape(const struct imgprobe_chain *chain)
{
    const struct imgprobe_member *m;
    const struct imgprobe_finding *f;
    unsigned count = 0, mismatches = 0;

    for (m = chain->members; m; m = m->next, count++) {
        assert_int_equal(m->index, count);
        assert_true((m->parent == NULL) == (count == 0) && (m->via == NULL) == (count == 0));
        if (m->parent) {
            assert_int_equal(m->depth, m->parent->depth + 1);
            assert_true(m->parent->index < m->index);
            assert_ptr_equal(m->via->led.member, m);
        }
        check_references(m->image->references);
        for (f = m->image->findings; f; f = f->next)
            mismatches += strcmp(f->row->id, "parent-mismatch") == 0;
    }
    assert_int_equal(chain->count, count);
    return mismatches;
}

/* A top of two FLAT parts of one file and a SPARSE one, and what is known of its size. */
static const struct file sum_files[] = {
    {TOP, IS_VMDK("RW 3 FLAT \"a\" 0\nRW 4 VMFS \"b\"\nRW 9 SPARSE \"c\"\n"), .allocated = 512},
    {.path = "/i/a", .allocated = 4096},
    {.path = "/i/b", .allocated = 8192},
    {.path = "/i/c", .kind = SPARSE, .size = 65536, .allocated = 1024},
};

#endif
