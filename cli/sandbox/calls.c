/* SPDX-License-Identifier: MIT */
/*
 * seccomp(2): all calls kill but those in the filter, which filter.c wrote when this was built.
 */
#include "sandbox/sandbox.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef TCGETS2
#define TCGETS2 TCGETS
#endif
#include "sandbox-filter.h"

#define PROGRAM(array)                                                                                               \
    {                                                                                                                \
        .len = (unsigned short)(sizeof(array) / sizeof((array)[0])), .filter = (struct sock_filter *)(array)         \
    }

/* With TSYNC the kernel puts every thread behind the filter, or none: then it isn't in force. */
bool sandbox_forbid_calls(bool landlock, bool threads)
{
    static const struct sock_fprog programs[2][2] = {
        {PROGRAM(filter_alone), PROGRAM(filter_with_landlock)},
        {PROGRAM(filter_threads_alone), PROGRAM(filter_threads_with_landlock)},
    };

    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, threads ? SECCOMP_FILTER_FLAG_TSYNC : 0,
                   &programs[threads][landlock]) == 0;
}
