/* SPDX-License-Identifier: MIT */
/*
 * Quoting for each consumer of `imgprobe access`. What its syntax can't carry was refused before.
 */
#ifndef CLI_OUTPUT_QUOTE_H
#define CLI_OUTPUT_QUOTE_H

#include "imgprobe.h"

#include <stdio.h>

/* One word of any POSIX shell, whatever the bytes but NUL. It is in quotes even where it needs none, and not made
 * safe for a terminal: shell.h has that. */
void quote_shell(FILE *stream, struct imgprobe_bytes word);
/* A word of systemd's unit files, in which a % begins a specifier. The caller has refused line breaks and what isn't
 * UTF-8, for which systemd has no quoting. */
void quote_systemd(FILE *stream, const char *text);
/* A path of AppArmor's policy language that matches itself alone: each letter that would match others is escaped. */
void quote_apparmor(FILE *stream, const char *text);
/* An attribute's value of XML, with its quotes. The caller has refused what is no character of XML. */
void quote_xml(FILE *stream, const char *text);

#endif
