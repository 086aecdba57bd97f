/* SPDX-License-Identifier: MIT */
/*
 * Reads a command line by the table of options, and prints the help from it.
 */
#include "access/access.h"
#include "exec/exec.h"
#include "input/input.h"
#include "output/text.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS_MOST 64
/* getopt's value for the row at an index: above every letter, 0, 1 (a FILE) and '?'. */
#define FIRST_VALUE 256

/* getopt's own tables. */
struct getopt_tables {
    struct option longs[ROWS_MOST + 1];
    char letters[2 * ROWS_MOST + 3];
};

static void fill_tables(struct getopt_tables *ret, const struct command *command)
{
    size_t longs = 0, letters = 0;
    size_t i;

    *ret = (struct getopt_tables){0};
    /* "-": a FILE may stand before an option, whatever POSIXLY_CORRECT says. ":": we print the errors. */
    ret->letters[letters++] = '-';
    ret->letters[letters++] = ':';
    for (i = 0; i < option_row_count && i < ROWS_MOST; i++) {
        const struct option_row *row = &option_rows[i];

        if ((row->commands & (unsigned)command->bit) == 0)
            continue;
        ret->longs[longs].name = row->name;
        ret->longs[longs].has_arg = row->argument ? required_argument : no_argument;
        ret->longs[longs++].val = FIRST_VALUE + (int)i;
        if (row->letter == 0)
            continue;
        ret->letters[letters++] = row->letter;
        if (row->argument)
            ret->letters[letters++] = ':';
    }
}

/* getopt gives a letter for a short option, and for a long one the value that fill_tables gave it. */
static const struct option_row *find_row(int value)
{
    size_t i;

    for (i = 0; i < option_row_count; i++) {
        if (value == FIRST_VALUE + (int)i || (option_rows[i].letter != 0 && value == option_rows[i].letter))
            return &option_rows[i];
    }
    return NULL;
}

/* getopt's '?' and ':', which tell an unknown option, a value too many and one too few apart by `optopt`. */
static bool complain_option(int found, char **argv)
{
    char letter[] = {'-', (char)optopt, '\0'};
    const char *subject = optopt != 0 && optopt < FIRST_VALUE ? letter : argv[optind - 1];

    if (found == ':')
        text_complain(subject, "the option wants a value");
    else if (optopt >= FIRST_VALUE)
        text_complain(subject, "the option takes no value");
    else
        text_complain(subject, "unknown option");
    return false;
}

/* An option with a value ends its word, so there are no more than words. One without is as good as many. */
static void note_given(struct options *options, const struct option_row *row)
{
    if (optarg)
        options->given[options->given_count++] = (struct given_option){.row = row, .value = optarg};
    else
        options->flags |= UINT64_C(1) << (row - option_rows);
}

static bool set_option(struct options *options, int value)
{
    const struct option_row *row = find_row(value);
    char subject[4400];
    const char *wrong;

    if (!row) /* getopt knows no other values than the table's */
        return false;
    wrong = row->set(options, optarg);
    if (!wrong) {
        note_given(options, row);
        return true;
    }
    snprintf(subject, sizeof(subject), "--%s%s%s", row->name, optarg ? " " : "", optarg ? optarg : "");
    text_complain(subject, wrong);
    return false;
}

/* As getopt_long, but a lone "-" is a FILE: musl's ends there. */
static int next_word(int argc, char **argv, const struct getopt_tables *tables)
{
    int before = optind, found = getopt_long(argc, argv, tables->letters, tables->longs, NULL);

    if (found != -1 || optind != before || optind >= argc)
        return found;
    optarg = argv[optind++];
    return 1;
}

static bool read_words(struct options *options, const struct command *command, int argc, char **argv)
{
    struct getopt_tables tables;
    int found;

    fill_tables(&tables, command);
    while ((found = next_word(argc, argv, &tables)) != -1) {
        if (found == 1)
            options->files[options->file_count++] = optarg;
        else if (found == '?' || found == ':')
            return complain_option(found, argv);
        else if (!set_option(options, found))
            return false;
        if (options->exec_follows) {
            options->exec = (const char *const *)(argv + optind);
            return true;
        }
    }
    while (optind < argc)
        options->files[options->file_count++] = argv[optind++];
    return true;
}

/* The answer goes to the command, and nowhere else. */
static bool check_exec(struct options *options)
{
    const char *wrong;

    if (!options->exec)
        return true;
    wrong = exec_check(options->exec);
    if (options->kind || options->output != OUTPUT_HUMAN || options->stats)
        wrong = "not with --output or --stats";
    if (wrong)
        text_complain("--exec", wrong);
    options->kind = &exec_kind;
    return wrong == NULL;
}

/* An option that the asked kind of output would pass over is a mistake: the user expects it to do something. */
static bool check_access(const struct options *options)
{
    const char *kind = options->kind ? options->kind->name : "";

    if (options->file_count > 1)
        text_complain(options->files[1], "one FILE at a time");
    else if (options->nul && strcmp(kind, "paths") != 0 && strcmp(kind, "bwrap") != 0 &&
             strcmp(kind, "options") != 0 && strcmp(kind, "fdset") != 0)
        text_complain("-0", "only with --output paths, bwrap, options or fdset");
    else if (options->user && strcmp(kind, "acl") != 0)
        text_complain("--user", "only with --output acl");
    else if (!options->user && strcmp(kind, "acl") == 0)
        text_complain("--output acl", "say whom to grant the files with --user NAME");
    else
        return true;
    return false;
}

static bool check_paths(const struct options *options)
{
    size_t i;

    for (i = 0; i < options->file_count; i++) {
        if (options->files[i][0] == '\0') {
            text_complain("scan", "an empty PATH");
            return false;
        }
    }
    return true;
}

