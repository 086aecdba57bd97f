/* SPDX-License-Identifier: MIT */
/* Receipts: of which bytes they are, and that a change of any of these is noticed, and of no other. */
#include "receipt-case.h"

static struct logged file;

static void make_images(struct build *ret, size_t count)
{
    const struct build all[] = {
        build_qcow2(&(struct build_qcow2){.backing = "base", .format = "qcow2", .data_file = "data"}),
        build_qcow2(
            &(struct build_qcow2){.extensions = 200, .extension_length = 24, .cluster_bits = 13, .backing = "b"}),
        build_vmdk(&(struct build_vmdk){.lines = "RW 1 FLAT \"a\" 0\nRW 2 SPARSE \"b\"\n", .parent = "nbd:x"}),
        build_sparse(65536, build_vmdk(&(struct build_vmdk){.lines = "", .id = 5})),
        build_sesparse(2048),
        build_vhd(&(struct build_vhd){.type = BUILD_DIFFERENCING, .id = 1, .relative = ".\\a", .header = "a"}),
        build_vhd(&(struct build_vhd){.id = 3}),
        build_raw(40000),
        build_raw(100),
        build_raw(0),
    };

    assert_int_equal(count, COUNT(all));
    memcpy(ret, all, sizeof all);
}

/* What the receipt says was read is what was read, in that order, and each digest is that of all before it. */
static void check_receipt(const struct imgprobe_receipt *r)
{
    struct log seen = {.length = 0};
    unsigned char digest[16];
    size_t i;

    assert_int_equal(r->struct_size, sizeof *r);
    assert_int_equal(r->identity.device, 8);
    assert_int_equal(r->identity.inode, 1);
    assert_int_equal(r->kind, IMGPROBE_KIND_FILE);
    assert_int_equal(r->size, file.image.size);
    assert_int_equal(r->changed, 77);
    assert_int_equal(r->changed_nanoseconds, 5);
    assert_int_equal(r->range_count, file.log.reads);
    for (i = 0; i < r->range_count; i++) {
        log_read(&seen, r->ranges[i].offset, file.image.bytes + r->ranges[i].offset, r->ranges[i].length);
        log_digest(&seen, digest);
        assert_memory_equal(digest, r->ranges[i].digest, sizeof digest);
    }
    assert_int_equal(seen.length, file.log.length);
    assert_memory_equal(seen.bytes, file.log.bytes, seen.length);
}

/* Each byte of the file in turn, by one bit: it's noticed in the first range that has it, or nobody looked there. */
static void check_every_byte(const struct imgprobe_receipt *r)
{
    uint64_t noticed = 0, bytes = 0;
    const char *field;
    size_t i, range;

    for (i = 0; i < r->range_count; i++)
        bytes += r->ranges[i].length;
    for (i = 0; i < file.image.size; i++) {
        const size_t expected = range_of(r, i);
        enum imgprobe_status s;

        file.image.bytes[i] ^= (unsigned char)(1u << i % 8);
        s = verify(r, &file, &range, &field);
        assert_int_equal(s, expected < r->range_count ? IMGPROBE_REFUSED : IMGPROBE_OK);
        assert_int_equal(range, expected);
        assert_string_equal(field ? field : "", s == IMGPROBE_OK ? "" : "bytes");
        assert_true(s != IMGPROBE_OK || file.log.read == bytes);
        file.image.bytes[i] ^= (unsigned char)(1u << i % 8);
        noticed += s != IMGPROBE_OK;
    }
    assert_int_equal(noticed, bytes); /* no byte is read twice */
}

static void test_every_byte(void **state)
{
    struct build images[10];
    size_t i;

    (void)state;
    make_images(images, COUNT(images));
    for (i = 0; i < COUNT(images); i++) {
        struct imgprobe_workspace w = whole_workspace();
        const struct imgprobe_receipt *r;

        file = (struct logged){.image = images[i], .have = UINT64_MAX};
        r = ask_logged(&file, &w)->members->receipt;
        assert_non_null(r);
        check_receipt(r);
        check_every_byte(r);
        free(images[i].bytes);
    }
}

