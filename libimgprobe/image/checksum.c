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

/* Four bits at a time: that takes some twelve instructions for each byte, and a table of 64 bytes. */
static uint32_t add_crc32c(uint32_t sum, struct imgprobe_bytes bytes)
{
    static const uint32_t remainders[16] = {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
                                            0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
                                            0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};
    size_t i;

    for (i = 0; i < bytes.length; i++) {
        sum ^= bytes.bytes[i];
        sum = sum >> 4 ^ remainders[sum & 15];
        sum = sum >> 4 ^ remainders[sum & 15];
    }
    return sum;
}

uint32_t ip_crc32c(struct imgprobe_bytes bytes, size_t except)
{
    static const unsigned char zeros[4];
    uint32_t sum = add_crc32c(UINT32_MAX, ip_part(bytes, 0, except));

    sum = add_crc32c(sum, (struct imgprobe_bytes){zeros, sizeof zeros});
    return ~add_crc32c(sum, ip_part(bytes, except + sizeof zeros, bytes.length - except - sizeof zeros));
}
