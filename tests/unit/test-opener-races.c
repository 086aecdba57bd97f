/* SPDX-License-Identifier: MIT */
/*
 * Another process exchanges, moves, cuts and replaces files while names are opened. Whatever is opened is a file that
 * may be opened, whole; nothing else is touched, and no descriptor is left. A race ends when as many names were
 * opened as are wanted and both sides of it were seen.
 */
#include "opener-tree.h"

#define OPENS_OF_A_RACE 3400 /* in three settings some 100,000 of all */
#define MOST_ALLOWED 2
#define IMAGE_SIZE 0x40000 /* with room for the tables that its header tells of */

/* `first` and `second` are exchanged without end. What stands at `path`, beneath `root`, may be opened if it is one
 * of `allowed`, which are names that nobody moves. `one_sided`: the name always leads to something that may be. */
struct race {
    const char *name, *first, *second, *path, *root, *allowed[MOST_ALLOWED];
    bool one_sided, needs_root;
};
static const struct race races[] = {
    {"a directory for a link out", "@/in/swap", "@/in/swap-link", "@/in/swap/file", "@/in", {"@/keep/swapped"}, 0, 0},
    {"a directory moved out while dot-dot is walked",
     "@/in/moving",
     "@/out/moving",
     "@/in/moving/sub/../../file",
     "@/in",
     {"@/keep/file"},
     1,
     0},
    {"a file for a link out", "@/in/a", "@/in/a-link", "@/in/a", "@/in", {"@/keep/a"}, 0, 0},
    {"a file for a link out, anywhere allowed",
     "@/in/a",
     "@/in/a-link",
     "@/in/a",
     NULL,
     {"@/keep/a", "@/out/file"},
     1,
     0},
    {"a file for another", "@/in/a", "@/in/b", "@/in/a", "@/in", {"@/keep/a", "@/keep/b"}, 1, 0},
    {"a file for a FIFO", "@/in/a", "@/in/watched", "@/in/a", "@/in", {"@/keep/a"}, 0, 0},
    {"a file for a FIFO, anywhere allowed", "@/in/a", "@/in/watched", "@/in/a", NULL, {"@/keep/a"}, 0, 0},
    {"a link's target for a FIFO", "@/in/a", "@/in/watched", "@/in/to-a", "@/in", {"@/keep/a"}, 0, 0},
    {"a file for a socket", "@/in/a", "@/in/socket", "@/in/a", "@/in", {"@/keep/a"}, 0, 0},
    {"a file for a directory", "@/in/a", "@/in/dir", "@/in/a", "@/in", {"@/keep/a"}, 0, 0},
    {"a file for a character device", "@/in/a", "@/in/null", "@/in/a", "@/in", {"@/keep/a"}, 0, 1},
    {"a link in for a link out", "@/in/to-a", "@/in/to-out", "@/in/to-a", "@/in", {"@/keep/a"}, 0, 0},
};

struct race_run {
    const struct race *race;
    enum setting setting;
};
static struct race_run race_runs[COUNT(races) * SETTINGS];

static unsigned wanted_opens(void)
{
    return getenv("IMGPROBE_TEST_ALL") ? OPENS_OF_A_RACE * 10 : OPENS_OF_A_RACE;
}

/* Where a FIFO has a reader, opening it for writing succeeds: somebody has opened it, and nobody may. */
static void look_at_fifo(const char *fifo)
{
    int fd = open(fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0)
        _exit(2);
}

static void exchange_forever(const struct race *race)
{
    char first[256], second[256], fifo[256];

    expand(first, sizeof first, race->first);
    expand(second, sizeof second, race->second);
    expand(fifo, sizeof fifo, "@/keep/watched");
    for (;;) {
        if (syscall(SYS_renameat2, AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE) != 0)
            _exit(1);
        look_at_fifo(fifo);
    }
}

static bool is_allowed(const struct imgprobe_opened *opened, const struct race *race)
{
    char path[256];
    struct stat st;
    unsigned char byte;

    for (size_t i = 0; i < MOST_ALLOWED && race->allowed[i] != NULL; i++) {
        expand(path, sizeof path, race->allowed[i]);
        if (stat(path, &st) == 0 && opened->identity.inode == st.st_ino && opened->identity.device == st.st_dev)
            return opened->kind == IMGPROBE_KIND_FILE && opened->source.size == (uint64_t)st.st_size &&
                   opened->source.read_at(opened->source.context, 0, &byte, 1) == IMGPROBE_OK && byte == 'a';
    }
    return false;
}

