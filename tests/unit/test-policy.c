/* SPDX-License-Identifier: MIT */
/*
 * What there is to say of a chain, what a policy refuses of it, and that no word or full workspace makes a rule less.
 * tests/program/check-findings.py has an image for each finding; here are the ways in which they are judged.
 */
#include "chain-files.h"
#include "answer/answer.h"

#define MOST_FILES 3
#define MOST_IDS 4

struct policy_case {
    const char *name;
    struct file files[MOST_FILES];
    struct imgprobe_options options;
    bool no_opener;
    const char *policy, *denied[MOST_IDS], *allowed[MOST_IDS];
    uint64_t most;
    enum imgprobe_floor floor;
    enum imgprobe_status status;
    const char *says; /* "id" of the top, "id/1" of the next member; "!" behind what is refused */
};

/* clang-format off */
#define OVER(...) {{TOP, IS_QCOW2(.backing = "base", __VA_ARGS__)}, {.path = "/i/base"}}
#define IS(word) .options = {.format = (word)}
#define REFUSED .status = IMGPROBE_REFUSED

static const struct policy_case cases[] = {
    /* policies */
    {.name = "a raw image that is said to be raw", .files = {{TOP}}, IS("raw"), .policy = "guest", .says = ""},
    {.name = "without a policy nothing is refused", .files = {{TOP}}, .says = "format-probed"},
    {.name = "a probed format, uploaded", .files = {{TOP}}, .policy = "upload", .says = "format-probed"},
    {.name = "a probed format, a guest's", .files = {{TOP}}, .policy = "guest", REFUSED, .says = "format-probed!"},
    {.name = "a probed format, a base", .files = {{TOP}}, .policy = "base", .says = "format-probed"},
    {.name = "a backing file, uploaded", .files = OVER(.format = "raw"), IS("qcow2"), .policy = "upload", REFUSED,
     .says = "backing-file!"},
    {.name = "a backing file, a guest's", .files = OVER(.format = "raw"), IS("qcow2"), .policy = "guest",
     .says = "backing-file"},
    {.name = "a backing file, a base", .files = OVER(.format = "raw"), IS("qcow2"), .policy = "base", REFUSED,
     .says = "backing-file!"},
    {.name = "an undeclared backing file, a guest's", .files = OVER(0), IS("qcow2"), .policy = "guest", REFUSED,
     .says = "backing-file backing-format-missing! format-probed/1!"},

    /* denied and allowed */
    {.name = "denied without a policy", .files = {{TOP}}, .denied = {"format-probed"}, REFUSED, .says = "format-probed!"},
    {.name = "denied besides a policy", .files = {{TOP}}, .policy = "upload", .denied = {"dirty", "format-probed"},
     REFUSED, .says = "format-probed!"},
    {.name = "what is denied and isn't there", .files = {{TOP}}, .denied = {"dirty"}, .says = "format-probed"},
    {.name = "allowed is stronger than a policy", .files = OVER(.format = "raw"), IS("qcow2"), .policy = "upload",
     .allowed = {"backing-file"}, .says = "backing-file"},
    {.name = "allowed is stronger than denied", .files = {{TOP}}, .denied = {"format-probed"},
     .allowed = {"format-probed"}, .says = "format-probed"},
    {.name = "what is allowed allows nothing else", .files = OVER(0), IS("qcow2"), .policy = "guest",
     .allowed = {"backing-format-missing"}, REFUSED,
     .says = "backing-file backing-format-missing format-probed/1!"},
    {.name = "an unknown policy", .files = {{TOP}}, .policy = "uploads", .status = IMGPROBE_USAGE},
    {.name = "an empty policy", .files = {{TOP}}, .policy = "", .status = IMGPROBE_USAGE},
    {.name = "an unknown denied finding", .files = {{TOP}}, .denied = {"dirty", "dirt"}, .status = IMGPROBE_USAGE},
    {.name = "an unknown allowed finding", .files = {{TOP}}, .allowed = {"Dirty"}, .status = IMGPROBE_USAGE},

    /* sizes */
    {.name = "a disk as large as is allowed", .files = {{TOP, .size = 4096}}, IS("raw"), .most = 4096, .says = ""},
    {.name = "a disk that is larger, without a policy", .files = {{TOP, .size = 4608}}, IS("raw"), .most = 4096,
     .says = "virtual-size-over-limit"},
    {.name = "a disk that is larger", .files = {{TOP, .size = 4608}}, IS("raw"), .policy = "base", .most = 4096, REFUSED,
     .says = "virtual-size-over-limit!"},
    {.name = "a disk whose size is its extents', and these are gone",
     .files = {{TOP, IS_VMDK("RW 2 VMFS \"gone\"\n", .type = "vmfs")}}, IS("vmdk"), .policy = "guest",
     .allowed = {"tier-import", "member-missing"}, .most = 4096, REFUSED,
     .says = "tier-import vmdk-create-type virtual-size-over-limit! extent-file member-missing"},

    /* tiers */
    {.name = "a format of the floor's tier", .files = {{TOP, .size = 4096}}, IS("raw"), .floor = IMGPROBE_FLOOR_GUEST,
     .says = ""},
    {.name = "a member below the floor", .files = {{TOP, IS_VMDK("RW 2 FLAT \"flat\" 0\n")}, {.path = "/i/flat"}},
     IS("vmdk"), .policy = "guest", .allowed = {"tier-import"}, .floor = IMGPROBE_FLOOR_GUEST, REFUSED,
     .says = "tier-import vmdk-create-type tier-below-floor! extent-file"},
    {.name = "a member of the lower floor", .files = {{TOP, IS_VMDK("RW 2 FLAT \"flat\" 0\n")}, {.path = "/i/flat"}},
     IS("vmdk"), .policy = "guest", .allowed = {"tier-import"}, .floor = IMGPROBE_FLOOR_IMPORT,
     .says = "tier-import vmdk-create-type extent-file"},
    {.name = "a filter of the floor's tier",
     .files = {{TOP, IS_QCOW2(.backing = "json:{\"driver\":\"preallocate\",\"file\":{\"driver\":\"file\",\"filename\":"
                                         "\"/i/base\"}}")},
               {.path = "/i/base"}},
     IS("qcow2"), .policy = "guest", .floor = IMGPROBE_FLOOR_GUEST, .says = "backing-file"},
    {.name = "a driver below the floor", .files = {{TOP, IS_QCOW2(.backing = "nbd:h:1", .format = "raw")}},
     IS("qcow2"), .policy = "guest", .floor = IMGPROBE_FLOOR_IMPORT, REFUSED,
     .says = "backing-file tier-below-floor! remote-reference!"},
    {.name = "a floor that isn't one", .files = {{TOP}}, .floor = (enum imgprobe_floor)3, .status = IMGPROBE_USAGE},

    /* why a chain ended */
    {.name = "a base that is gone", .files = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}}, IS("qcow2"),
     .policy = "guest", REFUSED, .says = "backing-file member-missing!"},
    {.name = "a base that is gone, which is allowed", .files = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}},
     IS("qcow2"), .policy = "guest", .allowed = {"member-missing"}, .status = IMGPROBE_SYSTEM,
     .says = "backing-file member-missing"},
    {.name = "a loop", .files = {{TOP, IS_QCOW2(.backing = "top", .format = "qcow2")}}, IS("qcow2"), .policy = "guest",
     REFUSED, .says = "backing-file loop!"},
    {.name = "a loop, which is allowed: the chain isn't complete all the same",
     .files = {{TOP, IS_QCOW2(.backing = "top", .format = "qcow2")}}, IS("qcow2"), .policy = "guest",
     .allowed = {"loop"}, REFUSED, .says = "backing-file loop"},
    {.name = "a remote base", .files = {{TOP, IS_QCOW2(.backing = "nbd://h/x", .format = "raw")}}, IS("qcow2"),
     .policy = "guest", REFUSED, .says = "backing-file remote-reference!"},
    {.name = "nothing was followed", .files = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}}, IS("qcow2"),
     .no_opener = true, .policy = "guest", REFUSED, .says = "backing-file not-followed!"},
    {.name = "a probed member that refers to something",
     .files = {{TOP, IS_QCOW2(.backing = "mid")}, {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")},
               {.path = "/i/base"}}, IS("qcow2"), .policy = "guest", REFUSED,
     .says = "backing-file backing-format-missing! format-probed/1! backing-file/1"},
    {.name = "a base that is damaged",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "qcow2")}, {.path = "/i/base"}}, IS("qcow2"),
     .policy = "guest", REFUSED, .says = "backing-file malformed/1!"},
    {.name = "the top is damaged: no answer, and not only refused", .files = {{TOP}}, IS("qcow2"), .policy = "guest",
     .status = IMGPROBE_MALFORMED, .says = "malformed!"},
    {.name = "the top is damaged, and that is allowed", .files = {{TOP}}, IS("qcow2"), .policy = "guest",
     .allowed = {"malformed"}, .status = IMGPROBE_MALFORMED, .says = "malformed"},
    {.name = "the top is ambiguous", .files = {{TOP, .kind = VHD, .h = {.type = BUILD_FIXED}}}, .policy = "upload",
     .status = IMGPROBE_AMBIGUOUS, .says = "ambiguous! format-probed"},
    {.name = "a base that is ambiguous",
     .files = {{TOP, IS_QCOW2(.backing = "base")}, {.path = "/i/base", .kind = VHD, .h = {.type = BUILD_FIXED}}},
     IS("qcow2"), .policy = "upload", .status = IMGPROBE_AMBIGUOUS,
     .says = "backing-file! backing-format-missing ambiguous/1! format-probed/1"},
    {.name = "an extent in another directory",
     .files = {{TOP, IS_VMDK("RW 2 FLAT \"../j/a\" 0\n")}, {.path = "/i/../j/a"}}, IS("vmdk"),
     .says = "tier-import vmdk-create-type extent-file external-extent"},
    {.name = "the top can't be read", .files = {{TOP, .broken = IMGPROBE_SYSTEM}}, .status = IMGPROBE_SYSTEM,
     .says = "unreadable format-probed"},
};
/* clang-format on */

