/* SPDX-License-Identifier: MIT */
/* libvhd, by its vhd_parent_locator_read, vhd_find_parent and canonpath. */
#include "name/name.h"

enum letters { ASCII, OTHERS, TAGS };

/* glibc drops the characters U+E0000 to U+E007F when it converts to ASCII. Other libraries refuse them. */
static bool is_tag(uint32_t character)
{
    return character >= 0xe0000 && character <= 0xe007f;
}

static enum letters letters_of_utf8(struct imgprobe_bytes text)
{
    enum letters found = ASCII;
    uint32_t character;

    while (text.length != 0) {
        size_t length = imgprobe_utf8(text.bytes, text.length, &character);

        if (is_tag(character))
            found = TAGS;
        else if (character >= 0x80)
            return OTHERS;
        text = ip_part(text, length, text.length - length);
    }
    return found;
}

static enum letters letters_of_utf16(struct imgprobe_bytes text)
{
    enum letters found = ASCII;
    size_t i;

    for (i = 0; i + 2 <= text.length; i += 2) {
        uint64_t unit = ip_number(text, i, IP_U16LE);
        uint64_t next = i + 4 <= text.length ? ip_number(text, i + 2, IP_U16LE) : 0;

        if (unit < 0x80)
            continue;
        if (unit != 0xdb40 || next < 0xdc00 || next > 0xdc7f) /* the surrogates of such a character */
            return OTHERS;
        found = TAGS;
        i += 2;
    }
    return text.length % 2 == 0 ? found : OTHERS;
}

static bool is_url(const struct imgprobe_reference *r)
{
    return ip_equal(ip_string(r->stated.type), "MacX");
}

/* It reads the whole room at once, and converts as many bytes of that as the name has. */
static enum ip_taking takes_place(const struct imgprobe_image *image, const struct imgprobe_reference *r,
                                  size_t length, const char **ret_why)
{
    uint64_t room = ip_room_of(r), end;

    if (room == 0 || room > INT32_MAX) {
        *ret_why = "libvhd passes it over: its data space is none";
        return IP_PASSED_OVER;
    }
    if (!ip_add(r->stated.offset, room, &end) || end > image->file_size) {
        *ret_why = "libvhd passes it over: its data space ends behind the file";
        return IP_PASSED_OVER;
    }
    if (length <= room)
        return IP_TAKEN;
    *ret_why = "it is longer than its data space, so what libvhd reads behind that isn't known";
    return IP_CANNOT_TELL;
}

static enum ip_taking takes_text(const struct imgprobe_reference *r, struct imgprobe_bytes stored,
                                 const char **ret_why)
{
    enum letters letters = is_url(r) ? letters_of_utf8(stored) : letters_of_utf16(stored);

    *ret_why = "libvhd passes it over: it isn't ASCII";
    if (letters == OTHERS)
        return IP_PASSED_OVER;
    *ret_why = "it holds characters that some C libraries drop, and others refuse";
    if (letters == TAGS)
        return IP_CANNOT_TELL;
    *ret_why = "libvhd passes it over: it isn't a file:// URL";
    if (is_url(r) && !ip_equal(ip_part(r->stated.name, 0, 7), "file://"))
        return IP_PASSED_OVER;
    /* libvhd opens with O_DIRECT where it can, and such a read fails at any other offset. */
    *ret_why = "it doesn't stand at a multiple of 512, so whether libvhd can read it depends on the file system";
    return r->stated.offset % IP_SECTOR == 0 ? IP_TAKEN : IP_CANNOT_TELL;
}

enum ip_taking ip_libvhd_takes(const struct imgprobe_image *image, const struct imgprobe_reference *r,
                               const char **ret_why)
{
    static const char *const known[] = {"MacX", "W2ku", "W2ru"};
    struct imgprobe_bytes stored = r->stated.encoding ? r->stated.stored : r->stated.name;
    enum ip_taking taking;
    size_t i = 0;

    while (i < IP_COUNT(known) && !(r->stated.type && ip_equal(ip_string(r->stated.type), known[i])))
        i++;
    if (i == IP_COUNT(known)) {
        *ret_why = "libvhd passes it over: it takes the names MacX, W2ku and W2ru alone";
        return IP_PASSED_OVER;
    }
    taking = takes_place(image, r, stored.length, ret_why);
    return taking != IP_TAKEN ? taking : takes_text(r, stored, ret_why);
}

