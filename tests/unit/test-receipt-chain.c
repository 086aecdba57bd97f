/* SPDX-License-Identifier: MIT */
/* Receipts of chains: each member has its own, and each other name that was asked for is listed. */
#include "chain-walk.h"

static const struct chain_case asks = {.options = {.receipt = true}};
static const struct chain_case xen_asks = {.options = {.receipt = true, .reader = IMGPROBE_READER_XEN}};

static void check_receipts(struct store *store, const struct imgprobe_chain *chain)
{
    const struct imgprobe_member *m;

    for (m = chain->members; m; m = m->next) {
        struct stored *s = &store->all[0];
        struct imgprobe_opened now;
        size_t range;

        while (s->inode != m->identity.inode)
            s++;
        now = opened(s);
        assert_non_null(m->receipt);
        assert_int_equal(m->receipt->range_count, m->image->reads);
        assert_int_equal(imgprobe_verify(m->receipt, &now, &range, NULL), IMGPROBE_OK);
        if (m->receipt->range_count == 0)
            continue;
        s->image.bytes[m->receipt->ranges[0].offset] ^= 1;
        assert_int_equal(imgprobe_verify(m->receipt, &now, &range, NULL), IMGPROBE_REFUSED);
        assert_int_equal(range, 0);
        s->image.bytes[m->receipt->ranges[0].offset] ^= 1;
    }
}

/* "path:inode", "path:absent" or "path:STATUS", in order. */
static void check_asked(const struct imgprobe_chain *chain, const char *expected)
{
    const struct imgprobe_asked *at;
    char text[512] = "";
    size_t length = 0;

    for (at = chain->asked; at; at = at->next) {
        const char *how = at->absent ? "absent" : imgprobe_status_name(at->status);
        char inode[32];

        if (at->status == IMGPROBE_OK) {
            snprintf(inode, sizeof inode, "%u", (unsigned)at->identity.inode);
            how = inode;
        }
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s:%s", length ? " " : "",
                                   (const char *)at->path.bytes, how);
        assert_true(length < sizeof text);
    }
    assert_string_equal(text, expected);
}

struct receipt_case {
    const char *name;
    struct file files[MOST_FILES];
    const struct chain_case *how;
    enum imgprobe_status status;
    const char *asked;
};

