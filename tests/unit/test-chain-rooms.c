/* SPDX-License-Identifier: MIT */
/* Chains that are deep or wide, in workspaces of every size, and ones that end before all is there. */
#include "chain-walk.h"

/* In workspaces of every size: that there is no room is said, and nothing is left out. */
static void test_every_room(void **state)
{
    static const struct file files[] = {{TOP, IS_QCOW2(.backing = ANOTHER_BASE)},
                                        {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")},
                                        {.path = "/i/other"}},
                             mismatched[] = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\n", "base", .parent_id = 5)},
                                             {.path = "/i/a"},
                                             {.path = "/i/base", IS_VMDK("RW 1 FLAT \"a\" 0\n", .id = 6)}},
                             of_xen[] = {{TOP, DIFFERENCING(1, 2, ".\\mid.vhd")},
                                         {.path = "/i/./mid.vhd", DIFFERENCING(2, 3, "C:\\i\\base.vhd")},
                                         {.path = "/i/base.vhd", IS_VHD(.id = 3)}};
    const struct file *const all[] = {files, mismatched, of_xen};
    static const struct chain_case xen = {XEN};
    size_t i, size, full;

    (void)state;
    for (i = 0; i < COUNT(all); i++) {
        enum imgprobe_status s = IMGPROBE_LIMIT;

        for (size = 8, full = 0; s != IMGPROBE_OK; size += 8) {
            struct store store = make_store(all[i], 3);
            struct imgprobe_workspace w = whole_workspace();
            struct imgprobe_chain *chain;

            w.size = size;
            s = walk(&store, i < 2 ? NULL : &xen, &w, &chain);
            full += s != IMGPROBE_OK;
            assert_true(s == IMGPROBE_OK || !chain || strcmp(chain->error.field, "workspace") == 0);
            assert_true(s != IMGPROBE_OK || chain->count == 3);
            assert_int_equal(store.opens, store.dones);
            free_store(&store);
        }
        assert_true(full > 100);
    }
}

static enum imgprobe_status open_nothing(void *context, const char *path, struct imgprobe_opened *ret,
                                         struct imgprobe_error *error)
{
    (void)context;
    (void)path;
    (void)error;
    *ret = (struct imgprobe_opened){.struct_size = sizeof *ret};
    return IMGPROBE_OK;
}

static void done_nothing(void *context, struct imgprobe_opened *o)
{
    (void)o;
    ++*(unsigned *)context;
}

/* An opener that says that it has opened a file, and gives no source. */
static void test_no_source(void **state)
{
    static const struct file files[] = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_opened top = opened(&store.all[0]);
    unsigned dones = 0;
    struct imgprobe_opener opener = {
        .struct_size = sizeof opener, .open = open_nothing, .done = done_nothing, .context = &dones};
    struct imgprobe_options options = {.struct_size = sizeof options, .name = "/i/top"};
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(imgprobe_chain(&options, &top, &opener, &w, &chain), IMGPROBE_SYSTEM);
    assert_int_equal(chain->state, IMGPROBE_CHAIN_MISSING);
    assert_int_equal(dones, 1);
    free_store(&store);
}

static const struct file need_files[] = {{TOP, IS_QCOW2(.backing = "base", .format = "qcow2")},
                                         {.path = "/i/base", .kind = QCOW2}};

