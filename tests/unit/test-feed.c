/* SPDX-License-Identifier: MIT */
/* A stream that is judged while it comes. That it says what the file says is tested over all images: feeds.py. */
#include "build-image.h"
#include "feed/feed.h"
#include "source-file.h"

static alignas(max_align_t) unsigned char room[IMGPROBE_FEED_DEFAULT];
static struct imgprobe_feed feed;
static struct imgprobe_options options;
static struct imgprobe_check_options check;

static int start(void **state)
{
    (void)state;
    memset(room, 0xa5, sizeof room);
    memset(memory, 0xa5, sizeof memory);
    workspace = (struct imgprobe_workspace){.struct_size = sizeof workspace, .memory = memory, .size = sizeof memory};
    options = (struct imgprobe_options){.struct_size = sizeof options};
    check = (struct imgprobe_check_options){.struct_size = sizeof check, .policy = "upload"};
    feed = (struct imgprobe_feed){.struct_size = sizeof feed,
                                  .memory = room,
                                  .size = sizeof room,
                                  .workspace = &workspace,
                                  .options = &options,
                                  .check = &check};
    return 0;
}

/* Feeds it byte by byte, as long as it's NEED. Returns the last status. */
static enum imgprobe_status feed_bytes(struct build b)
{
    enum imgprobe_status s = imgprobe_feed_begin(&feed);
    size_t i;

    for (i = 0; i < b.size && s == IMGPROBE_NEED; i++)
        s = imgprobe_feed(&feed, b.bytes + i, 1);
    assert_int_equal(feed.received, i);
    return s;
}

/* Feeds all of it at once, and probes what was kept. */
static struct imgprobe_image *probe_kept(struct build b, enum imgprobe_status wanted)
{
    struct imgprobe_opened opened;
    struct imgprobe_image *ret = NULL;

    imgprobe_feed_begin(&feed);
    imgprobe_feed(&feed, b.bytes, b.size);
    assert_int_equal(imgprobe_feed_end(&feed, &opened), IMGPROBE_OK);
    assert_int_equal(opened.source.size, b.size);
    assert_int_equal(opened.kind, IMGPROBE_KIND_FILE);
    assert_int_equal(imgprobe_probe(&options, &opened.source, &workspace, &ret), wanted);
    return ret;
}

static void test_refused(void **state)
{
    struct build b = build_qcow2(&(struct build_qcow2){.backing = "/etc/passwd", .format = "raw"});

    (void)state;
    assert_int_equal(feed_bytes(b), IMGPROBE_REFUSED);
    assert_int_equal(feed.received, 512);
    assert_int_equal(feed.error.status, IMGPROBE_REFUSED);
    assert_string_equal(feed.verdict->findings->row->id, "format-probed");
    assert_true(feed.verdict->refused > 0);
    assert_string_equal(feed.chain->members->image->format->name, "qcow2");
    assert_string_equal(feed.chain->members->image->references->stated.name.bytes, "/etc/passwd");
    assert_int_equal(feed.chain->members->image->references_state, IMGPROBE_REFERENCES_CANNOT_TELL);
    /* It goes on for whoever wants it, and stays refused. */
    assert_int_equal(imgprobe_feed(&feed, b.bytes + 512, b.size - 512), IMGPROBE_REFUSED);
    assert_int_equal(feed.received, b.size);
    free(b.bytes);
}

static void test_waits(void **state)
{
    struct build b = build_qcow2(&(struct build_qcow2){.cluster_bits = 16});

    (void)state;
    options.format = "qcow2";
    assert_int_equal(imgprobe_feed_begin(&feed), IMGPROBE_NEED);
    assert_int_equal(feed.error.offset, 0);
    assert_int_equal(imgprobe_feed(&feed, b.bytes, 512), IMGPROBE_NEED);
    assert_int_equal(feed.error.offset, 0);
    assert_int_equal(feed.error.least, 4096);
    assert_int_equal(imgprobe_feed(&feed, b.bytes + 512, 4096 - 512), IMGPROBE_NEED);
    assert_true(feed.error.offset >= 32768 && feed.error.offset + feed.error.least <= 32768 + 136);
    assert_int_equal(imgprobe_feed(&feed, b.bytes + 4096, 36864 - 4096), IMGPROBE_NEED);
    assert_true(feed.error.offset == IMGPROBE_UNKNOWN);
    assert_int_equal(feed.error.least, 2048);
    assert_int_equal(imgprobe_feed(&feed, NULL, 0), IMGPROBE_NEED);
    free(b.bytes);
}

