/* SPDX-License-Identifier: MIT */
/*
 * open: the safe opener that we ship, and the way from a name to a file. Until a file is judged nothing is opened but
 * with O_PATH: so nothing blocks, and no device notices.
 *
 * It uses image alone. It never touches what lies outside the roots, and takes no lock.
 */
#ifndef IP_OPEN_H
#define IP_OPEN_H

#include "image/image.h"

#include <sys/stat.h>

#define IP_WALK_PATH 4096
#define IP_DESCRIPTOR_NAME 32
#define IP_STEPS_TO_ENTER 16 /* to look at a root costs about as much as to walk this many components */

/* One name on its way to a file. ip_walk_init sets the first two, and the caller what it wants besides: `kept`;
 * `passed`, to be told of directories as imgprobe_way tells of them. */
struct walk {
    const struct imgprobe_roots *roots; /* NULL or none in it: anywhere */
    struct imgprobe_error *error;
    struct imgprobe_kept *kept; /* NULL, or what is kept between names */
    enum imgprobe_status (*passed)(void *context, const char *name, int fd);
    void *context;
    int file;         /* what was found, by O_PATH */
    struct stat stat; /* of what was found */
    bool linked;      /* the last component of the name is a symbolic link's */
    /* the walk's own: */
    int directory;
    size_t next, entry, steps, bytes;
    unsigned links;
    size_t root; /* the one from which it goes on, and whether the name came to it by its canonical name */
    bool by_canonical, unknown;
    int root_errno;
    dev_t link_device, storage;
    bool from_here, beneath, in_dev, link_in_dev, leaf;
    /* from here on nothing is set in a new walk: */
    char at[IP_WALK_PATH];       /* canonical name of `directory`, without a slash at its end: "/" is "" */
    char rest[IP_WALK_PATH + 1]; /* still to be walked, from `next` on */
    char scratch[IP_WALK_PATH];
};

void ip_walk_init(struct walk *w, const struct imgprobe_roots *roots, struct imgprobe_error *error);
/* Finds `path`. On failure nothing stays open and `error` is filled. */
enum imgprobe_status ip_walk(struct walk *w, const char *path);
/* Closes what a walk has open. */
void ip_walk_close(struct walk *w);

/* enter: starts to walk `rest`, an absolute name, at the root that it comes to first. Until a root is found, nothing
 * but the roots is touched. So an answer about any other name is the same, whatever stands there. */
enum imgprobe_status ip_walk_enter(struct walk *w);
/* Whether there are no roots. */
bool ip_walk_anywhere(const struct walk *w);
/* Gives what a name starts from: "" for an absolute one, or the working directory. It makes the system call, since
 * the libraries' getcwd() may allocate. Returns an errno. */
int ip_walk_start(char path[IP_WALK_PATH], const char *name);
/* Whether the roots, of which there is one at least, allow what has this canonical name. */
bool ip_walk_allows(const struct imgprobe_roots *roots, const char *canonical, bool block);
/* Tells of the directory at which the walk is. */
enum imgprobe_status ip_walk_tell(struct walk *w);
/* Counts what is walked, in components and in bytes; not OK past the limits. */
enum imgprobe_status ip_walk_steps(struct walk *w, size_t count);
enum imgprobe_status ip_walk_bytes(struct walk *w, size_t count);
/* Closes a descriptor, if it is one, and sets it to -1. */
void ip_walk_drop(int *fd);

/* "/proc/self/fd/N", which opens or names what the descriptor holds without asking its name again. What is returned
 * is the N in it. */
char *ip_descriptor_name(char name[IP_DESCRIPTOR_NAME], int fd);

/*
 * kept: what an opener keeps from one name to the next
 */

/* Whether it's a caller's that can be used. */
bool ip_kept_valid(const struct imgprobe_kept *kept);
/* The working directory, in which this name needs no judging by its letters; -1: it isn't known, or the name does. */
int ip_kept_here(struct imgprobe_kept *kept, const char *path);
/* The device of a file that was judged, and is open; 0 for none. */
dev_t ip_kept_storage(const struct imgprobe_kept *kept);
/* The directory of the process's descriptors, or AT_FDCWD. */
int ip_kept_proc(struct imgprobe_kept *kept);
/* A file was opened that stands on this device, or will be closed now. */
void ip_kept_opened(struct imgprobe_kept *kept, int fd, dev_t device);
void ip_kept_done(struct imgprobe_kept *kept, int fd);

/* path: names read by their letters. */
#define IP_NOWHERE SIZE_MAX
/* Where a name, read by letters, stands to a root. */
struct relation {
    size_t entry;  /* what follows the first point at which it has come to the root, or IP_NOWHERE */
    bool beneath;  /* it ends there or deeper */
    bool by_guess; /* a `..` before `entry` was taken by letters */
};

/* Moves `*next` to the next component of `text` and returns its length; 0 at the end. */
size_t ip_path_component(const char *text, size_t *next);
/* Whether a component is "." or "..". */
bool ip_path_is_dot(const char *name, size_t length);
bool ip_path_is_dot_dot(const char *name, size_t length);
/* Puts a slash and one more component behind a path; false, with the path as it was, when it would be too long. */
bool ip_path_push(char path[IP_WALK_PATH], const char *name, size_t length);
/* Takes the last component away. */
void ip_path_pop(char *path);
/* Puts all components of a name behind a path; "." and ".." have the effect that they have by their letters. False
 * when it would be too long. */
bool ip_path_push_all(char path[IP_WALK_PATH], const char *name);
/* How the first name stands to the second. Both are absolute and hold no ".", and the second no "..". */
struct relation ip_path_relate(const char *name, const char *root);
/* Takes "." and empty components out of a name, in place. Where the name ends in one, a slash stays there: it is a
 * directory's. Returns how many components there were; `*ret_dropped` is how many of these were taken out. */
size_t ip_path_compact(char *name, size_t *ret_dropped);
/* Whether a name without "." comes by one that means another file to each process, even if it leads away again. */
bool ip_path_passes_process_name(const char *name);
/* Whether a name without links is itself such a one. */
bool ip_path_is_process_name(const char *canonical);

/* error: fills one with the words for this errno. Returns SYSTEM. */
enum imgprobe_status ip_open_errno(struct imgprobe_error *error, int number);
/* The same for a name that depends on the process, and for one that leads outside the roots. Both return REFUSED. */
enum imgprobe_status ip_open_process_name(struct imgprobe_error *error);
enum imgprobe_status ip_open_escape(struct imgprobe_error *error);
/* And where procfs would be needed. Returns SYSTEM. */
enum imgprobe_status ip_open_no_proc(struct imgprobe_error *error);

/* storage: OK where what a descriptor stands for, by O_PATH, is kept by somebody: on a disk, in memory or by a
 * server. Not OK for what the kernel makes up (procfs, sysfs, tracefs, ...), and then `error` is filled. A device's
 * own number tells; otherwise the kernel is asked, once for a file system: `known` is the last of which the answer
 * was OK, 0 first.
 */
enum imgprobe_status ip_open_storage(int fd, dev_t device, dev_t *known, struct imgprobe_error *error);

#endif