static size_t count_ids(const char *const *ids)
{
    size_t count = 0;

    while (count < MOST_IDS && ids[count])
        count++;
    return count;
}

/* The answer for a chain whose members stand in the store, in the workspace. */
static enum imgprobe_status ask(const struct policy_case *c, struct imgprobe_workspace *w,
                                struct imgprobe_verdict **ret_verdict)
{
    const struct imgprobe_check_options options = {
        .struct_size = sizeof options,
        .policy = c->policy,
        .denied = c->denied,
        .denied_count = count_ids(c->denied),
        .allowed = c->allowed,
        .allowed_count = count_ids(c->allowed),
        .most_virtual_size = c->most,
        .floor = c->floor,
    };
    struct store store = make_store(c->files, MOST_FILES);
    struct imgprobe_opened top = opened(&store.all[0]);
    struct imgprobe_opener opener = opener_of(&store);
    struct imgprobe_options how = c->options;
    struct imgprobe_chain *chain = NULL;
    enum imgprobe_status s;

    how.struct_size = sizeof how;
    how.name = "/i/top";
    imgprobe_chain(&how, &top, c->no_opener ? NULL : &opener, w, &chain);
    assert_non_null(chain);
    s = imgprobe_check(&options, chain, w, ret_verdict);
    free_store(&store);
    return s;
}

