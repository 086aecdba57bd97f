/* SPDX-License-Identifier: MIT */
/*
 * A part of a file as a source: which layers make it, where it may lie, and what may be read of it. The file's byte
 * at N tells N, so that each read says where it went.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chain-files.h"
#include "chain/chain.h"

#define UNKNOWN IMGPROBE_UNKNOWN
#define MOST_LAYERS 4

/* What the file was asked for, and its observer told of. */
static struct {
    uint64_t size; /* UNKNOWN: any */
    enum imgprobe_status fails;
    unsigned reads, told;
    uint64_t offset, length, told_offset, told_length;
} file;

static unsigned char byte_at(uint64_t offset)
{
    return (unsigned char)(offset ^ (offset >> 8) ^ (offset >> 32) ^ (offset >> 56));
}

static enum imgprobe_status read_file(void *context, uint64_t offset, void *buffer, size_t length)
{
    unsigned char *bytes = buffer;
    size_t i;

    assert_ptr_equal(context, &file);
    assert_true(file.size == UNKNOWN || (offset <= file.size && length <= file.size - offset));
    file.reads++;
    file.offset = offset;
    file.length = length;
    for (i = 0; i < length; i++)
        bytes[i] = byte_at(offset + i);
    return file.fails;
}

static void observe_file(void *observer, uint64_t offset, const void *bytes, size_t length)
{
    const unsigned char *given = bytes;
    size_t i;

    assert_ptr_equal(observer, &file.told);
    file.told++;
    file.told_offset = offset;
    file.told_length = length;
    for (i = 0; i < length; i++)
        assert_int_equal(given[i], byte_at(offset + i));
}

static struct imgprobe_source source_of(uint64_t size)
{
    memset(&file, 0, sizeof file);
    file.size = size;
    return (struct imgprobe_source){
        .struct_size = sizeof(struct imgprobe_source),
        .size = size,
        .read_at = read_file,
        .context = &file,
        .observe = observe_file,
        .observer = &file.told,
    };
}

/* The outermost layer first, as in a reference. */
struct row {
    enum { END, ABOVE, PART } kind;
    uint64_t offset, size;
};
#define REST UNKNOWN
#define PART(at, length)                                                                                             \
    {                                                                                                                \
        PART, at, length                                                                                             \
    }
#define ABOVE(at, length)                                                                                            \
    {                                                                                                                \
        ABOVE, at, length                                                                                            \
    }

struct window_case {
    const char *name;
    uint64_t file;
    struct row rows[MOST_LAYERS];
    uint64_t begin, size; /* of what is left; size UNKNOWN: refused */
    const char *field;    /* of the error */
    uint64_t found, least;
    bool odd; /* what is left goes on behind the end of the file */
};

#define MOST UINT64_C(0x7fffffffffffffff)
#define LEFT(from, length) .begin = (from), .size = (length)
#define OFFSET(needs, has) .size = UNKNOWN, .field = "offset of the raw layer", .found = (has), .least = (needs)
#define SIZE(needs, has) .size = UNKNOWN, .field = "size of the raw layer", .found = (has), .least = (needs)

