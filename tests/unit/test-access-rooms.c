/* SPDX-License-Identifier: MIT */
/* What is granted to callers of every version, in workspaces of every size, and of very many names. */
#include "access-walk.h"
#include "image/image.h"

/* The same question by callers of other versions, and by one that is mistaken. */
static const struct file one_data[] = {TOP_WITH_DATA, DATA};
static const struct access_case one_case = {PIN("qcow2")};

struct later_options {
    struct imgprobe_access_options options;
    unsigned char later[24];
};

static enum imgprobe_status ask(const void *options, struct imgprobe_access **ret)
{
    struct store store = make_store(one_data, COUNT(one_data));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    enum imgprobe_status s;
    size_t before;

    *ret = NULL;
    assert_int_equal(walk(&one_case, &store, &w, &chain), IMGPROBE_OK);
    before = ip_state(&w)->results;
    s = imgprobe_access(options, chain, &w, ret);
    assert_true(s != IMGPROBE_USAGE || (!*ret && ip_state(&w)->results == before));
    free_store(&store);
    return s;
}

/* No release had a shorter struct, so that whoever says so is mistaken, and might lose a consent. */
static void test_shorter_options(void **state)
{
    struct imgprobe_access_options shorter = {.struct_size = sizeof shorter};
    struct imgprobe_access *access;

    (void)state;
    assert_int_equal(ask(&shorter, &access), IMGPROBE_OK);
    while (shorter.struct_size-- > 0)
        assert_int_equal(ask(&shorter, &access), IMGPROBE_USAGE);
}

/* A format that keeps a parent's name elsewhere: the caller alone can know that there is none. */
static void test_parent_not_told(void **state)
{
    static const char *const told[] = {"parent-not-told", "format-probed"};
    const struct build b = build_raw(1024);
    static max_align_t room[8192];
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = room, .size = sizeof room};
    struct imgprobe_opened top = {.struct_size = sizeof top};
    struct imgprobe_access_options options = {.struct_size = sizeof options};
    struct imgprobe_chain *chain;
    struct imgprobe_access *access;

    (void)state;
    build_text(b, 0, "WithoutFreeSpace");
    build_little(b, 16, 4, 2);
    build_little(b, 28, 4, 128);
    imgprobe_source_buffer(&top.source, b.bytes, b.size);
    assert_int_equal(imgprobe_chain(NULL, &top, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->members->image->references_state, IMGPROBE_REFERENCES_CANNOT_TELL);
    assert_int_equal(imgprobe_access(&options, chain, &w, &access), IMGPROBE_REFUSED);
    assert_string_equal(access->error.field, "parent-not-told");
    assert_ptr_equal(access->culprit, chain->members);
    options.allowed = told;
    options.allowed_count = 1;
    assert_int_equal(imgprobe_access(&options, chain, &w, &access), IMGPROBE_OK);
    assert_int_equal(access->count, 1);
    options.allowed_count = 2;
    assert_int_equal(imgprobe_access(&options, chain, &w, &access), IMGPROBE_USAGE);
    options.allowed = NULL;
    assert_int_equal(imgprobe_access(&options, chain, &w, &access), IMGPROBE_USAGE);
    free(b.bytes);
}

/* A newer caller's struct is good as long as it asks for nothing that this version doesn't know. */
static void test_newer_options(void **state)
{
    static const struct imgprobe_consent root = {.beneath = ""};
    struct later_options newer = {
        .options = {.struct_size = sizeof newer, .write = true, .consents = &root, .consent_count = 1}};
    struct imgprobe_access *access;
    size_t i;

    (void)state;
    assert_int_equal(ask(&newer, &access), IMGPROBE_OK);
    assert_true(access->grants->write);
    for (i = 0; i < sizeof newer.later; i++) {
        newer.later[i] = 1;
        newer.options.struct_size = sizeof newer.options + i / sizeof(size_t) * sizeof(size_t);
        assert_int_equal(ask(&newer, &access), IMGPROBE_OK);
        newer.options.struct_size += sizeof(size_t);
        assert_int_equal(ask(&newer, &access), IMGPROBE_USAGE);
        newer.later[i] = 0;
    }
}

static void test_no_options(void **state)
{
    struct imgprobe_access *access;

    (void)state;
    assert_int_equal(ask(NULL, &access), IMGPROBE_OK);
    assert_true(!access->grants->write && !access->grants->next->write && access->count == 2);
}

