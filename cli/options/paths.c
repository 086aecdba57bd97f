/* SPDX-License-Identifier: MIT */
/*
 * Files and directories on the command line: which they are is asked once, here.
 */
#include "options/paths.h"
#include "options/formats.h"
#include "large.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A device is the same one whichever node leads to it, so its number stands for it and not the node's inode. */
static struct imgprobe_identity identity_of(const struct stat *status)
{
    if (S_ISBLK(status->st_mode))
        return (struct imgprobe_identity){.device = status->st_rdev};
    return (struct imgprobe_identity){.device = status->st_dev, .inode = status->st_ino};
}

/* Right behind the call that failed. */
static const char *no_file(void)
{
    return errno == ENOENT || errno == ENOTDIR ? "no such file" : strerror(errno);
}

/* NULL, or why it is none. */
static const char *no_directory(const char *value)
{
    struct stat found;

    if (stat(value, &found) != 0)
        return errno == ENOENT || errno == ENOTDIR ? "no such directory" : strerror(errno);
    return S_ISDIR(found.st_mode) ? NULL : "not a directory";
}

/* The last "=" divides, because a path may hold one and a format's name can't. */
const char *option_declare(struct options *options, const char *value)
{
    LARGE_BUFFER char path[4096];
    const char *equals = strrchr(value, '=');
    struct imgprobe_declaration *declaration = &options->declarations[options->declaration_count];
    struct stat status;

    if (!equals || equals == value)
        return "not PATH=FORMAT";
    if ((size_t)(equals - value) >= sizeof(path))
        return "the path is too long";
    if (!imgprobe_format_named(equals + 1))
        return option_unknown_format();
    memcpy(path, value, (size_t)(equals - value));
    path[equals - value] = '\0';
    if (stat(path, &status) != 0)
        return no_file();
    declaration->format = equals + 1;
    declaration->identity = identity_of(&status);
    options->declaration_count++;
    return NULL;
}

const char *option_root(struct options *options, const char *value)
{
    const char *wrong = no_directory(value);

    if (wrong)
        return wrong;
    options->roots[options->root_count++] = value;
    return NULL;
}

const char *option_workdir(struct options *options, const char *value)
{
    const char *wrong = no_directory(value);

    if (wrong)
        return wrong;
    options->workdir = value;
    return NULL;
}

/* A directory goes by its name without links, since that is what the kernel calls the files in it. */
static const char *set_directory(struct imgprobe_consent *consent, const char *value)
{
    char *canonical = realpath(value, NULL);

    if (!canonical)
        return no_file();
    if (strcmp(canonical, "/") == 0)
        canonical[0] = '\0';
    consent->beneath = canonical;
    return NULL;
}

const char *option_allow_write(struct options *options, const char *value)
{
    struct imgprobe_consent *consent = &options->consents[options->consent_count];
    const char *wrong = NULL;
    struct stat status;

    if (stat(value, &status) != 0)
        return no_file();
    if (S_ISDIR(status.st_mode))
        wrong = set_directory(consent, value);
    else
        consent->identity = identity_of(&status);
    if (!wrong)
        options->consent_count++;
    return wrong;
}

const char *option_write_member(struct options *options, const char *value)
{
    struct stat status;

    if (stat(value, &status) != 0)
        return no_file();
    if (S_ISDIR(status.st_mode))
        return "a directory is no member";
    options->raised[options->raised_count].identity = identity_of(&status);
    options->raised_names[options->raised_count++] = value;
    return NULL;
}

const char *option_who_uses(struct options *options, const char *value)
{
    struct stat status;

    if (stat(value, &status) != 0)
        return no_file();
    if (S_ISDIR(status.st_mode))
        return "a directory is no image";
    options->target = identity_of(&status);
    options->target_name = value;
    options->has_target = true;
    return NULL;
}
