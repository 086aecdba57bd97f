/* SPDX-License-Identifier: MIT */
/* Sums and products of numbers that an image gives: checked, so that none wraps. */
#include "image/image.h"

bool ip_add(uint64_t a, uint64_t b, uint64_t *ret)
{
    if (b > UINT64_MAX - a)
        return false;
    *ret = a + b;
    return true;
}

bool ip_multiply(uint64_t a, uint64_t b, uint64_t *ret)
{
    if (a != 0 && b > UINT64_MAX / a)
        return false;
    *ret = a * b;
    return true;
}
