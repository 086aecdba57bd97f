/* SPDX-License-Identifier: MIT */
/*
 * The names that a differencing VHDX has for its parent: MS-VHDX section 2.6.2.6 "Parent Locator". QEMU's vhdx_open
 * refuses such an image, and Xen's tools have no VHDX: no reader of ours opens any of them.
 */
#include "vhdx.h"

#define MOST_ENTRIES 32
#define HEAD_LENGTH UINT64_C(20)
#define ENTRY_LENGTH UINT64_C(12)
#define MOST_LENGTH UINT64_C(32768) /* of 1 MiB by the specification; three names of the longest fit */
#define MOST_KEY 64
#define TYPE_LOW UINT64_C(0x4a81d19eb04aefb7) /* B04AEFB7-D19E-4A81-B789-25B8E9445913 */
#define TYPE_HIGH UINT64_C(0x135944e9b82589b7)

struct head {
    uint64_t type_low, type_high, count;
};
struct entry {
    uint64_t key_offset, value_offset, key_length, value_length;
};

/* clang-format off */
static const struct field head_rows[] = {
    FIELD(struct head,   0, U64LE, type_low,  TYPE_LOW,  TYPE_LOW,  UNSUPPORTED),
    FIELD(struct head,   8, U64LE, type_high, TYPE_HIGH, TYPE_HIGH, UNSUPPORTED),
    FIELD(struct head,  18, U16LE, count,     0, MOST_ENTRIES, UNSUPPORTED),
};
static const struct field entry_rows[] = {
    FIELD(struct entry,  0, U32LE, key_offset,   0, IP_ANY,   MALFORMED), /* both lie in the locator */
    FIELD(struct entry,  4, U32LE, value_offset, 0, IP_ANY,   MALFORMED),
    FIELD(struct entry,  8, U16LE, key_length,   2, MOST_KEY, UNSUPPORTED),
    FIELD(struct entry, 10, U16LE, value_length, 0, IP_ANY,   MALFORMED), /* and the limit of a name */
};
/* clang-format on */

/* The keys that name a parent, in the order in which the specification has a reader try them. Those behind NAMES name
 * none. */
enum name_key { RELATIVE, VOLUME, ABSOLUTE, NAMES, LINKAGE = NAMES, LINKAGE_2, KEYS };
static const char *const keys[KEYS] = {"relative_path", "volume_path", "absolute_win32_path", "parent_linkage",
                                       "parent_linkage2"};

struct value {
    struct imgprobe_bytes stored;
    uint64_t at;
};

static enum imgprobe_status key_of(struct probe *p, struct imgprobe_bytes stored, uint64_t at, size_t *ret)
{
    struct imgprobe_bytes key;
    enum imgprobe_status s = ip_utf16(p, stored, false, &key);

    for (*ret = 0; s == IMGPROBE_OK && *ret < KEYS && !ip_equal(key, keys[*ret]);)
        ++*ret;
    if (s == IMGPROBE_OK && *ret == KEYS)
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "parent locator key", at, "it may name the parent, too");
    return s;
}

static enum imgprobe_status read_entry(struct probe *p, uint64_t at, struct imgprobe_bytes all, uint64_t i,
                                       struct value *values)
{
    struct entry e = {0};
    struct imgprobe_bytes key, value;
    uint64_t entry_at = at + HEAD_LENGTH + i * ENTRY_LENGTH;
    size_t which;
    enum imgprobe_status s = ip_decode(p, entry_at, entry_rows, IP_COUNT(entry_rows), &e);

    if (s != IMGPROBE_OK)
        return s;
    key = ip_part(all, e.key_offset, e.key_length);
    value = ip_part(all, e.value_offset, e.value_length);
    if (!key.bytes || !value.bytes)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "parent locator entry", entry_at, "leads out of the locator");
    if (key.length % 2 != 0 || value.length % 2 != 0)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "parent locator entry", entry_at, "no whole number of characters");
    s = key_of(p, key, at + e.key_offset, &which);
    if (s != IMGPROBE_OK)
        return s;
    if (values[which].stored.bytes)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "parent locator key", at + e.key_offset, "stands there twice");
    if (!ip_ends_at_nul(value, 2))
        return ip_fail_what(p, IMGPROBE_MALFORMED, "parent locator value", at + e.value_offset,
                            "text goes on behind a NUL");
    values[which] = (struct value){value, at + e.value_offset};
    return IMGPROBE_OK;
}

static enum imgprobe_status add_name(struct probe *p, const struct value *value, const char *key)
{
    struct imgprobe_reference *r;
    struct imgprobe_bytes name;
    enum imgprobe_status s;

    if (!value->stored.bytes)
        return IMGPROBE_OK;
    s = ip_utf16(p, value->stored, false, &name);
    if (s != IMGPROBE_OK || name.length == 0)
        return s;
    s = ip_reference(p, IMGPROBE_ROLE_BACKING, name, value->at, &r);
    s = s ? s : ip_copy(p, value->stored, &r->stated.stored);
    if (s != IMGPROBE_OK)
        return s;
    r->stated.encoding = "UTF-16LE";
    r->stated.type = key;
    r->stated.windows = r->stated.candidate = true;
    ip_ignore(r, "no reader opens a VHDX's parent: QEMU refuses the image, or reads zeros if its flag is clear");
    ip_imply(r, "vhdx");
    return IMGPROBE_OK;
}

static enum imgprobe_status add_linkage(struct probe *p, const struct value *value, const char *name)
{
    struct imgprobe_bytes text;
    enum imgprobe_status s;

    if (!value->stored.bytes)
        return IMGPROBE_OK;
    s = ip_utf16(p, value->stored, false, &text);
    return s ? s : ip_text(p, name, false, text);
}

enum imgprobe_status ip_vhdx_parent(struct probe *p, uint64_t at, uint64_t length, uint64_t length_at)
{
    struct value values[KEYS] = {{{NULL, 0}, 0}};
    struct head h = {0};
    struct imgprobe_bytes all;
    uint64_t i;
    enum imgprobe_status s;

    if (length < HEAD_LENGTH || length > MOST_LENGTH)
        return ip_fail(p, IMGPROBE_UNSUPPORTED, "parent locator length", length_at, length, HEAD_LENGTH, MOST_LENGTH);
    s = ip_bytes(p, "parent locator", at, length, &all);
    s = s ? s : ip_decode(p, at, head_rows, IP_COUNT(head_rows), &h);
    if (s == IMGPROBE_OK && HEAD_LENGTH + h.count * ENTRY_LENGTH > length)
        return ip_fail_row(p, IMGPROBE_MALFORMED, IP_ROW(head_rows, struct head, count), at, h.count, 0,
                           (length - HEAD_LENGTH) / ENTRY_LENGTH);
    for (i = 0; s == IMGPROBE_OK && i < h.count; i++)
        s = read_entry(p, at, all, i, values);
    for (i = 0; s == IMGPROBE_OK && i < NAMES; i++)
        s = add_name(p, &values[i], keys[i]);
    s = s ? s : add_linkage(p, &values[LINKAGE], "parent-linkage");
    s = s ? s : add_linkage(p, &values[LINKAGE_2], "parent-linkage2");
    if (s == IMGPROBE_OK && !p->image->references)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "parent locator", at,
                            "a differencing image has a parent, and none is named");
    return s;
}
