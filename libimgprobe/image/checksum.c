/* SPDX-License-Identifier: MIT */
/* Checksums over bytes that were read. Where the sum itself stands among them, its four bytes are left out or count
 * as zeros. */
#include "image/image.h"

#include <limits.h>
#include <zlib.h>

uint32_t ip_ones_complement(struct imgprobe_bytes bytes, size_t except)
{
    uint32_t sum = 0;
    size_t i;

    for (i = 0; i < bytes.length; i++)
        if (i < except || i - except >= 4)
            sum += bytes.bytes[i];
    return ~sum;
}

uint32_t ip_crc32(struct imgprobe_bytes bytes, size_t except)
{
    static const unsigned char zeros[4];
    uLong sum = crc32(0, NULL, 0);

    if (bytes.length > UINT_MAX || except > bytes.length || bytes.length - except < sizeof zeros)
        return 0;
    sum = crc32(sum, bytes.bytes, (uInt)except);
    sum = crc32(sum, zeros, sizeof zeros);
    return (uint32_t)crc32(sum, bytes.bytes + except + sizeof zeros, (uInt)(bytes.length - except - sizeof zeros));
}
