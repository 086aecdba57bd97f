/* SPDX-License-Identifier: MIT */
/*
 * The table of options: name, argument, who takes it, what it does. getopt's tables and the help come from it.
 */
#include "access/access.h"
#include "options/refusals.h"
#include "options/formats.h"
#include "options/paths.h"
#include "options/readers.h"
#include "scan/crew.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INFO ((unsigned)COMMAND_INFO)
#define ACCESS ((unsigned)COMMAND_ACCESS)
#define CHECK ((unsigned)COMMAND_CHECK)
#define VERIFY ((unsigned)COMMAND_VERIFY)
#define SCAN ((unsigned)COMMAND_SCAN)
#define PROBING (INFO | ACCESS | CHECK)
#define NOT_ACCESS (INFO | CHECK | VERIFY | (unsigned)COMMAND_FORMATS)
#define ALL (PROBING | VERIFY | SCAN | (unsigned)COMMAND_FORMATS)

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

/* "not one of human, json, paths, ..." in static memory, as long as there is one command line. */
static const char *unknown_kind(const struct access_kind *known)
{
    static char message[256];
    size_t length = (size_t)snprintf(message, sizeof(message), "not one of human, json");

    for (; known->name && length < sizeof(message); known++)
        length += (size_t)snprintf(message + length, sizeof(message) - length, ", %s", known->name);
    return message;
}

/* The kinds and the two outputs are values of one option, of which the last one given counts. */
static const char *set_kind(struct options *options, const char *value)
{
    const struct access_kind *at;

    options->kind = NULL;
    options->output = OUTPUT_HUMAN;
    for (at = options->command->kinds; at->name; at++) {
        if (strcmp(value, at->name) == 0)
            options->kind = at;
    }
    if (!options->kind && set_output(options, value))
        return unknown_kind(options->command->kinds);
    return NULL;
}

static const char *set_scan_output(struct options *options, const char *value)
{
    if (strcmp(value, "human") == 0)
        options->output = OUTPUT_HUMAN;
    else if (strcmp(value, "ndjson") == 0)
        options->output = OUTPUT_NDJSON;
    else if (strcmp(value, "csv") == 0)
        options->output = OUTPUT_CSV;
    else if (strcmp(value, "dot") == 0)
        options->output = OUTPUT_DOT;
    else
        return "not one of human, ndjson, csv, dot";
    return NULL;
}

static const char *set_jobs(struct options *options, const char *value)
{
    size_t digits = strspn(value, "0123456789");

    options->jobs = 0;
    if (digits >= 1 && digits <= 3 && value[digits] == '\0')
        options->jobs = (unsigned)strtoul(value, NULL, 10);
    return options->jobs >= 1 && options->jobs <= CREW_MOST ? NULL : "not a number from 1 to 256";
}

static const char *set_sort(struct options *options, const char *value)
{
    (void)value;
    options->sort = true;
    return NULL;
}

static const char *set_one_file_system(struct options *options, const char *value)
{
    (void)value;
    options->one_file_system = true;
    return NULL;
}

static const char *set_nul(struct options *options, const char *value)
{
    (void)value;
    options->nul = true;
    return NULL;
}

#ifdef IMGPROBE_EXEC
static const char *set_exec(struct options *options, const char *value)
{
    (void)value;
    options->exec_follows = true;
    return NULL;
}
#endif

/* Looked up here, because it may need a connection to a server of names, and there is none in the sandbox. A number
 * is taken as it is, even if no user has it: a container's users are often known only inside it. */
static const char *set_user(struct options *options, const char *value)
{
    const struct passwd *found;

    if (value[0] == '\0')
        return "not a user";
    found = getpwnam(value);
    if (!found && (value[strspn(value, "0123456789")] != '\0' || strlen(value) >= 10))
        return "there is no such user";
    options->user = value;
    options->user_found = found != NULL;
    options->user_id = found ? found->pw_uid : 0;
    return NULL;
}