/* A name is told beneath the root, or none is. */
static bool canonical_is_beneath(const struct imgprobe_opened *opened, const char *root)
{
    const struct imgprobe_roots roots = {sizeof roots, &root, 1};
    struct imgprobe_opener opener;
    char name[4096];
    size_t length;

    if (root[0] == '\0')
        return true;
    imgprobe_safe_opener(&opener, &roots);
    length = opener.canonical(opener.context, opened, name, sizeof name);
    return length == 0 ||
           (length > strlen(root) && memcmp(name, root, strlen(root)) == 0 && name[strlen(root)] == '/');
}

/* What an error says must be true of a name beneath the root, and the same whatever lies outside. */
static bool error_is_honest(const struct imgprobe_error *error)
{
    static const char *const what[] = {"is a FIFO",    "is a socket",     "is a directory", "is a character device",
                                       "no such file", "not a directory", NEEDS_PROC};

    if (error->status == IMGPROBE_REFUSED)
        return strcmp(error->field, "path-escape") == 0;
    for (size_t i = 0; i < COUNT(what); i++)
        if (error->status == IMGPROBE_SYSTEM && strcmp(error->what, what[i]) == 0)
            return true;
    return false;
}

static bool race_is_safe(const struct race *race)
{
    char path[256], root[256];
    const char *roots[] = {root};
    const unsigned wanted = wanted_opens();
    const int before = descriptors();
    unsigned opened_ones = 0, failed = 0;

    expand(path, sizeof path, race->path);
    expand(root, sizeof root, race->root != NULL ? race->root : "");
    while (opened_ones + failed < wanted ||
           (!without_proc && (opened_ones == 0 || (!race->one_sided && failed == 0)))) {
        struct imgprobe_opened opened;
        struct imgprobe_error error;
        bool good;

        if (open_path(path, roots, race->root != NULL, &opened, &error) == IMGPROBE_OK) {
            opened_ones++;
            good = !without_proc && is_allowed(&opened, race) && canonical_is_beneath(&opened, root);
            done(&opened);
        } else {
            failed++;
            good = error_is_honest(&error);
            if (!good)
                fprintf(stderr, "%s: status %d, %s\n", race->name, (int)error.status, error.what);
        }
        if (!good)
            return false;
    }
    return descriptors() == before;
}

/* The other process must still be at it when all was opened. */
static bool ended_well(pid_t child, bool safe)
{
    int status;

    if (child <= 0 || waitpid(child, &status, WNOHANG) != 0 || kill(child, SIGKILL) != 0)
        return false;
    return waitpid(child, &status, 0) == child && safe;
}

