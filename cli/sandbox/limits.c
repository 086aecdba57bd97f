/* SPDX-License-Identifier: MIT */
/*
 * prlimit(2).
 */
#include "sandbox/sandbox.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DESCRIPTORS_AT_ONCE 32

/* The system call's own, whose numbers have 64 bits on every machine. */
struct bounds {
    uint64_t soft, hard;
};

static bool exchange(int resource, const struct bounds *wanted, struct bounds *found)
{
    return syscall(SYS_prlimit64, 0, resource, wanted, found) == 0;
}

/* Nothing is raised: where less was allowed before, that stays. One call is enough where more was, as is usual. Of
 * those who may raise a limit it is raised from there to the second call. */
static bool limit(int resource, uint64_t soft, uint64_t hard)
{
    struct bounds found, wanted = {.soft = soft, .hard = hard};
    bool set = exchange(resource, &wanted, &found);

    if (!set && !exchange(resource, NULL, &found))
        return false;
    if (set && found.soft >= soft && found.hard >= hard)
        return true;
    if (found.soft < wanted.soft)
        wanted.soft = found.soft;
    if (found.hard < wanted.hard)
        wanted.hard = found.hard;
    return exchange(resource, &wanted, NULL);
}

/* The limit is 1, and no dump is as short. With 0 a program would still get dumps that are piped to it
 * (fs/coredump.c), so 0 is raised, and where it may not be, the layer isn't in force. PR_SET_DUMPABLE isn't used,
 * because it takes /proc/self away from an unprivileged process. */
bool sandbox_limit_core(void)
{
    const struct bounds wanted = {.soft = 1, .hard = 1};

    return exchange(RLIMIT_CORE, &wanted, NULL);
}

/* An emulator of user programs takes this one and forgets it, so the kernel has to say that it is in force. */
bool sandbox_limit_memory(uint64_t bytes)
{
    struct bounds found;

    return limit(RLIMIT_AS, bytes, bytes) && exchange(RLIMIT_AS, NULL, &found) && found.soft <= bytes &&
           found.hard <= bytes;
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

bool sandbox_drop_descriptors(void)
{
    (void)close(STDIN_FILENO);
#ifdef SYS_close_range
    return syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0) == 0;
#else
    return false;
#endif
}

/* Whether the numbers from `first` on are free. Returns of how many it could ask: poll(2) takes no more than may be
 * open. */
static int look(struct pollfd *window, uint64_t first)
{
    int i, count = DESCRIPTORS_AT_ONCE;

    for (i = 0; i < count; i++)
        window[i] = (struct pollfd){.fd = (int)first + i};
    while (count > 0 && poll(window, (nfds_t)count, 0) < 0)
        count /= 2;
    return count;
}

/* The kernel limits the numbers of descriptors. New ones get the lowest free numbers. */
bool sandbox_limit_descriptors(unsigned count)
{
    struct pollfd window[DESCRIPTORS_AT_ONCE];
    uint64_t number = 0;
    int i, looked = 1;

    while (count > 0 && looked > 0) {
        looked = look(window, number);
        for (i = 0; i < looked && count > 0; i++, number++)
            count -= (window[i].revents & POLLNVAL) != 0;
    }
    return limit(RLIMIT_NOFILE, number + count, number + count);
}
