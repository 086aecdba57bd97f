/* SPDX-License-Identifier: MIT */
/*
 * The names that a differencing VHD has for its parent: Microsoft's specification 1.0, "Dynamic Disk Header Format"
 * and "Parent Locator": the locators in the header's order, then the header's own name. QEMU opens none of them and
 * would read zeros. libvhd opens the first that is there.
 */
#include "vhd.h"

#define HEADER_LENGTH 1024
#define PARENT_ID 40
#define LOCATORS 8
#define LOCATORS_OFFSET 576
#define LOCATOR_LENGTH 24
#define NAME_LENGTH 512
#define MOST_SPAN 4096 /* eight sectors, one for each */

struct header {
    uint64_t parent_id_high, parent_id_low;
};
struct locator {
    uint64_t code, space, length, offset;
};

/* clang-format off */
static const struct field header_rows[] = {
    FIELD(struct header,   PARENT_ID,     U64BE, parent_id_high, 0, IP_ANY, MALFORMED),
    FIELD(struct header,   PARENT_ID + 8, U64BE, parent_id_low,  0, IP_ANY, MALFORMED),
};
static const struct field locator_rows[] = {
    FIELD(struct locator,   0, U32BE, code,           0, IP_ANY, MALFORMED),
    FIELD(struct locator,   4, U32BE, space,          0, IP_ANY, MALFORMED), /* writers differ in its unit */
    FIELD(struct locator,   8, U32BE, length,         0, IP_ANY, MALFORMED), /* and the limit of a name */
    FIELD(struct locator,  16, U64BE, offset,         0, IP_ANY, MALFORMED), /* and the file */
};
/* clang-format on */
#define ROW(name) IP_ROW(locator_rows, struct locator, name)

enum encoding { BYTES, UTF16LE, BLOB };
struct platform {
    uint64_t code;
    const char *name;
    enum encoding encoding;
    bool windows;
};
static const struct platform platforms[] = {
    {0x57327275, "W2ru", UTF16LE, true}, {0x57326b75, "W2ku", UTF16LE, true}, {0x57693272, "Wi2r", BYTES, true},
    {0x5769326b, "Wi2k", BYTES, true},   {0x4d616358, "MacX", BYTES, false},  {0x4d616320, "Mac ", BLOB, false},
};

static enum imgprobe_status add(struct probe *p, struct imgprobe_bytes stored, uint64_t at, const char *type,
                                const char *encoding, bool windows, uint64_t room)
{
    struct imgprobe_bytes name = stored;
    struct imgprobe_reference *r;
    enum imgprobe_status s = IMGPROBE_OK;

    if (encoding)
        s = ip_utf16(p, stored, ip_equal(ip_string(encoding), "UTF-16BE"), &name);
    if (s != IMGPROBE_OK || (name.length == 0 && encoding && p->reader == IMGPROBE_READER_QEMU))
        return s;
    s = ip_reference(p, IMGPROBE_ROLE_BACKING, name, at, &r);
    if (s == IMGPROBE_OK && encoding)
        s = ip_copy(p, stored, &r->stated.stored);
    if (s != IMGPROBE_OK)
        return s;
    r->stated.encoding = encoding;
    r->stated.type = type;
    r->stated.windows = windows;
    r->stated.candidate = true;
    ip_reserve(r, room);
    if (p->reader == IMGPROBE_READER_QEMU)
        ip_ignore(r, "QEMU looks for no parent of a VHD: the guest would read zeros");
    ip_imply(r, p->image->parent_unique_id.bytes ? "vhd" : "raw"); /* to Xen: without an id it is raw */
    return IMGPROBE_OK;
}

static const struct platform *platform_of(uint64_t code)
{
    size_t i;

    for (i = 0; i < IP_COUNT(platforms); i++)
        if (platforms[i].code == code)
            return &platforms[i];
    return NULL;
}

static enum imgprobe_status check_locator(struct probe *p, uint64_t at, uint64_t header, const struct locator *l,
                                          const struct platform *platform)
{
    if (p->reader == IMGPROBE_READER_QEMU &&
        (l->length == 0 || (platform->encoding == UTF16LE && l->length % 2 != 0)))
        return ip_fail_what(p, IMGPROBE_MALFORMED, "parent locator data length", at + ROW(length)->offset,
                            "no whole number of characters");
    if (l->length > 2 * p->limits.name_bytes)
        return ip_fail(p, IMGPROBE_LIMIT, "parent locator data length", at + ROW(length)->offset, l->length, 1,
                       2 * p->limits.name_bytes);
    if (l->offset < VHD_FOOTER_LENGTH || (l->offset < header + HEADER_LENGTH && l->offset + l->length > header))
        return ip_fail_what(p, IMGPROBE_MALFORMED, "parent locator data offset", at + ROW(offset)->offset,
                            "overlaps a header");
    return IMGPROBE_OK;
}

/* Bytes, or a number of sectors where it is less than one. Anything else is no room, to libvhd. */
static uint64_t room_of(const struct locator *l)
{
    if (l->space < IP_SECTOR)
        return l->space * IP_SECTOR;
    return l->space % IP_SECTOR == 0 ? l->space : 0;
}

/* A locator that isn't in the file is still evidence of a parent. So it is an error, and not one name fewer, though
 * libvhd goes on to the next. */
