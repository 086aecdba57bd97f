/* SPDX-License-Identifier: MIT */
/*
 * Names as words of a shell's command line, which can be pasted and drive no terminal.
 */
#ifndef CLI_OUTPUT_SHELL_H
#define CLI_OUTPUT_SHELL_H

#include "imgprobe.h"

#include <stdio.h>

/* As it stands, in '', or where it isn't printable in $'', which bash, ksh, zsh and POSIX.1-2024 know. */
void shell_put(FILE *stream, struct imgprobe_bytes word);
/* The same for the operand of a command: it begins no option, and for qemu-img no protocol. */
void shell_put_operand(FILE *stream, struct imgprobe_bytes path);

#endif
