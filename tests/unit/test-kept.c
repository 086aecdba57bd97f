/* SPDX-License-Identifier: MIT */
/*
 * Chains that keep what they opened, and the descriptors that are made of it: of files whose names are gone by then.
 * What is open is counted at each step.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chain-walk.h"

static char folder[64];
static const char *const names[] = {"top", "data", "base"};

static const char *in_folder(const char *name)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, struct build image)
{
    int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, image.bytes, image.size), image.size);
    close(fd);
    free(image.bytes);
}

/* Each raw file holds the first letter of its name. */
static struct build letters(const char *name)
{
    struct build b = build_raw(4096);

    memset(b.bytes, name[0], b.size);
    return b;
}

static int make_files(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/test-kept-XXXXXX");
    assert_non_null(mkdtemp(folder));
    write_file("top", build_qcow2(&(struct build_qcow2){.backing = "base", .format = "raw", .data_file = "data"}));
    write_file("data", letters("data"));
    write_file("base", letters("base"));
    return 0;
}

static int remove_files(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(names); i++)
        (void)unlink(in_folder(names[i]));
    return rmdir(folder);
}

static int open_now(void)
{
    int fd, count = 0;

    for (fd = 0; fd < 512; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

struct asked {
    struct imgprobe_kept kept;
    const char *root;
    struct imgprobe_roots roots;
    struct imgprobe_opener opener;
    struct imgprobe_opened top;
    struct imgprobe_workspace w;
    struct imgprobe_chain *chain;
    struct imgprobe_access *access;
};

enum how { SAFE, ROOTED, KEPT, HOWS };

/* `write`: the top, and with it the data file. */
static void ask(struct asked *a, enum how how, bool keep, bool write)
{
    struct imgprobe_options options = {
        .struct_size = sizeof options, .format = "qcow2", .name = in_folder("top"), .workdir = folder, .keep = keep};
    struct imgprobe_consent all = {.beneath = ""};
    struct imgprobe_access_options wanted = {
        .struct_size = sizeof wanted, .write = write, .consents = &all, .consent_count = 1};

    *a = (struct asked){.kept = {.struct_size = sizeof a->kept, .roots = &a->roots},
                        .root = folder,
                        .roots = {.struct_size = sizeof a->roots, .roots = &a->root, .root_count = 1},
                        .w = whole_workspace()};
    if (how == KEPT)
        imgprobe_kept_opener(&a->opener, &a->kept);
    else
        imgprobe_safe_opener(&a->opener, how == ROOTED ? &a->roots : NULL);
    assert_int_equal(imgprobe_open_path(in_folder("top"), &a->top, NULL), IMGPROBE_OK);
    (void)imgprobe_chain(&options, &a->top, &a->opener, &a->w, &a->chain);
    (void)imgprobe_access(&wanted, a->chain, &a->w, &a->access);
}

static void end(struct asked *a)
{
    imgprobe_release(&a->opener, a->chain);
    imgprobe_release(&a->opener, a->chain);
    imgprobe_kept_end(&a->kept);
    imgprobe_close(&a->top);
}

static void check_descriptor(int fd, const struct imgprobe_grant *grant, const struct imgprobe_kept_file *kept)
{
    struct stat st;
    char first;

    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_dev, grant->member->identity.device);
    assert_int_equal(st.st_ino, grant->member->identity.inode);
    assert_int_equal(st.st_nlink, 0);
    assert_int_equal(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK), grant->write ? O_RDWR : O_RDONLY);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(read(fd, &first, 1), 1);
    assert_int_equal(first, "Qdb"[grant->member->index]);
    assert_int_equal(lseek(imgprobe_fd(&kept->opened), 0, SEEK_CUR), 0); /* its offset is its own */
}

/* Other files have the names by the time when the descriptors are made. */
static void test_handed_over(void **state)
{
    const int before = open_now();
    unsigned variant;
    size_t i;

    for (variant = 0; variant < 2 * HOWS; variant++) {
        const bool write = variant % 2;
        const struct imgprobe_kept_file *kept;
        const struct imgprobe_grant *grant;
        struct asked a;
        int fds[3];

        ask(&a, variant / 2, true, write);
        assert_int_equal(a.access->error.status, IMGPROBE_OK);
        assert_int_equal(a.access->count, COUNT(fds));
        assert_true(a.chain->kept->opened.handle == a.top.handle);
        for (i = 0; i < COUNT(names); i++) {
            assert_int_equal(unlink(in_folder(names[i])), 0);
            write_file(names[i], letters("x"));
        }
        assert_int_equal(imgprobe_descriptors(a.chain, a.access, fds, COUNT(fds), NULL), IMGPROBE_OK);
        for (i = 0, kept = a.chain->kept, grant = a.access->grants; grant;
             grant = grant->next, kept = kept->next, i++) {
            assert_int_equal(grant->write, write && i < 2);
            check_descriptor(fds[i], grant, kept);
        }
        end(&a);
        assert_int_equal(open_now(), before + (int)COUNT(fds));
        imgprobe_close_descriptors(fds, COUNT(fds));
        assert_int_equal(fds[0], -1);
        imgprobe_close_descriptors(fds, COUNT(fds));
        assert_int_equal(open_now(), before);
        remove_files(state);
        make_files(state);
    }
}