static void test_need_of_the_top(void **state)
{
    struct store store = make_store(need_files, COUNT(need_files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    enum imgprobe_status s;
    unsigned calls = 1;

    (void)state;
    store.all[0].have = 0;
    for (; (s = walk(&store, NULL, &w, &chain)) == IMGPROBE_NEED; calls++) {
        assert_int_equal(chain->state, IMGPROBE_CHAIN_MISSING);
        assert_int_equal(store.opens, 0);
        assert_true(chain->error.offset + chain->error.least > store.all[0].have);
        store.all[0].have = chain->error.offset + chain->error.least;
    }
    assert_int_equal(s, IMGPROBE_OK);
    assert_int_equal(calls, 3);
    assert_int_equal(chain->count, 2);
    assert_int_equal(store.all[0].bytes, chain->members->image->bytes);
    assert_int_equal(store.all[0].reads, chain->members->image->reads);
    assert_int_equal(store.opens, 1);
    free_store(&store);
}

static void test_need_below(void **state)
{
    struct store store = make_store(need_files, COUNT(need_files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    store.all[1].have = 4096;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_NEED);
    assert_int_equal(chain->error.status, IMGPROBE_NEED);
    assert_int_equal(chain->count, 2);
    assert_ptr_equal(chain->culprit, chain->members->next);
    assert_int_equal(store.opens, 1);
    assert_int_equal(store.dones, 1);
    assert_int_equal(w.pending, 0);
    store.all[1].have = UINT64_MAX;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->members->next->image->bytes, 6144);
    assert_int_equal(store.opens, store.dones);
    free_store(&store);
}

static void test_top_of_unknown_size(void **state)
{
    struct store store = make_store(need_files, COUNT(need_files));
    struct imgprobe_opener opener = opener_of(&store);
    struct imgprobe_opened top = opened(&store.all[0]);
    struct imgprobe_options options = {.struct_size = sizeof options, .name = "/i/top"};
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    top.source.size = IMGPROBE_UNKNOWN;
    assert_int_equal(imgprobe_chain(&options, &top, &opener, &w, &chain), IMGPROBE_NEED);
    assert_true(chain->error.offset == IMGPROBE_UNKNOWN);
    assert_int_equal(chain->error.least, 2048);
    top.source.size = store.all[0].image.size;
    assert_int_equal(imgprobe_chain(&options, &top, &opener, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->members->image->file_size, store.all[0].image.size);
    assert_int_equal(store.all[0].bytes, 6144);
    free_store(&store);
}

/* `count` qcow2 images, each the backing file of the one before, and their names. */
static struct file *make_deep(size_t count, char (*names)[32])
{
    struct file *files = calloc(count, sizeof *files);
    size_t i;

    assert_non_null(files);
    for (i = 0; i < count; i++) {
        (void)snprintf(names[i], sizeof names[i], "/i/%zu", i);
        files[i] = (struct file){.path = names[i], .kind = QCOW2};
        if (i > 0) {
            files[i - 1].q.backing = names[i] + strlen("/i/");
            files[i - 1].q.format = "qcow2";
        }
    }
    return files;
}

static void test_deep(void **state)
{
    static char names[201][32];
    struct file *files = make_deep(COUNT(names), names);
    struct store store = make_store(files, COUNT(names));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_LIMIT);
    assert_int_equal(chain->state, IMGPROBE_CHAIN_LIMIT);
    assert_string_equal(chain->error.field, "chain_depth");
    assert_int_equal(chain->error.found, 201);
    assert_int_equal(chain->error.most, 200);
    assert_int_equal(chain->count, 200);
    assert_int_equal(chain->culprit->depth, 199);
    free_store(&store);
    files[199].q.backing = NULL;
    store = make_store(files, COUNT(names));
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->count, 200);
    assert_int_equal(check_shape(chain), 0);
    assert_int_equal(store.opens, 199);
    assert_int_equal(store.most_open, 1);
    free_store(&store);
    free(files);
}

/* A descriptor of `count` extents, its first file, and their names. */
static struct file *make_wide(size_t count, char (*names)[64], char *lines, bool sparse)
{
    struct file *files = calloc(count + 1, sizeof *files);
    size_t i, length = 0;

    assert_non_null(files);
    for (i = 1; i <= count; i++) {
        /* Names so long that the descriptor is as long as its limit allows. */
        (void)snprintf(names[i], sizeof names[i], "/i/a-long-name-of-an-extent-%s%05zu", sparse ? "s" : "f-", i);
        length += (size_t)snprintf(lines + length, 80, "RW 128 %s \"%s\"%s\n", sparse ? "SPARSE" : "FLAT",
                                   names[i] + strlen("/i/"), sparse ? "" : " 0");
        files[i] = (struct file){.path = names[i], .kind = sparse ? SPARSE : RAW, .size = 65536};
    }
    files[0] = (struct file){TOP, IS_VMDK(lines)};
    return files;
}

static void check_wide(size_t count, bool sparse)
{
    static char names[4097][64], lines[4097 * 80];
    struct file *files = make_wide(count, names, lines, sparse);
    struct store store = make_store(files, count + 1);
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    enum imgprobe_status s = walk(&store, NULL, &w, &chain);

    if (s == IMGPROBE_LIMIT)
        assert_string_equal(chain->error.field, "chain_members");
    assert_int_equal(s, count < 4096 ? IMGPROBE_OK : IMGPROBE_LIMIT);
    assert_int_equal(chain->count, 4096);
    assert_int_equal(store.opens, store.dones);
    assert_int_equal(store.most_open, 1);
    if (s == IMGPROBE_OK) {
        assert_int_equal(chain->members->image->virtual_size, count * 65536);
    } else {
        assert_int_equal(chain->error.found, 4097);
        assert_int_equal(chain->error.most, 4096);
    }
    free_store(&store);
    free(files);
}

static void test_wide(void **state)
{
    (void)state;
    check_wide(4095, false);
    check_wide(4096, false);
}

static void test_wide_sparse(void **state)
{
    (void)state;
    check_wide(4095, true);
    check_wide(4096, true);
}

/* Whatever the workspace holds, the answer is the right one or an error that says that it is full. */
static void test_every_workspace(void **state)
{
    static const struct chain_case small = {.limits = {.chain_members = 8}};
    struct store store = make_store(sum_files, COUNT(sum_files));
    enum imgprobe_status s = IMGPROBE_USAGE;
    size_t size;

    (void)state;
    for (size = 16; s != IMGPROBE_OK; size += 16) {
        struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = malloc(size), .size = size};
        struct imgprobe_chain *chain = NULL;

        assert_non_null(w.memory);
        store.knows_names = size / 16 % 2 == 0;
        s = walk(&store, &small, &w, &chain);
        assert_true(s == IMGPROBE_USAGE || chain != NULL);
        if (s != IMGPROBE_USAGE && s != IMGPROBE_OK) {
            assert_int_equal(s, IMGPROBE_LIMIT);
            assert_int_equal(chain->state, IMGPROBE_CHAIN_LIMIT);
            assert_string_equal(chain->error.field, "workspace");
            assert_int_equal(chain->error.found, size);
        }
        assert_true(w.most <= size);
        assert_int_equal(store.opens, store.dones);
        free(w.memory);
        assert_true(size < 65536);
    }
    free_store(&store);
}

