/* SPDX-License-Identifier: MIT */
/*
 * In place of --exec, where a build leaves it out (-Dexec=disabled): no option leads here.
 */
#include "access/access.h"
#include "exec/exec.h"

const struct access_kind exec_kind = {NULL, NULL, NULL, false};

const char *exec_check(const char *const *words)
{
    (void)words;
    return "this build has no --exec";
}

int exec_run(struct options *options)
{
    (void)options;
    return STATUS_USAGE;
}
