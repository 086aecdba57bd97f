/* SPDX-License-Identifier: MIT */
/*
 * prlimit(2). A limit is in force if the kernel says so afterwards: an emulator of user programs takes some and
 * forgets them.
 */
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The system call's own, whose numbers have 64 bits on every machine. */
struct bounds {
    uint64_t soft, hard;
};

static bool exchange(int resource, const struct bounds *wanted, struct bounds *found)
{
    return syscall(SYS_prlimit64, 0, resource, wanted, found) == 0;
}

/* Nothing is raised: where less was allowed before, that stays. */
static bool limit(int resource, uint64_t soft, uint64_t hard)
{
    struct bounds found, wanted = {.soft = soft, .hard = hard};

    if (!exchange(resource, NULL, &found))
        return false;
    if (found.soft < wanted.soft)
        wanted.soft = found.soft;
    if (found.hard < wanted.hard)
        wanted.hard = found.hard;
    return exchange(resource, &wanted, NULL) && exchange(resource, NULL, &found) && found.soft <= wanted.soft &&
           found.hard <= wanted.hard;
}

/* The limit is 1, and no dump is as short. With 0 a program would still get dumps that are piped to it
 * (fs/coredump.c). PR_SET_DUMPABLE isn't used, because it takes /proc/self away from an unprivileged process. */
bool sandbox_limit_core(void)
{
    return limit(RLIMIT_CORE, 1, 1);
}

bool sandbox_limit_memory(uint64_t bytes)
{
    return limit(RLIMIT_AS, bytes, bytes);
}

/* Whatever was being done is left as it stands. No stream is flushed: half an answer must not pass for one. */
static void give_up(int number)
{
    static const char line[] = "imgprobe: CPU time: the limit is reached, and there is no answer\n";

    ssize_t written = write(STDERR_FILENO, line, sizeof(line) - 1);

    (void)number;
    (void)written;
    _exit(1);
}

/* SIGXCPU comes first, and SIGKILL a second later. Whoever started this process may have SIGXCPU ignored or blocked.
 */
bool sandbox_limit_cpu(uint64_t seconds)
{
    struct sigaction action = {.sa_handler = give_up};

    (void)sigemptyset(&action.sa_mask);
    (void)sigaddset(&action.sa_mask, SIGXCPU);
    (void)sigaction(SIGXCPU, &action, NULL);
    (void)sigprocmask(SIG_UNBLOCK, &action.sa_mask, NULL);
    return limit(RLIMIT_CPU, seconds, seconds + 1);
}

/* The kernel limits the numbers of descriptors. New ones get the lowest free numbers. */
bool sandbox_limit_descriptors(unsigned count)
{
    int number = 0;

    for (; count > 0; number++) {
        if (fcntl(number, F_GETFD) < 0)
            count--;
    }
    return limit(RLIMIT_NOFILE, (uint64_t)number, (uint64_t)number);
}
