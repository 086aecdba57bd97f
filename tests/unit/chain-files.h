/* SPDX-License-Identifier: MIT */
/*
 * Images that stand in memory, by name, and an opener for them. Every open is to be paired with its done: a store
 * counts both. An opener that is asked for canonical names tells those of the files that have one.
 */
#ifndef CHAIN_FILES_H
#define CHAIN_FILES_H

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "build-image.h"
#include "imgprobe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum kind { RAW, QCOW2, VMDK, SPARSE, SESPARSE, VHD };

/* One file of a chain. `spoil` writes a number over what was built, `cut` makes it shorter. */
struct file {
    const char *path;
    enum kind kind;
    struct build_qcow2 q;
    struct build_vmdk v; /* a SPARSE one has it inside if it has lines */
    struct build_vhd h;
    struct {
        size_t at, width;
        uint64_t number;
    } spoil;
    size_t size, cut; /* size: of a RAW file or a SPARSE disk, 0: 1024 */
    uint64_t inode;   /* 0: its own */
    uint64_t allocated;
    enum imgprobe_kind is;       /* NONE: FILE */
    enum imgprobe_status fails;  /* the opener */
    const char *field, *what;    /* with these */
    enum imgprobe_status broken; /* every read */
    const char *canonical;       /* NULL: the opener can't tell */
    bool linked;                 /* its name is a link's */
    size_t claims;               /* 0: the length of that */
};

/* clang-format off */
#define TOP .path = "/i/top"
#define IS_QCOW2(...) .kind = QCOW2, .q = {__VA_ARGS__}
#define IS_VMDK(...) .kind = VMDK, .v = {.lines = __VA_ARGS__}
#define IS_VHD(...) .kind = VHD, .h = {__VA_ARGS__}
#define DIFFERENCING(...) .kind = VHD, .h = {.type = BUILD_DIFFERENCING, .id = __VA_ARGS__}
#define NESTED(...) .kind = SPARSE, .v = {.lines = __VA_ARGS__}, .spoil = {12, 8, 0}
/* clang-format on */

/* The files, as the opener has them. */
struct stored {
    const struct file *file;
    struct build image;
    uint64_t inode, have; /* what lies behind `have` isn't there yet */
    uint64_t reads, bytes, opens;
};

struct store {
    struct stored *all;
    size_t count;
    uint64_t opens, dones, most_open;
    bool knows_names; /* the opener is asked for canonical names */
    uint64_t asked;   /* how often it was */
};

static alignas(max_align_t) unsigned char memory[IMGPROBE_WORKSPACE_DEFAULT];

static inline struct imgprobe_workspace whole_workspace(void)
{
    return (struct imgprobe_workspace){
        .struct_size = sizeof(struct imgprobe_workspace), .memory = memory, .size = sizeof memory};
}

static inline struct build make(const struct file *f)
{
    static const struct build none = {NULL, 0};
    size_t size = f->size ? f->size : 1024;
    struct build b;

    if (f->kind == QCOW2)
        b = build_qcow2(&f->q);
    else if (f->kind == VMDK)
        b = build_vmdk(&f->v);
    else if (f->kind == VHD)
        b = build_vhd(&f->h);
    else if (f->kind == SPARSE)
        b = build_sparse(size / 512, f->v.lines ? build_vmdk(&f->v) : none);
    else if (f->kind == SESPARSE)
        b = build_sesparse(size / 512);
    else
        b = build_raw(size);
    build_big(b, f->spoil.at, f->spoil.width, f->spoil.number);
    if (f->cut != 0)
        b.size = f->cut == SIZE_MAX ? 0 : f->cut;
    return b;
}

static inline struct store make_store(const struct file *files, size_t count)
{
    struct store s = {.all = calloc(count, sizeof *s.all)};

    assert_non_null(s.all);
    for (; s.count < count && files[s.count].path; s.count++)
        s.all[s.count] = (struct stored){&files[s.count],
                                         make(&files[s.count]),
                                         files[s.count].inode ? files[s.count].inode : s.count + 1,
                                         UINT64_MAX,
                                         0,
                                         0,
                                         0};
    return s;
}

