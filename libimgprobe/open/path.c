/* SPDX-License-Identifier: MIT */
/* Names read by their letters alone: nothing here touches the file system. */
#include "open/open.h"

#include <string.h>

static const char *const process_names[] = {"/proc",       "/dev/fd",     "/dev/fdset", "/dev/stdin",
                                            "/dev/stdout", "/dev/stderr", "/dev/tty"};

/* Moves `*next` to the next component of `text` and returns its length; 0 at the end. */
size_t ip_path_component(const char *text, size_t *next)
{
    *next += strspn(text + *next, "/");
    return strcspn(text + *next, "/");
}

bool ip_path_is_dot(const char *name, size_t length)
{
    return length == 1 && name[0] == '.';
}

bool ip_path_is_dot_dot(const char *name, size_t length)
{
    return length == 2 && name[0] == '.' && name[1] == '.';
}

bool ip_path_push(char path[IP_WALK_PATH], const char *name, size_t length)
{
    size_t end = strlen(path);

    if (length + 1 >= IP_WALK_PATH - end)
        return false;
    path[end] = '/';
    memcpy(path + end + 1, name, length);
    path[end + 1 + length] = '\0';
    return true;
}

void ip_path_pop(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash)
        *slash = '\0';
}

bool ip_path_push_all(char path[IP_WALK_PATH], const char *name)
{
    size_t next = 0, length;

    for (; (length = ip_path_component(name, &next)) > 0; next += length)
        if (ip_path_is_dot_dot(name + next, length))
            ip_path_pop(path);
        else if (!ip_path_is_dot(name + next, length) && !ip_path_push(path, name + next, length))
            return false;
    return true;
}

/* Reads `name` against `root`, both absolute, `root` in its cleaned form. */
struct relation ip_path_relate(const char *name, const char *root)
{
    struct relation r = {.entry = IP_NOWHERE};
    size_t next = 0, length, same = 0, deeper = 0;

    for (;; next += length) {
        if (r.entry == IP_NOWHERE && deeper == 0 && root[same] == '\0')
            r.entry = next;
        length = ip_path_component(name, &next);
        if (length == 0)
            break;
        if (ip_path_is_dot(name + next, length))
            continue;
        if (ip_path_is_dot_dot(name + next, length)) {
            r.by_guess = r.by_guess || r.entry == IP_NOWHERE;
            if (deeper > 0)
                deeper--;
            else
                while (same > 0 && root[--same] != '/')
                    ;
        } else if (deeper == 0 && root[same] == '/' && strncmp(root + same + 1, name + next, length) == 0 &&
                   (root[same + 1 + length] == '/' || root[same + 1 + length] == '\0')) {
            same += 1 + length;
        } else {
            deeper++;
        }
    }
    r.beneath = root[same] == '\0';
    return r;
}

/* Refuses what passes such a name, even if `..` leads away again. */
bool ip_path_passes_process_name(const char *name)
{
    size_t i;

    for (i = 0; i < IP_COUNT(process_names); i++)
        if (ip_path_relate(name, process_names[i]).entry != IP_NOWHERE)
            return true;
    return false;
}

bool ip_path_is_process_name(const char *canonical)
{
    size_t i;

    for (i = 0; i < IP_COUNT(process_names); i++)
        if (strcmp(canonical, process_names[i]) == 0)
            return true;
    return false;
}

void ip_descriptor_name(char name[IP_DESCRIPTOR_NAME], int fd)
{
    static const char prefix[] = "/proc/self/fd/";
    char digits[IP_DESCRIPTOR_NAME];
    size_t count = 0, length = sizeof prefix - 1;

    memcpy(name, prefix, length);
    do {
        digits[count++] = (char)('0' + fd % 10);
        fd /= 10;
    } while (fd > 0);
    while (count > 0)
        name[length++] = digits[--count];
    name[length] = '\0';
}
