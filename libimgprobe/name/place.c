/* SPDX-License-Identifier: MIT */
/*
 * What a name means to the reader, by its letters alone: QEMU's path_has_protocol, path_combine and
 * bdrv_parse_filename_strip_prefix for backing names, plain paths for data files and extents, which since QEMU 7.2.13
 * aren't parsed. Windows paths as Xen's libvhd converts them.
 */
#include "engine.h"

#include <string.h>

struct joiner {
    struct imgprobe_workspace *w;
    uint64_t most;
    struct imgprobe_error *error;
};

static enum imgprobe_status fail(struct imgprobe_error *error, enum imgprobe_status status, const char *field,
                                 const char *what)
{
    ip_error_clear(error);
    error->status = status;
    error->field = field;
    error->what = what;
    return status;
}

/* Concatenates without cleaning up, as the reader does. */
static enum imgprobe_status join(const struct joiner *j, struct imgprobe_bytes a, struct imgprobe_bytes b,
                                 struct imgprobe_bytes *ret)
{
    unsigned char *path;

    if (a.length > j->most || b.length > j->most - a.length) {
        fail(j->error, IMGPROBE_LIMIT, "name_bytes", NULL);
        j->error->found = (uint64_t)a.length + b.length;
        j->error->least = 0;
        j->error->most = j->most;
        return IMGPROBE_LIMIT;
    }
    path = ip_take(j->w, a.length + b.length + 1);
    if (!path)
        return fail(j->error, IMGPROBE_LIMIT, "workspace", "is full");
    if (a.length)
        memcpy(path, a.bytes, a.length);
    if (b.length)
        memcpy(path + a.length, b.bytes, b.length);
    ret->bytes = path;
    ret->length = a.length + b.length;
    return IMGPROBE_OK;
}

/* A copy just made by join, to be changed in place. */
static unsigned char *writable(const struct joiner *j, struct imgprobe_bytes copy)
{
    unsigned char *memory = j->w->memory;

    return memory + (copy.bytes - memory);
}

enum imgprobe_status ip_unfollowed(struct imgprobe_reference *r, enum imgprobe_kind kind, const char *reason,
                                   const char *note)
{
    r->kind = kind;
    r->reason = reason;
    r->note = note;
    return IMGPROBE_OK;
}

static enum imgprobe_status settle(struct imgprobe_reference *r, const struct joiner *j, struct imgprobe_bytes base,
                                   struct imgprobe_bytes name)
{
    enum imgprobe_status s;

    if (name.length == 0)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "empty-name", "it names no file");
    s = join(j, base, name, &r->path);
    if (s == IMGPROBE_OK)
        r->kind = IMGPROBE_KIND_FILE;
    return s;
}

/* Relative to the directory of the image that holds the name, by the name under which that was opened. */
static enum imgprobe_status beside(struct imgprobe_reference *r, const struct joiner *j, const struct place *place,
                                   struct imgprobe_bytes name)
{
    static const struct imgprobe_bytes nothing = {NULL, 0};

    if (ip_name_absolute(name))
        return settle(r, j, nothing, name);
    if (r->candidate && place->linked)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "named-by-a-link",
                             "it stands beside the image's real name, and the image was named by a symbolic link");
    if (!place->has_directory)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "no-directory",
                             "it is relative, and the image that names it was given without a name");
    return settle(r, j, place->directory, name);
}

/* Relative to the reader's working directory, which only the caller knows. */
static enum imgprobe_status in_workdir(struct imgprobe_reference *r, const struct joiner *j,
                                       const struct place *place, struct imgprobe_bytes name)
{
    static const struct imgprobe_bytes nothing = {NULL, 0};
    struct imgprobe_bytes base;
    enum imgprobe_status s;

    if (ip_name_absolute(name))
        return settle(r, j, nothing, name);
    if (!place->workdir)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "needs-workdir",
                             "it is relative to the reader's working directory: say that with --workdir DIR");
    base = ip_string(place->workdir);
    if (ip_equal(base, ".")) /* the caller's own: as the reader opens it there */
        return settle(r, j, nothing, name);
    if (base.length > 0 && base.bytes[base.length - 1] == '/')
        return settle(r, j, base, name);
    s = join(j, base, ip_string("/"), &base);
    return s ? s : settle(r, j, base, name);
}

/* \ becomes /, a drive letter is dropped; "file://" of a MacX locator is cut off. */
static enum imgprobe_status resolve_windows(struct imgprobe_reference *r, const struct joiner *j,
                                            const struct place *place, struct imgprobe_bytes name)
{
    static const struct imgprobe_bytes nothing = {NULL, 0};
    unsigned char *path;
    struct imgprobe_bytes copy;
    size_t i;

    if (name.length >= 2 && name.bytes[1] == ':') {
        name.bytes += 2;
        name.length -= 2;
    }
    if (join(j, nothing, name, &copy) != IMGPROBE_OK)
        return IMGPROBE_LIMIT;
    path = writable(j, copy);
    for (i = 0; i < copy.length; i++)
        if (path[i] == '\\')
            path[i] = '/';
    return beside(r, j, place, copy);
}

