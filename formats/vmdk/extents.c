/* SPDX-License-Identifier: MIT */
/*
 * VMDK's extent lines, read as QEMU's vmdk_parse_extents does: at the start of each line by
 *     scanf("%10s %lld %10s \"%511[^\n\r\"]\" %lld")
 * whose blanks include line ends. So an extent may be spread over lines, and an empty line before one counts it
 * twice.
 */
#include "vmdk.h"

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

static const struct kind *kind_of(const struct vmdk_line *line)
{
    size_t i;

    for (i = 0; i < IP_COUNT(kinds); i++)
        if (ip_equal(line->type, kinds[i].type))
            return &kinds[i];
    return NULL;
}

/* What may stand behind a name is QEMU's rule, for the disks that it opens. Of others, a line only says to what the
 * disk refers. */
static enum imgprobe_status check_line(struct probe *p, const struct vmdk_line *line, const struct kind *kind,
                                       uint64_t at, bool opened)
{
    uint64_t bytes;

    if (line->cut)
        return ip_fail_what(p, IMGPROBE_TRUNCATED, "extent line", at, "the text ends inside a name");
    if (!opened)
        return IMGPROBE_OK;
    if (kind && kind->offset ? line->matches != 5 || line->flat_offset.negative : line->matches != 4)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "extent line", at,
                            kind && kind->offset ? "its type wants an offset of 0 or more behind the name"
                                                 : "nothing may stand behind the name");
    if (line->sectors.value > VMDK_MOST_SECTORS && !line->sectors.negative)
        return ip_fail(p, IMGPROBE_MALFORMED, "extent sectors", at, line->sectors.value, 0, VMDK_MOST_SECTORS);
    if (!ip_multiply(line->flat_offset.value, IP_SECTOR, &bytes))
        return ip_fail(p, IMGPROBE_MALFORMED, "extent offset", at, line->flat_offset.value, 0, VMDK_MOST_SECTORS);
    return IMGPROBE_OK;
}

static enum imgprobe_status refer(struct probe *p, const struct vmdk_line *line, const struct kind *kind,
                                  uint64_t offset, const char *access)
{
    struct imgprobe_reference *r;
    enum imgprobe_status s = ip_reference(p, IMGPROBE_ROLE_EXTENT, line->name, offset + line->name_offset, &r);

    if (s != IMGPROBE_OK)
        return s;
    ip_imply(r, kind ? kind->format : "raw");
    r->stated.type = kind ? kind->type : NULL;
    r->stated.access = access;
    if (access[1] != 'W')
        ip_ignore(r, "QEMU passes over an extent that isn't RW: the disk would lack what it holds");
    else if (!kind || kind->opened != BY_QEMU)
        ip_ignore(r, "QEMU passes over an extent of this type: the disk would lack what it holds");
    if (!ip_multiply(line->sectors.value, IP_SECTOR, &r->stated.size) ||
        !ip_multiply(line->flat_offset.value, IP_SECTOR, &r->stated.data_offset))
        return ip_fail(p, IMGPROBE_MALFORMED, "extent sectors", offset + line->start, line->sectors.value, 0,
                       VMDK_MOST_SECTORS);
    if (kind && kind->sized)
        r->led.size = r->stated.size;
    return IMGPROBE_OK;
}

/* A line that QEMU passes over may still give the disk something to another reader. That must be said. */
static enum imgprobe_status passed_over(struct probe *p, const struct vmdk_line *line, uint64_t offset)
{
    bool none = ip_equal(line->access, "NOACCESS"), read_only = ip_equal(line->access, "RDONLY");

    if ((none || read_only || ip_equal(line->access, "RW")) && ip_equal(line->type, "ZERO"))
        return ip_finding(p, FOUND_SIZES_DISAGREE, offset + line->start,
                          "QEMU passes over ZERO extents, so its disk is smaller than VMware's");
    if (line->matches < 4 || line->sectors.negative || line->sectors.value == 0)
        return IMGPROBE_OK;
    if (read_only)
        return refer(p, line, kind_of(line), offset, "RDONLY");
    if (none)
        return ip_finding(p, FOUND_SIZES_DISAGREE, offset + line->start,
                          "QEMU passes over NOACCESS extents, so its disk is smaller than VMware's");
    return IMGPROBE_OK;
}