static bool shows_secret(const struct imgprobe_chain *chain, size_t *stars)
{
    const struct imgprobe_member *m;
    const struct imgprobe_reference *r;

    for (m = chain->members; m; m = m->next) {
        for (r = m->image ? m->image->references : NULL; r; r = r->next) {
            if (!r->stated.redacted.bytes)
                return true;
            *stars += strcmp((const char *)r->stated.redacted.bytes, "***") == 0;
        }
    }
    return false;
}

/* A name for which there is no room to look for its password is hidden whole. */
static void test_password_in_every_workspace(void **state)
{
    static char lines[100 * 40];
    static const struct file files[] = {{.path = "top", IS_VMDK(lines)}};
    enum imgprobe_status s = IMGPROBE_USAGE;
    size_t i, length = 0, size, stars = 0;

    (void)state;
    for (i = 0; i < 100; i++)
        length += (size_t)snprintf(lines + length, 40, "RW 1 FLAT \"ssh://u:SECRET@h/x\" 0\n");
    for (size = 1024; s == IMGPROBE_USAGE || s == IMGPROBE_LIMIT; size += 128) {
        struct store store = make_store(files, COUNT(files));
        struct imgprobe_workspace w = whole_workspace();
        struct imgprobe_chain *chain = NULL;

        w.size = size;
        s = walk(&store, NULL, &w, &chain);
        assert_false(chain && shows_secret(chain, &stars));
        free_store(&store);
    }
    assert_int_equal(s, IMGPROBE_REFUSED);
    assert_int_not_equal(stars, 0);
}

/* A workspace left by a probe that waits serves another chain, once `pending` is zero. */
static void test_abandoned_probe(void **state)
{
    struct store store = make_store(need_files, COUNT(need_files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    store.all[0].have = 4096;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_NEED);
    assert_int_not_equal(w.pending, 0);
    free_store(&store);
    w.pending = 0;
    store = make_store(sum_files, COUNT(sum_files));
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->count, COUNT(sum_files));
    assert_int_equal(chain->members->image->bytes, store.all[0].bytes);
    free_store(&store);
}

static const struct CMUnitTest others[] = {
    {"workspaces of every size", test_every_room, NULL, NULL, NULL},
    {"an opener that opens nothing", test_no_source, NULL, NULL, NULL},
    {"NEED of the top, then complete", test_need_of_the_top, NULL, NULL, NULL},
    {"NEED below the top ends the chain, and it may be asked again", test_need_below, NULL, NULL, NULL},
    {"a top whose size isn't known at first", test_top_of_unknown_size, NULL, NULL, NULL},
    {"200 deep, and not 201", test_deep, NULL, NULL, NULL},
    {"4096 members with flat extents, and not 4097", test_wide, NULL, NULL, NULL},
    {"4096 members with sparse extents, and not 4097", test_wide_sparse, NULL, NULL, NULL},
    {"every size of workspace up to one that serves", test_every_workspace, NULL, NULL, NULL},
    {"a password in a workspace of every size", test_password_in_every_workspace, NULL, NULL, NULL},
    {"a probe that was given up leaves nothing", test_abandoned_probe, NULL, NULL, NULL},
};

int main(void)
{
    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("chain-rooms", others, COUNT(others), NULL, NULL);
}
