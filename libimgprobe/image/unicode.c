/* SPDX-License-Identifier: MIT */
/* UTF-16 names as WTF-8 (the WTF-8 encoding, section 3): an unpaired surrogate, which Windows allows in a name, keeps
 * the three bytes that its number would have, so that no two names become one. */
#include "image/image.h"

static bool high_surrogate(uint32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool low_surrogate(uint32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

static size_t put(unsigned char *at, uint32_t c)
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

/* A byte order mark overrules the order that was asked for and is no part of the name. */
static struct imgprobe_bytes skip_mark(struct imgprobe_bytes units, enum ip_type *type)
{
    uint64_t first = ip_number(units, 0, IP_U16BE);

    if (first != 0xfeff && first != 0xfffe)
        return units;
    *type = first == 0xfeff ? IP_U16BE : IP_U16LE;
    return ip_part(units, 2, units.length - 2);
}

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
        length += put(text + length, c);
    }
    ret->bytes = text;
    ret->length = length;
    return IMGPROBE_OK;
}

/* The range of the second byte for each first byte that has an unusual one; others have 0x80 to 0xbf. */
static size_t well_formed(const unsigned char *at, size_t room)
{
    size_t length = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : 0;
    unsigned char least = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char most = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : 0xbf;
    size_t i;

    if (length == 0 || length > room || (length > 1 && (at[1] < least || at[1] > most)))
        return 0;
    for (i = 2; i < length; i++)
        if (at[i] < 0x80 || at[i] > 0xbf)
            return 0;
    return length;
}

bool ip_utf8_valid(struct imgprobe_bytes text)
{
    size_t i, step;

    for (i = 0; i < text.length; i += step) {
        step = well_formed(text.bytes + i, text.length - i);
        if (step == 0)
            return false;
    }
    return true;
}
