/* SPDX-License-Identifier: MIT */
/* Where a chain's references lead, by which names, and how large a disk of several files is. */
#include "chain-walk.h"
#include "image/image.h"

static void test_links(void **state)
{
    static const struct file files[] = {
        {TOP, IS_QCOW2(.data_file = "/i/shared", .backing = "mid", .format = "qcow2")},
        {.path = "/i/mid", IS_QCOW2(.backing = "shared", .format = "raw")},
        {.path = "/i/shared", .is = IMGPROBE_KIND_BLOCK},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    const struct imgprobe_member *shared, *mid;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    shared = chain->members->next;
    mid = shared->next;
    assert_ptr_equal(reference_at(chain->members, 0)->led.member, shared);
    assert_ptr_equal(reference_at(chain->members, 1)->led.member, mid);
    assert_ptr_equal(reference_at(mid, 0)->led.member, shared);
    assert_int_equal(shared->kind, IMGPROBE_KIND_BLOCK);
    assert_int_equal(reference_at(mid, 0)->led.kind, IMGPROBE_KIND_BLOCK);
    assert_ptr_equal(shared->parent, chain->members);
    assert_int_equal(shared->depth, 1);
    assert_int_equal(store.opens, 3);
    free_store(&store);
}

static void test_broken_member_is_linked(void **state)
{
    static const struct file files[] = {{TOP, IS_QCOW2(.backing = "base", .format = "qcow2")},
                                        {.path = "/i/base", .kind = QCOW2, .spoil = {20, 4, 63}}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_MALFORMED);
    assert_ptr_equal(chain->members->next, chain->culprit);
    assert_ptr_equal(reference_at(chain->members, 0)->led.member, chain->culprit);
    free_store(&store);
}

/* The parent link of a VMDK isn't decoded in an extent, so as a parent the same file refers to more. */
static void test_extent_and_parent(void **state)
{
    static const struct file files[] = {
        {TOP, IS_VMDK("RW 128 SPARSE \"a\"\n", "a", .parent_id = 5)},
        {.path = "/i/a",
         .kind = SPARSE,
         .v = {.lines = "", .parent = "further", .id = 5, .parent_id = 6},
         .size = 65536},
        {.path = "/i/further", .kind = SPARSE, .v = {.lines = "", .id = 6}, .size = 65536},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    const struct imgprobe_member *m;
    bool listed = false;

    (void)state;
    (void)walk(&store, NULL, &w, &chain);
    for (m = chain->members; m; m = m->next)
        listed = listed || strcmp(path_of(m), "/i/further") == 0;
    assert_true(listed || chain->state != IMGPROBE_CHAIN_COMPLETE);
    free_store(&store);
}

/* What the reader passes over makes no chain complete, however little is wanted of it. */
static void test_own_and_ignored(void **state)
{
    static const struct chain_case own = {OWN};
    static const struct file files[] = {
        {TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRDONLY 1 FLAT \"b\" 0\n")}, {.path = "/i/a"}, {.path = "/i/b"}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, &own, &w, &chain), IMGPROBE_REFUSED);
    assert_int_equal(chain->state, IMGPROBE_CHAIN_REFUSED);
    free_store(&store);
}

