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

/* To look at a root costs about as much as to walk this many components. */
#define STEPS_TO_ENTER 64
#define PATH_FLAGS (O_PATH | O_NOFOLLOW | O_CLOEXEC)

static enum imgprobe_status fail_escape(struct walk *w)
{
    return ip_error(w->error, IMGPROBE_REFUSED, "path-escape", "leads outside the directories that are allowed");
}

static bool no_roots(const struct walk *w)
{
    return !w->roots || w->roots->root_count == 0;
}

static void drop(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

void ip_walk_close(struct walk *w)
{
    drop(&w->file);
    drop(&w->directory);
}

/* Gives what a relative name starts from: "" or the working directory. It makes the system call, since the libraries'
 * getcwd() may allocate. Returns an errno. */
static int start_of(char path[IP_WALK_PATH], const char *name)
{
    path[0] = '\0';
    if (name[0] == '/')
        return 0;
    if (syscall(SYS_getcwd, path, (size_t)IP_WALK_PATH) < 0)
        return errno;
    if (path[0] != '/')
        return ENOENT; /* "(unreachable)": it lies in another mount namespace */
    if (path[1] == '\0')
        path[0] = '\0';
    return 0;
}

/* Puts `prefix` before what is still to be walked. */
static enum imgprobe_status prepend(struct walk *w, const char *prefix)
{
    size_t before = strlen(prefix), after = strlen(w->rest + w->next);

    if (before + after >= sizeof w->rest)
        return ip_open_errno(w->error, ENAMETOOLONG);
    memmove(w->rest + before, w->rest + w->next, after + 1);
    memcpy(w->rest, prefix, before);
    w->next = 0;
    return IMGPROBE_OK;
}

/* The kernel's own name for a directory, which holds no links. */
static bool canonical_name(char name[IP_WALK_PATH], int fd)
{
    char link[IP_DESCRIPTOR_NAME];
    ssize_t length;

    if (fd < 0)
        return false;
    ip_descriptor_name(link, fd);
    length = readlink(link, name, IP_WALK_PATH);
    if (length <= 0 || length >= IP_WALK_PATH || name[0] != '/')
        return false;
    name[length == 1 ? 0 : length] = '\0';
    return true;
}

/* Takes `root` as the directory to walk from, if `rest` comes to it sooner than to the roots seen before. The more is
 * walked, the less is taken by letters. Without /proc a root is known by the name given alone. */
static void consider(struct walk *w, const char *root)
{
    char canonical[IP_WALK_PATH] = "";
    struct relation given, real;
    int fd, number;
    bool known;

    if (!root || root[0] == '\0' || start_of(w->scratch, root) != 0 || !ip_path_push_all(w->scratch, root))
        return;
    /* The name given is the caller's word, so links in it are followed. O_DIRECTORY lets automounts happen. */
    fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    number = errno;
    known = canonical_name(canonical, fd);
    given = ip_path_relate(w->rest, w->scratch);
    real = ip_path_relate(w->rest, known ? canonical : w->scratch);
    w->beneath = w->beneath || given.beneath || real.beneath;
    if (real.entry < given.entry)
        given = real;
    /* A `..` outside the roots can be taken by letters only. The kernel does something else if a link comes before
     * it. Whether one does may not be asked. */
    if (given.entry >= w->entry || given.by_guess) {
        drop(&fd);
        return;
    }
    drop(&w->directory);
    w->directory = fd;
    w->root_errno = number;
    w->entry = given.entry;
    w->root_guessed = !known;
    memcpy(w->at, known ? canonical : w->scratch, sizeof w->at);
}

/* Without roots a relative name starts at the working directory itself, as for the kernel. What lies above that need
 * not be open to whoever asks. */
static void consider_here(struct walk *w)
{
    struct relation here;
    int fd;

    if (start_of(w->scratch, "") != 0)
        return;
    here = ip_path_relate(w->rest, w->scratch);
    if (here.entry == IP_NOWHERE || here.by_guess)
        return;
    fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    drop(&w->directory);
    w->directory = fd;
    w->entry = here.entry;
    memcpy(w->at, w->scratch, sizeof w->at);
}

/* A link beneath a root in /dev (/dev/mapper/x, /dev/disk/by-id/x) may end at a block device in /dev itself. It must
 * stand on the same file system as the devices: anybody may put a link into /dev/shm. */
static enum imgprobe_status enter_dev(struct walk *w)
{
    struct relation r = ip_path_relate(w->rest, "/dev");
    struct stat st;

    drop(&w->directory);
    if (!w->link_in_dev || r.entry == IP_NOWHERE || r.by_guess)
        return fail_escape(w);
    w->directory = open("/dev", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (w->directory < 0 || fstat(w->directory, &st) != 0 || st.st_dev != w->link_device)
        return fail_escape(w);
    memcpy(w->at, "/dev", sizeof "/dev");
    w->next = r.entry;
    w->leaf = true;
    w->in_dev = true;
    return IMGPROBE_OK;
}

/* Starts to walk `rest`, an absolute name, at a root. Until a root is found, nothing but the roots is touched. So an
 * answer about any other name is the same, whatever stands there. */
static enum imgprobe_status enter(struct walk *w)
{
    size_t i;

    w->steps += STEPS_TO_ENTER;
    if (w->steps > IMGPROBE_OPENER_STEPS)
        return ip_error(w->error, IMGPROBE_SYSTEM, NULL, "name takes too many steps");
    if (ip_path_passes_process_name(w->rest))
        return ip_open_process_name(w->error);
    w->beneath = false;
    w->entry = IP_NOWHERE;
    w->leaf = false;
    if (no_roots(w)) {
        consider(w, "/");
        if (w->from_here)
            consider_here(w);
    } else {
        for (i = 0; i < w->roots->root_count; i++)
            consider(w, w->roots->roots[i]);
    }
    if (w->entry == IP_NOWHERE || !w->beneath)
        return enter_dev(w);
    if (w->directory < 0)
        return ip_open_errno(w->error, w->root_errno);
    w->next = w->entry;
    w->guessed = w->guessed || w->root_guessed;
    w->in_dev = ip_path_relate(w->at, "/dev").beneath;
    return IMGPROBE_OK;
}

/* `..` is taken off the canonical name, and that is walked again from its root. The directory's own `..` is not
 * asked: whoever moves the directory out of the root meanwhile would decide where it leads. */
static enum imgprobe_status go_up(struct walk *w)
{
    enum imgprobe_status s;
    size_t length = 2;

    do {
        ip_path_pop(w->at);
        w->next += length;
        length = ip_path_component(w->rest, &w->next);
    } while (ip_path_is_dot_dot(w->rest + w->next, length));
    if (w->next > 0 && w->rest[w->next - 1] == '/')
        w->next--; /* what is put before it ends without a slash */
    s = prepend(w, w->at);
    return s == IMGPROBE_OK ? enter(w) : s;
}

static enum imgprobe_status follow(struct walk *w, int link)
{
    ssize_t length = readlinkat(link, "", w->scratch, sizeof w->scratch);
    enum imgprobe_status s;

    if (length < 0)
        return ip_open_errno(w->error, errno);
    if (length == 0)
        return ip_open_errno(w->error, ENOENT);
    if ((size_t)length >= sizeof w->scratch)
        return ip_open_errno(w->error, ENAMETOOLONG);
    if (++w->links > IMGPROBE_OPENER_LINKS)
        return ip_open_errno(w->error, ELOOP);
    w->scratch[length] = '\0';
    w->link_in_dev = w->in_dev;
    w->link_device = w->stat.st_dev;
    w->from_here = w->from_here && w->scratch[0] != '/';
    ip_path_pop(w->at);
    s = prepend(w, w->scratch);
    return s == IMGPROBE_OK && w->scratch[0] == '/' ? enter(w) : s;
}

/* What the kernel makes up is refused wherever that is mounted; so are the links of procfs, which show one name and
 * lead elsewhere. */
static enum imgprobe_status examine(struct walk *w, int fd)
{
    if (fstat(fd, &w->stat) != 0)
        return ip_open_errno(w->error, errno);
    return ip_open_storage(fd, w->stat.st_dev, &w->storage, w->error);
}

/* Goes on to what was opened as `name`, and keeps or closes it. */
static enum imgprobe_status go_to(struct walk *w, int fd, const char *name)
{
    enum imgprobe_status s = examine(w, fd);
    bool last = w->rest[w->next] == '\0';

    if (s == IMGPROBE_OK && S_ISLNK(w->stat.st_mode)) {
        s = follow(w, fd);
    } else if (s == IMGPROBE_OK && w->leaf && !(last && S_ISBLK(w->stat.st_mode))) {
        s = fail_escape(w);
    } else if (s == IMGPROBE_OK && last) {
        w->file = fd;
        w->name = name;
        return IMGPROBE_OK;
    } else if (s == IMGPROBE_OK && !S_ISDIR(w->stat.st_mode)) {
        s = ip_open_errno(w->error, ENOTDIR);
    } else if (s == IMGPROBE_OK) {
        drop(&w->directory);
        w->directory = fd;
        return IMGPROBE_OK;
    }
    drop(&fd);
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

static enum imgprobe_status step(struct walk *w)
{
    size_t length = ip_path_component(w->rest, &w->next);
    char *name = w->rest + w->next;
    int fd;

    if (length == 0)
        return w->leaf ? fail_escape(w) : ip_error(w->error, IMGPROBE_SYSTEM, NULL, "is a directory");
    if (ip_path_is_dot_dot(name, length))
        return go_up(w);
    w->next += length;
    if (ip_path_is_dot(name, length))
        return IMGPROBE_OK;
    if (++w->steps > IMGPROBE_OPENER_STEPS)
        return ip_error(w->error, IMGPROBE_SYSTEM, NULL, "name takes too many steps");
    if (!ip_path_push(w->at, name, length))
        return ip_open_errno(w->error, ENAMETOOLONG);
    if (ip_path_is_process_name(w->at))
        return ip_open_process_name(w->error);
    fd = open_component(w, name, length);
    if (fd < 0)
        return w->leaf ? fail_escape(w) : ip_open_errno(w->error, errno);
    return go_to(w, fd, name);
}

/* All that can be said of a name by its letters. */
static enum imgprobe_status begin(struct walk *w, const char *path)
{
    size_t length = strnlen(path, IP_WALK_PATH);
    size_t skip = 0, part;
    enum imgprobe_status s;
    int number;

    if (length == 0)
        return ip_error(w->error, IMGPROBE_SYSTEM, NULL, "name is empty");
    if (length == IP_WALK_PATH)
        return ip_open_errno(w->error, ENAMETOOLONG);
    number = start_of(w->scratch, path);
    if (number != 0)
        return ip_open_errno(w->error, number);
    w->from_here = path[0] != '/';
    /* The working directory's name holds no links, so `..` can be taken off it by letters. */
    while (path[0] != '/' && (part = ip_path_component(path, &skip)) > 0 &&
           (ip_path_is_dot(path + skip, part) || ip_path_is_dot_dot(path + skip, part))) {
        if (ip_path_is_dot_dot(path + skip, part))
            ip_path_pop(w->scratch);
        skip += part;
    }
    w->rest[0] = '/';
    memcpy(w->rest + 1, path + skip, length - skip + 1);
    s = prepend(w, w->scratch);
    if (s == IMGPROBE_OK && ip_path_passes_process_name(w->rest))
        return ip_open_process_name(w->error);
    return s;
}

/* Without roots the kernel's own walk is as good as ours, and is one call. Only a good answer is taken from it: why a
 * name fails is said by our own walk alone. */
static void ask_kernel(struct walk *w, const char *path)
{
#ifdef SYS_openat2
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);

    if (fd < 0)
        return;
    if (examine(w, fd) != IMGPROBE_OK || !(S_ISREG(w->stat.st_mode) || S_ISBLK(w->stat.st_mode))) {
        drop(&fd);
        return;
    }
    w->file = fd;
    w->directory = AT_FDCWD;
    w->name = path;
#else
    (void)w;
    (void)path;
#endif
}

/* A `..` outside the roots was taken by letters. If a link stands there, a reader comes to another file than the one
 * that was judged. If nothing is there, no reader opens anything, and the answer doesn't tell. */
static enum imgprobe_status confirm(struct walk *w, const char *path)
{
    struct stat st;

    if (w->guessed && stat(path, &st) == 0 && (st.st_dev != w->stat.st_dev || st.st_ino != w->stat.st_ino))
        return fail_escape(w);
    return IMGPROBE_OK;
}

enum imgprobe_status ip_walk(struct walk *w, const char *path)
{
    enum imgprobe_status s = begin(w, path);

    if (s == IMGPROBE_OK && no_roots(w))
        ask_kernel(w, path);
    if (s == IMGPROBE_OK && w->file < 0)
        s = enter(w);
    while (s == IMGPROBE_OK && w->file < 0)
        s = step(w);
    if (s == IMGPROBE_OK)
        s = confirm(w, path);
    if (s != IMGPROBE_OK)
        ip_walk_close(w);
    return s;
}
