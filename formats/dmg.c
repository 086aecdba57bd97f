/* SPDX-License-Identifier: MIT */
/* Apple's disk images, UDIF: a trailer of 512 bytes, "koly", as QEMU's dmg_open reads it. */
#include "format.h"

#define VERSION 4
#define SEARCHED 1023 /* bytes at the end */
#define MOST_LIST UINT64_C(16777216)
#define LEAST_LIST (6 + 328 + 7)                /* one chunk: 244 bytes in base64, between <data> and </data> */
#define MOST_BYTES UINT64_C(0x7fffffffc0000000) /* BDRV_MAX_LENGTH */

struct dmg {
    uint64_t data_fork_offset, rsrc_fork_offset, rsrc_fork_length, segment_count, xml_offset, xml_length;
    uint64_t sector_count;
};

/* clang-format off */
#define D(...) FIELD(struct dmg, __VA_ARGS__)
static const struct field trailer_rows[] = {
    /* at     type   name             least  most              otherwise */
    D( 0x18, U64BE, data_fork_offset,     0, IP_ANY,           MALFORMED), /* it and the forks: before the trailer */
    D( 0x28, U64BE, rsrc_fork_offset,     0, IP_ANY,           MALFORMED),
    D( 0x30, U64BE, rsrc_fork_length,     0, IP_ANY,           MALFORMED),
    D( 0x3c, U32BE, segment_count,        0, 1,                UNSUPPORTED), /* others lie in files of their own */
    D( 0xd8, U64BE, xml_offset,           0, IP_ANY,           MALFORMED),
    D( 0xe0, U64BE, xml_length,           0, IP_ANY,           MALFORMED),
    D(0x1ec, U64BE, sector_count,         0, MOST_BYTES / 512, MALFORMED),
};
/* clang-format on */
#define ROW(name) IP_ROW(trailer_rows, struct dmg, name)

/* The list itself isn't read. One of these lengths has no room for a chunk. */
static const struct ip_when refuses_no_chunks = IP_SINCE(10, 0);

/* A trailer is "koly", version 4, and a property list that lies in front of it. QEMU's dmg_find_koly_offset looks for
 * "koly" at any byte of the last 1,023. */
static uint64_t koly(struct probe *p)
{
    struct imgprobe_bytes tail, trailer;
    uint64_t start = p->size > SEARCHED ? p->size - SEARCHED : 0, end;
    size_t i;

    /* Most ends have no "k", and are read through at once. */
    if (ip_bytes_up_to(p, start, SEARCHED, &tail) != IMGPROBE_OK)
        return IMGPROBE_UNKNOWN;
    for (i = ip_find_byte(tail, 0, 'k'); i < tail.length; i = ip_find_byte(tail, i + 1, 'k')) {
        trailer = ip_part(tail, i, 0xe8);
        if (ip_equal(ip_part(trailer, 0, 4), "koly") && ip_number(trailer, 4, IP_U32BE) == VERSION &&
            ip_add(ip_row_number(trailer, ROW(xml_offset)), ip_row_number(trailer, ROW(xml_length)), &end) &&
            end <= start + i)
            return start + i;
    }
    return IMGPROBE_UNKNOWN;
}

/* QEMU takes the first "koly" of the end, whatever follows it. */
static enum imgprobe_status check_first(struct probe *p, uint64_t at)
{
    uint64_t start = p->size > SEARCHED ? p->size - SEARCHED : 0;
    struct imgprobe_bytes before;
    size_t found;
    enum imgprobe_status s = ip_bytes(p, "trailer", start, at - start, &before);

    if (s == IMGPROBE_OK && ip_find(before, "koly", &found))
        return ip_fail_what(p, IMGPROBE_AMBIGUOUS, "trailer", start + found, "one before it isn't valid");
    return s;
}

static enum imgprobe_status check_fork(struct probe *p, uint64_t at, const struct field *row, uint64_t offset,
                                       uint64_t length)
{
    if (offset >= at || length > at - offset)
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, row, at, "doesn't lie in front of the trailer");
    return IMGPROBE_OK;
}

static enum imgprobe_status check_trailer(struct probe *p, uint64_t at, const struct dmg *t)
{
    enum imgprobe_status s = IMGPROBE_OK;

    if (t->data_fork_offset > at)
        return ip_fail_row(p, IMGPROBE_MALFORMED, ROW(data_fork_offset), at, t->data_fork_offset, 0, at);
    s = check_fork(p, at, ROW(rsrc_fork_offset), t->rsrc_fork_offset, t->rsrc_fork_length);
    s = s ? s : check_fork(p, at, ROW(xml_offset), t->xml_offset, t->xml_length);
    if (s == IMGPROBE_OK && t->rsrc_fork_length == 0 && (t->xml_length == 0 || t->xml_length > MOST_LIST))
        return ip_fail_row(p, IMGPROBE_MALFORMED, ROW(xml_length), at, t->xml_length, 1, MOST_LIST);
    if (s == IMGPROBE_OK && t->rsrc_fork_length == 0 && t->xml_length < LEAST_LIST)
        return ip_fail_versions(p, refuses_no_chunks, ROW(xml_length), at, t->xml_length, LEAST_LIST, MOST_LIST);
    return s;
}

static enum imgprobe_status decode(struct probe *p)
{
    struct dmg t = {0};
    uint64_t at;
    enum imgprobe_status s;

    if (!ip_end_known(p))
        return ip_await_end(p);
    at = koly(p);
    if (at == IMGPROBE_UNKNOWN)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "trailer", 0, "isn't at the end");
    s = check_first(p, at);
    s = s ? s : ip_decode(p, at, trailer_rows, IP_COUNT(trailer_rows), &t);
    s = s ? s : check_trailer(p, at, &t);
    if (s != IMGPROBE_OK)
        return s;
    p->image->virtual_size = t.sector_count * IP_SECTOR;
    p->image->read_only = true; /* to QEMU */
    return IMGPROBE_OK;
}

const struct format ip_dmg = {
    .row =
        {
            .name = "dmg",
            .qemu_name = "dmg",
            .tier = IMGPROBE_TIER_REFUSE,
            .why = "compressed data with many decoders behind it",
            .decoded = true,
            .compiled = IP_COMPILED(dmg),
            .reads = 4,
            .bytes = 8192,
        },
    .parent = PARENT_NEVER,
    .trailer = koly,
    .only_end = "only the end matches, so readers differ: say -f dmg, or -f raw",
    .driver = {.name = "dmg", .class = DRIVER_FORMAT, .keys = ip_keys_file},
    .decode = IP_COMPILED(dmg) ? decode : NULL,
};
