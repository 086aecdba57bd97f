/* SPDX-License-Identifier: MIT */
/* Looks into the readers' tables: drivers, words, and what differs between versions. */
#include "image/image.h"

const struct driver *ip_driver(struct imgprobe_bytes name)
{
    size_t i;

    for (i = 0; i < ip_registry_count; i++)
        if (ip_equal(name, ip_registry[i]->driver.name))
            return &ip_registry[i]->driver;
    for (i = 0; i < ip_drivers_count; i++)
        if (ip_equal(name, ip_drivers[i].name))
            return &ip_drivers[i];
    return NULL;
}

const struct protocol_word *ip_protocol_word(struct imgprobe_bytes word)
{
    size_t i;

    for (i = 0; i < ip_protocol_words_count; i++)
        if (ip_equal(word, ip_protocol_words[i].word))
            return &ip_protocol_words[i];
    return NULL;
}

/* Whether names are followed through it, to the file beneath. */
static bool followed(const struct driver *driver)
{
    return driver->class == DRIVER_FILE || driver->class == DRIVER_RAW || driver->class == DRIVER_FILTER ||
           driver->class == DRIVER_FORMAT || driver->class == DRIVER_DEVICE;
}

static void fill(struct imgprobe_driver *ret, const struct driver *driver, const struct imgprobe_format *format)
{
    *ret = (struct imgprobe_driver){
        .struct_size = ret->struct_size,
        .name = driver->name,
        .format = format,
        .filter =
            driver->class == DRIVER_FILTER || driver->class == DRIVER_WRITES || driver->class == DRIVER_COMPOSITE,
        .followed = followed(driver) && (!format || format->decoded),
        .tier = format ? format->tier : driver->tier,
        .why = format ? format->why : driver->why,
        .reaches = driver->reaches,
        .since = driver->when.since,
        .until = driver->when.until,
        .deprecated = driver->deprecated,
    };
}

bool imgprobe_driver_at(size_t index, struct imgprobe_driver *ret)
{
    size_t i;

    if (!ret || ret->struct_size != sizeof *ret)
        return false;
    for (i = 0; i < ip_registry_count; i++)
        if (ip_registry[i]->driver.name && index-- == 0) {
            fill(ret, &ip_registry[i]->driver, &ip_registry[i]->row);
            return true;
        }
    if (index >= ip_drivers_count)
        return false;
    fill(ret, &ip_drivers[index], NULL);
    return true;
}

const struct imgprobe_reader_row *imgprobe_reader_at(size_t index)
{
    return index < ip_readers_count ? &ip_readers[index] : NULL;
}

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
    const struct imgprobe_reader_row *reader = &ip_readers[IMGPROBE_READER_QEMU];
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
