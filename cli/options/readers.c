/* SPDX-License-Identifier: MIT */
#include "options/readers.h"

#include <stdio.h>
#include <string.h>

/* "no such reader: there are qemu, qemu-7.2 to qemu-11.1, xen, imago, imago-0.2", in static memory, as long as there
 * is one command line. */
static const char *unknown(const char *what)
{
    static char message[256];
    const struct imgprobe_reader_row *row;
    size_t length = (size_t)snprintf(message, sizeof(message), "%s; there are", what), i;

    for (i = 0; (row = imgprobe_reader_at(i)) != NULL && length < sizeof(message); i++) {
        length += (size_t)snprintf(message + length, sizeof(message) - length, "%s %s", i ? "," : "", row->name);
        if (row->version_count == 0 || length >= sizeof(message))
            continue;
        length += (size_t)snprintf(message + length, sizeof(message) - length, ", %s-%u.%u", row->name,
                                   row->versions[0] / 256, row->versions[0] % 256);
        if (row->version_count == 1 || length >= sizeof(message))
            continue;
        length += (size_t)snprintf(message + length, sizeof(message) - length, " to %s-%u.%u", row->name,
                                   row->versions[row->version_count - 1] / 256,
                                   row->versions[row->version_count - 1] % 256);
    }
    return message;
}

/* One or two digits; NULL where none are. */
static const char *number(const char *at, unsigned *ret)
{
    size_t digits = strspn(at, "0123456789");

    if (digits < 1 || digits > 2 || (digits == 2 && at[0] == '0'))
        return NULL;
    *ret = digits == 1 ? (unsigned)(at[0] - '0') : (unsigned)((at[0] - '0') * 10 + (at[1] - '0'));
    return at + digits;
}

/* "MAJOR.MINOR" among the versions of the row, and between them. */
static const char *set_version(struct options *options, const struct imgprobe_reader_row *row, const char *text)
{
    unsigned major = 0, minor = 0, version;
    const char *at = number(text, &major);

    at = at && *at == '.' ? number(at + 1, &minor) : NULL;
    if (row->version_count == 0)
        return unknown("it has no versions");
    if (!at || *at)
        return unknown("not MAJOR.MINOR");
    version = IMGPROBE_READER_VERSION(major, minor);
    if (imgprobe_reader_version(row->reader, version) == 0)
        return unknown("nothing is known of that version");
    options->version = version;
    return NULL;
}

const char *option_reader(struct options *options, const char *value)
{
    const struct imgprobe_reader_row *row;
    size_t i, length;

    for (i = 0; (row = imgprobe_reader_at(i)) != NULL; i++) {
        length = strlen(row->name);
        if (strncmp(value, row->name, length) != 0 || (value[length] != '\0' && value[length] != '-'))
            continue;
        options->reader = row->reader;
        options->version = 0;
        return value[length] == '\0' ? NULL : set_version(options, row, value + length + 1);
    }
    return unknown("no such reader");
}
