/* SPDX-License-Identifier: MIT */
/*
 * The safe opener on a scratch tree. Each row is opened three times: as the machine is, on a kernel without openat2,
 * and without /proc, where nothing is opened. What this machine can't do is named on standard error and counted as
 * left out.
 */
#include "opener-tree.h"

static const struct opener_case cases[] = {
    {"regular file", "@/in/file", {0}, OPENS("@/in/file")},
    {"empty regular file", "@/in/empty", {0}, OPENS("@/in/empty")},
    {"regular file by a relative name", "in/file", {0}, OPENS("@/in/file")},
    {"regular file by a link", "@/in/to-file", {0}, OPENS("@/in/file")},
    {"two slashes and dots", "@//in/.//./dir/../file", {0}, OPENS("@/in/file")},
    {"two slashes first", "/@/in/file", {0}, OPENS("@/in/file")},
    {"dot-dot after a link stands where the link leads", "@/in/to-deep/../file", {0}, OPENS("@/in/dir/file")},
    {"directory", "@/in", {0}, FAILS("is a directory")},
    {"directory, slash at the end", "@/in/", {0}, FAILS("is a directory")},
    {"directory, dot at the end", "@/in/.", {0}, FAILS("is a directory")},
    {"directory, dot-dot at the end", "@/in/..", {0}, FAILS("is a directory")},
    {"the root directory", "/", {0}, FAILS("is a directory")},
    {"FIFO doesn't hang", "@/in/fifo", {0}, FAILS("is a FIFO")},
    {"link to a FIFO doesn't hang", "@/in/to-fifo", {0}, FAILS("is a FIFO")},
    {"socket", "@/in/socket", {0}, FAILS("is a socket")},
    {"character device", "/dev/null", {0}, FAILS("is a character device")},
    {"link to a character device", "@/in/to-null", {0}, FAILS("is a character device")},
    {"empty name", "", {0}, FAILS("name is empty")},
    {"missing file", "@/in/missing", {0}, FAILS("no such file")},
    {"missing directory", "@/missing/file", {0}, FAILS("no such file")},
    {"link to a missing file", "@/in/to-missing", {0}, FAILS("no such file")},
    {"slash behind a file", "@/in/file/", {0}, FAILS("not a directory")},
    {"dot behind a file", "@/in/file/.", {0}, FAILS("not a directory")},
    {"file as a directory", "@/in/file/x", {0}, FAILS("not a directory")},
    {"link loop", "@/in/loop", {0}, FAILS("too many symbolic links")},
    {"40 links", "@/in/link39", {0}, OPENS("@/in/file")},
    {"41 links", "@/in/link40", {0}, FAILS("too many symbolic links")},
    {"file without permission",
     "@/in/secret",
     {0},
     FAILS("permission denied"),
     .unprivileged = true,
     .canonical = true},
    {"directory without permission", "@/in/closed/file", {0}, FAILS("permission denied"), .unprivileged = true},

    {"magic link", "/proc/self/exe", {0}, PROCESS},
    {"file of procfs", "/proc/version", {0}, PROCESS},
    {"procfs itself", "/proc", {0}, PROCESS},
    {"through procfs and back", "/proc/../@/in/file", {0}, PROCESS},
    {"procfs by dots and slashes", "//.//proc/./self/exe", {0}, PROCESS},
    {"procfs by dot-dot from the root directory", "a/../../proc/self/exe", {0}, PROCESS, .cwd = "/"},
    {"procfs by dot-dot from anywhere", "a/../../../../../../proc/self/exe", {0}, PROCESS},
    {"procfs by dot-dot above the root directory", "/../../proc/self/exe", {0}, PROCESS},
    {"procfs by a relative name", "self/exe", {0}, PROCESS, .cwd = "/proc"},
    {"name that only begins like procfs", "/process/file", {0}, FAILS("no such file")},
    {"/dev/fd", "/dev/fd/0", {0}, PROCESS},
    {"/dev/fd by a relative name", "fd/0", {0}, PROCESS, .cwd = "/dev"},
    {"/dev/fdset", "/dev/fdset/1", {0}, PROCESS},
    {"/dev/stdin", "/dev/stdin", {0}, PROCESS},
    {"/dev/stdout", "/dev/stdout", {0}, PROCESS},
    {"/dev/stderr", "/dev/stderr", {0}, PROCESS},
    {"/dev/tty", "/dev/tty", {0}, PROCESS},
    {"link to /proc/self/fd/0", "@/in/to-proc-fd", {0}, PROCESS},
    {"link to /dev/fd/3", "@/in/to-dev-fd", {0}, PROCESS},
    {"link to /dev/fd, name behind it", "@/in/to-dev-fds/3", {0}, PROCESS},
    {"link to /proc/self/cwd, name behind it", "@/in/to-cwd/in/file", {0}, PROCESS},
    {"link to /proc/self/fd/0, beneath a root", "@/in/to-proc-fd", {"@/in"}, PROCESS},
    {"link to /dev/fd/3, beneath a root", "@/in/to-dev-fd", {"@/in"}, PROCESS},

    {"beneath a root", "@/in/file", {"@/in"}, OPENS("@/in/file")},
    {"beneath a root, deeper", "@/in/dir/deep/file", {"@/in"}, OPENS("@/in/dir/deep/file")},
    {"beneath the second root", "@/out/file", {"@/in", "@/out"}, OPENS("@/out/file")},
    {"beneath a root inside another", "@/in/dir/file", {"@/in/dir", "@/in"}, OPENS("@/in/dir/file")},
    {"beneath the root directory", "@/in/to-out", {"/"}, OPENS("@/out/file")},
    {"beneath a root with slashes and dots", "@/in/file", {"@/./out/../in//"}, OPENS("@/in/file")},
    {"relative name, relative root", "in/file", {"in"}, OPENS("@/in/file")},
    {"relative name, root is the directory", "file", {"."}, OPENS("@/in/file"), .cwd = "@/in"},
    {"relative name with dot-dot, relative root", "../out/file", {"../out"}, OPENS("@/out/file"), .cwd = "@/in"},
    {"relative name, absolute root", "in/file", {"@/in"}, OPENS("@/in/file")},
    {"absolute name, relative root", "@/in/file", {"in"}, OPENS("@/in/file")},
    {"slashes and dots beneath a root", "@//in/.//./dir/../file", {"@/in"}, OPENS("@/in/file")},
    {"dot-dot out and back in", "@/in/../in/file", {"@/in"}, OPENS("@/in/file")},
    {"dot-dot out, past another directory, and back in is taken by letters only",
     "@/in/../out/../in/file",
     {"@/in"},
     ESCAPE},
    {"dot-dot of a directory outside", "@/out/../in/file", {"@/in"}, ESCAPE},
    {"dot-dot of nothing outside tells nothing", "@/missing/../in/file", {"@/in"}, ESCAPE},
    {"dot-dot of a link outside, which leads elsewhere", "@/to-elsewhere/../in/file", {"@/in"}, ESCAPE},
    {"dot-dot after a link stands where it leads, beneath a root",
     "@/in/to-deep/../file",
     {"@/in"},
     OPENS("@/in/dir/file")},
    {"dot-dot from one root to another", "@/in/dir/../../out/file", {"@/in", "@/out"}, OPENS("@/out/file")},
    {"link beneath a root", "@/in/to-file", {"@/in"}, OPENS("@/in/file")},
    {"absolute link beneath a root", "@/in/to-file-absolute", {"@/in"}, OPENS("@/in/file")},
    {"link out and back in", "@/in/to-file-around", {"@/in"}, OPENS("@/in/file")},
    {"link from one root to another", "@/in/to-out", {"@/out", "@/in"}, OPENS("@/out/file")},
    {"absolute link from one root to another", "@/in/to-out-absolute", {"@/in", "@/out"}, OPENS("@/out/file")},
    {"missing beneath a root", "@/in/missing", {"@/in"}, FAILS("no such file")},
    {"missing root", "@/missing/file", {"@/missing"}, FAILS("no such file")},
    {"file as a root", "@/in/file", {"@/in/file"}, FAILS("not a directory")},
    {"FIFO beneath a root", "@/in/fifo", {"@/in"}, FAILS("is a FIFO")},
    {"a root itself", "@/in", {"@/in"}, FAILS("is a directory")},
    {"link loop beneath a root", "@/in/loop", {"@/in"}, FAILS("too many symbolic links")},
    {"40 links beneath a root", "@/in/link39", {"@/in"}, OPENS("@/in/file")},
    {"41 links beneath a root", "@/in/link40", {"@/in"}, FAILS("too many symbolic links")},
    {"outside the root", "@/out/file", {"@/in"}, ESCAPE},
    {"outside the root by a relative name", "out/file", {"in"}, ESCAPE},
    {"root's name is only the beginning", "@/inner", {"@/in"}, ESCAPE},
    {"empty root", "in/file", {""}, ESCAPE},
    {"dot-dot out", "@/in/../out/file", {"@/in"}, ESCAPE},
    {"dot-dot out of a missing directory", "@/in/missing/../../out/file", {"@/in"}, ESCAPE},
    {"dot-dot out, behind a link", "@/in/to-deep/../../../out/file", {"@/in"}, ESCAPE},
    {"relative link out", "@/in/to-out", {"@/in"}, ESCAPE},
    {"absolute link out", "@/in/to-out-absolute", {"@/in"}, ESCAPE},
    {"link to a directory outside", "@/in/to-out-directory/file", {"@/in"}, ESCAPE},
    {"link to a FIFO outside", "@/in/to-out-fifo", {"@/in"}, ESCAPE},
    {"link to a directory outside, and back in", "@/in/to-out-directory/../in/file", {"@/in"}, ESCAPE},
    {"root is a link", "@/alias/file", {"@/alias"}, OPENS("@/in/file")},
    {"root is a link, absolute link to the name given", "@/alias/to-alias", {"@/alias"}, OPENS("@/in/file")},
    {"root is a link, name is canonical", "@/in/file", {"@/alias"}, OPENS("@/in/file"), .canonical = true},
    {"root is a link, absolute link to the canonical name",
     "@/alias/to-file-absolute",
     {"@/alias"},
     OPENS("@/in/file"),
     .canonical = true},
    {"root is a link, link out and back in",
     "@/alias/to-file-around",
     {"@/alias"},
     OPENS("@/in/file"),
     .canonical = true},
    {"root is a link, dot-dot goes up where it leads",
     "@/deep-alias/../in/file",
     {"@/deep-alias", "@/in"},
     FAILS("no such file"),
     .canonical = true},
    {"root is a link, dot-dot goes up where it leads, whatever the order of the roots",
     "@/deep-alias/../in/file",
     {"@/in", "@/deep-alias"},
     FAILS("no such file"),
     .canonical = true},
    {"root is a link to /dev", "@/to-dev/tty", {"@/to-dev"}, PROCESS, .canonical = true},
    {"root is a link, dot-dot leads out by letters", "@/deep-alias/../file", {"@/deep-alias", "@/in/dir"}, ESCAPE},
    {"root is a link, link out", "@/alias/to-out", {"@/alias"}, ESCAPE},
    {"root goes up behind a link, name leads where its letters do not",
     "@/in/file",
     {"@/to-elsewhere/../in"},
     ESCAPE,
     .canonical = true},
    {"root goes up behind a link, name is canonical",
     "@/elsewhere/in/file",
     {"@/to-elsewhere/../in"},
     OPENS("@/elsewhere/in/file"),
     .canonical = true},
    {"root is canonical, name isn't", "@/alias/file", {"@/in"}, ESCAPE},

    {"block device", "/dev/%", {0}, OPENS("/dev/%"), .block = true},
    {"block device beneath /dev", "/dev/%", {"/dev"}, OPENS("/dev/%"), .block = true},
    {"link beneath a root in /dev to a block device", "!/block", {"!"}, OPENS("/dev/%"), .block = true},
    {"absolute link beneath a root in /dev to a block device", "!/absolute", {"!"}, OPENS("/dev/%"), .block = true},
    {"link beneath a root in /dev to a link to a block device", "!/twice", {"!"}, OPENS("/dev/%"), .block = true},
    {"root is a link to one in /dev",
     "@/to-dev-directory/block",
     {"@/to-dev-directory"},
     OPENS("/dev/%"),
     .block = true,
     .canonical = true},
    {"name beneath a root in /dev to a block device", "!/../%", {"!"}, ESCAPE, .block = true},
    {"block device in /dev, root deeper in /dev", "/dev/%", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev to a character device", "!/null", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev to nothing", "!/missing", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev to a directory", "!/directory", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev to /dev", "!/dev", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev to another directory", "!/deeper", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev to a file outside", "!/file", {"!"}, ESCAPE, .block = true},
    {"link beneath a root in /dev/shm to a block device", "^/block", {"^"}, ESCAPE, .block = true},
    {"link beneath any other root to a block device", "@/in/to-block", {"@/in"}, ESCAPE, .block = true},
};

