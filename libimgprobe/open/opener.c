/* SPDX-License-Identifier: MIT */
/*
 * The safe opener, and the same from a descriptor of the caller's. It opens regular files and block devices, read
 * only, and nothing else. A file is judged by an O_PATH descriptor before it is opened, because opening alone could
 * block or act on a device.
 */
#include "open/open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(sizeof(off_t) == sizeof(int64_t), "offsets in images need 64 bits");

static enum imgprobe_status read_at(void *context, uint64_t offset, void *buffer, size_t length)
{
    unsigned char *bytes = buffer;
    size_t done = 0;

    if (offset > INT64_MAX || length > INT64_MAX - offset)
        return IMGPROBE_TRUNCATED; /* no file is that long */
    while (done < length) {
        ssize_t count = pread((int)(intptr_t)context, bytes + done, length - done, (off_t)(offset + done));

        if (count == 0)
            return IMGPROBE_TRUNCATED;
        if (count > 0)
            done += (size_t)count;
        else if (errno != EINTR)
            return IMGPROBE_SYSTEM;
    }
    return IMGPROBE_OK;
}

static const char *kind_refused(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
    case S_IFBLK:
        return NULL;
    case S_IFDIR:
        return "is a directory";
    case S_IFIFO:
        return "is a FIFO";
    case S_IFSOCK:
        return "is a socket";
    case S_IFCHR:
        return "is a character device";
    default:
        return "is neither a regular file nor a block device";
    }
}

static struct imgprobe_identity identity_of(const struct stat *st)
{
    bool block = S_ISBLK(st->st_mode);

    return (struct imgprobe_identity){.device = block ? st->st_rdev : st->st_dev, .inode = block ? 0 : st->st_ino};
}

/* `st` is the descriptor's, which is readable. */
static enum imgprobe_status fill(int fd, const struct stat *st, struct imgprobe_opened *ret,
                                 struct imgprobe_error *error)
{
    bool block = S_ISBLK(st->st_mode);
    uint64_t size = (uint64_t)st->st_size;
    void *context = (void *)(intptr_t)fd;

    /* lseek(2) would move the offset of the caller's descriptor. So a device is asked, by the system call: the
     * libraries differ in whether the request of ioctl() is an int or an unsigned long. */
    if (block && syscall(SYS_ioctl, fd, BLKGETSIZE64, &size) != 0)
        return ip_open_errno(error, errno);
    *ret = (struct imgprobe_opened){
        .struct_size = sizeof *ret,
        .source = {.struct_size = sizeof ret->source, .size = size, .read_at = read_at, .context = context},
        .identity = identity_of(st),
        .kind = block ? IMGPROBE_KIND_BLOCK : IMGPROBE_KIND_FILE,
        .allocated = (uint64_t)st->st_blocks * 512, /* the unit of st_blocks, whatever the file system's */
        .handle = context,
        .changed = st->st_ctim.tv_sec,
        .changed_nanoseconds = (uint32_t)st->st_ctim.tv_nsec,
    };
    return IMGPROBE_OK;
}

enum imgprobe_status imgprobe_open_fd(int fd, struct imgprobe_opened *ret, struct imgprobe_error *error)
{
    struct imgprobe_error unwanted = {0};
    struct stat st;
    int flags;

    if (!error)
        error = &unwanted;
    if (!ret)
        return ip_error(error, IMGPROBE_USAGE, NULL, "there is no room for what is opened");
    flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fstat(fd, &st) != 0)
        return ip_open_errno(error, errno);
    if (kind_refused(st.st_mode))
        return ip_error(error, IMGPROBE_SYSTEM, NULL, kind_refused(st.st_mode));
    if ((flags & O_PATH) != 0 || ((flags & O_ACCMODE) != O_RDONLY && (flags & O_ACCMODE) != O_RDWR))
        return ip_error(error, IMGPROBE_SYSTEM, NULL, "descriptor isn't open for reading");
    return fill(fd, &st, ret, error);
}

