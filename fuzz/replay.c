/* SPDX-License-Identifier: MIT */
/*
 * replay CORPUS: every input of the kept corpus through every target, each in a block of its own size; prints TAP.
 * What breaks a promise ends the program.
 *
 * replay CORPUS FOLDER: nothing is asked. The files that targets make of their own inputs are written to FOLDER, as
 * TARGET-LINE/a, b, ...; prints that name, the format asked for or -, and a number that is the same for the same
 * files.
 */
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
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

/* Reads printable text in quotes, a byte that is repeated, or hexadecimal digits: what corpus.py writes. */
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

/* ---- for other readers ---- */

static char made[4096]; /* the folder of this input, and its name in there */
static size_t made_name;

static void write_file(const struct file *file, size_t index)
{
    char path[sizeof made + 2];
    int fd;

    snprintf(path, sizeof path, "%s/%c", made, (char)('a' + index));
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    PROMISE(fd >= 0, "a file can be made there");
    if (!file_write(file, fd))
        (void)unlink(path);
    (void)close(fd);
}

static void write_files(const struct file *files, size_t count, const char *format)
{
    XXH64_hash_t digest = count;
    size_t i;

    PROMISE(mkdir(made, 0700) == 0, "a folder can be made there");
    for (i = 0; i < count; i++) {
        const uint64_t place[] = {digest, files[i].gap ? files[i].split : 0, files[i].gap,
                                  (uint64_t)files[i].spread + files[i].mended};

        digest = XXH64(files[i].bytes, files[i].length, XXH64(place, sizeof place, 0));
        write_file(&files[i], i);
    }
    printf("%s %s %016llx\n", made + made_name, format ? format : "-", (unsigned long long)digest);
}

/* ---- through the targets ---- */

static void run_all(const struct target *own, size_t size, const char *folder, unsigned number)
{
    size_t i;

    if (folder) {
        made_name = (size_t)snprintf(made, sizeof made, "%s/", folder);
        snprintf(made + made_name, sizeof made - made_name, "%s-%u", own->name, number);
        run(own, size);
        return;
    }
    for (i = 0; i < IP_COUNT(targets); i++)
        run(&targets[i], size);
}

/* The inputs of one target; false where there is none. */
static bool replay(const struct target *target, const char *corpus, const char *folder, unsigned *ret_count)
{
    static char line[LINE_MOST];
    char path[4096];
    gzFile file;

    snprintf(path, sizeof path, "%s/%s.txt.gz", corpus, target->name);
    file = gzopen(path, "rb");

    *ret_count = 0;
    if (!file)
        return false;
    while (gzgets(file, line, sizeof line)) {
        if (*line != '#')
            run_all(target, read_line(line), folder, ++*ret_count);
    }
    gzclose(file);
    return *ret_count > 0;
}

int main(int argc, char **argv)
{
    const char *folder = argc > 2 ? argv[2] : NULL;
    bool good = true;
    size_t i;

    if (argc < 2 || argc > 3)
        return 2;
    if (folder)
        fuzz_sink = write_files;
    else
        printf("1..%zu\n", IP_COUNT(targets));
    for (i = 0; i < IP_COUNT(targets); i++) {
        unsigned count;
        bool some;

        fflush(stdout);
        some = replay(&targets[i], argv[1], folder, &count);
        if (!folder)
            printf("%sok %zu - %u inputs of %s, through every target\n", some ? "" : "not ", i + 1, count,
                   targets[i].name);
        good = good && some;
    }
    return good ? 0 : 1;
}