/* What all lines together give. */
struct total {
    uint64_t extents, sectors;
};

static enum imgprobe_status count_line(struct probe *p, const struct vmdk_line *line, const struct kind *kind,
                                       uint64_t at, struct total *total)
{
    if (kind->opened != BY_QEMU)
        return IMGPROBE_OK;
    if (++total->extents > p->limits.chain_members)
        return ip_fail(p, IMGPROBE_LIMIT, "chain_members", at, total->extents, 0, p->limits.chain_members);
    if (kind->sized)
        total->sectors += line->sectors.value; /* each at most 2^54, and 65,536 of them */
    if (total->sectors > VMDK_MOST_SECTORS)
        return ip_fail(p, IMGPROBE_MALFORMED, "extent sectors", at, total->sectors, 0, VMDK_MOST_SECTORS);
    return IMGPROBE_OK;
}

static enum imgprobe_status take_line(struct probe *p, const struct vmdk_line *line, uint64_t offset, bool opened,
                                      struct total *total)
{
    const struct kind *kind;
    enum imgprobe_status s;

    if (line->matches < 3)
        return IMGPROBE_OK; /* most lines end here; a blank one is asked about once for each byte */
    if (line->matches < 4 || !ip_equal(line->access, "RW"))
        return passed_over(p, line, offset);
    kind = kind_of(line);
    s = check_line(p, line, kind, offset + line->start, opened);
    if (s != IMGPROBE_OK || line->sectors.negative || line->sectors.value == 0)
        return s;
    if (!kind)
        return ip_finding(p, FOUND_EXTENT_TYPE_UNKNOWN, offset + line->start,
                          "an extent of a type that no reader is known to open");
    if (line->overlong)
        s = ip_finding(p, FOUND_OTHER_READER_DIFFERS, offset + line->name_offset,
                       "the name is longer than QEMU reads: it opens the first 511 bytes of it, VMware all");
    s = s ? s : count_line(p, line, kind, offset + line->start, total);
    return s ? s : refer(p, line, kind, offset, "RW");
}

/* No access begins with another letter, and a line without one gives nothing: it isn't scanned. */
static void scan(struct imgprobe_bytes text, size_t start, struct vmdk_line *line)
{
    unsigned char first = ip_vmdk_at(text, start);

    line->start = line->end = start;
    line->matches = 0;
    if (first == 'R' || first == 'N')
        ip_vmdk_scan_line(text, start, line);
}

enum imgprobe_status ip_vmdk_extents(struct probe *p, const struct vmdk_text *all, uint64_t offset, bool opened)
{
    struct imgprobe_bytes text = all->bytes;
    struct vmdk_line line = {.start = 0};
    struct total total = {0, 0};
    struct imgprobe_reference **references = NULL;
    struct imgprobe_finding **findings = NULL;
    size_t i;
    enum imgprobe_status s = IMGPROBE_OK;

    for (i = 0; i < text.length && s == IMGPROBE_OK; i = ip_vmdk_skip_to(text, i, '\n') + 1) {
        /* Lines of blanks all come to the same next word. It is scanned once, or the cost would grow with their
         * square. */
        if (i == 0 || i > line.start)
            scan(text, ip_vmdk_skip_blanks(text, i), &line);
        else if (references == p->reference_tail && findings == p->finding_tail)
            continue; /* a word that gave nothing at one line gives nothing at the next */
        if (all->more && line.end + 1 >= text.length)
            return IMGPROBE_OK; /* it may mean something else with what comes behind */
        references = p->reference_tail;
        findings = p->finding_tail;
        s = take_line(p, &line, offset, opened, &total);
    }
    if (s == IMGPROBE_OK && opened && !all->more && total.extents == 0)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "extent line", offset,
                            "the descriptor has no extent that QEMU opens");
    return s;
}
