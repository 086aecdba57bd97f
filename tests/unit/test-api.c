/* SPDX-License-Identifier: MIT */
/*
 * What every caller may count on, whatever the image: structs of other versions, arguments that are mistakes, the
 * table of formats, and the same answer each time, in any memory and from any thread.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "build-image.h"
#include "imgprobe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MEMORY_SIZE ((size_t)262144)
#define THREADS 8
#define ROUNDS 100

static alignas(max_align_t) unsigned char memory[MEMORY_SIZE];
static unsigned reads, opens, dones, observed;
static const unsigned char zeros[1024];

static enum imgprobe_status read_zeros(void *context, uint64_t offset, void *buffer, size_t length)
{
    (void)context;
    assert_true(offset + length <= sizeof zeros);
    reads++;
    memset(buffer, 0, length);
    return IMGPROBE_OK;
}

static void observe(void *observer, uint64_t offset, const void *bytes, size_t length)
{
    (void)observer;
    (void)offset;
    (void)bytes;
    (void)length;
    observed++;
}

static enum imgprobe_status open_zeros(void *context, const char *path, struct imgprobe_opened *ret,
                                       struct imgprobe_error *error)
{
    (void)path;
    (void)error;
    assert_null(context);
    imgprobe_source_buffer(&ret->source, zeros, sizeof zeros);
    ret->identity.inode = 1;
    opens++;
    return IMGPROBE_OK;
}

static void done_zeros(void *context, struct imgprobe_opened *opened)
{
    (void)opened;
    assert_null(context);
    dones++;
}

/* Everything that a caller hands over, each struct with room behind it for what a later version may add. */
struct call {
    struct {
        struct imgprobe_options s;
        unsigned char later[32];
    } options;
    struct {
        struct imgprobe_limits s;
        unsigned char later[32];
    } limits;
    struct {
        struct imgprobe_source s;
        unsigned char later[32];
    } source;
    struct {
        struct imgprobe_opened s;
        unsigned char later[32];
    } top;
    struct {
        struct imgprobe_opener s;
        unsigned char later[32];
    } opener;
    struct {
        struct imgprobe_workspace s;
        unsigned char later[32];
    } workspace;
};

static struct call good_call(void)
{
    struct call c;

    memset(&c, 0, sizeof c);
    reads = opens = dones = observed = 0;
    c.options.s.struct_size = sizeof c.options.s;
    c.options.s.limits = &c.limits.s; /* to be set again by who copies it */
    c.options.s.name = "/i/top";
    c.limits.s.struct_size = sizeof c.limits.s;
    c.source.s = (struct imgprobe_source){
        .struct_size = sizeof c.source.s, .size = sizeof zeros, .read_at = read_zeros, .observe = observe};
    c.top.s.struct_size = sizeof c.top.s;
    c.top.s.source = c.source.s;
    c.opener.s = (struct imgprobe_opener){.struct_size = sizeof c.opener.s, .open = open_zeros, .done = done_zeros};
    c.workspace.s =
        (struct imgprobe_workspace){.struct_size = sizeof c.workspace.s, .memory = memory, .size = sizeof memory};
    return c;
}

static enum imgprobe_status call_probe(struct call *c)
{
    struct imgprobe_image *image = NULL;
    enum imgprobe_status s;

    c->options.s.limits = &c->limits.s;
    s = imgprobe_probe(&c->options.s, &c->source.s, &c->workspace.s, &image);
    assert_int_equal(s == IMGPROBE_USAGE, image == NULL);
    assert_true(s != IMGPROBE_USAGE || reads == 0);
    if (image)
        assert_int_equal(image->error.status, s);
    return s;
}

static enum imgprobe_status call_chain(struct call *c)
{
    struct imgprobe_chain *chain = NULL;
    enum imgprobe_status s;

