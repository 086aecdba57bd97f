/* SPDX-License-Identifier: MIT */
/*
 * What every caller may count on, whatever the image: structs of other versions, arguments that are mistakes, and the
 * table of formats.
 */
#include "api-call.h"
#include "image/image.h"

/* The structs that say their own size: where it stands in a call, and what an older release lacks. */
#define STRUCT(member, type, older)                                                                                  \
    {                                                                                                                \
#member, offsetof(struct call, member), sizeof(struct type), older                                           \
    }
static const struct sized {
    const char *name;
    size_t place, size;
    size_t older; /* as large as it was in 0.2 */
} sized[] = {
    STRUCT(options, imgprobe_options, sizeof(struct imgprobe_options)),
    STRUCT(limits, imgprobe_limits, offsetof(struct imgprobe_limits, finding_repeats)),
    STRUCT(source, imgprobe_source, sizeof(struct imgprobe_source)),
    STRUCT(top, imgprobe_opened, sizeof(struct imgprobe_opened)),
    STRUCT(opener, imgprobe_opener, sizeof(struct imgprobe_opener)),
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
        assert_int_equal(accepted(s, &c), size == s->older || (size >= s->size && size % sizeof size == 0));
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
        size = s->size + i / sizeof size * sizeof size;
        memcpy((unsigned char *)&c + s->place, &size, sizeof size);
        ((unsigned char *)&c)[s->place + s->size + i] = 1;
        assert_true(accepted(s, &c));
    }
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
    c->options.s.reader = (enum imgprobe_reader)3;
}
static void older_version(struct call *c)
{
    c->options.s.version = IMGPROBE_READER_VERSION(7, 1);
}
static void version_of_xen(struct call *c)
{
    c->options.s.reader = IMGPROBE_READER_XEN;
    c->options.s.version = IMGPROBE_READER_VERSION(10, 0);
}
static void no_follow(struct call *c)
{
    c->options.s.follow = (enum imgprobe_follow)2;
}
static void no_memory(struct call *c)
{
    c->workspace.s.memory = NULL;
}
/* What the library kept there is gone by where a call asked for more bytes. */
static struct ip_state *state_of(struct call *c)
{
    c->workspace.s.pending = 1;
    return ip_state(&c->workspace.s);
}
static void results_beyond_size(struct call *c)
{
    *state_of(c) = (struct ip_state){.results = MEMORY_SIZE + 1};
}
static void ranges_beyond_size(struct call *c)
{
    *state_of(c) = (struct ip_state){.results = 64, .ranges = MEMORY_SIZE + 1};
}
static void both_beyond_size(struct call *c)
{
    *state_of(c) = (struct ip_state){.results = MEMORY_SIZE / 2, .ranges = MEMORY_SIZE / 2 + 32};
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
    {"a version that was never compared", older_version},
    {"a version of a reader that has none", version_of_xen},
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
        bool good = off % alignof(struct ip_state) == 0;

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

/* Calls that look something up, or fill something in. */
static void test_null_of_others(void **state)
{
    static const struct imgprobe_error bad = {
        .status = IMGPROBE_MALFORMED, .offset = IMGPROBE_UNKNOWN, .found = IMGPROBE_UNKNOWN};
    struct call c = good_call();
    struct imgprobe_chain *chain = NULL;
    struct imgprobe_access *access = NULL;
    struct imgprobe_verdict *verdict = NULL;
    struct imgprobe_opener opener;
    struct imgprobe_error error;
    char text[8] = "xxxxxxx";
    uint32_t character = 0;

    (void)state;
    assert_null(imgprobe_format_named(NULL));
    assert_int_equal(imgprobe_error_text(NULL, text, sizeof text), 2);
    assert_string_equal(text, "ok");
    assert_int_equal(imgprobe_error_text(&bad, NULL, 8), 9);
    assert_int_equal(imgprobe_utf8(NULL, 3, &character), 0);
    assert_int_equal(character, UINT32_MAX);
    assert_int_equal(imgprobe_utf8("a", 1, NULL), 1);
    imgprobe_source_buffer(NULL, zeros, 1);
    imgprobe_safe_opener(NULL, NULL);
    imgprobe_close(NULL);
    assert_int_equal(imgprobe_open_fd(0, NULL, &error), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_open_fd(0, NULL, NULL), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_open_path(NULL, &c.top.s, &error), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_open_path("/", NULL, NULL), IMGPROBE_USAGE);
    imgprobe_safe_opener(&opener, NULL);
    assert_int_equal(opener.canonical(NULL, NULL, text, sizeof text), 0);
    assert_int_equal(imgprobe_chain(NULL, &c.top.s, NULL, &c.workspace.s, &chain), IMGPROBE_OK);
    assert_int_equal(imgprobe_access(NULL, NULL, &c.workspace.s, &access), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_access(NULL, chain, NULL, &access), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_access(NULL, chain, &c.workspace.s, NULL), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_access(NULL, chain, &c.workspace.s, &access), IMGPROBE_OK);
    assert_int_equal(imgprobe_check(NULL, NULL, &c.workspace.s, &verdict), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_check(NULL, chain, NULL, &verdict), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_check(NULL, chain, &c.workspace.s, NULL), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_check(NULL, chain, &c.workspace.s, &verdict), IMGPROBE_OK);
}

/* No bytes are an image of size 0, and bytes that aren't there can't be read. */
static void test_null_buffer(void **state)
{
    struct call c = good_call();
    struct imgprobe_image *image = NULL;

    (void)state;
    imgprobe_source_buffer(&c.source.s, NULL, 0);
    assert_int_not_equal(imgprobe_probe(NULL, &c.source.s, &c.workspace.s, &image), IMGPROBE_SYSTEM);
    imgprobe_source_buffer(&c.source.s, NULL, 512);
    assert_int_equal(imgprobe_probe(NULL, &c.source.s, &c.workspace.s, &image), IMGPROBE_SYSTEM);
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
    const char *libvirt_name;
    bool takes_backing, rebases;
} formats[] = {
    {"qcow2", "qcow2", IMGPROBE_TIER_GUEST, true, 4, 8192, "qcow2", true, true},
    {"vmdk", "vmdk", IMGPROBE_TIER_IMPORT, true, 5, 24576, "vmdk", true, false},
    {"vhd", "vpc", IMGPROBE_TIER_IMPORT, true, 11, 16384, "vpc", false, false},
    {"vhdx", "vhdx", IMGPROBE_TIER_IMPORT, true, 11, 163840, NULL, false, false},
    {"vdi", "vdi", IMGPROBE_TIER_IMPORT, true, 4, 8192, "vdi", false, false},
    {"qed", "qed", IMGPROBE_TIER_REFUSE, true, 4, 8192, "qed", true, false},
    {"qcow", "qcow", IMGPROBE_TIER_REFUSE, true, 4, 8192, "qcow", true, false},
    {"luks", "luks", IMGPROBE_TIER_GUEST, true, 4, 8192, NULL, false, false},
    {"parallels", "parallels", IMGPROBE_TIER_IMPORT, true, 4, 8192, NULL, false, false},
    {"bochs", "bochs", IMGPROBE_TIER_REFUSE, true, 4, 8192, NULL, false, false},
    {"cloop", "cloop", IMGPROBE_TIER_REFUSE, true, 4, 8192, NULL, false, false},
    {"dmg", "dmg", IMGPROBE_TIER_REFUSE, true, 4, 8192, NULL, false, false},
    {"composite", NULL, IMGPROBE_TIER_REFUSE, false, 4, 8192, NULL, false, false},
    {"cow", NULL, IMGPROBE_TIER_REFUSE, false, 4, 8192, NULL, false, false},
    {"saved", NULL, IMGPROBE_TIER_REFUSE, false, 4, 8192, NULL, false, false},
    {"diskdescriptor", NULL, IMGPROBE_TIER_IDENTIFY, false, 4, 8192, NULL, false, false},
    {"ovf", NULL, IMGPROBE_TIER_IDENTIFY, false, 4, 8192, NULL, false, false},
    {"vbox", NULL, IMGPROBE_TIER_IDENTIFY, false, 4, 8192, NULL, false, false},
    {"pvs", NULL, IMGPROBE_TIER_IDENTIFY, false, 4, 8192, NULL, false, false},
    {"raw", "raw", IMGPROBE_TIER_GUEST, true, 4, 8192, "raw", false, false},
};

static void test_formats(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(formats); i++) {
        const struct imgprobe_format *row = imgprobe_format_named(formats[i].name);

        assert_non_null(row);
        assert_string_equal(row->name, formats[i].name);
        assert_int_equal(row->qemu_name != NULL, formats[i].qemu_name != NULL);
        if (row->qemu_name)
            assert_string_equal(row->qemu_name, formats[i].qemu_name);
        if (row->qemu_name)
            assert_ptr_equal(imgprobe_format_named(formats[i].qemu_name), row);
        assert_int_equal(row->tier, formats[i].tier);
        assert_int_equal(row->decoded, formats[i].decoded);
        assert_int_equal(row->reads, formats[i].reads);
        assert_int_equal(row->bytes, formats[i].bytes);
        assert_int_equal(row->libvirt_name != NULL, formats[i].libvirt_name != NULL);
        if (row->libvirt_name)
            assert_string_equal(row->libvirt_name, formats[i].libvirt_name);
        assert_int_equal(row->takes_backing, formats[i].takes_backing);
        assert_int_equal(row->rebases, formats[i].rebases);
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
        assert_string_equal(row->name, i < COUNT(formats) ? formats[i].name : "in the table of this test");
        for (j = 0; j < i; j++) {
            other = imgprobe_format_at(j);
            assert_string_not_equal(other->name, row->name);
            assert_true(!row->qemu_name || !other->qemu_name || strcmp(other->qemu_name, row->qemu_name) != 0);
        }
    }
    assert_int_equal(i, COUNT(formats));
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
        c.options.s.format = formats[i].qemu_name ? formats[i].qemu_name : formats[i].name;
        s = imgprobe_probe(&c.options.s, &c.source.s, &c.workspace.s, &image);
        if (compiled || s != IMGPROBE_UNSUPPORTED)
            assert_int_equal(s, strcmp(formats[i].name, "raw") == 0 ? IMGPROBE_OK : IMGPROBE_MALFORMED);
        assert_string_equal(image->format->name, formats[i].name);
        assert_int_equal(image->format_source, IMGPROBE_FORMAT_PINNED);
        assert_int_equal(image->references_state,
                         s == IMGPROBE_OK ? IMGPROBE_REFERENCES_NONE : IMGPROBE_REFERENCES_CANNOT_TELL);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(imgprobe_version(), IMGPROBE_VERSION);
    assert_string_equal(imgprobe_status_name(IMGPROBE_USAGE), "usage");
    assert_string_equal(imgprobe_tier_name(IMGPROBE_TIER_REFUSE), "refuse");
    assert_string_equal(imgprobe_reader_name(IMGPROBE_READER_XEN), "xen");
    assert_string_equal(imgprobe_reader_name(IMGPROBE_READER_IMAGO), "imago");
    assert_string_equal(imgprobe_role_name(IMGPROBE_ROLE_EXTENT), "extent");
    assert_string_equal(imgprobe_references_state_name(IMGPROBE_REFERENCES_KNOWN), "known");
    assert_string_equal(imgprobe_format_source_name(IMGPROBE_FORMAT_PROBED), "probed");
    assert_string_equal(imgprobe_kind_name(IMGPROBE_KIND_SPECIAL), "special");
    assert_string_equal(imgprobe_chain_state_name(IMGPROBE_CHAIN_AMBIGUOUS), "ambiguous");
    assert_string_equal(imgprobe_severity_name(IMGPROBE_DANGER), "danger");
    /* The first of each, and one past the last. */
    assert_string_equal(imgprobe_status_name(IMGPROBE_OK), "ok");
    assert_string_equal(imgprobe_kind_name(IMGPROBE_KIND_NONE), "none");
    assert_string_equal(imgprobe_references_state_name(IMGPROBE_REFERENCES_CANNOT_TELL), "cannot-tell");
    assert_string_equal(imgprobe_status_name((enum imgprobe_status)10), "unknown");
    assert_string_equal(imgprobe_tier_name((enum imgprobe_tier)4), "unknown");
    assert_string_equal(imgprobe_reader_name((enum imgprobe_reader)3), "unknown");
    assert_string_equal(imgprobe_role_name((enum imgprobe_role)3), "unknown");
    assert_string_equal(imgprobe_references_state_name((enum imgprobe_references_state)3), "unknown");
    assert_string_equal(imgprobe_format_source_name((enum imgprobe_format_source)4), "unknown");
    assert_string_equal(imgprobe_kind_name((enum imgprobe_kind)7), "unknown");
    assert_string_equal(imgprobe_chain_state_name((enum imgprobe_chain_state)8), "unknown");
    assert_string_equal(imgprobe_severity_name((enum imgprobe_severity)3), "unknown");
}

