/* SPDX-License-Identifier: MIT */
/* Looks into the registry: by name, by index, and for what goes together in one file. */
#include "image/image.h"

const struct format *ip_fallback(void)
{
    return ip_registry[ip_registry_count - 1];
}

/* Most rows end at the first letter. */
static bool is(struct imgprobe_bytes name, const char *text)
{
    return text && name.length != 0 && name.bytes[0] == (unsigned char)text[0] && ip_equal(name, text);
}

/* An image may declare a format by QEMU's word, a caller by any of them. */
static bool named(const struct format *format, struct imgprobe_bytes name)
{
    const char *const *alias;

    if (is(name, format->row.name) || is(name, format->row.qemu_name))
        return true;
    for (alias = format->aliases; alias && *alias; alias++)
        if (is(name, *alias))
            return true;
    return false;
}

const struct format *ip_format_named(struct imgprobe_bytes name)
{
    const struct driver *driver;
    size_t i;

    for (i = 0; i < ip_registry_count; i++)
        if (named(ip_registry[i], name))
            return ip_registry[i];
    driver = ip_driver(name);
    return driver && driver->as_format ? ip_fallback() : NULL;
}

const struct format *ip_format_of(const struct imgprobe_format *row)
{
    size_t i;

    for (i = 0; i < ip_registry_count; i++)
        if (&ip_registry[i]->row == row)
            return ip_registry[i];
    return NULL;
}

const struct imgprobe_format *imgprobe_format_at(size_t index)
{
    return index < ip_registry_count ? &ip_registry[index]->row : NULL;
}

const struct imgprobe_format *imgprobe_format_named(const char *name)
{
    const struct format *format = name ? ip_format_named(ip_string(name)) : NULL;

    return format ? &format->row : NULL;
}

bool ip_go_together(const struct format *format, const char *content)
{
    size_t i;

    for (i = 0; i < ip_pairs_count; i++)
        if (ip_pairs[i].format == format && ip_equal(ip_string(ip_pairs[i].content), content))
            return true;
    return false;
}
