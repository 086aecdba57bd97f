/* SPDX-License-Identifier: MIT */
/*
 * What `imgprobe info` found out about one FILE, and the two ways to print it.
 */
#ifndef CLI_INFO_INFO_H
#define CLI_INFO_INFO_H

#include "output/json.h"
#include "options/options.h"

#include <stdio.h>

struct answer {
    const struct options *options;
    const char *file;                   /* as given */
    const struct imgprobe_chain *chain; /* NULL: the file couldn't be opened */
    struct imgprobe_error error;        /* why, if `status` isn't 0 */
    size_t workspace;                   /* bytes of it that were used */
    int status;                         /* of the program, for this file alone */
};

/* Each in the file of its name. */
void info_json(const struct answer *answer, struct json *json);
void info_qemu(const struct answer *answer, const struct imgprobe_member *member, struct json *json);
void info_reference(const struct answer *answer, const struct imgprobe_reference *at, struct json *json);
void info_text(const struct answer *answer, FILE *stream);
void info_list(const struct answer *answer, FILE *stream);
void info_list_member(const struct imgprobe_member *member, FILE *stream);

/* The attributes of one kind: qemu-img's own, or the others. */
void info_attributes(const struct imgprobe_image *image, bool qemu, struct json *json);

#endif