static bool check_case(const void *argument)
{
    return case_holds(argument);
}

struct run {
    const struct opener_case *c;
    enum setting setting;
};
static struct run runs[COUNT(cases) * SETTINGS];

static void test_case(void **state)
{
    const struct run *run = *state;

    assert_int_equal(in_setting(run->setting, check_case, run->c), 0);
}

/* Whether /dev/shm is a file system of its own, as it is wherever anybody may write to it. */
static bool shm_apart(void)
{
    struct stat dev, shm;

    return stat("/dev", &dev) == 0 && stat("/dev/shm", &shm) == 0 && dev.st_dev != shm.st_dev;
}

static void add_cases(void)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (unsigned s = 0; s < SETTINGS; s++) {
            struct run *run = &runs[i * SETTINGS + s];

            *run = (struct run){&cases[i], (enum setting)s};
            if (cases[i].block && !have_block)
                leave_out(cases[i].name, setting_names[s], "no loop device");
            else if (cases[i].path[0] == '^' && !shm_apart())
                leave_out(cases[i].name, setting_names[s], "/dev/shm is no file system of its own");
            else if (s == NO_PROC && !have_namespace)
                leave_out(cases[i].name, setting_names[s], "no mount namespace");
            else if (s != NO_PROC || !cases[i].canonical)
                add(cases[i].name, setting_names[s], test_case, run);
        }
    }
}

int main(void)
{
    begin();
    add_cases();
    return run_and_remove("opener");
}