static inline void free_store(struct store *s)
{
    while (s->count > 0)
        free(s->all[--s->count].image.bytes);
    free(s->all);
}

static inline enum imgprobe_status read_stored(void *context, uint64_t offset, void *buffer, size_t length)
{
    struct stored *s = context;

    assert_true(offset <= s->image.size && length <= s->image.size - offset);
    if (s->file->broken != IMGPROBE_OK)
        return s->file->broken;
    if (offset + length > s->have)
        return IMGPROBE_NEED;
    memcpy(buffer, s->image.bytes + offset, length);
    s->reads++;
    s->bytes += length;
    return IMGPROBE_OK;
}

static inline struct imgprobe_opened opened(struct stored *s)
{
    return (struct imgprobe_opened){
        .struct_size = sizeof(struct imgprobe_opened),
        .source = {.struct_size = sizeof(struct imgprobe_source),
                   .size = s->image.size,
                   .read_at = read_stored,
                   .context = s},
        .identity = {8, s->inode},
        .kind = s->file->is ? s->file->is : IMGPROBE_KIND_FILE,
        .allocated = s->file->allocated,
        .handle = s,
        .linked = s->file->linked,
    };
}

static inline enum imgprobe_status open_stored(void *context, const char *path, struct imgprobe_opened *ret,
                                               struct imgprobe_error *error)
{
    struct store *store = context;
    struct stored *s = store->all, *end = s + store->count;

    assert_int_equal(ret->struct_size, sizeof *ret);
    while (s < end && strcmp(s->file->path, path) != 0)
        s++;
    if (s == end || s->file->fails != IMGPROBE_OK) {
        error->field = s == end ? NULL : s->file->field;
        error->what = s == end ? "no such file" : s->file->what;
        error->absent = s == end;
        return s == end ? IMGPROBE_SYSTEM : s->file->fails;
    }
    s->opens++;
    store->opens++;
    if (store->opens - store->dones > store->most_open)
        store->most_open = store->opens - store->dones;
    *ret = opened(s);
    return IMGPROBE_OK;
}

/* What the opener gave comes back to it as it was. */
static inline struct stored *stored_of(const struct store *store, const struct imgprobe_opened *o)
{
    struct stored *s = o->handle;

    assert_true(s >= store->all && s < store->all + store->count);
    assert_ptr_equal(o->source.context, s);
    assert_true(o->source.read_at == read_stored && o->source.size == s->image.size);
    return s;
}

/* It may write all that it was given, whatever it then says. */
static inline size_t canonical_stored(void *context, const struct imgprobe_opened *o, char *name, size_t size)
{
    struct store *store = context;
    const struct stored *s = stored_of(store, o);
    size_t length = s->file->canonical ? strlen(s->file->canonical) : 0;

    assert_true(s == store->all || s->opens > 0);
    store->asked++;
    memset(name, 'x', size);
    memcpy(name, s->file->canonical ? s->file->canonical : "", length < size ? length : size);
    return s->file->claims ? s->file->claims : length;
}

static inline void done_stored(void *context, struct imgprobe_opened *o)
{
    struct store *store = context;
    struct stored *s = stored_of(store, o);

    assert_true(s->opens > 0);
    s->opens--;
    store->dones++;
}

static inline struct imgprobe_opener opener_of(struct store *store)
{
    return (struct imgprobe_opener){
        .struct_size = sizeof(struct imgprobe_opener),
        .open = open_stored,
        .done = done_stored,
        .context = store,
        .canonical = store->knows_names ? canonical_stored : NULL,
    };
}

static inline const char *path_of(const struct imgprobe_member *m)
{
    return m->path.bytes ? (const char *)m->path.bytes : "-";
}

static inline const struct imgprobe_reference *reference_at(const struct imgprobe_member *m, unsigned index)
{
    const struct imgprobe_reference *r = m->image->references;

    while (r && index-- > 0)
        r = r->next;
    assert_non_null(r);
    return r;
}

#endif
