/* SPDX-License-Identifier: MIT */
/*
 * The image inside a gzip file: the answer is that about the image by itself, as far as that can be told, and an
 * error where it can't. Nothing it names is opened or granted, and nothing is allocated.
 */
#include "chain-files.h"
#include "build-gzip.h"

#include <malloc.h>
#include <string.h>

static struct build file;
static uint64_t have, seen; /* what lies behind isn't there yet; bytes that the observer was told of */
static unsigned asked;
static bool in_order; /* a file that is inflated is read from its start to its end */
static alignas(max_align_t) unsigned char other[IMGPROBE_WORKSPACE_DEFAULT];

static enum imgprobe_status read_file(void *context, uint64_t offset, void *buffer, size_t length)
{
    (void)context;
    if (offset > file.size || length > file.size - offset)
        return IMGPROBE_TRUNCATED;
    if (offset + length > have)
        return IMGPROBE_NEED;
    memcpy(buffer, file.bytes + offset, length);
    return IMGPROBE_OK;
}

static void observe(void *observer, uint64_t offset, const void *bytes, size_t length)
{
    (void)observer;
    assert_true(!in_order || offset == seen);
    assert_memory_equal(bytes, file.bytes + offset, length);
    seen += length;
}

static enum imgprobe_status open_never(void *context, const char *path, struct imgprobe_opened *ret,
                                       struct imgprobe_error *error)
{
    (void)context;
    (void)path;
    (void)ret;
    (void)error;
    asked++;
    return IMGPROBE_SYSTEM;
}

static void done_never(void *context, struct imgprobe_opened *opened)
{
    (void)context;
    (void)opened;
    asked++;
}

static enum imgprobe_status ask(void *memory_of, size_t size, const char *format, bool inside, bool receipt,
                                const struct imgprobe_limits *limits, struct imgprobe_workspace *w,
                                struct imgprobe_chain **ret)
{
    const struct imgprobe_options options = {.struct_size = sizeof options,
                                             .format = format,
                                             .name = "/i/top",
                                             .inside = inside,
                                             .receipt = receipt,
                                             .limits = limits};
    const struct imgprobe_opened top = {
        .struct_size = sizeof top,
        .source = {.struct_size = sizeof top.source, .size = file.size, .read_at = read_file, .observe = observe},
        .identity = {8, 1},
        .kind = IMGPROBE_KIND_FILE};
    const struct imgprobe_opener opener = {.struct_size = sizeof opener, .open = open_never, .done = done_never};

    *w = (struct imgprobe_workspace){.struct_size = sizeof *w, .memory = memory_of, .size = size};
    *ret = NULL;
    in_order = inside && file.size > 2 && memcmp(file.bytes, "\x1f\x8b\x08", 3) == 0;
    seen = asked = 0;
    return imgprobe_chain(&options, &top, inside ? &opener : NULL, w, ret);
}

static void same_text(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a)
        assert_string_equal(a, b);
}

static void same_bytes(struct imgprobe_bytes a, struct imgprobe_bytes b)
{
    assert_int_equal(a.length, b.length);
    if (a.length != 0)
        assert_memory_equal(a.bytes, b.bytes, a.length);
}

static void same_references(const struct imgprobe_reference *a, const struct imgprobe_reference *b)
{
    for (; a && b; a = a->next, b = b->next) {
        assert_int_equal(a->role, b->role);
        assert_int_equal(a->stated.offset, b->stated.offset);
        same_bytes(a->stated.name, b->stated.name);
        same_bytes(a->led.format, b->led.format);
        same_bytes(a->led.path, b->led.path);
        assert_null(a->led.member);
    }
    assert_true(!a && !b);
}

static void same_lists(const struct imgprobe_image *a, const struct imgprobe_image *b)
{
    const struct imgprobe_attribute *x = a->attributes, *y = b->attributes;
    const struct imgprobe_finding *f = a->findings, *g = b->findings;
    const struct imgprobe_word *v = a->content, *u = b->content;

    for (; x && y; x = x->next, y = y->next) {
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->number, y->number);
        same_bytes(x->text, y->text);
    }
    assert_true(!x && !y);
    for (; f && g; f = f->next, g = g->next) {
        assert_ptr_equal(f->row, g->row);
        assert_int_equal(f->offset, g->offset);
        assert_string_equal(f->message, g->message);
    }
    assert_true(!f && !g);
    for (; v && u; v = v->next, u = u->next)
        assert_string_equal(v->name, u->name);
    assert_true(!v && !u);
}

