/* SPDX-License-Identifier: MIT */
/*
 * The command line of every subcommand, from one table of options.
 */
#ifndef CLI_OPTIONS_OPTIONS_H
#define CLI_OPTIONS_OPTIONS_H

#include "commands.h"
#include "imgprobe.h"
#include "sandbox/sandbox.h"

#include <stdalign.h>
#include <stddef.h>
#include <sys/types.h>

struct access_kind;

/* OUTPUT_HUMAN is also what a kind of access counts as: `kind` then says which. */
/* The table that is listed. */
enum listing { LISTING_FORMATS, LISTING_DRIVERS, LISTING_READERS };
enum output { OUTPUT_HUMAN, OUTPUT_JSON, OUTPUT_NDJSON, OUTPUT_CSV, OUTPUT_DOT };

struct option_row;

/* An option as it was given. */
struct given_option {
    const struct option_row *row;
    const char *value;
};

/* One place in each array, and how many words are few. */
#define OPTIONS_PLACE                                                                                                \
    (2 * sizeof(struct imgprobe_consent) + sizeof(struct imgprobe_declaration) + sizeof(struct given_option) +       \
     5 * sizeof(const char *))
#define OPTIONS_FEW 8

/* What a command line says. Strings are those of argv, but for what lies beneath a consent, which is the options'
 * own. The arrays have a place for each word of the command line, so that they can't be too short. They may lie in
 * the struct, which is not to be copied then. */
struct options {
    const struct command *command;
    const char *format; /* NULL: probe */
    enum output output;
    enum imgprobe_reader reader;
    unsigned version; /* of the reader; 0: all */
    bool backing_chain, no_open, stats, receipt, require_sandbox, help;
    struct sandbox sandbox; /* what of it is in force */
    const char *workdir;    /* NULL: not given */
    const char **roots;
    size_t root_count;
    struct imgprobe_declaration *declarations;
    size_t declaration_count;
    enum imgprobe_floor floor; /* of access and check: of tiers */
    /* of access: */
    bool write, nul;                /* -0, of scan too */
    const struct access_kind *kind; /* NULL: for people */
    const char *user;               /* of acl */
    bool exec_follows;              /* the words behind this option are a command's */
    const char *const *exec;        /* these, ended by NULL; NULL: not given */
    bool user_found;                /* in the system's list of users, with this number */
    uid_t user_id;
    struct imgprobe_consent *consents, *raised; /* --allow-write, --write-member */
    const char **raised_names;                  /* as given */
    size_t consent_count, raised_count;
    enum listing listing; /* of formats */
    /* of check: */
    bool list, tee, inside;
    const char *policy;             /* NULL: the usual one */
    const char **denied, **allowed; /* ids of findings; --allow is access's, too */
    size_t denied_count, allowed_count;
    uint64_t most_virtual_size; /* 0: any */
    /* of scan: */
    unsigned jobs; /* 0: as many as there are processors */
    bool sort, one_file_system;
    bool has_target; /* --who-uses, and which file it is */
    struct imgprobe_identity target;
    const char *target_name;
    const char **files;
    size_t file_count;
    size_t word_count;          /* of the command line */
    struct given_option *given; /* with a value, in their order, for who repeats the command line */
    size_t given_count;
    uint64_t flags; /* a bit for each row that was given without one */
    void *memory;   /* of the arrays; NULL where `few` is enough */
    alignas(max_align_t) unsigned char few[OPTIONS_FEW * OPTIONS_PLACE];
};

/* One option. `set` takes the value into the options, and returns NULL or what is wrong with it, in static memory.
 * The value is NULL where the option takes none. */
struct option_row {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* NULL: it takes none; its name in the help */
    unsigned commands;    /* the bits of those that take it */
    const char *help;
    const char *(*set)(struct options *options, const char *value);
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;

/* Reads the command line of `command`, whose name is argv[0]. Returns whether to go on. If not, *ret_status is the
 * exit status: the help was printed, or on standard error what is wrong. options_free is to be called in both cases.
 */
bool options_parse(struct options *ret, const struct command *command, int argc, char **argv, int *ret_status);
/* Frees what *options owns. argv stays the caller's. */
void options_free(struct options *options);

#endif
