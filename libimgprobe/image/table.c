/* SPDX-License-Identifier: MIT */
/* Fields by rows: the only code that turns an image's bytes into numbers. */
#include "image/image.h"

#include <string.h>

static size_t width(enum ip_type type)
{
    static const unsigned char widths[] = {
        [IP_U8] = 1, [IP_U16BE] = 2, [IP_U32BE] = 4, [IP_U64BE] = 8, [IP_U16LE] = 2, [IP_U32LE] = 4, [IP_U64LE] = 8};

    return widths[type];
}

/* A byte at a time: that is right on every byte order, and needs no aligned address. Compilers make one load of each.
 */
static uint32_t big32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t little32(const unsigned char *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static uint64_t number_at(const unsigned char *at, enum ip_type type)
{
    switch (type) {
    case IP_U16BE:
        return (uint64_t)at[0] << 8 | at[1];
    case IP_U32BE:
        return big32(at);
    case IP_U64BE:
        return (uint64_t)big32(at) << 32 | big32(at + 4);
    case IP_U16LE:
        return (uint64_t)at[1] << 8 | at[0];
    case IP_U32LE:
        return little32(at);
    case IP_U64LE:
        return (uint64_t)little32(at + 4) << 32 | little32(at);
    default:
        return at[0];
    }
}

uint64_t ip_number(struct imgprobe_bytes bytes, size_t offset, enum ip_type type)
{
    if (offset > bytes.length || width(type) > bytes.length - offset)
        return IMGPROBE_UNKNOWN;
    return number_at(bytes.bytes + offset, type);
}

bool ip_ends_at_nul(struct imgprobe_bytes text, size_t unit)
{
    bool ended = false;
    size_t i;

    for (i = 0; i < text.length; i += unit) {
        bool nul = ip_number(text, i, unit == 2 ? IP_U16LE : IP_U8) == 0;

        if (ended && !nul)
            return false;
        ended = nul;
    }
    return true;
}

const struct field *ip_row(const struct field *rows, size_t count, uint16_t member)
{
    while (count > 1 && rows->member != member) {
        rows++;
        count--;
    }
    return rows;
}

uint64_t ip_row_number(struct imgprobe_bytes bytes, const struct field *row)
{
    return ip_number(bytes, row->offset, row->type);
}

enum imgprobe_status ip_fail_row(struct probe *p, enum imgprobe_status status, const struct field *row, uint64_t base,
                                 uint64_t found, uint64_t least, uint64_t most)
{
    return ip_fail(p, status, row->name, base + row->offset, found, least, most);
}

enum imgprobe_status ip_fail_row_what(struct probe *p, enum imgprobe_status status, const struct field *row,
                                      uint64_t base, const char *what)
{
    return ip_fail_what(p, status, row->name, base + row->offset, what);
}

enum imgprobe_status ip_fail_versions(struct probe *p, struct ip_when refused, const struct field *row, uint64_t base,
                                      uint64_t found, uint64_t least, uint64_t most)
{
    const char *what = "the reader refuses such an image in some versions only";
    enum imgprobe_status s;

    if (ip_have(p->versions, refused) == IP_NONE_HAS)
        return IMGPROBE_OK;
    if (ip_have(p->versions, refused) == IP_ALL_HAVE)
        return ip_fail_row(p, IMGPROBE_MALFORMED, row, base, found, least, most);
    s = ip_versions_differ(p->workspace, p->versions, refused, what, &what, &p->image->error);
    return s ? s : ip_fail_what(p, IMGPROBE_AMBIGUOUS, "versions-differ", base + row->offset, what);
}

enum imgprobe_status ip_fail_end(struct probe *p, const struct field *row, uint64_t base, uint64_t end)
{
    return ip_fail_row(p, IMGPROBE_TRUNCATED, row, base, p->size, end, IMGPROBE_UNKNOWN);
}

static bool is_multiple(uint64_t value, enum ip_multiple multiple)
{
    return multiple == IP_OF_512 ? value % 512 == 0 : (value & (value - 1)) == 0;
}

static enum imgprobe_status past_end(struct probe *p, const struct field *row, uint64_t at)
{
    return ip_fail(p, IMGPROBE_TRUNCATED, row->name, at < p->size ? at : p->size, p->size, at + width(row->type),
                   IMGPROBE_UNKNOWN);
}

static inline enum imgprobe_status decode_row(struct probe *p, uint64_t base, struct imgprobe_bytes bytes,
                                              const struct field *row, unsigned char *members,
                                              const struct field **odd)
{
    uint64_t value;

    if (row->offset + width(row->type) > bytes.length)
        return past_end(p, row, base + row->offset);
    value = number_at(bytes.bytes + row->offset, row->type);
    if (value < row->least || value > row->most)
        return ip_fail_row(p, row->otherwise, row, base, value, row->least, row->most);
    memcpy(members + row->member, &value, sizeof value);
    if (row->multiple == IP_OF_1)
        return IMGPROBE_OK;
    if (!*odd && !is_multiple(value, row->multiple))
        *odd = row;
    return IMGPROBE_OK;
}

enum imgprobe_status ip_decode(struct probe *p, uint64_t base, const struct field *rows, size_t count, void *ret)
{
    const struct field *odd = NULL; /* the first that isn't its multiple */
    struct imgprobe_bytes bytes;
    uint64_t end = 0;
    enum imgprobe_status s;
    size_t i;

    for (i = 0; i < count; i++)
        if (rows[i].offset + width(rows[i].type) > end)
            end = rows[i].offset + width(rows[i].type);
    if (base > UINT64_MAX - end)
        return ip_fail(p, IMGPROBE_TRUNCATED, rows[0].name, p->size, p->size, UINT64_MAX - 1, IMGPROBE_UNKNOWN);
    s = ip_bytes_up_to(p, base, end, &bytes);
    for (i = 0; s == IMGPROBE_OK && i < count; i++)
        s = decode_row(p, base, bytes, &rows[i], ret, &odd);
    if (s == IMGPROBE_OK && odd)
        return ip_fail_row_what(p, odd->otherwise, odd, base,
                                odd->multiple == IP_OF_512 ? "isn't a multiple of 512" : "isn't a power of two");
    return s;
}