    c->options.s.limits = &c->limits.s;
    s = imgprobe_chain(&c->options.s, &c->top.s, &c->opener.s, &c->workspace.s, &chain);
    assert_int_equal(s == IMGPROBE_USAGE, chain == NULL);
    assert_true(s != IMGPROBE_USAGE || (reads == 0 && opens == 0));
    if (chain)
        assert_int_equal(chain->error.status, s);
    return s;
}

/* The structs that say their own size: where it stands in a call, and how much an older version may lack. */
#define STRUCT(member, type, least)                                                                                  \
    {                                                                                                                \
#member, offsetof(struct call, member), sizeof(struct type), least                                           \
    }
static const struct sized {
    const char *name;
    size_t place, size;
    size_t least; /* of which the rest may be missing */
} sized[] = {
    STRUCT(options, imgprobe_options, sizeof(size_t)),
    STRUCT(limits, imgprobe_limits, sizeof(size_t)),
    STRUCT(source, imgprobe_source, offsetof(struct imgprobe_source, context)),
    STRUCT(top, imgprobe_opened, offsetof(struct imgprobe_opened, identity)),
    STRUCT(opener, imgprobe_opener, offsetof(struct imgprobe_opener, context)),
    STRUCT(workspace, imgprobe_workspace, sizeof(struct imgprobe_workspace)),
};

/* Whether the calls that take the struct are good ones. */
static bool accepted(const struct sized *s, struct call *c)
{
    bool in_probe = strcmp(s->name, "top") != 0 && strcmp(s->name, "opener") != 0;
    bool in_chain = strcmp(s->name, "source") != 0;
    bool probe = call_probe(c) == IMGPROBE_OK, chain;

    reads = 0;
    chain = call_chain(c) == IMGPROBE_OK;
    assert_true(in_probe || probe);
    assert_true(in_chain || chain);
    assert_true(!in_probe || !in_chain || probe == chain);
    return in_probe ? probe : chain;
}

static void test_struct_size(void **state)
{
    const struct sized *s = *state;
    size_t size;

    for (size = 0; size <= s->size + 32; size++) {
        struct call c = good_call();

        memcpy((unsigned char *)&c + s->place, &size, sizeof size);
        if (size < sizeof size)
            assert_false(accepted(s, &c));
        else if (size >= s->least && (size >= s->size || size % sizeof(void *) == 0))
            assert_true(accepted(s, &c));
    }
}

static void test_later_bytes(void **state)
{
    const struct sized *s = *state;
    size_t i;

    for (i = 0; i < 32; i++) {
        struct call c = good_call();
        size_t size = s->size + 32;

        memcpy((unsigned char *)&c + s->place, &size, sizeof size);
        ((unsigned char *)&c)[s->place + s->size + i] = 1;
        assert_false(accepted(s, &c));
        c = good_call();
        size = s->size + i;
        memcpy((unsigned char *)&c + s->place, &size, sizeof size);
        ((unsigned char *)&c)[s->place + s->size + i] = 1;
        assert_true(accepted(s, &c));
    }
}

/* What lies behind an older caller's struct is never looked at. */
static void test_older_options(void **state)
{
    struct call c = good_call();
    struct imgprobe_image *image = NULL;

    (void)state;
    memset(&c.options.s, 0xa5, sizeof c.options.s);
    c.options.s.struct_size = offsetof(struct imgprobe_options, reader);
    c.options.s.format = "raw";
    assert_int_equal(imgprobe_probe(&c.options.s, &c.source.s, &c.workspace.s, &image), IMGPROBE_OK);
    assert_int_equal(image->format_source, IMGPROBE_FORMAT_PINNED);
}

static void test_older_source(void **state)
{
    struct call c = good_call();

    (void)state;
    assert_int_equal(call_probe(&c), IMGPROBE_OK);
    assert_int_equal(observed, 1);
    c.source.s.struct_size = offsetof(struct imgprobe_source, observe);
    assert_int_equal(call_probe(&c), IMGPROBE_OK);
    assert_int_equal(observed, 1);
}

