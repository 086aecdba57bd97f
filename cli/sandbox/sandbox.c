/* SPDX-License-Identifier: MIT */
/*
 * Closes the layers. The filter of system calls comes last, since it forbids what the others are made with.
 */
#include "sandbox/sandbox.h"

#include <stddef.h>
#include <sys/prctl.h>

/* From this version on it also forbids to cut a file off: landlock(7). */
#define LANDLOCK_WITH_TRUNCATE 3

bool sandbox_enter(struct sandbox *sandbox, const struct sandbox_limits *limits)
{
    bool *in_force = sandbox->in_force;
    bool started = true;

    in_force[SANDBOX_CORE] = sandbox_limit_core();
    in_force[SANDBOX_MEMORY] = sandbox_limit_memory(limits->memory);
    in_force[SANDBOX_CPU] = sandbox_limit_cpu(limits->seconds);
    in_force[SANDBOX_PRIVILEGES] = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    in_force[SANDBOX_LANDLOCK] = sandbox_forbid_files(sandbox);
    in_force[SANDBOX_DESCRIPTORS] = sandbox_limit_descriptors(limits->descriptors);
    if (limits->start_threads)
        started = limits->start_threads(limits->context);
    in_force[SANDBOX_SECCOMP] = sandbox_forbid_calls(
        in_force[SANDBOX_LANDLOCK] && sandbox->landlock >= LANDLOCK_WITH_TRUNCATE && !limits->passed,
        limits->start_threads != NULL);
    return started;
}