static void spell(const struct imgprobe_verdict *v, char *text, size_t size)
{
    size_t length = 0;

    text[0] = '\0';
    for (const struct imgprobe_finding *r = v->findings; r; r = r->next) {
        length += (size_t)snprintf(text + length, size - length, "%s%s", length == 0 ? "" : " ", r->row->id);
        if (r->member->index != 0)
            length += (size_t)snprintf(text + length, size - length, "/%u", r->member->index);
        length += (size_t)snprintf(text + length, size - length, "%s", r->refused ? "!" : "");
        assert_true(length < size);
        assert_non_null(r->message);
    }
}

static void test_case(void **state)
{
    const struct policy_case *c = *state;
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_verdict *v = NULL;
    size_t count = 0, refused = 0;
    char said[1024];

    assert_int_equal(ask(c, &w, &v), c->status);
    if (c->status == IMGPROBE_USAGE) {
        assert_null(v);
        return;
    }
    assert_int_equal(v->error.status, c->status);
    spell(v, said, sizeof said);
    assert_string_equal(said, c->says);
    for (const struct imgprobe_finding *r = v->findings; r; r = r->next) {
        count++;
        refused += r->refused;
    }
    assert_int_equal(v->count, count);
    assert_int_equal(v->refused, refused);
}

/* ---- the table ---- */