/* Pieces of at most 4 KiB, whatever a range's length, and each once. */
static void test_reads(void **state)
{
    struct imgprobe_workspace w = whole_workspace();
    struct build text = build_vmdk(&(struct build_vmdk){.lines = "RW 1 FLAT \"a\" 0\n"});
    char *lines = malloc(40000);
    const struct imgprobe_receipt *r;
    const char *field;
    uint64_t pieces = 0, bytes = 0;
    size_t i, range;

    (void)state;
    assert_non_null(lines);
    for (i = 0; i + 18 < 40000; i += 17)
        memcpy(lines + i, "RW 1 FLAT \"ab\" 0\n", 18);
    free(text.bytes);
    file = (struct logged){.image = build_vmdk(&(struct build_vmdk){.lines = lines}), .have = UINT64_MAX};
    r = ask_logged(&file, &w)->members->receipt;
    assert_non_null(r);
    for (i = 0; i < r->range_count; i++) {
        pieces += (r->ranges[i].length + 4095) / 4096;
        bytes += r->ranges[i].length;
    }
    assert_true(bytes > 32768);
    assert_int_equal(verify(r, &file, &range, &field), IMGPROBE_OK);
    assert_int_equal(file.log.reads, pieces);
    assert_int_equal(file.log.read, bytes);
    free(file.image.bytes);
    free(lines);
}

/* Another file, another kind, another size, and what can't be read: none of these is "unchanged". */
static void test_other_file(void **state)
{
    struct imgprobe_workspace w = whole_workspace();
    const struct imgprobe_receipt *r;
    struct imgprobe_opened now;
    struct imgprobe_error error;
    const char *field;
    size_t range = 99, size;

    (void)state;
    file = (struct logged){.image = build_qcow2(&(struct build_qcow2){.backing = "b"}), .have = UINT64_MAX};
    r = ask_logged(&file, &w)->members->receipt;
    size = file.image.size;
    now = open_logged(&file);
    now.identity.inode++;
    assert_int_equal(imgprobe_verify(r, &now, &range, &error), IMGPROBE_REFUSED);
    assert_string_equal(error.field, "identity");
    assert_int_equal(range, r->range_count);
    now = open_logged(&file);
    now.identity.device++;
    assert_int_equal(imgprobe_verify(r, &now, NULL, NULL), IMGPROBE_REFUSED);
    now = open_logged(&file);
    now.kind = IMGPROBE_KIND_BLOCK;
    assert_int_equal(imgprobe_verify(r, &now, &range, &error), IMGPROBE_REFUSED);
    assert_string_equal(error.field, "identity");
    file.image.size = size - 1;
    assert_int_equal(verify(r, &file, &range, &field), IMGPROBE_REFUSED);
    assert_string_equal(field, "size");
    assert_int_equal(file.log.reads, 0);
    now = open_logged(&file);
    now.source.size = size; /* cut off since it was opened */
    assert_int_equal(imgprobe_verify(r, &now, &range, &error), IMGPROBE_TRUNCATED);
    file.image.size = size;
    file.broken = IMGPROBE_SYSTEM;
    assert_int_equal(verify(r, &file, &range, &field), IMGPROBE_SYSTEM);
    file.broken = IMGPROBE_USAGE; /* the source's mistake, and not the caller's */
    assert_int_equal(verify(r, &file, &range, &field), IMGPROBE_SYSTEM);
    file.broken = IMGPROBE_OK;
    file.have = 100;
    assert_int_equal(verify(r, &file, &range, &field), IMGPROBE_NEED);
    file.have = UINT64_MAX;
    now = open_logged(&file);
    now.changed++; /* a label, for instance */
    now.allocated++;
    assert_int_equal(imgprobe_verify(r, &now, &range, &error), IMGPROBE_OK);
    free(file.image.bytes);
}

/* A receipt may come from outside. */
static void test_bad_receipts(void **state)
{
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_receipt_range ranges[4];
    struct imgprobe_receipt r;
    struct imgprobe_opened now;

    (void)state;
    file = (struct logged){.image = build_qcow2(&(struct build_qcow2){.backing = "b"}), .have = UINT64_MAX};
    r = *ask_logged(&file, &w)->members->receipt;
    now = open_logged(&file);
    assert_int_equal(imgprobe_verify(&r, &now, NULL, NULL), IMGPROBE_OK);
    assert_int_equal(imgprobe_verify(NULL, &now, NULL, NULL), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_verify(&r, NULL, NULL, NULL), IMGPROBE_USAGE);
    assert_true(r.range_count <= COUNT(ranges));
    memcpy(ranges, r.ranges, r.range_count * sizeof ranges[0]);
    r.ranges = ranges;
    ranges[0].length = r.size + 1 - ranges[0].offset;
    assert_int_equal(imgprobe_verify(&r, &now, NULL, NULL), IMGPROBE_USAGE);
    ranges[0].length = UINT64_MAX;
    assert_int_equal(imgprobe_verify(&r, &now, NULL, NULL), IMGPROBE_USAGE);
    ranges[0].length = 1;
    ranges[0].offset = UINT64_MAX;
    assert_int_equal(imgprobe_verify(&r, &now, NULL, NULL), IMGPROBE_USAGE);
    r.ranges = NULL;
    assert_int_equal(imgprobe_verify(&r, &now, NULL, NULL), IMGPROBE_USAGE);
    r.range_count = 0;
    assert_int_equal(imgprobe_verify(&r, &now, NULL, NULL), IMGPROBE_OK);
    r.struct_size -= sizeof(size_t);
    assert_int_equal(imgprobe_verify(&r, &now, NULL, NULL), IMGPROBE_USAGE);
    r.struct_size += sizeof(size_t);
    now.struct_size -= sizeof(size_t);
    assert_int_equal(imgprobe_verify(&r, &now, NULL, NULL), IMGPROBE_USAGE);
    now.struct_size += sizeof(size_t);
    now.source.struct_size -= sizeof(size_t);
    assert_int_equal(imgprobe_verify(&r, &now, NULL, NULL), IMGPROBE_USAGE);
    now.source.struct_size += sizeof(size_t);
    now.source.read_at = NULL;
    assert_int_equal(imgprobe_verify(&r, &now, NULL, NULL), IMGPROBE_USAGE);
    free(file.image.bytes);
}

