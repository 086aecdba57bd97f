/* SPDX-License-Identifier: MIT */
/*
 * The table of options: name, argument, who takes it, what it does. getopt's tables and the help come from it.
 */
#include "options.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PROBING ((unsigned)COMMAND_INFO)
#define ALL ((unsigned)COMMAND_INFO | (unsigned)COMMAND_FORMATS)

/* "unknown format; known are qcow2, vmdk, ..." in static memory, which one message at a time may use. */
static const char *unknown_format(void)
{
    static char message[1024];
    const struct imgprobe_format *format;
    size_t length = (size_t)snprintf(message, sizeof(message), "unknown format; known are");

    for (size_t i = 0; (format = imgprobe_format_at(i)) != NULL && length < sizeof(message); i++) {
        length +=
            (size_t)snprintf(message + length, sizeof(message) - length, "%s %s", i == 0 ? "" : ",", format->name);
    }
    return message;
}

static const char *set_format(struct options *options, const char *value)
{
    if (imgprobe_format_named(value) == NULL)
        return unknown_format();
    options->format = value;
    return NULL;
}

static const char *set_output(struct options *options, const char *value)
{
    if (strcmp(value, "human") == 0)
        options->output = OUTPUT_HUMAN;
    else if (strcmp(value, "json") == 0)
        options->output = OUTPUT_JSON;
    else
        return "not one of human, json";
    return NULL;
}

static const char *set_backing_chain(struct options *options, const char *value)
{
    (void)value;
    options->backing_chain = true;
    return NULL;
}

static const char *set_no_open(struct options *options, const char *value)
{
    (void)value;
    options->no_open = true;
    return NULL;
}

/* The last "=" divides, because a path may hold one and a format's name can't. */
static const char *set_declare(struct options *options, const char *value)
{
    static char path[4096];
    const char *equals = strrchr(value, '=');
    struct imgprobe_declaration *declaration = &options->declarations[options->declaration_count];
    struct stat status;

    if (equals == NULL || equals == value)
        return "not PATH=FORMAT";
    if ((size_t)(equals - value) >= sizeof(path))
        return "the path is too long";
    if (imgprobe_format_named(equals + 1) == NULL)
        return unknown_format();
    memcpy(path, value, (size_t)(equals - value));
    path[equals - value] = '\0';
    if (stat(path, &status) != 0)
        return "no file can be found at PATH";
    declaration->format = equals + 1;
    if (S_ISBLK(status.st_mode))
        declaration->identity = (struct imgprobe_identity){.device = status.st_rdev};
    else
        declaration->identity = (struct imgprobe_identity){.device = status.st_dev, .inode = status.st_ino};
    options->declaration_count++;
    return NULL;
}

static const char *set_reader(struct options *options, const char *value)
{
    if (strcmp(value, "qemu") == 0)
        options->reader = IMGPROBE_READER_QEMU;
    else if (strcmp(value, "xen") == 0)
        options->reader = IMGPROBE_READER_XEN;
    else
        return "not one of qemu, xen";
    return NULL;
}

static const char *set_nothing(struct options *options, const char *value)
{
    (void)options;
    (void)value;
    return NULL;
}

static const char *set_root(struct options *options, const char *value)
{
    if (value[0] == '\0')
        return "not a directory";
    options->roots[options->root_count++] = value;
    return NULL;
}

static const char *set_workdir(struct options *options, const char *value)
{
    if (value[0] == '\0')
        return "not a directory";
    options->workdir = value;
    return NULL;
}

static const char *set_stats(struct options *options, const char *value)
{
    (void)value;
    options->stats = true;
    return NULL;
}

static const char *set_help(struct options *options, const char *value)
{
    (void)value;
    options->help = true;
    return NULL;
}

/* clang-format off */
const struct option_row option_rows[] = {
    { "format",        'f', "FORMAT",      PROBING, "the format of FILE; without it, it is probed",     set_format },
    { "output",         0,  "human|json",  ALL,     "for people (the default), or for programs",       set_output },
    { "backing-chain",  0,  NULL,          PROBING, "follow every reference, to the end",              set_backing_chain },
    { "no-open",        0,  NULL,          PROBING, "answer from FILE alone, open nothing it names",   set_no_open },
    { "declare",        0,  "PATH=FORMAT", PROBING, "the format of a file that FILE leads to",         set_declare },
    { "reader",         0,  "qemu|xen",    PROBING, "whose rules names are resolved by",               set_reader },
    { "root",           0,  "DIR",         PROBING, "open what FILE names beneath DIR only",           set_root },
    { "workdir",        0,  "DIR",         PROBING, "the reader's working directory",                  set_workdir },
    { "stats",          0,  NULL,          PROBING, "say what was read, and the memory used",          set_stats },
    { "force-share",   'U', NULL,          PROBING, "accepted for qemu-img's sake: no lock is taken",  set_nothing },
    { "help",          'h', NULL,          ALL,     "this list",                                       set_help },
};
/* clang-format on */

const size_t option_row_count = sizeof(option_rows) / sizeof(option_rows[0]);
