/* SPDX-License-Identifier: MIT */
/* What the files about a raw disk's content have in common: whether a structure stands here, and how an odd table is
 * noted. */
#include "content.h"

enum imgprobe_status ip_fits(struct probe *p, uint64_t base, uint64_t length, const struct field *rows, size_t count,
                             void *values, bool *ret)
{
    struct imgprobe_bytes all;
    enum imgprobe_status s = ip_bytes_up_to(p, base, length, &all);

    if (s == IMGPROBE_OK)
        *ret = ip_decode(p, base, rows, count, values) == IMGPROBE_OK;
    return s;
}

enum imgprobe_status ip_odd_table(struct probe *p, uint64_t at, const char *message)
{
    return ip_finding(p, FOUND_PARTITION_TABLE_ODD, at, message);
}