static void same_image(const struct imgprobe_image *a, const struct imgprobe_image *b)
{
    assert_int_equal(a->error.status, b->error.status);
    same_text(a->error.field, b->error.field);
    same_text(a->error.what, b->error.what);
    assert_int_equal(a->error.offset, b->error.offset);
    assert_int_equal(a->error.found, b->error.found);
    assert_ptr_equal(a->format, b->format);
    same_text(a->variant, b->variant);
    assert_int_equal(a->references_state, b->references_state);
    assert_int_equal(a->file_size, b->file_size);
    assert_int_equal(a->virtual_size, b->virtual_size);
    same_references(a->references, b->references);
    same_lists(a, b);
}

static struct build iso(void)
{
    struct build b = build_raw(40000);

    build_text(b, 32769, "CD001\1");
    return b;
}

static struct build make_image(size_t index)
{
    switch (index) {
    case 0:
        return build_qcow2(&(struct build_qcow2){.backing = "base", .format = "qcow2", .data_file = "data"});
    case 1:
        return build_qcow2(&(struct build_qcow2){.extensions = 200, .extension_length = 24, .cluster_bits = 16});
    case 2:
        return build_vmdk(&(struct build_vmdk){.lines = "RW 1 FLAT \"a\" 0\nRW 2 SPARSE \"b\"\n", .parent = "nbd:x"});
    case 3:
        return build_sparse(65536, build_vmdk(&(struct build_vmdk){.lines = "", .id = 5}));
    case 4:
        return build_vhd(&(struct build_vhd){.type = BUILD_DIFFERENCING, .id = 1, .relative = ".\\a", .header = "a"});
    case 5:
        return build_vhd(&(struct build_vhd){.id = 3});
    case 6:
        return build_noise(40000);
    case 7:
        return build_raw(100);
    case 8:
        return build_raw(0);
    case 9:
        return iso();
    default:
        return build_raw(3000000);
    }
}
#define IMAGES 11

static void test_same(void **state)
{
    static const char *const formats[] = {NULL, "raw", "qcow2"};
    struct imgprobe_workspace w, w2;
    struct imgprobe_chain *plain, *inside;
    size_t i, k;
    int level;

    (void)state;
    for (i = 0; i < IMAGES; i++)
        for (k = 0; k < COUNT(formats); k++)
            for (level = 0; level < 10; level += 3) {
                file = make_image(i);
                have = UINT64_MAX;
                if (level == 0 && file.size > 500000) {
                    free(file.bytes);
                    continue;
                }
                (void)ask(other, sizeof other, formats[k], false, false, NULL, &w, &plain);
                file = build_gzip(file, level);
                (void)ask(memory, sizeof memory, formats[k], true, false, NULL, &w2, &inside);
                assert_string_equal(inside->members->image->inside->compression, "gzip");
                assert_int_equal(asked, 0);
                assert_int_equal(seen, file.size);
                assert_int_equal(inside->members->image->bytes, file.size);
                assert_true(inside->members->image->inside->inflated <= 16777216);
                same_image(inside->members->image, plain->members->image);
                free(file.bytes);
            }
}

/* A file that isn't compressed is answered for as without. */
static void test_nothing_inside(void **state)
{
    struct imgprobe_workspace w, w2;
    struct imgprobe_chain *plain, *inside;
    size_t i;

    (void)state;
    have = UINT64_MAX;
    for (i = 0; i < IMAGES; i++) {
        file = make_image(i);
        (void)ask(other, sizeof other, NULL, false, false, NULL, &w, &plain);
        (void)ask(memory, sizeof memory, NULL, true, false, NULL, &w2, &inside);
        assert_null(inside->members->image->inside);
        same_lists(inside->members->image, plain->members->image);
        assert_int_equal(inside->members->image->bytes, plain->members->image->bytes);
        free(file.bytes);
    }
}

