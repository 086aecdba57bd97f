/* SPDX-License-Identifier: MIT */
/* What each member of a complete chain needs. */
#include "engine.h"

enum imgprobe_status imgprobe_access(const struct imgprobe_access_options *options,
                                     const struct imgprobe_chain *chain, struct imgprobe_workspace *workspace,
                                     struct imgprobe_access **ret_access)
{
    (void)options;
    (void)chain;
    (void)workspace;
    (void)ret_access;
    return IMGPROBE_USAGE;
}
