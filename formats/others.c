/* SPDX-License-Identifier: MIT */
/* Formats that are recognised, so that they are never taken for raw, and not decoded. */
#include "format.h"

#define RECOGNISED(name, qemu, tier, why)                                                                            \
    {                                                                                                                \
        name, qemu, IMGPROBE_TIER_##tier, false, why, NULL                                                           \
    }

/* "koly", version 4, and a property list that lies in front of it. QEMU's dmg_find_koly_offset looks for it in the
 * last 1,023 bytes, at any place. */
static uint64_t koly(struct probe *p)
{
    struct imgprobe_bytes tail, trailer;
    uint64_t start = p->size > 1023 ? p->size - 1023 : 0, end;
    size_t i, found;

    if (ip_bytes_up_to(p, start, 1023, &tail) != IMGPROBE_OK)
        return IMGPROBE_UNKNOWN;
    for (i = 0; ip_find(ip_part(tail, i, tail.length - i), "koly", &found); i += found + 1) {
        trailer = ip_part(tail, i + found, 0xe8);
        if (trailer.bytes && ip_number(trailer, 4, IP_U32BE) == 4 &&
            ip_add(ip_number(trailer, 0xd8, IP_U64BE), ip_number(trailer, 0xe0, IP_U64BE), &end) &&
            end <= start + i + found)
            return start + i + found;
    }
    return IMGPROBE_UNKNOWN;
}

/* QEMU block/dmg.c, dmg_open */
const struct format ip_dmg = {
    .row = RECOGNISED("dmg", "dmg", REFUSE, "compressed data with many decoders behind it"),
    .trailer = koly,
};
