/* SPDX-License-Identifier: MIT */
/* Fields by rows: the only code that turns an image's bytes into numbers. */
#include "image/image.h"

#include <string.h>

static size_t width(enum ip_type type)
{
    switch (type) {
    case IP_U8:
        return 1;
    case IP_U16BE:
    case IP_U16LE:
        return 2;
    case IP_U32BE:
    case IP_U32LE:
        return 4;
    case IP_U64BE:
    case IP_U64LE:
        break;
    }
    return 8;
}

static bool little_endian(enum ip_type type)
{
    return type == IP_U16LE || type == IP_U32LE || type == IP_U64LE;
}

uint64_t ip_number(struct imgprobe_bytes bytes, size_t offset, enum ip_type type)
{
    size_t i, length = width(type);
    uint64_t number = 0;

    if (offset > bytes.length || length > bytes.length - offset)
        return IMGPROBE_UNKNOWN;
    for (i = 0; i < length; i++)
        number = number << 8 | bytes.bytes[offset + (little_endian(type) ? length - 1 - i : i)];
    return number;
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

enum imgprobe_status ip_fail_end(struct probe *p, const struct field *row, uint64_t base, uint64_t end)
{
    return ip_fail_row(p, IMGPROBE_TRUNCATED, row, base, p->size, end, IMGPROBE_UNKNOWN);
}

static enum imgprobe_status decode_row(struct probe *p, uint64_t base, struct imgprobe_bytes bytes,
                                       const struct field *row, unsigned char *members)
{
    uint64_t value, at = base + row->offset;

    if (row->offset > bytes.length || width(row->type) > bytes.length - row->offset)
        return ip_fail(p, IMGPROBE_TRUNCATED, row->name, at < p->size ? at : p->size, p->size, at + width(row->type),
                       IMGPROBE_UNKNOWN);
    value = ip_row_number(bytes, row);
    if (value < row->least || value > row->most)
        return ip_fail_row(p, row->otherwise, row, base, value, row->least, row->most);
    memcpy(members + row->member, &value, sizeof value);
    return IMGPROBE_OK;
}

static enum imgprobe_status check_multiple(struct probe *p, uint64_t base, struct imgprobe_bytes bytes,
                                           const struct field *row)
{
    uint64_t value = ip_row_number(bytes, row);

    if (row->multiple == IP_OF_512 && value % 512 != 0)
        return ip_fail_row_what(p, row->otherwise, row, base, "isn't a multiple of 512");
    if (row->multiple == IP_POWER_OF_2 && (value & (value - 1)) != 0)
        return ip_fail_row_what(p, row->otherwise, row, base, "isn't a power of two");
    return IMGPROBE_OK;
}

enum imgprobe_status ip_decode(struct probe *p, uint64_t base, const struct field *rows, size_t count, void *ret)
{
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
        s = decode_row(p, base, bytes, &rows[i], ret);
    for (i = 0; s == IMGPROBE_OK && i < count; i++)
        s = check_multiple(p, base, bytes, &rows[i]);
    return s;
}