/* A person who gives no PATH means something else than to type the names. */
static bool check_scan(const struct options *options)
{
    bool names = options->file_count != 0 && strcmp(options->files[0], "-") == 0;

    if (options->file_count == 0 && isatty(STDIN_FILENO))
        text_complain("scan", "no PATH was given, and standard input is a terminal");
    else if (names && options->file_count > 1)
        text_complain(options->files[1], "with - the names come from standard input alone");
    else if (options->nul && options->file_count != 0 && !names)
        text_complain("-0", "only for names from standard input");
    else if (options->has_target && (options->output == OUTPUT_CSV || options->output == OUTPUT_DOT))
        text_complain("--who-uses", "only with --output human or ndjson");
    else
        return true;
    return false;
}

static bool check_tee(const struct options *options)
{
    if (options->file_count == 1 && strcmp(options->files[0], "-") == 0)
        return true;
    text_complain("--tee", "passes standard input on: the one FILE is -");
    return false;
}

/* Checks what no single option can see. */
static bool check(const struct options *options, const struct command *command)
{
    const bool wants_file = command->operands != NULL && !options->list;
    size_t i;

    if (!wants_file && options->file_count != 0) {
        text_complain(options->files[0],
                      options->list ? "with --list there is no FILE" : "the command takes no FILE");
        return false;
    }
    if (command->bit == COMMAND_SCAN)
        return check_scan(options) && check_paths(options);
    if (wants_file && options->file_count == 0) {
        text_complain(command->name, command->bit == COMMAND_VERIFY ? "no DOCUMENT was given" : "no FILE was given");
        return false;
    }
    if (options->no_open && options->backing_chain) {
        text_complain("--backing-chain --no-open", "a chain can't be followed without opening its members");
        return false;
    }
    if (options->receipt && options->output != OUTPUT_JSON) {
        text_complain("--receipt", "only with --output json");
        return false;
    }
    if (command->bit == COMMAND_ACCESS && !check_access(options))
        return false;
    if (options->tee && !check_tee(options))
        return false;
    for (i = 0; i < options->file_count; i++) {
        const char *wrong = input_check(options->files[i]);

        if (wrong) {
            text_complain(options->files[i], wrong);
            return false;
        }
    }
    return true;
}

static void print_kinds(const struct access_kind *kinds)
{
    puts("\nkinds of output:");
    printf("  %-12s %s\n  %-12s %s\n", "human", "a table for people (the default)", "json",
           "every member, and why there is no full answer if there is none");
    for (; kinds->name; kinds++)
        printf("  %-12s %s\n", kinds->name, kinds->help);
}

static void print_help(const struct command *command)
{
    size_t i;

    printf("usage: imgprobe %s [OPTION]...%s%s\n\n%s\n\noptions:\n", command->name, command->operands ? " " : "",
           command->operands ? command->operands : "", command->summary);
    for (i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        char words[64];

        if ((row->commands & (unsigned)command->bit) == 0)
            continue;
        snprintf(words, sizeof(words), "--%s%s%s", row->name, row->argument ? " " : "",
                 row->argument ? row->argument : "");
        printf("  %c%c %-22s %s\n", row->letter == 0 ? ' ' : '-', row->letter == 0 ? ' ' : row->letter, words,
               row->help);
    }
    if (command->kinds)
        print_kinds(command->kinds);
    if (command->bit == COMMAND_SCAN)
        puts("\nPATH is a directory or a file; with - or without it the names come from standard input.");
    else if (command->operands)
        printf("\n%.*s is a path, - for standard input, or fd:N[=NAME] for a descriptor; write ./fd:3 for a path.\n",
               (int)strcspn(command->operands, "."), command->operands);
}

/* A part of *memory, which goes on behind it. */
static void *take(unsigned char **memory, size_t count, size_t size)
{
    unsigned char *taken = *memory;

    *memory += count * size;
    return taken;
}

/* Each list gets a place for each word of the command line. That is more than enough, costs little, and never has to
 * grow. Few words need no allocator. */
static bool allocate(struct options *ret, int argc)
{
    const size_t places = (size_t)argc + 1;
    unsigned char *memory = ret->few;

    ret->word_count = (size_t)argc;
    if (places > OPTIONS_FEW)
        memory = ret->memory = calloc(places, OPTIONS_PLACE);
    if (!memory)
        return false;
    ret->consents = take(&memory, places, sizeof(*ret->consents));
    ret->raised = take(&memory, places, sizeof(*ret->raised));
    ret->declarations = take(&memory, places, sizeof(*ret->declarations));
    ret->given = take(&memory, places, sizeof(*ret->given));
    ret->roots = take(&memory, places, sizeof(*ret->roots));
    ret->files = take(&memory, places, sizeof(*ret->files));
    ret->raised_names = take(&memory, places, sizeof(*ret->raised_names));
    ret->denied = take(&memory, places, sizeof(*ret->denied));
    ret->allowed = take(&memory, places, sizeof(*ret->allowed));
    return true;
}

bool options_parse(struct options *ret, const struct command *command, int argc, char **argv, int *ret_status)
{
    *ret = (struct options){.command = command};
    *ret_status = STATUS_NO_ANSWER;
    if (!allocate(ret, argc)) {
        text_complain(command->name, "out of memory");
        return false;
    }
    *ret_status = STATUS_USAGE;
    if (!read_words(ret, command, argc, argv))
        return false;
    if (ret->help) {
        print_help(command);
        *ret_status = STATUS_ANSWERED;
        return false;
    }
    return check(ret, command) && check_exec(ret);
}

void options_free(struct options *options)
{
    size_t i;

    for (i = 0; i < options->consent_count; i++)
        free((void *)(uintptr_t)options->consents[i].beneath);
    free(options->memory);
    *options = (struct options){0};
}
