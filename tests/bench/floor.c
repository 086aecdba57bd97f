/* SPDX-License-Identifier: MIT */
/*
 * The floor: what it takes to look at files at all. Opens each, asks its size, reads 4 KiB and closes it.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    static char head[4096];
    struct stat found;
    int i;

    for (i = 1; i < argc; i++) {
        int fd = open(argv[i], O_RDONLY);

        if (fd < 0 || fstat(fd, &found) != 0 || read(fd, head, sizeof(head)) < 0)
            return 1;
        close(fd);
    }
    return 0;
}
