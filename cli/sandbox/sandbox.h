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

struct sandbox {
    bool in_force[SANDBOX_LAYERS];
    unsigned landlock; /* the version of its interface; 0: the kernel has none */
    int ruleset;
};

struct sandbox_limits {
    uint64_t memory;      /* bytes */
    uint64_t seconds;     /* of CPU time, from the start of the process on */
    unsigned descriptors; /* besides those that are open */
};

/* Begin, allow, enter. What isn't allowed then can't be opened; where there is no such file, nothing is allowed. */
void sandbox_begin(struct sandbox *ret);
/* To read this file, or those beneath this directory. */
void sandbox_allow(struct sandbox *sandbox, const char *path);
/* Closes every layer that the kernel has. In a build without a sandbox, none. */
void sandbox_enter(struct sandbox *sandbox, const struct sandbox_limits *limits);

/* For sandbox_enter: each closes one, and says whether it is in force. */
bool sandbox_limit_core(void);
bool sandbox_limit_memory(uint64_t bytes);
bool sandbox_limit_cpu(uint64_t seconds);
bool sandbox_limit_descriptors(unsigned count);
bool sandbox_forbid_files(const struct sandbox *sandbox);
bool sandbox_forbid_calls(bool landlock);

#endif
