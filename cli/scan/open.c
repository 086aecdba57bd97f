/* SPDX-License-Identifier: MIT */
/*
 * Opens a file of the walk. It is judged by an O_PATH descriptor and then opened by that, as the library's own opener
 * does it: by its name something else may stand there by now, and to open a FIFO or a device is to act on it.
 */
#include "scan/open.h"
#include "input/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static enum open_result fail(struct imgprobe_error *error, const char *what)
{
    error->status = IMGPROBE_SYSTEM;
    error->what = what;
    return OPEN_WRONG;
}

/* What can't be an image is passed over, unless the user named it himself. */
static enum open_result judge(int fd, const struct item *item, struct open_state *state, struct stat *ret,
                              struct imgprobe_error *error)
{
    struct imgprobe_identity identity;

    if (fstat(fd, ret) != 0)
        return fail(error, place_error(errno));
    if (!S_ISREG(ret->st_mode) && !(item->given && S_ISBLK(ret->st_mode)))
        return item->given ? fail(error, "is neither a regular file nor a block device") : OPEN_PASSED_OVER;
    if (ret->st_dev != state->storage && imgprobe_storage(fd, error) != IMGPROBE_OK)
        return OPEN_WRONG;
    state->storage = ret->st_dev;
    identity = outputs_identity(ret);
    return outputs_that_are(&identity) != OUTPUTS_NONE ? OPEN_PASSED_OVER : OPEN_FINE;
}

/* `found` is what was judged. If it is something else now, /proc isn't what it should be. */
static enum open_result reopen(int fd, const struct stat *found, int proc, struct imgprobe_opened *ret,
                               struct imgprobe_error *error)
{
    const struct imgprobe_identity identity = outputs_identity(found);
    char digits[16], *name = digits + sizeof(digits) - 1;
    int again;

    *name = '\0';
    for (again = fd; again != 0 || *name == '\0'; again /= 10)
        *--name = (char)('0' + again % 10);
    again = openat(proc, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (again < 0 && (errno == ENOENT || errno == EBADF))
        return fail(error, "/proc isn't mounted, and no file is opened safely without it");
    if (again < 0)
        return fail(error, place_error(errno));
    if (imgprobe_open_fd(again, ret, error) == IMGPROBE_OK) {
        if (ret->identity.device == identity.device && ret->identity.inode == identity.inode)
            return OPEN_FINE;
        (void)fail(error, "what is mounted on /proc isn't procfs");
    }
    (void)close(again);
    return OPEN_WRONG;
}

int open_start(void)
{
    return open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

enum open_result open_item(const struct item *item, struct open_state *state, struct imgprobe_opened *ret,
                           struct imgprobe_error *error)
{
    int fd = openat(item->place->fd, item->name, O_PATH | O_CLOEXEC | (item->given ? 0 : O_NOFOLLOW));
    enum open_result result;
    struct stat found;

    if (fd < 0 && item->place->length != 0 && (errno == ENOENT || errno == ENOTDIR))
        return OPEN_PASSED_OVER; /* it is gone */
    if (fd < 0)
        return fail(error, place_error(errno));
    result = judge(fd, item, state, &found, error);
    if (result == OPEN_FINE)
        result = reopen(fd, &found, state->proc, ret, error);
    (void)close(fd);
    return result;
}

void open_done(struct imgprobe_opened *opened)
{
    (void)close((int)(intptr_t)opened->handle);
}