/* Lists that aren't there, and ones that aren't looked at. */
static void test_lists(void **state)
{
    static const struct imgprobe_consent both = {.identity = {8, 2}, .beneath = "/elsewhere"}, nothing;
    struct imgprobe_access_options options = {.struct_size = sizeof options, .write = true};
    struct imgprobe_access *access;

    (void)state;
    options.floor = (enum imgprobe_floor)3;
    assert_int_equal(ask(&options, &access), IMGPROBE_USAGE);
    options.floor = IMGPROBE_FLOOR_NONE;
    options.consent_count = 1;
    assert_int_equal(ask(&options, &access), IMGPROBE_USAGE);
    options.consents = &both; /* a directory's name: the identity doesn't count */
    assert_int_equal(ask(&options, &access), IMGPROBE_REFUSED);
    assert_true(access->grants->next->unconsented);
    options.consents = &nothing;
    assert_int_equal(ask(&options, &access), IMGPROBE_REFUSED);
    options.raised_count = 1;
    assert_int_equal(ask(&options, &access), IMGPROBE_USAGE);
    options.raised = &both; /* no directory is a member */
    assert_int_equal(ask(&options, &access), IMGPROBE_REFUSED);
    assert_string_equal(access->error.field, "not-a-member");
    options.raised = &nothing;
    assert_int_equal(ask(&options, &access), IMGPROBE_REFUSED);
    assert_string_equal(access->error.field, "not-a-member");
    options.consent_count = options.raised_count = 0;
    assert_int_equal(ask(&options, &access), IMGPROBE_REFUSED);
    assert_string_equal(access->error.field, "write-needs-consent");
}

static void test_nothing_given(void **state)
{
    struct store store = make_store(one_data, COUNT(one_data));
    struct imgprobe_workspace w = whole_workspace(), bad;
    struct imgprobe_chain *chain, empty = {.state = IMGPROBE_CHAIN_COMPLETE};
    struct imgprobe_access *access = NULL;

    (void)state;
    assert_int_equal(walk(&one_case, &store, &w, &chain), IMGPROBE_OK);
    assert_int_equal(imgprobe_access(NULL, NULL, &w, &access), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_access(NULL, chain, NULL, &access), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_access(NULL, chain, &w, NULL), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_access(NULL, &empty, &w, &access), IMGPROBE_USAGE);
    bad = w;
    bad.memory = NULL;
    assert_int_equal(imgprobe_access(NULL, chain, &bad, &access), IMGPROBE_USAGE);
    bad = w;
    bad.memory = memory + 1;
    assert_int_equal(imgprobe_access(NULL, chain, &bad, &access), IMGPROBE_USAGE);
    bad = w;
    bad.size = ip_state(&w)->results - 1;
    assert_int_equal(imgprobe_access(NULL, chain, &bad, &access), IMGPROBE_USAGE);
    bad = w;
    bad.struct_size = sizeof bad - 1;
    assert_int_equal(imgprobe_access(NULL, chain, &bad, &access), IMGPROBE_USAGE);
    assert_null(access);
    assert_int_equal(imgprobe_access(NULL, chain, &w, &access), IMGPROBE_OK);
    free_store(&store);
}

/* In every workspace, chain and all: where the chain found no room its answer is this one's, members or none. */
static void test_every_workspace(void **state)
{
    static const struct access_case small = {.limits = {.chain_members = 8}, PIN("qcow2")};
    struct store store = make_store(one_data, COUNT(one_data));
    enum imgprobe_status s = IMGPROBE_USAGE, t;
    unsigned empty = 0;
    size_t size;

    (void)state;
    for (size = 16; s != IMGPROBE_OK; size += 16) {
        struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = malloc(size), .size = size};
        struct imgprobe_chain *chain = NULL;
        struct imgprobe_access *access = NULL;

        assert_non_null(w.memory);
        t = walk(&small, &store, &w, &chain);
        s = t == IMGPROBE_USAGE ? t : imgprobe_access(NULL, chain, &w, &access);
        assert_true(s == IMGPROBE_USAGE ? !access : access != NULL);
        assert_true(s == IMGPROBE_USAGE || s == IMGPROBE_LIMIT || (s == IMGPROBE_OK && t == IMGPROBE_OK));
        assert_true(s != IMGPROBE_USAGE || t == IMGPROBE_USAGE || w.size - ip_state(&w)->results < 512);
        empty += s == IMGPROBE_LIMIT && !chain->members;
        if (s == IMGPROBE_OK)
            assert_int_equal(access->count, 2);
        free(w.memory);
        assert_true(size < 65536);
    }
    assert_true(empty > 0);
    free_store(&store);
}

