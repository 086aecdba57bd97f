/* SPDX-License-Identifier: MIT */
/*
 * A directory of the walk while somebody needs it: the walk itself, and those who still open files in it.
 */
#ifndef CLI_SCAN_PLACE_H
#define CLI_SCAN_PLACE_H

#include <dirent.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct place {
    DIR *stream; /* NULL: there is none, and names are the caller's own */
    int fd;
    dev_t device;
    ino_t inode;
    atomic_uint users;
    size_t root;   /* so many bytes of the path are that of the directory at which the walk began */
    size_t length; /* of the path */
    char path[];   /* as it was come to, however long; "": none */
};

/* One file that was met. */
struct item {
    struct place *place;
    const char *name;  /* in `place`, or with `wrong` the whole name */
    const char *wrong; /* NULL, or why it can't be looked at */
    bool given;        /* a word of the command line, of which a link is followed */
};

/* Takes `fd` over, and closes it on failure. The path is `path`, cut to `length` bytes, and `name` behind it, if it
 * isn't NULL. NULL with errno: it can't be had. The caller is its first user. */
struct place *place_new(int fd, const char *path, size_t length, const char *name);
/* That of names which stand alone. */
struct place *place_of_names(void);
void place_keep(struct place *place);
void place_drop(struct place *place);

/* The whole name of what `name` is in this place, or of the place itself where it is NULL. To be freed; NULL: out of
 * memory. */
char *place_name(const struct place *place, const char *name);

/* Why a system call failed, in static memory. */
const char *place_error(int number);

#endif
