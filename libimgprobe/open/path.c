/* SPDX-License-Identifier: MIT */
/* Names read by their letters alone: nothing here touches the file system. */
#include "open/open.h"

#include <string.h>

/* Names in /dev that mean another file to each process. So does all of procfs. */
static const char *const process_names[] = {"fd", "fdset", "stdin", "stdout", "stderr", "tty"};

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

static bool is_in_list(const char *name, size_t length)
{
    size_t i;

    for (i = 0; i < IP_COUNT(process_names); i++)
        if (strncmp(process_names[i], name, length) == 0 && process_names[i][length] == '\0')
            return true;
    return false;
}

/* Refuses what passes such a name, even if `..` leads away again. */
bool ip_path_passes_process_name(const char *name)
{
    size_t next = 0, length, depth = 0;
    bool in_dev = false;

    for (; (length = ip_path_component(name, &next)) > 0; next += length) {
        if (ip_path_is_dot_dot(name + next, length)) {
            depth -= depth > 0;
            continue;
        }
        if (depth == 0 && length == 4 && strncmp(name + next, "proc", 4) == 0)
            return true;
        if (depth == 0)
            in_dev = length == 3 && strncmp(name + next, "dev", 3) == 0;
        if (depth == 1 && in_dev && is_in_list(name + next, length))
            return true;
        depth++;
    }
    return false;
}

bool ip_path_is_process_name(const char *canonical)
{
    return strcmp(canonical, "/proc") == 0 ||
           (strncmp(canonical, "/dev/", 5) == 0 && is_in_list(canonical + 5, strlen(canonical + 5)));
}

size_t ip_path_compact(char *name, size_t *ret_dropped)
{
    size_t from = 0, to = 0, start = 0, length, count = 0, kept = 0;
    const bool absolute = name[0] == '/';
    bool behind = false; /* a slash or a "." stands behind the last component that is kept */

    while ((length = ip_path_component(name, &from)) > 0) {
        count += from - start > 1 ? from - start : 1;
        behind = ip_path_is_dot(name + from, length);
        if (!behind) {
            if (absolute || to > 0)
                name[to++] = '/';
            memmove(name + to, name + from, length);
            to += length;
            kept++;
        }
        from += length;
        start = from;
    }
    count += from - start;
    if ((behind || from > start) && (absolute || to > 0))
        name[to++] = '/';
    name[to] = '\0';
    *ret_dropped = count - kept;
    return count;
}

char *ip_descriptor_name(char name[IP_DESCRIPTOR_NAME], int fd)
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
    return name + sizeof prefix - 1;
}
