/* SPDX-License-Identifier: MIT */
/* A tree of files to open, the settings in which they are opened, and the list of tests that is run on it. */
#ifndef OPENER_TREE_H
#define OPENER_TREE_H

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

#define MOST_TESTS 1024

#define ESCAPE .status = IMGPROBE_REFUSED, .expected = "path-escape"
#define PROCESS .status = IMGPROBE_REFUSED, .expected = "process-relative-name"
#define FAILS(text) .status = IMGPROBE_SYSTEM, .expected = text
#define OPENS(file) .status = IMGPROBE_OK, .expected = file
/* Whatever would be opened isn't, since it could only be opened by its name once more. */
#define NEEDS_PROC "/proc isn't mounted, and no file is opened safely without it"

enum setting { AS_IS, NO_OPENAT2, NO_PROC, KEPT, SETTINGS };
static const char *const setting_names[] = {"", " (without openat2)", " (without /proc)",
                                            " (by an opener that keeps)"};

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
    bool canonical;       /* needs /proc: for the canonical name of a root, or to come so far */
};

/* Whether this process sees no /proc. */
static bool without_proc;

static struct CMUnitTest tests[MOST_TESTS];
static size_t test_count;

static inline void expand(char *text, size_t size, const char *pattern)
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

/* In the setting KEPT every name is opened by one opener, through which two were opened before. One of these stays
 * open. */
static struct imgprobe_kept kept = {.struct_size = sizeof kept};
static bool keeping;

/* Without those that are kept. */
static inline int descriptors(void)
{
    int count = keeping ? -(kept.own.proc > 0) - (kept.own.here > 0) : 0;

    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static inline enum imgprobe_status open_path(const char *path, const char *const *roots, size_t count,
                                             struct imgprobe_opened *opened, struct imgprobe_error *error)
{
    const struct imgprobe_roots beneath = {sizeof beneath, roots, count};
    struct imgprobe_opener opener;
    enum imgprobe_status status;

    imgprobe_safe_opener(&opener, &beneath);
    kept.roots = &beneath;
    if (keeping)
        imgprobe_kept_opener(&opener, &kept);
    status = opener.open(opener.context, path, opened, error);
    kept.roots = NULL;
    return status;
}

static inline void done(struct imgprobe_opened *opened)
{
    struct imgprobe_opener opener;

    imgprobe_safe_opener(&opener, NULL);
    if (keeping)
        imgprobe_kept_opener(&opener, &kept);
    opener.done(opener.context, opened);
}

static inline bool start_keeping(void)
{
    struct imgprobe_opened first, second;
    struct imgprobe_error error;
    char path[256];

    expand(path, sizeof path, "@/in/file");
    keeping = true;
    if (open_path(path, NULL, 0, &first, &error) != IMGPROBE_OK ||
        open_path(path, NULL, 0, &second, &error) != IMGPROBE_OK)
        return false;
    done(&second);
    return true;
}

static inline bool untouched(const struct imgprobe_opened *opened)
{
    struct imgprobe_opened pattern;

    memset(&pattern, 0xa5, sizeof pattern);
    return memcmp(opened, &pattern, sizeof pattern) == 0;
}

static inline bool error_is(const struct imgprobe_error *e, enum imgprobe_status status, const char *expected)
{
    const char *text = status == IMGPROBE_REFUSED ? e->field : e->what;
    bool absent = strcmp(expected, "no such file") == 0 || strcmp(expected, "not a directory") == 0;

    return e->absent == absent && e->status == status && e->what != NULL && text != NULL &&
           strcmp(text, expected) == 0 && e->format == NULL && (status == IMGPROBE_REFUSED || e->field == NULL) &&
           e->offset == IMGPROBE_UNKNOWN && e->found == IMGPROBE_UNKNOWN && e->least == IMGPROBE_UNKNOWN &&
           e->most == IMGPROBE_UNKNOWN;
}

/* Complete and right, for a file that also stands under `name`, and its first and last bytes can be read. */
static inline bool opened_is(const struct imgprobe_opened *o, const char *name)
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
        o->source.observe != NULL || o->source.observer != NULL ||
        ((intptr_t)o->handle >= 0 ? o->handle : (void *)~(intptr_t)o->handle) != o->source.context ||
        o->allocated != (uint64_t)s.st_blocks * 512 ||
        o->kind != (block ? IMGPROBE_KIND_BLOCK : IMGPROBE_KIND_FILE) ||
        o->identity.device != (block ? s.st_rdev : s.st_dev) || o->identity.inode != (block ? 0 : s.st_ino))
        return false;
    if (size > 0 && (o->source.read_at(o->source.context, 0, &byte, 1) != IMGPROBE_OK || byte != 'a' ||
                     o->source.read_at(o->source.context, size - 1, &byte, 1) != IMGPROBE_OK))
        return false;
    return o->source.read_at(o->source.context, size, &byte, 1) == IMGPROBE_TRUNCATED;
}

static inline bool is_link(const char *path)
{
    struct stat found;

    return lstat(path, &found) == 0 && S_ISLNK(found.st_mode);
}