static void test_not_kept(void **state)
{
    const int before = open_now();
    struct imgprobe_error error;
    struct asked a;
    int fds[3] = {7, 7, 7};

    (void)state;
    ask(&a, SAFE, false, false);
    assert_int_equal(open_now(), before + 1);
    assert_null(a.chain->kept);
    assert_int_equal(imgprobe_descriptors(a.chain, a.access, fds, 3, &error), IMGPROBE_USAGE);
    assert_non_null(error.what);
    assert_int_equal(fds[0], -1);
    assert_int_equal(imgprobe_descriptors(a.chain, a.access, fds, 2, &error), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_descriptors(a.chain, NULL, fds, 3, NULL), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_descriptor(&a.top, false, NULL, NULL), IMGPROBE_USAGE);
    imgprobe_release(NULL, a.chain);
    imgprobe_release(&a.opener, NULL);
    end(&a);
    assert_int_equal(open_now(), before);
}

/* A chain that ended early keeps what it came to, and grants nothing. */
static void test_ended_early(void **state)
{
    const int before = open_now();
    struct imgprobe_error error;
    struct asked a;
    int fds[3];

    (void)state;
    assert_int_equal(unlink(in_folder("base")), 0);
    ask(&a, ROOTED, true, false);
    assert_int_equal(a.chain->state, IMGPROBE_CHAIN_MISSING);
    assert_int_equal(open_now(), before + 2);
    assert_int_equal(imgprobe_descriptors(a.chain, a.access, fds, a.access->count, &error), IMGPROBE_SYSTEM);
    assert_string_equal(error.what, a.chain->error.what);
    end(&a);
    assert_int_equal(open_now(), before);
    write_file("base", letters("base"));
}

/* Who may not open the file any more gets a copy of what is open, in the same mode alone. */
static void test_permissions(void **state)
{
    struct imgprobe_error error;
    struct imgprobe_opened top;
    int fd;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(imgprobe_open_path(in_folder("base"), &top, NULL), IMGPROBE_OK);
    assert_int_equal(seteuid(65534), 0);
    assert_int_equal(imgprobe_descriptor(&top, true, &fd, &error), IMGPROBE_SYSTEM);
    assert_string_equal(error.what, "permission denied");
    assert_int_equal(fd, -1);
    assert_int_equal(imgprobe_descriptor(&top, false, &fd, &error), IMGPROBE_OK);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(seteuid(0), 0);
    close(fd);
    imgprobe_close(&top);
}

static void test_others(void **state)
{
    struct imgprobe_opened o = {.struct_size = sizeof o};
    int fd;

    (void)state;
    imgprobe_source_buffer(&o.source, "x", 1);
    assert_int_equal(imgprobe_fd(NULL), -1);
    assert_int_equal(imgprobe_fd(&o), -1);
    assert_int_equal(imgprobe_descriptor(&o, false, &fd, NULL), IMGPROBE_USAGE);
    imgprobe_close_descriptors(NULL, 3);
    assert_int_equal(imgprobe_open_fd(STDIN_FILENO, &o, NULL) == IMGPROBE_OK, imgprobe_fd(&o) == STDIN_FILENO);
}

/* A caller's opener gets back what it gave. A file that is met again is given back at once. */
static void test_own_opener(void **state)
{
    static const struct chain_case keeps = {.options = {.keep = true}};
    const struct file files[MOST_FILES] = {
        {TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"a\" 1\nRW 1 FLAT \"b\" 0\n")},
        {.path = "/i/a"},
        {.path = "/i/b"}};
    struct store store = make_store(files, MOST_FILES);
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_opener opener = opener_of(&store);
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, &keeps, &w, &chain), IMGPROBE_OK);
    assert_int_equal(check_shape(chain), 0);
    assert_int_equal(chain->count, 3);
    assert_int_equal(store.opens, 3);
    assert_int_equal(store.dones, 1);
    imgprobe_release(&opener, chain);
    assert_int_equal(store.dones, 3);
    imgprobe_release(&opener, chain);
    assert_int_equal(store.dones, 3);
    free_store(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handed_over), cmocka_unit_test(test_not_kept),   cmocka_unit_test(test_ended_early),
        cmocka_unit_test(test_permissions), cmocka_unit_test(test_own_opener), cmocka_unit_test(test_others),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
