/* SPDX-License-Identifier: MIT */
/* The canonical name of what the opener opened, whatever has happened to the file since. */
#include "opener-tree.h"

/* The canonical name of what was opened, and what has happened in between. */
enum between { NOTHING, DELETE, MOVE, MOVE_WITHIN, MOVE_DIRECTORY, EXCHANGE, LINK_DELETED, FILE_DELETED, MOUNT_OVER };
struct canonical_case {
    const char *name, *path, *wanted; /* NULL: none */
    enum between between;
    const char *cwd; /* NULL: the tree */
    bool block, namespace;
    const char *root; /* NULL: anywhere */
};
static const struct canonical_case canonicals[] = {
    {"canonical name of a file", "@/in/file", "@/in/file"},
    {"canonical name of a relative name", "in/file", "@/in/file"},
    {"canonical name of a relative name, from another directory", "../in/file", "@/in/file", .cwd = "@/out"},
    {"canonical name of slashes and dots", "@//in/.//./dir/../file", "@/in/file"},
    {"canonical name of a link", "@/in/to-out", "@/out/file"},
    {"canonical name of 40 links", "@/in/link39", "@/in/file"},
    {"canonical name of a file beneath a link", "@/alias/file", "@/in/file"},
    {"canonical name of dot-dot after a link", "@/in/to-deep/../file", "@/in/dir/file"},
    {"canonical name of a file by its second name", "@/in/other-name", "@/in/other-name"},
    {"canonical name with bytes that are no letters", "@/in/odd\n\\012 \xff\"", "@/in/odd\n\\012 \xff\""},
    {"canonical name of a file that is deleted", "@/in/scratch", NULL, DELETE},
    {"canonical name of a file that is moved", "@/in/scratch", "@/out/scratch-moved", MOVE},
    {"canonical name of a file in whose place another is put", "@/in/scratch", "@/out/scratch-moved", EXCHANGE},
    {"canonical name of a deleted file, and its second name looks like it", "@/in/scratch", "@/in/scratch (deleted)",
     LINK_DELETED},
    {"canonical name of a deleted file, and another file's name looks like it", "@/in/scratch", NULL, FILE_DELETED},
    {"canonical name of a file over which another is mounted", "@/in/scratch", NULL, MOUNT_OVER, .namespace = true},
    {"canonical name beneath a root", "@/in/to-file", "@/in/file", .root = "@/in"},
    {"canonical name beneath a relative root", "in/dir/file", "@/in/dir/file", .root = "in"},
    {"canonical name beneath a root that is a link", "@/alias/file", "@/in/file", .root = "@/alias"},
    {"canonical name beneath a root that goes up", "@/in/file", "@/in/file", .root = "@/in/dir/.."},
    {"canonical name beneath the root directory", "@/in/file", "@/in/file", .root = "/"},
    {"canonical name of a file that is moved within its root", "@/in/scratch", "@/in/dir/scratch-moved", MOVE_WITHIN,
     .root = "@/in"},
    {"canonical name of a file that is moved out of its root", "@/in/scratch", NULL, MOVE, .root = "@/in"},
    {"canonical name of a file whose directory is moved out of its root", "@/in/swap/file", NULL, MOVE_DIRECTORY,
     .root = "@/in"},
    {"canonical name of a file whose directory is moved, anywhere", "@/in/swap/file", "@/out/swap/file",
     MOVE_DIRECTORY},
    {"canonical name of a file exchanged for one outside its root", "@/in/scratch", NULL, EXCHANGE, .root = "@/in"},
    {"canonical name of a link beneath a root in /dev", "!/twice", "/dev/%", .block = true, .root = "!"},
    {"canonical name beneath /dev", "/dev/%", "/dev/%", .block = true, .root = "/dev"},
    {"canonical name of a block device", "/dev/%", "/dev/%", .block = true},
    {"canonical name of a link to a block device", "!/twice", "/dev/%", .block = true},
};

static bool rename_names(const char *from, const char *to, unsigned flags)
{
    char first[256], second[256];

    expand(first, sizeof first, from);
    expand(second, sizeof second, to);
    return syscall(SYS_renameat2, AT_FDCWD, first, AT_FDCWD, second, flags) == 0;
}

static bool remove_name(const char *name)
{
    char path[256];

    expand(path, sizeof path, name);
    return unlink(path) == 0;
}

static bool mount_over(const char *from, const char *to)
{
    char first[256], second[256];

    expand(first, sizeof first, from);
    expand(second, sizeof second, to);
    return own_namespace() && mount(first, second, NULL, MS_BIND, NULL) == 0;
}

