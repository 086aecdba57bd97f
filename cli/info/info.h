/* SPDX-License-Identifier: MIT */
/*
 * The two ways to print what `imgprobe info` found out about one FILE.
 */
#ifndef CLI_INFO_INFO_H
#define CLI_INFO_INFO_H

#include "answer.h"
#include "output/json.h"

#include <stdio.h>

/* Each in the file of its name. */
void info_json(const struct answer *answer, struct json *json);
void info_qemu(const struct answer *answer, const struct imgprobe_member *member, struct json *json);
void info_reference(const struct answer *answer, const struct imgprobe_reference *at, struct json *json);
int info_text(const struct answer *answer, FILE *stream);
void info_list(const struct answer *answer, FILE *stream);
void info_list_member(const struct imgprobe_member *member, FILE *stream);

/* The attributes of one kind: qemu-img's own, or the others. */
void info_attributes(const struct imgprobe_image *image, bool qemu, struct json *json);

#endif