static void test_table(void **state)
{
    const struct imgprobe_finding_row *row;
    const struct imgprobe_policy *policy;
    unsigned policies = 0, bit;
    size_t i, index;

    (void)state;
    for (; (policy = imgprobe_policy_at(policies)); policies++) {
        assert_true(ip_policy_named(policy->name, &bit));
        assert_int_equal(bit, 1u << policies);
    }
    assert_int_equal(policies, 3);
    for (i = 0; (row = imgprobe_finding_at(i)); i++) {
        assert_ptr_equal(ip_finding_row(row->id, &index), row); /* so no id is there twice */
        assert_int_equal(index, i);
        assert_int_equal(row->policies >> policies, 0);
        assert_true(row->explanation[0] != '\0');
        assert_true(row->severity != IMGPROBE_DANGER || row->policies != 0);
    }
    assert_null(imgprobe_finding_at(i));
    assert_null(imgprobe_finding_at(SIZE_MAX));
    assert_null(imgprobe_policy_at(SIZE_MAX));
}

static void test_rules_have_rows(void **state)
{
    size_t i, index;

    (void)state;
    for (i = 0; i < ip_remark_rule_count; i++)
        assert_non_null(ip_finding_row(ip_remark_rules[i].id, &index));
    for (i = 0; i < ip_reference_rule_count; i++)
        assert_non_null(ip_finding_row(ip_reference_rules[i].id, &index));
    for (i = IMGPROBE_NEED; i <= IMGPROBE_USAGE; i++)
        assert_non_null(
            ip_finding_row(ip_remark_of_error(&(struct imgprobe_error){.status = (enum imgprobe_status)i}), &index));
    assert_null(ip_remark_of_error(&(struct imgprobe_error){.status = IMGPROBE_OK}));
}

/* Of whatever format: the tier alone counts. */
static void test_tier_identify(void **state)
{
    static const struct imgprobe_format format = {.name = "x", .tier = IMGPROBE_TIER_IDENTIFY};
    struct imgprobe_image image = {.format = &format, .virtual_size = 512};
    struct imgprobe_member member = {.image = &image};
    const struct imgprobe_chain chain = {.members = &member, .count = 1};
    const struct imgprobe_check_options options = {.struct_size = sizeof options, .policy = "upload"};
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_verdict *v;

    (void)state;
    assert_int_equal(imgprobe_check(&options, &chain, &w, &v), IMGPROBE_REFUSED);
    assert_int_equal(v->count, 1);
    assert_string_equal(v->findings->row->id, "tier-identify");
}

/* ---- what a caller can get wrong ---- */

static void test_usage(void **state)
{
    static const char *const ids[] = {"dirty", NULL};
    struct imgprobe_image image = {.virtual_size = 512};
    struct imgprobe_member member = {.image = &image};
    const struct imgprobe_chain chain = {.members = &member, .count = 1}, empty = {.count = 0};
    struct imgprobe_check_options options = {.struct_size = sizeof options};
    struct imgprobe_workspace w = whole_workspace(), none = {.struct_size = 0};
    struct imgprobe_verdict *v = NULL;

    (void)state;
    assert_int_equal(imgprobe_check(&options, NULL, &w, &v), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_check(&options, &empty, &w, &v), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_check(&options, &chain, &none, &v), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_check(&options, &chain, NULL, &v), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_check(&options, &chain, &w, NULL), IMGPROBE_USAGE);
    options.denied_count = 1;
    assert_int_equal(imgprobe_check(&options, &chain, &w, &v), IMGPROBE_USAGE);
    options.denied = ids;
    options.denied_count = 2;
    assert_int_equal(imgprobe_check(&options, &chain, &w, &v), IMGPROBE_USAGE);
    options.denied_count = 0;
    options.struct_size = 0;
    assert_int_equal(imgprobe_check(&options, &chain, &w, &v), IMGPROBE_USAGE);
    assert_null(v);
    assert_int_equal(imgprobe_check(NULL, &chain, &w, &v), IMGPROBE_OK);
}

