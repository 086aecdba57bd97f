/* SPDX-License-Identifier: MIT */
/*
 * The kind `options`: what `imgprobe access` lacks for a full answer, as words of its own command line. It grants
 * nothing, so every name was followed wherever it leads. A directory goes by its canonical name if that lets the
 * reader's name in, and else by the reader's own.
 */
#include "access/grants/absolute-path.h"
#include "access/grants/way.h"
#include "output/quote.h"
#include "output/text.h"

#include <stdlib.h>
#include <string.h>

#define MOST 64         /* directories */
#define MOST_LOOKS 4096 /* at a directory: each is looked at for each name, and again at each `..` of that */

struct finder {
    const struct grants *grants;
    const struct imgprobe_grant *grant;
    struct cannot *ret_why;
    const char *roots[MOST]; /* those that access has already stand first */
    size_t own, count, looks;
    char last[PATH_MAX]; /* the directory that the way was told of last */
    bool all;            /* to add each that is searched on the way */
    bool put;            /* a word was written, for a shell */
};

static void forget(struct finder *finder, size_t count)
{
    while (finder->count > count)
        free((void *)(uintptr_t)finder->roots[--finder->count]);
}

static bool has(const struct finder *finder, const char *name, size_t length)
{
    size_t i = 0;

    while (i < finder->count && (strncmp(finder->roots[i], name, length) != 0 || finder->roots[i][length] != '\0'))
        i++;
    return i < finder->count;
}

static bool add(struct finder *finder, const char *name, size_t length)
{
    if (has(finder, name, length))
        return true;
    if (finder->count == MOST)
        return cannot(finder->ret_why, finder->grant, "there are more than %d directories", MOST);
    finder->roots[finder->count] = strndup(name, length);
    if (!finder->roots[finder->count])
        return cannot(finder->ret_why, finder->grant, "out of memory");
    finder->count++;
    return true;
}

/* The root directory would let in all there is, so it is none of those that are added on the way. */
static enum imgprobe_status pass(void *context, const char *name, int fd)
{
    struct finder *finder = context;
    const char *last = finder->last;

    if (fd < 0)
        return IMGPROBE_OK;
    if (finder->all && last[0] != '\0' && strcmp(last, "/") != 0 && !add(finder, last, strlen(last)))
        return IMGPROBE_USAGE;
    snprintf(finder->last, sizeof(finder->last), "%s", name);
    return IMGPROBE_OK;
}

/* Each directory that a `..` leaves: the opener looks there whether it is a link. */
static bool add_left(void *context, const struct path *directory)
{
    return add(context, directory->text, directory->length);
}

/* Adds the directory at which the way to the file ends, and with `all` those that it comes by. */
static bool add_passed(struct finder *finder, const struct path *path, bool all)
{
    finder->all = all;
    finder->last[0] = '\0';
    return way_to_file(finder->grants, finder->grant, NULL, path->text, pass, finder, finder->ret_why) &&
           add(finder, finder->last, strlen(finder->last));
}

/* That of the name, by its letters; and with `all` each that a `..` leaves. */
static bool add_named(struct finder *finder, const struct path *path, bool all)
{
    struct path clean;
    size_t length;

    if (!path_normalise(path, &clean, all ? add_left : NULL, finder))
        return false;
    length = (size_t)(strrchr(clean.text, '/') - clean.text);
    return add(finder, clean.text, length == 0 ? 1 : length);
}

/* Where the name leads beneath the directories that there are by now. */
static enum imgprobe_status look(struct finder *finder, const struct path *path, struct imgprobe_identity *ret)
{
    const struct imgprobe_roots roots = {
        .struct_size = sizeof(roots), .roots = finder->roots, .root_count = finder->count};

    finder->looks += finder->count;
    if (finder->count == 0 || finder->looks > MOST_LOOKS)
        return IMGPROBE_REFUSED;
    return imgprobe_way(&roots, path->text, NULL, NULL, ret, NULL);
}

static bool is_let_in(struct finder *finder, const struct path *path)
{
    const struct imgprobe_identity *wanted = &finder->grant->member->identity;
    struct imgprobe_identity found;

    return look(finder, path, &found) == IMGPROBE_OK && found.device == wanted->device &&
           found.inode == wanted->inode;
}

/* Says why it can't. */
static bool give_up(const struct finder *finder, const char *why)
{
    if (finder->looks > MOST_LOOKS)
        why = "there are too many names and directories to try each with each";
    return cannot(finder->ret_why, finder->grant, "%s", why);
}

/* The shortest names first, which let in the most. */
static int compare_lengths(const void *a, const void *b)
{
    size_t one = strlen(*(const char *const *)a), other = strlen(*(const char *const *)b);

    return (one > other) - (one < other);
}

