/* SPDX-License-Identifier: MIT */
/* What stands outside of the roots, the longest names, and descriptors of the caller. */
#include "opener-tree.h"

/* A name outside the roots must not tell whether a file stands there: the whole error is the same. */
static bool check_no_oracle(const void *argument)
{
    static const char *const pairs[][2] = {
        {"@/out/file", "@/out/missing"},
        {"@/in/../out/file", "@/in/../out/missing"},
        {"@/in/to-out", "@/in/to-out-missing"},
        {"@/in/to-out-absolute", "@/in/to-out-missing-absolute"},
        {"@/in/to-out-directory/file", "@/in/to-out-directory/missing"},
        {"@/out/fifo", "@/out/missing"},
        {"@/out", "@/missing"},
        {"/etc/passwd", "/etc/missing"},
    };
    char path[256], root[256];
    const char *roots[] = {root};
    struct imgprobe_opened opened;

    (void)argument;
    expand(root, sizeof root, "@/in");
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct imgprobe_error errors[2];

        memset(errors, 0, sizeof errors);
        for (size_t k = 0; k < 2; k++) {
            expand(path, sizeof path, pairs[i][k]);
            if (open_path(path, roots, 1, &opened, &errors[k]) != IMGPROBE_REFUSED)
                return false;
        }
        if (memcmp(&errors[0], &errors[1], sizeof errors[0]) != 0)
            return false;
    }
    return true;
}

static void test_no_oracle(void **state)
{
    (void)state;
    assert_int_equal(in_setting(AS_IS, check_no_oracle, NULL), 0);
}

static bool check_other_proc(const void *argument)
{
    static const struct opener_case other[] = {
        {"file of another procfs", "@/mount/version", {0}, PROCESS},
        {"magic link of another procfs", "@/mount/self/exe", {0}, PROCESS},
        {"magic link of another procfs, beneath a root", "@/mount/self/exe", {"@"}, PROCESS},
        {"descriptor of another procfs", "@/mount/self/fd/0", {0}, PROCESS},
        {"through a magic link of another procfs", "@/mount/self/cwd/in/file", {0}, PROCESS},
    };
    char path[256];

    (void)argument;
    expand(path, sizeof path, "@/mount");
    if (!own_namespace() || mount("proc", path, "proc", 0, NULL) != 0)
        return false;
    for (size_t i = 0; i < COUNT(other); i++)
        if (!case_holds(&other[i]))
            return false;
    return true;
}

static void test_other_proc(void **state)
{
    (void)state;
    assert_int_equal(in_setting(AS_IS, check_other_proc, NULL), 0);
}

/* File systems that a kernel makes up, mounted on @/mount, each with a file that it has from the start. */
static const struct made_up {
    const char *type, *file;
} made_up[] = {
    {"sysfs", "kernel/profiling"},
    {"tracefs", "free_buffer"},
    {"debugfs", "sched/debug"},
    {"securityfs", "lsm"},
    {"configfs", "target"},
    {"efivarfs", "any"},
    {"bpf", "maps.debug"},
    {"cgroup2", "cgroup.procs"},
    {"devpts", "ptmx"},
    {"mqueue", "any"},
    {"binfmt_misc", "status"},
    {"fusectl", "any"},
    {"pstore", "any"},
    {"selinuxfs", "enforce"},
    {"smackfs", "load2"},
    {"rpc_pipefs", "info"},
    {"nfsd", "exports"},
    {"resctrl", "schemata"},
};

static bool mount_made_up(const char *type)
{
    char path[256];

    expand(path, sizeof path, "@/mount");
    return own_namespace() && mount("none", path, type, 0, NULL) == 0;
}

static bool can_mount(const void *argument)
{
    return mount_made_up(((const struct made_up *)argument)->type);
}

