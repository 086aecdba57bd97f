/* SPDX-License-Identifier: MIT */
/*
 * Which of its names a file or a reference goes by in the output.
 */
#include "output/names.h"
#include "output/text.h"

#include <string.h>

struct imgprobe_bytes name_of_member(const char *file, const struct imgprobe_member *member)
{
    if (!member || member->index == 0 || !member->path.bytes)
        return text_bytes(file);
    return member->path;
}

bool name_is_of_reference(const struct imgprobe_error *error, const struct imgprobe_reference *at)
{
    static const char *const of_opener[] = {"path-escape", "process-relative-name"};
    size_t i = 0;

    if (!at || !at->led.path.bytes || at->led.protocol || at->led.member)
        return false;
    if (error->status != IMGPROBE_REFUSED || !error->field)
        return error->status == IMGPROBE_SYSTEM;
    while (i < sizeof(of_opener) / sizeof(of_opener[0]) && strcmp(of_opener[i], error->field) != 0)
        i++;
    return i < sizeof(of_opener) / sizeof(of_opener[0]);
}

struct imgprobe_bytes name_of_reference(const struct imgprobe_reference *at)
{
    return at->stated.redacted.bytes ? at->stated.redacted : at->stated.name;
}

/* The reader's cut of the name counts in both: what stands behind a NUL is in neither. */
static bool repeats(struct imgprobe_bytes text, const struct imgprobe_reference *at)
{
    return text.length != 0 && text.length == at->stated.cut &&
           memcmp(text.bytes, at->stated.name.bytes, text.length) == 0;
}

struct imgprobe_bytes text_of_attribute(const struct imgprobe_image *image, const struct imgprobe_attribute *at)
{
    const struct imgprobe_reference *reference = image->references;

    while (reference && !(reference->stated.redacted.bytes && repeats(at->text, reference)))
        reference = reference->next;
    return reference ? text_bytes((const char *)reference->stated.redacted.bytes) : at->text;
}
