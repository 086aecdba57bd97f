/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own word for the working directory. Where that is too long or can't be reached, getcwd(3) would list
 * one directory above after the other, which the sandbox doesn't let it; no file in it could be named anyway.
 */
#include "access/working-directory.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

bool working_directory(char ret[PATH_MAX])
{
    if (syscall(SYS_getcwd, ret, (size_t)PATH_MAX) < 0)
        return false;
    if (ret[0] == '/')
        return true;
    errno = ENOENT; /* "(unreachable)" */
    return false;
}
