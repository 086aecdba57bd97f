/* SPDX-License-Identifier: MIT */
/*
 * A descriptor that was closed here may soon be that of an image, which is opened for reading only. So whatever is
 * still written to it fails.
 */
#include "input/outputs.h"

#include <unistd.h>

#define OUTPUTS 2

static const int descriptors[OUTPUTS] = {STDOUT_FILENO, STDERR_FILENO};
static const unsigned bits[OUTPUTS] = {OUTPUTS_OUT, OUTPUTS_ERROR};

struct imgprobe_identity outputs_identity(const struct stat *found)
{
    if (S_ISBLK(found->st_mode))
        return (struct imgprobe_identity){.device = found->st_rdev};
    if (S_ISREG(found->st_mode))
        return (struct imgprobe_identity){.device = found->st_dev, .inode = found->st_ino};
    return (struct imgprobe_identity){0};
}

/* Asked once, before either is closed, and before there are threads. */
static const struct imgprobe_identity *identities(void)
{
    static struct imgprobe_identity known[OUTPUTS];
    static bool asked;
    struct stat found;
    int i;

    if (asked)
        return known;
    for (i = 0; i < OUTPUTS; i++) {
        if (fstat(descriptors[i], &found) == 0)
            known[i] = outputs_identity(&found);
    }
    asked = true;
    return known;
}

static bool is_none(const struct imgprobe_identity *identity)
{
    return identity->device == 0 && identity->inode == 0;
}

unsigned outputs_that_are(const struct imgprobe_identity *identity)
{
    const struct imgprobe_identity *known = identities();
    unsigned found = OUTPUTS_NONE;
    int i;

    for (i = 0; i < OUTPUTS; i++) {
        if (!is_none(identity) && known[i].device == identity->device && known[i].inode == identity->inode)
            found |= bits[i];
    }
    return found;
}

bool outputs_are_files(void)
{
    return !is_none(&identities()[0]) || !is_none(&identities()[1]);
}

void outputs_close(unsigned which, struct imgprobe_error *error)
{
    int i;

    for (i = 0; i < OUTPUTS; i++) {
        if ((which & bits[i]) != 0)
            (void)close(descriptors[i]);
    }
    error->status = IMGPROBE_SYSTEM;
    error->field = NULL;
    error->what = (which & OUTPUTS_OUT) != 0 ? "is the file that standard output is written to"
                                             : "is the file that standard error is written to";
}