/* By its name, by a link, and by a name that only passes through and leads out again. */
static bool check_made_up(const void *argument)
{
    static const char refused[] = "is on a file system of the kernel's own and no storage";
    const struct made_up *m = argument;
    char path[256], link[256], again[256];
    const struct opener_case cases[] = {
        {m->type, path, {0}, FAILS(refused)},    {m->type, path, {"@"}, FAILS(refused)},
        {m->type, link, {0}, FAILS(refused)},    {m->type, link, {"@"}, FAILS(refused)},
        {m->type, again, {"@"}, FAILS(refused)}, {m->type, path, {"@/mount"}, FAILS(refused)},
    };

    snprintf(path, sizeof path, "@/mount/%s", m->file);
    snprintf(again, sizeof again, "@/mount/../in/file");
    snprintf(link, sizeof link, "@/in/to-made-up");
    make_link(link, path);
    if (!mount_made_up(m->type))
        return false;
    /* A root is the caller's word, so what lies beneath it is looked for. */
    for (size_t i = 0; i < COUNT(cases) - (strcmp(m->file, "any") == 0); i++)
        if (!case_holds(&cases[i]))
            return false;
    return true;
}

struct made_up_run {
    const struct made_up *m;
    enum setting setting;
};
static struct made_up_run made_up_runs[COUNT(made_up) * SETTINGS];

static void test_made_up(void **state)
{
    const struct made_up_run *run = *state;
    char path[256];
    int failed = in_setting(run->setting, check_made_up, run->m);

    expand(path, sizeof path, "@/in/to-made-up");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(failed, 0);
}

static void add_made_up(void)
{
    for (size_t i = 0; i < COUNT(made_up); i++) {
        bool there = in_setting(AS_IS, can_mount, &made_up[i]) == 0;

        for (unsigned s = 0; s < SETTINGS; s++) {
            struct made_up_run *run = &made_up_runs[i * SETTINGS + s];

            *run = (struct made_up_run){&made_up[i], (enum setting)s};
            if (there)
                add(made_up[i].type, setting_names[s], test_made_up, run);
            else
                leave_out(made_up[i].type, setting_names[s], "it can't be mounted here");
        }
    }
}

static void test_long_names(void **state)
{
    static char name[8192];
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    size_t end;
    int fd;

    (void)state;
    expand(name, sizeof name, "@/in");
    for (end = strlen(name); end < 3850; end += 201) {
        snprintf(name + end, sizeof name - end, "/%0200d", 0);
        assert_int_equal(mkdir(name, 0755), 0);
    }
    snprintf(name + end, sizeof name - end, "/%0*d", 4094 - (int)end, 0);
    fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_int_equal(close(fd), 0);
    assert_int_equal(open_path(name, NULL, 0, &opened, &error), IMGPROBE_OK);
    done(&opened);
    strcpy(name + 4095, "0");
    assert_int_equal(open_path(name, NULL, 0, &opened, &error), IMGPROBE_SYSTEM);
    assert_string_equal(error.what, "name too long");
    snprintf(name, sizeof name, "/%0300d", 0);
    assert_int_equal(open_path(name, NULL, 0, &opened, &error), IMGPROBE_SYSTEM);
    assert_string_equal(error.what, "name too long");
}

