/* SPDX-License-Identifier: MIT */
/*
 * Names as words of a shell's command line, which can be pasted and drive no terminal.
 */
#ifndef CLI_OUTPUT_SHELL_H
#define CLI_OUTPUT_SHELL_H

#include "imgprobe.h"

#include <stdio.h>

/* As it stands where no shell sees anything in it, else in ''. Where it holds what a terminal would act on, as
 * "$(printf '')" with escapes. Any bytes but NUL come back out of every POSIX shell as they are. */
void shell_put(FILE *stream, struct imgprobe_bytes word);
/* The same for a path that is a command's operand: "./" goes before it where the command would take it for an option,
 * or qemu-img for a protocol. */
void shell_put_operand(FILE *stream, struct imgprobe_bytes path);

#endif
