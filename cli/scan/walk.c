/* SPDX-License-Identifier: MIT */
/*
 * Directories are a stack of levels. When it is higher than what may be open, the lowest are closed, and come to
 * again by ".." once the walk is back. That has to lead to the same directory: one that was moved meanwhile is given
 * up, and all above it.
 */
#include "scan/walk.h"
#include "scan/level.h"

#include "imgprobe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static struct level *top(const struct walk *walk)
{
    return &walk->levels[walk->depth - 1];
}

/* What is wrong with `name` in the directory of the top level, or with that itself. */
static void complain(struct walk *walk, const struct place *place, const char *name, const char *why)
{
    char *whole = place_name(place, name);

    walk->wrong(walk->context, whole ? whole : place->path, whole ? why : "out of memory");
    free(whole);
}

/* What the kernel makes up is passed over: some of it acts when it is opened. A file system is asked once. */
static bool is_kept(struct walk *walk, const struct place *place)
{
    if (place->device == walk->storage)
        return true;
    if (imgprobe_storage(place->fd, NULL) != IMGPROBE_OK)
        return false;
    walk->storage = place->device;
    return true;
}

/* Puts a level on top, and closes the lowest that is open if there are too many. Takes the place over. */
static bool push(struct walk *walk, struct place *place)
{
    if (walk->depth == walk->room) {
        size_t room = walk->room * 2 + 16;
        struct level *grown = realloc(walk->levels, room * sizeof(*grown));

        if (!grown)
            return false;
        walk->levels = grown;
        walk->room = room;
    }
    if (walk->depth - walk->first == WALK_OPEN)
        level_close(&walk->levels[walk->first++]);
    level_start(&walk->levels[walk->depth++], place);
    walk->walked.directories++;
    if (walk->sort && !level_sort(top(walk)))
        complain(walk, place, NULL, place_error(errno));
    return true;
}

/* Takes `place` over, a directory that was opened. */
static void enter(struct walk *walk, struct place *place)
{
    const bool other = walk->depth != 0 && walk->one_file_system && place->device != walk->device;

    if (other || !is_kept(walk, place)) {
        walk->walked.others++;
        place_drop(place);
        return;
    }
    if (walk->depth == 0)
        walk->device = place->device;
    if (!push(walk, place)) {
        complain(walk, place, NULL, "out of memory");
        place_drop(place);
    }
}

/* Whatever was there when the directory was read may be something else by now, or nothing. */
static void descend(struct walk *walk, const char *name)
{
    struct place *parent = top(walk)->place, *place = NULL;
    struct stat found;
    int fd;

    if (walk->one_file_system && fstatat(parent->fd, name, &found, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0 &&
        found.st_dev != walk->device) {
        walk->walked.others++;
        return;
    }
    if (parent->length + strlen(name) + 1 > WALK_PATH_MOST) {
        complain(walk, parent, name, "lies too deep: its path is longer than 65536 bytes");
        return;
    }
    fd = openat(parent->fd, name, DIRECTORY | O_NOFOLLOW);
    if (fd >= 0)
        place = place_new(fd, parent->path, parent->length, name);
    if (place) {
        place->root = parent->root;
        enter(walk, place);
    } else if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) {
        walk->walked.gone++;
    } else {
        complain(walk, parent, name, place_error(errno));
    }
}

static bool reopen(struct level *level, const struct place *child)
{
    int fd = openat(child->fd, "..", DIRECTORY);
    struct place *place = fd < 0 ? NULL : place_new(fd, child->path, level->length, NULL);

    if (place && (place->device != level->device || place->inode != level->inode)) {
        place_drop(place);
        place = NULL;
    }
    if (!place)
        return false;
    place->root = child->root;
    level_open(level, place);
    return true;
}

static void pop(struct walk *walk)
{
    struct level *done = top(walk);

    walk->depth--;
    if (walk->depth != 0 && walk->first == walk->depth) {
        if (reopen(top(walk), done->place)) {
            walk->first--;
        } else {
            complain(walk, done->place, "..",
                     "isn't where it was: what is left of the directories above isn't walked");
            while (walk->depth != 0) /* whose places are closed */
                level_end(&walk->levels[--walk->depth]);
            walk->first = 0;
        }
    }
    level_end(done);
}

static void meet(struct walk *walk, const struct entry *entry)
{
    struct place *place = top(walk)->place;

    switch (entry->type) {
    case DT_DIR:
        descend(walk, entry->name);
        break;
    case DT_REG:
        walk->file(walk->context, place, entry->name);
        break;
    case DT_LNK:
        walk->walked.links++;
        break;
    case DT_UNKNOWN:
        walk->walked.gone++;
        break;
    default:
        walk->walked.special++;
    }
}

static void go(struct walk *walk)
{
    struct entry entry;

    while (walk->depth != 0 && *walk->stop == 0) {
        int number = level_next(top(walk), &entry);

        if (number > 0)
            complain(walk, top(walk)->place, NULL, place_error(number));
        if (number == 0)
            meet(walk, &entry);
        else
            pop(walk);
    }
    while (walk->depth != 0)
        level_end(&walk->levels[--walk->depth]);
    walk->first = 0;
}

static void walk_name(struct walk *walk, const char *path)
{
    struct place *place = place_of_names();

    if (!place) {
        walk->wrong(walk->context, path, "out of memory");
        return;
    }
    walk->file(walk->context, place, path);
    place_drop(place);
}

void walk_path(struct walk *walk, const char *path)
{
    int fd = walk->names ? -1 : open(path, DIRECTORY);
    size_t length = strlen(path);
    struct place *place;

    if (walk->names || (fd < 0 && errno == ENOTDIR)) {
        walk_name(walk, path);
        return;
    }
    while (length > 1 && path[length - 1] == '/')
        length--;
    place = fd < 0 ? NULL : place_new(fd, path, length, NULL);
    if (!place) {
        walk->wrong(walk->context, path, place_error(errno));
        return;
    }
    place->root = length;
    if (!is_kept(walk, place)) {
        walk->wrong(walk->context, path, "is on a file system of the kernel's own and no storage");
        place_drop(place);
        return;
    }
    enter(walk, place);
    go(walk);
}

void walk_free(struct walk *walk)
{
    free(walk->levels);
    walk->levels = NULL;
    walk->room = 0;
}