/* clang-format off */
static const struct window_case cases[] = {
    {"no layer", 1024, {{END}}, LEFT(0, 1024)},
    {"no layer, and a size that isn't known", UNKNOWN, {{END}}, LEFT(0, UNKNOWN)},
    {"a layer above the format", 1024, {ABOVE(10, 20)}, LEFT(0, 1024)},
    {"a layer above the format that lies outside", 1024, {ABOVE(2000, 20)}, LEFT(0, 1024)},
    {"a layer above the format, and a size that isn't known", UNKNOWN, {ABOVE(10, 20)}, LEFT(0, UNKNOWN)},
    {"all of it", 1024, {PART(0, REST)}, LEFT(0, 1024)},
    {"all of it, by its size", 1024, {PART(0, 1024)}, LEFT(0, 1024)},
    {"the rest", 1024, {PART(10, REST)}, LEFT(10, 1014)},
    {"a part", 1024, {PART(10, 20)}, LEFT(10, 20)},
    {"a part that ends where the file does", 1024, {PART(10, 1014)}, LEFT(10, 1014)},
    {"the last byte", 1024, {PART(1023, 1)}, LEFT(1023, 1)},
    {"nothing at the end, the rest", 1024, {PART(1024, REST)}, LEFT(1024, 0)},
    {"nothing at the end, by its size", 1024, {PART(1024, 0)}, LEFT(1024, 0)},
    {"nothing in the middle", 1024, {PART(10, 0)}, LEFT(10, 0)},
    {"nothing of nothing", 0, {PART(0, REST)}, LEFT(0, 0)},
    {"a size one too long", 1024, {PART(10, 1015)}, SIZE(1025, 1024)},
    {"one byte at the end", 1024, {PART(1024, 1)}, SIZE(1025, 1024)},
    {"an offset behind the end", 1024, {PART(1025, REST)}, OFFSET(1025, 1024)},
    {"an offset behind the end, and nothing there", 1024, {PART(1025, 0)}, OFFSET(1025, 1024)},
    {"an offset in an empty file", 0, {PART(1, REST)}, OFFSET(1, 0)},

    {"a part of a part", 1024, {PART(5, 10), PART(100, 50)}, LEFT(105, 10)},
    {"a part of the rest", 1024, {PART(5, 10), PART(100, REST)}, LEFT(105, 10)},
    {"the rest of a part", 1024, {PART(5, REST), PART(100, 50)}, LEFT(105, 45)},
    {"the rest of the rest", 1024, {PART(5, REST), PART(100, REST)}, LEFT(105, 919)},
    {"three parts", 1024, {PART(1, 2), PART(10, 20), PART(100, 200)}, LEFT(111, 2)},
    {"the rest of three parts", 1024, {PART(1, REST), PART(10, REST), PART(100, 200)}, LEFT(111, 189)},
    {"the rest of a part of the rest", 1024, {PART(1, REST), PART(10, 20), PART(100, REST)}, LEFT(111, 19)},
    {"a part of a part that ends with it", 1024, {PART(5, 45), PART(100, 50)}, LEFT(105, 45)},
    {"a part of a part that ends behind it", 1024, {PART(5, 46), PART(100, 50)}, SIZE(51, 50)},
    {"a part of a part that begins behind it", 1024, {PART(51, 1), PART(100, 50)}, OFFSET(52, 50)},
    {"a part of a part that begins at its end", 1024, {PART(50, REST), PART(100, 50)}, LEFT(150, 0)},
    {"a part of a part that ends behind the file", 1024, {PART(0, 10), PART(1004, 30)}, SIZE(1034, 1024)},
    {"a part of the rest that ends behind the file", 1024, {PART(5, 16), PART(1004, REST)}, SIZE(1025, 1024)},
    {"a part of the rest that begins behind the file", 1024, {PART(21, REST), PART(1004, REST)},
     OFFSET(1025, 1024)},
    {"a part of three that ends behind the one in the middle", 1024, {PART(15, 6), PART(10, 20), PART(100, 200)},
     SIZE(21, 20)},
    {"parts with a layer above between them", 1024, {PART(5, 10), ABOVE(700, 1), PART(100, 50)}, LEFT(105, 10)},
    {"a layer above and a part", 1024, {ABOVE(700, 1), PART(100, 50)}, LEFT(100, 50)},
    {"a part and a layer above, which is larger than the file", 1024, {PART(100, 50), ABOVE(0, MOST)},
     LEFT(100, 50)},

    {"an offset near 2^64", 1024, {PART(UINT64_MAX - 1, REST)}, OFFSET(UINT64_MAX - 1, 1024)},
    {"an offset of 2^64 - 1", 1024, {PART(UINT64_MAX, REST)}, OFFSET(UINT64_MAX, 1024)},
    {"a size near 2^64", 1024, {PART(0, UINT64_MAX - 1)}, SIZE(UINT64_MAX - 1, 1024)},
    {"an end past 2^64", 1024, {PART(1024, UINT64_MAX - 1)}, SIZE(UINT64_MAX, 1024)},
    {"offsets that add up to 2^64", 1024, {PART(UINT64_MAX, REST), PART(1, REST)}, OFFSET(UINT64_MAX, 1024)},
    {"offsets that add up past 2^64", 1024, {PART(MOST + 2, REST), PART(MOST + 2, REST)}, OFFSET(UINT64_MAX, 1024)},
    {"offsets that add up past 2^64 and a little more", 1024,
     {PART(UINT64_MAX - 5, REST), PART(15, REST), PART(20, REST)}, OFFSET(UINT64_MAX, 1024)},
    {"offsets that add up past 2^64, of a small part", 1024, {PART(UINT64_MAX - 5, 3), PART(15, REST)},
     OFFSET(UINT64_MAX, 1024)},
    {"offsets that add up past 2^64, in a part", 1024, {PART(UINT64_MAX - 5, 3), PART(15, REST), PART(0, 900)},
     OFFSET(UINT64_MAX, 900)},
    {"the end of a large file", MOST - 511, {PART(MOST - 521, REST)}, LEFT(MOST - 521, 10)},
    {"the end of the largest file", UINT64_MAX - 1, {PART(UINT64_MAX - 11, 10)}, LEFT(UINT64_MAX - 11, 10)},
    {"behind the end of the largest file", UINT64_MAX - 1, {PART(UINT64_MAX - 11, 11)},
     SIZE(UINT64_MAX, UINT64_MAX - 1)},

    {"the rest of a file that ends in a sector", 1000, {PART(1000, REST)}, .begin = 1000, .size = 24, .odd = true},
    {"a part that ends with that sector", 1000, {PART(512, 512)}, .begin = 512, .size = 512, .odd = true},
    {"nothing behind it", 1000, {PART(1024, REST)}, .begin = 1024, .odd = true},
    {"a part that ends behind that sector", 1000, {PART(513, 512)}, SIZE(1025, 1000)},

    {"the rest of a file whose size isn't known", UNKNOWN, {PART(10, REST)}, .size = UNKNOWN},
    {"a part of a file whose size isn't known", UNKNOWN, {PART(10, 20)}, .size = UNKNOWN},
    {"a part of a part of a file whose size isn't known", UNKNOWN, {PART(5, 10), PART(10, 20)}, .size = UNKNOWN},
};
/* clang-format on */

