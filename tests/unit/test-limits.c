/* SPDX-License-Identifier: MIT */
/*
 * Every limit of the table in imgprobe.h: what 0 means, how much may be asked for, which limits contradict each
 * other, and that each one bites, at its number and not before; and how large a workspace they take.
 */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "build-gzip.h"
#include "image/image.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct limit {
    const char *name;
    size_t place; /* in struct imgprobe_limits */
    uint64_t usual, ceiling;
};
#define ROW(name, usual, ceiling, what) {#name, offsetof(struct imgprobe_limits, name), usual, ceiling},
static const struct limit table[] = {IMGPROBE_LIMITS(ROW)};
#undef ROW

static alignas(max_align_t) unsigned char memory[IMGPROBE_WORKSPACE_DEFAULT];
static uint64_t opens, calls; /* of the opener; of the source that counts */
static bool keep;             /* what is opened */

static uint64_t *limit_of(struct imgprobe_limits *limits, const struct limit *limit)
{
    return (uint64_t *)(void *)((unsigned char *)limits + limit->place);
}

static enum imgprobe_status count_read(void *context, uint64_t offset, void *buffer, size_t length)
{
    (void)context;
    (void)offset;
    calls++;
    memset(buffer, 0, length);
    return IMGPROBE_OK;
}

/* Whatever it is asked for is the same image, and each time another file: a chain of it has no end. */
static enum imgprobe_status open_again(void *context, const char *path, struct imgprobe_opened *ret,
                                       struct imgprobe_error *error)
{
    (void)path;
    (void)error;
    *ret = *(const struct imgprobe_opened *)context;
    ret->identity.inode = ++opens;
    return IMGPROBE_OK;
}

static void done_again(void *context, struct imgprobe_opened *opened)
{
    (void)context;
    (void)opened;
}

static struct imgprobe_opened opened(struct build image)
{
    struct imgprobe_opened ret = {.struct_size = sizeof ret, .kind = IMGPROBE_KIND_FILE};

    imgprobe_source_buffer(&ret.source, image.bytes, image.size);
    return ret;
}

/* `top`, and under it `below` wherever a name leads. NULL: nothing is opened. */
static enum imgprobe_status ask(struct build top, const struct build *below, const struct imgprobe_limits *limits,
                                size_t size, struct imgprobe_chain **ret)
{
    struct imgprobe_opened first = opened(top), rest = opened(below ? *below : top);
    struct imgprobe_options options = {
        .struct_size = sizeof options, .limits = limits, .name = "/i/top", .inside = true, .keep = keep};
    struct imgprobe_opener opener = {
        .struct_size = sizeof opener, .open = open_again, .done = done_again, .context = &rest};
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = memory, .size = size};

    opens = 0;
    assert_true(size <= sizeof memory);
    return imgprobe_chain(&options, &first, below ? &opener : NULL, &w, ret);
}

/* One of these against all others' defaults. */
static enum imgprobe_status ask_limits(const struct imgprobe_limits *limits)
{
    struct imgprobe_options options = {.struct_size = sizeof options, .limits = limits};
    struct imgprobe_opened top = {.struct_size = sizeof top,
                                  .source = {.struct_size = sizeof top.source, .size = 65536, .read_at = count_read}};
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = memory, .size = sizeof memory};
    struct imgprobe_image *image = NULL;
    struct imgprobe_chain *chain = NULL;
    enum imgprobe_status s, t;

    calls = 0;
    s = imgprobe_probe(&options, &top.source, &w, &image);
    t = imgprobe_chain(&options, &top, NULL, &w, &chain);
    assert_int_equal(s == IMGPROBE_USAGE, t == IMGPROBE_USAGE);
    assert_true(s != IMGPROBE_USAGE || calls == 0);
    assert_int_equal(s == IMGPROBE_USAGE, image == NULL);
    assert_int_equal(t == IMGPROBE_USAGE, chain == NULL);
    return s;
}