static const char *set_write(struct options *options, const char *value)
{
    (void)value;
    options->write = true;
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

static const char *set_drivers(struct options *options, const char *value)
{
    (void)value;
    if (options->listing == LISTING_READERS)
        return "not together with --readers";
    options->listing = LISTING_DRIVERS;
    return NULL;
}

static const char *set_readers(struct options *options, const char *value)
{
    (void)value;
    if (options->listing == LISTING_DRIVERS)
        return "not together with --drivers";
    options->listing = LISTING_READERS;
    return NULL;
}

/* The option is taken so that a script may say qemu-img's words here too. */
static const char *set_nothing(struct options *options, const char *value)
{
    (void)options;
    (void)value;
    return NULL;
}

static const char *set_stats(struct options *options, const char *value)
{
    (void)value;
    options->stats = true;
    return NULL;
}

static const char *set_receipt(struct options *options, const char *value)
{
    (void)value;
    options->receipt = true;
    return NULL;
}

static const char *set_require_sandbox(struct options *options, const char *value)
{
    (void)value;
    options->require_sandbox = true;
    return NULL;
}

static const char *set_inside(struct options *options, const char *value)
{
    (void)value;
    options->inside = true;
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
    { "format",        'f', "FORMAT",      PROBING,    "the format of FILE; without it, it is probed",     option_format },
    { "output",         0,  "human|json",  NOT_ACCESS, "for people (the default), or for programs",        set_output },
    { "output",         0,  "KIND",        ACCESS,     "for people, or one of the kinds below",            set_kind },
    { "output",         0,  "KIND",        SCAN,       "human (the default), ndjson, csv, dot",            set_scan_output },
    { "null",          '0', NULL,          ACCESS,     "with --output paths, bwrap, options, fdset: a NUL ends each", set_nul },
    { "null",          '0', NULL,          SCAN,       "a NUL ends each name on standard input",           set_nul },
    { "jobs",          'j', "N",           SCAN,       "so many threads; one for each processor without it", set_jobs },
    { "sort",           0,  NULL,          SCAN,       "in order of the names",                            set_sort },
    { "one-file-system", 0, NULL,          SCAN,       "don't walk other file systems",                    set_one_file_system },
    { "who-uses",       0,  "PATH",        SCAN,       "which images stand on this one",                   option_who_uses },
    { "user",           0,  "NAME",        ACCESS,     "with --output acl: whom to grant the files",       set_user },
#ifdef IMGPROBE_EXEC
    { "exec",           0,  NULL,          ACCESS,     "execute COMMAND ARGUMENT..., all that follows, with the files open", set_exec },
#endif
    { "write",          0,  NULL,          ACCESS,     "FILE is opened for writing",                       set_write },
    { "allow-write",    0,  "PATH",        ACCESS,     "what FILE names may be written: a file, or all in a directory", option_allow_write },
    { "write-member",   0,  "PATH",        ACCESS,     "a member that is written besides",                 option_write_member },
    { "allow",          0,  "ID",          ACCESS,     "lift this refusal: parent-not-told",               option_lift },
    { "backing-chain",  0,  NULL,          INFO | SCAN, "follow every reference, to the end",               set_backing_chain },
    { "no-open",        0,  NULL,          INFO,       "answer from FILE alone, open nothing it names",    set_no_open },
    { "policy",         0,  "NAME",        CHECK,      "what is refused: upload (the default), guest, base", option_policy },
    { "policy",         0,  "NAME",        SCAN,       "what is refused: upload, guest, base; nothing without it", option_policy },
    { "deny",           0,  "ID",          CHECK | SCAN, "refuse this finding besides",                      option_deny },
    { "allow",          0,  "ID",          CHECK | SCAN, "don't refuse this finding",                        option_allow },
    { "tier",           0,  "TIER",        ACCESS | CHECK | SCAN, "refuse formats and drivers below guest, or below import", option_tier },
    { "max-virtual-size", 0, "N",          CHECK | SCAN, "refuse a larger disk: bytes, or with K, M, G or T", option_most_virtual_size },
    { "tee",            0,  NULL,          CHECK,      "pass - on to standard output, and stop when it is refused", option_tee },
    { "inside",         0,  NULL,          CHECK,      "of a gzip file, judge the image inside it",        set_inside },
    { "list",           0,  NULL,          CHECK,      "every finding and policy that there is",           option_list },
    { "drivers",        0,  NULL,          (unsigned)COMMAND_FORMATS, "QEMU's block drivers instead",      set_drivers },
    { "readers",        0,  NULL,          (unsigned)COMMAND_FORMATS, "the readers and their versions instead", set_readers },
    { "declare",        0,  "PATH=FORMAT", PROBING | SCAN,    "the format of a file that FILE leads to",          option_declare },
    { "reader",         0,  "NAME",        PROBING | SCAN,    "who will open it: qemu (every version), qemu-10.0, xen, imago", option_reader },
    { "root",           0,  "DIR",         PROBING | VERIFY | SCAN, "open what FILE names beneath DIR only",            option_root },
    { "workdir",        0,  "DIR",         PROBING | SCAN,    "the reader's working directory",                   option_workdir },
    { "stats",          0,  NULL,          PROBING | VERIFY, "say what was read, the memory used, and the sandbox",           set_stats },
    { "receipt",        0,  NULL,          PROBING,    "with --output json: add what imgprobe verify compares", set_receipt },
    { "force-share",   'U', NULL,          PROBING | SCAN,    "accepted for qemu-img's sake: no lock is taken",   set_nothing },
    { "require-sandbox", 0, NULL,          ALL,        "read nothing unless every layer of the sandbox is in force", set_require_sandbox },
    { "help",          'h', NULL,          ALL,        "this list",                                        set_help },
};
/* clang-format on */

const size_t option_row_count = sizeof(option_rows) / sizeof(option_rows[0]);
