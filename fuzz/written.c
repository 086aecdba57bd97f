/* SPDX-License-Identifier: MIT */
/* Fuzzed files as files of the host, whose gaps take no room there. */
#include "harness.h"

#include <sys/mman.h>
#include <unistd.h>

void (*fuzz_sink)(const struct file *files, size_t count, const char *format);

static bool put(int fd, const unsigned char *bytes, size_t length, uint64_t offset)
{
    return length == 0 || pwrite(fd, bytes, length, (off_t)offset) == (ssize_t)length;
}

bool file_write(const struct file *file, int fd)
{
    uint64_t size = file_size(file);
    size_t at;

    if (size > INT64_MAX || ftruncate(fd, (off_t)size) != 0)
        return false;
    if (!file->spread)
        return put(fd, file->bytes, file->split, 0) &&
               put(fd, file->bytes + file->split, file->length - file->split, file->split + file->gap);
    for (at = 0; at < file->length; at += SPREAD_PIECE) {
        size_t left = file->length - at;

        if (!put(fd, file->bytes + at, left < SPREAD_PIECE ? left : SPREAD_PIECE, at / SPREAD_PIECE * SPREAD_STEP))
            return false;
    }
    for (at = 0; file->mended && at < SPREAD_SUMS; at++)
        if (!put(fd, file->sums[at], 4, (at + 1) * SPREAD_STEP + SPREAD_SUM))
            return false;
    return true;
}

int file_open(const struct file *file)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    PROMISE(fd >= 0, "the host has memory for a file");
    if (file_write(file, fd))
        return fd;
    (void)close(fd);
    return -1;
}
