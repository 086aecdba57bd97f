/* SPDX-License-Identifier: MIT */
/* Where a relative name stands: beside the image that holds it, or in the reader's working directory. */
#include "name/name.h"

/* The path isn't cleaned up, since the reader doesn't do it either. */
enum imgprobe_status ip_place_join(const struct place *place, struct imgprobe_bytes a, struct imgprobe_bytes b,
                                   struct imgprobe_bytes *ret)
{
    const struct imgprobe_bytes parts[] = {a, b};

    uint64_t most = place->limits->name_bytes;

    if (a.length > most || b.length > most - a.length)
        return ip_error_over(place->error, "name_bytes", IMGPROBE_UNKNOWN, (uint64_t)a.length + b.length, most);
    return ip_join(place->w, parts, IP_COUNT(parts), ret, place->error);
}

enum imgprobe_status ip_unfollowed(struct imgprobe_reference *r, enum imgprobe_kind kind, const char *reason,
                                   const char *note)
{
    r->led.kind = kind;
    r->led.reason = reason;
    r->led.note = note;
    return IMGPROBE_OK;
}

enum imgprobe_status ip_unfollowed_by_some(struct imgprobe_reference *r, const struct place *place,
                                           struct ip_when when, const char *what)
{
    enum imgprobe_status s = ip_versions_differ(place->w, place->versions, when, what, &what, place->error);

    ip_own(r)->differs = true;
    return s ? s : ip_unfollowed(r, IMGPROBE_KIND_NONE, "versions-differ", what);
}

static enum imgprobe_status give_path(struct imgprobe_reference *r, const struct place *place,
                                      struct imgprobe_bytes base, struct imgprobe_bytes name)
{
    enum imgprobe_status s;

    if (name.length == 0)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "empty-name", "it names no file");
    s = ip_place_join(place, base, name, &r->led.path);
    if (s == IMGPROBE_OK)
        r->led.kind = IMGPROBE_KIND_FILE;
    return s;
}

/* The directory is that of the name under which the image was opened. */
enum imgprobe_status ip_place_beside(struct imgprobe_reference *r, const struct place *place,
                                     struct imgprobe_bytes name)
{
    static const struct imgprobe_bytes nothing = {NULL, 0};

    if (ip_name_absolute(name))
        return give_path(r, place, nothing, name);
    if (!place->has_directory && place->reason)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, place->reason, place->note);
    if (!place->has_directory)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "no-directory",
                             "it is relative, and the image that names it was given without a name");
    return give_path(r, place, place->directory, name);
}

/* Only the caller knows the reader's working directory. */
enum imgprobe_status ip_place_in_workdir(struct imgprobe_reference *r, const struct place *place,
                                         struct imgprobe_bytes name)
{
    static const struct imgprobe_bytes nothing = {NULL, 0};
    struct imgprobe_bytes base;
    enum imgprobe_status s;

    if (ip_name_absolute(name))
        return give_path(r, place, nothing, name);
    if (!place->workdir)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "needs-workdir",
                             "it is relative to the reader's working directory: say that with --workdir DIR");
    base = ip_string(place->workdir);
    if (ip_equal(base, ".")) /* the caller's own directory: the reader opens the bare name there */
        return give_path(r, place, nothing, name);
    if (base.length > 0 && base.bytes[base.length - 1] == '/')
        return give_path(r, place, base, name);
    s = ip_place_join(place, base, ip_string("/"), &base);
    return s ? s : give_path(r, place, base, name);
}