static void test_older_limits(void **state)
{
    struct call c = good_call();

    (void)state;
    c.limits.s.chain_depth = UINT64_MAX;
    assert_int_equal(call_probe(&c), IMGPROBE_USAGE);
    c.limits.s.struct_size = offsetof(struct imgprobe_limits, chain_depth);
    assert_int_equal(call_probe(&c), IMGPROBE_OK);
}

/* One mistake each. The call must be refused before anything is read. */
static void no_format(struct call *c)
{
    c->options.s.format = "nosuch";
}
static void empty_format(struct call *c)
{
    c->options.s.format = "";
}
static void format_in_capitals(struct call *c)
{
    c->options.s.format = "QCOW2";
}
static void format_with_blank(struct call *c)
{
    c->options.s.format = "raw ";
}
static void no_reader(struct call *c)
{
    c->options.s.reader = (enum imgprobe_reader)2;
}
static void no_follow(struct call *c)
{
    c->options.s.follow = (enum imgprobe_follow)2;
}
static void no_memory(struct call *c)
{
    c->workspace.s.memory = NULL;
}
static void results_beyond_size(struct call *c)
{
    c->workspace.s.results = MEMORY_SIZE + 1;
}
static void ranges_beyond_size(struct call *c)
{
    c->workspace.s.ranges = MEMORY_SIZE + 1;
}
static void both_beyond_size(struct call *c)
{
    c->workspace.s.ranges = MEMORY_SIZE / 2 + 32;
    c->workspace.s.results = MEMORY_SIZE / 2;
}
static void no_room(struct call *c)
{
    c->workspace.s.size = 0;
}
static void no_read_at(struct call *c)
{
    c->source.s.read_at = NULL;
    c->top.s.source.read_at = NULL;
}

static const struct mistake {
    const char *name;
    void (*make)(struct call *c);
} mistakes[] = {
    {"a format that nobody knows", no_format},
    {"a format without letters", empty_format},
    {"a format in capitals", format_in_capitals},
    {"a format and a blank", format_with_blank},
    {"an unknown reader", no_reader},
    {"an unknown way to follow", no_follow},
    {"no memory", no_memory},
    {"a workspace with more results than it holds", results_beyond_size},
    {"a workspace with more ranges than it holds", ranges_beyond_size},
    {"a workspace with more of both than it holds", both_beyond_size},
    {"a workspace of no size", no_room},
    {"a source without a function", no_read_at},
};

static void test_mistake(void **state)
{
    const struct mistake *m = *state;
    struct call c = good_call();

    m->make(&c);
    assert_int_equal(call_probe(&c), IMGPROBE_USAGE);
    c = good_call();
    m->make(&c);
    assert_int_equal(call_chain(&c), IMGPROBE_USAGE);
}

static void test_misaligned(void **state)
{
    size_t off;

    (void)state;
    for (off = 0; off < 2 * alignof(max_align_t); off++) {
        struct call c = good_call();
        bool good = off % alignof(max_align_t) == 0;

        c.workspace.s.memory = memory + off;
        c.workspace.s.size -= off;
        assert_int_equal(call_probe(&c), good ? IMGPROBE_OK : IMGPROBE_USAGE);
        reads = 0;
        assert_int_equal(call_chain(&c), good ? IMGPROBE_OK : IMGPROBE_USAGE);
    }
}

