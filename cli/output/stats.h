/* SPDX-License-Identifier: MIT */
/*
 * What --stats says: what was read, the memory that it took, and what of the sandbox is in force.
 */
#ifndef CLI_OUTPUT_STATS_H
#define CLI_OUTPUT_STATS_H

#include "output/json.h"
#include "sandbox/sandbox.h"

/* Of all members together. `workspace` is how many bytes of it were used at most. The text is two lines, the JSON an
 * object "stats" in the object that is open. */
void stats_text(const struct imgprobe_chain *chain, size_t workspace, const struct sandbox *sandbox, FILE *stream);
void stats_json(const struct imgprobe_chain *chain, size_t workspace, const struct sandbox *sandbox,
                struct json *json);

/* Of one member. What holds of all of them, the workspace and the sandbox, stands with the first alone. */
void stats_member_json(const struct imgprobe_member *member, size_t workspace, const struct sandbox *sandbox,
                       struct json *json);

#endif
