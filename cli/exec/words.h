/* SPDX-License-Identifier: MIT */
/*
 * COMMAND and its arguments, with what stands in braces replaced.
 */
#ifndef CLI_EXEC_WORDS_H
#define CLI_EXEC_WORDS_H

#include "exec/hand.h"

/* The words to execute, ended by NULL, by an answer that is whole. NULL: out of memory. Nothing frees them. */
char **words_replaced(const char *const *words, const struct hand *from);

#endif