/* Opens for reading what was judged, by its descriptor. Its name isn't asked again: it may be another file's by now,
 * and to open a FIFO or a device is to act on it. Only procfs can open a descriptor so. */
static enum imgprobe_status reopen(const struct walk *w, struct imgprobe_opened *ret)
{
    char name[IP_DESCRIPTOR_NAME], *number = ip_descriptor_name(name, w->file);
    int proc = w->kept ? ip_kept_proc(w->kept) : AT_FDCWD;
    enum imgprobe_status s;
    struct stat st;
    int fd;

    fd = openat(proc, proc < 0 ? name : number, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ENOENT)
        return ip_open_no_proc(w->error);
    if (fd < 0)
        return ip_open_errno(w->error, errno);
    if (fstat(fd, &st) != 0)
        s = ip_open_errno(w->error, errno);
    else if (st.st_dev != w->stat.st_dev || st.st_ino != w->stat.st_ino)
        s = ip_error(w->error, IMGPROBE_SYSTEM, NULL, "what is mounted on /proc isn't procfs");
    else
        s = fill(fd, &st, ret, w->error);
    if (s != IMGPROBE_OK)
        (void)close(fd);
    return s;
}

/* A later version's struct is good as long as it asks for nothing that this one doesn't know. */
static bool roots_understood(const struct imgprobe_roots *roots)
{
    size_t i;

    if (!roots)
        return true;
    if (!ip_tail_zero(sizeof *roots, roots) || (roots->root_count != 0 && !roots->roots))
        return false;
    for (i = 0; i < roots->root_count; i++)
        if (!roots->roots[i])
            return false;
    return true;
}

static enum imgprobe_status open_name(const struct imgprobe_roots *roots, struct imgprobe_kept *kept,
                                      const char *path, struct imgprobe_opened *ret, struct imgprobe_error *error)
{
    struct imgprobe_error unwanted = {0};
    struct walk w;
    enum imgprobe_status s;

    ip_walk_init(&w, roots, error ? error : &unwanted);
    w.kept = kept;
    if (!roots_understood(roots))
        return ip_error(w.error, IMGPROBE_USAGE, NULL, "roots of an unknown size or kind");
    if (!path || !ret)
        return ip_error(w.error, IMGPROBE_USAGE, NULL, "there is no path, or no room for what is opened");
    s = ip_walk(&w, path);
    if (s != IMGPROBE_OK)
        return s;
    if (kind_refused(w.stat.st_mode))
        s = ip_error(w.error, IMGPROBE_SYSTEM, NULL, kind_refused(w.stat.st_mode));
    else
        s = reopen(&w, ret);
    if (s == IMGPROBE_OK) {
        if (kept)
            ip_kept_opened(kept, (int)(intptr_t)ret->handle, w.stat.st_dev);
        ret->linked = w.linked;
        if (!ip_walk_anywhere(&w))
            ret->handle = (void *)~(intptr_t)ret->handle;
    }
    ip_walk_close(&w);
    return s;
}

static enum imgprobe_status safe_open(void *context, const char *path, struct imgprobe_opened *ret,
                                      struct imgprobe_error *error)
{
    return open_name(context, NULL, path, ret, error);
}

static enum imgprobe_status kept_open(void *context, const char *path, struct imgprobe_opened *ret,
                                      struct imgprobe_error *error)
{
    struct imgprobe_kept *kept = context;
    struct imgprobe_error unwanted = {0};

    if (!ip_kept_valid(kept))
        return ip_error(error ? error : &unwanted, IMGPROBE_USAGE, NULL, "what is kept is of an unknown size");
    return open_name(kept->roots, kept, path, ret, error);
}