static bool happens(enum between between)
{
    switch (between) {
    case NOTHING:
        return true;
    case DELETE:
        return remove_name("@/in/scratch");
    case MOVE:
        return rename_names("@/in/scratch", "@/out/scratch-moved", 0);
    case MOVE_WITHIN:
        return rename_names("@/in/scratch", "@/in/dir/scratch-moved", 0);
    case MOVE_DIRECTORY:
        return rename_names("@/in/swap", "@/out/swap", 0);
    case EXCHANGE:
        make_file("@/out/scratch-moved", 5, 0644);
        return rename_names("@/in/scratch", "@/out/scratch-moved", RENAME_EXCHANGE);
    case LINK_DELETED:
        return link_names("@/in/scratch", "@/in/scratch (deleted)") && remove_name("@/in/scratch");
    case FILE_DELETED:
        make_file("@/in/scratch (deleted)", 5, 0644);
        return remove_name("@/in/scratch");
    case MOUNT_OVER:
        return mount_over("@/out/file", "@/in/scratch");
    }
    return false;
}

/* With room for `size` bytes: the whole name or none, and nothing behind it is written. */
static bool canonical_is(const struct imgprobe_opened *opened, const char *root, size_t size, const char *wanted)
{
    const struct imgprobe_roots roots = {sizeof roots, &root, root != NULL};
    struct imgprobe_opener opener;
    char name[4200], before[4200];
    size_t length, expected = wanted != NULL && strlen(wanted) <= size ? strlen(wanted) : 0;

    memset(name, 0xa5, sizeof name);
    memcpy(before, name, sizeof name);
    imgprobe_safe_opener(&opener, &roots);
    length = opener.canonical(opener.context, opened, name, size);
    if (length == expected && (length == 0 || memcmp(name, wanted, length) == 0) &&
        memcmp(name + length, before, sizeof name - length) == 0)
        return true;
    fprintf(stderr, "%s: %zu bytes: \"%.*s\"\n", wanted != NULL ? wanted : "none", length, (int)length, name);
    return false;
}

static bool canonical_holds(const struct imgprobe_opened *opened, const char *root, const char *wanted)
{
    size_t length = wanted != NULL ? strlen(wanted) : 20;
    int before = descriptors();

    return canonical_is(opened, root, 4095, wanted) && canonical_is(opened, root, length, wanted) &&
           canonical_is(opened, root, length - 1, wanted) && canonical_is(opened, root, 0, wanted) &&
           descriptors() == before;
}

struct canonical_run {
    const struct canonical_case *c;
    enum setting setting;
};
static struct canonical_run canonical_runs[COUNT(canonicals) * SETTINGS];

/* Where the kernel begins a walk anew, it goes on counting links. So a name of 40 may be one too many once. */
static int open_again(const char *path)
{
    int fd = -1, i;

    for (i = 0; i < 16 && fd < 0; i++) {
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 && errno != ELOOP)
            break;
    }
    return fd;
}

/* Without /proc the opener opens nothing, so it is asked about a descriptor of the caller's. */
static bool open_named(const char *path, const char *root, struct imgprobe_opened *opened)
{
    struct imgprobe_error error;

    if (!without_proc)
        return open_path(path, &root, root != NULL, opened, &error) == IMGPROBE_OK;
    return imgprobe_open_fd(open_again(path), opened, &error) == IMGPROBE_OK;
}

static bool check_canonical(const void *argument)
{
    const struct canonical_run *run = argument;
    const struct canonical_case *c = run->c;
    char path[256], wanted[256], cwd[256], root[256];
    struct imgprobe_opened opened;
    bool told = c->wanted != NULL && run->setting != NO_PROC, good;

    expand(path, sizeof path, c->path);
    expand(root, sizeof root, c->root != NULL ? c->root : "");
    expand(wanted, sizeof wanted, c->wanted != NULL ? c->wanted : "");
    expand(cwd, sizeof cwd, c->cwd != NULL ? c->cwd : "@");
    if (c->between != NOTHING)
        make_file("@/in/scratch", 1007, 0644);
    if (chdir(cwd) != 0 || !open_named(path, c->root ? root : NULL, &opened) || !happens(c->between))
        return false;
    good = canonical_holds(&opened, c->root ? root : NULL, told ? wanted : NULL);
    done(&opened);
    return good;
}

