/* SPDX-License-Identifier: MIT */
/*
 * A VMDK as imago reads it: a text of flat extents, line by line, each key whole. What it takes and a cautious reader
 * may take otherwise is refused, and so is a text that QEMU wouldn't probe as one.
 */
#include "vmdk.h"

#define MOST_DIGITS 18

struct disk {
    const unsigned char *text;
    uint64_t extents, sectors;
};

static uint64_t place(const struct disk *disk, struct imgprobe_bytes part)
{
    return (uint64_t)(part.bytes - disk->text);
}

/* It takes blanks away at both ends of a line, a name and a key: those of Unicode, too. Nor does it stop at a NUL. */
static const char *const odd_blanks[] = {"\xc2\x85", "\xc2\xa0",     "\xe1\x9a\x80",
                                         "\xe2\x80", "\xe2\x81\x9f", "\xe3\x80\x80"};

static enum imgprobe_status read_text(struct probe *p, struct vmdk_text *all)
{
    size_t i, at;
    enum imgprobe_status s = ip_vmdk_read_text(p, 0, UINT64_MAX, all);
    const struct imgprobe_bytes *ret = &all->bytes;

    if (s != IMGPROBE_OK || all->more)
        return s;
    if (ret->length < p->size)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "descriptor", ret->length, "imago reads on behind the NUL here");
    if (!ip_utf8_valid(*ret))
        return ip_fail_what(p, IMGPROBE_MALFORMED, "descriptor", 0, "it isn't UTF-8: imago refuses that");
    for (i = 0; i < IP_COUNT(odd_blanks); i++)
        if (ip_find(*ret, odd_blanks[i], &at))
            return ip_fail_what(p, IMGPROBE_MALFORMED, "descriptor", at,
                                "it may hold a blank that isn't ASCII, which imago passes over");
    return IMGPROBE_OK;
}

static struct imgprobe_bytes trimmed(struct imgprobe_bytes text)
{
    size_t start = ip_vmdk_skip_blanks(text, 0), end = text.length;

    while (end > start && ip_vmdk_is_space(text.bytes[end - 1]))
        end--;
    return ip_part(text, start < end ? start : end, start < end ? end - start : 0);
}

/* The next word of a line, which is taken away from its front. */
static struct imgprobe_bytes word(struct imgprobe_bytes *line)
{
    size_t start = ip_vmdk_skip_blanks(*line, 0), end = start;
    struct imgprobe_bytes found;

    while (end < line->length && !ip_vmdk_is_space(line->bytes[end]))
        end++;
    found = ip_part(*line, start < end ? start : end, end - start);
    *line = ip_part(*line, end, line->length - end);
    return found;
}

static bool number(struct imgprobe_bytes digits, uint64_t *ret)
{
    size_t i;

    *ret = 0;
    for (i = 0; i < digits.length; i++) {
        if (digits.bytes[i] < '0' || digits.bytes[i] > '9')
            return false;
        *ret = *ret * 10 + digits.bytes[i] - '0';
    }
    return i > 0 && i <= MOST_DIGITS;
}

/* The value of a key, with or without quotes. */
static struct imgprobe_bytes unquoted(struct imgprobe_bytes value)
{
    bool quoted = value.length > 1 && value.bytes[0] == '"' && value.bytes[value.length - 1] == '"';

    return quoted ? ip_part(value, 1, value.length - 2) : value;
}

static enum imgprobe_status bad_extent(struct probe *p, uint64_t at, const char *what)
{
    return ip_fail_what(p, IMGPROBE_MALFORMED, "extent line", at, what);
}

/* `rest` is what stands behind the type of a flat extent. */
static enum imgprobe_status flat(struct probe *p, struct imgprobe_bytes rest, const struct disk *disk,
                                 const char *access, uint64_t sectors)
{
    uint64_t offset = 0, at = place(disk, rest);
    size_t start = ip_vmdk_skip_blanks(rest, 0), end = ip_vmdk_skip_to(rest, start + 1, '"');
    struct imgprobe_bytes name, behind, digits;
    struct imgprobe_reference *r;
    enum imgprobe_status s;

    if (ip_vmdk_at(rest, start) != '"' || end >= rest.length)
        return bad_extent(p, at, "imago wants a name in quotes here");
    name = trimmed(ip_part(rest, start + 1, end - start - 1));
    behind = ip_part(rest, end + 1, rest.length - end - 1);
    digits = word(&behind);
    if (name.length == 0 || (digits.length && !number(digits, &offset)))
        return bad_extent(p, at, "imago wants a name, and a number or nothing behind it");
    s = ip_reference(p, IMGPROBE_ROLE_EXTENT, name, place(disk, name), &r);
    if (s != IMGPROBE_OK)
        return s;
    ip_imply(r, "raw");
    r->stated.type = "FLAT";
    r->stated.access = access;
    r->stated.size = r->led.size = sectors * IP_SECTOR;
    if (!ip_multiply(offset, IP_SECTOR, &r->stated.data_offset))
        return bad_extent(p, at, "its offset is too large");
    return IMGPROBE_OK;
}

