/* SPDX-License-Identifier: MIT */
/*
 * The safe opener on a scratch tree. Each row is opened three times: as the machine is, on a kernel without openat2,
 * and without /proc. What this machine can't do is named on standard error and counted as left out.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "imgprobe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ESCAPE .status = IMGPROBE_REFUSED, .expected = "path-escape"
#define PROCESS .status = IMGPROBE_REFUSED, .expected = "process-relative-name"
#define FAILS(text) .status = IMGPROBE_SYSTEM, .expected = text
#define OPENS(file) .status = IMGPROBE_OK, .expected = file

enum setting { AS_IS, NO_OPENAT2, NO_PROC, SETTINGS };
static const char *const setting_names[] = {"", " (without openat2)", " (without /proc)"};

static char tree[64], loop_name[32], dev_directory[64], dev_link[64], shm_directory[64];
static bool have_block, have_namespace;
static unsigned left_out;

/* In a path and a root: `@` is the tree, `%` the loop device's name, `!` a directory in /dev, `~` a link there to the
 * loop device, `^` a directory in /dev/shm. */
struct opener_case {
    const char *name;
    const char *path;
    const char *roots[2]; /* none: anywhere */
    enum imgprobe_status status;
    const char *expected; /* OK: the same file by another name; REFUSED: the field; otherwise: what */
    const char *cwd;      /* NULL: the tree */
    bool unprivileged;    /* as another user than root */
    bool block;           /* needs the loop device */
    bool canonical;       /* needs the canonical name of a root, hence /proc */
};