static void test_canonical(void **state)
{
    static const char *const scratch[] = {"@/in/scratch", "@/in/scratch (deleted)", "@/out/scratch-moved",
                                          "@/in/dir/scratch-moved"};
    const struct canonical_run *run = *state;
    int failed = in_setting(run->setting, check_canonical, run);

    for (size_t i = 0; i < COUNT(scratch); i++)
        (void)remove_name(scratch[i]);
    (void)rename_names("@/out/swap", "@/in/swap", 0);
    assert_int_equal(failed, 0);
}

/* A name that is longer than any name may be can't be told. */
static bool check_canonical_too_long(const void *argument)
{
    char component[251], path[256];
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    int fd;

    (void)argument;
    memset(component, 'd', sizeof component - 1);
    component[sizeof component - 1] = '\0';
    expand(path, sizeof path, "@/out");
    if (chdir(path) != 0)
        return false;
    for (int i = 0; i < 20; i++)
        if (mkdir(component, 0755) != 0 || chdir(component) != 0)
            return false;
    fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (imgprobe_open_fd(fd, &opened, &error) != IMGPROBE_OK || !canonical_holds(&opened, NULL, NULL))
        return false;
    return close(fd) == 0 && unlink("file") == 0;
}

static void test_canonical_too_long(void **state)
{
    (void)state;
    assert_int_equal(in_setting(AS_IS, check_canonical_too_long, NULL), 0);
}

