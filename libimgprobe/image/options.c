/* SPDX-License-Identifier: MIT */
/* What the caller asks, with the defaults filled in. */
#include "image/image.h"

#include <string.h>

/* No limit can be turned off: 0 is the default, and what is over the ceiling is a mistake. */
static bool fill_limits(struct imgprobe_limits *limits)
{
    bool good = true;

#define FILL(name, usual, ceiling, what)                                                                             \
    if (limits->name == 0)                                                                                           \
        limits->name = (usual);                                                                                      \
    good = good && limits->name <= (ceiling);
    IMGPROBE_LIMITS(FILL)
#undef FILL
    return good;
}

/* Two limits that contradict each other are a mistake if the caller gave both. Where one is a default, the default
 * yields. */
static bool agree(const struct imgprobe_limits *given, struct imgprobe_limits *limits)
{
    if (limits->descriptor_bytes > limits->image_bytes) {
        if (given->descriptor_bytes != 0 && given->image_bytes != 0)
            return false;
        if (given->descriptor_bytes != 0)
            limits->image_bytes = limits->descriptor_bytes;
        else
            limits->descriptor_bytes = limits->image_bytes;
    }
    if (limits->chain_depth > limits->chain_members) {
        if (given->chain_depth != 0)
            return false;
        limits->chain_depth = limits->chain_members;
    }
    return true;
}

static bool declarations_good(const struct imgprobe_options *o)
{
    size_t i;

    if (o->declaration_count != 0 && !o->declarations)
        return false;
    for (i = 0; i < o->declaration_count; i++)
        if (!o->declarations[i].format || !ip_format_named(ip_string(o->declarations[i].format)))
            return false;
    return true;
}

bool ip_limits(const struct imgprobe_limits *limits, struct imgprobe_limits *ret)
{
    const size_t older = offsetof(struct imgprobe_limits, finding_repeats); /* in 0.2 */
    struct imgprobe_limits given;

    memset(&given, 0, sizeof given);
    if (limits && !ip_struct(&given, sizeof given, older, limits))
        return false;
    *ret = given;
    return fill_limits(ret) && agree(&given, ret);
}

bool ip_options(const struct imgprobe_options *options, struct imgprobe_options *ret,
                struct imgprobe_limits *ret_limits, struct ip_versions *ret_versions)
{
    memset(ret, 0, sizeof *ret);
    if (options && !ip_struct(ret, sizeof *ret, sizeof *ret, options))
        return false;
    if (ret->format && !ip_format_named(ip_string(ret->format)))
        return false;
    if (!declarations_good(ret))
        return false;
    if ((size_t)ret->reader >= ip_readers_count || !ip_reader_versions(ret->reader, ret->version, ret_versions))
        return false;
    if (ret->follow != IMGPROBE_FOLLOW_ALL && ret->follow != IMGPROBE_FOLLOW_OWN)
        return false;
    return ip_limits(ret->limits, ret_limits);
}