static void test_defaults(void **state)
{
    const struct limit *limit = *state;
    struct imgprobe_limits zeros = {.struct_size = sizeof zeros}, ret;
    struct imgprobe_options options = {.struct_size = sizeof options}, unused;
    struct ip_versions versions;

    assert_true(limit->usual > 0 && limit->usual <= limit->ceiling);
    assert_true(ip_options(NULL, &unused, &ret, &versions));
    assert_int_equal(*limit_of(&ret, limit), limit->usual);
    assert_true(ip_options(&options, &unused, &ret, &versions));
    assert_int_equal(*limit_of(&ret, limit), limit->usual);
    options.limits = &zeros;
    assert_true(ip_options(&options, &unused, &ret, &versions));
    assert_int_equal(*limit_of(&ret, limit), limit->usual);
}

static void test_ceiling(void **state)
{
    const struct limit *limit = *state;
    struct imgprobe_limits limits = {.struct_size = sizeof limits}, ret;
    struct imgprobe_options options = {.struct_size = sizeof options, .limits = &limits}, unused;
    struct ip_versions versions;
    static const uint64_t more[] = {1, 2, 1000000};
    size_t i;

    *limit_of(&limits, limit) = limit->ceiling;
    assert_int_not_equal(ask_limits(&limits), IMGPROBE_USAGE);
    assert_true(ip_options(&options, &unused, &ret, &versions));
    assert_int_equal(*limit_of(&ret, limit), limit->ceiling);
    for (i = 0; i < COUNT(more); i++) {
        *limit_of(&limits, limit) = limit->ceiling + more[i];
        assert_int_equal(ask_limits(&limits), IMGPROBE_USAGE);
    }
    *limit_of(&limits, limit) = UINT64_MAX;
    assert_int_equal(ask_limits(&limits), IMGPROBE_USAGE);
}

static void test_least(void **state)
{
    const struct limit *limit = *state;
    struct imgprobe_limits limits = {.struct_size = sizeof limits}, ret;
    struct imgprobe_options options = {.struct_size = sizeof options, .limits = &limits}, unused;
    struct ip_versions versions;

    *limit_of(&limits, limit) = 1;
    assert_int_not_equal(ask_limits(&limits), IMGPROBE_USAGE);
    assert_true(ip_options(&options, &unused, &ret, &versions));
    assert_int_equal(*limit_of(&ret, limit), 1);
}

static const struct contradiction {
    const char *name;
    struct imgprobe_limits limits;
    bool good;
    uint64_t image_bytes, descriptor_bytes, members, depth; /* what then holds; 0: the default */
} contradictions[] = {
    {"a descriptor as long as all bytes", {.image_bytes = 9000, .descriptor_bytes = 9000}, true, 9000, 9000, 0, 0},
    {"a descriptor longer than all bytes", {.image_bytes = 8999, .descriptor_bytes = 9000}, false, 0, 0, 0, 0},
    {"the default of a descriptor yields", {.image_bytes = 9000}, true, 9000, 9000, 0, 0},
    {"the default of all bytes yields", {.descriptor_bytes = 1000000}, true, 1000000, 1000000, 0, 0},
    {"as deep as there are members", {.chain_members = 7, .chain_depth = 7}, true, 0, 0, 7, 7},
    {"deeper than there are members", {.chain_members = 6, .chain_depth = 7}, false, 0, 0, 0, 0},
    {"the default of depth yields", {.chain_members = 6}, true, 0, 0, 6, 6},
    {"both defaults yield", {.image_bytes = 1, .chain_members = 1}, true, 1, 1, 1, 1},
    {"one contradiction among good limits",
     {.image_bytes = 100, .descriptor_bytes = 101, .chain_members = 9, .chain_depth = 9},
     false,
     0,
     0,
     0,
     0},
};

static void test_contradiction(void **state)
{
    const struct contradiction *c = *state;
    struct imgprobe_limits limits = c->limits, ret;
    struct imgprobe_options options = {.struct_size = sizeof options, .limits = &limits}, unused;
    struct ip_versions versions;

    limits.struct_size = sizeof limits;
    assert_int_equal(ask_limits(&limits) != IMGPROBE_USAGE, c->good);
    assert_int_equal(ip_options(&options, &unused, &ret, &versions), c->good);
    if (!c->good)
        return;
    assert_int_equal(ret.image_bytes, c->image_bytes ? c->image_bytes : 524288);
    assert_int_equal(ret.descriptor_bytes, c->descriptor_bytes ? c->descriptor_bytes : 262144);
    assert_int_equal(ret.chain_members, c->members ? c->members : 4096);
    assert_int_equal(ret.chain_depth, c->depth ? c->depth : 200);
}

