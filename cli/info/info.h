/* SPDX-License-Identifier: MIT */
/*
 * The two ways to print what `imgprobe info` found out about one FILE.
 */
#ifndef CLI_INFO_INFO_H
#define CLI_INFO_INFO_H

#include "answer.h"
#include "output/json.h"

#include <stdio.h>

/* The whole document of one FILE: an object, or with --backing-chain an array of them along the backing line. */
void info_json(const struct answer *answer, struct json *json);
/* qemu-img's keys of one member, into the object that is open. */
void info_qemu(const struct answer *answer, const struct imgprobe_member *member, struct json *json);
/* What qemu-img prints as "filename": the name, or `json:` and a graph for a part of a file. It is the answer's own,
 * or stands until the next call. */
struct imgprobe_bytes info_filename(const struct answer *answer, const struct imgprobe_member *member);
/* One reference as an object, in the array that is open. */
void info_reference(const struct answer *answer, const struct imgprobe_reference *at, struct json *json);
/* A block of lines for each member, and a list of references. An empty line parts it from the FILE before. Returns
 * the answer's status. */
int info_text(const struct answer *answer, FILE *stream);
/* The references as an indented list: with the whole chain's state and the top, or only what one member leads to. */
void info_list(const struct answer *answer, FILE *stream);
void info_list_member(const struct imgprobe_member *member, FILE *stream);

/* The attributes of one kind, into the object that is open: qemu-img's own, or the others. */
void info_attributes(const struct imgprobe_image *image, bool qemu, struct json *json);

#endif
