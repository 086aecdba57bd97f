/* SPDX-License-Identifier: MIT */
/*
 * A directory's names: as the kernel gives them, in memory that doesn't grow with the directory, or sorted.
 */
#include "scan/level.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

void level_start(struct level *ret, struct place *place)
{
    *ret = (struct level){.place = place, .device = place->device, .inode = place->inode, .length = place->length};
}

void level_close(struct level *level)
{
    level->at = telldir(level->place->stream);
    place_drop(level->place);
    level->place = NULL;
}

void level_open(struct level *level, struct place *place)
{
    level->place = place;
    if (!level->names)
        seekdir(place->stream, level->at);
}

void level_end(struct level *level)
{
    size_t i;

    for (i = 0; i < level->count; i++)
        free(level->names[i]);
    free(level->names);
    place_drop(level->place);
    *level = (struct level){0};
}

static bool is_self_or_above(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* 0; -1 at the end, or an errno. */
static int read_next(const struct level *level, struct entry *ret)
{
    const struct dirent *found;

    do {
        errno = 0;
        found = readdir(level->place->stream);
    } while (found && is_self_or_above(found->d_name));
    if (!found)
        return errno == 0 ? -1 : errno;
    ret->name = found->d_name;
    ret->type = found->d_type;
    return 0;
}

static int compare(const void *one, const void *other)
{
    return strcmp(*(char *const *)one + 1, *(char *const *)other + 1);
}

static bool grow(struct level *level)
{
    size_t room = level->count + level->count / 2 + 64;
    char **grown = realloc(level->names, room * sizeof(*grown));

    if (grown)
        level->names = grown;
    level->next = room; /* `next` is the room while names are read */
    return grown != NULL;
}

bool level_sort(struct level *level)
{
    struct entry entry;
    int number = 0;

    while (number == 0 && (level->count < level->next || grow(level))) {
        size_t length;
        char *name;

        number = read_next(level, &entry);
        if (number != 0)
            break;
        length = strlen(entry.name);
        name = malloc(length + 2);
        if (!name)
            break;
        name[0] = (char)entry.type;
        memcpy(name + 1, entry.name, length + 1);
        level->names[level->count++] = name;
    }
    level->next = 0;
    if (level->count != 0)
        qsort(level->names, level->count, sizeof(*level->names), compare);
    errno = number == 0 ? ENOMEM : number;
    return number < 0;
}

/* Some file systems don't tell the type with the name. */
static unsigned char type_of(const struct place *place, const char *name)
{
    struct stat found;

    if (fstatat(place->fd, name, &found, AT_SYMLINK_NOFOLLOW) != 0)
        return DT_UNKNOWN;
    return (unsigned char)IFTODT(found.st_mode);
}

int level_next(struct level *level, struct entry *ret)
{
    int number = 0;

    if (!level->names) {
        number = read_next(level, ret);
    } else if (level->next == level->count) {
        number = -1;
    } else {
        ret->type = (unsigned char)level->names[level->next][0];
        ret->name = level->names[level->next++] + 1;
    }
    if (number == 0 && ret->type == DT_UNKNOWN)
        ret->type = type_of(level->place, ret->name);
    return number;
}
