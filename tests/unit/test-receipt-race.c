/* SPDX-License-Identifier: MIT */
/*
 * Receipts against a writer. A thread changes a file as fast as it can while answers about it are made and verified.
 * What was handed out of the file is logged, so it's known what each side has seen: "unchanged" is right exactly
 * where both saw the same.
 */
#include "receipt-case.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROUNDS 1000

static struct {
    int fd;
    struct build image;
    bool running;
    atomic_bool stop;
    atomic_ulong writes;
} race;

static struct imgprobe_source plain;

/* One bit of a byte that is read, or of one that isn't; the next write takes it back. */
static void write_once(unsigned long number)
{
    const size_t places[] = {30, 5000, 110, 9000, 4000, race.image.size - 3};
    const size_t at = places[number / 2 % COUNT(places)];
    unsigned char byte = race.image.bytes[at] ^ (number % 2 == 0 ? 0x10 : 0);

    if (pwrite(race.fd, &byte, 1, (off_t)at) != 1)
        abort(); /* cmocka's asserts are for one thread */
}

/* Between most reads something is written, by the thread if it gets there. Between some it's left to chance, or no
 * two looks would ever see the same. */
static void let_write(void)
{
    static unsigned turn = 1;
    const unsigned long before = atomic_load(&race.writes);
    unsigned i;

    turn = turn * 1103515245 + 12345;
    if (!race.running || turn >> 30 == 0)
        return;
    for (i = 0; i < 3 && atomic_load(&race.writes) == before; i++)
        (void)sched_yield();
    if (atomic_load(&race.writes) == before)
        write_once(atomic_fetch_add(&race.writes, 1));
}

static enum imgprobe_status read_and_log(void *context, uint64_t offset, void *buffer, size_t length)
{
    struct log *log = context;
    enum imgprobe_status s = plain.read_at(plain.context, offset, buffer, length);

    if (s == IMGPROBE_OK)
        log_read(log, offset, buffer, length);
    let_write();
    return s;
}

static void *write_all(void *unused)
{
    (void)unused;
    while (!atomic_load(&race.stop)) {
        write_once(atomic_fetch_add(&race.writes, 1));
        (void)sched_yield();
    }
    return NULL;
}

static struct imgprobe_opened open_race(struct log *log)
{
    struct imgprobe_opened now;

    assert_int_equal(imgprobe_open_fd(race.fd, &now, NULL), IMGPROBE_OK);
    plain = now.source;
    now.source.read_at = read_and_log;
    now.source.context = log;
    *log = (struct log){.length = 0};
    return now;
}

/* Whether the second has seen nothing else as far as it went. It is logged in pieces of 4 KiB, and no range of these
 * images is longer. */
static bool begins_as(const struct log *first, const struct log *second)
{
    return second->length <= first->length && memcmp(first->bytes, second->bytes, second->length) == 0;
}

static bool same_log(const struct log *first, const struct log *second)
{
    return second->length == first->length && begins_as(first, second);
}

static const struct imgprobe_receipt *answer(struct imgprobe_workspace *w, struct log *log)
{
    const struct imgprobe_options options = {
        .struct_size = sizeof options, .name = "/i/top", .format = "raw", .receipt = true};
    struct imgprobe_opened top = open_race(log);
    struct imgprobe_chain *chain;
    unsigned char digest[16];
    const struct imgprobe_receipt *r;

    (void)imgprobe_chain(&options, &top, NULL, w, &chain);
    r = chain->members->receipt;
    assert_non_null(r);
    assert_true(r->range_count > 1);
    log_digest(log, digest);
    assert_memory_equal(digest, r->ranges[r->range_count - 1].digest, sizeof digest);
    return r;
}

static bool unchanged(const struct imgprobe_receipt *r, struct log *log)
{
    struct imgprobe_opened now = open_race(log);
    size_t range;
    const enum imgprobe_status s = imgprobe_verify(r, &now, &range, NULL);

    assert_true(s == IMGPROBE_OK || s == IMGPROBE_REFUSED);
    assert_int_equal(range < r->range_count, s == IMGPROBE_REFUSED);
    return s == IMGPROBE_OK;
}

static void test_race(void **state)
{
    static struct log first, second;
    struct imgprobe_workspace w = whole_workspace();
    const struct imgprobe_receipt *r;
    pthread_t writer;
    unsigned i, same = 0;

    (void)state;
    r = answer(&w, &first);
    assert_true(unchanged(r, &second));
    write_once(0);
    assert_false(unchanged(r, &second));
    write_once(1);
    assert_true(unchanged(r, &second));
    race.running = true;
    assert_int_equal(pthread_create(&writer, NULL, write_all, NULL), 0);
    for (i = 0; i < ROUNDS; i++) {
        bool verdict;

        r = answer(&w, &first);
        verdict = unchanged(r, &second);
        assert_true(verdict ? same_log(&first, &second) : !begins_as(&first, &second));
        same += verdict;
    }
    race.running = false;
    atomic_store(&race.stop, true);
    assert_int_equal(pthread_join(writer, NULL), 0);
    print_message("# %u of %u unchanged, %lu writes\n", same, ROUNDS, atomic_load(&race.writes));
    assert_true(same < ROUNDS && atomic_load(&race.writes) > ROUNDS);
    r = answer(&w, &first);
    assert_true(unchanged(r, &second));
}

static void test_change_time(void **state)
{
    struct imgprobe_opened now;
    struct stat found;

    (void)state;
    assert_int_equal(fstat(race.fd, &found), 0);
    assert_int_equal(imgprobe_open_fd(race.fd, &now, NULL), IMGPROBE_OK);
    assert_int_equal(now.changed, found.st_ctim.tv_sec);
    assert_int_equal(now.changed_nanoseconds, found.st_ctim.tv_nsec);
    assert_true(now.changed != 0);
}

static int set_up(void **state)
{
    char path[] = "/tmp/imgprobe-race-XXXXXX";

    (void)state;
    race.image = build_raw(65536);
    race.fd = mkstemp(path);
    if (race.fd < 0 || unlink(path) != 0)
        return -1;
    return pwrite(race.fd, race.image.bytes, race.image.size, 0) == (ssize_t)race.image.size ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(race.image.bytes);
    return close(race.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_change_time), cmocka_unit_test(test_race)};

    return cmocka_run_group_tests_name("receipt-race", tests, set_up, tear_down);
}
