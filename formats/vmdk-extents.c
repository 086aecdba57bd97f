/* SPDX-License-Identifier: MIT */
/*
 * VMDK's extent lines, read as QEMU's vmdk_parse_extents does: at the start of each line by
 *     scanf("%10s %lld %10s \"%511[^\n\r\"]\" %lld")
 * whose blanks include line ends. So an extent may be spread over lines, and an empty line before one counts it
 * twice.
 */
#include "vmdk.h"

#define MOST_WORD 10
#define MOST_NAME 511

struct number {
    uint64_t value; /* saturates at INT64_MAX */
    bool negative;
};

/* What one scan found; `matches` counts scanf's conversions. */
struct line {
    size_t start; /* of its first word, where the scan began */
    size_t name_offset;
    struct imgprobe_bytes access, type, name;
    struct number sectors, flat_offset;
    int matches;
    bool cut; /* the name ran into the end of the text */
};

enum opened { BY_QEMU, BY_OTHERS };
struct kind {
    const char *type;
    const char *format;
    enum opened opened;
    bool sized;  /* the line says how much of the disk it gives */
    bool offset; /* the line must say where the data begins; else it must not */
};

/* Types whose extents are skipped by QEMU name host devices, which VMware opens. */
static const struct kind kinds[] = {
    {"FLAT", "raw", BY_QEMU, true, true},        {"VMFS", "raw", BY_QEMU, true, false},
    {"SPARSE", "vmdk", BY_QEMU, false, false},   {"VMFSSPARSE", "vmdk", BY_QEMU, false, false},
    {"SESPARSE", "vmdk", BY_QEMU, false, false}, {"VMFSRDM", "raw", BY_OTHERS, true, false},
    {"VMFSRAW", "raw", BY_OTHERS, true, false},
};

static size_t skip_blanks(struct imgprobe_bytes text, size_t i)
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

/* The place behind the number; the same place when there is none. */
static size_t scan_number(struct imgprobe_bytes text, size_t i, struct number *ret)
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

static size_t scan_name(struct imgprobe_bytes text, size_t i, struct line *line)
{
    size_t end = i;
    unsigned char c;

    while (end < text.length && end - i < MOST_NAME && (c = text.bytes[end]) != '"' && c != '\n' && c != '\r')
        end++;
    line->name = ip_part(text, i, end - i);
    line->name_offset = i;
    line->cut = end == text.length;
    return end;
}

static void scan_line(struct imgprobe_bytes text, size_t start, struct line *line)
{
    size_t i, next;

    *line = (struct line){.start = start};
    i = skip_blanks(text, scan_word(text, start, &line->access));
    line->matches = line->access.length != 0;
    next = scan_number(text, i, &line->sectors);
    if (line->matches == 0 || next == i)
        return;
    line->matches = 2;
    i = skip_blanks(text, scan_word(text, skip_blanks(text, next), &line->type));
    if (line->type.length == 0)
        return;
    line->matches = 3;
    if (ip_vmdk_at(text, i) != '"')
        return;
    i = scan_name(text, i + 1, line);
    if (line->name.length == 0)
        return;
    line->matches = 4;
    if (ip_vmdk_at(text, i) != '"')
        return;
    i = skip_blanks(text, i + 1);
    line->matches += scan_number(text, i, &line->flat_offset) != i;
}

static const struct kind *kind_of(const struct line *line)
{
    size_t i;

    for (i = 0; i < IP_COUNT(kinds); i++)
        if (ip_equal(line->type, kinds[i].type))
            return &kinds[i];
    return NULL;
}

static enum imgprobe_status check_line(struct probe *p, const struct line *line, const struct kind *kind, uint64_t at)
{
    uint64_t bytes;

    if (line->cut)
        return ip_fail_what(p, IMGPROBE_TRUNCATED, "extent line", at, "the text ends inside a name");
    if (kind && kind->offset ? line->matches != 5 || line->flat_offset.negative : line->matches != 4)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "extent line", at,
                            "FLAT wants an offset of 0 or more behind the name, every other type wants none");
    if (line->sectors.value > VMDK_MOST_SECTORS && !line->sectors.negative)
        return ip_fail(p, IMGPROBE_MALFORMED, "extent sectors", at, line->sectors.value, 0, VMDK_MOST_SECTORS);
    if (!ip_multiply(line->flat_offset.value, IP_SECTOR, &bytes))
        return ip_fail(p, IMGPROBE_MALFORMED, "extent offset", at, line->flat_offset.value, 0, VMDK_MOST_SECTORS);
    return IMGPROBE_OK;
}