/* A guest may not probe: that is known before the first byte. */
static void test_before(void **state)
{
    (void)state;
    check.policy = "guest";
    assert_int_equal(imgprobe_feed_begin(&feed), IMGPROBE_REFUSED);
    assert_int_equal(feed.received, 0);
    feed.check = NULL;
    feed.options = NULL;
    assert_int_equal(imgprobe_feed_begin(&feed), IMGPROBE_NEED);
}

static void test_malformed(void **state)
{
    struct build b = build_qcow2(&(struct build_qcow2){.cluster_bits = 16});

    (void)state;
    build_big(b, 20, 4, 30);
    assert_int_equal(feed_bytes(b), IMGPROBE_MALFORMED);
    assert_int_equal(feed.received, 512);
    assert_string_equal(feed.error.field, "cluster_bits");
    options.format = "vhdx";
    assert_int_equal(feed_bytes(b), IMGPROBE_MALFORMED);
    assert_string_equal(feed.error.field, "magic");
    assert_int_equal(feed.received, 512);
    free(b.bytes);
}

/* What can be refused of a text is a line of it, however long the text is. */
static void test_text(void **state)
{
    struct build b = build_raw(100000);

    (void)state;
    memset(b.bytes, '#', b.size);
    build_text(b, 0, "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\n");
    build_text(b, 2000, "\nRW 8 FLAT \"/dev/sda\" 0\n");
    check.policy = NULL;
    check.denied = (const char *const[]){"device-extent"};
    check.denied_count = 1;
    assert_int_equal(feed_bytes(b), IMGPROBE_REFUSED);
    assert_int_equal(feed.received, 2048);
    assert_int_equal(feed.chain->members->image->error.status, IMGPROBE_NEED);
    free(b.bytes);
}

static void test_kept(void **state)
{
    struct build b = build_raw(300000);

    (void)state;
    memset(b.bytes, '#', b.size);
    build_text(b, 0, "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType=\"vmfs\"\n");
    probe_kept(b, IMGPROBE_LIMIT);
    assert_true(feed.used > 262144 && feed.used < 280000);
    free(b.bytes);
}

/* Without room for a range there is the range, and no answer. */
static void test_not_kept(void **state)
{
    struct build b = build_raw(20000);
    struct imgprobe_image *ret;
    char text[200];

    (void)state;
    memset(b.bytes, '#', b.size);
    build_text(b, 0, "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType=\"vmfs\"\n");
    feed.size = IMGPROBE_FEED_SIZE(0);
    ret = probe_kept(b, IMGPROBE_LIMIT);
    assert_true(feed.used <= feed.size);
    assert_int_equal(ret->references_state, IMGPROBE_REFERENCES_CANNOT_TELL);
    assert_int_equal(ret->error.offset, 4096);
    assert_int_equal(ret->error.least, 20000 - 4096 - 2048);
    imgprobe_error_text(&ret->error, text, sizeof text);
    assert_string_equal(text,
                        "vmdk over a limit: window at byte 4096: the stream went past that, and it wasn't kept: "
                        "give the image as a file");
    free(b.bytes);
}

