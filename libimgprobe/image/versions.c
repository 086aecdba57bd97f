/* SPDX-License-Identifier: MIT */
/* Says which versions of the reader have a thing, and which haven't. */
#include "image/image.h"

#define MOST_LISTED 96 /* bytes: some ten versions and the words between them */

static size_t put(char *to, size_t at, const char *text)
{
    while (*text && at < MOST_LISTED)
        to[at++] = *text++;
    return at;
}

static size_t put_number(char *to, size_t at, unsigned number)
{
    char digits[4] = {(char)('0' + number / 100), (char)('0' + number / 10 % 10), (char)('0' + number % 10), '\0'};

    return put(to, at, number >= 100 ? digits : number >= 10 ? digits + 1 : digits + 2);
}

/* Lists those of the versions asked for that have the thing, or those that haven't. */
static size_t put_versions(char *to, size_t at, struct ip_versions asked, struct ip_when when, enum ip_have have)
{
    const struct imgprobe_reader_row *reader = &ip_readers[IMGPROBE_READER_QEMU]->row;
    const char *between = "";
    size_t i;

    for (i = 0; i < reader->version_count; i++) {
        struct ip_versions one = {(uint16_t)reader->versions[i], (uint16_t)reader->versions[i]};

        if (one.first < asked.first || one.last > asked.last || ip_have(one, when) != have)
            continue;
        at = put(to, at, between);
        at = put_number(to, at, reader->versions[i] / 256);
        at = put(to, at, ".");
        at = put_number(to, at, reader->versions[i] % 256);
        between = ", ";
    }
    return at;
}

enum imgprobe_status ip_versions_differ(struct imgprobe_workspace *w, struct ip_versions asked, struct ip_when when,
                                        const char *what, const char **ret, struct imgprobe_error *error)
{
    char list[MOST_LISTED];
    size_t length = put(list, 0, ": in ");
    struct imgprobe_bytes parts[2] = {ip_string(what), {NULL, 0}}, text;
    enum imgprobe_status s;

    length = put_versions(list, length, asked, when, IP_ALL_HAVE);
    length = put(list, length, ", and not in ");
    length = put_versions(list, length, asked, when, IP_NONE_HAS);
    parts[1] = (struct imgprobe_bytes){(const unsigned char *)list, length};
    s = ip_join(w, parts, IP_COUNT(parts), &text, error);
    if (s == IMGPROBE_OK)
        *ret = (const char *)text.bytes;
    return s;
}
