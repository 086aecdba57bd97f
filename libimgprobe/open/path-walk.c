/* SPDX-License-Identifier: MIT */
/*
 * Walks a name one component at a time, as path_resolution(7) says, with two rules of our own. What lies outside the
 * roots is never touched. And what depends on the process that asks (procfs, /dev/fd) is no file.
 */
#include "open/open.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef SYS_openat2
#include <linux/openat2.h>
#endif

#define PATH_FLAGS (O_PATH | O_NOFOLLOW | O_CLOEXEC)

void ip_walk_init(struct walk *w, const struct imgprobe_roots *roots, struct imgprobe_error *error)
{
    memset(w, 0, offsetof(struct walk, at));
    w->roots = roots;
    w->error = error;
    w->file = w->directory = -1;
}

void ip_walk_close(struct walk *w)
{
    ip_walk_drop(&w->file);
    ip_walk_drop(&w->directory);
}

/* Puts `prefix` before what is still to be walked. Each time the whole is read again, against the roots at least. */
static enum imgprobe_status prepend(struct walk *w, const char *prefix)
{
    size_t before = strlen(prefix), after = strlen(w->rest + w->next);

    if (before + after >= sizeof w->rest)
        return ip_open_errno(w->error, ENAMETOOLONG);
    memmove(w->rest + before, w->rest + w->next, after + 1);
    memcpy(w->rest, prefix, before);
    w->next = 0;
    return ip_walk_bytes(w, before + after);
}

/* `..` is taken off the canonical name, and that is walked again from its root. The directory's own `..` is not
 * asked: whoever moves the directory out of the root meanwhile would decide where it leads. */
static enum imgprobe_status go_up(struct walk *w)
{
    enum imgprobe_status s;
    size_t length = 2, count = 0;

    do {
        ip_path_pop(w->at);
        w->next += length;
        length = ip_path_component(w->rest, &w->next);
        count++;
    } while (ip_path_is_dot_dot(w->rest + w->next, length));
    s = ip_walk_steps(w, count);
    if (s != IMGPROBE_OK)
        return s;
    if (w->next > 0 && w->rest[w->next - 1] == '/')
        w->next--; /* what is put before it ends without a slash */
    s = prepend(w, w->at);
    return s == IMGPROBE_OK ? ip_walk_enter(w) : s;
}

static enum imgprobe_status follow(struct walk *w, int link)
{
    ssize_t length = readlinkat(link, "", w->scratch, sizeof w->scratch);
    enum imgprobe_status s;
    size_t dropped;

    if (length < 0)
        return ip_open_errno(w->error, errno);
    if (length == 0)
        return ip_open_errno(w->error, ENOENT);
    if ((size_t)length >= sizeof w->scratch)
        return ip_open_errno(w->error, ENAMETOOLONG);
    if (++w->links > IMGPROBE_OPENER_LINKS)
        return ip_open_errno(w->error, ELOOP);
    w->scratch[length] = '\0';
    ip_path_compact(w->scratch, &dropped);
    s = ip_walk_steps(w, dropped);
    if (s != IMGPROBE_OK)
        return s;
    w->linked = w->linked || w->rest[w->next] == '\0';
    w->link_in_dev = w->in_dev;
    w->link_device = w->stat.st_dev;
    w->from_here = w->from_here && w->scratch[0] != '/';
    ip_path_pop(w->at);
    s = prepend(w, w->scratch);
    return s == IMGPROBE_OK && w->scratch[0] == '/' ? ip_walk_enter(w) : s;
}

/* What the kernel makes up is refused wherever that is mounted; so are the links of procfs, which show one name and
 * lead elsewhere. */
static enum imgprobe_status examine(struct walk *w, int fd)
{
    if (fstat(fd, &w->stat) != 0)
        return ip_open_errno(w->error, errno);
    return ip_open_storage(fd, w->stat.st_dev, &w->storage, w->error);
}

/* Goes on to what was opened, and keeps or closes it. */
static enum imgprobe_status go_to(struct walk *w, int fd)
{
    enum imgprobe_status s = examine(w, fd);
    bool last = w->rest[w->next] == '\0';

    if (s == IMGPROBE_OK && S_ISLNK(w->stat.st_mode)) {
        s = follow(w, fd);
    } else if (s == IMGPROBE_OK && w->leaf && !(last && S_ISBLK(w->stat.st_mode))) {
        s = ip_open_escape(w->error);
    } else if (s == IMGPROBE_OK && last) {
        w->file = fd;
        return IMGPROBE_OK;
    } else if (s == IMGPROBE_OK && !S_ISDIR(w->stat.st_mode)) {
        s = ip_open_errno(w->error, ENOTDIR);
    } else if (s == IMGPROBE_OK) {
        ip_walk_drop(&w->directory);
        w->directory = fd;
        return ip_walk_tell(w);
    }
    ip_walk_drop(&fd);
    return s;
}

static int open_component(const struct walk *w, char *name, size_t length)
{
    char after = name[length];
    int fd = -1;

    name[length] = '\0';
    errno = ENOTDIR;
    if (after != '\0') /* a directory is opened as one, because only then an automount happens */
        fd = openat(w->directory, name, PATH_FLAGS | O_DIRECTORY);
    if (fd < 0 && errno == ENOTDIR)
        fd = openat(w->directory, name, PATH_FLAGS);
    name[length] = after;
    return fd;
}

