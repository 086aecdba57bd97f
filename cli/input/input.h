/* SPDX-License-Identifier: MIT */
/*
 * FILE as the command line has it: a path, "-" for standard input, "fd:N[=NAME]" for the caller's descriptor.
 */
#ifndef CLI_INPUT_INPUT_H
#define CLI_INPUT_INPUT_H

#include "imgprobe.h"

struct input {
    struct imgprobe_opened opened;
    const char *name;              /* as input_name says */
    struct imgprobe_opener opener; /* of a path only */
};

/* NULL, or what is wrong with the word, before anything is opened. */
const char *input_check(const char *file);
/* Its name, under which relative names in it are resolved, or NULL. */
const char *input_name(const char *file);
/* The directory of FILE by its name, to be freed: "." for a bare name. NULL: it has no name, or memory ran out. */
char *input_directory(const char *file);
/* Whether it is opened by that name. */
bool input_is_path(const char *file);
/* Whether it is read to its end, however long it is. */
bool input_is_stream(const char *file);
enum imgprobe_status input_open(const char *file, struct input *ret, struct imgprobe_error *error);
void input_close(struct input *input);

#endif