static const struct opener_case cases[] = {
    {"regular file", "@/in/file", {0}, OPENS("@/in/file")},
    {"empty regular file", "@/in/empty", {0}, OPENS("@/in/empty")},
    {"regular file by a relative name", "in/file", {0}, OPENS("@/in/file")},
    {"regular file by a link", "@/in/to-file", {0}, OPENS("@/in/file")},
    {"two slashes and dots", "@//in/.//./dir/../file", {0}, OPENS("@/in/file")},
    {"two slashes first", "/@/in/file", {0}, OPENS("@/in/file")},
    {"dot-dot after a link stands where the link leads", "@/in/to-deep/../file", {0}, OPENS("@/in/dir/file")},
    {"directory", "@/in", {0}, FAILS("is a directory")},
    {"directory, slash at the end", "@/in/", {0}, FAILS("is a directory")},
    {"directory, dot at the end", "@/in/.", {0}, FAILS("is a directory")},
    {"directory, dot-dot at the end", "@/in/..", {0}, FAILS("is a directory")},
    {"the root directory", "/", {0}, FAILS("is a directory")},
    {"FIFO doesn't hang", "@/in/fifo", {0}, FAILS("is a FIFO")},
    {"link to a FIFO doesn't hang", "@/in/to-fifo", {0}, FAILS("is a FIFO")},
    {"socket", "@/in/socket", {0}, FAILS("is a socket")},
    {"character device", "/dev/null", {0}, FAILS("is a character device")},
    {"link to a character device", "@/in/to-null", {0}, FAILS("is a character device")},
    {"empty name", "", {0}, FAILS("name is empty")},
    {"missing file", "@/in/missing", {0}, FAILS("no such file")},
    {"missing directory", "@/missing/file", {0}, FAILS("no such file")},
    {"link to a missing file", "@/in/to-missing", {0}, FAILS("no such file")},
    {"slash behind a file", "@/in/file/", {0}, FAILS("not a directory")},
    {"dot behind a file", "@/in/file/.", {0}, FAILS("not a directory")},
    {"file as a directory", "@/in/file/x", {0}, FAILS("not a directory")},
    {"link loop", "@/in/loop", {0}, FAILS("too many symbolic links")},
    {"40 links", "@/in/link39", {0}, OPENS("@/in/file")},
    {"41 links", "@/in/link40", {0}, FAILS("too many symbolic links")},
    {"file without permission", "@/in/secret", {0}, FAILS("permission denied"), .unprivileged = true},
    {"directory without permission", "@/in/closed/file", {0}, FAILS("permission denied"), .unprivileged = true},

    {"magic link", "/proc/self/exe", {0}, PROCESS},
    {"file of procfs", "/proc/version", {0}, PROCESS},
    {"procfs itself", "/proc", {0}, PROCESS},
    {"through procfs and back", "/proc/../@/in/file", {0}, PROCESS},
    {"procfs by dots and slashes", "//.//proc/./self/exe", {0}, PROCESS},
    {"procfs by dot-dot from the root directory", "a/../../proc/self/exe", {0}, PROCESS, .cwd = "/"},
    {"procfs by dot-dot from anywhere", "a/../../../../../../proc/self/exe", {0}, PROCESS},
    {"procfs by dot-dot above the root directory", "/../../proc/self/exe", {0}, PROCESS},
    {"procfs by a relative name", "self/exe", {0}, PROCESS, .cwd = "/proc"},
    {"name that only begins like procfs", "/process/file", {0}, FAILS("no such file")},
    {"/dev/fd", "/dev/fd/0", {0}, PROCESS},
    {"/dev/fd by a relative name", "fd/0", {0}, PROCESS, .cwd = "/dev"},
    {"/dev/fdset", "/dev/fdset/1", {0}, PROCESS},
    {"/dev/stdin", "/dev/stdin", {0}, PROCESS},
    {"/dev/stdout", "/dev/stdout", {0}, PROCESS},
    {"/dev/stderr", "/dev/stderr", {0}, PROCESS},
    {"/dev/tty", "/dev/tty", {0}, PROCESS},
    {"link to /proc/self/fd/0", "@/in/to-proc-fd", {0}, PROCESS},
    {"link to /dev/fd/3", "@/in/to-dev-fd", {0}, PROCESS},
    {"link to /dev/fd, name behind it", "@/in/to-dev-fds/3", {0}, PROCESS},
    {"link to /proc/self/cwd, name behind it", "@/in/to-cwd/in/file", {0}, PROCESS},
    {"link to /proc/self/fd/0, beneath a root", "@/in/to-proc-fd", {"@/in"}, PROCESS},
    {"link to /dev/fd/3, beneath a root", "@/in/to-dev-fd", {"@/in"}, PROCESS},

    {"beneath a root", "@/in/file", {"@/in"}, OPENS("@/in/file")},
    {"beneath a root, deeper", "@/in/dir/deep/file", {"@/in"}, OPENS("@/in/dir/deep/file")},
    {"beneath the second root", "@/out/file", {"@/in", "@/out"}, OPENS("@/out/file")},
    {"beneath a root inside another", "@/in/dir/file", {"@/in/dir", "@/in"}, OPENS("@/in/dir/file")},
    {"beneath the root directory", "@/in/to-out", {"/"}, OPENS("@/out/file")},
    {"beneath a root with slashes and dots", "@/in/file", {"@/./out/../in//"}, OPENS("@/in/file")},
    {"relative name, relative root", "in/file", {"in"}, OPENS("@/in/file")},
    {"relative name, root is the directory", "file", {"."}, OPENS("@/in/file"), .cwd = "@/in"},
    {"relative name with dot-dot, relative root", "../out/file", {"../out"}, OPENS("@/out/file"), .cwd = "@/in"},
    {"relative name, absolute root", "in/file", {"@/in"}, OPENS("@/in/file")},
    {"absolute name, relative root", "@/in/file", {"in"}, OPENS("@/in/file")},
    {"slashes and dots beneath a root", "@//in/.//./dir/../file", {"@/in"}, OPENS("@/in/file")},
    {"dot-dot out and back in", "@/in/../in/file", {"@/in"}, OPENS("@/in/file")},
    {"dot-dot out, past another directory, and back in is taken by letters only",
     "@/in/../out/../in/file",
     {"@/in"},
     ESCAPE},
    {"dot-dot of a directory outside", "@/out/../in/file", {"@/in"}, ESCAPE},
    {"dot-dot of nothing outside tells nothing", "@/missing/../in/file", {"@/in"}, ESCAPE},
    {"dot-dot of a link outside, which leads elsewhere", "@/to-elsewhere/../in/file", {"@/in"}, ESCAPE},
    {"dot-dot after a link stands where it leads, beneath a root",
     "@/in/to-deep/../file",
     {"@/in"},
     OPENS("@/in/dir/file")},
    {"dot-dot from one root to another", "@/in/dir/../../out/file", {"@/in", "@/out"}, OPENS("@/out/file")},
    {"link beneath a root", "@/in/to-file", {"@/in"}, OPENS("@/in/file")},
    {"absolute link beneath a root", "@/in/to-file-absolute", {"@/in"}, OPENS("@/in/file")},
    {"link out and back in", "@/in/to-file-around", {"@/in"}, OPENS("@/in/file")},
    {"link from one root to another", "@/in/to-out", {"@/out", "@/in"}, OPENS("@/out/file")},
    {"absolute link from one root to another", "@/in/to-out-absolute", {"@/in", "@/out"}, OPENS("@/out/file")},
    {"missing beneath a root", "@/in/missing", {"@/in"}, FAILS("no such file")},
    {"missing root", "@/missing/file", {"@/missing"}, FAILS("no such file")},
    {"file as a root", "@/in/file", {"@/in/file"}, FAILS("not a directory")},
    {"FIFO beneath a root", "@/in/fifo", {"@/in"}, FAILS("is a FIFO")},
    {"a root itself", "@/in", {"@/in"}, FAILS("is a directory")},
    {"link loop beneath a root", "@/in/loop", {"@/in"}, FAILS("too many symbolic links")},
    {"40 links beneath a root", "@/in/link39", {"@/in"}, OPENS("@/in/file")},
    {"41 links beneath a root", "@/in/link40", {"@/in"}, FAILS("too many symbolic links")},
    {"outside the root", "@/out/file", {"@/in"}, ESCAPE},
    {"outside the root by a relative name", "out/file", {"in"}, ESCAPE},
    {"root's name is only the beginning", "@/inner", {"@/in"}, ESCAPE},
    {"empty root", "in/file", {""}, ESCAPE},
    {"dot-dot out", "@/in/../out/file", {"@/in"}, ESCAPE},
    {"dot-dot out of a missing directory", "@/in/missing/../../out/file", {"@/in"}, ESCAPE},
    {"dot-dot out, behind a link", "@/in/to-deep/../../../out/file", {"@/in"}, ESCAPE},
    {"relative link out", "@/in/to-out", {"@/in"}, ESCAPE},
    {"absolute link out", "@/in/to-out-absolute", {"@/in"}, ESCAPE},
    {"link to a directory outside", "@/in/to-out-directory/file", {"@/in"}, ESCAPE},
    {"link to a FIFO outside", "@/in/to-out-fifo", {"@/in"}, ESCAPE},
    {"link to a directory outside, and back in", "@/in/to-out-directory/../in/file", {"@/in"}, ESCAPE},
    {"root is a link", "@/alias/file", {"@/alias"}, OPENS("@/in/file")},
    {"root is a link, absolute link to the name given", "@/alias/to-alias", {"@/alias"}, OPENS("@/in/file")},
    {"root is a link, name is canonical", "@/in/file", {"@/alias"}, OPENS("@/in/file"), .canonical = true},
    {"root is a link, absolute link to the canonical name",
     "@/alias/to-file-absolute",
     {"@/alias"},
     OPENS("@/in/file"),
     .canonical = true},
    {"root is a link, link out and back in",
     "@/alias/to-file-around",
     {"@/alias"},
     OPENS("@/in/file"),
     .canonical = true},
    {"root is a link, dot-dot goes up where it leads",
     "@/deep-alias/../in/file",
     {"@/deep-alias", "@/in"},
     FAILS("no such file"),
     .canonical = true},
    {"root is a link, dot-dot goes up where it leads, whatever the order of the roots",
     "@/deep-alias/../in/file",
     {"@/in", "@/deep-alias"},
     FAILS("no such file"),
     .canonical = true},
    {"root is a link to /dev", "@/to-dev/tty", {"@/to-dev"}, PROCESS, .canonical = true},
    {"root is a link, dot-dot leads out by letters", "@/deep-alias/../file", {"@/deep-alias", "@/in/dir"}, ESCAPE},
    {"root is a link, link out", "@/alias/to-out", {"@/alias"}, ESCAPE},
    {"root is canonical, name isn't", "@/alias/file", {"@/in"}, ESCAPE},

    {"block device", "/dev/%", {0}, OPENS("/dev/%"), .block = true},
    {"block device beneath /dev", "/dev/%", {"/dev"}, OPENS("/dev/%"), .block = true},
    {"link beneath a root in /dev to a block device", "!/block", {"!"}, OPENS("/dev/%"), .block = true},
    {"absolute link beneath a root in /dev to a block device", "!/absolute", {"!"}, OPENS("/dev/%"), .block = true},
    {"link beneath a root in /dev to a link to a block device", "!/twice", {"!"}, OPENS("/dev/%"), .block = true},
    {"root is a link to one in /dev",
     "@/to-dev-directory/block",
     {"@/to-dev-directory"},
     OPENS("/dev/%"),
     .block = true,
     .canonical = true},
    {"name beneath a root in /dev to a block device", "!/../%", {"!"}, ESCAPE, .block = true},
    {"block device in /dev, root deeper in /dev", "/dev/%", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev to a character device", "!/null", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev to nothing", "!/missing", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev to a directory", "!/directory", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev to /dev", "!/dev", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev to another directory", "!/deeper", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev to a file outside", "!/file", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev/shm to a block device", "^/block", {"^"}, ESCAPE, .block = true},
    {"link beneath any other root to a block device", "@/in/to-block", {"@/in"}, ESCAPE, .block = true},
};

static struct CMUnitTest tests[COUNT(cases) * SETTINGS + 128];
static size_t test_count;

static void expand(char *text, size_t size, const char *pattern)
{
    size_t length = 0;

    text[0] = '\0';
    for (; *pattern != '\0'; pattern++) {
        const char one[] = {*pattern, '\0'};
        const char *part = *pattern == '@'   ? tree
                           : *pattern == '%' ? loop_name
                           : *pattern == '!' ? dev_directory
                           : *pattern == '~' ? dev_link
                           : *pattern == '^' ? shm_directory
                                             : one;

        length += (size_t)snprintf(text + length, size - length, "%s", part);
        if (length >= size)
            abort();
    }
}

static int descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static enum imgprobe_status open_path(const char *path, const char *const *roots, size_t count,
                                      struct imgprobe_opened *opened, struct imgprobe_error *error)
{
    const struct imgprobe_roots beneath = {sizeof beneath, roots, count};
    struct imgprobe_opener opener;

    imgprobe_safe_opener(&opener, &beneath);
    return opener.open(opener.context, path, opened, error);
}

static void done(struct imgprobe_opened *opened)
{
    struct imgprobe_opener opener;

    imgprobe_safe_opener(&opener, NULL);
    opener.done(opener.context, opened);
}

static bool untouched(const struct imgprobe_opened *opened)
{
    struct imgprobe_opened pattern;

    memset(&pattern, 0xa5, sizeof pattern);
    return memcmp(opened, &pattern, sizeof pattern) == 0;
}

static bool error_is(const struct imgprobe_error *e, enum imgprobe_status status, const char *expected)
{
    const char *text = status == IMGPROBE_REFUSED ? e->field : e->what;

    return e->status == status && e->what != NULL && text != NULL && strcmp(text, expected) == 0 &&
           e->format == NULL && (status == IMGPROBE_REFUSED || e->field == NULL) && e->offset == IMGPROBE_UNKNOWN &&
           e->found == IMGPROBE_UNKNOWN && e->least == IMGPROBE_UNKNOWN && e->most == IMGPROBE_UNKNOWN;
}

/* Complete and right, for a file that also stands under `name`, and its first and last bytes can be read. */
static bool opened_is(const struct imgprobe_opened *o, const char *name)
{
    struct stat s;
    unsigned char byte = 0;
    uint64_t size;
    bool block;

    if (stat(name, &s) != 0)
        return false;
    block = S_ISBLK(s.st_mode);
    size = block ? 4096 : (uint64_t)s.st_size;
    if (o->struct_size != sizeof *o || o->source.struct_size != sizeof o->source || o->source.size != size ||
        o->source.observe != NULL || o->source.observer != NULL || o->handle != o->source.context ||
        o->allocated != (uint64_t)s.st_blocks * 512 ||
        o->kind != (block ? IMGPROBE_KIND_BLOCK : IMGPROBE_KIND_FILE) ||
        o->identity.device != (block ? s.st_rdev : s.st_dev) || o->identity.inode != (block ? 0 : s.st_ino))
        return false;
    if (size > 0 && (o->source.read_at(o->source.context, 0, &byte, 1) != IMGPROBE_OK || byte != 'a' ||
                     o->source.read_at(o->source.context, size - 1, &byte, 1) != IMGPROBE_OK))
        return false;
    return o->source.read_at(o->source.context, size, &byte, 1) == IMGPROBE_TRUNCATED;
}

static bool case_holds(const struct opener_case *c)
{
    char path[4200], expected[4200], roots[2][4200], cwd[4200];
    const char *names[] = {roots[0], roots[1]};
    size_t count = 0;
    struct imgprobe_opened opened;
    struct imgprobe_error error = {.status = IMGPROBE_OK};
    enum imgprobe_status status;
    int before, flags = 0;
    bool good;

    expand(path, sizeof path, c->path);
    expand(expected, sizeof expected, c->expected);
    expand(cwd, sizeof cwd, c->cwd != NULL ? c->cwd : "@");
    for (; count < COUNT(roots) && c->roots[count] != NULL; count++)
        expand(roots[count], sizeof roots[count], c->roots[count]);
    if (chdir(cwd) != 0 || (c->unprivileged && geteuid() == 0 && seteuid(65534) != 0))
        return false;
    memset(&opened, 0xa5, sizeof opened);
    before = descriptors();
    status = open_path(path, names, count, &opened, &error);
    if (status == IMGPROBE_OK) {
        flags = fcntl((int)(intptr_t)opened.handle, F_GETFD);
        good = c->status == IMGPROBE_OK && opened_is(&opened, expected) && flags == FD_CLOEXEC &&
               descriptors() == before + 1;
        done(&opened);
    } else {
        good = status == c->status && error_is(&error, c->status, expected) && untouched(&opened);
    }
    if (!good || descriptors() != before)
        fprintf(stderr, "%s: status %d, %s, %s; %d descriptors before, %d after\n", c->name, (int)status,
                error.field != NULL ? error.field : "-", error.what != NULL ? error.what : "-", before,
                descriptors());
    return good && descriptors() == before;
}

/* The system call fails as it does on a kernel that has never heard of it. */
static bool forbid_openat2(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {COUNT(filter), filter};

    if (syscall(SYS_openat2, AT_FDCWD, "/", NULL, (size_t)0) < 0 && errno == ENOSYS)
        return true;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 &&
           syscall(SYS_openat2, AT_FDCWD, "/", NULL, (size_t)0) < 0 && errno == ENOSYS;
}

static bool own_namespace(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static bool unmount_proc(void)
{
    return own_namespace() && umount2("/proc", MNT_DETACH) == 0 && access("/proc/self", F_OK) != 0;
}

/* _exit(2) alone would lose which lines the child has reached. */
#ifdef IMGPROBE_COVERAGE
void __gcov_dump(void);
#define keep_lines() __gcov_dump()
#else
#define keep_lines() ((void)0)
#endif

/* In a child, since a process can't undo what it has shut itself out from. 77: this machine can't. */
static int in_setting(enum setting setting, bool (*check)(const void *), const void *argument)
{
    pid_t child;
    int status;
    bool good;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        alarm(20);
        if ((setting == NO_OPENAT2 && !forbid_openat2()) || (setting == NO_PROC && !unmount_proc()))
            _exit(77);
        good = check(argument);
        keep_lines();
        _exit(good ? 0 : 1);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static bool check_case(const void *argument)
{
    return case_holds(argument);
}

struct run {
    const struct opener_case *c;
    enum setting setting;
};
static struct run runs[COUNT(cases) * SETTINGS];

static void test_case(void **state)
{
    const struct run *run = *state;

    assert_int_equal(in_setting(run->setting, check_case, run->c), 0);
}

static void make_file(const char *name, size_t size, mode_t mode)
{
    char path[256], bytes[4096];
    int fd;

    memset(bytes, 'a', sizeof bytes);
    expand(path, sizeof path, name);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || fchmod(fd, mode) != 0 || close(fd) != 0)
        abort();
}

static void make_directory(const char *name, mode_t mode)
{
    char path[256];

    expand(path, sizeof path, name);
    if (mkdir(path, 0700) != 0 || chmod(path, mode) != 0)
        abort();
}

static void make_link(const char *name, const char *target)
{
    char path[256], to[256];

    expand(path, sizeof path, name);
    expand(to, sizeof to, target);
    if (symlink(to, path) != 0)
        abort();
}

static bool link_names(const char *from, const char *to)
{
    char first[256], second[256];

    expand(first, sizeof first, from);
    expand(second, sizeof second, to);
    return link(first, second) == 0;
}

static void make_links(void)
{
    static const char *const links[][2] = {
        {"@/alias", "@/in"},
        {"@/deep-alias", "in/dir/deep"},
        {"@/to-elsewhere", "elsewhere/deep"},
        {"@/to-dev", "/dev"},
        {"@/in/to-file", "file"},
        {"@/in/to-file-absolute", "@/in/file"},
        {"@/in/to-file-around", "../in/file"},
        {"@/in/to-alias", "@/alias/file"},
        {"@/in/to-deep", "dir/deep"},
        {"@/in/to-fifo", "fifo"},
        {"@/in/to-null", "/dev/null"},
        {"@/in/to-missing", "missing"},
        {"@/in/to-proc-fd", "/proc/self/fd/0"},
        {"@/in/to-dev-fd", "/dev/fd/3"},
        {"@/in/to-dev-fds", "/dev/fd"},
        {"@/in/to-cwd", "/proc/self/cwd"},
        {"@/in/to-out", "../out/file"},
        {"@/in/to-out-absolute", "@/out/file"},
        {"@/in/to-out-missing", "../out/missing"},
        {"@/in/to-out-missing-absolute", "@/out/missing"},
        {"@/in/to-out-directory", "../out"},
        {"@/in/to-out-fifo", "../out/fifo"},
        {"@/in/loop", "loop"},
        {"@/in/link0", "file"},
        {"@/in/swap-link", "../out"},
    };

    for (size_t i = 0; i < COUNT(links); i++)
        make_link(links[i][0], links[i][1]);
    for (int i = 1; i <= 40; i++) {
        char name[32], target[32];

        snprintf(name, sizeof name, "@/in/link%d", i);
        snprintf(target, sizeof target, "link%d", i - 1);
        make_link(name, target);
    }
}

static void make_tree(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[256];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strcpy(tree, "/tmp/imgprobe-opener-XXXXXX");
    if (mkdtemp(tree) == NULL || chmod(tree, 0755) != 0)
        abort();
    make_directory("@/in", 0755);
    make_directory("@/in/dir", 0755);
    make_directory("@/in/dir/deep", 0755);
    make_directory("@/in/swap", 0755);
    make_directory("@/in/moving", 0755);
    make_directory("@/in/moving/sub", 0755);
    make_directory("@/out", 0755);
    make_directory("@/out/moving", 0755);
    make_directory("@/out/moving/sub", 0755);
    make_directory("@/elsewhere", 0755);
    make_directory("@/elsewhere/deep", 0755);
    make_directory("@/elsewhere/in", 0755);
    make_directory("@/mount", 0755);
    make_file("@/in/file", 1000, 0644);
    make_file("@/in/empty", 0, 0644);
    make_file("@/in/dir/file", 1001, 0644);
    make_file("@/in/dir/deep/file", 1002, 0644);
    make_file("@/in/swap/file", 1003, 0644);
    make_file("@/in/secret", 1, 0);
    make_directory("@/in/closed", 0);
    make_file("@/out/file", 1004, 0644);
    make_file("@/elsewhere/in/file", 1005, 0644);
    make_file("@/inner", 1006, 0644);
    make_file("@/disk", 4096, 0600);
    make_file("@/in/odd\n\\012 \xff\"", 1008, 0644);
    make_links();
    if (!link_names("@/in/file", "@/in/other-name"))
        abort();
    expand(path, sizeof path, "@/in/fifo");
    if (mkfifo(path, 0644) != 0)
        abort();
    expand(path, sizeof path, "@/out/fifo");
    if (mkfifo(path, 0644) != 0)
        abort();
    expand(address.sun_path, sizeof address.sun_path, "@/in/socket");
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || close(fd) != 0)
        abort();
}

static bool attach_loop(void)
{
    char path[64];
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), number, disk, device;
    bool attached;

    if (control < 0)
        return false;
    number = ioctl(control, LOOP_CTL_GET_FREE);
    close(control);
    if (number < 0)
        return false;
    snprintf(loop_name, sizeof loop_name, "loop%d", number);
    expand(path, sizeof path, "@/disk");
    disk = open(path, O_RDWR | O_CLOEXEC);
    expand(path, sizeof path, "/dev/%");
    device = open(path, O_RDWR | O_CLOEXEC);
    attached = disk >= 0 && device >= 0 && ioctl(device, LOOP_SET_FD, disk) == 0;
    close(disk);
    close(device);
    return attached;
}

