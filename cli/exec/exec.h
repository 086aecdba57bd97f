/* SPDX-License-Identifier: MIT */
/*
 * access --exec: COMMAND is executed with the descriptors of what was judged. A child judges, in its sandbox, and
 * shares its table of descriptors with us; we only execute. Nobody in a sandbox executes anything, and what is
 * executed is in no sandbox of ours.
 */
#ifndef CLI_EXEC_EXEC_H
#define CLI_EXEC_EXEC_H

#include "options/options.h"

/* The kind as which the child answers: it writes nothing, and tells us the numbers and words. */
extern const struct access_kind exec_kind;

/* Returns what is wrong with COMMAND and its arguments, in static memory, or NULL. */
const char *exec_check(const char *const *words);
/* Has FILE judged, and executes COMMAND. Returns an exit status where that isn't to be, after saying why. */
int exec_run(struct options *options);

#endif
