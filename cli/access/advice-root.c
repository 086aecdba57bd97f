/* SPDX-License-Identifier: MIT */
/*
 * A name that leads out of the roots does so by its letters, or by a link that it passes. Only the first kind has a
 * directory that may be told, and nothing here asks the file system about either.
 */
#include "access/advice-root.h"
#include "access/advice-command.h"
#include "access/working-directory.h"
#include "input/input.h"
#include "output/shell.h"
#include "output/text.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static struct imgprobe_bytes directory_of(struct imgprobe_bytes path)
{
    size_t length = path.length;

    while (length > 0 && path.bytes[length - 1] != '/')
        length--;
    if (length == 0)
        return text_bytes(".");
    while (length > 1 && path.bytes[length - 1] == '/')
        length--;
    return (struct imgprobe_bytes){.bytes = path.bytes, .length = length};
}

/* One component more, or with `..` one less. */
static bool push(char path[ADVICE_PATH], const unsigned char *name, size_t length)
{
    size_t end = strlen(path);
    char *slash = strrchr(path, '/');

    if (length == 2 && memcmp(name, "..", 2) == 0) {
        if (slash)
            *slash = '\0';
        return true;
    }
    if (length == 0 || (length == 1 && name[0] == '.'))
        return true;
    if (length + 2 > ADVICE_PATH - end)
        return false;
    path[end] = '/';
    memcpy(path + end + 1, name, length);
    path[end + 1 + length] = '\0';
    return true;
}

bool advice_clean(char ret[ADVICE_PATH], struct imgprobe_bytes path)
{
    size_t start = 0;
    size_t i;

    ret[0] = '\0';
    if (path.length > 0 && path.bytes[0] != '/' && !working_directory(ret))
        return false;
    if (strcmp(ret, "/") == 0)
        ret[0] = '\0';
    for (i = 0; i <= path.length; i++) {
        if (i < path.length && path.bytes[i] != '/')
            continue;
        if (!push(ret, path.bytes + start, i - start))
            return false;
        start = i + 1;
    }
    return true;
}

/* By letters alone. A path that is too long counts as outside, and then the advice is to name its directory. */
static bool is_beneath(struct imgprobe_bytes path, const char *root)
{
    char inner[ADVICE_PATH], outer[ADVICE_PATH];
    size_t length;

    if (!advice_clean(inner, path) || !advice_clean(outer, text_bytes(root)))
        return false;
    length = strlen(outer);
    return strncmp(inner, outer, length) == 0 && (inner[length] == '/' || inner[length] == '\0');
}

static bool is_inside(const struct answer *answer, struct imgprobe_bytes path)
{
    size_t i;

    if (answer->default_root && is_beneath(path, answer->default_root))
        return true;
    for (i = 0; i < answer->options->root_count; i++) {
        if (is_beneath(path, answer->options->roots[i]))
            return true;
    }
    return false;
}

static bool is_dot_dot(const unsigned char *name, size_t length)
{
    return length == 2 && name[0] == '.' && name[1] == '.';
}

/* The first directory outside the roots that a `..` leaves. The opener would have to look there whether it is a link.
 * None where there is no such directory, and for `..` before any name, which leaves the working directory or the root
 * directory. */
static struct imgprobe_bytes left_outside(const struct answer *answer, struct imgprobe_bytes path)
{
    size_t start = 0, i;
    bool named = false;

    for (i = 0; i <= path.length; i++) {
        struct imgprobe_bytes before = {.bytes = path.bytes, .length = start};
        bool up;

        if (i < path.length && path.bytes[i] != '/')
            continue;
        up = is_dot_dot(path.bytes + start, i - start);
        if (up && named && !is_inside(answer, before)) {
            while (before.length > 1 && before.bytes[before.length - 1] == '/')
                before.length--;
            return before;
        }
        named = named || (!up && i > start && !(i - start == 1 && path.bytes[start] == '.'));
        start = i + 1;
    }
    return (struct imgprobe_bytes){.bytes = NULL};
}

struct roots {
    const struct answer *answer;
    FILE *stream;
    void *told;     /* a tree of the directories that were said */
    bool any, deep; /* anything was said; what lies there may name more */
};

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Each directory once, by its letters. Where memory runs out it may be said twice. */
static void put_root(struct roots *roots, struct imgprobe_bytes directory)
{
    char *name = strndup((const char *)directory.bytes, directory.length);

    if (name && tfind(name, &roots->told, compare)) {
        free(name);
        return;
    }
    if (name && !tsearch(name, &roots->told, compare))
        free(name);
    fputs(roots->any ? " --root " : "--root ", roots->stream);
    shell_put(roots->stream, directory);
    roots->any = true;
}

/* Whether the reader would open a file by this name, and the chain ended before. */
static bool is_ahead(const struct imgprobe_reference *at, const struct imgprobe_image *image)
{
    return !at->led.ignored && !at->led.overridden && !at->led.member && !at->led.protocol && at->led.path.bytes &&
           (!at->led.reason || strcmp(at->led.reason, "path-escape") == 0) &&
           (!at->stated.candidate || at == image->references);
}

static bool is_raw(const struct imgprobe_reference *at)
{
    return at->led.format.length == 3 && memcmp(at->led.format.bytes, "raw", 3) == 0;
}

/* Roots that are given replace the default root, so the advice has the default beside the new ones. */
static void put_ahead(struct roots *roots, const struct imgprobe_image *image)
{
    const struct answer *answer = roots->answer;
    const struct imgprobe_reference *at;

    for (at = image->references; at; at = at->next) {
        struct imgprobe_bytes root = {.bytes = NULL};

        if (is_ahead(at, image))
            root = is_inside(answer, at->led.path) ? left_outside(answer, at->led.path) : directory_of(at->led.path);
        if (!root.bytes)
            continue;
        if (!roots->any && answer->default_root)
            put_root(roots, text_bytes(answer->default_root));
        put_root(roots, root);
        roots->deep = roots->deep || !is_raw(at);
    }
}

static void put_link(struct imgprobe_bytes path, FILE *stream)
{
    fputs("a symbolic link in ", stream);
    shell_put(stream, path);
    fputs(" leads out of the roots: DIR is the directory to which it leads\n", stream);
}

void advice_roots(const struct answer *answer, FILE *stream)
{
    static const char *const of_output[] = {"output", "null", "user", "stats", NULL};
    struct roots roots = {.answer = answer, .stream = stream};
    bool escaped = answer->at && answer->at->led.path.bytes && answer->error.field &&
                   strcmp(answer->error.field, "path-escape") == 0;
    const struct imgprobe_member *at;
    bool by_link;

    for (at = answer->chain->members; at; at = at->next)
        put_ahead(&roots, at->image);
    by_link = escaped && is_inside(answer, answer->at->led.path) && !left_outside(answer, answer->at->led.path).bytes;
    if (by_link) {
        if (!roots.any && answer->default_root)
            put_root(&roots, text_bytes(answer->default_root));
        fputs(roots.any ? " --root DIR" : "--root DIR", stream);
        roots.any = roots.deep = true;
    }
    if (roots.any)
        fputc('\n', stream);
    if (by_link)
        put_link(answer->at->led.path, stream);
    if (roots.deep && input_is_path(answer->file))
        advice_command(answer, of_output, answer->options->format ? "--output options" : "--output options -f FORMAT",
                       stream); /* it follows names anywhere, and so tells of all directories at once */
    tdestroy(roots.told, free);
}