/* The top is the caller's: opened by no opener, and what it calls a handle is anything. */
static void test_canonical_of_callers(void **state)
{
    static const intptr_t handles[] = {-1, INT_MIN, INT_MAX, 0, 1023, (intptr_t) "pointer"};
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    char path[256];
    int fd;

    (void)state;
    expand(path, sizeof path, "@/in/file");
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(imgprobe_open_fd(fd, &opened, &error), IMGPROBE_OK);
    assert_true(canonical_holds(&opened, NULL, path));
    assert_true(canonical_holds(&opened, "/usr", path)); /* no root confines it */
    for (size_t i = 0; i < COUNT(handles); i++) {
        opened.handle = (void *)handles[i];
        assert_true(canonical_holds(&opened, NULL, NULL));
    }
    assert_int_equal(close(fd), 0);
    expand(path, sizeof path, "@/in");
    fd = open(path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return; /* not every file system has them */
    assert_int_equal(imgprobe_open_fd(fd, &opened, &error), IMGPROBE_OK);
    assert_true(canonical_holds(&opened, NULL, NULL));
    assert_int_equal(close(fd), 0);
}

/* The directories that imgprobe_way tells of, in their order, with ; behind each, and a root's name in brackets. What
 * lies above the tree is left out. */
static const struct way_case {
    const char *name, *path, *root, *told;
    enum imgprobe_status status;
    const char *file; /* the one to which it leads */
} way_cases[] = {
    {"way to a file", "@/in/file", NULL, "@;@/in;", IMGPROBE_OK, "@/in/file"},
    {"way beneath a root", "@/in/dir/file", "@/in", "[@/in]@/in;@/in/dir;", IMGPROBE_OK, "@/in/dir/file"},
    {"way by a link", "@/in/to-deep/file", "@/in", "[@/in]@/in;@/in/dir;@/in/dir/deep;", IMGPROBE_OK,
     "@/in/dir/deep/file"},
    {"way by an absolute link", "@/in/to-file-absolute", "@/in", "[@/in]@/in;[@/in]@/in;", IMGPROBE_OK, "@/in/file"},
    {"way up", "@/in/dir/../file", "@/in", "[@/in]@/in;@/in/dir;[@/in]@/in;", IMGPROBE_OK, "@/in/file"},
    {"way beneath a root that is a link", "@/alias/file", "@/alias", "[@/alias]@/in;", IMGPROBE_OK, "@/in/file"},
    {"way by the canonical name of such a root", "@/in/file", "@/alias", "[@/in]@/in;", IMGPROBE_OK, "@/in/file"},
    {"way to a directory", "@/in/", "@", "[@]@;@/in;", IMGPROBE_OK, "@/in"},
    {"way to a FIFO", "@/in/fifo", "@/in", "[@/in]@/in;", IMGPROBE_OK, "@/in/fifo"},
    {"way to nothing", "@/in/dir/missing", "@/in", "[@/in]@/in;@/in/dir;", IMGPROBE_SYSTEM, NULL},
    {"way out", "@/in/to-out", "@/in", "[@/in]@/in;", IMGPROBE_REFUSED, NULL},
    {"way beside", "@/out/file", "@/in", "", IMGPROBE_REFUSED, NULL},
};
static char told[1024];

/* The descriptor is that of the directory, without a right to read it. */
static enum imgprobe_status tell(void *context, const char *name, int fd)
{
    const bool root = fd < 0;
    size_t length = strlen(told);
    struct stat named, opened;

    (void)context;
    if (!root && (stat(name, &named) != 0 || fstat(fd, &opened) != 0 || named.st_ino != opened.st_ino ||
                  (fcntl(fd, F_GETFL) & O_PATH) == 0))
        return IMGPROBE_USAGE;
    if (strncmp(name, tree, strlen(tree)) != 0)
        return IMGPROBE_OK;
    snprintf(told + length, sizeof told - length, "%s@%s%s", root ? "[" : "", name + strlen(tree), root ? "]" : ";");
    return IMGPROBE_OK;
}

static enum imgprobe_status stop(void *context, const char *name, int fd)
{
    (void)context;
    (void)name;
    (void)fd;
    return IMGPROBE_NEED;
}

static void test_way(void **state)
{
    const struct way_case *c = *state;
    char path[256], root[256], file[256];
    const char *name = root;
    const struct imgprobe_roots roots = {sizeof roots, &name, c->root != NULL};
    struct imgprobe_identity found = {0}, same = {0};
    struct imgprobe_error error;
    struct stat wanted;
    int before = descriptors();

    expand(path, sizeof path, c->path);
    expand(root, sizeof root, c->root != NULL ? c->root : "");
    told[0] = '\0';
    assert_int_equal(imgprobe_way(&roots, path, tell, NULL, &found, &error), c->status);
    assert_string_equal(told, c->told);
    assert_int_equal(imgprobe_way(&roots, path, NULL, NULL, &same, &error), c->status);
    assert_int_equal(imgprobe_way(&roots, path, stop, NULL, &same, NULL), told[0] ? IMGPROBE_NEED : c->status);
    if (c->file != NULL) {
        expand(file, sizeof file, c->file);
        assert_int_equal(stat(file, &wanted), 0);
        assert_true(found.inode == wanted.st_ino && found.device == wanted.st_dev);
        assert_memory_equal(&found, &same, sizeof found);
    }
    assert_int_equal(imgprobe_way(&roots, path, tell, NULL, NULL, &error), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_way(&roots, NULL, tell, NULL, &found, &error), IMGPROBE_USAGE);
    assert_int_equal(descriptors(), before);
}

/* The name of a root isn't known there, and so neither is what lies beneath it. */
static bool check_way_without_proc(const void *argument)
{
    char path[256], root[256];
    const char *name = root;
    const struct imgprobe_roots roots = {sizeof roots, &name, 1};
    struct imgprobe_identity found;
    struct imgprobe_error error;

    (void)argument;
    expand(path, sizeof path, "@/in/file");
    expand(root, sizeof root, "@/in");
    return imgprobe_way(&roots, path, tell, NULL, &found, &error) == IMGPROBE_SYSTEM &&
           error_is(&error, IMGPROBE_SYSTEM, NEEDS_PROC) && told[0] == '\0';
}

static void test_way_without_proc(void **state)
{
    (void)state;
    told[0] = '\0';
    assert_int_equal(in_setting(NO_PROC, check_way_without_proc, NULL), 0);
}

static void add_canonicals(void)
{
    for (size_t i = 0; i < COUNT(canonicals); i++) {
        for (unsigned s = 0; s < SETTINGS; s++) {
            const struct canonical_case *c = &canonicals[i];
            struct canonical_run *run = &canonical_runs[i * SETTINGS + s];

            *run = (struct canonical_run){c, (enum setting)s};
            if (c->block && !have_block)
                leave_out(c->name, setting_names[s], "no loop device");
            else if ((s == NO_PROC || c->namespace) && !have_namespace)
                leave_out(c->name, setting_names[s], "no mount namespace");
            else
                add(c->name, setting_names[s], test_canonical, run);
        }
    }
}

int main(void)
{
    begin();
    add_canonicals();
    for (size_t i = 0; i < COUNT(way_cases); i++)
        add(way_cases[i].name, "", test_way, &way_cases[i]);
    if (have_namespace)
        add("way beneath a root", " (without /proc)", test_way_without_proc, NULL);
    else
        leave_out("way beneath a root", " (without /proc)", "no mount namespace");
    add("canonical name that is too long", "", test_canonical_too_long, NULL);
    add("canonical name of what the caller opened", "", test_canonical_of_callers, NULL);
    return run_and_remove("opener-canonical");
}