/* The image of a file that was changed, or cut short, is never another one that is answered for. */
static void test_damaged(void **state)
{
    struct imgprobe_workspace w;
    struct imgprobe_chain *chain, *whole_chain;
    unsigned char whole;
    enum imgprobe_status s;
    size_t i, size;
    unsigned bit;

    (void)state;
    have = UINT64_MAX;
    file = build_gzip(build_qcow2(&(struct build_qcow2){.cluster_bits = 12}), 9);
    assert_int_equal(ask(other, sizeof other, NULL, true, false, NULL, &w, &whole_chain), IMGPROBE_OK);
    for (i = 0; i < file.size; i++)
        for (bit = 0; bit < 8; bit++) {
            whole = file.bytes[i];
            file.bytes[i] ^= (unsigned char)(1u << bit);
            s = ask(memory, sizeof memory, NULL, true, false, NULL, &w, &chain);
            file.bytes[i] = whole;
            if (i < 3)
                assert_null(chain->members->image->inside); /* it's no gzip any more */
            else if (s == IMGPROBE_OK) {
                /* it's when it was made and where, or says nothing to whoever inflates it */
                same_image(chain->members->image, whole_chain->members->image);
            }
        }
    for (size = file.size, file.size = 3; file.size < size; file.size++) {
        assert_int_equal(ask(memory, sizeof memory, NULL, true, false, NULL, &w, &chain), IMGPROBE_TRUNCATED);
        assert_int_equal(chain->members->image->references_state, IMGPROBE_REFERENCES_CANNOT_TELL);
    }
    free(file.bytes);
}

/* What stands behind the first member, and what a header says. */
static const struct odd {
    const char *name, *behind, *field;
    int flags; /* in the header; -1: as they are */
    enum imgprobe_status status;
} odds[] = {
    {"a second member", "\x1f\x8b\x08", "gzip", -1, IMGPROBE_AMBIGUOUS},
    {"the first byte of one", "\x1f", "gzip", -1, IMGPROBE_AMBIGUOUS},
    {"something else", "x", "gzip", -1, IMGPROBE_MALFORMED},
    {"reserved flag 5", "", "gzip", 0x20, IMGPROBE_UNSUPPORTED},
    {"reserved flag 6", "", "gzip", 0x40, IMGPROBE_UNSUPPORTED},
    {"reserved flag 7", "", "gzip", 0x80, IMGPROBE_UNSUPPORTED},
    {"a header checksum that isn't there", "", "gzip", 2, IMGPROBE_MALFORMED},
    {"nothing odd", "", NULL, -1, IMGPROBE_OK},
};

static void test_odd(void **state)
{
    const struct odd *c = *state;
    struct imgprobe_workspace w;
    struct imgprobe_chain *chain;
    struct build b = build_gzip(build_qcow2(&(struct build_qcow2){.cluster_bits = 12}), 9);

    have = UINT64_MAX;
    file = build_raw(b.size + strlen(c->behind));
    build_bytes(file, 0, b.bytes, b.size);
    build_text(file, b.size, c->behind);
    if (c->flags >= 0)
        file.bytes[3] = (unsigned char)c->flags;
    assert_int_equal(ask(memory, sizeof memory, NULL, true, false, NULL, &w, &chain), c->status);
    same_text(chain->error.field, c->field);
    assert_string_equal(chain->members->image->inside->compression, "gzip");
    free(b.bytes);
    free(file.bytes);
}

static void test_twice(void **state)
{
    struct imgprobe_workspace w;
    struct imgprobe_verdict *verdict = NULL;
    struct imgprobe_chain *chain;

    (void)state;
    have = UINT64_MAX;
    file = build_gzip(build_gzip(build_raw(512), 9), 9);
    assert_int_equal(ask(memory, sizeof memory, "raw", true, false, NULL, &w, &chain), IMGPROBE_REFUSED);
    assert_string_equal(chain->error.field, "compressed-twice");
    assert_int_equal(imgprobe_check(NULL, chain, &w, &verdict), IMGPROBE_REFUSED);
    assert_string_equal(verdict->findings->row->id, "compressed-twice");
    free(file.bytes);
}

static bool not_whole(const struct imgprobe_image *image)
{
    const struct imgprobe_finding *f = image->findings;

    while (f && strcmp(f->row->id, "inside-not-whole") != 0)
        f = f->next;
    return f != NULL;
}

/* An image behind whose head more follows than the limits let anybody look at: `more` zeros, or noise. */
static struct build make_large(struct build head, size_t more, bool noise)
{
    struct build rest = noise ? build_noise(more) : build_raw(more), b = build_raw(head.size + more);

