/* SPDX-License-Identifier: MIT */
/*
 * Writes the filter of system calls as C, when imgprobe is built, so that it needs no libseccomp to load it: see
 * seccomp(2). It runs where the build does, and is told for which machine the filter is. What a number is called by
 * the headers, and may differ there (O_CREAT, BLKGETSIZE64), goes through libseccomp as a mark and comes out as that
 * name.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Numbers that nothing else has. */
#define MARK(number) (UINT32_C(0x5ecc0000) + (number))
#define WRITING MARK(1)
#define ANONYMOUS MARK(2)
#define DEVICE_SIZE MARK(3)
#define TERMINAL MARK(4)
#define TERMINAL_2 MARK(5)
#define WINDOW MARK(6)

static const char *const names[] = {
    "(O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)", "MAP_ANONYMOUS", "BLKGETSIZE64", "TCGETS", "TCGETS2", "TIOCGWINSZ",
};
#define NAMES (sizeof(names) / sizeof(names[0]))

#define EXECUTE UINT32_C(4) /* PROT_EXEC */
#define WHOLE UINT32_MAX

/* The kernel takes an argument as an int, so only its lower half counts, whatever a libc leaves above it. */
#define ARGUMENT(number, mask, value) SCMP_CMP(number, SCMP_CMP_MASKED_EQ, mask, value)

#define ANY                                                                                                          \
    {                                                                                                                \
        {                                                                                                            \
            0                                                                                                        \
        }                                                                                                            \
    }

struct rule {
    const char *call;
    unsigned count;
    struct scmp_arg_cmp arguments[2];
};

/* The flags of openat2 stand in memory, where no filter looks. What openat2 may do is for Landlock to say. Without
 * Landlock the filter doesn't allow it, and the library does without it, as on an older kernel. */
struct variant {
    const char *name;
    uint32_t openat2;
    bool threads;
};

static const struct variant variants[] = {
    {"filter_with_landlock", SCMP_ACT_ALLOW, false},
    {"filter_alone", SCMP_ACT_ERRNO(ENOSYS), false},
    {"filter_threads_with_landlock", SCMP_ACT_ALLOW, true},
    {"filter_threads_alone", SCMP_ACT_ERRNO(ENOSYS), true},
};

/* What a machine doesn't have is passed over. */
/* clang-format off */
static const struct rule rules[] = {
    /* to read */
    { "read",       0, ANY },
    { "pread64",    0, ANY },
    { "open",       1, { ARGUMENT(1, WRITING, 0) } },
    { "openat",     1, { ARGUMENT(2, WRITING, 0) } },
    { "close",      0, ANY },
    { "ioctl",      1, { ARGUMENT(1, WHOLE, DEVICE_SIZE) } },
    { "fcntl",      1, { ARGUMENT(1, WHOLE, 3) } }, /* F_GETFL */
    { "fcntl64",    1, { ARGUMENT(1, WHOLE, 3) } },
    { "fcntl",      1, { ARGUMENT(1, WHOLE, 1) } }, /* F_GETFD, which musl asks of what fstat() didn't find */
    { "fcntl64",    1, { ARGUMENT(1, WHOLE, 1) } },
    { "fcntl",      1, { ARGUMENT(1, WHOLE, 2) } }, /* F_SETFD, with which musl makes sure of O_CLOEXEC */
    { "fcntl64",    1, { ARGUMENT(1, WHOLE, 2) } },
    /* to tell what a name leads to */
    { "stat",       0, ANY },
    { "stat64",     0, ANY },
    { "lstat",      0, ANY },
    { "lstat64",    0, ANY },
    { "fstat",      0, ANY },
    { "fstat64",    0, ANY },
    { "fstatat64",  0, ANY },
    { "newfstatat", 0, ANY },
    { "statx",      0, ANY },
    { "fstatfs",    0, ANY },
    { "fstatfs64",  0, ANY },
    { "readlink",   0, ANY },
    { "readlinkat", 0, ANY },
    { "getcwd",     0, ANY },
    { "getxattr",   0, ANY },
    /* to answer */
    { "write",      1, { ARGUMENT(0, WHOLE, 1) } },
    { "write",      1, { ARGUMENT(0, WHOLE, 2) } },
    { "writev",     1, { ARGUMENT(0, WHOLE, 1) } },
    { "writev",     1, { ARGUMENT(0, WHOLE, 2) } },
    { "ioctl",      1, { ARGUMENT(1, WHOLE, TERMINAL) } },
    { "ioctl",      1, { ARGUMENT(1, WHOLE, TERMINAL_2) } },
    { "ioctl",      1, { ARGUMENT(1, WHOLE, WINDOW) } },
    { "exit",       0, ANY },
    { "exit_group", 0, ANY },
    /* memory, which is no file's and never run */
    { "brk",        0, ANY },
    { "mmap",       2, { ARGUMENT(2, EXECUTE, 0), ARGUMENT(3, ANONYMOUS, ANONYMOUS) } },
    { "mmap2",      2, { ARGUMENT(2, EXECUTE, 0), ARGUMENT(3, ANONYMOUS, ANONYMOUS) } },
    { "mprotect",   1, { ARGUMENT(2, EXECUTE, 0) } },
    { "mremap",     0, ANY },
    { "munmap",     0, ANY },
    { "madvise",    0, ANY },
    { "getrandom",  0, ANY }, /* malloc() of glibc, the first time */
    { "sysinfo",    0, ANY }, /* qsort() of glibc before 2.37 */
};

