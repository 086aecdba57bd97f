/* SPDX-License-Identifier: MIT */
/*
 * A name may lead elsewhere by now. So nothing is taken from a second look at it but what the first would have
 * allowed: what lies beneath the roots, and ends at the same file.
 */
#include "access/grants/way.h"

bool way_is_granted(const struct imgprobe_grant *grant, const struct stat *found)
{
    const struct imgprobe_identity *identity = &grant->member->identity;

    if (S_ISBLK(found->st_mode))
        return found->st_rdev == identity->device && identity->inode == 0;
    return found->st_dev == identity->device && found->st_ino == identity->inode;
}

/* USAGE: `directory` has said why. */
static bool walk(const struct imgprobe_roots *roots, const char *path, way_directory *directory, void *context,
                 const struct imgprobe_grant *grant, struct imgprobe_identity *ret, struct cannot *ret_why)
{
    struct imgprobe_error error;
    enum imgprobe_status status = imgprobe_way(roots, path, directory, context, ret, &error);
    char why[160];

    if (status != IMGPROBE_OK && status != IMGPROBE_USAGE) {
        imgprobe_error_text(&error, why, sizeof(why));
        cannot(ret_why, grant, "the way to it can't be gone: %s", why);
    }
    return status == IMGPROBE_OK;
}

bool way_to_file(const struct grants *grants, const struct imgprobe_grant *grant, const struct imgprobe_name *name,
                 const char *path, way_directory *directory, void *context, struct cannot *ret_why)
{
    const struct imgprobe_identity *wanted = &grant->member->identity;
    struct imgprobe_identity found;

    if (!walk(name && name->via ? &grants->roots : NULL, path, directory, context, grant, &found, ret_why))
        return false;
    if (found.device != wanted->device || found.inode != wanted->inode)
        return cannot(ret_why, grant, "its name leads to another file by now");
    return true;
}

bool way_to_root(const struct imgprobe_grant *grant, const char *root, way_directory *directory, void *context,
                 struct cannot *ret_why)
{
    struct imgprobe_identity found;

    return walk(NULL, root, directory, context, grant, &found, ret_why);
}