/* The layers of a row, as a list in `ret`. */
static const struct imgprobe_layer *layers_of(const struct window_case *c, struct imgprobe_layer ret[MOST_LAYERS])
{
    size_t i;

    memset(ret, 0, MOST_LAYERS * sizeof ret[0]);
    for (i = 0; i < MOST_LAYERS && c->rows[i].kind != END; i++) {
        ret[i].driver = c->rows[i].kind == PART ? "raw" : "copy-on-read";
        ret[i].offset = c->rows[i].offset;
        ret[i].size = c->rows[i].size;
        ret[i].beneath = c->rows[i].kind == PART;
        if (i > 0)
            ret[i - 1].next = &ret[i];
    }
    return i > 0 ? ret : NULL;
}

static bool has_part(const struct window_case *c)
{
    size_t i;

    for (i = 0; i < MOST_LAYERS; i++)
        if (c->rows[i].kind == PART)
            return true;
    return false;
}

/* One read at `offset` of what is left, and what the file and its observer saw of it. */
static void check_read(const struct window_case *c, const struct imgprobe_source *source, uint64_t offset,
                       size_t length, bool inside)
{
    unsigned char bytes[64], untouched[64];
    size_t i;

    assert_true(length < sizeof bytes);
    memset(bytes, 0xa5, sizeof bytes);
    memset(untouched, 0xa5, sizeof untouched);
    file.reads = file.told = 0;
    assert_int_equal(source->read_at(source->context, offset, bytes, length),
                     inside ? IMGPROBE_OK : IMGPROBE_TRUNCATED);
    assert_int_equal(file.reads, inside);
    assert_int_equal(file.told, inside);
    assert_memory_equal(bytes + (inside ? length : 0), untouched, sizeof bytes - (inside ? length : 0));
    if (!inside)
        return;
    for (i = 0; i < length; i++)
        assert_int_equal(bytes[i], byte_at(c->begin + offset + i));
    assert_true(file.offset == c->begin + offset && file.told_offset == file.offset);
    assert_true(file.length == length && file.told_length == length);
}

static void check_reads(const struct window_case *c, const struct imgprobe_source *source)
{
    const uint64_t size = c->size;
    uint64_t at = size > 8 ? size - 8 : 0;
    size_t i;

    for (i = 0; i <= 20; i++) {
        check_read(c, source, 0, i, i <= size);
        check_read(c, source, at, i, i <= size - at);
        check_read(c, source, size, i, i == 0);
        check_read(c, source, size + 1, i, false);
        check_read(c, source, UINT64_MAX - i, i, false);
        check_read(c, source, UINT64_MAX - i, i + 1, false);
        if (i < c->begin) /* what lies in front of it, if offsets wrapped */
            check_read(c, source, UINT64_MAX - i, 1, false);
    }
}

static void check_error(const struct window_case *c, const struct imgprobe_error *error)
{
    char text[200];

    assert_int_equal(error->status, IMGPROBE_TRUNCATED);
    assert_non_null(error->field);
    assert_null(error->format);
    assert_true(error->offset == UNKNOWN && error->most == UNKNOWN && !error->valued);
    assert_true(c->field || error->what);
    assert_true(imgprobe_error_text(error, text, sizeof text) < sizeof text);
    assert_true(strstr(text, "at least 0") == NULL);
    if (!c->field)
        return;
    assert_string_equal(error->field, c->field);
    assert_true(error->found == c->found && error->least == c->least);
}