enum { MOST_NAMES = 4000 };
static const struct many {
    const char *name;
    size_t references, names, files;
} many[] = {
    {"4000 names of one file", MOST_NAMES, MOST_NAMES, 1},
    {"4000 names of two files", MOST_NAMES, MOST_NAMES, 2},
    {"4000 names of 1000 files", MOST_NAMES, MOST_NAMES, 1000},
    {"4000 names of 4000 files", MOST_NAMES, MOST_NAMES, MOST_NAMES},
    {"4000 references by 1000 names of one file", MOST_NAMES, 1000, 1},
    {"4000 references by 999 names of 7 files", MOST_NAMES, 999, 7},
    {"4000 references by one name", MOST_NAMES, 1, 1},
    {"3 names of one file", 3, 3, 1},
};

static size_t in_turn(size_t i, size_t count)
{
    return count > 0 ? i % count : 0;
}

/* The names in turn and in no order, as extents of one disk; they lead to the files in turn. */
static struct file *make_names(const struct many *c, char (*paths)[32], char *lines)
{
    struct file *files = calloc(c->names + 1, sizeof *files);
    size_t i, length = 0;

    assert_non_null(files);
    for (i = 0; i < c->names; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "/i/%zu", i);
        files[i + 1] = (struct file){.path = paths[i], .inode = 100 + in_turn(i, c->files)};
    }
    for (i = 0; i < c->references; i++)
        length += (size_t)snprintf(lines + length, 40, "RW 1 FLAT \"%s\" 0\n",
                                   paths[in_turn(i * 1009, c->names)] + strlen("/i/"));
    files[0] = (struct file){TOP, IS_VMDK(lines), .inode = 1};
    return files;
}

static int compare_names(const void *a, const void *b)
{
    const struct imgprobe_name *const *one = a, *const *two = b;

    return strcmp((const char *)(*one)->path.bytes, (const char *)(*two)->path.bytes);
}

static void test_many_names(void **state)
{
    static char paths[MOST_NAMES + 1][32], lines[(MOST_NAMES + 1) * 40];
    static const struct imgprobe_name *all[MOST_NAMES + 1];
    const struct many *c = *state;
    struct file *files = make_names(c, paths, lines);
    struct store store = make_store(files, c->names + 1);
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    struct imgprobe_access *access;
    const struct imgprobe_grant *g;
    const struct imgprobe_name *n;
    size_t count = 0, i;

    assert_int_equal(walk(&(struct access_case){PIN("vmdk")}, &store, &w, &chain), IMGPROBE_OK);
    assert_int_equal(imgprobe_access(NULL, chain, &w, &access), IMGPROBE_OK);
    assert_int_equal(access->count, c->files + 1);
    assert_ptr_equal(access->grants->member, chain->members);
    for (g = access->grants; g; g = g->next)
        for (n = g->names; n; n = n->next) {
            assert_true(n != g->names || same_bytes(n->path, g->member->path));
            assert_true(n->via ? n->via->led.member == g->member : g->member->index == 0);
            assert_true(count < COUNT(all));
            all[count++] = n;
        }
    assert_int_equal(count, c->names + 1);
    qsort(all, count, sizeof all[0], compare_names);
    for (i = 1; i < count; i++)
        assert_true(compare_names(&all[i - 1], &all[i]) < 0);
    free_store(&store);
    free(files);
}

/* Workspaces by the macro, for a chain of images in a row or of one image and its extents, and what it is granted. A
 * file counts as a member once for each reference to it, and names are the letters of each path and canonical name.
 */
static const struct room {
    const char *name;
    size_t members, length; /* length: of a path */
    bool wide, canonical, one_file;
    size_t size; /* 0: by the macro */
} rooms[] = {
    {"workspace by the macro: one image", 1, 10, false, true},
    {"workspace by the macro: two images", 2, 10, false, true},
    {"workspace by the macro: 200 images", 200, 10, false, true},
    {"workspace by the macro: 200 images that have no canonical name", 200, 10, false, false},
    {"workspace by the macro: 200 images of long names", 200, 1023, false, true},
    {"workspace by the macro: one extent", 2, 10, true, true},
    {"workspace by the macro: 1000 extents", 1001, 10, true, true},
    {"workspace by the macro: 4095 extents", 4096, 10, true, true},
    {"workspace by the macro: 500 extents of long names", 501, 511, true, true},
    {"workspace by the macro: 1000 names of one extent", 1001, 10, true, true, true},
    {"the default workspace: 200 images of long names", 200, 1023, false, true, .size = IMGPROBE_WORKSPACE_DEFAULT},
    {"the default workspace: 4095 extents", 4096, 50, true, true, .size = IMGPROBE_WORKSPACE_DEFAULT},
};