struct later {
    struct imgprobe_check_options known;
    uint64_t more;
};

static void test_struct_size(void **state)
{
    struct imgprobe_image image = {.virtual_size = 1024, .format_source = IMGPROBE_FORMAT_PINNED};
    struct imgprobe_member member = {.image = &image};
    const struct imgprobe_chain chain = {.members = &member, .count = 1};
    struct later later = {.known = {.struct_size = sizeof later, .policy = "base", .most_virtual_size = 512}};
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_verdict *v;

    (void)state;
    assert_int_equal(imgprobe_check(&later.known, &chain, &w, &v), IMGPROBE_REFUSED);
    later.more = 1;
    assert_int_equal(imgprobe_check(&later.known, &chain, &w, &v), IMGPROBE_USAGE);
    for (later.known.struct_size = 0; later.known.struct_size < sizeof later.known; later.known.struct_size++)
        assert_int_equal(imgprobe_check(&later.known, &chain, &w, &v),
                         later.known.struct_size == offsetof(struct imgprobe_check_options, limits)
                             ? IMGPROBE_REFUSED /* as it was in 0.2 */
                             : IMGPROBE_USAGE);
}

/* In every workspace that holds the chain there is the whole answer or LIMIT, never one with less in it. */
static void test_every_workspace(void **state)
{
    static const char *const denied[] = {"format-probed"};
    const struct imgprobe_check_options options = {
        .struct_size = sizeof options, .policy = "upload", .denied = denied, .denied_count = 1};
    struct imgprobe_image image = {.format_source = IMGPROBE_FORMAT_PROBED, .dirty = true, .virtual_size = 512};
    struct imgprobe_member member = {.image = &image};
    const struct imgprobe_chain chain = {.members = &member, .count = 1};
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_verdict *v = NULL;
    size_t enough, size;

    (void)state;
    ip_workspace_begin(&w);
    assert_int_equal(imgprobe_check(&options, &chain, &w, &v), IMGPROBE_REFUSED);
    enough = ip_state(&w)->results;
    for (size = IP_FIRST_RESULT; size <= enough; size++) {
        w = whole_workspace();
        ip_workspace_begin(&w);
        w.size = size;
        v = NULL;
        if (imgprobe_check(&options, &chain, &w, &v) == IMGPROBE_REFUSED)
            break;
        if (v) {
            assert_int_equal(v->error.status, IMGPROBE_LIMIT);
            assert_string_equal(v->error.field, "workspace");
            assert_int_equal(v->error.found, size);
        }
    }
    assert_non_null(v);
    assert_int_equal(size, enough); /* exactly full is enough */
    assert_int_equal(v->count, 2);
}

static const struct CMUnitTest others[] = {
    {"every row is whole, and there once", test_table, NULL, NULL, NULL},
    {"every rule and every status has its row", test_rules_have_rows, NULL, NULL, NULL},
    {"a format that is recognised alone", test_tier_identify, NULL, NULL, NULL},
    {"what a caller can get wrong", test_usage, NULL, NULL, NULL},
    {"options of an older and of a later caller", test_struct_size, NULL, NULL, NULL},
    {"every size of workspace up to one that serves", test_every_workspace, NULL, NULL, NULL},
};

int main(void)
{
    static struct CMUnitTest tests[COUNT(cases) + COUNT(others)];
    size_t count = 0, i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(cases); i++)
        tests[count++] = (struct CMUnitTest){cases[i].name, test_case, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    for (i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return _cmocka_run_group_tests("policy", tests, count, NULL, NULL);
}