/* Behind the end of the file there are zeros, of which the file isn't asked, and nobody is told. */
static void check_end(const struct window_case *c, const struct imgprobe_source *source)
{
    unsigned char bytes[512];
    uint64_t left = c->file > c->begin ? c->file - c->begin : 0;
    size_t i;

    memset(bytes, 0xa5, sizeof bytes);
    assert_int_equal(source->read_at(source->context, 0, bytes, (size_t)c->size), IMGPROBE_OK);
    assert_int_equal(file.reads, left > 0);
    assert_int_equal(file.told, file.reads);
    assert_true(file.length == left && file.told_length == left);
    for (i = 0; i < c->size; i++)
        assert_int_equal(bytes[i], i < left ? byte_at(c->begin + i) : 0);
    assert_int_equal(source->read_at(source->context, 1, bytes, (size_t)c->size), IMGPROBE_TRUNCATED);
}

static void test_case(void **state)
{
    const struct window_case *c = *state;
    struct imgprobe_layer layers[MOST_LAYERS];
    struct imgprobe_source source = source_of(c->file), before = source;
    struct slice window;
    struct imgprobe_error error;
    enum imgprobe_status s;

    memset(&window, 0xa5, sizeof window);
    memset(&error, 0xa5, sizeof error);
    s = ip_slice(layers_of(c, layers), &source, &window, &error);
    assert_int_equal(s, c->size == UNKNOWN && has_part(c) ? IMGPROBE_TRUNCATED : IMGPROBE_OK);
    assert_int_equal(file.reads, 0);
    assert_int_equal(source.struct_size, sizeof source);
    if (s == IMGPROBE_OK && has_part(c)) {
        assert_true(source.size == c->size);
        if (c->odd)
            check_end(c, &source);
        else
            check_reads(c, &source);
    } else {
        assert_memory_equal(&source, &before, sizeof source);
    }
    if (s != IMGPROBE_OK)
        check_error(c, &error);
}

/* What the file answers is the answer, and only what was read is told. */
static void test_failures(void **state)
{
    static const enum imgprobe_status all[] = {IMGPROBE_NEED, IMGPROBE_TRUNCATED, IMGPROBE_SYSTEM};
    struct imgprobe_layer layer = {.offset = 10, .size = 20, .beneath = true};
    unsigned char bytes[20];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(all); i++) {
        struct imgprobe_source source = source_of(1000);
        struct slice window;
        struct imgprobe_error error;

        assert_int_equal(ip_slice(&layer, &source, &window, &error), IMGPROBE_OK);
        file.fails = all[i];
        assert_int_equal(source.read_at(source.context, 0, bytes, sizeof bytes), all[i]);
        assert_int_equal(file.reads, 1);
        assert_int_equal(file.told, 0);
    }
}

static void test_no_observer(void **state)
{
    struct imgprobe_layer layer = {.offset = 10, .size = 20, .beneath = true};
    struct imgprobe_source source = source_of(1000);
    struct slice window;
    struct imgprobe_error error;
    unsigned char bytes[20];

    (void)state;
    source.observe = NULL;
    assert_int_equal(ip_slice(&layer, &source, &window, &error), IMGPROBE_OK);
    assert_int_equal(source.read_at(source.context, 0, bytes, sizeof bytes), IMGPROBE_OK);
    assert_true(!source.observe && file.told == 0);
}

/* Through a probe the observer is told of each byte once, and where it stands in the file. */
static void test_probe(void **state)
{
    struct imgprobe_layer layer = {.offset = 5000, .size = 3000, .beneath = true};
    struct imgprobe_source source = source_of(10000);
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_options options = {.struct_size = sizeof options, .format = "raw"};
    struct imgprobe_image *image;
    struct slice window;
    struct imgprobe_error error;

    (void)state;
    assert_int_equal(ip_slice(&layer, &source, &window, &error), IMGPROBE_OK);
    assert_int_equal(imgprobe_probe(&options, &source, &w, &image), IMGPROBE_OK);
    assert_int_equal(image->virtual_size, 3000 / 512 * 512 + 512);
    assert_int_equal(file.told, file.reads);
    assert_int_equal(file.told, image->reads);
    assert_true(file.told_offset >= 5000 && file.told_offset + file.told_length <= 8000);
}

