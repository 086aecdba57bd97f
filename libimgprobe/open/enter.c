/* SPDX-License-Identifier: MIT */
/* Where a walk begins: at one of the roots, by the letters of the name and of the roots. */
#include "open/open.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SAME(name, usual, ceiling, what) ip_##name = (ceiling),
enum { IMGPROBE_OPENER_LIMITS(SAME) };
_Static_assert((int)ip_opener_steps == IMGPROBE_OPENER_STEPS && (int)ip_opener_bytes == IMGPROBE_OPENER_BYTES,
               "the constants are the table's");

bool ip_walk_anywhere(const struct walk *w)
{
    return !w->roots || w->roots->root_count == 0;
}

enum imgprobe_status ip_walk_steps(struct walk *w, size_t count)
{
    w->steps += count;
    if (w->steps <= IMGPROBE_OPENER_STEPS)
        return IMGPROBE_OK;
    return ip_error_over(w->error, "opener_steps", IMGPROBE_UNKNOWN, w->steps, IMGPROBE_OPENER_STEPS);
}

enum imgprobe_status ip_walk_bytes(struct walk *w, size_t count)
{
    w->bytes += count;
    if (w->bytes <= IMGPROBE_OPENER_BYTES)
        return IMGPROBE_OK;
    return ip_error_over(w->error, "opener_bytes", IMGPROBE_UNKNOWN, w->bytes, IMGPROBE_OPENER_BYTES);
}