static void test_all_ceilings(void **state)
{
    struct imgprobe_limits limits = {.struct_size = sizeof limits};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(table); i++)
        *limit_of(&limits, &table[i]) = table[i].ceiling;
    assert_int_not_equal(ask_limits(&limits), IMGPROBE_USAGE);
}

/* A descriptor of `size` bytes with `extents` extents, in names as long as that takes. */
static struct build make_descriptor(size_t size, unsigned extents)
{
    static char lines[1100000];
    struct build_vmdk v = {.lines = lines};
    size_t around, length = 0, i;
    struct build b;

    lines[0] = '\0';
    b = build_vmdk(&v);
    around = b.size;
    free(b.bytes);
    for (i = 0; i < extents; i++) {
        size_t each = (size - around - length) / (extents - i), name = each - strlen("RW 1 FLAT \"\" 0\n");

        length += (size_t)snprintf(lines + length, 64, "RW 1 FLAT \"%05zu", i);
        memset(lines + length, 'n', name - 5);
        length += name - 5;
        length += (size_t)snprintf(lines + length, 8, "\" 0\n");
    }
    b = build_vmdk(&v);
    assert_int_equal(b.size, size);
    return b;
}

/* A descriptor with an extent, and with further lines that are all the same. */
static struct build make_lines(const char *line, size_t count)
{
    static char lines[200000] = "RW 1 FLAT \"x\" 0\n";
    const size_t begin = strlen("RW 1 FLAT \"x\" 0\n"), length = strlen(line);
    size_t i;

    assert_true(begin + count * length < sizeof lines);
    for (i = 0; i < count; i++)
        memcpy(lines + begin + i * length, line, length);
    lines[begin + count * length] = '\0';
    return build_vmdk(&(struct build_vmdk){.lines = lines});
}

static struct build make_extensions(unsigned count, uint32_t length)
{
    return build_qcow2(
        &(struct build_qcow2){.extensions = count, .extension_length = length, .cluster_bits = length ? 21 : 16});
}

static struct build make_name(size_t length)
{
    static char name[8192];

    memset(name, 'n', sizeof name);
    name[0] = '/';
    name[length] = '\0';
    return build_qcow2(&(struct build_qcow2){.data_file = name, .cluster_bits = 16});
}

static struct build make_overlay(void)
{
    return build_qcow2(&(struct build_qcow2){.backing = "base", .format = "qcow2"});
}

/* Five values: two objects, two drivers and a file. */
static struct build make_json(void)
{
    return build_qcow2(
        &(struct build_qcow2){.backing = "json:{'driver':'raw','file':{'driver':'file','filename':'/i/base'}}"});
}

/* 10,000 zeros in 45 bytes, by zlib. */
static struct build make_shrunk(void)
{
    static const char bytes[] =
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x01\x0d\x00\x00\x00\xc2\xa0\xf7\x4f\x6d\x0e\x37\xa0\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\xe0\xdf\x00\x2e\xca\x3b\x4d\x10\x27\x00\x00";
    struct build b = build_raw(sizeof bytes - 1);

    build_bytes(b, 0, bytes, sizeof bytes - 1);
    return b;
}

