/* SPDX-License-Identifier: MIT */
/*
 * Which of its names a file or a reference goes by in the output.
 */
#include "output/names.h"
#include "output/text.h"

struct imgprobe_bytes name_of_member(const char *file, const struct imgprobe_member *member)
{
    if (!member || member->index == 0 || !member->path.bytes)
        return text_bytes(file);
    return member->path;
}

struct imgprobe_bytes name_of_reference(const struct imgprobe_reference *at)
{
    return at->stated.redacted.bytes ? at->stated.redacted : at->stated.name;
}
