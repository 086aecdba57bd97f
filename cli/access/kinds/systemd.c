/* SPDX-License-Identifier: MIT */
/*
 * The kind `systemd`: a drop-in for a service, systemd.exec(5) and systemd.resource-control(5). Each file is bound
 * from its name without links to each name by which the reader opens it, with `.` and `..` undone by letters. A
 * device is bound the same way, and DeviceAllow= says whether it may be written. A unit has one file system, which
 * may be the host's. So a name with `..` must mean the same by letters as it does there.
 */
#include "access/grants/jail.h"
#include "access/grants/way.h"
#include "output/quote.h"

#include <string.h>

/* systemd takes a line break of any kind for the end, and leaves a line out that isn't UTF-8 to it. */
static bool is_refused(uint32_t point)
{
    return point == '\n' || point == '\r' || path_noncharacter(point);
}

static bool put_bind(const struct grants *grants, const struct jail_place *place, FILE *stream,
                     struct cannot *ret_why)
{
    struct path source;

    if (!path_on_host(grants, place->grant, &source, ret_why) ||
        !path_is_text(&source, is_refused, place->grant, ret_why))
        return false;
    fputs(place->grant->write ? "BindPaths=" : "BindReadOnlyPaths=", stream);
    quote_systemd(stream, source.text);
    fputc(':', stream);
    quote_systemd(stream, place->path);
    fputc('\n', stream);
    return true;
}

/* DeviceAllow= asks which device stands under a name in /dev, and takes no other. */
static bool put_device(const struct grants *grants, const struct imgprobe_grant *grant, FILE *stream,
                       struct cannot *ret_why)
{
    struct path device;

    if (!path_on_host(grants, grant, &device, ret_why))
        return false;
    if (strncmp(device.text, "/dev/", strlen("/dev/")) != 0)
        return cannot(ret_why, grant, "it is a device outside /dev");
    fputs("DeviceAllow=", stream);
    quote_systemd(stream, device.text);
    fputs(grant->write ? " rw\n" : " r\n", stream);
    return true;
}

static bool note(void *context, const struct path *directory)
{
    bool *ret_left = context;

    (void)directory;
    *ret_left = true;
    return true;
}

/* A `..` leads out of the directory to which a link points, and not out of the one in which the link stands. So where
 * one is, the name that its letters make has to lead to the same file. */
static bool check_name(const struct grants *grants, const struct imgprobe_grant *grant,
                       const struct imgprobe_name *name, struct cannot *ret_why)
{
    struct path path, place;
    struct cannot unwanted;
    bool left = false;

    if (!path_of_name(grants, grant, name->path, &path, ret_why) || !path_is_text(&path, is_refused, grant, ret_why))
        return false;
    path_normalise(&path, &place, note, &left);
    if (left && !way_to_file(grants, grant, name, place.text, NULL, NULL, &unwanted))
        return cannot(ret_why, grant, "its name holds .. behind a link");
    return true;
}

static bool check_names(const struct grants *grants, const struct imgprobe_grant *grant, struct cannot *ret_why)
{
    const struct imgprobe_name *name;

    for (name = grant->names; name; name = name->next) {
        if (!check_name(grants, grant, name, ret_why))
            return false;
    }
    return true;
}

/* systemd makes the directories above a file that it binds, but none that only a `..` passes. */
static bool check(const struct grants *grants, const struct jail *jail, struct cannot *ret_why)
{
    const struct imgprobe_grant *at;
    size_t i;

    for (at = grants->access->grants; at; at = at->next) {
        if (!check_names(grants, at, ret_why))
            return false;
    }
    for (i = 0; i < jail->count; i++) {
        const struct jail_place *place = &jail->list[i];

        if (place->directory && !place->again && !place->above)
            return cannot(ret_why, place->grant, "its name walks through a directory in which no other file stands");
    }
    return true;
}

bool access_systemd(const struct grants *grants, FILE *stream, struct cannot *ret_why)
{
    struct jail jail;
    bool fine = jail_lay_out(grants, &jail, ret_why) && check(grants, &jail, ret_why);
    size_t i;
    const struct imgprobe_grant *at;

    fputs("[Service]\n", stream);
    for (i = 0; fine && i < jail.count; i++) {
        if (!jail.list[i].directory && !jail.list[i].again)
            fine = put_bind(grants, &jail.list[i], stream, ret_why);
    }
    for (at = grants->access->grants; fine && at; at = at->next) {
        if (at->member->kind == IMGPROBE_KIND_BLOCK)
            fine = put_device(grants, at, stream, ret_why);
    }
    jail_free(&jail);
    return fine;
}