/* What an image of one kind reaches at `number`. */
static const struct bite {
    const char *name, *limit;
    enum {
        RAW,
        EXTENSIONS,
        FAR_EXTENSIONS,
        DESCRIPTOR,
        EXTENTS,
        NAME,
        JSON,
        ENDLESS,
        STORED,
        INSIDE,
        RATIO,
        FOUND,
        REMARKS
    } kind;
    size_t number;    /* of bytes, extensions, members: RAW has its own */
    uint64_t limited; /* to this; 0: the default */
    uint64_t reads;   /* limit on reads beside it; 0: the default */
    uint64_t found;   /* in the error; 0: no error */
} bites[] = {
    {"image_bytes: as many as it needs", "image_bytes", RAW, 0, 6280, 0, 0},
    {"image_bytes: one too few", "image_bytes", RAW, 0, 6279, 0, 6280},
    {"image_bytes: one too few for a single read", "image_bytes", RAW, 0, 4095, 0, 4096},
    {"image_bytes: the default", "image_bytes", FAR_EXTENSIONS, 300, 0, 4096, 525936},
    {"image_reads: as many as it needs", "image_reads", RAW, 0, 3, 0, 0},
    {"image_reads: one too few", "image_reads", RAW, 0, 2, 0, 3},
    {"image_reads: the default", "image_reads", FAR_EXTENSIONS, 100, 0, 0, 65},
    {"descriptor_bytes: as many as it has", "descriptor_bytes", DESCRIPTOR, 20000, 20000, 0, 0},
    {"descriptor_bytes: one too few", "descriptor_bytes", DESCRIPTOR, 20000, 19999, 0, 20000},
    {"descriptor_bytes: a short one", "descriptor_bytes", DESCRIPTOR, 2000, 2000, 0, 0},
    {"descriptor_bytes: one too few for a short one", "descriptor_bytes", DESCRIPTOR, 2000, 1999, 0, 2000},
    {"descriptor_bytes: as many as the default", "descriptor_bytes", DESCRIPTOR, 262144, 0, 0, 0},
    {"descriptor_bytes: one more than the default", "descriptor_bytes", DESCRIPTOR, 262145, 0, 0, 262145},
    {"header_extensions: as many as it has", "header_extensions", EXTENSIONS, 5, 5, 0, 0},
    {"header_extensions: one too few", "header_extensions", EXTENSIONS, 5, 4, 0, 5},
    {"header_extensions: as many as the default", "header_extensions", EXTENSIONS, 1024, 0, 0, 0},
    {"header_extensions: one more than the default", "header_extensions", EXTENSIONS, 1025, 0, 0, 1025},
    {"name_bytes: as many as it has", "name_bytes", NAME, 300, 300, 0, 0},
    {"name_bytes: one too few", "name_bytes", NAME, 300, 299, 0, 300},
    {"name_bytes: as many as the default", "name_bytes", NAME, 4095, 0, 0, 0},
    {"name_bytes: one more than the default", "name_bytes", NAME, 4096, 0, 0, 4096},
    {"json_depth: as deep as it is", "json_depth", JSON, 0, 2, 0, 0},
    {"json_depth: one too few", "json_depth", JSON, 0, 1, 0, 2},
    {"json_values: as many as it has", "json_values", JSON, 0, 5, 0, 0},
    {"json_values: one too few", "json_values", JSON, 0, 4, 0, 5},
    {"chain_members: as many as it has", "chain_members", EXTENTS, 8, 8, 0, 0},
    {"chain_members: one too few", "chain_members", EXTENTS, 8, 7, 0, 8},
    {"chain_members: fewer than one image names", "chain_members", EXTENTS, 8, 3, 0, 4},
    {"chain_members: as many as the default", "chain_members", EXTENTS, 4096, 0, 0, 0},
    {"chain_members: one more than the default", "chain_members", EXTENTS, 4097, 0, 0, 4097},
    {"chain_depth: a chain without end", "chain_depth", ENDLESS, 0, 5, 0, 6},
    {"chain_depth: one", "chain_depth", ENDLESS, 0, 1, 0, 2},
    {"chain_depth: the default", "chain_depth", ENDLESS, 0, 0, 0, 201},
    {"chain_depth: the ceiling", "chain_depth", ENDLESS, 0, 1024, 0, 1025},
    {"kept_members: as many as it has", "kept_members", EXTENTS, 8, 7, 0, 0},
    {"kept_members: one too few", "kept_members", EXTENTS, 8, 6, 0, 7},
    {"kept_members: as many as the default", "kept_members", EXTENTS, 257, 0, 0, 0},
    {"kept_members: one more than the default", "kept_members", EXTENTS, 258, 0, 0, 257},
    {"finding_repeats: as many as it has", "finding_repeats", FOUND, 5, 5, 0, 0},
    {"finding_repeats: one too few", "finding_repeats", FOUND, 5, 4, 0, 5},
    {"finding_repeats: as many as the default", "finding_repeats", FOUND, 64, 0, 0, 0},
    {"finding_repeats: one more than the default", "finding_repeats", FOUND, 65, 0, 0, 65},
    {"finding_repeats: thousands", "finding_repeats", FOUND, 12000, 0, 0, 12000},
    {"inside_compressed: as many as it has", "inside_compressed", STORED, 20000, 20023, 0, 0},
    {"inside_compressed: one too few", "inside_compressed", STORED, 20000, 20022, 0, 20023},
    {"inside_compressed: as many as the default", "inside_compressed", STORED, 524230, 0, 0, 0},
    {"inside_compressed: one more than the default", "inside_compressed", STORED, 524231, 0, 0, 524289},
    {"inside_inflated: four times what it has", "inside_inflated", INSIDE, 5000, 20000, 0, 0},
    {"inside_inflated: one too few", "inside_inflated", INSIDE, 5000, 19999, 0, 20000},
    {"inside_inflated: four times as many as the default", "inside_inflated", INSIDE, 4194304, 0, 0, 0},
    {"inside_inflated: one more than the default", "inside_inflated", INSIDE, 4194305, 0, 0, 16777220},
    {"inside_ratio: as much as it is", "inside_ratio", RATIO, 0, 223, 0, 0},
    {"inside_ratio: one too few", "inside_ratio", RATIO, 0, 222, 0, 223},
    {"finding_repeats: as many remarks as it has", "finding_repeats", REMARKS, 5, 5, 0, 0},
    {"finding_repeats: one remark too few", "finding_repeats", REMARKS, 5, 4, 0, 5},
    {"finding_repeats: one remark, more than the default", "finding_repeats", REMARKS, 65, 0, 0, 65},
};

