/* SPDX-License-Identifier: MIT */
/*
 * One extent line, scanned as QEMU's vmdk_parse_extents does, by
 *     scanf("%10s %lld %10s \"%511[^\n\r\"]\" %lld")
 * whose blanks include line ends. So an extent may be spread over lines, and an empty line before one counts it
 * twice.
 */
#include "vmdk.h"

#define MOST_WORD 10
#define MOST_NAME 511

size_t ip_vmdk_skip_blanks(struct imgprobe_bytes text, size_t i)
{
    while (ip_vmdk_is_space(ip_vmdk_at(text, i)))
        i++;
    return i;
}

static size_t scan_word(struct imgprobe_bytes text, size_t i, struct imgprobe_bytes *ret)
{
    size_t end = i;

    while (end < text.length && end - i < MOST_WORD && !ip_vmdk_is_space(text.bytes[end]))
        end++;
    *ret = ip_part(text, i, end - i);
    return end;
}

/* Scans a number. Returns where it ends; `i` where there is none. */
static size_t scan_number(struct imgprobe_bytes text, size_t i, struct vmdk_number *ret)
{
    size_t start = i, digits;
    uint64_t value = 0;

    ret->negative = ip_vmdk_at(text, i) == '-';
    if (ip_vmdk_at(text, i) == '-' || ip_vmdk_at(text, i) == '+')
        i++;
    for (digits = i; ip_vmdk_at(text, i) >= '0' && ip_vmdk_at(text, i) <= '9'; i++)
        if (!ip_multiply(value, 10, &value) || !ip_add(value, ip_vmdk_at(text, i) - (uint64_t)'0', &value))
            value = INT64_MAX;
    ret->value = value > INT64_MAX ? INT64_MAX : value;
    return i == digits ? start : i;
}

static size_t scan_name(struct imgprobe_bytes text, size_t i, struct vmdk_line *line)
{
    size_t end = i;
    unsigned char c;

    while ((c = ip_vmdk_at(text, end)) != '"' && c != '\n' && c != '\r' && end < text.length && end - i < MOST_NAME)
        end++;
    line->name = ip_part(text, i, end - i);
    line->name_offset = i;
    line->cut = end == text.length;
    line->overlong = end - i == MOST_NAME && c != '"' && c != '\n' && c != '\r';
    return end;
}

/* Returns where it ended. */
static size_t scan_words(struct imgprobe_bytes text, size_t start, struct vmdk_line *line)
{
    size_t i, next;

    i = ip_vmdk_skip_blanks(text, scan_word(text, start, &line->access));
    line->matches = line->access.length != 0;
    next = scan_number(text, i, &line->sectors);
    if (line->matches == 0 || next == i)
        return i;
    line->matches = 2;
    i = ip_vmdk_skip_blanks(text, scan_word(text, ip_vmdk_skip_blanks(text, next), &line->type));
    if (line->type.length == 0)
        return i;
    line->matches = 3;
    if (ip_vmdk_at(text, i) != '"')
        return i;
    i = scan_name(text, i + 1, line);
    if (line->name.length == 0)
        return i;
    line->matches = 4;
    if (ip_vmdk_at(text, i) != '"')
        return i;
    i = ip_vmdk_skip_blanks(text, i + 1);
    next = scan_number(text, i, &line->flat_offset);
    line->matches += next != i;
    return next;
}

void ip_vmdk_scan_line(struct imgprobe_bytes text, size_t start, struct vmdk_line *line)
{
    *line = (struct vmdk_line){.start = start};
    line->end = scan_words(text, start, line);
}
