/* SPDX-License-Identifier: MIT */
/* Says in words why an opener has no file to give. */
#include "open/open.h"

#include <errno.h>

enum imgprobe_status ip_open_escape(struct imgprobe_error *error)
{
    return ip_error(error, IMGPROBE_REFUSED, "path-escape", "leads outside the directories that are allowed");
}

enum imgprobe_status ip_open_process_name(struct imgprobe_error *error)
{
    return ip_error(error, IMGPROBE_REFUSED, "process-relative-name",
                    "means another file to each process that opens it");
}

enum imgprobe_status ip_open_no_proc(struct imgprobe_error *error)
{
    return ip_error(error, IMGPROBE_SYSTEM, NULL, "/proc isn't mounted, and no file is opened safely without it");
}

enum imgprobe_status ip_open_errno(struct imgprobe_error *error, int number)
{
    static const struct {
        int number;
        const char *what;
    } texts[] = {
        {ENOENT, "no such file"},          {EACCES, "permission denied"},      {EPERM, "permission denied"},
        {ENOTDIR, "not a directory"},      {ELOOP, "too many symbolic links"}, {ENAMETOOLONG, "name too long"},
        {ENXIO, "no such device"},         {ENODEV, "no such device"},         {ENOMEDIUM, "no medium in the device"},
        {EIO, "input/output error"},       {EMFILE, "too many open files"},    {ENFILE, "too many open files"},
        {EBADF, "not an open descriptor"}, {EROFS, "read-only file system"},   {ETXTBSY, "it is being executed"},
    };
    size_t i;

    for (i = 0; i < IP_COUNT(texts) && texts[i].number != number; i++)
        ;
    ip_error(error, IMGPROBE_SYSTEM, NULL, i < IP_COUNT(texts) ? texts[i].what : "cannot be opened");
    /* Of a name that is too long, or passes too many links, another walk may think otherwise. */
    error->absent = number == ENOENT || number == ENOTDIR;
    return IMGPROBE_SYSTEM;
}