/* As much as may be walked for one name, and a little more. `link` is a link to `head` and `count` times `part`. */
struct walk_case {
    const char *name, *path, *root, *head, *part;
    unsigned count;
    const char *field; /* NULL: it opens @/in/file */
};
static const struct walk_case walk_cases[] = {
    {"dots, as many as may be", "@/in/+file", NULL, NULL, "./", 1004, NULL},
    {"dots, one more", "@/in/+file", NULL, NULL, "./", 1005, "opener_steps"},
    {"dots, as many as may be beneath a root", "@/in/+file", "@/in", NULL, "./", 1000, NULL},
    {"dots, more beneath a root", "@/in/+file", "@/in", NULL, "./", 1021, "opener_steps"},
    {"slashes, as many as may be", "@/in/+file", NULL, NULL, "/", 1004, NULL},
    {"slashes, one more", "@/in/+file", NULL, NULL, "/", 1005, "opener_steps"},
    {"a relative name's dots", "+in/file", NULL, NULL, "./", 1023, "opener_steps"},
    {"a relative name's dots and slashes", "+in/file", NULL, NULL, ".//", 512, "opener_steps"},
    {"dots of a link", "@/in/link", "@/in", "@/in/", "./", 900, NULL},
    {"dots of a link, more", "@/in/link", "@/in", "@/in/", "./", 1024, "opener_steps"},
    {"slashes of a link, more", "@/in/link", "@/in", "@/in/", "/", 1024, "opener_steps"},
    {"directories of a link, which are entered and left", "@/in/link", "@/in", "@/in/", "dir/../", 20, NULL},
    {"directories of a link, too often", "@/in/link", "@/in", "@/in/", "dir/../", 60, "opener_steps"},
    {"a long link, read again and again", "@/in/link", "@/in", "@/in/", "dir/deep/../../", 250, "opener_bytes"},
};

/* `+` in a path is the part, as often as it is wanted. */
static void repeat(char *text, size_t size, const struct walk_case *c)
{
    char before[256] = "", after[256];
    const char *plus = strchr(c->path, '+');
    size_t length;

    memcpy(before, c->path, (size_t)(plus - c->path));
    expand(text, size, before);
    for (unsigned i = 0; i < c->count; i++) {
        length = strlen(text);
        snprintf(text + length, size - length, "%s", c->part);
    }
    expand(after, sizeof after, plus + 1);
    length = strlen(text);
    snprintf(text + length, size - length, "%s", after);
}

static void make_repeated_link(const struct walk_case *c, const char *path)
{
    static char target[8192];
    size_t length;

    expand(target, sizeof target, c->head);
    for (unsigned i = 0; i < c->count; i++) {
        length = strlen(target);
        snprintf(target + length, sizeof target - length, "%s", c->part);
    }
    length = strlen(target);
    snprintf(target + length, sizeof target - length, "file");
    assert_int_equal(symlink(target, path), 0);
}

static bool check_walk(const void *argument)
{
    const struct walk_case *c = argument;
    static char path[8192];
    char root[256];
    const char *roots[] = {root};
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    enum imgprobe_status status;

    if (strchr(c->path, '+'))
        repeat(path, sizeof path, c);
    else
        expand(path, sizeof path, c->path);
    expand(root, sizeof root, c->root != NULL ? c->root : "");
    status = open_path(path, roots, c->root != NULL, &opened, &error);
    if (status == IMGPROBE_OK)
        done(&opened);
    if (c->field == NULL)
        return status == IMGPROBE_OK;
    return status == IMGPROBE_LIMIT && strcmp(error.field, c->field) == 0 && error.found > error.most &&
           error.most == (strcmp(c->field, "opener_steps") == 0 ? IMGPROBE_OPENER_STEPS : IMGPROBE_OPENER_BYTES);
}

struct walk_run {
    const struct walk_case *c;
    enum setting setting;
};
static struct walk_run walk_runs[COUNT(walk_cases) * 2];

static void test_walk(void **state)
{
    const struct walk_run *run = *state;
    char link[256];
    int failed;

    expand(link, sizeof link, "@/in/link");
    if (run->c->head != NULL)
        make_repeated_link(run->c, link);
    assert_int_equal(chdir(tree), 0);
    failed = in_setting(run->setting, check_walk, run->c);
    if (run->c->head != NULL)
        assert_int_equal(unlink(link), 0);
    assert_int_equal(failed, 0);
}

static void add_walks(void)
{
    for (size_t i = 0; i < COUNT(walk_cases); i++) {
        for (unsigned s = AS_IS; s <= NO_OPENAT2; s++) {
            struct walk_run *run = &walk_runs[i * 2 + s];

            *run = (struct walk_run){&walk_cases[i], (enum setting)s};
            add(walk_cases[i].name, setting_names[s], test_walk, run);
        }
    }
}