void ip_walk_drop(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

int ip_walk_start(char path[IP_WALK_PATH], const char *name)
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

/* Whether a `..` comes behind a name, where a link may stand. */
static bool goes_up_behind_name(const char *root)
{
    size_t next = 0, length;
    bool name = false;

    for (; (length = ip_path_component(root, &next)) > 0; next += length) {
        if (name && ip_path_is_dot_dot(root + next, length))
            return true;
        name = name || (!ip_path_is_dot(root + next, length) && !ip_path_is_dot_dot(root + next, length));
    }
    return false;
}

/* How `rest` stands to a root, by the name given, which is in `scratch`, or by the canonical one; by the one to which
 * it comes sooner. If the name given goes up behind a link, its letters lead elsewhere, so the canonical one counts
 * alone. Without /proc no name is canonical. */
static struct relation relate(struct walk *w, const char *root, const char *canonical, bool *ret_by_canonical)
{
    struct relation given = ip_path_relate(w->rest, w->scratch), real = given;

    if (canonical && strcmp(canonical, w->scratch) != 0) {
        real = ip_path_relate(w->rest, canonical);
        if (goes_up_behind_name(root))
            given = real;
    }
    w->beneath = w->beneath || given.beneath || real.beneath;
    *ret_by_canonical = real.entry < given.entry;
    return real.entry < given.entry ? real : given;
}

/* Takes `root` as the directory to walk from, if `rest` comes to it sooner than to the roots seen before. The more is
 * walked, the less is taken by letters. */
static void consider(struct walk *w, const char *root, size_t index)
{
    char name[IP_WALK_PATH] = "";
    struct relation found;
    int fd, number;
    bool known, by_canonical;

    if (!root || root[0] == '\0' || ip_walk_start(w->scratch, root) != 0 || !ip_path_push_all(w->scratch, root))
        return;
    /* The name given is the caller's word, so links in it are followed. O_DIRECTORY lets automounts happen. */
    fd = openat(AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    number = errno;
    known = strcmp(root, "/") == 0 || canonical_name(name, fd);
    found = relate(w, root, known ? name : NULL, &by_canonical);
    /* A `..` outside the roots can be taken by letters only. The kernel does something else if a link comes before
     * it. Whether one does may not be asked. */
    if (found.entry >= w->entry || found.by_guess) {
        ip_walk_drop(&fd);
        return;
    }
    ip_walk_drop(&w->directory);
    w->directory = fd;
    w->root_errno = number;
    w->entry = found.entry;
    w->root = index;
    w->by_canonical = by_canonical;
    w->unknown = !known;
    memcpy(w->at, known ? name : w->scratch, sizeof w->at);
}

/* Whether a canonical name lies beneath a root, or names a device to which a link beneath a root in /dev may lead. */
static bool is_beneath(const char *canonical, const char *root, bool device)
{
    return ip_path_relate(canonical, root).beneath || (device && ip_path_relate(root, "/dev").beneath);
}

/* Reads it against the name given first, since that costs no system call for an absolute one. A canonical name has no
 * link in it, so where it lies beneath the name given that has none either. */
bool ip_walk_allows(const struct imgprobe_roots *roots, const char *canonical, bool block)
{
    const bool device = block && strncmp(canonical, "/dev/", 5) == 0 && !strchr(canonical + 5, '/');
    char root[IP_WALK_PATH];
    bool allowed = false;
    size_t i;
    int fd;

    for (i = 0; !allowed && i < roots->root_count; i++) {
        const char *given = roots->roots[i];

        if (!given || given[0] == '\0' || ip_walk_start(root, given) != 0 || !ip_path_push_all(root, given))
            continue;
        if (!goes_up_behind_name(given) && is_beneath(canonical, root, device))
            return true;
        fd = openat(AT_FDCWD, given, O_PATH | O_DIRECTORY | O_CLOEXEC);
        allowed = canonical_name(root, fd) && is_beneath(canonical, root, device);
        ip_walk_drop(&fd);
    }
    return allowed;
}

/* Without roots a relative name starts at the working directory itself, as for the kernel. What lies above that need
 * not be open to whoever asks. */
static void consider_here(struct walk *w)
{
    struct relation here;
    int fd;

    if (ip_walk_start(w->scratch, "") != 0)
        return;
    here = ip_path_relate(w->rest, w->scratch);
    if (here.entry == IP_NOWHERE || here.by_guess)
        return;
    fd = openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    ip_walk_drop(&w->directory);
    w->directory = fd;
    w->entry = here.entry;
    memcpy(w->at, w->scratch, sizeof w->at);
}

enum imgprobe_status ip_walk_tell(struct walk *w)
{
    if (!w->passed)
        return IMGPROBE_OK;
    return w->passed(w->context, w->at[0] == '\0' ? "/" : w->at, w->directory);
}

/* How the name came there is told first: by the canonical name of the root, or by the one given. */
static enum imgprobe_status tell_of_root(struct walk *w)
{
    const char *given = ip_walk_anywhere(w) ? "/" : w->roots->roots[w->root], *name = w->at;
    enum imgprobe_status s = IMGPROBE_OK;

    if (!w->passed)
        return IMGPROBE_OK;
    if (w->unknown)
        return ip_open_no_proc(w->error);
    if (!w->by_canonical && ip_walk_start(w->scratch, given) == 0 && ip_path_push_all(w->scratch, given))
        name = w->scratch;
    if (!ip_walk_anywhere(w))
        s = w->passed(w->context, name[0] == '\0' ? "/" : name, -1);
    return s == IMGPROBE_OK ? ip_walk_tell(w) : s;
}

/* A link beneath a root in /dev (/dev/mapper/x, /dev/disk/by-id/x) may end at a block device in /dev itself. It must
 * stand on the same file system as the devices: anybody may put a link into /dev/shm. */
static enum imgprobe_status enter_dev(struct walk *w)
{
    struct relation r = ip_path_relate(w->rest, "/dev");
    struct stat st;

    ip_walk_drop(&w->directory);
    if (!w->link_in_dev || r.entry == IP_NOWHERE || r.by_guess)
        return ip_open_escape(w->error);
    w->directory = openat(AT_FDCWD, "/dev", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (w->directory < 0 || fstat(w->directory, &st) != 0 || st.st_dev != w->link_device)
        return ip_open_escape(w->error);
    memcpy(w->at, "/dev", sizeof "/dev");
    w->next = r.entry;
    w->leaf = true;
    w->in_dev = true;
    w->by_canonical = true;
    return tell_of_root(w);
}

enum imgprobe_status ip_walk_enter(struct walk *w)
{
    enum imgprobe_status s;
    size_t i;

    s = ip_walk_steps(w, IP_STEPS_TO_ENTER);
    if (s != IMGPROBE_OK)
        return s;
    if (ip_path_passes_process_name(w->rest))
        return ip_open_process_name(w->error);
    w->beneath = false;
    w->entry = IP_NOWHERE;
    w->leaf = false;
    if (ip_walk_anywhere(w)) {
        consider(w, "/", 0);
        if (w->from_here)
            consider_here(w);
    } else {
        for (i = 0; i < w->roots->root_count; i++)
            consider(w, w->roots->roots[i], i);
    }
    if (w->entry == IP_NOWHERE || !w->beneath)
        return enter_dev(w);
    if (w->directory < 0)
        return ip_open_errno(w->error, w->root_errno);
    w->next = w->entry;
    w->in_dev = ip_path_relate(w->at, "/dev").beneath;
    return tell_of_root(w);
}