static struct build make(const struct bite *c)
{
    switch (c->kind) {
    case EXTENSIONS:
        return make_extensions((unsigned)c->number, 0);
    case FAR_EXTENSIONS:
        return make_extensions((unsigned)c->number, 4088);
    case DESCRIPTOR:
        return make_descriptor(c->number, 1 + (unsigned)c->number / 300);
    case EXTENTS:
        return make_descriptor(200 + 40 * c->number, (unsigned)c->number - 1);
    case NAME:
        return make_name(c->number);
    case JSON:
        return make_json();
    case FOUND:
        return make_lines("RW 1 ODD \"x\"\n", c->number);
    case REMARKS:
        return make_lines("RW 1 FLAT \"x\" 0\n", c->number - 1);
    case ENDLESS:
        return make_overlay();
    case STORED:
        return build_gzip(build_noise(c->number), 0);
    case INSIDE:
        return build_gzip(build_raw(c->number), 9);
    case RATIO:
        return make_shrunk();
    case RAW:
        break;
    }
    return build_raw(65536);
}

static const struct limit *limit_named(const char *name)
{
    size_t i;

    for (i = 0; i < COUNT(table); i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    fail_msg("%s is no limit", name);
    return NULL;
}

/* Of one id as many as may be are listed, and all are counted and refused: in the image, and in a verdict with or
 * without an image that lacks some. */
static void test_repeats(void **state)
{
    static const char *const denied[] = {"extent-type-unknown", "extent-file"};
    const struct bite *c = *state;
    struct imgprobe_limits limits = {.struct_size = sizeof limits, .finding_repeats = c->limited};
    const struct imgprobe_check_options how = {
        .struct_size = sizeof how, .denied = &denied[c->kind == REMARKS], .denied_count = 1, .limits = &limits};
    size_t most = c->limited ? (size_t)c->limited : 64, listed = c->number < most ? c->number : most, seen = 0;
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = memory, .size = sizeof memory};
    struct imgprobe_options options = {.struct_size = sizeof options, .limits = &limits, .name = "/i/top"};
    struct build image = make(c);
    struct imgprobe_opened top = opened(image);
    const struct imgprobe_finding *f, *last = NULL;
    struct imgprobe_verdict *verdict = NULL;
    struct imgprobe_chain *chain = NULL;

    (void)imgprobe_chain(&options, &top, NULL, &w, &chain);
    free(image.bytes);
    assert_non_null(chain);
    for (f = chain->members->image->findings; f; f = f->next)
        if (strcmp(f->row->id, denied[0]) == 0 && ++seen)
            last = f;
    assert_int_equal(seen, c->kind == FOUND ? listed : 0);
    assert_int_equal(last ? last->more : 0, c->kind == FOUND ? c->number - listed : 0);
    assert_int_equal(imgprobe_check(&how, chain, &w, &verdict), IMGPROBE_REFUSED);
    for (seen = 0, last = NULL, f = verdict->findings; f; f = f->next) {
        assert_true(f->more == 0 || f->refused);
        if (f->refused && ++seen)
            last = f;
    }
    assert_int_equal(seen, listed);
    assert_int_equal(last->more, c->number - listed);
    assert_int_equal(verdict->refused, c->number);
    assert_true(verdict->count > verdict->refused);
    assert_int_equal(c->found, c->number > listed ? c->number : 0);
}

