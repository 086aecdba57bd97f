/* SPDX-License-Identifier: MIT */
/*
 * A format on the command line is one that the library knows, also where a build leaves it out.
 */
#include "options/formats.h"
#include "large.h"

#include <stdio.h>

const char *option_unknown_format(void)
{
    LARGE_BUFFER char message[1024];
    const struct imgprobe_format *format;
    size_t length = (size_t)snprintf(message, sizeof(message), "unknown format; known are");
    size_t i;

    for (i = 0; (format = imgprobe_format_at(i)) != NULL && length < sizeof(message); i++) {
        length +=
            (size_t)snprintf(message + length, sizeof(message) - length, "%s %s", i == 0 ? "" : ",", format->name);
    }
    return message;
}

const char *option_format(struct options *options, const char *value)
{
    if (!imgprobe_format_named(value))
        return option_unknown_format();
    options->format = value;
    return NULL;
}