/* Drops each directory from `first` on without which the name is let in, too. */
static void drop_needless(struct finder *finder, const struct path *path, size_t first)
{
    size_t i = first;

    qsort(finder->roots + first, finder->count - first, sizeof(finder->roots[0]), compare_lengths);
    while (i < finder->count) {
        const char *dropped = finder->roots[i];
        size_t behind = (--finder->count - i) * sizeof(finder->roots[0]);

        memmove(finder->roots + i, finder->roots + i + 1, behind);
        if (is_let_in(finder, path)) {
            free((void *)(uintptr_t)dropped);
            continue;
        }
        memmove(finder->roots + i + 1, finder->roots + i, behind);
        finder->roots[i++] = dropped;
        finder->count++;
    }
}

/* First the directory in which the file is, then that of its name, then each on the way. */
static bool let_in(struct finder *finder, const struct path *path)
{
    size_t before = finder->count;

    if (is_let_in(finder, path))
        return true;
    if (!add_passed(finder, path, false))
        return false;
    if (is_let_in(finder, path))
        return true;
    forget(finder, before);
    if (!add_named(finder, path, false))
        return false;
    if (is_let_in(finder, path))
        return true;
    if (!add_passed(finder, path, true) || !add_named(finder, path, true))
        return false;
    if (!is_let_in(finder, path))
        return give_up(finder, "no --root but / lets it in");
    drop_needless(finder, path, before);
    return true;
}

/* A name at which there is nothing has to lie beneath a root as well: whether it is there decides what is opened. */
static bool let_absent_in(struct finder *finder, const struct path *path)
{
    struct imgprobe_identity found;

    if (look(finder, path, &found) != IMGPROBE_REFUSED)
        return true;
    if (!add_named(finder, path, false))
        return false;
    /* A root has to be there. */
    if (imgprobe_way(NULL, finder->roots[finder->count - 1], NULL, NULL, &found, NULL) == IMGPROBE_OK &&
        look(finder, path, &found) != IMGPROBE_REFUSED)
        return true;
    return give_up(finder, "one of its names isn't there, and no --root but / lets that be told");
}

/* Of several names of one parent those that were tried and passed over. */
static bool find_absent(struct finder *finder, const struct imgprobe_grant *grant)
{
    const struct imgprobe_reference *at;
    struct path path;

    finder->grant = grant;
    for (at = grant->member->image->references; at; at = at->next) {
        if (!at->stated.candidate || at->led.member || !at->led.path.bytes)
            continue;
        if (!path_of_name(finder->grants, grant, at->led.path, &path, finder->ret_why) ||
            !let_absent_in(finder, &path))
            return false;
    }
    return true;
}

static bool find_roots(struct finder *finder)
{
    struct path path;
    const struct imgprobe_grant *at;

    for (at = finder->grants->access->grants; at; at = at->next) {
        const struct imgprobe_name *name;

        finder->grant = at;
        for (name = at->names; name; name = name->next) {
            if (name->via &&
                (!path_of_name(finder->grants, at, name->path, &path, finder->ret_why) || !let_in(finder, &path)))
                return false;
        }
    }
    for (at = finder->grants->access->grants; at; at = at->next)
        if (!find_absent(finder, at))
            return false;
    return true;
}

static bool put(struct finder *finder, const char *option, struct imgprobe_bytes word, FILE *stream)
{
    if (!path_is_shown(finder->grants, NULL, word, "a name", finder->ret_why))
        return false;
    if (finder->grants->options->nul) {
        fwrite(option, 1, strlen(option) + 1, stream);
        fwrite(word.bytes, 1, word.length + 1, stream);
        return true;
    }
    fprintf(stream, finder->put ? " %s " : "%s ", option);
    quote_shell(stream, word);
    finder->put = true;
    return true;
}

/* What was found later may hold what was found before. */
static bool is_held(const struct finder *finder, size_t index)
{
    const char *root = finder->roots[index];
    bool held = false;
    size_t i;

    for (i = 0; !held && i < finder->count; i++) {
        size_t length = strlen(finder->roots[i]);

        held = strncmp(root, finder->roots[i], length) == 0 &&
               (root[length] == '/' || (root[length] == '\0' && i < index));
    }
    return held;
}

/* Roots that are given take the place of the default root, so that is among them then. */
static bool put_all(struct finder *finder, FILE *stream)
{
    const struct imgprobe_grant *at;
    bool fine = true;
    size_t i = finder->grants->options->root_count;

    for (; fine && finder->count > finder->own && i < finder->count; i++)
        fine = is_held(finder, i) || put(finder, "--root", text_bytes(finder->roots[i]), stream);
    for (at = finder->grants->access->grants; fine && at; at = at->next) {
        if (at->unconsented && at->names)
            fine = put(finder, "--allow-write", at->names->path, stream);
    }
    if (finder->put)
        fputc('\n', stream);
    return fine;
}

bool access_options(const struct grants *grants, FILE *stream, struct cannot *ret_why)
{
    struct finder finder = {.grants = grants, .ret_why = ret_why};
    bool fine = true;

    for (; fine && finder.own < grants->roots.root_count; finder.own++)
        fine = add(&finder, grants->roots.roots[finder.own], strlen(grants->roots.roots[finder.own]));
    fine = fine && find_roots(&finder) && put_all(&finder, stream);
    forget(&finder, 0);
    return fine;
}
