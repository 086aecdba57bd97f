/* SPDX-License-Identifier: MIT */
/*
 * Which of its names a file or a reference goes by in the output.
 */
#ifndef CLI_OUTPUT_NAMES_H
#define CLI_OUTPUT_NAMES_H

#include "imgprobe.h"

/* The top, and a member that is NULL, by `file`, the word of the command line; others by the path under which they
 * were opened. The bytes are the member's or `file` itself. */
struct imgprobe_bytes name_of_member(const char *file, const struct imgprobe_member *member);
/* Whether what went wrong at a reference is about the file that it leads to, and not about the image that has it: the
 * opener said it of that file. Such a file goes by `at->led.path`. */
bool name_is_of_reference(const struct imgprobe_error *error, const struct imgprobe_reference *at);
/* The name in the image, with stars in place of a password that it holds: the only one of its names to be printed. */
struct imgprobe_bytes name_of_reference(const struct imgprobe_reference *at);
/* What an attribute of text says. Where it repeats the name of a reference, it hides what that hides. */
struct imgprobe_bytes text_of_attribute(const struct imgprobe_image *image, const struct imgprobe_attribute *at);

#endif