/* clang-format off */
static const struct receipt_case cases[] = {
    {"a chain of three", {{TOP, IS_QCOW2(.backing = "mid", .format = "qcow2")},
        {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base"}}, &asks, IMGPROBE_OK, ""},
    {"extents, one of them met again, and by another name",
        {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"a\" 1\nRW 1 FLAT \"b\" 0\n")},
        {.path = "/i/a", .inode = 7}, {.path = "/i/b", .inode = 7}}, &asks, IMGPROBE_OK, "/i/a:7 /i/b:7"},
    {"a file that isn't there", {{TOP, IS_QCOW2(.backing = "mid", .format = "raw")}}, &asks, IMGPROBE_SYSTEM,
        "/i/mid:absent"},
    {"a file that can't be opened", {{TOP, IS_QCOW2(.backing = "mid", .format = "raw")},
        {.path = "/i/mid", .fails = IMGPROBE_REFUSED, .field = "path-escape"}}, &asks, IMGPROBE_REFUSED,
        "/i/mid:refused"},
    {"a loop", {{TOP, IS_QCOW2(.backing = "top", .format = "qcow2")}}, &asks, IMGPROBE_REFUSED, "/i/top:1"},
    {"a part that the file is too short for",
        {{TOP, IS_QCOW2(.backing = "json:{'driver':'qcow2','file':{'driver':'raw','offset':1048576,"
          "'file':{'driver':'file','filename':'/i/mid'}}}")}, {.path = "/i/mid", IS_QCOW2(.size = 1)}}, &asks,
        IMGPROBE_TRUNCATED, "/i/mid:truncated"},
    {"several names of a parent: none at the first, and another behind the one that counts",
        {{TOP, .kind = VHD, .h = {.type = BUILD_DIFFERENCING, .id = 1, .parent_id = 2, .url = "file:///i/gone",
          .relative = ".\\mid.vhd", .absolute = "C:\\i\\other.vhd"}},
        {.path = "/i/./mid.vhd", IS_VHD(.id = 2)}, {.path = "/i/other.vhd", IS_VHD(.id = 2)}}, &xen_asks, IMGPROBE_OK,
        NULL},
};
/* clang-format on */

static void test_case(void **state)
{
    const struct receipt_case *c = *state;
    struct store store = make_store(c->files, MOST_FILES);
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    assert_int_equal(walk(&store, c->how, &w, &chain), c->status);
    check_shape(chain);
    check_receipts(&store, chain);
    if (c->asked)
        check_asked(chain, c->asked);
    assert_int_equal(store.opens, store.dones);
    free_store(&store);
}

/* Whatever order the names have: that the first isn't there is listed, and where the third leads. */
static void test_candidates(void **state)
{
    const struct receipt_case *c = &cases[COUNT(cases) - 1];
    struct store store = make_store(c->files, MOST_FILES);
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    const struct imgprobe_reference *r;
    const struct imgprobe_asked *at;

    (void)state;
    assert_int_equal(walk(&store, c->how, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->count, 2);
    for (r = chain->members->image->references; r; r = r->next) {
        if (r->led.kind != IMGPROBE_KIND_FILE || r->led.member)
            continue;
        for (at = chain->asked; at && at->path.bytes != r->led.path.bytes; at = at->next)
            ;
        assert_non_null(at);
        assert_int_equal(at->absent, at->status != IMGPROBE_OK);
    }
    assert_non_null(chain->asked);
    free_store(&store);
}

/* Without asking nothing is listed, and no memory more is used. */
static void test_unasked(void **state)
{
    static const struct chain_case plain = {NULL};
    struct store store = make_store(cases[1].files, MOST_FILES);
    struct imgprobe_workspace w = whole_workspace(), with = whole_workspace();
    const struct imgprobe_member *m;
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, &asks, &with, &chain), IMGPROBE_OK);
    assert_int_equal(walk(&store, &plain, &w, &chain), IMGPROBE_OK);
    assert_null(chain->asked);
    for (m = chain->members; m; m = m->next)
        assert_null(m->receipt);
    assert_true(with.most > w.most);
    free_store(&store);
}

/* In a workspace that is too small the answer is LIMIT: no member of a good chain lacks its receipt, and no name is
 * missing. */
static void test_every_room(void **state)
{
    size_t i, size, full;

    (void)state;
    for (i = 0; i < 2; i++) {
        enum imgprobe_status s = IMGPROBE_LIMIT;

        for (size = 8, full = 0; s != IMGPROBE_OK; size += 8) {
            struct store store = make_store(cases[i].files, MOST_FILES);
            struct imgprobe_workspace w = whole_workspace();
            struct imgprobe_chain *chain;

            w.size = size;
            s = walk(&store, &asks, &w, &chain);
            full += s != IMGPROBE_OK;
            assert_true(s == IMGPROBE_OK || !chain || strcmp(chain->error.field, "workspace") == 0);
            if (s == IMGPROBE_OK) {
                check_receipts(&store, chain);
                check_asked(chain, cases[i].asked);
            }
            assert_int_equal(store.opens, store.dones);
            free_store(&store);
        }
        assert_true(full > 100);
    }
}

int main(void)
{
    struct CMUnitTest tests[COUNT(cases) + 3] = {cmocka_unit_test(test_candidates), cmocka_unit_test(test_unasked),
                                                 cmocka_unit_test(test_every_room)};
    size_t i;

    for (i = 0; i < COUNT(cases); i++)
        tests[3 + i] = (struct CMUnitTest){cases[i].name, test_case, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    return cmocka_run_group_tests_name("receipt-chain", tests, NULL, NULL);
}
