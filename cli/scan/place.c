/* SPDX-License-Identifier: MIT */
/*
 * Directories that several threads use, and that the last of them closes.
 */
#include "scan/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct place *allocate(const char *path, size_t length, const char *name)
{
    const bool slash = length != 0 && path[length - 1] != '/';
    const size_t more = name ? strlen(name) + slash : 0;
    struct place *place = calloc(1, sizeof(*place) + length + more + 1);

    if (!place)
        return NULL;
    memcpy(place->path, path, length);
    if (name && slash)
        place->path[length] = '/';
    if (name)
        memcpy(place->path + length + slash, name, strlen(name) + 1);
    place->length = length + more;
    place->users = 1;
    return place;
}

struct place *place_new(int fd, const char *path, size_t length, const char *name)
{
    struct place *place = allocate(path, length, name);
    struct stat found;

    if (place)
        place->stream = fstat(fd, &found) == 0 ? fdopendir(fd) : NULL;
    if (!place || !place->stream) {
        int number = place ? errno : ENOMEM;

        (void)close(fd);
        free(place);
        errno = number;
        return NULL;
    }
    place->fd = fd;
    place->device = found.st_dev;
    place->inode = found.st_ino;
    return place;
}

struct place *place_of_names(void)
{
    struct place *place = allocate("", 0, NULL);

    if (place)
        place->fd = AT_FDCWD;
    return place;
}

void place_keep(struct place *place)
{
    atomic_fetch_add(&place->users, 1);
}

void place_drop(struct place *place)
{
    if (!place || atomic_fetch_sub(&place->users, 1) != 1)
        return;
    if (place->stream)
        (void)closedir(place->stream);
    free(place);
}

char *place_name(const struct place *place, const char *name)
{
    const bool slash = name && place->length != 0 && place->path[place->length - 1] != '/';
    const size_t length = place->length + slash, more = name ? strlen(name) : 0;
    char *whole = malloc(length + more + 1);

    if (!whole)
        return NULL;
    memcpy(whole, place->path, place->length);
    if (slash)
        whole[place->length] = '/';
    if (name)
        memcpy(whole + length, name, more);
    whole[length + more] = '\0';
    return whole;
}

const char *place_error(int number)
{
    switch (number) {
    case EACCES:
    case EPERM:
        return "permission denied";
    case ENOENT:
        return "no such file";
    case ENAMETOOLONG:
        return "name too long";
    case ENOMEM:
        return "out of memory";
    case EMFILE:
    case ENFILE:
        return "too many open files";
    case EIO:
        return "input/output error";
    default:
        return "can't be opened";
    }
}