/* The last bytes, wherever the ring that holds them begins. */
static void test_last(void **state)
{
    size_t size;

    for (size = 4096; size < 4096 + 2 * 2048; size += 97) {
        struct build b = build_raw(size);
        struct imgprobe_opened opened;
        unsigned char last[2048];
        size_t i;

        start(state);
        for (i = 0; i < size; i++)
            b.bytes[i] = (unsigned char)(i * 7 + i / 251);
        assert_int_equal(imgprobe_feed_begin(&feed), IMGPROBE_NEED);
        for (i = 0; i < size; i += 61)
            imgprobe_feed(&feed, b.bytes + i, size - i < 61 ? size - i : 61);
        assert_int_equal(imgprobe_feed_end(&feed, &opened), IMGPROBE_OK);
        assert_int_equal(opened.source.read_at(opened.source.context, size - 2048, last, 2048), IMGPROBE_OK);
        assert_memory_equal(last, b.bytes + size - 2048, 2048);
        assert_int_equal(opened.source.read_at(opened.source.context, size - 2048, last, 2049), IMGPROBE_TRUNCATED);
        if (size > 4096 + 2048)
            assert_int_equal(opened.source.read_at(opened.source.context, 4096, last, 1), IMGPROBE_LIMIT);
        free(b.bytes);
    }
}

static void test_usage(void **state)
{
    struct imgprobe_opened opened;

    (void)state;
    assert_int_equal(imgprobe_feed_begin(NULL), IMGPROBE_USAGE);
    feed.size = IMGPROBE_FEED_SIZE(0) - 1;
    assert_int_equal(imgprobe_feed_begin(&feed), IMGPROBE_USAGE);
    feed.size = sizeof room - 1;
    feed.memory = room + 1;
    assert_int_equal(imgprobe_feed_begin(&feed), IMGPROBE_USAGE);
    start(NULL);
    check.policy = "nosuch";
    assert_int_equal(imgprobe_feed_begin(&feed), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_feed(&feed, "", 1), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_feed_end(&feed, &opened), IMGPROBE_USAGE);
    check.policy = "base";
    options.format = "nosuch";
    assert_int_equal(imgprobe_feed_begin(&feed), IMGPROBE_USAGE);
    options.format = NULL;
    assert_int_equal(imgprobe_feed_begin(&feed), IMGPROBE_NEED);
    assert_int_equal(imgprobe_feed(&feed, NULL, 1), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_feed_end(&feed, NULL), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_feed_end(&feed, &opened), IMGPROBE_OK);
    assert_int_equal(imgprobe_feed(&feed, "", 1), IMGPROBE_USAGE);
    workspace.memory = NULL;
    assert_int_equal(imgprobe_feed_begin(&feed), IMGPROBE_USAGE);
}

/* A workspace in which the answer doesn't fit is a limit, and no acceptance. */
static void test_full(void **state)
{
    struct build b = build_qcow2(&(struct build_qcow2){.backing = "b", .format = "raw"});

    (void)state;
    for (workspace.size = 4096; workspace.size < 16384; workspace.size += 512) {
        enum imgprobe_status s = imgprobe_feed_begin(&feed);

        if (s == IMGPROBE_NEED)
            s = imgprobe_feed(&feed, b.bytes, b.size);
        assert_true(s == IMGPROBE_LIMIT || s == IMGPROBE_REFUSED || s == IMGPROBE_USAGE);
        if (s == IMGPROBE_LIMIT)
            assert_int_equal(feed.error.status, IMGPROBE_LIMIT);
    }
    assert_int_equal(imgprobe_feed_begin(&feed), IMGPROBE_NEED);
    assert_int_equal(imgprobe_feed(&feed, b.bytes, b.size), IMGPROBE_REFUSED);
    free(b.bytes);
}

static const struct CMUnitTest tests[] = {
    {"a name is refused at the next place where it is looked", test_refused, start, NULL, NULL},
    {"it says what it waits for", test_waits, start, NULL, NULL},
    {"what is refused before the first byte", test_before, start, NULL, NULL},
    {"what no byte behind can mend", test_malformed, start, NULL, NULL},
    {"a line of a text that goes on", test_text, start, NULL, NULL},
    {"a range that was asked for is kept", test_kept, start, NULL, NULL},
    {"one for which there is no room isn't guessed at", test_not_kept, start, NULL, NULL},
    {"the last bytes", test_last, start, NULL, NULL},
    {"mistakes of the caller", test_usage, start, NULL, NULL},
    {"workspaces that are too small", test_full, start, NULL, NULL},
};

int main(void)
{
    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("feed", tests, COUNT(tests), NULL, NULL);
}
