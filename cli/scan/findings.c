/* SPDX-License-Identifier: MIT */
/*
 * Which findings of a file say more than what holds for all files of a scan.
 */
#include "scan/scan.h"

#include <string.h>

/* That a format was probed holds for every file of a scan. */
static bool is_said(const struct found *found, const struct imgprobe_finding *at)
{
    if (at->refused)
        return true;
    return (found->scan->follows || strcmp(at->row->id, SCAN_NOT_FOLLOWED) != 0) &&
           (at->member->index != 0 || strcmp(at->row->id, "format-probed") != 0);
}

const struct imgprobe_finding *scan_findings(const struct found *found, const struct imgprobe_finding *last)
{
    const struct imgprobe_finding *at = last ? last->next : found->verdict ? found->verdict->findings : NULL;

    while (at && !is_said(found, at))
        at = at->next;
    return at;
}
