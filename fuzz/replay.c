/* SPDX-License-Identifier: MIT */
/* Every input of the kept corpus through every target, each in a block of its own size; prints TAP. What breaks a
 * promise ends the program, and the line that stands last is the input. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define INPUT_MOST ((size_t)65536)
#define LINE_MOST (4 * INPUT_MOST)

struct target {
    const char *name;
    void (*run)(const unsigned char *bytes, size_t size);
};
#define ROW(name) {#name, fuzz_##name},
static const struct target targets[] = {FUZZ_TARGETS(ROW)};

static unsigned char bytes[INPUT_MOST];

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void add(size_t *used, unsigned byte, size_t times)
{
    PROMISE(times <= sizeof bytes - *used, "an input has its most");
    memset(bytes + *used, (int)byte, times);
    *used += times;
}

/* Printable text in quotes, a byte that is repeated, or hexadecimal digits: corpus.py writes it. */
static size_t read_line(const char *line)
{
    size_t used = 0;

    while (*line && *line != '\n') {
        size_t length = strcspn(line, " \n");

        if (*line == '"') {
            for (line++; *line && *line != '"'; line++)
                add(&used, (unsigned char)*line, 1);
            length = 1;
        } else if (memchr(line, '*', length)) {
            add(&used, digit(line[length - 2]) << 4 | digit(line[length - 1]), strtoul(line, NULL, 10));
        } else {
            size_t i;

            for (i = 0; i + 1 < length; i += 2)
                add(&used, digit(line[i]) << 4 | digit(line[i + 1]), 1);
        }
        line += length;
        line += *line == ' ';
    }
    return used;
}

static void run(const struct target *target, size_t size)
{
    unsigned char *copy = malloc(size + (size == 0));

    if (!copy)
        abort();
    memcpy(copy, bytes, size);
    target->run(copy, size);
    free(copy);
}

/* The inputs of one file; false where there is none. */
static bool replay(const char *path, unsigned *ret_count)
{
    static char line[LINE_MOST];
    gzFile file = gzopen(path, "rb");
    size_t i;

    *ret_count = 0;
    if (!file)
        return false;
    while (gzgets(file, line, sizeof line)) {
        size_t size;

        if (*line == '#')
            continue;
        size = read_line(line);
        for (i = 0; i < IP_COUNT(targets); i++)
            run(&targets[i], size);
        ++*ret_count;
    }
    gzclose(file);
    return *ret_count > 0;
}

int main(int argc, char **argv)
{
    bool good = true;
    size_t i;

    if (argc != 2)
        return 2;
    printf("1..%zu\n", IP_COUNT(targets));
    for (i = 0; i < IP_COUNT(targets); i++) {
        char path[4096];
        unsigned count;
        bool some;

        fflush(stdout);
        snprintf(path, sizeof path, "%s/%s.txt.gz", argv[1], targets[i].name);
        some = replay(path, &count);
        printf("%sok %zu - %u inputs of %s, through every target\n", some ? "" : "not ", i + 1, count,
               targets[i].name);
        good = good && some;
    }
    return good ? 0 : 1;
}
