/* SPDX-License-Identifier: MIT */
/*
 * Locks itself in as imgprobe does, or by one layer alone, and then does what is forbidden:
 *
 *     sandbox-bite all|passed|dropped|files|calls|limits ALLOWED DEED [PATH]
 *     sandbox-bite calls
 *     sandbox-bite numbers
 *
 * ALLOWED is what may be read. `passed` is all where a descriptor was given to be read, and `dropped` where none was.
 * It prints the errno that the deed ended with, 0 for none, if it still can; sandbox.py says what should become of
 * it. The second form tries every system call, each in a process of its own, with zeros for arguments, and prints
 * those that are killed or allowed against our list. The third prints the numbers of the calls that close Landlock
 * and the filter.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)
#define CALLS_MOST 1024 /* beyond the last number of every machine but MIPS and x32 */
#define DESCRIPTORS 4
#define LANDLOCK_CREATE_RULESET 444

static struct sandbox_limits limits = {.memory = 128 * MIB, .seconds = 1, .descriptors = DESCRIPTORS};

/* With zeros for arguments these do no harm, and are allowed. */
static const long harmless[] = {
    SYS_read,       SYS_pread64,    SYS_openat, SYS_openat2,  SYS_close,   SYS_fstat,      SYS_statx,
    SYS_fstatfs,    SYS_readlinkat, SYS_getcwd, SYS_getxattr, SYS_exit,    SYS_exit_group, SYS_brk,
    SYS_mprotect,   SYS_mremap,     SYS_munmap, SYS_madvise,  SYS_sysinfo, SYS_getrandom,
#ifdef SYS_open
    SYS_open,
#endif
#ifdef SYS_stat
    SYS_stat,
#endif
#ifdef SYS_lstat
    SYS_lstat,
#endif
#ifdef SYS_readlink
    SYS_readlink,
#endif
#ifdef SYS_newfstatat
    SYS_newfstatat,
#endif
#ifdef __NR_stat64
    __NR_stat64,
#endif
#ifdef __NR_lstat64
    __NR_lstat64,
#endif
#ifdef __NR_fstat64
    __NR_fstat64,
#endif
#ifdef __NR_fstatat64
    __NR_fstatat64,
#endif
#ifdef __NR_fstatfs64
    __NR_fstatfs64,
#endif
#if defined(__s390__)
    SYS_mmap,
#endif
};

/* Linux lets these through all filters: its own traps for tracing call them, and for others they do nothing. */
static bool is_for_tracing(long call)
{
#ifdef __x86_64__
    return call == 335 || call == 336; /* uretprobe, uprobe */
#else
    (void)call;
    return false;
#endif
}

static bool is_harmless(long call)
{
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
        if (harmless[i] == call)
            return true;
    }
    return false;
}

/* Whether the filter of calls is in force. */
static bool enter(const char *layers, const char *allowed)
{
    struct sandbox sandbox;
    bool filtered = false;

    limits.passed = strcmp(layers, "passed") == 0 || (strcmp(layers, "dropped") == 0 && !sandbox_drop_descriptors());
    sandbox_begin(&sandbox);
    sandbox_allow(&sandbox, allowed);
    if (strcmp(layers, "all") == 0 || strcmp(layers, "passed") == 0 || strcmp(layers, "dropped") == 0) {
        sandbox_enter(&sandbox, &limits);
        filtered = sandbox.in_force[SANDBOX_SECCOMP];
    } else if (strcmp(layers, "files") == 0) {
        sandbox_forbid_files(&sandbox);
    } else if (strcmp(layers, "calls") == 0) {
        filtered = sandbox_forbid_calls(false, false);
    } else {
        sandbox_limit_core();
        sandbox_limit_memory(limits.memory);
        sandbox_limit_cpu(limits.seconds);
        sandbox_limit_descriptors(limits.descriptors);
    }
    return filtered;
}

/* Whether the call killed its process. */
static bool kills(long call)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        if (enter("all", "/")) /* or this would reboot, or wait for a signal for ever */
            syscall(call, 0, 0, 0, 0, 0, 0);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static int try_calls(void)
{
    int wrong = 0;

    for (long call = 0; call < CALLS_MOST; call++) {
        if (is_for_tracing(call) || kills(call) != is_harmless(call))
            continue;
        printf("call %ld is %s\n", call, is_harmless(call) ? "killed" : "allowed");
        wrong++;
    }
    return wrong == 0 ? 0 : 1;
}

/* The kernel's word for it, whatever libc makes of the call. */
static int outcome(long result)
{
    return result < 0 ? errno : 0;
}

static int open_as(const char *path, int flags)
{
    return outcome(syscall(SYS_openat, AT_FDCWD, path, flags, 0600));
}

static int open_with_how(const char *path, uint64_t flags)
{
    struct open_how how = {.flags = flags, .mode = (flags & O_CREAT) != 0 ? 0600 : 0};

    return outcome(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)));
}