static void detach_loop(void)
{
    char path[64];
    int device;

    expand(path, sizeof path, "/dev/%");
    device = open(path, O_RDWR | O_CLOEXEC);
    if (device >= 0 && ioctl(device, LOOP_CLR_FD, 0) != 0)
        fprintf(stderr, "test-opener: %s stays attached\n", path);
    close(device);
}

static bool make_block(void)
{
    static const char *const links[][2] = {
        {"!/block", "../%"},
        {"!/absolute", "/dev/%"},
        {"!/twice", "~"},
        {"!/null", "../null"},
        {"!/missing", "../missing"},
        {"!/directory", "../shm"},
        {"!/deeper", "../shm/x"},
        {"!/dev", ".."},
        {"!/file", "@/in/file"},
        {"^/block", "/dev/%"},
        {"~", "%"},
        {"@/in/to-block", "/dev/%"},
        {"@/to-dev-directory", "!"},
    };

    snprintf(dev_directory, sizeof dev_directory, "/dev/imgprobe-test-%ld", (long)getpid());
    snprintf(dev_link, sizeof dev_link, "/dev/imgprobe-test-link-%ld", (long)getpid());
    snprintf(shm_directory, sizeof shm_directory, "/dev/shm/imgprobe-test-%ld", (long)getpid());
    if (geteuid() != 0 || !attach_loop())
        return false;
    make_directory("!", 0755);
    make_directory("^", 0755);
    for (size_t i = 0; i < COUNT(links); i++)
        make_link(links[i][0], links[i][1]);
    return true;
}

