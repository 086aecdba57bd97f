/* SPDX-License-Identifier: MIT */
/*
 * Runs commands in turn, as often as said, and prints what each run took: spawn ROUNDS. A line of the input is a
 * command, with tabs between its words. A line of the answer is one command's: its exit status, its page faults, and
 * microseconds of CPU time of each run. Its output goes nowhere.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMANDS 4096
#define WORDS 2048

extern char **environ;

struct command {
    char **words;
    long *took, faults;
    int status;
};

static char **split(char *line)
{
    char **words = calloc(WORDS, sizeof(*words)), *word;
    size_t count = 0;

    for (word = strtok(line, "\t\n"); words && word && count + 1 < WORDS; word = strtok(NULL, "\t\n"))
        words[count++] = word;
    return words;
}

static long microseconds(const struct timeval *time)
{
    return (long)time->tv_sec * 1000000 + (long)time->tv_usec;
}

static void run(struct command *command, const posix_spawn_file_actions_t *actions, long round)
{
    struct rusage used = {0};
    pid_t child;
    int status = -1;

    command->status = -1;
    if (posix_spawnp(&child, command->words[0], actions, NULL, command->words, environ) != 0 ||
        wait4(child, &status, 0, &used) != child)
        return;
    command->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    command->took[round] = microseconds(&used.ru_utime) + microseconds(&used.ru_stime);
    if (round == 0 || used.ru_minflt < command->faults)
        command->faults = used.ru_minflt;
}

static size_t read_commands(struct command *ret, long rounds)
{
    size_t count = 0, size = 0;
    char *line = NULL;

    while (count < COMMANDS && getline(&line, &size, stdin) > 0) {
        ret[count].took = calloc((size_t)rounds, sizeof(*ret[count].took));
        ret[count].words = split(line);
        if (!ret[count].took || !ret[count].words || !ret[count].words[0])
            exit(2);
        line = NULL; /* its words stay */
        count++;
    }
    free(line);
    return count;
}

int main(int argc, char **argv)
{
    static struct command commands[COMMANDS];
    posix_spawn_file_actions_t actions;
    long rounds = argc == 2 ? strtol(argv[1], NULL, 10) : 0, round;
    size_t count, i;

    if (rounds < 1)
        return 2;
    count = read_commands(commands, rounds);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    for (round = 0; round < rounds; round++) {
        for (i = 0; i < count; i++)
            run(&commands[i], &actions, round);
    }
    for (i = 0; i < count; i++) {
        printf("%d %ld", commands[i].status, commands[i].faults);
        for (round = 0; round < rounds; round++)
            printf(" %ld", commands[i].took[round]);
        putchar('\n');
    }
    return 0;
}
