/* SPDX-License-Identifier: MIT */
/* Structs of the caller's that begin with their own size, whichever version of the header it was compiled with. */
#include "image/image.h"

#include <string.h>

/* A struct of any version is a multiple of its own first member's size. */
bool ip_tail_zero(size_t size, const void *from)
{
    const unsigned char *bytes = from;
    size_t given, i;

    memcpy(&given, from, sizeof given);
    if (given < size || given % sizeof given != 0)
        return false;
    for (i = size; i < given; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* What an older caller's struct lacks stays zero. Any other size below ours is a mistake: a limit that was given
 * would be lost. */
bool ip_struct(void *ret, size_t size, size_t older, const void *from)
{
    size_t given;

    memcpy(&given, from, sizeof given);
    if (given != older && !ip_tail_zero(size, from))
        return false;
    memset(ret, 0, size);
    memcpy(ret, from, given < size ? given : size);
    return true;
}