static void remove_all(void)
{
    char command[256];

    snprintf(command, sizeof command, "chmod 700 '%s/in/closed'; rm -rf '%s'", tree, tree);
    if (have_block) {
        detach_loop();
        expand(command, sizeof command, "chmod 700 '@/in/closed'; rm -rf '@' '!' '~' '^'");
    }
    if (chdir("/") != 0 || system(command) != 0)
        fprintf(stderr, "test-opener: %s stays behind\n", tree);
}

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

/* Another process exchanges `first` and `second` without end; whatever is opened is the file `same`. */
struct race {
    const char *first, *second, *path, *root, *same;
};
static const struct race races[] = {
    {"@/in/swap", "@/in/swap-link", "@/in/swap/file", "@/in", "@/in/swap/file"},
    {"@/in/moving", "@/out/moving", "@/in/moving/sub/../../file", "@/in", "@/in/file"},
};

static void exchange_forever(const struct race *race)
{
    char first[256], second[256];

    expand(first, sizeof first, race->first);
    expand(second, sizeof second, race->second);
    for (;;)
        if (syscall(SYS_renameat2, AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE) != 0)
            _exit(1);
}

static bool race_is_safe(const struct race *race)
{
    char path[256], root[256], same[256];
    const char *roots[] = {root};
    struct stat wanted;
    unsigned good = 0;

    expand(path, sizeof path, race->path);
    expand(root, sizeof root, race->root);
    expand(same, sizeof same, race->same);
    while (stat(same, &wanted) != 0 || wanted.st_size == 1004)
        ;
    for (unsigned i = 0; i < 30000; i++) {
        struct imgprobe_opened opened;
        struct imgprobe_error error;

        if (open_path(path, roots, 1, &opened, &error) == IMGPROBE_OK) {
            if (opened.source.size != (uint64_t)wanted.st_size || opened.identity.inode != wanted.st_ino)
                return false;
            done(&opened);
            good++;
        } else if (error.status != IMGPROBE_REFUSED && error.status != IMGPROBE_SYSTEM) {
            return false;
        }
    }
    return good > 0;
}