static void test_null(void **state)
{
    struct call c = good_call();
    struct imgprobe_image *image = NULL;
    struct imgprobe_chain *chain = NULL;

    (void)state;
    c.options.s.limits = NULL;
    assert_int_equal(imgprobe_probe(&c.options.s, NULL, &c.workspace.s, &image), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_probe(&c.options.s, &c.source.s, NULL, &image), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_probe(&c.options.s, &c.source.s, &c.workspace.s, NULL), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_chain(&c.options.s, NULL, &c.opener.s, &c.workspace.s, &chain), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_chain(&c.options.s, &c.top.s, &c.opener.s, NULL, &chain), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_chain(&c.options.s, &c.top.s, &c.opener.s, &c.workspace.s, NULL), IMGPROBE_USAGE);
    assert_int_equal(reads, 0);
    assert_null(image);
    assert_null(chain);
    assert_int_equal(imgprobe_probe(NULL, &c.source.s, &c.workspace.s, &image), IMGPROBE_OK);
    assert_int_equal(imgprobe_chain(NULL, &c.top.s, NULL, &c.workspace.s, &chain), IMGPROBE_OK);
}

static void test_opener(void **state)
{
    struct call c = good_call();
    struct build overlay = build_qcow2(&(struct build_qcow2){.backing = "base", .format = "raw"});

    (void)state;
    c.opener.s.done = NULL;
    assert_int_equal(call_chain(&c), IMGPROBE_USAGE);
    c = good_call();
    c.opener.s.open = NULL;
    assert_int_equal(call_chain(&c), IMGPROBE_USAGE);
    c = good_call();
    imgprobe_source_buffer(&c.top.s.source, overlay.bytes, overlay.size);
    assert_int_equal(call_chain(&c), IMGPROBE_OK);
    assert_int_equal(opens, 1);
    assert_int_equal(dones, 1);
    free(overlay.bytes);
}

static enum imgprobe_status declare(const struct imgprobe_declaration *declarations, size_t count)
{
    struct call c = good_call();

    c.options.s.declarations = declarations;
    c.options.s.declaration_count = count;
    return call_chain(&c);
}

static void test_declarations(void **state)
{
    static const struct imgprobe_declaration good = {{1, 2}, "qcow2"}, unknown = {{1, 2}, "nosuch"};
    static const struct imgprobe_declaration qemu = {{1, 2}, "vpc"}, empty = {{1, 2}, ""};

    (void)state;
    assert_int_equal(declare(&good, 1), IMGPROBE_OK);
    assert_int_equal(declare(&qemu, 1), IMGPROBE_OK);
    assert_int_equal(declare(NULL, 0), IMGPROBE_OK);
    assert_int_equal(declare(&unknown, 1), IMGPROBE_USAGE);
    assert_int_equal(declare(&empty, 1), IMGPROBE_USAGE);
}

/* Missing where the overlay's base could be any: looked at, it would be a crash. */
static void test_declarations_missing(void **state)
{
    (void)state;
    assert_int_equal(declare(NULL, 1), IMGPROBE_USAGE);
}

static void test_declaration_without_format(void **state)
{
    static const struct imgprobe_declaration formatless = {{1, 2}, NULL};

    (void)state;
    assert_int_equal(declare(&formatless, 1), IMGPROBE_USAGE);
}

static const struct {
    const char *name, *qemu_name;
    enum imgprobe_tier tier;
    bool decoded;
    unsigned reads;
    uint64_t bytes;
} formats[] = {
    {"qcow2", "qcow2", IMGPROBE_TIER_GUEST, true, 4, 8192},
    {"vmdk", "vmdk", IMGPROBE_TIER_IMPORT, true, 5, 24576},
    {"vhd", "vpc", IMGPROBE_TIER_IMPORT, true, 11, 16384},
    {"vhdx", "vhdx", IMGPROBE_TIER_IMPORT, true, 12, 16384},
    {"vdi", "vdi", IMGPROBE_TIER_IMPORT, true, 4, 8192},
    {"qed", "qed", IMGPROBE_TIER_REFUSE, true, 4, 8192},
    {"qcow", "qcow", IMGPROBE_TIER_REFUSE, true, 4, 8192},
    {"luks", "luks", IMGPROBE_TIER_GUEST, true, 4, 8192},
    {"parallels", "parallels", IMGPROBE_TIER_IMPORT, true, 4, 8192},
    {"bochs", "bochs", IMGPROBE_TIER_REFUSE, true, 4, 8192},
    {"cloop", "cloop", IMGPROBE_TIER_REFUSE, true, 4, 8192},
    {"dmg", "dmg", IMGPROBE_TIER_REFUSE, true, 4, 8192},
    {"raw", "raw", IMGPROBE_TIER_GUEST, true, 4, 8192},
};

