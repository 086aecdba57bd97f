/* SPDX-License-Identifier: MIT */
/*
 * What an opener keeps from one name to the next: the directory of the process's descriptors, the working directory,
 * and which file system was judged. The last two count only as long as a file is open. A file system stays while a
 * file on it is open, and so does its number. And a chain is looked for in one working directory.
 */
#include "open/open.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define LATER 2        /* so many names are opened first: for one or two it wouldn't pay */
#define SHORT_NAME 512 /* so it has fewer components than may be walked */

/* A descriptor is kept as its number and 1, so that zero is none. */
static void drop(int *kept)
{
    if (*kept > 0)
        (void)close(*kept - 1);
    *kept = 0;
}

static int keep(const char *directory)
{
    return openat(AT_FDCWD, directory, O_PATH | O_DIRECTORY | O_CLOEXEC) + 1;
}

bool ip_kept_valid(const struct imgprobe_kept *kept)
{
    return kept && ip_tail_zero(sizeof *kept, kept);
}

/* It isn't kept where a name in it may depend on the process: /proc, /dev and the root. */
static void keep_here(struct imgprobe_kept *kept)
{
    char name[IP_WALK_PATH];

    if (kept->own.here != 0 || kept->own.open == 0 || ip_walk_start(name, "") != 0 || name[0] == '\0' ||
        strcmp(name, "/dev") == 0 || ip_path_passes_process_name(name))
        return;
    kept->own.here_length = strlen(name);
    kept->own.here = keep(".");
}

static bool goes_up(const char *path)
{
    size_t next = 0, length;

    for (; (length = ip_path_component(path, &next)) > 0; next += length)
        if (ip_path_is_dot_dot(path + next, length))
            return true;
    return false;
}

int ip_kept_here(struct imgprobe_kept *kept, const char *path)
{
    size_t length = strnlen(path, SHORT_NAME);

    if (path[0] == '/' || length == 0 || length == SHORT_NAME || kept->own.opened < LATER || goes_up(path))
        return -1;
    keep_here(kept);
    return kept->own.here_length + SHORT_NAME < IP_WALK_PATH ? kept->own.here - 1 : -1;
}

dev_t ip_kept_storage(const struct imgprobe_kept *kept)
{
    return kept->own.held != 0 ? (dev_t)kept->own.device : 0;
}

int ip_kept_proc(struct imgprobe_kept *kept)
{
    if (kept->own.proc == 0 && kept->own.opened >= LATER)
        kept->own.proc = keep("/proc/self/fd");
    return kept->own.proc != 0 ? kept->own.proc - 1 : AT_FDCWD;
}

void ip_kept_opened(struct imgprobe_kept *kept, int fd, dev_t device)
{
    kept->own.opened += kept->own.opened < LATER;
    kept->own.open++;
    if (kept->own.held != 0)
        return;
    kept->own.held = fd + 1;
    kept->own.device = (uint64_t)device;
}

void ip_kept_done(struct imgprobe_kept *kept, int fd)
{
    if (kept->own.held == fd + 1)
        kept->own.held = 0;
    if (kept->own.open > 0 && --kept->own.open == 0)
        drop(&kept->own.here);
}

void imgprobe_kept_end(struct imgprobe_kept *kept)
{
    if (!ip_kept_valid(kept))
        return;
    drop(&kept->own.here);
    drop(&kept->own.proc);
    memset(&kept->own, 0, sizeof kept->own);
}
