/* SPDX-License-Identifier: MIT */
/*
 * Prints what came out of `imgprobe access`, and on standard error why it isn't whole. A kind is printed as a whole
 * or not at all.
 */
#include "access/access.h"
#include "access/print.h"
#include "access/working-directory.h"
#include "output/text.h"
#include "output/failure.h"
#include "output/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What to do with a line: options are added to those that were given, and a command is run as it stands. The rest is
 * for a person to do, or to know. */
static const char *what_to_do(const char *line)
{
    if (line[0] == '-')
        return "add";
    return strncmp(line, "imgprobe ", 9) == 0 || strncmp(line, "qemu-img ", 9) == 0 ? "run" : "hint";
}

/* What couldn't be said goes to standard error: what is wrong, and each thing to do about it. */
void access_complain(const struct answer *answer)
{
    char *advice = advice_text(answer), *rest = advice, *line;

    failure_complain(answer);
    while ((line = strsep(&rest, "\n"))) {
        if (line[0] != '\0')
            fprintf(stderr, "imgprobe: %s: %s\n", what_to_do(line), line);
    }
    free(advice);
}

static bool could_say(const struct access_kind *kind, const struct grants *grants)
{
    struct cannot cannot = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    bool said = stream != NULL && kind->write(grants, stream, &cannot);

    if (stream)
        fclose(stream);
    free(text);
    return said;
}

/* Says which other kinds could carry the answer, by having each of them write it. */
static void put_others(const struct grants *grants)
{
    struct options options = *grants->options;
    struct grants again = *grants;
    const struct access_kind *kind;

    options.nul = true;
    if (!options.user) {
        options.user = "root";
        options.user_found = true; /* root is user 0 everywhere */
    }
    again.options = &options;
    fputs(", but json", stderr);
    for (kind = access_kinds; kind->name; kind++) {
        if (!kind->anywhere && (kind != grants->options->kind || strcmp(kind->name, "paths") == 0) &&
            could_say(kind, &again))
            fprintf(stderr, ", %s%s", kind->name, strcmp(kind->name, "paths") == 0 ? " -0" : "");
    }
    fputs(" can", stderr);
}

/* What a kind that goes anywhere would say nobody else says. */
static void complain_cannot(const struct grants *grants, const struct cannot *cannot, const char *file)
{
    const struct imgprobe_name *name = cannot->grant ? cannot->grant->names : NULL;
    const struct access_kind *kind = grants->options->kind;
    struct grants again = *grants;

    text_complain_start(name ? name->path : text_bytes(file), cannot->why);
    fprintf(stderr, ": --output %s can't say it", kind->name);
    if (!kind->anywhere)
        put_others(grants);
    again.terminal = false;
    if (grants->terminal && could_say(kind, &again))
        fprintf(stderr, ", %s can %s to a pipe or a file", kind->anywhere ? "but so" : "and so", kind->name);
    fputc('\n', stderr);
}

/* All of a kind's output or nothing. */
static int print_kind(const struct answer *answer, const char *directory, FILE *output)
{
    const struct grants grants = {.options = answer->options,
                                  .chain = answer->chain,
                                  .access = answer->access,
                                  .directory = directory,
                                  .roots = answer_roots(answer),
                                  .terminal = isatty(fileno(output))};
    struct cannot cannot = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    bool said = stream != NULL && answer->options->kind->write(&grants, stream, &cannot);
    bool whole = stream != NULL && ferror(stream) == 0;

    if (stream && fclose(stream) != 0)
        whole = false;
    if (!whole)
        text_complain(answer->file, "out of memory");
    else if (!said)
        complain_cannot(&grants, &cannot, answer->file);
    else
        fwrite(text, 1, length, output);
    free(text);
    return whole && said ? STATUS_ANSWERED : STATUS_NO_ANSWER;
}

static int print_granted(const struct answer *answer, FILE *stream)
{
    char directory[PATH_MAX];

    if (working_directory(directory))
        return print_kind(answer, directory, stream);
    text_complain("the working directory", strerror(errno));
    return STATUS_NO_ANSWER;
}

int access_print(const struct answer *answer, FILE *stream)
{
    if (!answer->options->kind)
        access_text(answer, stream);
    else if (answer->status == STATUS_ANSWERED)
        return print_granted(answer, stream);
    return answer->status;
}