static void test_formats(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(formats); i++) {
        const struct imgprobe_format *row = imgprobe_format_named(formats[i].name);

        assert_non_null(row);
        assert_string_equal(row->name, formats[i].name);
        assert_string_equal(row->qemu_name, formats[i].qemu_name);
        assert_int_equal(row->tier, formats[i].tier);
        assert_int_equal(row->decoded, formats[i].decoded);
        assert_int_equal(row->reads, formats[i].reads);
        assert_int_equal(row->bytes, formats[i].bytes);
        assert_ptr_equal(imgprobe_format_named(formats[i].qemu_name), row);
    }
}

/* A driver that a backing format may name though it is a protocol's, and a format's other name. */
static void test_format_aliases(void **state)
{
    static const char *const protocols[] = {"file", "host_device", "host_cdrom", "nbd", "http", "https",   "ftp",
                                            "ftps", "ssh",         "iscsi",      "rbd", "nfs",  "gluster", "nvme"};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(protocols); i++)
        assert_ptr_equal(imgprobe_format_named(protocols[i]), imgprobe_format_named("raw"));
    assert_ptr_equal(imgprobe_format_named("ploop"), imgprobe_format_named("parallels"));
    assert_null(imgprobe_format_named("host"));
    assert_null(imgprobe_format_named(""));
}

static void test_format_table(void **state)
{
    const struct imgprobe_format *row, *other;
    size_t i, j;

    (void)state;
    for (i = 0; (row = imgprobe_format_at(i)) != NULL; i++) {
        assert_true(row->name[0] != '\0' && row->why != NULL && row->why[0] != '\0');
        assert_true(row->tier <= IMGPROBE_TIER_REFUSE);
        assert_true(row->decoded || row->tier >= IMGPROBE_TIER_IDENTIFY);
        assert_ptr_equal(imgprobe_format_named(row->name), row);
        for (j = 0; j < i; j++) {
            other = imgprobe_format_at(j);
            assert_string_not_equal(other->name, row->name);
            assert_true(!row->qemu_name || !other->qemu_name || strcmp(other->qemu_name, row->qemu_name) != 0);
        }
    }
    assert_true(i >= COUNT(formats));
    assert_string_equal(imgprobe_format_at(i - 1)->name, "raw");
    assert_null(imgprobe_format_at(i + 1));
    assert_null(imgprobe_format_at(SIZE_MAX));
    assert_null(imgprobe_format_named(""));
    assert_null(imgprobe_format_named("nosuch"));
    assert_null(imgprobe_format_named("RAW"));
    assert_null(imgprobe_format_named("qcow2 "));
    assert_string_equal(imgprobe_format_named("file")->name, "raw");
}

/* Every format pinned to bytes that aren't it says so; to raw everything is raw. */
static void test_pinned(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(formats); i++) {
        struct call c = good_call();
        struct imgprobe_image *image = NULL;
        bool compiled = imgprobe_format_named(formats[i].name)->compiled;
        enum imgprobe_status s;

        c.options.s.limits = NULL;
        c.options.s.format = formats[i].qemu_name;
        s = imgprobe_probe(&c.options.s, &c.source.s, &c.workspace.s, &image);
        if (compiled || s != IMGPROBE_UNSUPPORTED)
            assert_int_equal(s, strcmp(formats[i].name, "raw") == 0 ? IMGPROBE_OK : IMGPROBE_MALFORMED);
        assert_string_equal(image->format->name, formats[i].name);
        assert_int_equal(image->format_source, IMGPROBE_FORMAT_PINNED);
        assert_int_equal(image->references_state,
                         s == IMGPROBE_OK ? IMGPROBE_REFERENCES_NONE : IMGPROBE_REFERENCES_CANNOT_TELL);
    }
}

