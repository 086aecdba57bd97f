/* SPDX-License-Identifier: MIT */
/*
 * The kind `apparmor`: file rules for a profile, one a line. AppArmor judges the name that a file has without links,
 * so that alone is named, and a device by its node. `k` lets the reader lock it.
 */
#include "access/grants/absolute-path.h"
#include "output/quote.h"

bool access_apparmor(const struct grants *grants, FILE *stream, struct cannot *ret_why)
{
    struct path path;
    const struct imgprobe_grant *at;

    for (at = grants->access->grants; at; at = at->next) {
        if (!path_on_host(grants, at, &path, ret_why))
            return false;
        quote_apparmor(stream, path.text);
        fputs(at->write ? " rwk,\n" : " rk,\n", stream);
    }
    return true;
}