static bool check_race(const void *argument)
{
    const struct race *race = argument;
    pid_t child = fork();
    int status;
    bool safe;

    if (child == 0)
        exchange_forever(race);
    safe = child > 0 && race_is_safe(race);
    if (child > 0 && (waitpid(child, &status, WNOHANG) != 0 || kill(child, SIGKILL) != 0))
        return false;
    waitpid(child, &status, 0);
    return safe;
}

static void test_race(void **state)
{
    assert_int_equal(in_setting(AS_IS, check_race, *state), 0);
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

static void test_long_names(void **state)
{
    static char name[8192];
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    char path[256];
    size_t end;

    (void)state;
    expand(path, sizeof path, "@/in/file");
    memset(name, '/', sizeof name);
    strcpy(name + 4095 - strlen(path), path);
    assert_int_equal(open_path(name, NULL, 0, &opened, &error), IMGPROBE_OK);
    done(&opened);
    memset(name, '/', sizeof name);
    strcpy(name + 4096 - strlen(path), path);
    assert_int_equal(open_path(name, NULL, 0, &opened, &error), IMGPROBE_SYSTEM);
    assert_string_equal(error.what, "name too long");
    memset(name, 'x', 300);
    name[0] = '/';
    name[300] = '\0';
    assert_int_equal(open_path(name, NULL, 0, &opened, &error), IMGPROBE_SYSTEM);
    assert_string_equal(error.what, "name too long");
    expand(path, sizeof path, "@/in");
    strcpy(name, path);
    for (end = strlen(name); end < 4000; end += 7)
        strcpy(name + end, "/dir/..");
    strcpy(name + end, "/file");
    {
        const char *roots[] = {path};

        assert_int_equal(open_path(name, roots, 1, &opened, &error), IMGPROBE_SYSTEM);
    }
    assert_string_equal(error.what, "name takes too many steps");
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
    static char name[8192] = "", target[3002] = "dir";
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    char link[256];
    size_t at;

    (void)state;
    for (at = 3; at < sizeof target - 1; at++)
        target[at] = at % 2 ? '/' : '.';
    expand(link, sizeof link, "@/in/to-long");
    assert_int_equal(symlink(target, link), 0);
    strcpy(name, link);
    for (at = strlen(name); at < 1500; at += 2)
        memcpy(name + at, "/.", 2); /* NOLINT(bugprone-not-null-terminated-result): the end follows */
    strcpy(name + at, "/../file");
    {
        const char *roots[] = {"/"};

        assert_int_equal(open_path(name, roots, 1, &opened, &error), IMGPROBE_SYSTEM);
        assert_string_equal(error.what, "name too long");
        assert_int_equal(unlink(link), 0);
        target[1000] = '\0';
        assert_int_equal(symlink(target, link), 0);
        assert_int_equal(open_path(name, roots, 1, &opened, &error), IMGPROBE_OK);
        done(&opened);
    }
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
    imgprobe_safe_opener(&opener, NULL);
    assert_int_equal(opener.open(opener.context, path, &opened, &error), IMGPROBE_OK);
    opener.done(opener.context, &opened);
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

/* The canonical name of what was opened, and what has happened in between. */
enum between { NOTHING, DELETE, MOVE, EXCHANGE, LINK_DELETED, FILE_DELETED, MOUNT_OVER };
struct canonical_case {
    const char *name, *path, *wanted; /* NULL: none */
    enum between between;
    const char *cwd; /* NULL: the tree */
    bool block, namespace;
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
static bool canonical_is(const struct imgprobe_opened *opened, size_t size, const char *wanted)
{
    struct imgprobe_opener opener;
    char name[4200], before[4200];
    size_t length, expected = wanted != NULL && strlen(wanted) <= size ? strlen(wanted) : 0;

    memset(name, 0xa5, sizeof name);
    memcpy(before, name, sizeof name);
    imgprobe_safe_opener(&opener, NULL);
    length = opener.canonical(opener.context, opened, name, size);
    if (length == expected && (length == 0 || memcmp(name, wanted, length) == 0) &&
        memcmp(name + length, before, sizeof name - length) == 0)
        return true;
    fprintf(stderr, "%s: %zu bytes: \"%.*s\"\n", wanted != NULL ? wanted : "none", length, (int)length, name);
    return false;
}

static bool canonical_holds(const struct imgprobe_opened *opened, const char *wanted)
{
    size_t length = wanted != NULL ? strlen(wanted) : 20;
    int before = descriptors();

    return canonical_is(opened, 4095, wanted) && canonical_is(opened, length, wanted) &&
           canonical_is(opened, length - 1, wanted) && canonical_is(opened, 0, wanted) && descriptors() == before;
}

struct canonical_run {
    const struct canonical_case *c;
    enum setting setting;
};
static struct canonical_run canonical_runs[COUNT(canonicals) * SETTINGS];

static bool check_canonical(const void *argument)
{
    const struct canonical_run *run = argument;
    const struct canonical_case *c = run->c;
    char path[256], wanted[256], cwd[256];
    struct imgprobe_opened opened;
    struct imgprobe_error error;
    bool told = c->wanted != NULL && run->setting != NO_PROC, good;

    expand(path, sizeof path, c->path);
    expand(wanted, sizeof wanted, c->wanted != NULL ? c->wanted : "");
    expand(cwd, sizeof cwd, c->cwd != NULL ? c->cwd : "@");
    if (c->between != NOTHING)
        make_file("@/in/scratch", 1007, 0644);
    if (chdir(cwd) != 0 || open_path(path, NULL, 0, &opened, &error) != IMGPROBE_OK || !happens(c->between))
        return false;
    good = canonical_holds(&opened, told ? wanted : NULL);
    done(&opened);
    return good;
}

static void test_canonical(void **state)
{
    static const char *const scratch[] = {"@/in/scratch", "@/in/scratch (deleted)", "@/out/scratch-moved"};
    const struct canonical_run *run = *state;
    int failed = in_setting(run->setting, check_canonical, run);

    for (size_t i = 0; i < COUNT(scratch); i++)
        (void)remove_name(scratch[i]);
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
    if (imgprobe_open_fd(fd, &opened, &error) != IMGPROBE_OK || !canonical_holds(&opened, NULL))
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
    assert_true(canonical_holds(&opened, path));
    for (size_t i = 0; i < COUNT(handles); i++) {
        opened.handle = (void *)handles[i];
        assert_true(canonical_holds(&opened, NULL));
    }
    assert_int_equal(close(fd), 0);
    expand(path, sizeof path, "@/in");
    fd = open(path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return; /* not every file system has them */
    assert_int_equal(imgprobe_open_fd(fd, &opened, &error), IMGPROBE_OK);
    assert_true(canonical_holds(&opened, NULL));
    assert_int_equal(close(fd), 0);
}

static void add(const char *name, const char *suffix, CMUnitTestFunction function, const void *state)
{
    static char names[COUNT(tests)][160];

    if (test_count == COUNT(tests))
        abort();
    snprintf(names[test_count], sizeof names[0], "%s%s", name, suffix);
    tests[test_count] = (struct CMUnitTest){
        .name = names[test_count], .test_func = function, .initial_state = (void *)(uintptr_t)state};
    test_count++;
}

static void leave_out(const char *name, const char *suffix, const char *why)
{
    fprintf(stderr, "test-opener: left out: %s%s: %s\n", name, suffix, why);
    left_out++;
}

/* Whether /dev/shm is a file system of its own, as it is wherever anybody may write to it. */
static bool shm_apart(void)
{
    struct stat dev, shm;

    return stat("/dev", &dev) == 0 && stat("/dev/shm", &shm) == 0 && dev.st_dev != shm.st_dev;
}

static void add_cases(void)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (unsigned s = 0; s < SETTINGS; s++) {
            struct run *run = &runs[i * SETTINGS + s];

            *run = (struct run){&cases[i], (enum setting)s};
            if (cases[i].block && !have_block)
                leave_out(cases[i].name, setting_names[s], "no loop device");
            else if (cases[i].path[0] == '^' && !shm_apart())
                leave_out(cases[i].name, setting_names[s], "/dev/shm is no file system of its own");
            else if (s == NO_PROC && !have_namespace)
                leave_out(cases[i].name, setting_names[s], "no mount namespace");
            else if (s != NO_PROC || !cases[i].canonical)
                add(cases[i].name, setting_names[s], test_case, run);
        }
    }
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

static bool check_namespace(const void *argument)
{
    (void)argument;
    return unmount_proc();
}

int main(void)
{
    int failed;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    umask(022);
    make_tree();
    have_block = make_block();
    have_namespace = in_setting(AS_IS, check_namespace, NULL) == 0;
    add_cases();
    add("missing and existing files outside give one error", "", test_no_oracle, NULL);
    add("a directory exchanged for a link out", "", test_race, &races[0]);
    add("a directory moved out while dot-dot is walked", "", test_race, &races[1]);
    if (have_namespace)
        add("procfs mounted elsewhere", "", test_other_proc, NULL);
    else
        leave_out("procfs mounted elsewhere", "", "no mount namespace");
    add("names up to 4095 bytes", "", test_long_names, NULL);
    add("a root that is too long", "", test_long_root, NULL);
    add("a link that makes a name too long", "", test_long_link, NULL);
    add("relative name in a directory that is gone", "", test_no_directory, NULL);
    add_canonicals();
    add("canonical name that is too long", "", test_canonical_too_long, NULL);
    add("canonical name of what the caller opened", "", test_canonical_of_callers, NULL);
    add("no descriptor left", "", test_too_many_files, NULL);
    add("roots of another version", "", test_roots_of_another_version, NULL);
    for (size_t i = 0; i < COUNT(fd_cases); i++) {
        if (strchr(fd_cases[i].path, '%') != NULL && !have_block)
            leave_out(fd_cases[i].name, "", "no loop device");
        else
            add(fd_cases[i].name, "", test_fd, &fd_cases[i]);
    }
    add("reads, past the end and of a file that shrinks", "", test_reads, NULL);
    failed = _cmocka_run_group_tests("opener", tests, test_count, NULL, NULL);
    remove_all();
    if (left_out > 0)
        fprintf(stderr, "test-opener: %u left out\n", left_out);
    return failed;
}