/* Nothing lies beneath a root whose name no path can have. */
static void test_long_root(void **state)
{
    static char root[8192];
    const char *roots[] = {root};
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    char path[256];
    size_t at;

    (void)state;
    expand(path, sizeof path, "@/in/file");
    for (at = 0; at < 8190; at++)
        root[at] = at % 2 ? 'x' : '/';
    assert_int_equal(open_path(path, roots, 1, &opened, &error), IMGPROBE_REFUSED);
    assert_string_equal(error.field, "path-escape");
}

/* A link's own name and what stands behind it are too long together. */
static void test_long_link(void **state)
{
    static const char *const roots[] = {"/"};
    static char name[8192] = "", target[3002] = "dir";
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    char link[256];
    size_t at;

    (void)state;
    for (at = 3; at < sizeof target - 1; at++)
        target[at] = at % 100 == 0 ? '/' : 'x';
    expand(link, sizeof link, "@/in/to-long");
    assert_int_equal(symlink(target, link), 0);
    strcpy(name, link);
    for (at = strlen(name); at < 1500; at += 2)
        memcpy(name + at, "/x", 2); /* NOLINT(bugprone-not-null-terminated-result): the end follows */
    strcpy(name + at, "/file");
    assert_int_equal(open_path(name, roots, 1, &opened, &error), IMGPROBE_SYSTEM);
    assert_string_equal(error.what, "name too long");
    target[1000] = '\0';
    assert_int_equal(unlink(link), 0);
    assert_int_equal(symlink(target, link), 0);
    assert_int_equal(open_path(name, roots, 1, &opened, &error), IMGPROBE_SYSTEM);
    assert_string_equal(error.what, "no such file");
    assert_int_equal(unlink(link), 0);
}

/* Nothing is relative to a directory that is gone. */
static void test_no_directory(void **state)
{
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    char gone[256];
    int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    expand(gone, sizeof gone, "@/in/gone");
    assert_true(here >= 0 && mkdir(gone, 0700) == 0 && chdir(gone) == 0 && rmdir(gone) == 0);
    assert_int_equal(open_path("file", NULL, 0, &opened, &error), IMGPROBE_SYSTEM);
    assert_string_equal(error.what, "no such file");
    assert_true(fchdir(here) == 0 && close(here) == 0);
}

static bool check_too_many_files(const void *argument)
{
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    char path[256];
    int last = 0;

    (void)argument;
    expand(path, sizeof path, "@/in/file");
    while (last >= 0 && last < 900)
        last = dup(0);
    for (int fd = last; fd >= 0; fd = dup(0))
        ;
    if (errno != EMFILE)
        return false;
    return open_path(path, NULL, 0, &opened, &error) == IMGPROBE_SYSTEM &&
           error_is(&error, IMGPROBE_SYSTEM, "too many open files");
}

static void test_too_many_files(void **state)
{
    (void)state;
    assert_int_equal(in_setting(AS_IS, check_too_many_files, NULL), 0);
}

static void test_roots_of_another_version(void **state)
{
    struct {
        struct imgprobe_roots roots;
        uint64_t later;
    } newer;
    static const char *const none = NULL;
    struct imgprobe_opener opener;
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    char path[256];

    (void)state;
    memset(&newer, 0, sizeof newer);
    newer.roots.struct_size = sizeof newer;
    expand(path, sizeof path, "@/in/file");
    imgprobe_safe_opener(&opener, &newer.roots);
    assert_int_equal(opener.struct_size, sizeof opener);
    assert_int_equal(opener.open(opener.context, path, &opened, &error), IMGPROBE_OK);
    opener.done(opener.context, &opened);
    newer.later = 1;
    assert_int_equal(opener.open(opener.context, path, &opened, &error), IMGPROBE_USAGE);
    newer.roots.struct_size = 1;
    assert_int_equal(opener.open(opener.context, path, &opened, &error), IMGPROBE_USAGE);
    newer.roots = (struct imgprobe_roots){sizeof newer.roots, NULL, 1};
    assert_int_equal(opener.open(opener.context, path, &opened, &error), IMGPROBE_USAGE);
    newer.roots.roots = &none;
    assert_int_equal(opener.open(opener.context, path, &opened, &error), IMGPROBE_USAGE);
    imgprobe_safe_opener(&opener, NULL);
    assert_int_equal(opener.open(opener.context, path, &opened, &error), IMGPROBE_OK);
    opener.done(opener.context, &opened);
}

