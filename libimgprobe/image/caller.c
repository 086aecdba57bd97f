/* SPDX-License-Identifier: MIT */
/* Structs of the caller's that begin with their own size, whichever version of the header it was compiled with. */
#include "image/image.h"

#include <string.h>

/* Whether a struct that begins with its own size is zero behind the `size` bytes that this version knows. */
bool ip_tail_zero(size_t size, const void *from)
{
    const unsigned char *bytes = from;
    size_t given, i;

    memcpy(&given, from, sizeof given);
    if (given < sizeof given)
        return false;
    for (i = size; i < given; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* Copies a struct that begins with its own size. A shorter one is an older caller's, the rest stays zero; a longer
 * one must be zero where this version knows nothing. */
bool ip_struct(void *ret, size_t size, const void *from)
{
    size_t given;

    if (!ip_tail_zero(size, from))
        return false;
    memcpy(&given, from, sizeof given);
    memset(ret, 0, size);
    memcpy(ret, from, given < size ? given : size);
    return true;
}
