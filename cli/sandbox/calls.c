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

#define LENGTH(array) ((unsigned short)(sizeof(array) / sizeof((array)[0])))

bool sandbox_forbid_calls(bool landlock)
{
    const struct sock_filter *filter = landlock ? filter_with_landlock : filter_alone;
    const struct sock_fprog program = {
        .len = landlock ? LENGTH(filter_with_landlock) : LENGTH(filter_alone),
        .filter = (struct sock_filter *)(uintptr_t)filter,
    };

    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}
