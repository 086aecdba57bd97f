/* SPDX-License-Identifier: MIT */
/* One file by its path: what a caller needs who has a name and no roots. */
#include "open/open.h"

enum imgprobe_status imgprobe_open_path(const char *path, struct imgprobe_opened *ret, struct imgprobe_error *error)
{
    struct imgprobe_opener opener;

    imgprobe_safe_opener(&opener, NULL);
    return opener.open(opener.context, path, ret, error);
}

void imgprobe_close(struct imgprobe_opened *opened)
{
    struct imgprobe_opener opener;

    imgprobe_safe_opener(&opener, NULL);
    opener.done(opener.context, opened);
}