static bool check_race(const void *argument)
{
    const struct race *race = argument;
    pid_t child = fork();

    if (child == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
        exchange_forever(race);
    return ended_well(child, child > 0 && race_is_safe(race));
}

/* Each race begins with a tree of its own making: an odd number of exchanges is undone. */
static void make_racers(void)
{
    static const char *const links[][2] = {{"@/in/a-link", "../out/file"}, {"@/in/to-a", "a"}};
    char path[256];

    make_file("@/in/a", 2001, 0644);
    make_file("@/in/b", 2002, 0644);
    for (size_t i = 0; i < COUNT(links); i++)
        make_link(links[i][0], links[i][1]);
    expand(path, sizeof path, "@/in/null");
    if (geteuid() == 0 && mknod(path, S_IFCHR | 0666, (dev_t)0x103) != 0)
        abort();
    make_directory("@/keep", 0755);
    expand(path, sizeof path, "@/in/watched");
    if (mkfifo(path, 0644) != 0 || !link_names("@/in/watched", "@/keep/watched") ||
        !link_names("@/in/a", "@/keep/a") || !link_names("@/in/b", "@/keep/b") ||
        !link_names("@/in/file", "@/keep/file") || !link_names("@/in/swap/file", "@/keep/swapped"))
        abort();
}

static void test_race(void **state)
{
    const struct race_run *run = *state;
    char first[256], second[256];
    struct stat before, after;
    int failed;

    expand(first, sizeof first, run->race->first);
    expand(second, sizeof second, run->race->second);
    assert_int_equal(lstat(first, &before), 0);
    failed = in_setting(run->setting, check_race, run->race);
    assert_int_equal(lstat(first, &after), 0);
    if (after.st_ino != before.st_ino)
        assert_int_equal(syscall(SYS_renameat2, AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE), 0);
    assert_int_equal(failed, 0);
}

/* A qcow2 of version 2 with a backing file's name of one letter. */
static void write_image(const char *path, char name)
{
    unsigned char image[128] = {'Q',       'F',      'I',      0xfb,     [7] = 2,  [15] = 100, [19] = 1,
                                [23] = 16, [30] = 1, [39] = 1, [45] = 1, [53] = 2, [59] = 1};
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    image[100] = (unsigned char)name;
    if (fd < 0 || write(fd, image, sizeof image) != (ssize_t)sizeof image || ftruncate(fd, IMAGE_SIZE) != 0 ||
        close(fd) != 0)
        _exit(1);
}

/* Whole with one name, whole with the other, cut inside the header, grown again with zeros. */
static void replace_forever(const char *path)
{
    char fresh[300];

    snprintf(fresh, sizeof fresh, "%s.new", path);
    for (unsigned i = 0;; i++) {
        write_image(fresh, (char)('a' + i % 2));
        if (rename(fresh, path) != 0 || (i % 3 == 0 && truncate(path, 20) != 0) ||
            (i % 6 == 0 && truncate(path, IMAGE_SIZE) != 0))
            _exit(1);
    }
}

/* An image that was cut or filled with zeros while it was read is no image; one that is known is one of the two. */
static bool answer_is_one(const struct imgprobe_image *image, enum imgprobe_status status, unsigned *whole)
{
    const struct imgprobe_reference *r = image->references;

    if (status != IMGPROBE_OK)
        return (status == IMGPROBE_TRUNCATED || status == IMGPROBE_MALFORMED || status == IMGPROBE_UNSUPPORTED) &&
               image->references_state == IMGPROBE_REFERENCES_CANNOT_TELL;
    ++*whole;
    return image->references_state == IMGPROBE_REFERENCES_KNOWN && r != NULL && r->next == NULL &&
           r->stated.name.length == 1 && (r->stated.name.bytes[0] == 'a' || r->stated.name.bytes[0] == 'b');
}

static bool images_are_whole(const char *path)
{
    static uint64_t memory[16384];
    const struct imgprobe_options options = {.struct_size = sizeof options, .format = "qcow2"};
    const unsigned wanted = wanted_opens();
    const int before = descriptors();
    unsigned whole = 0, others = 0;
    bool good = true;

    for (unsigned i = 0; good && (i < wanted || whole == 0 || others == 0); i++) {
        struct imgprobe_workspace workspace = {
            .struct_size = sizeof workspace, .memory = memory, .size = sizeof memory};
        struct imgprobe_opened opened;
        struct imgprobe_error error;
        struct imgprobe_image *image;
        unsigned known = whole;

        good = open_path(path, NULL, 0, &opened, &error) == IMGPROBE_OK;
        if (good) {
            enum imgprobe_status status = imgprobe_probe(&options, &opened.source, &workspace, &image);

            good = answer_is_one(image, status, &whole);
            others += whole == known;
            done(&opened);
        }
    }
    return good && descriptors() == before;
}

static bool check_images(const void *argument)
{
    char path[256];
    pid_t child;

    (void)argument;
    expand(path, sizeof path, "@/in/image");
    write_image(path, 'a');
    child = fork();
    if (child == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
        replace_forever(path);
    return ended_well(child, child > 0 && images_are_whole(path));
}

static void test_images(void **state)
{
    const enum setting *setting = *state;

    assert_int_equal(in_setting(*setting, check_images, NULL), 0);
}

static void add_races(void)
{
    for (size_t i = 0; i < COUNT(races); i++) {
        for (unsigned s = 0; s < SETTINGS; s++) {
            struct race_run *run = &race_runs[i * SETTINGS + s];

            *run = (struct race_run){&races[i], (enum setting)s};
            if (s == NO_PROC && !have_namespace)
                leave_out(races[i].name, setting_names[s], "no mount namespace");
            else if (races[i].needs_root && geteuid() != 0)
                leave_out(races[i].name, setting_names[s], "only root makes a device");
            else
                add(races[i].name, setting_names[s], test_race, run);
        }
    }
}

int main(void)
{
    static const enum setting settings[] = {AS_IS, NO_OPENAT2};

    begin();
    make_racers();
    add_races();
    for (size_t i = 0; i < COUNT(settings); i++)
        add("an image replaced, cut and grown", setting_names[settings[i]], test_images, &settings[i]);
    return run_and_remove("opener-races");
}