static void test_bite(void **state)
{
    const struct bite *c = *state;
    const struct limit *limit = limit_named(c->limit);
    struct imgprobe_limits limits = {.struct_size = sizeof limits, .image_reads = c->reads};
    struct build image = make(c), raw = build_raw(512);
    struct imgprobe_chain *chain = NULL;
    enum imgprobe_status s;

    if (c->limited != 0)
        *limit_of(&limits, limit) = c->limited;
    keep = strcmp(c->limit, "kept_members") == 0;
    s = ask(image, c->kind == ENDLESS ? &image : &raw, &limits, sizeof memory, &chain);
    keep = false;
    free(image.bytes);
    free(raw.bytes);
    assert_non_null(chain);
    assert_int_equal(s, c->found ? IMGPROBE_LIMIT : IMGPROBE_OK);
    assert_int_equal(chain->state, c->found ? IMGPROBE_CHAIN_LIMIT : IMGPROBE_CHAIN_COMPLETE);
    if (c->found == 0)
        return;
    /* What is asked for in one piece and is too much is said of that piece. */
    assert_string_equal(chain->error.field, c->kind == RAW && c->limited == 4095 ? "window" : c->limit);
    assert_int_equal(chain->error.found, c->found);
    assert_int_equal(chain->error.least, 0);
    assert_int_equal(chain->error.most, c->limited ? c->limited : limit->usual);
    assert_true(chain->members->image->reads <= (c->reads ? c->reads : 64));
    assert_true(chain->members->image->bytes <= 524288);
}

/* No limit stands in the table and nowhere else. */
static void test_every_limit_bites(void **state)
{
    size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(table); i++) {
        bool bitten = false, spared = false;

        for (j = 0; j < COUNT(bites); j++)
            if (strcmp(bites[j].limit, table[i].name) == 0) {
                bitten = bitten || bites[j].found != 0;
                spared = spared || bites[j].found == 0 || bites[j].kind == ENDLESS;
            }
        if (!bitten || !spared)
            fail_msg("no row of bites reaches %s, or none stays below it", table[i].name);
    }
}

/* Workspaces by the macro, for chains of `members` images in a row or of one image and its extents. */
static const struct room {
    const char *name;
    unsigned members;
    bool wide;
    bool limited; /* chain_members is what there are; else the default, and chain_depth ends the row */
} rooms[] = {
    {"workspace by the macro: one image", 1, false, true},
    {"workspace by the macro: two images", 2, false, true},
    {"workspace by the macro: ten images", 10, false, true},
    {"workspace by the macro: 200 images", 200, false, true},
    {"workspace by the macro: ten extents", 11, true, true},
    {"workspace by the macro: 1000 extents", 1001, true, true},
    {"workspace by the macro, default limits: one image", 1, false, false},
    {"workspace by the macro, default limits: two images", 2, false, false},
    {"workspace by the macro, default limits: ten images", 10, false, false},
    {"workspace by the macro, default limits: 200 images", 200, false, false},
    {"workspace by the macro, default limits: ten extents", 11, true, false},
    {"workspace by the macro, default limits: 1000 extents", 1001, true, false},
};