/* One path without an opener: the same file, and the same refusals. */
static void test_open_path(void **state)
{
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    char path[256];

    (void)state;
    expand(path, sizeof path, "@/in/file");
    assert_int_equal(imgprobe_open_path(path, &opened, &error), IMGPROBE_OK);
    assert_int_equal(opened.kind, IMGPROBE_KIND_FILE);
    assert_true(fcntl((int)(intptr_t)opened.handle, F_GETFD) >= 0);
    imgprobe_close(&opened);
    assert_int_equal(fcntl((int)(intptr_t)opened.handle, F_GETFD), -1);
    assert_int_equal(imgprobe_open_path("/proc/self/exe", &opened, &error), IMGPROBE_REFUSED);
    expand(path, sizeof path, "@/in");
    assert_int_equal(imgprobe_open_path(path, &opened, NULL), IMGPROBE_SYSTEM);
}

/* A descriptor of the caller's. */
struct fd_case {
    const char *name, *path;
    int flags;
    const char *what; /* NULL: good */
};
static const struct fd_case fd_cases[] = {
    {"descriptor of a regular file", "@/in/file", O_RDONLY, NULL},
    {"descriptor of a regular file, for writing too", "@/in/file", O_RDWR, NULL},
    {"descriptor of a regular file, for writing only", "@/in/file", O_WRONLY, "descriptor isn't open for reading"},
    {"descriptor of a regular file, O_PATH", "@/in/file", O_PATH, "descriptor isn't open for reading"},
    {"descriptor of a directory", "@/in", O_RDONLY, "is a directory"},
    {"descriptor of a FIFO", "@/in/fifo", O_RDONLY | O_NONBLOCK, "is a FIFO"},
    {"descriptor of a socket", "@/in/socket", O_PATH, "is a socket"},
    {"descriptor of a character device", "/dev/null", O_RDONLY, "is a character device"},
    {"descriptor of a link", "@/in/to-file", O_PATH | O_NOFOLLOW, "is neither a regular file nor a block device"},
    {"descriptor that isn't open", "", O_RDONLY, "not an open descriptor"},
    {"descriptor of a block device", "/dev/%", O_RDONLY, NULL},
};

static void test_fd(void **state)
{
    const struct fd_case *c = *state;
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    enum imgprobe_status status;
    char path[256];
    int fd;

    expand(path, sizeof path, c->path);
    fd = open(path, c->flags | O_CLOEXEC);
    memset(&opened, 0xa5, sizeof opened);
    status = imgprobe_open_fd(fd, &opened, &error);
    assert_int_equal(status, c->what == NULL ? IMGPROBE_OK : IMGPROBE_SYSTEM);
    if (c->what != NULL) {
        assert_true(error_is(&error, IMGPROBE_SYSTEM, c->what));
        assert_true(untouched(&opened));
    } else {
        assert_true(opened_is(&opened, path));
        assert_int_equal((int)(intptr_t)opened.handle, fd);
        assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
    }
    assert_int_equal(imgprobe_open_fd(fd, &opened, NULL), status);
    if (fd >= 0)
        assert_int_equal(close(fd), 0);
}

