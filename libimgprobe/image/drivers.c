/* SPDX-License-Identifier: MIT */
/* Looks into the readers' tables: drivers, and words. */
#include "image/image.h"

const struct driver *ip_driver(struct imgprobe_bytes name)
{
    size_t i;

    for (i = 0; i < ip_registry_count; i++)
        if (ip_registry[i]->driver.name && ip_equal(name, ip_registry[i]->driver.name))
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

unsigned imgprobe_reader_version(enum imgprobe_reader reader, unsigned version)
{
    struct ip_versions versions;

    if (version == 0 || (size_t)reader >= ip_readers_count || !ip_reader_versions(reader, version, &versions))
        return 0;
    return versions.first;
}

const struct imgprobe_reader_row *imgprobe_reader_at(size_t index)
{
    return index < ip_readers_count ? &ip_readers[index]->row : NULL;
}
