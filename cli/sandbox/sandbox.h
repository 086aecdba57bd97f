/* SPDX-License-Identifier: MIT */
/*
 * What the process gives up once its arguments are read: layers, each of which holds whatever becomes of the others.
 */
#ifndef CLI_SANDBOX_SANDBOX_H
#define CLI_SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they close. */
enum sandbox_layer {
    SANDBOX_CORE,       /* no core dump */
    SANDBOX_MEMORY,     /* address space */
    SANDBOX_CPU,        /* CPU time */
    SANDBOX_PRIVILEGES, /* no new ones */
    SANDBOX_LANDLOCK,
    SANDBOX_DESCRIPTORS, /* that are open at once */
    SANDBOX_SECCOMP,
    SANDBOX_LAYERS
};

/* `in_force` is true for a layer only once the kernel has confirmed it. */
struct sandbox {
    bool in_force[SANDBOX_LAYERS];
    unsigned landlock; /* the version of its interface; 0: the kernel has none */
    int ruleset;
};

struct sandbox_limits {
    uint64_t memory;      /* bytes */
    uint64_t seconds;     /* of CPU time, from the start of the process on; then it says so, and exits with 1 */
    unsigned descriptors; /* besides those that are open */
    bool passed;          /* descriptors that the process began with are still open: see sandbox_drop_descriptors */
    /* NULL, or what starts threads, under all layers but the filter of calls, which comes over them all then. That is
     * another filter: it lets them wait for each other, and a signal come back. False is returned. */
    bool (*start_threads)(const void *context);
    const void *context;
};

/* Closes standard input and all that the process began with, but for its outputs. What isn't open can't be opened
 * anew by /proc/self/fd, for writing at that: Landlock holds no pipe and no file in memory. False: they aren't all
 * closed. It comes before sandbox_begin. */
bool sandbox_drop_descriptors(void);
/* Begin, allow as often as needed, enter: in this order, and once for the process. Only sandbox_enter closes
 * anything. None of them fails, but for what starts threads: whether a layer is in force stands in the struct, and
 * what to do about it is for the caller. */
void sandbox_begin(struct sandbox *ret);
/* Lets the process go on reading this file, or those beneath this directory. Where there is no such file, nothing is
 * allowed. The path is taken as it leads now: a link that is changed later gives no way out. */
void sandbox_allow(struct sandbox *sandbox, const char *path);
/* The same, and lets it list directories there. */
void sandbox_allow_listing(struct sandbox *sandbox, const char *path);
/* Closes every layer that the kernel has, for good. In a build without a sandbox it closes none. Returns what
 * `start_threads` does. */
bool sandbox_enter(struct sandbox *sandbox, const struct sandbox_limits *limits);

/* For sandbox_enter alone: each closes one layer, and says whether it is in force. The filter of calls is the last,
 * and there are four of it: `landlock` says that openat2 may be used, since Landlock holds all that it can open;
 * `threads` that there are some, over which it comes too. */
bool sandbox_limit_core(void);
bool sandbox_limit_memory(uint64_t bytes);
bool sandbox_limit_cpu(uint64_t seconds);
bool sandbox_limit_descriptors(unsigned count);
bool sandbox_forbid_files(const struct sandbox *sandbox);
bool sandbox_forbid_calls(bool landlock, bool threads);

#endif
