/* SPDX-License-Identifier: MIT */
/*
 * Follows links by hand, as path_resolution(7) has it, because each directory on the way has to be searched, also
 * those that only a link passes.
 */
#include "access/grants/searched-directories.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_LINKS 40 /* the kernel's MAXSYMLINKS */

struct way {
    char here[PATH_MAX]; /* without links; "" is the root */
    char rest[PATH_MAX];
    unsigned links;
};

/* The next component, cut off from the rest; "" at the end. */
static void next_component(struct way *way, char component[NAME_MAX + 1])
{
    const char *at = way->rest + strspn(way->rest, "/");
    size_t length = strcspn(at, "/");

    if (length > NAME_MAX) /* nothing has such a name */
        length = NAME_MAX;
    memcpy(component, at, length);
    component[length] = '\0';
    memmove(way->rest, at + length, strlen(at + length) + 1);
}

/* `here` has no links in it, so the directory above is the one before the last slash. */
static void leave_directory(struct way *way)
{
    char *slash = strrchr(way->here, '/');

    if (slash)
        *slash = '\0';
}

static const char *follow_link(struct way *way)
{
    char target[PATH_MAX], whole[2 * PATH_MAX];
    ssize_t length = readlink(way->here, target, sizeof(target) - 1);

    if (length < 0)
        return strerror(errno);
    target[length] = '\0';
    snprintf(whole, sizeof(whole), "%s/%s", target, way->rest);
    if (++way->links > MOST_LINKS || strlen(whole) >= sizeof(way->rest))
        return strerror(ELOOP);
    memcpy(way->rest, whole, strlen(whole) + 1);
    if (target[0] == '/')
        way->here[0] = '\0';
    else
        leave_directory(way);
    return NULL;
}

/* *ret_directory says whether it is one that is searched next. */
static const char *enter(struct way *way, const char *component, bool *ret_directory)
{
    size_t length = strlen(way->here);
    struct stat found;

    *ret_directory = false;
    if (strcmp(component, ".") == 0)
        return NULL;
    if (strcmp(component, "..") == 0) {
        leave_directory(way);
        return NULL;
    }
    if (length + 1 + strlen(component) >= sizeof(way->here))
        return strerror(ENAMETOOLONG);
    way->here[length] = '/';
    memcpy(way->here + length + 1, component, strlen(component) + 1);
    if (lstat(way->here, &found) != 0)
        return strerror(errno);
    if (S_ISLNK(found.st_mode))
        return follow_link(way);
    *ret_directory = S_ISDIR(found.st_mode);
    return NULL;
}

const char *searched_directories(const char *path, bool (*directory)(void *context, const char *name), void *context)
{
    struct way way = {.links = 0};
    char component[NAME_MAX + 1];
    bool searched = true;

    if (strlen(path) >= sizeof(way.rest))
        return strerror(ENAMETOOLONG);
    memcpy(way.rest, path, strlen(path) + 1);
    for (;;) {
        const char *why;

        if (searched && !directory(context, way.here[0] == '\0' ? "/" : way.here))
            return "";
        next_component(&way, component);
        if (component[0] == '\0')
            return NULL;
        why = enter(&way, component, &searched);
        if (why)
            return why;
    }
}
