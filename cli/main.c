/* SPDX-License-Identifier: MIT */
/*
 * imgprobe: finds the subcommand, runs it, and makes sure that what it wrote arrived.
 */
#include "answer.h"
#include "commands.h"
#include "exec/exec.h"
#include "large.h"
#include "sandbox/command-line.h"
#include "output/text.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {&command_info,   &command_access, &command_check,
                                                 &command_verify, &command_scan,   &command_formats};

static int print_help(void)
{
    size_t i;

    puts("usage: imgprobe COMMAND [OPTION]... [FILE]...\n"
         "\n"
         "Tells which files a disk image refers to, before any emulator opens it.\n"
         "\n"
         "commands:");
    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    puts("\n"
         "imgprobe COMMAND --help lists a command's options; imgprobe --version prints the version.");
    return STATUS_ANSWERED;
}

static int answer(struct options *options, const struct command *command)
{
    if (!sandbox_for(options, command))
        return STATUS_NO_ANSWER;
    return command->run ? command->run(options) : answer_files(options);
}

/* The sandbox is closed after the options are read, since these look up users and files, and before the first byte of
 * an image. */
static int run(const struct command *command, int argc, char **argv)
{
    struct options options;
    int status;

    if (options_parse(&options, command, argc, argv, &status)) {
        if (options.tee)
            (void)signal(SIGPIPE, SIG_IGN); /* a pipe that nobody reads is an error of write, and is told */
        status = options.exec ? exec_run(&options) : answer(&options, command);
    }
    options_free(&options);
    return status;
}

static int dispatch(int argc, char **argv)
{
    size_t i;

    if (argc < 2) {
        text_complain("usage", "imgprobe COMMAND [OPTION]... [FILE]...; see imgprobe --help");
        return STATUS_USAGE;
    }
    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[1], commands[i]->name) == 0)
            return run(commands[i], argc - 1, argv + 1);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return print_help();
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("imgprobe " IMGPROBE_VERSION);
        return STATUS_ANSWERED;
    }
    text_complain(argv[1], "unknown command; see imgprobe --help");
    return STATUS_USAGE;
}

int main(int argc, char **argv)
{
    /* Answers in large pieces, also to a terminal: answer.c says when it sees them sooner. Messages by lines, so that
     * each is one write and those of parallel runs don't mix. */
    LARGE_BUFFER char answers[1 << 16], errors[8192];
    int status;

    setvbuf(stdout, answers, _IOFBF, sizeof(answers));
    setvbuf(stderr, errors, _IOLBF, sizeof(errors));
    status = dispatch(argc, argv);
    /* A full disk shows itself only now, and half an answer must not pass for one. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        text_complain("standard output", "can't be written");
        return STATUS_NO_ANSWER;
    }
    return status;
}
