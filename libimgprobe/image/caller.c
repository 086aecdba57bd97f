/* SPDX-License-Identifier: MIT */
/* Structs of the caller's that begin with their own size, whichever version of the header it was compiled with. */
#include "image/image.h"

#include <string.h>

/* A struct_size that has no room even for itself is a mistake, too. */
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

/* An older caller's struct is shorter: the rest stays zero. A newer caller's is longer: it must be zero where this
 * version knows nothing. */
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
