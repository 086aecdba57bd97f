/* SPDX-License-Identifier: MIT */
/*
 * The subcommands, and the exit statuses that they share. Each has a file of its own.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

enum exit_status {
    STATUS_ANSWERED = 0,
    STATUS_NO_ANSWER = 1,
    STATUS_USAGE = 2,
    STATUS_REFUSED = 3,
    STATUS_AMBIGUOUS = 8 /* blkid's number for it */
};

/* Bits, so that a row of the options can belong to several. */
enum command_bit { COMMAND_INFO = 1, COMMAND_FORMATS = 2, COMMAND_ACCESS = 4, COMMAND_CHECK = 8 };

struct access_kind;
struct options;

struct command {
    const char *name;
    enum command_bit bit;
    const char *operands; /* NULL: it takes none */
    const char *summary;
    const struct access_kind *kinds; /* of output, besides human and json; the last has no name. NULL: no others */
    int (*run)(const struct options *options); /* returns the exit status */
};

int run_info(const struct options *options);
int run_access(const struct options *options);
int run_check(const struct options *options);
int run_formats(const struct options *options);

#endif
