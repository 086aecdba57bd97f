/* SPDX-License-Identifier: MIT */
/*
 * A jail has no links, so a name leads where its letters say. Names that pass links can ask for two files in one
 * place, or for one file beneath another. Neither can be had.
 */
#include "access/grants/jail.h"

#include <stdlib.h>
#include <string.h>

struct finding {
    struct jail *jail;
    const struct imgprobe_grant *grant;
    struct cannot *ret_why;
};

/* The list doubles when it is full, so that a chain of any length takes time in proportion to it. */
static bool add_place(const struct finding *finding, const struct path *path, bool directory)
{
    struct jail *jail = finding->jail;
    struct jail_place place = {
        .grant = finding->grant, .directory = directory, .length = path->length, .path = strdup(path->text)};

    if (jail->count == jail->room && place.path) {
        size_t room = jail->room == 0 ? 16 : 2 * jail->room;
        struct jail_place *list = reallocarray(jail->list, room, sizeof(*list));

        if (list) {
            jail->list = list;
            jail->room = room;
        }
    }
    if (!place.path || jail->count == jail->room) {
        free(place.path);
        return cannot(finding->ret_why, finding->grant, "out of memory");
    }
    jail->list[jail->count++] = place;
    return true;
}

static bool add_left(void *context, const struct path *directory)
{
    return add_place(context, directory, true);
}

/* Orders as if a slash came before every other letter. So what stands beneath a place comes right behind it. */
static int compare(const void *a, const void *b)
{
    const struct jail_place *one = *(const struct jail_place *const *)a, *two = *(const struct jail_place *const *)b;
    size_t i = 0;

    while (one->path[i] != '\0' && one->path[i] == two->path[i])
        i++;
    if (one->path[i] == two->path[i]) /* the order in the list decides, so that always the same one is left out */
        return one < two ? -1 : one > two;
    if (one->path[i] == '\0' || two->path[i] == '\0')
        return one->path[i] == '\0' ? -1 : 1;
    if (one->path[i] == '/' || two->path[i] == '/')
        return one->path[i] == '/' ? -1 : 1;
    return (unsigned char)one->path[i] < (unsigned char)two->path[i] ? -1 : 1;
}

static bool is_beneath(const struct jail_place *place, const struct jail_place *above)
{
    return place->length > above->length && place->path[above->length] == '/' &&
           memcmp(place->path, above->path, above->length) == 0;
}

/* `second` follows `first` in order. */
static bool agree(struct jail_place *first, struct jail_place *second, struct cannot *ret_why)
{
    bool same = strcmp(first->path, second->path) == 0;

    if (same && first->directory == second->directory && (first->directory || first->grant == second->grant)) {
        second->again = true;
        return true;
    }
    first->above = first->directory && is_beneath(second, first);
    if (same || (!first->directory && is_beneath(second, first)))
        return cannot(ret_why, second->grant,
                      "without the links that names pass, its place in a jail is taken by another file");
    return true;
}

/* Equal places stand side by side. If anything stands beneath them, then the first that isn't equal does. */
static bool look_for_conflicts(struct jail *jail, struct cannot *ret_why)
{
    struct jail_place **order = calloc(jail->count, sizeof(*order)), *last = NULL;
    bool fine = order != NULL;
    size_t i;

    if (!fine)
        cannot(ret_why, NULL, "out of memory");
    for (i = 0; fine && i < jail->count; i++)
        order[i] = &jail->list[i];
    if (fine)
        qsort(order, jail->count, sizeof(struct jail_place *), compare);
    for (i = 0; fine && i < jail->count; i++) {
        fine = last == NULL || agree(last, order[i], ret_why);
        if (!order[i]->again)
            last = order[i];
    }
    free(order);
    return fine;
}

bool jail_lay_out(const struct grants *grants, struct jail *ret, struct cannot *ret_why)
{
    struct path path, place;
    const struct imgprobe_grant *at;

    *ret = (struct jail){0};
    for (at = grants->access->grants; at; at = at->next) {
        struct finding finding = {.jail = ret, .grant = at, .ret_why = ret_why};
        const struct imgprobe_name *name;

        if (!path_as_opened(grants, at, &path, ret_why))
            return false;
        for (name = at->names; name; name = name->next) {
            if (!path_of_name(grants, at, name->path, &path, ret_why) ||
                !path_normalise(&path, &place, add_left, &finding) || !add_place(&finding, &place, false))
                return false;
        }
    }
    return look_for_conflicts(ret, ret_why);
}

void jail_free(struct jail *jail)
{
    size_t i;

    for (i = 0; i < jail->count; i++)
        free(jail->list[i].path);
    free(jail->list);
}