/* ---- the same answer ---- */

/* An answer as text, with everything in it that isn't an address. */
struct answer {
    char text[8192];
    size_t length;
};

static void say(struct answer *a, const char *what, uint64_t number)
{
    a->length += (size_t)snprintf(a->text + a->length, sizeof a->text - a->length, "%s %llu\n", what ? what : "none",
                                  (unsigned long long)number);
    if (a->length >= sizeof a->text)
        abort();
}

static void say_bytes(struct answer *a, struct imgprobe_bytes b)
{
    size_t i;

    say(a, b.bytes ? "bytes" : "none", b.length);
    for (i = 0; b.bytes && i < b.length; i++)
        say(a, "", b.bytes[i]);
}

static void say_reference(struct answer *a, const struct imgprobe_reference *r)
{
    say(a, "reference", r->role);
    say_bytes(a, r->name);
    say_bytes(a, r->format);
    say_bytes(a, r->path);
    say(a, r->type, r->format_source);
    say(a, r->access, r->cut);
    say(a, r->encoding, r->offset);
    say(a, r->protocol ? r->protocol->scheme : NULL, r->size);
    say(a, r->reason, r->data_offset);
    say(a, r->note, r->kind);
    say(a, "candidate", r->candidate);
    say(a, "windows", r->windows);
    say(a, "ignored", r->ignored);
}

static void say_image(struct answer *a, const struct imgprobe_image *image)
{
    const struct imgprobe_reference *r;
    const struct imgprobe_attribute *t;
    const struct imgprobe_finding *f;
    const struct imgprobe_match *m;
    char error[256];

    (void)imgprobe_error_text(&image->error, error, sizeof error);
    say(a, error, image->references_state);
    say(a, image->format ? image->format->name : NULL, image->format_source);
    say(a, image->variant, image->virtual_size);
    say(a, "sizes", image->cluster_size);
    say(a, "reads", image->reads);
    say(a, "read", image->bytes);
    say_bytes(a, image->identity);
    say_bytes(a, image->parent_identity);
    for (r = image->references; r; r = r->next)
        say_reference(a, r);
    for (t = image->attributes; t; t = t->next)
        say(a, t->name, t->number);
    for (f = image->findings; f; f = f->next)
        say(a, f->id, f->offset);
    for (m = image->also_matches; m; m = m->next)
        say(a, m->format->name, 0);
}

#define IMAGES 7
static struct build images[IMAGES];
static struct answer answers[IMAGES];

static void make_images(void)
{
    images[0] = build_qcow2(&(struct build_qcow2){.backing = "base", .format = "qcow2", .data_file = "data"});
    images[1] =
        build_vmdk(&(struct build_vmdk){.lines = "RW 1 FLAT \"a\" 0\nRW 2 SPARSE \"b\"\n", .parent = "nbd:x"});
    images[2] = build_sparse(65536, build_vmdk(&(struct build_vmdk){.lines = "", .id = 5}));
    images[3] =
        build_vhd(&(struct build_vhd){.type = BUILD_DIFFERENCING, .id = 1, .relative = ".\\a", .header = "a"});
    images[4] = build_vhd(&(struct build_vhd){.type = BUILD_FIXED});
    images[5] = build_raw(100000);
    images[6] = build_qcow2(&(struct build_qcow2){.backing = "base"});
    images[6].size = 90;
}

