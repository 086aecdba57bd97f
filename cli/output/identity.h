/* SPDX-License-Identifier: MIT */
/*
 * Which file it is, as JSON has it and as a document gives it back.
 */
#ifndef CLI_OUTPUT_IDENTITY_H
#define CLI_OUTPUT_IDENTITY_H

#include "output/json.h"

/* The keys "device" and, but for a block device, "inode", into the object that is open. None for a pipe. */
void identity_json(struct imgprobe_identity identity, enum imgprobe_kind kind, struct json *json);
/* The device of such a key; false where the text isn't one. */
bool identity_device(struct imgprobe_bytes text, uint64_t *ret);

#endif