/* A chain's walk, as far as one reference of one image needs it. */
static enum imgprobe_status follow(struct store *store, struct imgprobe_reference *r, struct imgprobe_chain *chain)
{
    static struct imgprobe_image image;
    static struct ip_member top;
    struct imgprobe_workspace w = whole_workspace();
    struct chain_builder builder = {.opener = opener_of(store), .opens = true, .w = &w, .chain = chain};
    struct imgprobe_member *child = NULL;

    ip_workspace_begin(&w);
    memset(chain, 0, sizeof *chain);
    image = (struct imgprobe_image){.references = r};
    top = (struct ip_member){.member = {.image = &image}, .entered = true};
    builder.tail = &chain->members;
    assert_true(ip_options(NULL, &builder.options, &builder.limits, &builder.versions));
    return ip_chain_follow(&builder, &top.member, r, &child);
}

static const struct file in_parts[] = {{.path = "/i/parts", .size = 65536, .canonical = "/real/parts"}};
static const unsigned char parts_name[] = "/i/parts";

static struct ip_reference to_parts(struct imgprobe_layer *layer)
{
    struct imgprobe_bytes name = {parts_name, sizeof parts_name - 1}, format = {(const unsigned char *)"qcow2", 5};

    return (struct ip_reference){.reference = {.role = IMGPROBE_ROLE_BACKING,
                                               .stated.name = name,
                                               .stated.cut = name.length,
                                               .led.path = name,
                                               .led.format = format,
                                               .led.format_source = IMGPROBE_FORMAT_DECLARED,
                                               .led.kind = IMGPROBE_KIND_FILE,
                                               .led.layers = layer}};
}

/* The member is what the part holds; the opener gets back what it gave, and is asked for the name of that. */
static void test_follow(void **state)
{
    struct build inner = build_qcow2(&(struct build_qcow2){.size = 3 << 18});
    struct store store = make_store(in_parts, COUNT(in_parts));
    struct imgprobe_layer layer = {.driver = "raw", .offset = 4096, .size = inner.size, .beneath = true};
    struct ip_reference own = to_parts(&layer);
    struct imgprobe_reference *r = &own.reference;
    struct imgprobe_chain chain;

    (void)state;
    build_bytes(store.all[0].image, 4096, inner.bytes, inner.size);
    store.knows_names = true;
    assert_int_equal(follow(&store, r, &chain), IMGPROBE_OK);
    assert_int_equal(chain.count, 1);
    assert_int_equal(r->led.member->image->virtual_size, 3 << 18);
    assert_int_equal(r->led.member->image->file_size, inner.size);
    assert_string_equal((const char *)r->led.member->canonical.bytes, "/real/parts");
    assert_true(store.opens == 1 && store.dones == 1 && store.asked == 1);
    layer.beneath = false;
    assert_int_equal(follow(&store, r, &chain), IMGPROBE_MALFORMED);
    assert_string_equal(chain.error.field, "magic");
    assert_true(store.opens == 2 && store.dones == 2);
    free(inner.bytes);
    free_store(&store);
}

static void test_follow_outside(void **state)
{
    struct store store = make_store(in_parts, COUNT(in_parts));
    struct imgprobe_layer layer = {.driver = "raw", .offset = 4096, .size = 65536, .beneath = true};
    struct ip_reference own = to_parts(&layer);
    struct imgprobe_reference *r = &own.reference;
    struct imgprobe_chain chain;

    (void)state;
    assert_int_equal(follow(&store, r, &chain), IMGPROBE_TRUNCATED);
    assert_int_equal(chain.state, IMGPROBE_CHAIN_MALFORMED);
    assert_string_equal(chain.error.field, "size of the raw layer");
    assert_ptr_equal(chain.at, r);
    assert_true(chain.count == 0 && !r->led.member);
    assert_true(store.opens == 1 && store.dones == 1 && store.all[0].reads == 0);
    free_store(&store);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        {"a file that fails to be read", test_failures, NULL, NULL, NULL},
        {"a file without an observer", test_no_observer, NULL, NULL, NULL},
        {"a probe of a part", test_probe, NULL, NULL, NULL},
        {"a reference to a part of a file", test_follow, NULL, NULL, NULL},
        {"a reference to a part that goes past the end", test_follow_outside, NULL, NULL, NULL},
    };
    static struct CMUnitTest tests[COUNT(cases) + COUNT(others)];
    size_t count = 0, i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(cases); i++)
        tests[count++] = (struct CMUnitTest){cases[i].name, test_case, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    for (i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return _cmocka_run_group_tests("window", tests, count, NULL, NULL);
}