/* The probe and the chain of one image, in memory that holds `fill`. */
static void ask(size_t i, void *where, size_t size, int fill, struct answer *a)
{
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = where, .size = size};
    struct imgprobe_options options = {.struct_size = sizeof options, .name = "/i/top"};
    struct imgprobe_opened top = {.struct_size = sizeof top};
    struct imgprobe_image *image = NULL;
    struct imgprobe_chain *chain = NULL;

    memset(where, fill, size);
    a->length = 0;
    imgprobe_source_buffer(&top.source, images[i].bytes, images[i].size);
    say(a, "probe", imgprobe_probe(&options, &top.source, &w, &image));
    say_image(a, image);
    say(a, "chain", imgprobe_chain(&options, &top, NULL, &w, &chain));
    say(a, chain->error.field, chain->state);
    say_image(a, chain->members->image);
    say(a, "most", w.most);
}

static void *ask_often(void *argument)
{
    unsigned char *where = argument;
    struct answer a;
    size_t round, i;

    for (round = 0; round < ROUNDS; round++)
        for (i = 0; i < IMAGES; i++) {
            ask(i, where, MEMORY_SIZE, (int)round, &a);
            if (strcmp(a.text, answers[i].text) != 0)
                return NULL;
        }
    return argument;
}

static int set_up_answers(void **state)
{
    size_t i;

    (void)state;
    make_images();
    for (i = 0; i < IMAGES; i++)
        ask(i, memory, sizeof memory, 0, &answers[i]);
    return 0;
}

static int free_answers(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < IMAGES; i++)
        free(images[i].bytes);
    return 0;
}

static void test_threads(void **state)
{
    pthread_t threads[THREADS];
    unsigned char *where[THREADS];
    void *ret;
    size_t i;

    (void)state;
    for (i = 0; i < THREADS; i++) {
        where[i] = malloc(MEMORY_SIZE);
        assert_non_null(where[i]);
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, where[i]), 0);
    }
    for (i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &ret), 0);
        assert_ptr_equal(ret, where[i]);
        free(where[i]);
    }
}

static void test_any_memory(void **state)
{
    static const int fills[] = {0, 0xff, 0xa5, 0x7f};
    struct answer a;
    size_t i, j;

    (void)state;
    for (i = 0; i < IMAGES; i++)
        for (j = 0; j < COUNT(fills); j++) {
            ask(i, memory, sizeof memory - j * 1000, fills[j], &a);
            assert_string_equal(a.text, answers[i].text);
        }
}

/* One after the other on one workspace, which no one clears: nothing of an image is left in the next one's answer. */
static void test_one_workspace(void **state)
{
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = memory, .size = sizeof memory};
    struct imgprobe_options options = {.struct_size = sizeof options, .name = "/i/top"};
    size_t i, j;

    (void)state;
    for (i = 0; i < IMAGES; i++)
        for (j = 0; j < IMAGES; j++) {
            struct imgprobe_source first, second;
            struct imgprobe_image *image = NULL;
            struct answer a = {.length = 0};

            imgprobe_source_buffer(&first, images[i].bytes, images[i].size);
            imgprobe_source_buffer(&second, images[j].bytes, images[j].size);
            (void)imgprobe_probe(&options, &first, &w, &image);
            say(&a, "probe", imgprobe_probe(&options, &second, &w, &image));
            say_image(&a, image);
            assert_memory_equal(a.text, answers[j].text, a.length);
        }
}

static void check_bytes(struct imgprobe_bytes b)
{
    if (b.bytes)
        assert_int_equal(b.bytes[b.length], 0);
    else
        assert_int_equal(b.length, 0);
}

/* A NUL follows what there is, and what there isn't has no length. */
static void test_bytes(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < IMAGES; i++) {
        struct call c = good_call();
        struct imgprobe_image *image = NULL;
        const struct imgprobe_reference *r;
        const struct imgprobe_attribute *a;

        imgprobe_source_buffer(&c.source.s, images[i].bytes, images[i].size);
        (void)imgprobe_probe(NULL, &c.source.s, &c.workspace.s, &image);
        check_bytes(image->identity);
        check_bytes(image->parent_identity);
        for (r = image->references; r; r = r->next) {
            assert_non_null(r->name.bytes);
            check_bytes(r->name);
            check_bytes(r->stored);
            check_bytes(r->format);
            check_bytes(r->path);
        }
        for (a = image->attributes; a; a = a->next)
            check_bytes(a->text);
    }
}

