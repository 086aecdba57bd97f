/* SPDX-License-Identifier: MIT */
/*
 * The kind `acl`: a line of shell for each file, which gives one user an entry in its access control list (acl(5)).
 * The file goes by its name without links. Before them comes a line for each directory on the way that this user
 * can't search yet. Other entries stay. But setfacl(1) widens the mask: where that would bring back rights that a
 * mask hides, nothing is said. A device is a file of its own, whose node gets the entry.
 */
#include "access/grants/absolute-path.h"
#include "access/grants/way.h"
#include "large.h"
#include "output/quote.h"
#include "output/text.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SEARCH 1u
#define WRITE 2u
#define READ 4u

/* What Linux keeps in system.posix_acl_access: a header of 4 bytes, and then these. */
struct acl_entry {
    uint16_t tag, permissions;
    uint32_t id;
};
#define ACL_HEADER 4
#define ACL_USER 0x02
#define ACL_GROUP_OWNER 0x04
#define ACL_GROUP 0x08
#define ACL_MASK 0x10

struct lister {
    const struct grants *grants;
    const char *user;
    uid_t uid;
    FILE *stream;
    const struct imgprobe_grant *grant;
    struct cannot *ret_why;
    void *seen;   /* a tree of directories */
    char **roots; /* from which ways began: each once, and those whose own way was gone first */
    size_t root_count, roots_gone;
};

/* What stands there for one user. */
struct standing {
    struct stat stat;
    bool named;     /* an entry of its own */
    unsigned entry; /* its permissions */
    unsigned mask;
    unsigned hidden; /* what others were given and the mask takes away */
};

static void read_entries(const unsigned char *bytes, size_t count, uid_t uid, struct standing *ret)
{
    unsigned others = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        struct acl_entry entry;
        unsigned permissions;

        memcpy(&entry, bytes + i * sizeof(entry), sizeof(entry));
        permissions = le16toh(entry.permissions);
        switch (le16toh(entry.tag)) {
        case ACL_MASK:
            ret->mask = permissions;
            break;
        case ACL_USER:
            if (le32toh(entry.id) == uid) {
                ret->named = true;
                ret->entry = permissions;
                break;
            }
            others |= permissions;
            break;
        case ACL_GROUP_OWNER:
        case ACL_GROUP:
            others |= permissions;
        }
    }
    ret->hidden = others & ~ret->mask;
}

/* By the descriptor, since the name may be another file's by now. */
static bool look(int fd, uid_t uid, struct standing *ret)
{
    LARGE_BUFFER unsigned char list[65536]; /* the kernel's bound on an extended attribute */
    char name[sizeof("/proc/self/fd/") + 3 * sizeof(fd)];
    ssize_t length;

    *ret = (struct standing){.mask = READ | WRITE | SEARCH};
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    if (fstat(fd, &ret->stat) != 0)
        return false;
    length = getxattr(name, "system.posix_acl_access", list, sizeof(list));
    if (length > ACL_HEADER)
        read_entries(list + ACL_HEADER, ((size_t)length - ACL_HEADER) / sizeof(struct acl_entry), uid, ret);
    return length >= 0 || errno == ENODATA || errno == EOPNOTSUPP;
}

/* Which of READ, WRITE and SEARCH the kernel grants, groups left aside. */
static unsigned granted(const struct standing *standing, uid_t uid)
{
    if (uid == 0)
        return READ | WRITE | SEARCH;
    if (standing->stat.st_uid == uid)
        return standing->stat.st_mode >> 6 & 7;
    return standing->named ? standing->entry & standing->mask : standing->stat.st_mode & 7;
}