static inline bool case_holds(const struct opener_case *c)
{
    char path[4200], expected[4200], roots[2][4200], cwd[4200];
    const char *names[] = {roots[0], roots[1]};
    size_t count = 0;
    struct imgprobe_opened opened;
    struct imgprobe_error error = {.status = IMGPROBE_OK};
    const bool refused = without_proc && c->status == IMGPROBE_OK;
    const enum imgprobe_status wanted = refused ? IMGPROBE_SYSTEM : c->status;
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
        flags = fcntl((int)(intptr_t)opened.source.context, F_GETFD);
        good = wanted == IMGPROBE_OK && opened_is(&opened, expected) && flags == FD_CLOEXEC &&
               opened.linked == is_link(path) && descriptors() == before + 1;
        done(&opened);
    } else {
        good = status == wanted && error_is(&error, wanted, refused ? NEEDS_PROC : expected) && untouched(&opened);
    }
    if (!good || descriptors() != before)
        fprintf(stderr, "%s: status %d, %s, %s; %d descriptors before, %d after\n", c->name, (int)status,
                error.field != NULL ? error.field : "-", error.what != NULL ? error.what : "-", before,
                descriptors());
    return good && descriptors() == before;
}

/* The system call fails as it does on a kernel that has never heard of it. */
static inline bool forbid_openat2(void)
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

static inline bool own_namespace(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static inline bool unmount_proc(void)
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
static inline int in_setting(enum setting setting, bool (*check)(const void *), const void *argument)
{
    pid_t child;
    int status;
    bool good;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        alarm(300);
        if ((setting == NO_OPENAT2 && !forbid_openat2()) || (setting == NO_PROC && !unmount_proc()))
            _exit(77);
        if (setting == KEPT && !start_keeping())
            _exit(1);
        without_proc = setting == NO_PROC;
        good = check(argument);
        keep_lines();
        _exit(good ? 0 : 1);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static inline void make_file(const char *name, size_t size, mode_t mode)
{
    char path[256], bytes[4096];
    int fd;

    memset(bytes, 'a', sizeof bytes);
    expand(path, sizeof path, name);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || fchmod(fd, mode) != 0 || close(fd) != 0)
        abort();
}

static inline void make_directory(const char *name, mode_t mode)
{
    char path[256];

    expand(path, sizeof path, name);
    if (mkdir(path, 0700) != 0 || chmod(path, mode) != 0)
        abort();
}

static inline void make_link(const char *name, const char *target)
{
    char path[256], to[256];

    expand(path, sizeof path, name);
    expand(to, sizeof to, target);
    if (symlink(to, path) != 0)
        abort();
}

static inline bool link_names(const char *from, const char *to)
{
    char first[256], second[256];

    expand(first, sizeof first, from);
    expand(second, sizeof second, to);
    return link(first, second) == 0;
}

static inline void make_links(void)
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

static inline void make_tree(void)
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

static inline bool attach_loop(void)
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

static inline void detach_loop(void)
{
    char path[64];
    int device;

    expand(path, sizeof path, "/dev/%");
    device = open(path, O_RDWR | O_CLOEXEC);
    if (device >= 0 && ioctl(device, LOOP_CLR_FD, 0) != 0)
        fprintf(stderr, "%s: %s stays attached\n", program_invocation_short_name, path);
    close(device);
}

static inline bool make_block(void)
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

static inline void remove_all(void)
{
    char command[256];

    snprintf(command, sizeof command, "chmod 700 '%s/in/closed'; rm -rf '%s'", tree, tree);
    if (have_block) {
        detach_loop();
        expand(command, sizeof command, "chmod 700 '@/in/closed'; rm -rf '@' '!' '~' '^'");
    }
    if (chdir("/") != 0 || system(command) != 0)
        fprintf(stderr, "%s: %s stays behind\n", program_invocation_short_name, tree);
}

static inline void add(const char *name, const char *suffix, CMUnitTestFunction function, const void *state)
{
    static char names[COUNT(tests)][160];

    if (test_count == COUNT(tests))
        abort();
    snprintf(names[test_count], sizeof names[0], "%s%s", name, suffix);
    tests[test_count] = (struct CMUnitTest){
        .name = names[test_count], .test_func = function, .initial_state = (void *)(uintptr_t)state};
    test_count++;
}

static inline void leave_out(const char *name, const char *suffix, const char *why)
{
    fprintf(stderr, "%s: left out: %s%s: %s\n", program_invocation_short_name, name, suffix, why);
    left_out++;
}

static inline bool check_namespace(const void *argument)
{
    (void)argument;
    return unmount_proc();
}

/* What every program of the opener's begins with. */
static inline void begin(void)
{
    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    umask(022);
    make_tree();
    have_block = make_block();
    have_namespace = in_setting(AS_IS, check_namespace, NULL) == 0;
}

static inline int run_and_remove(const char *group)
{
    int failed = _cmocka_run_group_tests(group, tests, test_count, NULL, NULL);

    remove_all();
    if (left_out > 0)
        fprintf(stderr, "%s: %u left out\n", program_invocation_short_name, left_out);
    return failed;
}

#endif
