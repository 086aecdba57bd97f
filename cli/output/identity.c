/* SPDX-License-Identifier: MIT */
/*
 * A device as "major:minor", as the kernel's own tables have it.
 */
#include "output/identity.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/types.h>

#define DEVICE_SIZE 32

static void write_device(char text[DEVICE_SIZE], uint64_t device)
{
    snprintf(text, DEVICE_SIZE, "%u:%u", major((dev_t)device), minor((dev_t)device));
}

void identity_json(struct imgprobe_identity identity, enum imgprobe_kind kind, struct json *json)
{
    char device[DEVICE_SIZE];

    if (identity.device == 0 && identity.inode == 0) /* what came by a pipe is no file */
        return;
    write_device(device, identity.device);
    json_string(json, "device", device);
    if (kind != IMGPROBE_KIND_BLOCK)
        json_number(json, "inode", identity.inode);
}

/* What is written the same again is well formed, whatever strtoul() lets pass. */
bool identity_device(struct imgprobe_bytes text, uint64_t *ret)
{
    char copy[DEVICE_SIZE], again[DEVICE_SIZE], *end;
    unsigned high, low;

    if (text.length >= sizeof(copy))
        return false;
    memcpy(copy, text.bytes, text.length);
    copy[text.length] = '\0';
    high = (unsigned)strtoul(copy, &end, 10);
    low = *end == ':' ? (unsigned)strtoul(end + 1, &end, 10) : 0;
    *ret = makedev(high, low);
    write_device(again, *ret);
    return strlen(copy) == text.length && strcmp(copy, again) == 0;
}
