/* SPDX-License-Identifier: MIT */
/*
 * Judges in a child, opens for writing what is granted so, and executes. The child may have been taken over by an
 * image: its numbers are looked at, its texts are ended, and nothing is opened for writing that wasn't asked for.
 */
#include "exec/exec.h"
#include "answer.h"
#include "exec/hand.h"
#include "exec/words.h"
#include "output/text.h"
#include "access/grants/numbers.h"
#include "sandbox/command-line.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK (1 << 20)

static int judge(void *context)
{
    struct options *options = context;
    int status = sandbox_for(options, options->command) ? answer_files(options) : STATUS_NO_ANSWER;

    if (status == STATUS_ANSWERED && !hand->whole)
        status = STATUS_NO_ANSWER;
    exit(status); /* which sends the messages off */
}

static bool complain(const char *subject, const char *what)
{
    text_complain(subject, what);
    return false;
}

/* A signal for the command to come may end the wait early. */
static bool wait_for(pid_t child, int *ret_status)
{
    pid_t ended;

    do {
        ended = waitpid(child, ret_status, 0);
    } while (ended < 0 && errno == EINTR);
    return ended == child;
}

/* What the child opens stays open here, since both have one table of descriptors. It has nothing else of ours: memory
 * is its own, but for `hand`. */
static int judge_in_child(struct options *options)
{
    char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int status;
    pid_t child;

    hand = mmap(NULL, sizeof(*hand), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED || hand == MAP_FAILED) {
        complain("--exec", "out of memory");
        return STATUS_NO_ANSWER;
    }
    child = clone(judge, stack + STACK, CLONE_FILES | SIGCHLD, options);
    if (child < 0 || !wait_for(child, &status)) {
        complain("--exec", strerror(errno));
        return STATUS_NO_ANSWER;
    }
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    complain("--exec", "who judged it was killed");
    return STATUS_NO_ANSWER;
}

/* Descriptors above those numbers that COMMAND will have. */
static bool open_file(const struct options *options, const struct hand_file *file, int above, int *ret)
{
    struct imgprobe_error error = {.status = IMGPROBE_USAGE, .what = "it wasn't to be written"};
    struct imgprobe_opened opened = {.struct_size = sizeof(opened)};
    char why[160];
    int fd = -1;

    *ret = -1;
    if ((!file->write || options->write || options->raised_count > 0) &&
        imgprobe_open_fd(file->fd, &opened, &error) == IMGPROBE_OK &&
        imgprobe_descriptor(&opened, file->write, &fd, &error) == IMGPROBE_OK) {
        *ret = fcntl(fd, F_DUPFD_CLOEXEC, above);
        (void)close(fd);
        return *ret >= 0 || complain("--exec", strerror(errno));
    }
    imgprobe_error_text(&error, why, sizeof(why));
    return complain(options->files[0], why);
}

/* Gives them the numbers from the first on, and closes all others. */
static bool arrange(const struct options *options)
{
    static int fds[HAND_FILES];
    const unsigned count = (unsigned)hand->count;
    unsigned i;

    for (i = 0; i < count; i++)
        if (!open_file(options, &hand->files[i], (int)(NUMBERS_FIRST + count), &fds[i]))
            return false;
    for (i = 0; i < count; i++)
        if (dup2(fds[i], (int)(NUMBERS_FIRST + i)) < 0)
            return complain("--exec", strerror(errno));
    if (syscall(SYS_close_range, NUMBERS_FIRST + count, ~0U, 0) != 0)
        return complain("--exec", "this kernel can't close what isn't to be inherited");
    return true;
}

/* The child's length and texts, as far as they can be. */
static void bound(void)
{
    if (hand->count > HAND_FILES)
        hand->count = HAND_FILES;
    if (hand->length > HAND_WORDS)
        hand->length = HAND_WORDS;
    hand->words[HAND_WORDS - 1] = '\0';
    hand->sets[HAND_ARGUMENT - 1] = hand->proc[HAND_ARGUMENT - 1] = '\0';
    hand->sets[strcspn(hand->sets, "\n")] = hand->proc[strcspn(hand->proc, "\n")] = '\0';
}

int exec_run(struct options *options)
{
    int status = judge_in_child(options);
    char **words;

    if (status != STATUS_ANSWERED)
        return status;
    bound();
    words = words_replaced(options->exec, hand);
    if (!words)
        complain("--exec", "out of memory");
    else if (arrange(options)) {
        (void)execvp(words[0], words);
        complain(options->exec[0], strerror(errno));
    }
    return STATUS_NO_ANSWER;
}
