/* SPDX-License-Identifier: MIT */
/*
 * Follows FILE's chain beneath the roots.
 */
#include "confine.h"
#include "output/verdict.h"

/* Where nothing that FILE names may be opened, not even a root is looked at. */
static enum imgprobe_status open_nothing(void *context, const char *path, struct imgprobe_opened *ret,
                                         struct imgprobe_error *error)
{
    (void)context;
    (void)path;
    (void)ret;
    error->status = IMGPROBE_REFUSED;
    error->field = "path-escape";
    error->what = "leads outside the directories that are allowed";
    return IMGPROBE_REFUSED;
}

enum imgprobe_status confine_chain(const struct options *options, const struct input *input, const char *default_root,
                                   struct imgprobe_workspace *workspace, struct imgprobe_chain **ret_chain)
{
    const bool given = options->root_count != 0;
    const char *own[] = {default_root};
    const struct imgprobe_roots roots = {.struct_size = sizeof(roots),
                                         .roots = given ? options->roots : own,
                                         .root_count = given ? options->root_count : 1};
    const struct imgprobe_options how = {
        .struct_size = sizeof(how),
        .format = options->format,
        .reader = options->reader,
        .follow = IMGPROBE_FOLLOW_ALL,
        .name = input->name,
        .workdir = options->workdir,
        .declarations = options->declarations,
        .declaration_count = options->declaration_count,
    };
    struct imgprobe_opener opener = {.struct_size = sizeof(opener)};
    struct imgprobe_chain *chain = NULL;
    enum imgprobe_status status;

    imgprobe_safe_opener(&opener, &roots);
    if (!given && default_root == NULL)
        opener.open = open_nothing;
    status = imgprobe_chain(&how, &input->opened, &opener, workspace, &chain);
    *ret_chain = NULL;
    if (status == IMGPROBE_USAGE || chain == NULL || chain->members == NULL)
        return status;
    verdict_explain_stream(chain);
    *ret_chain = chain;
    return status;
}
