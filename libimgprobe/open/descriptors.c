/* SPDX-License-Identifier: MIT */
/* Descriptors to be handed on: made of those that are open, and never of a name. */
#include "open/open.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Whether both are open on one file. */
static bool same_file(int a, int b)
{
    struct stat first, second;

    return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino && first.st_mode == second.st_mode;
}

/* O_NONBLOCK, so that no device has us wait, goes as soon as it is open: whoever gets the descriptor expects none. */
static int open_again(int fd, int mode)
{
    char name[IP_DESCRIPTOR_NAME];
    int again;

    (void)ip_descriptor_name(name, fd);
    again = openat(AT_FDCWD, name, mode | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (again < 0)
        return -1;
    if (same_file(fd, again) && fcntl(again, F_SETFL, 0) == 0)
        return again;
    (void)close(again);
    errno = ENOENT; /* what is mounted on /proc isn't procfs */
    return -1;
}

static bool is_open_as(int fd, int mode)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && (flags & O_ACCMODE) == mode;
}

enum imgprobe_status imgprobe_descriptor(const struct imgprobe_opened *opened, bool write, int *ret,
                                         struct imgprobe_error *error)
{
    struct imgprobe_error unwanted = {0};
    const int fd = imgprobe_fd(opened), mode = write ? O_RDWR : O_RDONLY;
    int number;

    if (!error)
        error = &unwanted;
    if (!ret)
        return ip_error(error, IMGPROBE_USAGE, NULL, "there is no room for a descriptor");
    *ret = -1;
    if (fd < 0)
        return ip_error(error, IMGPROBE_USAGE, NULL, "it wasn't opened by the safe opener, which has the descriptor");
    *ret = open_again(fd, mode);
    number = errno;
    if (*ret < 0 && is_open_as(fd, mode))
        *ret = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (*ret >= 0)
        return IMGPROBE_OK;
    return number == ENOENT ? ip_open_no_proc(error) : ip_open_errno(error, number);
}

void imgprobe_close_descriptors(int *descriptors, size_t count)
{
    size_t i;

    for (i = 0; descriptors && i < count; i++)
        ip_walk_drop(&descriptors[i]);
}

enum imgprobe_status imgprobe_descriptors(const struct imgprobe_chain *chain, const struct imgprobe_access *access,
                                          int *ret, size_t count, struct imgprobe_error *error)
{
    struct imgprobe_error unwanted = {0};
    const struct imgprobe_kept_file *kept;
    const struct imgprobe_grant *grant;
    enum imgprobe_status s = IMGPROBE_OK;
    size_t i;

    if (!error)
        error = &unwanted;
    if (!chain || !access || !ret || count != access->count)
        return ip_error(error, IMGPROBE_USAGE, NULL,
                        "there is no chain or access, or no room for as many descriptors");
    for (i = 0; i < count; i++)
        ret[i] = -1;
    if (access->error.status != IMGPROBE_OK) {
        *error = access->error;
        return error->status;
    }
    kept = chain->kept;
    for (i = 0, grant = access->grants; s == IMGPROBE_OK && grant; grant = grant->next, i++) {
        s = imgprobe_descriptor(kept ? &kept->opened : NULL, grant->write, &ret[i], error);
        kept = kept ? kept->next : NULL;
    }
    if (s != IMGPROBE_OK)
        imgprobe_close_descriptors(ret, count);
    return s;
}