static enum imgprobe_status extent(struct probe *p, struct imgprobe_bytes line, const char *access, struct disk *disk)
{
    struct imgprobe_bytes type;
    uint64_t sectors, at = place(disk, line);

    if (!number(word(&line), &sectors) || sectors > VMDK_MOST_SECTORS - disk->sectors)
        return bad_extent(p, at, "imago wants a number of sectors here, and one that a disk may have");
    disk->sectors += sectors;
    if (access[0] == 'N')
        return IMGPROBE_OK; /* it opens no file for that */
    type = word(&line);
    if (ip_equal(type, "ZERO"))
        return IMGPROBE_OK;
    if (!ip_equal(type, "FLAT"))
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "extent line", at, "imago knows the types FLAT and ZERO alone");
    if (++disk->extents > p->limits.chain_members)
        return ip_fail(p, IMGPROBE_LIMIT, "chain_members", at, disk->extents, 0, p->limits.chain_members);
    return flat(p, line, disk, access, sectors);
}

static enum imgprobe_status key(struct probe *p, struct imgprobe_bytes name, struct imgprobe_bytes value, uint64_t at)
{
    static const char *const ignored[] = {"CID", "parentCID", "createType"};
    static const char *const numbers[] = {"ddb.geometry.sectors", "ddb.geometry.heads", "ddb.geometry.cylinders"};
    struct imgprobe_bytes start = ip_part(name, 0, 4);
    uint64_t found;
    size_t i;

    for (i = 0; i < IP_COUNT(ignored); i++)
        if (ip_equal(name, ignored[i]))
            return IMGPROBE_OK;
    if (ip_equal(name, "version"))
        return number(value, &found) && found >= 1 && found <= 3
                   ? IMGPROBE_OK
                   : ip_fail_what(p, IMGPROBE_UNSUPPORTED, "version", at, "imago knows 1 to 3");
    if (ip_equal(name, "parentFileNameHint"))
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "parentFileNameHint", at, "imago opens none that has a parent");
    for (i = 0; i < IP_COUNT(numbers); i++)
        if (ip_equal(name, numbers[i]) && !number(unquoted(value), &found))
            return ip_fail_what(p, IMGPROBE_MALFORMED, "ddb.geometry", at, "imago wants a number here");
    if (start.bytes && ip_equal(start, "ddb."))
        return IMGPROBE_OK;
    return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "descriptor", at, "imago refuses a key that it doesn't know");
}

static enum imgprobe_status take_line(struct probe *p, struct imgprobe_bytes line, struct disk *disk)
{
    static const char *const accesses[] = {"RW", "RDONLY", "NOACCESS"};
    struct imgprobe_bytes rest = line, first = word(&rest);
    size_t i, sign;

    if (line.length == 0 || line.bytes[0] == '#')
        return IMGPROBE_OK;
    for (i = 0; i < IP_COUNT(accesses); i++)
        if (rest.length != 0 && ip_equal(first, accesses[i]))
            return extent(p, rest, accesses[i], disk);
    sign = ip_vmdk_skip_to(line, 0, '=');
    if (sign == line.length)
        return IMGPROBE_OK; /* it passes over a line without a sign */
    return key(p, trimmed(ip_part(line, 0, sign)), trimmed(ip_part(line, sign + 1, line.length - sign - 1)),
               place(disk, line));
}

enum imgprobe_status ip_vmdk_for_imago(struct probe *p)
{
    struct vmdk_text all = {{NULL, 0}, false};
    struct imgprobe_bytes text;
    struct disk disk = {NULL, 0, 0};
    size_t i, end;
    enum imgprobe_status s = ip_bytes_up_to(p, 0, IP_SECTOR, &text);

    if (s != IMGPROBE_OK)
        return s;
    if (!ip_vmdk_text(p))
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "descriptor", 0, "imago opens the text of a VMDK and no other");
    s = read_text(p, &all);
    text = all.bytes;
    disk.text = text.bytes;
    for (i = 0; i < text.length && s == IMGPROBE_OK; i = end + 1) {
        end = ip_vmdk_skip_to(text, i, '\n');
        if (all.more && end == text.length)
            break;
        s = take_line(p, trimmed(ip_part(text, i, end - i)), &disk);
    }
    if (s == IMGPROBE_OK && all.more)
        return ip_vmdk_await(p, 0, &all);
    /* A file that was only probed refers to nothing, or it would be followed where imago takes it for raw. */
    if (s == IMGPROBE_OK && disk.extents == 0)
        return bad_extent(p, 0, "the descriptor has no extent that imago opens");
    p->image->virtual_size = disk.sectors * IP_SECTOR;
    p->image->read_only = true;
    return s;
}
