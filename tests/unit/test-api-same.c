/* SPDX-License-Identifier: MIT */
/* The same answer each time: in any memory, on a used workspace and from any thread; and what no call touches. */
#include "api-call.h"

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
    say_bytes(a, r->stated.name);
    say_bytes(a, r->stated.format);
    say_bytes(a, r->led.path);
    say(a, r->stated.type, r->stated.format_source);
    say(a, r->stated.access, r->stated.cut);
    say(a, r->stated.encoding, r->stated.offset);
    say(a, r->led.protocol ? r->led.protocol->scheme : NULL, r->led.size);
    say(a, r->led.reason, r->stated.data_offset);
    say(a, r->led.note, r->led.kind);
    say(a, "candidate", r->stated.candidate);
    say(a, "windows", r->stated.windows);
    say(a, "ignored", r->led.ignored);
}

static void say_image(struct answer *a, const struct imgprobe_image *image)
{
    const struct imgprobe_reference *r;
    const struct imgprobe_attribute *t;
    const struct imgprobe_finding *f;
    const struct imgprobe_word *m;
    char error[256];

    (void)imgprobe_error_text(&image->error, error, sizeof error);
    say(a, error, image->references_state);
    say(a, image->format ? image->format->name : NULL, image->format_source);
    say(a, image->variant, image->virtual_size);
    say(a, "sizes", image->cluster_size);
    say(a, "reads", image->reads);
    say(a, "read", image->bytes);
    say_bytes(a, image->unique_id);
    say_bytes(a, image->parent_unique_id);
    for (r = image->references; r; r = r->next)
        say_reference(a, r);
    for (t = image->attributes; t; t = t->next)
        say(a, t->name, t->number);
    for (f = image->findings; f; f = f->next)
        say(a, f->row->id, f->offset);
    for (m = image->also_matches; m; m = m->next)
        say(a, m->name, 0);
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
        check_bytes(image->unique_id);
        check_bytes(image->parent_unique_id);
        for (r = image->references; r; r = r->next) {
            assert_non_null(r->stated.name.bytes);
            check_bytes(r->stated.name);
            check_bytes(r->stated.stored);
            check_bytes(r->stated.format);
            check_bytes(r->led.path);
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

static const struct CMUnitTest others[] = {
    TEST("the same answer from eight threads", test_threads),
    TEST("the same answer in any memory", test_any_memory),
    TEST("the same answer on a used workspace", test_one_workspace),
    TEST("bytes end with a NUL, and none have no length", test_bytes),
    TEST("nothing is written but the workspace", test_nothing_else_is_written),
    TEST("the high-water mark stays", test_high_water),
};

int main(void)
{
    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("api-same", others, COUNT(others), set_up_answers, free_answers);
}
