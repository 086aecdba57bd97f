/* SPDX-License-Identifier: MIT */
/*
 * Why a kind of output can't say something.
 */
#include "access/grants/cannot.h"

#include <stdarg.h>

bool cannot(struct cannot *ret_why, const struct imgprobe_grant *grant, const char *format, ...)
{
    va_list arguments;

    ret_why->grant = grant;
    va_start(arguments, format);
    vsnprintf(ret_why->why, sizeof(ret_why->why), format, arguments);
    va_end(arguments);
    return false;
}