/* The image that is asked about is read and not written, and so is what says how. */
static void test_nothing_else_is_written(void **state)
{
    struct call c = good_call(), before;
    struct imgprobe_image *image;

    (void)state;
    c.options.s.limits = &c.limits.s;
    before = c;
    assert_int_equal(imgprobe_probe(&c.options.s, &c.source.s, &c.workspace.s, &image), IMGPROBE_OK);
    assert_memory_equal(&c.options, &before.options, sizeof c.options);
    assert_memory_equal(&c.limits, &before.limits, sizeof c.limits);
    assert_memory_equal(&c.source, &before.source, sizeof c.source);
    assert_memory_equal(c.workspace.later, before.workspace.later, sizeof c.workspace.later);
    assert_true((unsigned char *)image >= memory && (unsigned char *)(image + 1) <= memory + sizeof memory);
}

static void test_high_water(void **state)
{
    struct call c = good_call();
    size_t most;

    (void)state;
    assert_int_equal(call_chain(&c), IMGPROBE_OK);
    most = c.workspace.s.most;
    assert_true(most > sizeof zeros && most <= MEMORY_SIZE);
    reads = 0;
    assert_int_equal(call_probe(&c), IMGPROBE_OK);
    assert_int_equal(c.workspace.s.most, most);
}

#define TEST(name, function)                                                                                         \
    {                                                                                                                \
        name, function, NULL, NULL, NULL                                                                             \
    }
/* A test for one row of a table. */
static struct CMUnitTest of_row(const char *name, CMUnitTestFunction function, const void *row)
{
    return (struct CMUnitTest){name, function, NULL, NULL, (void *)(uintptr_t)row};
}

static const struct CMUnitTest others[] = {
    TEST("an older caller's options", test_older_options),
    TEST("an older caller's source", test_older_source),
    TEST("an older caller's limits", test_older_limits),
    TEST("memory that isn't aligned", test_misaligned),
    TEST("NULL where it may be, and where it may not", test_null),
    TEST("an opener without one of its functions", test_opener),
    TEST("declarations of formats that nobody knows", test_declarations),
    TEST("declarations that are counted and missing", test_declarations_missing),
    TEST("a declaration without a format", test_declaration_without_format),
    TEST("every format by our name and by QEMU's", test_formats),
    TEST("the other names of formats", test_format_aliases),
    TEST("the table of formats", test_format_table),
    TEST("every format pinned to zeros", test_pinned),
    TEST("the same answer from eight threads", test_threads),
    TEST("the same answer in any memory", test_any_memory),
    TEST("the same answer on a used workspace", test_one_workspace),
    TEST("bytes end with a NUL, and none have no length", test_bytes),
    TEST("nothing is written but the workspace", test_nothing_else_is_written),
    TEST("the high-water mark stays", test_high_water),
};

int main(void)
{
    static struct CMUnitTest tests[2 * COUNT(sized) + COUNT(mistakes) + COUNT(others)];
    static char names[2 * COUNT(sized)][64];
    size_t count = 0, i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(sized); i++) {
        (void)snprintf(names[2 * i], sizeof names[0], "struct_size of every value: %s", sized[i].name);
        tests[count++] = of_row(names[2 * i], test_struct_size, &sized[i]);
        (void)snprintf(names[2 * i + 1], sizeof names[0], "bytes that a later version means: %s", sized[i].name);
        tests[count++] = of_row(names[2 * i + 1], test_later_bytes, &sized[i]);
    }
    for (i = 0; i < COUNT(mistakes); i++)
        tests[count++] = of_row(mistakes[i].name, test_mistake, &mistakes[i]);
    for (i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return _cmocka_run_group_tests("api", tests, count, set_up_answers, free_answers);
}