/* A relative name stands beside the name under which its image was opened: of two names, each has its own. */
static void test_two_names(void **state)
{
    static const struct file files[] = {
        {TOP, IS_VMDK("RW 128 SPARSE \"a/x\"\nRW 128 SPARSE \"b/x\"\n")},
        {.path = "/i/a/x", NESTED("RW 1 FLAT \"data\" 0\n"), .inode = 9},
        {.path = "/i/b/x", NESTED("RW 1 FLAT \"data\" 0\n"), .inode = 9},
        {.path = "/i/a/data"},
        {.path = "/i/b/data"},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    const struct imgprobe_member *m;
    bool listed = false;

    (void)state;
    (void)walk(&store, NULL, &w, &chain);
    for (m = chain->members; m; m = m->next)
        listed = listed || strcmp(path_of(m), "/i/b/data") == 0;
    assert_true(listed || chain->state != IMGPROBE_CHAIN_COMPLETE);
    free_store(&store);
}

static void test_sums(void **state)
{
    struct store store = make_store(sum_files, COUNT(sum_files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->members->image->virtual_size, 7 * 512 + 65536);
    assert_int_equal(chain->members->allocated, 512 + 4096 + 8192 + 1024);
    assert_int_equal(chain->members->next->allocated, 4096);
    free_store(&store);
}

static void test_sums_of_nested_extents(void **state)
{
    static const struct file files[] = {
        {TOP, IS_VMDK("RW 9 SPARSE \"a\"\nRW 2 FLAT \"b\" 0\n"), .allocated = 1},
        {.path = "/i/a", NESTED("RW 5 FLAT \"b\" 0\nRW 6 FLAT \"c\" 0\n"), .allocated = 10},
        {.path = "/i/b", .allocated = 100},
        {.path = "/i/c", .allocated = 1000},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->members->next->image->virtual_size, 11 * 512);
    assert_int_equal(chain->members->image->virtual_size, 13 * 512);
    assert_int_equal(chain->members->next->allocated, 1110);
    free_store(&store);
}

static void test_sum_of_itself(void **state)
{
    static const struct file files[] = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\n"), .allocated = 4096}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->members->image->virtual_size, 512);
    assert_int_equal(chain->members->allocated, 4096);
    free_store(&store);
}

static void test_sums_unknown(void **state)
{
    static const struct file files[] = {
        {TOP, IS_VMDK("RW 2048 FLAT \"a\" 0\nRW 2 FLAT \"b\" 0\n"), .allocated = 10},
        {.path = "/i/a", .allocated = IMGPROBE_UNKNOWN},
        {.path = "/i/b", .allocated = 100},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_true(chain->members->allocated == IMGPROBE_UNKNOWN);
    assert_int_equal(chain->members->image->virtual_size, 1048576 + 1024);
    free_store(&store);
}

static void test_data_file_counts_for_itself(void **state)
{
    static const struct file files[] = {
        {TOP, IS_QCOW2(.data_file = "/i/data", .backing = "base", .format = "raw"), .allocated = 10},
        {.path = "/i/data", .allocated = 20},
        {.path = "/i/base", .allocated = 100},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->members->allocated, 10);
    free_store(&store);
}

static void test_no_opener_sums(void **state)
{
    static const struct chain_case closed = {.no_opener = true};
    static const struct file flat[] = {{TOP, IS_VMDK("RW 3 FLAT \"a\" 0\nRW 4 VMFS \"b\"\n"), .allocated = 512}};
    struct store store = make_store(sum_files, COUNT(sum_files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, &closed, &w, &chain), IMGPROBE_REFUSED);
    assert_true(chain->members->image->virtual_size == IMGPROBE_UNKNOWN);
    assert_true(chain->members->allocated == IMGPROBE_UNKNOWN);
    assert_string_equal((const char *)reference_at(chain->members, 2)->led.path.bytes, "/i/c");
    free_store(&store);
    store = make_store(flat, COUNT(flat));
    assert_int_equal(walk(&store, &closed, &w, &chain), IMGPROBE_REFUSED);
    assert_int_equal(chain->members->image->virtual_size, 7 * 512);
    free_store(&store);
}

/* What isn't known of a chain that ends early stays unknown, and what is known is said. */
static const struct part {
    const char *name;
    struct file files[3];
    enum imgprobe_status status;
    uint64_t size;
} parts[] = {
    /* clang-format off */
    {"size: extents, and no parent where one is named",
     {{TOP, IS_VMDK("RW 3 FLAT \"a\" 0\n", "base", .parent_id = 5)}, {.path = "/i/a"}}, IMGPROBE_SYSTEM, 3 * 512},
    {"size: an extent that isn't there", {{TOP, IS_VMDK("RW 3 FLAT \"a\" 0\nRW 3 FLAT \"b\" 0\n")}, {.path = "/i/a"}},
     IMGPROBE_SYSTEM, IMGPROBE_UNKNOWN},
    {"size: an extent that is damaged", {{TOP, IS_VMDK("RW 3 SPARSE \"a\"\n")}, {.path = "/i/a"}},
     IMGPROBE_MALFORMED, IMGPROBE_UNKNOWN},
    {"size: an extent behind one that isn't there", {{TOP, IS_VMDK("RW 3 FLAT \"a\" 0\nRW 3 SPARSE \"b\"\n")},
     {.path = "/i/b", .kind = SPARSE}}, IMGPROBE_SYSTEM, IMGPROBE_UNKNOWN},
    {"size: an extent of an extent that isn't there", {{TOP, IS_VMDK("RW 3 SPARSE \"a\"\n")},
     {.path = "/i/a", NESTED("RW 3 FLAT \"b\" 0\n")}}, IMGPROBE_SYSTEM, IMGPROBE_UNKNOWN},
    {"size: an extent that lists the disk", {{TOP, IS_VMDK("RW 3 SPARSE \"a\"\n")},
     {.path = "/i/a", NESTED("RW 3 SPARSE \"top\"\n")}}, IMGPROBE_REFUSED, IMGPROBE_UNKNOWN},
    /* clang-format on */
};

static void test_part(void **state)
{
    const struct part *c = *state;
    struct file files[COUNT(c->files)];
    struct store store;
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    uint64_t all = 0;
    size_t i;

    memcpy(files, c->files, sizeof files);
    for (i = 0; i < COUNT(files) && files[i].path; i++)
        all += files[i].allocated = 1000 * (i + 1);
    store = make_store(files, COUNT(files));
    assert_int_equal(walk(&store, NULL, &w, &chain), c->status);
    assert_true(chain->members->image->virtual_size == c->size);
    assert_true(chain->members->allocated == IMGPROBE_UNKNOWN || chain->members->allocated <= all);
    free_store(&store);
}

/* An extent that can't be written makes the disk so. */
static void test_read_only_extent(void **state)
{
    static const struct file files[] = {{TOP, IS_VMDK("RW 128 SPARSE \"a\"\n")},
                                        {.path = "/i/a", .kind = SPARSE, .size = 65536, .spoil = {4, 1, 3}}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_true(chain->members->image->read_only);
    free_store(&store);
}

/* What an opener answers that is asked for the canonical name of a base, and what becomes of it. */
static const struct canonical_case {
    const char *name;
    const char *told;
    size_t claims; /* 0: its length */
    uint64_t name_bytes;
    const char *wanted; /* NULL: none */
} canonicals[] = {
    {"canonical: an absolute name", "/real/base", 0, 0, "/real/base"},
    {"canonical: one that can't be told", NULL, 0, 0, NULL},
    {"canonical: one letter", "/", 0, 0, "/"},
    {"canonical: a part of what was written", "/real/base", 5, 0, "/real"},
    {"canonical: as long as the limit on names", "/real/base", 0, 10, "/real/base"},
    {"canonical: longer than the limit on names", "/real/base1", 0, 10, NULL},
    {"canonical: a length of one more than there was room for", "/real/base", 11, 10, NULL},
    {"canonical: a length that no memory has", "/real/base", SIZE_MAX, 0, NULL},
};

static void test_canonical(void **state)
{
    const struct canonical_case *c = *state;
    const struct chain_case limited = {.limits = {.name_bytes = c->name_bytes}};
    const struct file files[] = {
        {TOP, IS_QCOW2(.backing = "mid", .format = "qcow2"), .canonical = "/real/top"},
        {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw"), .canonical = c->told, .claims = c->claims},
        {.path = "/i/base", .canonical = "/b"}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    const struct imgprobe_member *mid;

    store.knows_names = true;
    memset(memory, 0xff, sizeof memory);
    assert_int_equal(walk(&store, &limited, &w, &chain), IMGPROBE_OK);
    assert_int_equal(store.asked, 3);
    mid = chain->members->next;
    assert_true((mid->canonical.bytes != NULL) == (c->wanted != NULL));
    assert_int_equal(mid->canonical.length, c->wanted ? strlen(c->wanted) : 0);
    if (c->wanted)
        assert_string_equal((const char *)mid->canonical.bytes, c->wanted);
    assert_string_equal((const char *)chain->members->canonical.bytes, "/real/top");
    assert_string_equal((const char *)mid->next->canonical.bytes, "/b");
    assert_int_equal(check_shape(chain), 0);
    free_store(&store);
}

/* A member met again isn't asked for again, and a name costs no more room than its letters. */
static void test_canonical_once(void **state)
{
    static const struct file files[] = {
        {TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"a\" 1\nRW 1 FLAT \"b\" 0\n"), .canonical = "/r/top"},
        {.path = "/i/a", .canonical = "/r/a"},
        {.path = "/i/b"},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    size_t without;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_true(!chain->members->canonical.bytes && store.asked == 0);
    without = ip_state(&w)->results;
    store.knows_names = true;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(store.asked, 3);
    assert_true(ip_state(&w)->results - without <= 3 * sizeof(max_align_t));
    assert_null(chain->members->next->next->canonical.bytes);
    free_store(&store);
}

/* An opener of a caller's that knows no canonical names. */
static void test_without_canonical(void **state)
{
    static const struct file files[] = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base"}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_options options = {.struct_size = sizeof options, .name = "/i/top"};
    struct imgprobe_opened top = opened(&store.all[0]);
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_opener opener;
    struct imgprobe_chain *chain;

    (void)state;
    store.knows_names = true;
    opener = opener_of(&store);
    opener.canonical = NULL;
    assert_int_equal(imgprobe_chain(&options, &top, &opener, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->count, 2);
    assert_int_equal(store.asked, 0);
    free_store(&store);
}

static const struct CMUnitTest others[] = {
    {"references lead to their members, a shared one to one", test_links, NULL, NULL, NULL},
    {"a reference leads to its member, damaged or not", test_broken_member_is_linked, NULL, NULL, NULL},
    {"an extent that is the parent too, and has a parent itself", test_extent_and_parent, NULL, NULL, NULL},
    {"only the image's own files are wanted, and one is passed over", test_own_and_ignored, NULL, NULL, NULL},
    {"a file by two names, beside which other files stand", test_two_names, NULL, NULL, NULL},
    {"a disk is as large as its extents", test_sums, NULL, NULL, NULL},
    {"a disk is as large as its extents' extents", test_sums_of_nested_extents, NULL, NULL, NULL},
    {"its own single extent is allocated once", test_sum_of_itself, NULL, NULL, NULL},
    {"allocated is unknown where a part is", test_sums_unknown, NULL, NULL, NULL},
    {"allocated has neither the data file nor the backing file", test_data_file_counts_for_itself, NULL, NULL, NULL},
    {"without an opener: sizes that lines say are known", test_no_opener_sums, NULL, NULL, NULL},
    {"an extent that can't be written", test_read_only_extent, NULL, NULL, NULL},
    {"canonical: asked for once, and kept in its own room", test_canonical_once, NULL, NULL, NULL},
    {"canonical: an opener without it isn't asked", test_without_canonical, NULL, NULL, NULL},
};

int main(void)
{
    static struct CMUnitTest tests[256];
    size_t count = 0, i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(parts); i++)
        tests[count++] = (struct CMUnitTest){parts[i].name, test_part, NULL, NULL, (void *)(uintptr_t)&parts[i]};
    for (i = 0; i < COUNT(canonicals); i++)
        tests[count++] =
            (struct CMUnitTest){canonicals[i].name, test_canonical, NULL, NULL, (void *)(uintptr_t)&canonicals[i]};
    for (i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return _cmocka_run_group_tests("chain-links", tests, count, NULL, NULL);
}