static enum imgprobe_status refer(struct probe *p, const struct line *line, const struct kind *kind, uint64_t offset,
                                  const char *access)
{
    struct imgprobe_reference *r;

    if (ip_reference(p, IMGPROBE_ROLE_EXTENT, line->name, offset + line->name_offset, &r) != IMGPROBE_OK)
        return IMGPROBE_LIMIT;
    r->format = ip_string(kind ? kind->format : "raw");
    r->format_source = IMGPROBE_FORMAT_IMPLIED;
    r->type = kind ? kind->type : NULL;
    r->access = access;
    r->ignored = access[1] != 'W' || !kind || kind->opened != BY_QEMU;
    if (!ip_multiply(line->sectors.value, IP_SECTOR, &r->stated_size) ||
        !ip_multiply(line->flat_offset.value, IP_SECTOR, &r->data_offset))
        return ip_fail(p, IMGPROBE_MALFORMED, "extent sectors", offset + line->start, line->sectors.value, 0,
                       VMDK_MOST_SECTORS);
    if (kind && kind->sized)
        r->size = r->stated_size;
    return IMGPROBE_OK;
}

/* A line that QEMU passes over and that gives the disk something elsewhere must not go unsaid. */
static enum imgprobe_status passed_over(struct probe *p, const struct line *line, uint64_t offset)
{
    if (line->matches >= 3 && ip_equal(line->access, "RW") && ip_equal(line->type, "ZERO"))
        return ip_finding(p, "sizes-disagree", IMGPROBE_WARNING, offset + line->start,
                          "QEMU passes over ZERO extents, so its disk is smaller than VMware's");
    if (line->matches < 4 || line->sectors.negative || line->sectors.value == 0)
        return IMGPROBE_OK;
    if (ip_equal(line->access, "RDONLY"))
        return refer(p, line, kind_of(line), offset, "RDONLY");
    if (ip_equal(line->access, "NOACCESS"))
        return ip_finding(p, "sizes-disagree", IMGPROBE_WARNING, offset + line->start,
                          "QEMU passes over NOACCESS extents, so its disk is smaller than VMware's");
    return IMGPROBE_OK;
}

static enum imgprobe_status take_line(struct probe *p, const struct line *line, uint64_t offset, uint64_t *extents)
{
    const struct kind *kind = kind_of(line);
    enum imgprobe_status s;

    if (line->matches < 4 || !ip_equal(line->access, "RW"))
        return passed_over(p, line, offset);
    s = check_line(p, line, kind, offset + line->start);
    if (s != IMGPROBE_OK || line->sectors.negative || line->sectors.value == 0)
        return s;
    if (!kind)
        return ip_finding(p, "extent-type-unknown", IMGPROBE_WARNING, offset + line->start,
                          "an extent of a type that no reader is known to open");
    if (kind->opened == BY_QEMU && ++*extents > p->limits.chain_members)
        return ip_fail(p, IMGPROBE_LIMIT, "chain_members", offset + line->start, *extents, 0,
                       p->limits.chain_members);
    return refer(p, line, kind, offset, "RW");
}

enum imgprobe_status ip_vmdk_extents(struct probe *p, struct imgprobe_bytes text, uint64_t offset)
{
    struct line line = {.start = 0};
    uint64_t extents = 0;
    bool scanned = false;
    size_t i;
    enum imgprobe_status s = IMGPROBE_OK;

    for (i = 0; i < text.length && s == IMGPROBE_OK; i = ip_vmdk_skip_to(text, i, '\n') + 1) {
        /* Lines of blanks all see the next word: it is scanned once, or cost would grow with their square. */
        if (!scanned || i > line.start)
            scan_line(text, skip_blanks(text, i), &line);
        scanned = true;
        s = take_line(p, &line, offset, &extents);
    }
    if (s == IMGPROBE_OK && extents == 0)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "extent line", offset,
                            "the descriptor has no extent that QEMU opens");
    return s;
}