static int read_it(const char *path)
{
    return open_as(path, O_RDONLY);
}

static int find_it(const char *path)
{
    return open_as(path, O_PATH);
}

static int list_it(const char *path)
{
    return open_as(path, O_RDONLY | O_DIRECTORY);
}

static int write_it(const char *path)
{
    return open_as(path, O_WRONLY);
}

static int update_it(const char *path)
{
    return open_as(path, O_RDWR);
}

static int cut_it(const char *path)
{
    return open_as(path, O_RDONLY | O_TRUNC);
}

static int make_it(const char *path)
{
    return open_as(path, O_RDONLY | O_CREAT);
}

static int write_with_how(const char *path)
{
    return open_with_how(path, O_WRONLY);
}

static int cut_with_how(const char *path)
{
    return open_with_how(path, O_RDONLY | O_TRUNC);
}

static int make_with_how(const char *path)
{
    return open_with_how(path, O_RDONLY | O_CREAT);
}

static int read_with_how(const char *path)
{
    return open_with_how(path, O_RDONLY);
}

static int write_to(const char *path)
{
    (void)path;
    return outcome(write(3, "x", 1));
}

static int write_out(const char *path)
{
    (void)path;
    return outcome(write(1, "", 0));
}

static int map(int protection, int flags, int fd)
{
    return mmap(NULL, 4096, protection, flags, fd, 0) == MAP_FAILED ? errno : 0;
}

static int map_memory(const char *path)
{
    (void)path;
    return map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static int map_code(const char *path)
{
    (void)path;
    return map(PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static int map_file(const char *path)
{
    (void)path;
    return map(PROT_READ | PROT_WRITE, MAP_SHARED, 3);
}

static int make_code(const char *path)
{
    static _Alignas(65536) char page[65536];

    (void)path;
    return outcome(mprotect(page, sizeof(page), PROT_READ | PROT_EXEC));
}

static int ask_descriptor(const char *path)
{
    int found;

    (void)path;
    return outcome(ioctl(0, FIONREAD, &found));
}

static int copy_descriptor(const char *path)
{
    (void)path;
    return outcome(fcntl(0, F_DUPFD, 0));
}

static int allocate(const char *path)
{
    static void *volatile memory;

    (void)path;
    memory = malloc(1024 * MIB);
    return memory == NULL ? errno : 0;
}

static int spin(const char *path)
{
    volatile uint64_t turns = 0; /* they never end */

    (void)path;
    while (turns + 1 != 0)
        turns++;
    return 0;
}

/* How many may be opened: one more than `limits` says, if it ends there. */
static int open_many(const char *path)
{
    int count = 0;

    while (count < 100 && open(path, O_RDONLY) >= 0)
        count++;
    return count == DESCRIPTORS ? errno : 0;
}

static int crash(const char *path)
{
    char *volatile nowhere = NULL;

    (void)path;
    return *nowhere;
}

#if defined(__x86_64__) && !defined(__ILP32__)
/* getpid by the numbers of 32 bits, and by those of x32. */
static int call_old(const char *path)
{
    int result;

    (void)path;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
    return result < 0 ? -result : 0;
}

static int call_x32(const char *path)
{
    (void)path;
    return outcome(syscall(0x40000000 + SYS_getpid));
}
#endif

/* clang-format off */
static const struct {
    const char *name;
    int (*do_it)(const char *path);
} deeds[] = {
    { "read", read_it }, { "find", find_it }, { "list", list_it }, { "write", write_it }, { "update", update_it },
    { "cut", cut_it }, { "make", make_it }, { "read-openat2", read_with_how }, { "write-openat2", write_with_how },
    { "cut-openat2", cut_with_how }, { "make-openat2", make_with_how }, { "write-3", write_to },
    { "write-1", write_out }, { "map-memory", map_memory }, { "map-code", map_code }, { "map-3", map_file },
    { "make-code", make_code }, { "ask", ask_descriptor }, { "copy", copy_descriptor }, { "allocate", allocate },
    { "spin", spin }, { "open-many", open_many }, { "crash", crash },
#if defined(__x86_64__) && !defined(__ILP32__)
    { "call-old", call_old }, { "call-x32", call_x32 },
#endif
};
/* clang-format on */

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "calls") == 0)
        return try_calls();
    if (argc == 2 && strcmp(argv[1], "numbers") == 0)
        return printf("%d %d\n", LANDLOCK_CREATE_RULESET, (int)SYS_seccomp) < 0;
    for (size_t i = 0; argc >= 4 && i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        if (strcmp(argv[3], deeds[i].name) != 0)
            continue;
        enter(argv[1], argv[2]);
        printf("%d\n", deeds[i].do_it(argc > 4 ? argv[4] : "/"));
        return 0;
    }
    return 2; /* no such deed */
}
