/* SPDX-License-Identifier: MIT */
/*
 * Quoting for each consumer of `imgprobe access`. What its syntax can't carry was refused before.
 */
#ifndef CLI_OUTPUT_QUOTE_H
#define CLI_OUTPUT_QUOTE_H

#include "imgprobe.h"

#include <stdio.h>

/* One word of any POSIX shell, whatever the bytes. */
void quote_shell(FILE *stream, struct imgprobe_bytes word);
/* A word of systemd's unit files, in which a % begins a specifier. */
void quote_systemd(FILE *stream, const char *text);
/* A path of AppArmor's policy language that matches itself alone. */
void quote_apparmor(FILE *stream, const char *text);
/* An attribute's value of XML, with its quotes. */
void quote_xml(FILE *stream, const char *text);

#endif
