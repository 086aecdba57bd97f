/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 by the Unicode Standard, table 3-7, and names in UTF-16 as WTF-8 (the WTF-8 encoding, section 3). Windows
 * allows an unpaired surrogate in a name. It keeps the three bytes that its number would have, so that no two names
 * become one.
 */
#include "image/image.h"

static bool high_surrogate(uint32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool low_surrogate(uint32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

size_t ip_utf8_put(unsigned char *at, uint32_t c)
{
    if (c < 0x80) {
        at[0] = (unsigned char)c;
        return 1;
    }
    if (c < 0x800) {
        at[0] = (unsigned char)(0xc0 | c >> 6);
        at[1] = (unsigned char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        at[0] = (unsigned char)(0xe0 | c >> 12);
        at[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
        at[2] = (unsigned char)(0x80 | (c & 0x3f));
        return 3;
    }
    at[0] = (unsigned char)(0xf0 | c >> 18);
    at[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
    at[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
    at[3] = (unsigned char)(0x80 | (c & 0x3f));
    return 4;
}

/* A byte order mark overrules the order that was asked for. It is no part of the name. */
static struct imgprobe_bytes skip_mark(struct imgprobe_bytes units, enum ip_type *type)
{
    uint64_t first = ip_number(units, 0, IP_U16BE);

    if (first != 0xfeff && first != 0xfffe)
        return units;
    *type = first == 0xfeff ? IP_U16BE : IP_U16LE;
    return ip_part(units, 2, units.length - 2);
}

/* Two bytes become at most three, and a pair of units, which is four bytes, becomes four. Room is taken for the
 * worst. */
enum imgprobe_status ip_utf16(struct probe *p, struct imgprobe_bytes units, bool big_endian,
                              struct imgprobe_bytes *ret)
{
    enum ip_type type = big_endian ? IP_U16BE : IP_U16LE;
    size_t i, length = 0;
    unsigned char *text;

    if (units.length > SIZE_MAX / 2 || !(text = ip_take(p->workspace, units.length / 2 * 3 + 1)))
        return ip_fail_full(p);
    units = skip_mark(units, &type);
    for (i = 0; i + 1 < units.length; i += 2) {
        uint32_t c = (uint32_t)ip_number(units, i, type);
        uint32_t next = i + 3 < units.length ? (uint32_t)ip_number(units, i + 2, type) : 0;

        if (c == 0)
            break;
        if (high_surrogate(c) && low_surrogate(next)) {
            c = 0x10000 + ((c - 0xd800) << 10) + (next - 0xdc00);
            i += 2;
        }
        length += ip_utf8_put(text + length, c);
    }
    ret->bytes = text;
    ret->length = length;
    return IMGPROBE_OK;
}

/* What a first byte says of the bytes behind it: how many there are, and the range of the second one. Table 3-7 has
 * several rows for one length. The range keeps overlong forms, surrogates and what is past U+10FFFF out. */
struct lead {
    size_t more;
    unsigned char least, most;
};

static struct lead lead_of(unsigned char first)
{
    struct lead lead = {first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3, 0x80, 0xbf};

    if (first == 0xe0)
        lead.least = 0xa0;
    if (first == 0xed)
        lead.most = 0x9f;
    if (first == 0xf0)
        lead.least = 0x90;
    if (first == 0xf4)
        lead.most = 0x8f;
    return lead;
}

size_t imgprobe_utf8(const void *bytes, size_t length, uint32_t *ret_character)
{
    const unsigned char *at = bytes;
    struct lead lead;
    uint32_t c, unwanted = 0;
    size_t i;

    ret_character = ret_character ? ret_character : &unwanted;
    *ret_character = UINT32_MAX;
    if (!bytes || length == 0)
        return 0;
    if ((at[0] >= 0x80 && at[0] < 0xc2) || at[0] > 0xf4)
        return 1;
    lead = lead_of(at[0]);
    c = lead.more == 0 ? at[0] : at[0] & (0x3fu >> lead.more);
    for (i = 1; i <= lead.more; i++) {
        if (i == length || at[i] < lead.least || at[i] > lead.most)
            return i;
        c = c << 6 | (at[i] & 0x3f);
        lead.least = 0x80;
        lead.most = 0xbf;
    }
    *ret_character = c;
    return i;
}

bool ip_utf8_valid(struct imgprobe_bytes text)
{
    uint32_t c = 0;
    size_t i;

    for (i = 0; c != UINT32_MAX && i < text.length;)
        i += text.bytes[i] < 0x80 ? 1 : imgprobe_utf8(text.bytes + i, text.length - i, &c);
    return c != UINT32_MAX;
}

/* Some terminals and pagers break lines at a separator. What isn't seen is Unicode's Default_Ignorable_Code_Point,
 * with the marks of annotations. */
bool imgprobe_hostile(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},
        {0x115f, 0x1160}, {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
        {0x2060, 0x206f}, {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
        {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
    };
    size_t i;

    for (i = 0; i < IP_COUNT(ranges); i++) {
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    }
    return false;
}