    build_bytes(b, 0, head.bytes, head.size);
    build_bytes(b, head.size, rest.bytes, more);
    free(head.bytes);
    free(rest.bytes);
    return b;
}

/* A head with a magic decides. Nothing else can be told, but for raw where it was said, whose size isn't known. */
static void test_large(void **state)
{
    static const struct build_qcow2 how = {.backing = "b", .format = "raw"};
    struct imgprobe_workspace w, w2;
    struct imgprobe_chain *plain, *inside;
    struct build head, large;
    bool noise;
    int i;

    (void)state;
    have = UINT64_MAX;
    for (i = 0; i < 2; i++) {
        noise = i == 0;
        large = make_large(build_qcow2(&how), noise ? 600000 : 5000000, noise);
        file = large;
        (void)ask(other, sizeof other, NULL, false, false, NULL, &w, &plain);
        file = build_gzip(large, 6);
        assert_int_equal(ask(memory, sizeof memory, NULL, true, false, NULL, &w2, &inside), IMGPROBE_REFUSED);
        assert_string_equal(inside->error.field, "not-followed");
        same_references(inside->members->image->references, plain->members->image->references);
        assert_int_equal(inside->members->image->virtual_size, plain->members->image->virtual_size);
        assert_int_equal(inside->members->image->file_size, IMGPROBE_UNKNOWN);
        assert_true(not_whole(inside->members->image));
        assert_true(!noise || inside->members->image->bytes < 65536); /* as much as the head needs */
        free(file.bytes);

        file = build_gzip(make_large(build_raw(512), noise ? 600000 : 5000000, noise), 6);
        assert_int_equal(ask(memory, sizeof memory, NULL, true, false, NULL, &w2, &inside), IMGPROBE_LIMIT);
        assert_string_equal(inside->error.field, noise ? "inside_compressed" : "inside_inflated");
        assert_null(inside->members->image->format);
        assert_int_equal(inside->members->image->references_state, IMGPROBE_REFERENCES_CANNOT_TELL);
        assert_int_equal(ask(memory, sizeof memory, "raw", true, false, NULL, &w2, &inside), IMGPROBE_OK);
        assert_int_equal(inside->members->image->virtual_size, IMGPROBE_UNKNOWN);
        free(file.bytes);
    }
    /* The copy of a footer at the head decides nothing without the footer. */
    head = build_vhd(&(struct build_vhd){.id = 3});
    file = build_gzip(make_large(head, 5000000, false), 6);
    assert_int_equal(ask(memory, sizeof memory, NULL, true, false, NULL, &w2, &inside), IMGPROBE_LIMIT);
    assert_string_equal(inside->error.field, "inside_inflated");
    free(file.bytes);
}

