/* SPDX-License-Identifier: MIT */
/*
 * The kind `paths`: each file once, the top first, by the first name under which the reader opens it.
 */
#include "access/grants/absolute-path.h"

#include <string.h>

bool access_paths(const struct grants *grants, FILE *stream, struct cannot *ret_why)
{
    const struct imgprobe_grant *at;

    for (at = grants->access->grants; at; at = at->next) {
        const struct imgprobe_name *name = at->names;

        if (!name)
            return cannot(ret_why, at, "it was given as a descriptor without a name");
        if (!path_is_shown(grants, at, name->path, "its name", ret_why))
            return false;
        if (!grants->options->nul && memchr(name->path.bytes, '\n', name->path.length))
            return cannot(ret_why, at, "its name holds a newline, which would end a line: say -0");
        /* Whoever wrote the image chose the name. It must not become an option of the command that is given it. */
        if (name->path.bytes[0] == '-')
            fputs("./", stream);
        fwrite(name->path.bytes, 1, name->path.length, stream);
        fputc(grants->options->nul ? '\0' : '\n', stream);
    }
    return true;
}
