/* SPDX-License-Identifier: MIT */
/*
 * landlock(7): files are opened for reading only, and only those that are needed. What needs no opening isn't held by
 * it, such as stat(2) and readlink(2). Its numbers stand here, since kernels know more than the headers of older
 * ones.
 */
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

#define VERSION_FLAG 1u
#define RULE_PATH_BENEATH 1
#define READ_FILE (UINT64_C(1) << 2)
#define READ_DIRECTORY (UINT64_C(1) << 3)
#define IOCTL_DEV (UINT64_C(1) << 15) /* to ask a device for its size */

struct ruleset {
    uint64_t files, network, scopes;
};

struct path_beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

/* All rights that each version knows: what no rule allows is forbidden. */
static const struct ruleset rights[] = {
    {.files = (UINT64_C(1) << 13) - 1},
    {.files = (UINT64_C(1) << 14) - 1},                            /* 2: to rename between directories */
    {.files = (UINT64_C(1) << 15) - 1},                            /* 3: to truncate */
    {.files = (UINT64_C(1) << 15) - 1, .network = 3},              /* 4: to bind and to connect */
    {.files = (UINT64_C(1) << 16) - 1, .network = 3},              /* 5: ioctls of devices */
    {.files = (UINT64_C(1) << 16) - 1, .network = 3, .scopes = 3}, /* 6: signals, abstract sockets */
};
#define VERSIONS (sizeof(rights) / sizeof(rights[0]))

static int create(unsigned version)
{
    size_t size = version < 4 ? 8 : version < 6 ? 16 : 24; /* it grew with versions 4 and 6 */

    return (int)syscall(SYS_landlock_create_ruleset, &rights[version - 1], size, 0);
}

/* A kernel older than a version refuses its rights, and one newer has more than we know: the lower of the two is
 * asked for. Most kernels know ours, so that is asked first. */
void sandbox_begin(struct sandbox *ret)
{
    long found;

    *ret = (struct sandbox){.landlock = (unsigned)VERSIONS, .ruleset = create(VERSIONS)};
    if (ret->ruleset >= 0)
        return;
    found = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, VERSION_FLAG);
    ret->landlock = found < 1 ? 0 : found < (long)VERSIONS ? (unsigned)found : (unsigned)VERSIONS;
    if (ret->landlock != 0)
        ret->ruleset = create(ret->landlock);
}

static void allow(struct sandbox *sandbox, const char *path, uint64_t allowed)
{
    struct path_beneath rule = {.allowed = allowed};

    if (sandbox->ruleset < 0)
        return;
    rule.allowed &= rights[sandbox->landlock - 1].files;
    rule.parent = open(path, O_PATH); /* nothing is executed before it is closed, and musl would ask twice */
    if (rule.parent < 0)
        return;
    (void)syscall(SYS_landlock_add_rule, sandbox->ruleset, RULE_PATH_BENEATH, &rule, 0);
    (void)close(rule.parent);
}

void sandbox_allow(struct sandbox *sandbox, const char *path)
{
    allow(sandbox, path, READ_FILE | IOCTL_DEV);
}

/* The kernel takes the right to list for no file that isn't a directory. */
void sandbox_allow_listing(struct sandbox *sandbox, const char *path)
{
    allow(sandbox, path, READ_FILE | IOCTL_DEV | READ_DIRECTORY);
}

bool sandbox_forbid_files(const struct sandbox *sandbox)
{
    bool in_force;

    if (sandbox->ruleset < 0)
        return false;
    in_force = syscall(SYS_landlock_restrict_self, sandbox->ruleset, 0) == 0;
    (void)close(sandbox->ruleset);
    return in_force;
}