/* Of the letters of drives it knows C alone. */
struct imgprobe_bytes ip_libvhd_path(const struct imgprobe_reference *r)
{
    struct imgprobe_bytes name = {r->stated.name.bytes, r->stated.cut}, drive = ip_part(name, 0, 2);
    size_t cut = 0;

    if (r->stated.windows)
        cut = ip_equal(drive, "C:") || ip_equal(drive, "c:") ? 2 : 0;
    else if (ip_equal(ip_part(name, 0, 7), "file://"))
        cut = 7;
    return ip_part(name, cut, name.length - cut);
}

void ip_libvhd_slashes(unsigned char *path, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++)
        if (path[i] == '\\')
            path[i] = '/';
}

static bool begins(struct imgprobe_bytes name, const char *with)
{
    return ip_equal(ip_part(name, 0, ip_string(with).length), with);
}

/* The index of the first slash from `at` on, or the length. */
static size_t slash(struct imgprobe_bytes name, size_t at)
{
    while (at < name.length && name.bytes[at] != '/')
        at++;
    return at;
}

size_t ip_libvhd_clean(struct imgprobe_bytes name, unsigned char *ret)
{
    size_t at, end, length = 0;

    for (at = 0; at < name.length; at = end + 1) {
        struct imgprobe_bytes part;

        end = slash(name, at);
        part = ip_part(name, at, end - at);
        if (ip_equal(part, "..")) {
            while (length != 0 && ret[--length] != '/')
                ;
        } else if (part.length != 0 && !ip_equal(part, ".")) {
            ret[length++] = '/';
            memcpy(ret + length, part.bytes, part.length);
            length += part.length;
        }
    }
    if (length == 0)
        ret[length++] = '/';
    return length;
}

/* Whether a name is DRBD's own for a device: "/dev/drbd" and a number. */
static bool is_drbd(struct imgprobe_bytes real)
{
    static const char prefix[] = "/dev/drbd";
    size_t i = sizeof prefix - 1;

    if (!begins(real, prefix) || real.length == i)
        return false;
    while (i < real.length && real.bytes[i] >= '0' && real.bytes[i] <= '9')
        i++;
    return i == real.length;
}

enum ip_beside ip_libvhd_beside(struct imgprobe_bytes name, struct imgprobe_bytes real)
{
    static const char dev[] = "/dev/", mapper[] = "/dev/mapper/";
    size_t first;

    if (begins(name, mapper) && slash(name, sizeof mapper - 1) == name.length)
        return IP_BESIDE_NAME;
    if (!begins(name, dev) || (first = slash(name, sizeof dev - 1)) == name.length)
        return IP_BESIDE_REAL;
    if (slash(name, first + 1) == name.length)
        return IP_BESIDE_MAPPER;
    return begins(name, "/dev/drbd/by-res/") && is_drbd(real) ? IP_BESIDE_NAME : IP_BESIDE_REAL;
}

size_t ip_libvhd_mapper(struct imgprobe_bytes name, unsigned char *ret)
{
    static const char dev[] = "/dev/", mapper[] = "/dev/mapper/";
    size_t i, length = sizeof mapper - 1;

    _Static_assert(sizeof mapper - 1 == IP_LIBVHD_MAPPER, "the room that the caller gives");
    memcpy(ret, mapper, length);
    for (i = sizeof dev - 1; i < name.length; i++) {
        if (name.bytes[i] == '-')
            ret[length++] = '-';
        ret[length++] = name.bytes[i] == '/' ? '-' : name.bytes[i];
    }
    return length;
}
