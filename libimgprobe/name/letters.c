/* SPDX-License-Identifier: MIT */
/* The letters of a name in an image: directory, protocol, escapes. */
#include "name/name.h"

/* Everything up to the last slash, with it; nothing when there is none. */
struct imgprobe_bytes ip_directory(struct imgprobe_bytes path)
{
    while (path.length > 0 && path.bytes[path.length - 1] != '/')
        path.length--;
    return path;
}

bool ip_name_absolute(struct imgprobe_bytes name)
{
    return name.length > 0 && name.bytes[0] == '/';
}

/* Length of the protocol word in front of a colon that comes before any slash; 0 for none. */
size_t ip_name_protocol(struct imgprobe_bytes name)
{
    size_t i;

    for (i = 0; i < name.length && name.bytes[i] != '/'; i++)
        if (name.bytes[i] == ':')
            return i;
    return 0;
}

bool ip_name_has_protocol(struct imgprobe_bytes name)
{
    return ip_name_protocol(name) != 0 || (name.length > 0 && name.bytes[0] == ':');
}

static int hexadecimal(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int ip_name_escape(struct imgprobe_bytes text)
{
    int high = text.length > 2 && text.bytes[0] == '%' ? hexadecimal(text.bytes[1]) : -1;
    int low = high >= 0 ? hexadecimal(text.bytes[2]) : -1;

    return low < 0 ? -1 : high * 16 + low;
}