static void test_granted(void **state)
{
    static const struct imgprobe_check_options base = {.struct_size = sizeof base, .policy = "base"};
    struct imgprobe_access *access = NULL;
    struct imgprobe_verdict *verdict = NULL;
    struct imgprobe_workspace w;
    struct imgprobe_chain *chain;

    (void)state;
    have = UINT64_MAX;
    file = build_gzip(build_qcow2(&(struct build_qcow2){.cluster_bits = 12}), 9);
    assert_int_equal(ask(memory, sizeof memory, "qcow2", true, false, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(imgprobe_check(&base, chain, &w, &verdict), IMGPROBE_OK);
    assert_int_equal(imgprobe_access(NULL, chain, &w, &access), IMGPROBE_REFUSED);
    assert_string_equal(access->error.field, "content-compressed");
    free(file.bytes);
}

/* The receipt is of the file, and of what was read of it. */
static void test_receipt(void **state)
{
    struct imgprobe_workspace w;
    struct imgprobe_chain *chain;
    const struct imgprobe_receipt *r;
    uint64_t bytes = 0;
    size_t i;

    (void)state;
    have = UINT64_MAX;
    file = build_gzip(build_noise(100000), 9);
    assert_int_equal(ask(memory, sizeof memory, NULL, true, true, NULL, &w, &chain), IMGPROBE_OK);
    r = chain->members->receipt;
    assert_non_null(r);
    for (i = 0; i < r->range_count; i++) {
        assert_int_equal(r->ranges[i].offset, bytes);
        bytes += r->ranges[i].length;
    }
    assert_int_equal(bytes, file.size);
    assert_int_equal(bytes, chain->members->image->bytes);
    free(file.bytes);
}

/* NEED names a range of the file; once it's there, the answer is the file's. */
static void test_stream(void **state)
{
    struct imgprobe_workspace w;
    struct imgprobe_chain *chain;
    enum imgprobe_status s;
    unsigned needs = 0;

    (void)state;
    file = build_gzip(build_noise(100000), 9);
    for (have = 0; (s = ask(memory, sizeof memory, NULL, true, false, NULL, &w, &chain)) == IMGPROBE_NEED; needs++) {
        assert_true(chain->error.offset + chain->error.least > have);
        assert_true(chain->error.offset + chain->error.least <= file.size);
        have = chain->error.offset + chain->error.least;
    }
    assert_int_equal(s, IMGPROBE_OK);
    assert_true(needs > 5);
    assert_int_equal(chain->members->image->virtual_size, 100352);
    free(file.bytes);
}

static void test_need_resumes(void **state)
{
    const struct imgprobe_options options = {.struct_size = sizeof options, .inside = true};
    struct imgprobe_source source = {.struct_size = sizeof source, .read_at = read_file, .size = IMGPROBE_UNKNOWN};
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = memory, .size = sizeof memory};
    struct imgprobe_image *image;

    (void)state;
    file = build_gzip(build_noise(100000), 9);
    for (have = 0; imgprobe_probe(&options, &source, &w, &image) == IMGPROBE_NEED;) {
        if (image->error.offset == IMGPROBE_UNKNOWN)
            source.size = file.size;
        else
            have = image->error.offset + image->error.least;
        assert_true(have <= file.size);
    }
    assert_int_equal(image->error.status, IMGPROBE_OK);
    assert_string_equal(image->format->name, "raw");
    assert_int_equal(image->file_size, 100000);
    free(file.bytes);
}

/* Whatever the workspace, it's the whole answer or LIMIT. None of it comes from an allocator. */
static void test_workspace(void **state)
{
    struct imgprobe_workspace w;
    struct imgprobe_chain *chain;
    enum imgprobe_status s = IMGPROBE_LIMIT;
    size_t size;

    (void)state;
    have = UINT64_MAX;
    file = build_gzip(build_qcow2(&(struct build_qcow2){.cluster_bits = 16}), 9);
    for (size = 0; s != IMGPROBE_OK; size += 64) {
        assert_true(size < 131072);
        s = ask(memory, size, NULL, true, false, NULL, &w, &chain);
        assert_true(s == IMGPROBE_OK || s == IMGPROBE_LIMIT || s == IMGPROBE_USAGE);
        assert_true(s != IMGPROBE_LIMIT || strcmp(chain->error.field, "workspace") == 0);
    }
    assert_true(size > 40000); /* zlib's, and its window */
    free(file.bytes);
}

#ifdef __GLIBC__
static void test_allocates_nothing(void **state)
{
    struct imgprobe_workspace w;
    struct imgprobe_chain *chain;
    struct mallinfo2 before, after;

    (void)state;
    have = UINT64_MAX;
    file = build_gzip(build_noise(100000), 9);
    before = mallinfo2(); /* zlib's state is never ended, so what it took by itself would still be in use */
    assert_int_equal(ask(memory, sizeof memory, NULL, true, false, NULL, &w, &chain), IMGPROBE_OK);
    after = mallinfo2();
    assert_int_equal(after.uordblks, before.uordblks);
    assert_int_equal(after.hblkhd, before.hblkhd);
    free(file.bytes);
}
#endif

int main(void)
{
    struct CMUnitTest tests[COUNT(odds) + 12] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_nothing_inside),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_granted),
        cmocka_unit_test(test_receipt),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_need_resumes),
        cmocka_unit_test(test_workspace),
#ifdef __GLIBC__
        cmocka_unit_test(test_allocates_nothing),
#endif
    };
    size_t count = 0, i;

    while (tests[count].name)
        count++;
    for (i = 0; i < COUNT(odds); i++)
        tests[count++] = (struct CMUnitTest){odds[i].name, test_odd, NULL, NULL, (void *)(uintptr_t)&odds[i]};
    return _cmocka_run_group_tests("inside", tests, count, NULL, NULL);
}
