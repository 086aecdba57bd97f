/* SPDX-License-Identifier: MIT */
/*
 * Opens FILE. It is the caller's own word, so no root confines it.
 */
#include "input/input.h"
#include "input/outputs.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "fd:" begins a descriptor always, never a path by accident: fd:x is a mistake and not a file's name. */
static const char *parse_descriptor(const char *file, int *ret_fd, const char **ret_name)
{
    const char *at = file + strlen("fd:");
    int fd = 0;

    if (*at < '0' || *at > '9')
        return "not fd:N or fd:N=NAME";
    for (; *at >= '0' && *at <= '9'; at++) {
        int digit = *at - '0';

        if (fd > (INT_MAX - digit) / 10)
            return "no such descriptor";
        fd = fd * 10 + digit;
    }
    if (*at != '\0' && (at[0] != '=' || at[1] == '\0'))
        return "not fd:N or fd:N=NAME";
    *ret_fd = fd;
    *ret_name = *at == '=' ? at + 1 : NULL;
    return NULL;
}

static bool is_descriptor(const char *file)
{
    return strncmp(file, "fd:", strlen("fd:")) == 0;
}

const char *input_check(const char *file)
{
    const char *name;
    int fd;

    if (file[0] == '\0')
        return "an empty FILE";
    return is_descriptor(file) ? parse_descriptor(file, &fd, &name) : NULL;
}

/* A pipe can't be read twice, so it is read once, to its end. A character device isn't read so: it may have no
 * end. */
static bool is_pipe(const struct stat *found)
{
    return S_ISFIFO(found->st_mode) || S_ISSOCK(found->st_mode);
}

static bool is_written_to(int fd)
{
    return fd == STDOUT_FILENO || fd == STDERR_FILENO;
}

/* Nothing is asked where no output is a file. */
unsigned input_is_output(const char *file)
{
    struct imgprobe_identity identity;
    struct stat found;
    const char *name;
    int fd = STDIN_FILENO;

    if (!outputs_are_files())
        return OUTPUTS_NONE;
    if (is_descriptor(file))
        parse_descriptor(file, &fd, &name);
    if ((input_is_path(file) ? stat(file, &found) : fstat(fd, &found)) != 0)
        return OUTPUTS_NONE;
    identity = outputs_identity(&found);
    return outputs_that_are(&identity);
}

bool input_is_path(const char *file)
{
    return !is_descriptor(file) && strcmp(file, "-") != 0;
}

bool input_is_stream(const char *file, bool tee)
{
    struct stat found;

    return strcmp(file, "-") == 0 && fstat(STDIN_FILENO, &found) == 0 &&
           (is_pipe(&found) || (tee && (S_ISREG(found.st_mode) || S_ISBLK(found.st_mode))));
}

const char *input_name(const char *file)
{
    const char *name = NULL;
    int fd;

    if (input_is_path(file))
        return file;
    if (is_descriptor(file))
        parse_descriptor(file, &fd, &name);
    return name;
}

char *input_directory(const char *file)
{
    const char *name = input_name(file), *slash = name ? strrchr(name, '/') : NULL;

    if (!name)
        return NULL;
    if (!slash)
        return strdup(".");
    return slash == name ? strdup("/") : strndup(name, (size_t)(slash - name));
}

/* It isn't ended, since the program's end does that. */
void input_opener(struct imgprobe_opener *opener, const struct imgprobe_roots *roots)
{
    static struct imgprobe_kept kept = {.struct_size = sizeof(kept)};

    kept.roots = roots;
    imgprobe_kept_opener(opener, &kept);
}

/* A device or a file of the kernel's own is refused here as it is everywhere, so FILE goes through the same opener as
 * what it names, without a root. */
static enum imgprobe_status open_path(const char *file, struct input *ret, struct imgprobe_error *error)
{
    static const struct imgprobe_roots anywhere = {.struct_size = sizeof(anywhere)};
    enum imgprobe_status status;

    ret->name = file;
    input_opener(&ret->opener, &anywhere);
    status = ret->opener.open(ret->opener.context, file, &ret->opened, error);
    if (status != IMGPROBE_OK)
        ret->opener.done = NULL;
    return status;
}

/* The name of a descriptor is the caller's word. If it is a link, what stands beside the name isn't what stands
 * beside the file, and an answer has to know that. */
static bool is_link(const char *name)
{
    struct stat found;

    return lstat(name, &found) == 0 && S_ISLNK(found.st_mode);
}

enum imgprobe_status input_open(const char *file, struct stream *stream, struct input *ret,
                                struct imgprobe_error *error)
{
    enum imgprobe_status status;
    int fd = STDIN_FILENO;

    *ret = (struct input){.opened.struct_size = sizeof(ret->opened),
                          .opened.source.struct_size = sizeof(ret->opened.source),
                          .opener.struct_size = sizeof(ret->opener)};
    *error = (struct imgprobe_error){
        .offset = IMGPROBE_UNKNOWN, .found = IMGPROBE_UNKNOWN, .least = IMGPROBE_UNKNOWN, .most = IMGPROBE_UNKNOWN};
    if (is_descriptor(file))
        parse_descriptor(file, &fd, &ret->name);
    else if (input_is_path(file))
        return open_path(file, ret, error);
    else if (stream && input_is_stream(file, stream->tee))
        return stream_open(fd, stream, &ret->opened, error);
    if (is_written_to(fd)) {
        error->status = IMGPROBE_SYSTEM;
        error->what = "standard output and standard error are written to, and can't be read";
        return IMGPROBE_SYSTEM;
    }
    status = imgprobe_open_fd(fd, &ret->opened, error);
    if (status == IMGPROBE_OK && ret->name)
        ret->opened.linked = is_link(ret->name);
    return status;
}

void input_close(struct input *input)
{
    if (input->opener.done)
        input->opener.done(input->opener.context, &input->opened);
}