/* Directories and special files on storage are kept, too: what they are is for the caller to judge. */
static const struct fd_case storage_cases[] = {
    {"storage: a regular file", "@/in/file", O_PATH, NULL},
    {"storage: a directory", "@/in", O_RDONLY, NULL},
    {"storage: a FIFO", "@/in/fifo", O_PATH, NULL},
    {"storage: a link", "@/in/to-file", O_PATH | O_NOFOLLOW, NULL},
    {"storage: procfs", "/proc", O_RDONLY, "means another file to each process that opens it"},
    {"storage: a file of procfs", "/proc/version", O_PATH, "means another file to each process that opens it"},
    {"storage: sysfs", "/sys", O_PATH, "is on a file system of the kernel's own and no storage"},
    {"storage: a descriptor that isn't open", "", O_PATH, "not an open descriptor"},
};

static void test_storage(void **state)
{
    const struct fd_case *c = *state;
    struct imgprobe_error error;
    enum imgprobe_status status;
    char path[256];
    int fd;

    expand(path, sizeof path, c->path);
    fd = open(path, c->flags | O_CLOEXEC);
    status = imgprobe_storage(fd, &error);
    assert_int_equal(status == IMGPROBE_OK, c->what == NULL);
    if (c->what != NULL)
        assert_string_equal(error.what, c->what);
    assert_int_equal(imgprobe_storage(fd, NULL), status);
    if (fd >= 0)
        assert_int_equal(close(fd), 0);
}

static void test_reads(void **state)
{
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    unsigned char bytes[2000];
    char path[256];
    int fd;

    (void)state;
    expand(path, sizeof path, "@/shrinking");
    make_file("@/shrinking", 2000, 0600);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(imgprobe_open_fd(fd, &opened, &error), IMGPROBE_OK);
    assert_int_equal(opened.source.read_at(opened.source.context, 0, bytes, 2000), IMGPROBE_OK);
    assert_int_equal(opened.source.read_at(opened.source.context, 2000, bytes, 0), IMGPROBE_OK);
    assert_int_equal(opened.source.read_at(opened.source.context, 1999, bytes, 2), IMGPROBE_TRUNCATED);
    assert_int_equal(opened.source.read_at(opened.source.context, INT64_MAX, bytes, 1), IMGPROBE_TRUNCATED);
    assert_int_equal(opened.source.read_at(opened.source.context, UINT64_MAX, bytes, 1), IMGPROBE_TRUNCATED);
    assert_int_equal(ftruncate(fd, 1000), 0);
    assert_int_equal(opened.source.size, 2000);
    assert_int_equal(opened.source.read_at(opened.source.context, 0, bytes, 1001), IMGPROBE_TRUNCATED);
    assert_int_equal(opened.source.read_at(opened.source.context, 0, bytes, 1000), IMGPROBE_OK);
    close(fd);
    assert_int_equal(opened.source.read_at(opened.source.context, 0, bytes, 1), IMGPROBE_SYSTEM);
}

int main(void)
{
    begin();
    add("missing and existing files outside give one error", "", test_no_oracle, NULL);
    if (have_namespace)
        add("procfs mounted elsewhere", "", test_other_proc, NULL);
    else
        leave_out("procfs mounted elsewhere", "", "no mount namespace");
    add_made_up();
    add("names up to 4095 bytes", "", test_long_names, NULL);
    add_walks();
    add("a root that is too long", "", test_long_root, NULL);
    add("a link that makes a name too long", "", test_long_link, NULL);
    add("relative name in a directory that is gone", "", test_no_directory, NULL);
    add("no descriptor left", "", test_too_many_files, NULL);
    add("roots of another version", "", test_roots_of_another_version, NULL);
    add("one path by one call", "", test_open_path, NULL);
    for (size_t i = 0; i < COUNT(fd_cases); i++) {
        if (strchr(fd_cases[i].path, '%') != NULL && !have_block)
            leave_out(fd_cases[i].name, "", "no loop device");
        else
            add(fd_cases[i].name, "", test_fd, &fd_cases[i]);
    }
    for (size_t i = 0; i < COUNT(storage_cases); i++)
        add(storage_cases[i].name, "", test_storage, &storage_cases[i]);
    add("reads, past the end and of a file that shrinks", "", test_reads, NULL);
    return run_and_remove("opener-edges");
}