static bool put_line(const struct lister *lister, const char *path, const struct standing *standing,
                     unsigned permissions)
{
    char specification[512];

    if (!path_is_shown(lister->grants, lister->grant, text_bytes(path), "a path", lister->ret_why))
        return false;
    if (lister->uid != 0 && standing->stat.st_uid == lister->uid &&
        (permissions & ~granted(standing, lister->uid)) != 0)
        return cannot(lister->ret_why, lister->grant,
                      "%.100s is %.40s's own, and chmod gives an owner rights, not an entry", path, lister->user);
    if (standing->hidden != 0)
        return cannot(lister->ret_why, lister->grant,
                      "the list of %.100s has a mask that hides rights, which setfacl would bring back", path);
    snprintf(specification, sizeof(specification), "u:%s:%c%c%c", lister->user, permissions & READ ? 'r' : '-',
             permissions & WRITE ? 'w' : '-', permissions & SEARCH ? 'x' : '-');
    fputs("setfacl -m ", lister->stream);
    quote_shell(lister->stream, text_bytes(specification));
    fputs(" -- ", lister->stream);
    quote_shell(lister->stream, text_bytes(path));
    fputc('\n', lister->stream);
    return true;
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static enum imgprobe_status stop(struct lister *lister, const char *why)
{
    cannot(lister->ret_why, lister->grant, "%s", why);
    return IMGPROBE_USAGE;
}

/* The way to a root is the caller's word, and is gone when that from there was. */
static enum imgprobe_status note_root(struct lister *lister, const char *path)
{
    char **roots, *copy;
    size_t i;

    for (i = 0; i < lister->root_count; i++) {
        if (strcmp(lister->roots[i], path) == 0)
            return IMGPROBE_OK;
    }
    roots = reallocarray(lister->roots, lister->root_count + 1, sizeof(*roots));
    copy = strdup(path);
    if (roots)
        lister->roots = roots;
    if (!roots || !copy) {
        free(copy);
        return stop(lister, "out of memory");
    }
    lister->roots[lister->root_count++] = copy;
    return IMGPROBE_OK;
}

/* Many names share their first directories. Each gets one line, so the ones that were seen are kept. */
static enum imgprobe_status put_directory(void *context, const char *path, int fd)
{
    struct lister *lister = context;
    struct standing standing;
    char **seen, *copy;

    if (fd < 0)
        return note_root(lister, path);
    if (tfind(path, &lister->seen, compare))
        return IMGPROBE_OK;
    copy = strdup(path);
    seen = copy ? tsearch(copy, &lister->seen, compare) : NULL;
    if (!seen) {
        free(copy);
        return stop(lister, "out of memory");
    }
    if (!look(fd, lister->uid, &standing))
        return stop(lister, "a directory above it can't be looked at");
    if ((granted(&standing, lister->uid) & SEARCH) == 0 &&
        !put_line(lister, path, &standing, SEARCH | (standing.named ? standing.entry : 0)))
        return IMGPROBE_USAGE;
    return IMGPROBE_OK;
}

static bool put_directories(const struct grants *grants, struct lister *lister)
{
    struct path path;
    const struct imgprobe_grant *at;

    for (at = grants->access->grants; at; at = at->next) {
        const struct imgprobe_name *name;

        lister->grant = at;
        for (name = at->names; name; name = name->next) {
            if (!path_of_name(grants, at, name->path, &path, lister->ret_why) ||
                !way_to_file(grants, at, name, path.text, put_directory, lister, lister->ret_why))
                return false;
            for (; lister->roots_gone < lister->root_count; lister->roots_gone++) {
                if (!way_to_root(at, lister->roots[lister->roots_gone], put_directory, lister, lister->ret_why))
                    return false;
            }
        }
    }
    return true;
}

/* By its canonical name, which is asked once more for what it is granted. So it has to be the same file. */
static bool look_at_file(const struct path *path, const struct imgprobe_grant *grant, uid_t uid, struct standing *ret)
{
    int fd = open(path->text, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    bool fine = fd >= 0 && look(fd, uid, ret);

    if (fd >= 0)
        (void)close(fd);
    return fine && way_is_granted(grant, &ret->stat);
}

static bool put_files(const struct grants *grants, struct lister *lister)
{
    struct standing standing;
    struct path path;
    const struct imgprobe_grant *at;

    for (at = grants->access->grants; at; at = at->next) {
        lister->grant = at;
        if (!path_on_host(grants, at, &path, lister->ret_why))
            return false;
        if (!look_at_file(&path, at, lister->uid, &standing))
            return cannot(lister->ret_why, at, "it can't be looked at any more");
        if (!put_line(lister, path.text, &standing, at->write ? READ | WRITE : READ))
            return false;
    }
    return true;
}

/* setfacl takes a word up to a colon, a comma or a blank, and undoes a backslash in it. Who is no user of this host
 * is a number. */
static bool find_user(struct lister *lister)
{
    const struct options *options = lister->grants->options;

    if (strpbrk(lister->user, ":,\\ \t\r\n") || strlen(lister->user) > 256)
        return cannot(lister->ret_why, NULL, "setfacl takes no such name of a user");
    lister->uid = options->user_found ? options->user_id : (uid_t)strtoul(lister->user, NULL, 10);
    return true;
}

bool access_acl(const struct grants *grants, FILE *stream, struct cannot *ret_why)
{
    struct lister lister = {.grants = grants, .user = grants->options->user, .stream = stream, .ret_why = ret_why};
    bool fine;
    size_t i;

    if (!lister.user)
        return cannot(ret_why, NULL, "no user was said: --user NAME");
    fine = find_user(&lister) && put_directories(grants, &lister) && put_files(grants, &lister);
    tdestroy(lister.seen, free);
    for (i = 0; i < lister.root_count; i++)
        free(lister.roots[i]);
    free(lister.roots);
    return fine;
}
