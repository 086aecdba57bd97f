/* SPDX-License-Identifier: MIT */
/*
 * What --receipt adds to a document: all that imgprobe verify compares.
 */
#ifndef CLI_OUTPUT_RECEIPT_H
#define CLI_OUTPUT_RECEIPT_H

#include "answer.h"
#include "output/json.h"

#define RECEIPT_CHANGED 40 /* room for a change time as text */

/* The object "receipt", into the object that is open. Nothing where it wasn't asked for, or FILE couldn't be opened.
 */
void receipt_json(const struct answer *answer, struct json *json);
/* Seconds since 1970 and nanoseconds as "SECONDS.NANOSECONDS". */
void receipt_changed(char text[RECEIPT_CHANGED], int64_t seconds, uint32_t nanoseconds);

#endif