/* Besides, for threads that walk directories. They are there already: none can be started. */
static const struct rule thread_rules[] = {
    { "getdents64",     0, ANY },
    { "lseek",          0, ANY }, /* seekdir() */
    { "_llseek",        0, ANY },
    { "futex",          0, ANY },
    { "futex_time64",   0, ANY },
    { "rt_sigprocmask", 0, ANY }, /* the end of a thread, here and below */
    { "rt_sigreturn",   0, ANY }, /* and that of a signal's handler */
    { "sigreturn",      0, ANY },
    { "sched_yield",    0, ANY },
    { "clock_gettime",  0, ANY }, /* where the kernel doesn't answer without a call */
    { "clock_gettime64", 0, ANY },
};
/* clang-format on */

static bool fail(const char *what, int number)
{
    fprintf(stderr, "sandbox-filter: %s: %s\n", what, strerror(number));
    return false;
}

/* On s390 the arguments of mmap stand in memory. */
static unsigned arguments_of(const struct rule *rule, uint32_t machine)
{
    bool in_memory = machine == SCMP_ARCH_S390 || machine == SCMP_ARCH_S390X;

    return in_memory && strncmp(rule->call, "mmap", 4) == 0 ? 0 : rule->count;
}

/* On x86 mmap is a call of old times whose arguments stand in memory; all use mmap2. */
static bool has(uint32_t machine, const char *call)
{
    return seccomp_syscall_resolve_name_arch(machine, call) >= 0 &&
           !(machine == SCMP_ARCH_X86 && strcmp(call, "mmap") == 0);
}

static bool add_rules(scmp_filter_ctx filter, uint32_t machine, const struct rule *list, size_t count)
{
    int error;
    size_t i;

    for (i = 0; i < count; i++) {
        const struct rule *rule = &list[i];

        if (!has(machine, rule->call))
            continue;
        /* The call goes by its number on the machine of the build, from which libseccomp finds the other. */
        error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(rule->call),
                                       arguments_of(rule, machine), rule->arguments);
        if (error != 0)
            return fail(rule->call, -error);
    }
    return true;
}

static bool add_all_rules(scmp_filter_ctx filter, uint32_t machine, const struct variant *variant)
{
    int error;

    if (!add_rules(filter, machine, rules, sizeof(rules) / sizeof(rules[0])))
        return false;
    if (variant->threads && !add_rules(filter, machine, thread_rules, sizeof(thread_rules) / sizeof(thread_rules[0])))
        return false;
    error = seccomp_rule_add(filter, variant->openat2, SCMP_SYS(openat2), 0);
    return error == 0 || fail("openat2", -error);
}

/* The filter is for `machine` alone: whoever enters the kernel by another machine's calls is killed. */
static bool build(scmp_filter_ctx filter, uint32_t machine, const struct variant *variant)
{
    int error = 0;

    if (machine != seccomp_arch_native())
        error = seccomp_arch_remove(filter, SCMP_ARCH_NATIVE);
    if (error == 0 && machine != seccomp_arch_native())
        error = seccomp_arch_add(filter, machine);
    if (error == 0)
        error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (error == 0)
        error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree: fewer steps for each call */
    return error == 0 ? add_all_rules(filter, machine, variant) : fail("the machine", -error);
}

/* libseccomp writes the bytes in the order of the machine that the filter is for. */
static uint32_t number(const unsigned char *bytes, unsigned length, bool big)
{
    uint32_t found = 0;
    unsigned i;

    for (i = 0; i < length; i++)
        found = found << 8 | bytes[big ? i : length - 1 - i];
    return found;
}

#define LINES_MOST 512