static void test_room(void **state)
{
    const struct room *c = *state;
    struct imgprobe_limits limits = {.struct_size = sizeof limits};
    size_t descriptor = c->wide ? 200 + (size_t)40 * c->members : 0;
    size_t names = c->members * (c->wide ? 40 : strlen("/i/base") + strlen("qcow2"));
    struct build image = c->wide ? make_descriptor(descriptor, c->members - 1) : make_overlay(),
                 raw = build_raw(65536);
    struct imgprobe_chain *chain = NULL;
    enum imgprobe_status s;

    *(c->limited ? &limits.chain_members : &limits.chain_depth) = c->wide && !c->limited ? 0 : c->members;
    if (c->members == 1)
        s = ask(raw, &raw, &limits, IMGPROBE_WORKSPACE_SIZE(1, names, descriptor), &chain);
    else
        s = ask(image, c->wide ? &raw : &image, &limits, IMGPROBE_WORKSPACE_SIZE(c->members, names, descriptor),
                &chain);
    free(image.bytes);
    free(raw.bytes);
    assert_non_null(chain);
    if (s == IMGPROBE_LIMIT)
        assert_string_equal(chain->error.field, "chain_depth");
    assert_int_equal(chain->count, c->members);
    assert_int_equal(s, c->wide || c->members == 1 ? IMGPROBE_OK : IMGPROBE_LIMIT);
}

/* A descriptor as long as may be, with as many extents as may be. */
static void test_default_workspace(void **state)
{
    struct build image = make_descriptor(262144, 4095), raw = build_raw(1048576);
    struct imgprobe_chain *chain = NULL;

    (void)state;
    assert_int_equal(ask(image, &raw, NULL, IMGPROBE_WORKSPACE_DEFAULT, &chain), IMGPROBE_OK);
    assert_int_equal(chain->count, 4096);
    free(image.bytes);
    free(raw.bytes);
}

/* Files that a hostile disk fills with other formats' headers cost findings, too. */
static void test_default_workspace_of_hostile_extents(void **state)
{
    struct build image = make_descriptor(262144, 4095), data = make_overlay();
    struct imgprobe_chain *chain = NULL;

    (void)state;
    assert_int_equal(ask(image, &data, NULL, IMGPROBE_WORKSPACE_DEFAULT, &chain), IMGPROBE_OK);
    assert_int_equal(chain->count, 4096);
    assert_non_null(chain->members->next->image->findings);
    free(image.bytes);
    free(data.bytes);
}

/* A test for one row of a table. */
static struct CMUnitTest of_row(const char *name, CMUnitTestFunction function, const void *row)
{
    return (struct CMUnitTest){name, function, NULL, NULL, (void *)(uintptr_t)row};
}

int main(void)
{
    static struct CMUnitTest tests[3 * COUNT(table) + COUNT(contradictions) + COUNT(bites) + COUNT(rooms) + 4];
    static char names[3 * COUNT(table)][64];
    size_t count = 0, i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(table); i++) {
        (void)snprintf(names[3 * i], sizeof names[0], "%s: 0 is the default", table[i].name);
        tests[count++] = of_row(names[3 * i], test_defaults, &table[i]);
        (void)snprintf(names[3 * i + 1], sizeof names[0], "%s: no more than the ceiling", table[i].name);
        tests[count++] = of_row(names[3 * i + 1], test_ceiling, &table[i]);
        (void)snprintf(names[3 * i + 2], sizeof names[0], "%s: 1 is a limit", table[i].name);
        tests[count++] = of_row(names[3 * i + 2], test_least, &table[i]);
    }
    for (i = 0; i < COUNT(contradictions); i++)
        tests[count++] = of_row(contradictions[i].name, test_contradiction, &contradictions[i]);
    for (i = 0; i < COUNT(bites); i++)
        tests[count++] = of_row(bites[i].name, bites[i].kind < FOUND ? test_bite : test_repeats, &bites[i]);
    for (i = 0; i < COUNT(rooms); i++)
        tests[count++] = of_row(rooms[i].name, test_room, &rooms[i]);
    tests[count++] = of_row("all ceilings together", test_all_ceilings, NULL);
    tests[count++] = of_row("every limit bites", test_every_limit_bites, NULL);
    tests[count++] = of_row("the default workspace serves the default limits", test_default_workspace, NULL);
    tests[count++] = of_row("the default workspace serves 4095 extents that hold headers",
                            test_default_workspace_of_hostile_extents, NULL);
    return _cmocka_run_group_tests("limits", tests, count, NULL, NULL);
}