static unsigned told;
static void tell(void *observer, uint64_t offset, const void *bytes, size_t length)
{
    const struct logged *l = observer;

    told++;
    assert_true(offset + length <= l->image.size && memcmp(bytes, l->image.bytes + offset, length) == 0);
}

/* The caller's observer is told of the reads of both. */
static void test_observer(void **state)
{
    const struct imgprobe_options options = {.struct_size = sizeof options, .name = "/i/top", .receipt = true};
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_opened top;
    struct imgprobe_chain *chain;

    (void)state;
    file = (struct logged){.image = build_qcow2(&(struct build_qcow2){.size = 1}), .have = UINT64_MAX};
    top = open_logged(&file);
    top.source.observe = tell;
    top.source.observer = &file;
    assert_int_equal(imgprobe_chain(&options, &top, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(told, chain->members->receipt->range_count);
    told = 0;
    assert_int_equal(imgprobe_verify(chain->members->receipt, &top, NULL, NULL), IMGPROBE_OK);
    assert_int_equal(told, chain->members->receipt->range_count);
    free(file.image.bytes);
}

/* From a stream that comes in pieces, the receipt is that of the file: reads before a NEED are kept. */
static void test_stream(void **state)
{
    const struct imgprobe_options options = {.struct_size = sizeof options, .name = "/i/top", .receipt = true};
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_opened top;
    struct imgprobe_chain *chain;
    enum imgprobe_status s = IMGPROBE_NEED;
    unsigned asked = 0;

    (void)state;
    file = (struct logged){.image = build_sparse(65536, build_vmdk(&(struct build_vmdk){.lines = "", .id = 5})),
                           .have = 0};
    top = open_logged(&file);
    for (; s == IMGPROBE_NEED; file.have += 100, asked++) {
        s = imgprobe_chain(&options, &top, NULL, &w, &chain);
        assert_true(s != IMGPROBE_NEED || !chain->members->receipt);
    }
    assert_int_equal(s, IMGPROBE_OK);
    assert_true(asked > 100);
    assert_non_null(chain->members->receipt);
    check_receipt(chain->members->receipt);
    free(file.image.bytes);
}

/* No receipt without asking, none where a read failed, and none that lacks what was read before it was asked for. */
static void test_none(void **state)
{
    struct imgprobe_options options = {.struct_size = sizeof options, .name = "/i/top"};
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_opened top;
    struct imgprobe_chain *chain;

    (void)state;
    file = (struct logged){.image = build_qcow2(&(struct build_qcow2){.size = 1}), .have = UINT64_MAX};
    top = open_logged(&file);
    assert_int_equal(imgprobe_chain(&options, &top, NULL, &w, &chain), IMGPROBE_OK);
    assert_null(chain->members->receipt);
    file.broken = IMGPROBE_SYSTEM;
    assert_null(ask_logged(&file, &w)->members->receipt);
    file.broken = IMGPROBE_OK;
    file.have = 8192;
    assert_int_equal(imgprobe_chain(&options, &top, NULL, &w, &chain), IMGPROBE_NEED);
    file.have = UINT64_MAX;
    options.receipt = true;
    assert_int_equal(imgprobe_chain(&options, &top, NULL, &w, &chain), IMGPROBE_OK);
    assert_true(chain->members->image->bytes > 4096);
    assert_null(chain->members->receipt);
    free(file.image.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte),   cmocka_unit_test(test_reads),    cmocka_unit_test(test_other_file),
        cmocka_unit_test(test_bad_receipts), cmocka_unit_test(test_observer), cmocka_unit_test(test_stream),
        cmocka_unit_test(test_none),
    };

    return cmocka_run_group_tests_name("receipt", tests, NULL, NULL);
}