struct line {
    unsigned code, jump_true, jump_false;
    uint32_t operand;
    unsigned place; /* among those that stay */
    bool idle;
};

static size_t read_lines(FILE *program, bool big, struct line *ret)
{
    unsigned char bytes[sizeof(struct sock_filter)];
    size_t count = 0;

    for (; count < LINES_MOST && fread(bytes, sizeof(bytes), 1, program) == 1; count++)
        ret[count] = (struct line){.code = (unsigned)number(bytes, 2, big),
                                   .jump_true = bytes[2],
                                   .jump_false = bytes[3],
                                   .operand = number(bytes + 4, 4, big)};
    return count;
}

static bool is(const struct line *line, unsigned code, uint32_t operand)
{
    return line->code == code && line->operand == operand;
}

/* Whether half of an argument is loaded here, no bit of it kept, and the rest compared with 0: libseccomp writes that
 * of the half that doesn't count. The other half is loaded next. */
static bool is_idle(const struct line *line)
{
    return line[0].code == (BPF_LD | BPF_W | BPF_ABS) && is(&line[1], BPF_ALU | BPF_AND | BPF_K, 0) &&
           is(&line[2], BPF_JMP | BPF_JEQ | BPF_K, 0) && line[2].jump_true == 0 &&
           line[3].code == (BPF_LD | BPF_W | BPF_ABS);
}

/* The longer a filter is, the longer it takes to be loaded. */
static void drop_idle(struct line *lines, size_t count)
{
    unsigned place = 0;
    size_t i, part;

    for (i = 0; i + 3 < count; i++) {
        for (part = 0; part < 3 && is_idle(&lines[i]); part++)
            lines[i + part].idle = true;
    }
    for (i = 0; i < count; i++) {
        lines[i].place = place;
        place += !lines[i].idle;
    }
}

/* How far it is now from behind the line to where it led. */
static unsigned jump(const struct line *line, unsigned length)
{
    return line[1 + length].place - line->place - 1;
}

static bool print(FILE *program, bool big)
{
    static struct line lines[LINES_MOST];
    size_t count, i;

    if (fseek(program, 0, SEEK_SET) != 0)
        return fail("the filter", errno);
    count = read_lines(program, big, lines);
    if (ferror(program) != 0 || count == 0 || count == LINES_MOST)
        return fail("the filter", EIO);
    drop_idle(lines, count);
    for (i = 0; i < count; i++) {
        const struct line *line = &lines[i];
        bool jumps = BPF_CLASS(line->code) == BPF_JMP;
        uint32_t name = line->operand - MARK(1);

        if (line->idle)
            continue;
        if (line->code == (BPF_JMP | BPF_JA)) /* only a filter of several hundred lines has it */
            return fail("a long jump", EIO);
        printf("    {0x%02x, %u, %u, ", line->code, jumps ? jump(line, line->jump_true) : 0,
               jumps ? jump(line, line->jump_false) : 0);
        if (name < NAMES)
            printf("%s},\n", names[name]);
        else
            printf("0x%08x},\n", (unsigned)line->operand);
    }
    return true;
}

static bool write_variant(const struct variant *variant, uint32_t machine, bool big)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    FILE *program = tmpfile();
    bool fine = filter != NULL && program != NULL;

    /* The first step loads an argument, and the next something else. So the kernel doesn't run the filter for every
     * number that a call may have, when it is loaded, to find those whose arguments don't count: that would take
     * longer than all calls of most runs together. */
    printf("static const struct sock_filter %s[] = {\n    {BPF_LD | BPF_W | BPF_ABS, 0, 0, %u},\n", variant->name,
           (unsigned)offsetof(struct seccomp_data, args));
    fine = fine && build(filter, machine, variant) && seccomp_export_bpf(filter, fileno(program)) == 0 &&
           print(program, big);
    puts("};");
    if (program)
        fclose(program);
    seccomp_release(filter);
    return fine;
}

int main(int argc, char **argv)
{
    uint32_t machine = argc == 3 ? seccomp_arch_resolve_name(argv[1]) : 0;
    bool fine = true;
    size_t i;

    if (machine == 0) {
        fputs("sandbox-filter: wants a machine that libseccomp knows, and little or big\n", stderr);
        return 1;
    }
    printf("/* By sandbox/filter.c, for %s. */\n", argv[1]);
    for (i = 0; fine && i < sizeof(variants) / sizeof(variants[0]); i++)
        fine = write_variant(&variants[i], machine, strcmp(argv[2], "big") == 0);
    return fine && fflush(stdout) == 0 ? 0 : 1;
}