/* A walk that tells needs to know the canonical name of each root, which it can't without procfs. */
enum imgprobe_status imgprobe_way(const struct imgprobe_roots *roots, const char *path,
                                  enum imgprobe_status (*directory)(void *context, const char *name, int fd),
                                  void *context, struct imgprobe_identity *ret, struct imgprobe_error *error)
{
    struct imgprobe_error unwanted = {0};
    struct walk w;
    enum imgprobe_status s;

    ip_walk_init(&w, roots, error ? error : &unwanted);
    w.passed = directory;
    w.context = context;
    if (!roots_understood(roots) || !path || !ret)
        return ip_error(w.error, IMGPROBE_USAGE, NULL, "roots of an unknown size or kind, or no path");
    s = ip_walk(&w, path);
    if (s == IMGPROBE_OK)
        *ret = identity_of(&w.stat);
    ip_walk_close(&w);
    return s;
}

/* What was opened beneath roots has ~fd for a handle, which is negative. The caller's own top has a handle of its
 * own, and no root confines it. */
static int descriptor_of(const struct imgprobe_opened *opened)
{
    int handle = (int)(intptr_t)opened->handle;

    return handle < 0 ? ~handle : handle;
}

/* Its source is ours only where its handle is. */
int imgprobe_fd(const struct imgprobe_opened *opened)
{
    return opened && opened->source.read_at == read_at ? descriptor_of(opened) : -1;
}

/* The name is the kernel's. It counts if the same file stands there now: a deleted file has no name. A file that was
 * moved out of the roots since it was opened has none that may be told. */
static size_t canonical_name(const struct imgprobe_roots *roots, int proc, const struct imgprobe_opened *opened,
                             char *name, size_t size)
{
    char link[IP_DESCRIPTOR_NAME], found[IP_WALK_PATH], *number;
    struct stat st;
    ssize_t length;
    bool block, confined;

    if (!opened || !name)
        return 0;
    confined = (int)(intptr_t)opened->handle < 0 && roots && roots->root_count != 0;
    number = ip_descriptor_name(link, descriptor_of(opened));
    length = readlinkat(proc, proc < 0 ? link : number, found, sizeof found - 1);
    if (length <= 0 || (size_t)length > size)
        return 0;
    found[length] = '\0';
    if (found[0] != '/' || fstatat(AT_FDCWD, found, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    block = S_ISBLK(st.st_mode);
    if ((block ? st.st_rdev : st.st_dev) != opened->identity.device ||
        (block ? 0 : st.st_ino) != opened->identity.inode || (confined && !ip_walk_allows(roots, found, block)))
        return 0;
    memcpy(name, found, (size_t)length);
    return (size_t)length;
}

static size_t safe_canonical(void *context, const struct imgprobe_opened *opened, char *name, size_t size)
{
    return canonical_name(context, AT_FDCWD, opened, name, size);
}

static size_t kept_canonical(void *context, const struct imgprobe_opened *opened, char *name, size_t size)
{
    struct imgprobe_kept *kept = context;

    return ip_kept_valid(kept) ? canonical_name(kept->roots, ip_kept_proc(kept), opened, name, size) : 0;
}

static void safe_done(void *context, struct imgprobe_opened *opened)
{
    (void)context;
    if (opened)
        (void)close(descriptor_of(opened));
}

static void kept_done(void *context, struct imgprobe_opened *opened)
{
    if (opened && ip_kept_valid(context))
        ip_kept_done(context, descriptor_of(opened));
    safe_done(context, opened);
}

void imgprobe_safe_opener(struct imgprobe_opener *opener, const struct imgprobe_roots *roots)
{
    if (!opener)
        return;
    *opener = (struct imgprobe_opener){
        .struct_size = sizeof *opener,
        .open = safe_open,
        .done = safe_done,
        .canonical = safe_canonical,
        .context = (void *)(uintptr_t)roots,
    };
}

void imgprobe_kept_opener(struct imgprobe_opener *opener, struct imgprobe_kept *kept)
{
    if (!opener)
        return;
    *opener = (struct imgprobe_opener){
        .struct_size = sizeof *opener,
        .open = kept_open,
        .done = kept_done,
        .canonical = kept_canonical,
        .context = kept,
    };
}
