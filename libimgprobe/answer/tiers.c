/* SPDX-License-Identifier: MIT */
/* Which members of a chain lie below the tier that the caller asks for: by their format, or by a driver between. */
#include "answer/answer.h"

/* Of the floor the lowest tier that passes. A greater tier is a lower one. */
static bool below(enum imgprobe_floor floor, enum imgprobe_tier tier)
{
    return tier > (floor == IMGPROBE_FLOOR_GUEST ? IMGPROBE_TIER_GUEST : IMGPROBE_TIER_IMPORT);
}

static bool driver_below(enum imgprobe_floor floor, struct imgprobe_bytes name)
{
    const struct driver *driver = name.length ? ip_driver(name) : NULL;

    return driver && driver->class != DRIVER_FORMAT && driver->class != DRIVER_RAW && below(floor, driver->tier);
}

bool ip_floor_good(enum imgprobe_floor floor)
{
    return floor == IMGPROBE_FLOOR_NONE || floor == IMGPROBE_FLOOR_GUEST || floor == IMGPROBE_FLOOR_IMPORT;
}

bool ip_below_floor(enum imgprobe_floor floor, const struct imgprobe_member *m)
{
    const struct imgprobe_layer *layer;

    if (floor == IMGPROBE_FLOOR_NONE)
        return false;
    if (m->image->format && below(floor, m->image->format->tier))
        return true;
    for (layer = m->via ? m->via->led.layers : NULL; layer; layer = layer->next)
        if (driver_below(floor, ip_string(layer->driver)))
            return true;
    return m->via && driver_below(floor, m->via->led.format);
}

bool ip_leads_below_floor(enum imgprobe_floor floor, const struct imgprobe_reference *r)
{
    return floor != IMGPROBE_FLOOR_NONE && r->led.protocol && r->led.protocol->scheme &&
           driver_below(floor, ip_string(r->led.protocol->scheme));
}
