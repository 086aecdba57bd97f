/* SPDX-License-Identifier: MIT */
/*
 * Paths by their letters: nothing here asks the file system.
 */
#include "access/grants/absolute-path.h"
#include "output/text.h"

#include <string.h>

static const char of_directory[] = "the working directory's name";

static bool cannot_byte(struct cannot *ret_why, const struct imgprobe_grant *grant, const struct path *path,
                        size_t offset)
{
    bool ours = offset < path->begins;

    return cannot(ret_why, grant, "byte 0x%02x at offset %zu of %s", (unsigned char)path->text[offset],
                  ours ? offset : offset - path->begins, ours ? of_directory : path->of);
}

static bool add(struct path *path, const void *bytes, size_t length)
{
    if (length >= sizeof(path->text) - path->length)
        return false;
    memcpy(path->text + path->length, bytes, length);
    path->length += length;
    path->text[path->length] = '\0';
    return true;
}

bool path_is_shown(const struct grants *grants, const struct imgprobe_grant *grant, struct imgprobe_bytes name,
                   const char *of, struct cannot *ret_why)
{
    size_t at = grants->terminal ? text_shown(name) : name.length;

    return at == name.length ||
           cannot(ret_why, grant, "a terminal would act on byte 0x%02x at offset %zu of %s", name.bytes[at], at, of);
}

static bool make_path(const struct grants *grants, const struct imgprobe_grant *grant, struct imgprobe_bytes name,
                      const char *of, struct path *ret, struct cannot *ret_why)
{
    size_t length = strlen(grants->directory);
    bool relative = name.bytes[0] != '/';

    ret->length = ret->begins = 0;
    ret->of = of;
    if (!path_is_shown(grants, grant, name, of, ret_why) ||
        (relative && !path_is_shown(grants, grant, text_bytes(grants->directory), of_directory, ret_why)))
        return false;
    if (relative && (!add(ret, grants->directory, length) || (ret->text[length - 1] != '/' && !add(ret, "/", 1))))
        return cannot(ret_why, grant, "%s is too long", of_directory);
    ret->begins = ret->length;
    if (!add(ret, name.bytes, name.length))
        return cannot(ret_why, grant, "its absolute name is longer than %d bytes", PATH_MAX - 1);
    return true;
}

bool path_of_name(const struct grants *grants, const struct imgprobe_grant *grant, struct imgprobe_bytes name,
                  struct path *ret, struct cannot *ret_why)
{
    return make_path(grants, grant, name, "its name", ret, ret_why);
}

bool path_as_opened(const struct grants *grants, const struct imgprobe_grant *grant, struct path *ret,
                    struct cannot *ret_why)
{
    if (!grant->names)
        return cannot(ret_why, grant, "it was given as a descriptor without a name");
    return path_of_name(grants, grant, grant->names->path, ret, ret_why);
}

/* The canonical name is the kernel's, of the file that was opened, and lies beneath the roots. Where there is none,
 * the name that the reader has isn't taken in its place: a link in it could lead elsewhere by now. */
bool path_on_host(const struct grants *grants, const struct imgprobe_grant *grant, struct path *ret,
                  struct cannot *ret_why)
{
    struct imgprobe_bytes canonical = grant->member->canonical;

    if (!canonical.bytes)
        return cannot(ret_why, grant, "its name without links isn't known");
    return make_path(grants, grant, canonical, "its canonical name", ret, ret_why);
}

bool path_is_text(const struct path *path, bool (*refuses)(uint32_t point), const struct imgprobe_grant *grant,
                  struct cannot *ret_why)
{
    size_t at = 0;

    while (at < path->length) {
        struct text_step step = text_next((const unsigned char *)path->text + at, path->length - at);

        if (!step.valid || refuses(step.point))
            return cannot_byte(ret_why, grant, path, at);
        at += step.length;
    }
    return true;
}

bool path_noncharacter(uint32_t point)
{
    return (point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) == 0xfffe;
}

/* At the root it stays there, as the kernel does. */
static void leave_directory(struct path *path)
{
    while (path->length > 0 && path->text[--path->length] != '/')
        ;
    path->text[path->length] = '\0';
}

bool path_normalise(const struct path *path, struct path *ret,
                    bool (*left)(void *context, const struct path *directory), void *context)
{
    const char *at = path->text;

    *ret = (struct path){.of = path->of};
    for (;;) {
        size_t length;

        at += strspn(at, "/");
        length = strcspn(at, "/");
        if (length == 0)
            break;
        if (length == 2 && memcmp(at, "..", 2) == 0) {
            if (ret->length > 0 && left && !left(context, ret))
                return false;
            leave_directory(ret);
        } else if (length != 1 || at[0] != '.') {
            /* It takes away what it adds, and so is never longer than what it was. */
            ret->text[ret->length] = '/';
            memcpy(ret->text + ret->length + 1, at, length);
            ret->length += 1 + length;
            ret->text[ret->length] = '\0';
        }
        at += length;
    }
    return true;
}