static char *path_in_room(size_t length, size_t number)
{
    char *path = malloc(length + 1);

    assert_non_null(path);
    memset(path, 'n', length);
    memcpy(path, "/i/", strlen("/i/"));
    path[length] = '\0';
    for (; number > 0; number /= 10)
        path[--length] = (char)('0' + number % 10);
    return path;
}

/* Returns the letters of all names. */
static size_t make_room(const struct room *c, struct file *files, char *lines)
{
    size_t i, letters = 0, length = 0;

    for (i = 0; i < c->members; i++) {
        char *path = path_in_room(c->length, i);

        files[i] =
            (struct file){.path = path, .kind = c->wide ? RAW : QCOW2, .canonical = c->canonical ? path : NULL};
        files[i].inode = c->one_file && i > 0 ? 2 : i + 1;
        letters += c->length * (c->canonical ? 2 : 1);
        if (i > 0 && c->wide)
            length += (size_t)sprintf(lines + length, "RW 1 FLAT \"%s\" 0\n", path + strlen("/i/"));
        else if (i > 0)
            files[i - 1].q = (struct build_qcow2){.backing = path, .format = "qcow2"};
    }
    if (c->wide) {
        files[0].kind = VMDK;
        files[0].v.lines = lines;
    }
    return letters;
}

/* Walked and granted, all written, in a workspace of `size`. */
static void check_room(const struct room *c, struct store *store, size_t size)
{
    const struct access_case walked = {.options = {.format = c->wide ? "vmdk" : "qcow2"},
                                       .limits = {.image_bytes = 1048576, .descriptor_bytes = 1048576}};
    static const struct imgprobe_consent root = {.beneath = ""};
    const struct imgprobe_access_options options = {sizeof options, c->canonical, &root, 1, NULL, 0};
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = malloc(size), .size = size};
    struct imgprobe_chain *chain;
    struct imgprobe_access *access;

    assert_non_null(w.memory);
    assert_int_equal(walk(&walked, store, &w, &chain), IMGPROBE_OK);
    assert_int_equal(imgprobe_access(&options, chain, &w, &access), IMGPROBE_OK);
    assert_int_equal(access->count, c->one_file ? 2 : c->members);
    free(w.memory);
}

static void test_room(void **state)
{
    const struct room *c = *state;
    struct file *files = calloc(c->members, sizeof *files);
    char *lines = calloc(c->members, c->length + 20);
    size_t letters, i, descriptor;
    struct store store;

    assert_true(files && lines);
    letters = make_room(c, files, lines);
    store = make_store(files, c->members);
    descriptor = c->wide ? store.all[0].image.size : 0;
    check_room(c, &store, c->size ? c->size : IMGPROBE_WORKSPACE_SIZE(c->members, letters, descriptor));
    free_store(&store);
    for (i = 0; i < c->members; i++)
        free((void *)(uintptr_t)files[i].path);
    free(files);
    free(lines);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        {"options that are too short", test_shorter_options, NULL, NULL, NULL},
        {"a parent that is not told", test_parent_not_told, NULL, NULL, NULL},
        {"options of a newer caller", test_newer_options, NULL, NULL, NULL},
        {"no options: read only", test_no_options, NULL, NULL, NULL},
        {"lists of consents that aren't there", test_lists, NULL, NULL, NULL},
        {"no chain, no workspace, no place for the answer", test_nothing_given, NULL, NULL, NULL},
        {"every size of workspace up to one that serves", test_every_workspace, NULL, NULL, NULL},
    };
    static struct CMUnitTest tests[256];
    size_t count = 0, i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(many); i++)
        tests[count++] = (struct CMUnitTest){many[i].name, test_many_names, NULL, NULL, (void *)(uintptr_t)&many[i]};
    for (i = 0; i < COUNT(rooms); i++)
        tests[count++] = (struct CMUnitTest){rooms[i].name, test_room, NULL, NULL, (void *)(uintptr_t)&rooms[i]};
    for (i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return _cmocka_run_group_tests("access-rooms", tests, count, NULL, NULL);
}