/* Whoever adds a format has to ask where it keeps a parent. */
static void test_parents(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < ip_registry_count; i++)
        if (ip_registry[i]->parent == PARENT_UNSAID)
            fail_msg("the row of %s doesn't say what an image says of a parent", ip_registry[i]->row.name);
}

/* A test for one row of a table. */
static struct CMUnitTest of_row(const char *name, CMUnitTestFunction function, const void *row)
{
    return (struct CMUnitTest){name, function, NULL, NULL, (void *)(uintptr_t)row};
}

static const struct CMUnitTest others[] = {
    TEST("memory that isn't aligned", test_misaligned),
    TEST("NULL where it may be, and where it may not", test_null),
    TEST("NULL of the calls that look up or fill in", test_null_of_others),
    TEST("a buffer that isn't there", test_null_buffer),
    TEST("words for values, and none for others", test_names),
    TEST("an opener without one of its functions", test_opener),
    TEST("declarations of formats that nobody knows", test_declarations),
    TEST("declarations that are counted and missing", test_declarations_missing),
    TEST("a declaration without a format", test_declaration_without_format),
    TEST("every format by our name and by QEMU's", test_formats),
    TEST("the other names of formats", test_format_aliases),
    TEST("the table of formats", test_format_table),
    TEST("every format pinned to zeros", test_pinned),
    TEST("every format says what an image says of a parent", test_parents),
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
    return _cmocka_run_group_tests("api", tests, count, NULL, NULL);
}