static enum imgprobe_status resolve_url(struct imgprobe_reference *r, const struct joiner *j,
                                        const struct place *place, struct imgprobe_bytes name)
{
    static const struct imgprobe_bytes nothing = {NULL, 0};
    struct imgprobe_bytes scheme = ip_part(name, 0, 7), host, copy;

    if (!scheme.bytes || !ip_equal(scheme, "file://"))
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "unknown-protocol", "it isn't a plain file:// URL");
    host = ip_part(name, 7, 10);
    if (host.bytes && ip_equal(host, "localhost/")) /* a host to RFC 8089, a directory to libvhd */
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "name-means-two-things",
                             "it names a host, or a directory of that name");
    if (join(j, nothing, ip_part(name, 7, name.length - 7), &copy) != IMGPROBE_OK)
        return IMGPROBE_LIMIT;
    if (!ip_name_unescape(writable(j, copy), &copy.length))
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "unknown-protocol", "it holds an escape that is none");
    return beside(r, j, place, copy);
}

/* It is a file's name to one and a protocol's to another. Whoever takes it for that may find a password in it. */
static enum imgprobe_status means_two_things(struct imgprobe_reference *r, const struct joiner *j,
                                             struct imgprobe_bytes name, const char *note)
{
    struct imgprobe_reference parsed = *r;

    if (ip_protocol_name(&parsed, name, j->w) != IMGPROBE_OK)
        return fail(j->error, IMGPROBE_LIMIT, "workspace", "is full");
    r->redacted = parsed.redacted;
    if (ip_equal((struct imgprobe_bytes){name.bytes, ip_name_protocol(name)}, "json"))
        ip_graph_redact(r);
    return ip_unfollowed(r, IMGPROBE_KIND_NONE, "name-means-two-things", note);
}

/* A regular file, literal behind "file:", but not as the directory of further names: path_combine takes the word for
 * a protocol then.
 */
static enum imgprobe_status resolve_stripped(struct imgprobe_reference *r, const struct joiner *j,
                                             const struct place *place, struct imgprobe_bytes name)
{
    if (ip_name_has_protocol(name))
        return means_two_things(r, j, name,
                                "it is a file, and the reader takes it for a protocol where that file names others");
    r->regular = true;
    return in_workdir(r, j, place, name);
}

static enum imgprobe_status resolve_backing(struct imgprobe_reference *r, const struct joiner *j,
                                            const struct place *place, struct imgprobe_bytes name)
{
    struct imgprobe_bytes word = {name.bytes, ip_name_protocol(name)};

    if (r->windows)
        return resolve_windows(r, j, place, name);
    if (r->candidate)
        return resolve_url(r, j, place, name);
    if (ip_equal(word, "file"))
        return resolve_stripped(r, j, place, ip_part(name, 5, name.length - 5));
    if (ip_equal(word, "json"))
        return ip_graph_name(r, place, j->w, j->error);
    if (ip_name_has_protocol(name))
        return ip_protocol_name(r, name, j->w) ? fail(j->error, IMGPROBE_LIMIT, "workspace", "is full") : IMGPROBE_OK;
    return beside(r, j, place, name);
}

/* Literal to readers from 7.2.13, 8.2.6 and 9.0.2 on. Older ones parse the name where no directory comes before it,
 * so one that begins with a protocol would mean two things. */
static enum imgprobe_status resolve_literal(struct imgprobe_reference *r, const struct joiner *j,
                                            const struct place *place, struct imgprobe_bytes name)
{
    bool bare = r->role == IMGPROBE_ROLE_DATA_FILE || place->directory.length == 0;

    if (ip_name_has_protocol(name) && bare)
        return means_two_things(r, j, name,
                                "it is a file name to some versions of the reader and a protocol to others");
    if (r->role == IMGPROBE_ROLE_DATA_FILE)
        return in_workdir(r, j, place, name);
    return beside(r, j, place, name);
}

enum imgprobe_status ip_resolve_in_workdir(struct imgprobe_reference *r, const struct place *place,
                                           struct imgprobe_bytes name, struct imgprobe_workspace *w,
                                           struct imgprobe_error *error)
{
    struct joiner j = {w, place->name_bytes, error};

    return in_workdir(r, &j, place, name);
}

enum imgprobe_status ip_resolve(struct imgprobe_reference *r, const struct place *place, struct imgprobe_workspace *w,
                                struct imgprobe_error *error)
{
    struct joiner j = {w, place->name_bytes, error};
    struct imgprobe_bytes name = {r->name.bytes, r->cut};

    if (r->object)
        return ip_graph_name(r, place, w, error);
    if (name.length == 0)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "empty-name", "it names no file");
    return r->role == IMGPROBE_ROLE_BACKING ? resolve_backing(r, &j, place, name)
                                            : resolve_literal(r, &j, place, name);
}