/* The name ends at the directory to which it has come: behind a slash, or at a root. */
static enum imgprobe_status stay(struct walk *w)
{
    w->file = w->directory;
    w->directory = -1;
    return examine(w, w->file);
}

static enum imgprobe_status step(struct walk *w)
{
    size_t length = ip_path_component(w->rest, &w->next);
    char *name = w->rest + w->next;
    enum imgprobe_status s;
    int fd;

    if (length == 0)
        return w->leaf ? ip_open_escape(w->error) : stay(w);
    if (ip_path_is_dot_dot(name, length))
        return go_up(w);
    w->next += length;
    s = ip_walk_steps(w, 1);
    if (s != IMGPROBE_OK)
        return s;
    if (!ip_path_push(w->at, name, length))
        return ip_open_errno(w->error, ENAMETOOLONG);
    if (ip_path_is_process_name(w->at))
        return ip_open_process_name(w->error);
    fd = open_component(w, name, length);
    if (fd < 0)
        return w->leaf ? ip_open_escape(w->error) : ip_open_errno(w->error, errno);
    return go_to(w, fd);
}

/* Takes each `..` with which a relative name begins off the working directory, which is in `scratch`. Its name holds
 * no links, so that can be done by letters. */
static void leave_here(struct walk *w)
{
    size_t next = 0, part;

    while ((part = ip_path_component(w->rest, &next)) > 0 && ip_path_is_dot_dot(w->rest + next, part)) {
        ip_path_pop(w->scratch);
        next += part;
        w->next = next;
    }
}

/* All that can be said of a name by its letters. */
static enum imgprobe_status begin(struct walk *w, const char *path)
{
    size_t length = strnlen(path, IP_WALK_PATH), dropped;
    enum imgprobe_status s;
    int number;

    if (length == 0)
        return ip_error(w->error, IMGPROBE_SYSTEM, NULL, "name is empty");
    if (length == IP_WALK_PATH)
        return ip_open_errno(w->error, ENAMETOOLONG);
    number = ip_walk_start(w->scratch, path);
    if (number != 0)
        return ip_open_errno(w->error, number);
    w->rest[0] = '/';
    memcpy(w->rest + 1, path, length + 1);
    /* The kernel's own walk is held to as many components as ours. */
    s = ip_walk_steps(w, IP_STEPS_TO_ENTER + ip_path_compact(w->rest + 1, &dropped));
    if (s != IMGPROBE_OK)
        return s;
    w->steps = dropped;
    w->from_here = path[0] != '/';
    w->next = path[0] == '/' ? 1 : 0;
    if (w->from_here)
        leave_here(w);
    s = prepend(w, w->scratch);
    if (s == IMGPROBE_OK && ip_path_passes_process_name(w->rest))
        return ip_open_process_name(w->error);
    return s;
}

#ifdef SYS_openat2
static int open_by_kernel(int from, const char *path, uint64_t flags)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC | flags, .resolve = RESOLVE_NO_MAGICLINKS};

    return (int)syscall(SYS_openat2, from, path, &how, sizeof how);
}
#endif

/* Without roots the kernel's own walk is as good as ours, and is one call, or two where the name is a link's. Only a
 * good answer is taken from it: why a name fails is said by our own walk alone. */
static void ask_kernel(struct walk *w, int from, const char *path)
{
#ifdef SYS_openat2
    int fd = open_by_kernel(from, path, O_NOFOLLOW);
    bool good = fd >= 0 && examine(w, fd) == IMGPROBE_OK;

    if (good && S_ISLNK(w->stat.st_mode)) {
        w->linked = true;
        (void)close(fd);
        fd = open_by_kernel(from, path, 0);
        good = fd >= 0 && examine(w, fd) == IMGPROBE_OK;
    }
    if (good && (S_ISREG(w->stat.st_mode) || S_ISBLK(w->stat.st_mode)))
        w->file = fd;
    else
        ip_walk_drop(&fd);
#else
    (void)w;
    (void)from;
    (void)path;
#endif
}

/* What is kept makes a good answer cheaper, and no other. */
static bool found_from_here(struct walk *w, const char *path)
{
    int here = w->kept && ip_walk_anywhere(w) ? ip_kept_here(w->kept, path) : -1;

    if (w->kept)
        w->storage = ip_kept_storage(w->kept);
    if (here >= 0)
        ask_kernel(w, here, path);
    return w->file >= 0;
}

enum imgprobe_status ip_walk(struct walk *w, const char *path)
{
    enum imgprobe_status s;

    if (found_from_here(w, path))
        return IMGPROBE_OK;
    s = begin(w, path);
    if (s == IMGPROBE_OK && ip_walk_anywhere(w) && !w->passed)
        ask_kernel(w, AT_FDCWD, path);
    if (s == IMGPROBE_OK && w->file < 0)
        s = ip_walk_enter(w);
    while (s == IMGPROBE_OK && w->file < 0)
        s = step(w);
    if (s != IMGPROBE_OK)
        ip_walk_close(w);
    return s;
}
