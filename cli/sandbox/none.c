/* SPDX-License-Identifier: MIT */
/*
 * In place of the sandbox, where a build leaves it out (-Dsandbox=disabled): no layer is in force.
 */
#include "sandbox/sandbox.h"

bool sandbox_drop_descriptors(void)
{
    return true;
}

void sandbox_begin(struct sandbox *ret)
{
    *ret = (struct sandbox){.landlock = 0};
}

void sandbox_allow(struct sandbox *sandbox, const char *path)
{
    (void)sandbox;
    (void)path;
}

void sandbox_allow_listing(struct sandbox *sandbox, const char *path)
{
    (void)sandbox;
    (void)path;
}

bool sandbox_enter(struct sandbox *sandbox, const struct sandbox_limits *limits)
{
    (void)sandbox;
    return !limits->start_threads || limits->start_threads(limits->context);
}
