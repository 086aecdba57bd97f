/* SPDX-License-Identifier: MIT */
/*
 * {fdset} is a whole argument and becomes several. {blockdev} and {blockdev-proc} become a part of one, or all of it.
 * What else stands in braces stays. The command's own name is taken as it is.
 */
#include "exec/words.h"
#include "exec/exec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char sets[] = "{fdset}", graph[] = "{blockdev}", proc[] = "{blockdev-proc}";

const char *exec_check(const char *const *words)
{
    bool fdset = false, blockdev = false, without = false;
    size_t i;

    if (!words[0] || words[0][0] == '\0')
        return "the COMMAND is missing, which comes last with its arguments";
    for (i = 1; words[i]; i++) {
        if (strstr(words[i], sets) && strcmp(words[i], sets) != 0)
            return "{fdset} becomes several arguments, so it is to be one by itself";
        fdset = fdset || strcmp(words[i], sets) == 0;
        blockdev = blockdev || strstr(words[i], graph);
        without = without || strstr(words[i], proc);
    }
    if (blockdev != fdset)
        return "{fdset} and {blockdev} go together";
    return blockdev || without ? NULL : "no argument has {blockdev} or {blockdev-proc}";
}

static size_t replaced(FILE *stream, const char *at, const char *mark, const char *text)
{
    if (strncmp(at, mark, strlen(mark)) != 0)
        return 0;
    fputs(text, stream);
    return strlen(mark);
}

/* NULL: out of memory. */
static char *replace(const char *word, const struct hand *from)
{
    char *text = NULL;
    size_t length = 0, taken;
    FILE *stream = open_memstream(&text, &length);

    if (!stream)
        return NULL;
    for (; *word != '\0'; word += taken) {
        taken = replaced(stream, word, graph, from->sets);
        if (taken == 0)
            taken = replaced(stream, word, proc, from->proc);
        if (taken == 0) {
            fputc(*word, stream);
            taken = 1;
        }
    }
    return fclose(stream) == 0 ? text : NULL;
}

static size_t put_sets(char **place, const struct hand *from)
{
    static char option[] = "-add-fd";
    size_t at, count = 0;

    for (at = 0; at < from->length; at += strlen(from->words + at) + 1) {
        place[count++] = option;
        place[count++] = (char *)(uintptr_t)(from->words + at);
    }
    return count;
}

char **words_replaced(const char *const *words, const struct hand *from)
{
    size_t i, count = 0, most = 1;
    char **ret;

    for (i = 0; words[i]; i++)
        most += strcmp(words[i], sets) == 0 ? 2 * from->count : 1;
    ret = calloc(most, sizeof(*ret));
    for (i = 0; ret && words[i]; i++) {
        if (i > 0 && strcmp(words[i], sets) == 0) {
            count += put_sets(ret + count, from);
        } else if (!(ret[count++] = i > 0 ? replace(words[i], from) : strdup(words[i]))) {
            free(ret);
            ret = NULL;
        }
    }
    return ret;
}