static enum imgprobe_status add_locator(struct probe *p, uint64_t header, uint64_t i)
{
    struct locator l = {0};
    const struct platform *platform;
    struct imgprobe_bytes stored;
    uint64_t at = header + LOCATORS_OFFSET + i * LOCATOR_LENGTH;
    enum imgprobe_status s = ip_decode(p, at, locator_rows, IP_COUNT(locator_rows), &l);

    if (s != IMGPROBE_OK || l.code == 0)
        return s;
    platform = platform_of(l.code);
    if (!platform)
        return ip_fail(p, IMGPROBE_UNSUPPORTED, "parent locator platform code", at, l.code, IMGPROBE_UNKNOWN,
                       IMGPROBE_UNKNOWN);
    s = check_locator(p, at, header, &l, platform);
    s = s ? s : ip_bytes(p, "parent locator data", l.offset, l.length, &stored);
    if (s == IMGPROBE_OK && p->reader == IMGPROBE_READER_QEMU && platform->encoding != BLOB &&
        !ip_ends_at_nul(stored, platform->encoding == UTF16LE ? 2 : 1))
        return ip_fail_what(p, IMGPROBE_MALFORMED, "parent locator data", l.offset, "text goes on behind a NUL");
    return s ? s
             : add(p, stored, l.offset, platform->name, platform->encoding == UTF16LE ? "UTF-16LE" : NULL,
                   platform->windows, room_of(&l));
}

/* Whether what has come of it holds its end, a NUL. */
static bool name_has_come(struct probe *p, uint64_t at, struct imgprobe_bytes *ret)
{
    size_t i = 0;

    if (ip_bytes_come(p, at, NAME_LENGTH, ret) != IMGPROBE_OK)
        return false;
    while (i + 1 < ret->length && ip_number(*ret, i, IP_U16BE) != 0)
        i += 2;
    return i + 1 < ret->length;
}

static enum imgprobe_status add_header_name(struct probe *p, uint64_t header)
{
    struct imgprobe_bytes stored;
    enum imgprobe_status s = ip_bytes(p, "parent unicode name", header + 64, NAME_LENGTH, &stored);

    if (s == IMGPROBE_NEED && !ip_end_known(p) && name_has_come(p, header + 64, &stored))
        s = IMGPROBE_OK;
    if (s != IMGPROBE_OK || ip_number(stored, 0, IP_U16BE) == 0)
        return s;
    return add(p, stored, header + 64, "header", "UTF-16BE", true, 0);
}

/* Writers put the names side by side. Where all stand close together, one read has them. A name that can't be read or
 * decoded is an error when its turn comes. */
static enum imgprobe_status read_names(struct probe *p, uint64_t header)
{
    uint64_t i, first = UINT64_MAX, end = 0;
    struct imgprobe_bytes names;

    for (i = 0; i < LOCATORS; i++) {
        struct locator l = {0};
        enum imgprobe_status s =
            ip_decode(p, header + LOCATORS_OFFSET + i * LOCATOR_LENGTH, locator_rows, IP_COUNT(locator_rows), &l);

        if (s != IMGPROBE_OK)
            return s;
        if (l.code == 0 || l.length == 0 || l.offset > p->size || l.length > p->size - l.offset)
            continue;
        first = l.offset < first ? l.offset : first;
        end = l.offset + l.length > end ? l.offset + l.length : end;
    }
    if (end <= first || end - first > MOST_SPAN)
        return IMGPROBE_OK;
    return ip_bytes_come(p, first, end - first, &names);
}

/* Of an image that still comes, a name that isn't there yet doesn't keep another from being seen. */
static enum imgprobe_status pass(struct probe *p, enum imgprobe_status s, bool *waits)
{
    if (s != IMGPROBE_NEED || ip_end_known(p))
        return s;
    *waits = true;
    return IMGPROBE_OK;
}

static enum imgprobe_status add_names(struct probe *p, uint64_t header)
{
    bool waits = false;
    enum imgprobe_status s = pass(p, read_names(p, header), &waits);
    uint64_t i;

    for (i = 0; s == IMGPROBE_OK && i < LOCATORS; i++)
        s = pass(p, add_locator(p, header, i), &waits);
    s = s ? s : add_header_name(p, header);
    return s || !waits ? s : IMGPROBE_NEED;
}

enum imgprobe_status ip_vhd_parent(struct probe *p, uint64_t header)
{
    struct header h = {0};
    struct imgprobe_bytes id;
    enum imgprobe_status s = ip_decode(p, header, header_rows, IP_COUNT(header_rows), &h);

    s = s ? s : ip_bytes(p, "parent unique id", header + PARENT_ID, 16, &id);
    s = s ? s : ip_copy(p, id, &p->image->parent_unique_id);
    s = s ? s : ip_uuid(p, "parent-unique-id", p->image->parent_unique_id);
    if (s == IMGPROBE_OK && h.parent_id_high == 0 && h.parent_id_low == 0)
        p->image->parent_unique_id = (struct imgprobe_bytes){NULL, 0};
    s = s ? s : add_names(p, header);
    if (s == IMGPROBE_OK && !p->image->references)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "parent locator", IMGPROBE_UNKNOWN,
                            "a differencing image has a parent, and none is named");
    return s;
}
