/* SPDX-License-Identifier: MIT */
/*
 * The names of one member: where each leads by its letters, and whether several names of one parent agree. Backing
 * names go by QEMU's path_has_protocol, path_combine and bdrv_parse_filename_strip_prefix. Data files and extents are
 * plain paths. Windows paths are converted as Xen's libvhd does it.
 */
#include "chain/chain.h"

/* `copy` was just made by join, so it lies in the workspace and may be changed. */
static unsigned char *writable(const struct place *place, struct imgprobe_bytes copy)
{
    unsigned char *memory = place->w->memory;

    return memory + (copy.bytes - memory);
}

/* A drive's letter is dropped, and each \ becomes a /. */
static enum imgprobe_status resolve_windows(struct imgprobe_reference *r, const struct place *place,
                                            struct imgprobe_bytes name)
{
    static const struct imgprobe_bytes nothing = {NULL, 0};
    unsigned char *path;
    struct imgprobe_bytes copy;
    size_t i;

    if (name.length >= 2 && name.bytes[1] == ':')
        name = ip_part(name, 2, name.length - 2);
    if (ip_place_join(place, nothing, name, &copy) != IMGPROBE_OK)
        return IMGPROBE_LIMIT;
    path = writable(place, copy);
    for (i = 0; i < copy.length; i++)
        if (path[i] == '\\')
            path[i] = '/';
    return ip_place_beside(r, place, copy);
}

/* One reader takes the name for a protocol's, and the one that counts here doesn't. The other may then find a
 * password in it. */
static enum imgprobe_status not_a_protocol(struct imgprobe_reference *r, const struct place *place,
                                           struct imgprobe_bytes name, const char *reason, const char *note)
{
    struct imgprobe_reference parsed = *r;

    if (ip_name_has_protocol(name) && ip_protocol_name(&parsed, place, name) != IMGPROBE_OK)
        return IMGPROBE_LIMIT;
    r->stated.redacted = parsed.stated.redacted;
    if (ip_equal((struct imgprobe_bytes){name.bytes, ip_name_protocol(name)}, "json"))
        ip_graph_redact(r);
    return ip_unfollowed(r, IMGPROBE_KIND_NONE, reason, note);
}

/* The name of a MacX locator is a URL, of which "file://" is cut off. */
static enum imgprobe_status resolve_url(struct imgprobe_reference *r, const struct place *place,
                                        struct imgprobe_bytes name)
{
    static const struct imgprobe_bytes nothing = {NULL, 0};
    struct imgprobe_bytes copy;

    if (!ip_equal(ip_part(name, 0, 7), "file://"))
        return not_a_protocol(r, place, name, "unknown-protocol", "it isn't a plain file:// URL");
    if (ip_equal(ip_part(name, 7, 10), "localhost/")) /* a host to RFC 8089, and a directory to libvhd */
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "name-means-two-things",
                             "it names a host, or a directory of that name");
    if (ip_place_join(place, nothing, ip_part(name, 7, name.length - 7), &copy) != IMGPROBE_OK)
        return IMGPROBE_LIMIT;
    if (!ip_name_unescape(writable(place, copy), &copy.length))
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "unknown-protocol", "it holds an escape that is none");
    return ip_place_beside(r, place, copy);
}

/* What stands behind "file:" is the literal name of a regular file. As the directory of further names it isn't
 * literal: path_combine takes its first word for a protocol. */
static enum imgprobe_status resolve_stripped(struct imgprobe_reference *r, const struct place *place,
                                             struct imgprobe_bytes name)
{
    if (ip_name_has_protocol(name))
        return not_a_protocol(r, place, name, "name-means-two-things",
                              "it is a file, and the reader takes it for a protocol where that file names others");
    ip_own(r)->only = IMGPROBE_KIND_FILE;
    return ip_place_in_workdir(r, place, name);
}

static enum imgprobe_status resolve_backing(struct imgprobe_reference *r, const struct place *place,
                                            struct imgprobe_bytes name)
{
    struct imgprobe_bytes word = {name.bytes, ip_name_protocol(name)};

    if (r->stated.windows)
        return resolve_windows(r, place, name);
    if (r->stated.candidate)
        return resolve_url(r, place, name);
    if (ip_equal(word, "file"))
        return resolve_stripped(r, place, ip_part(name, 5, name.length - 5));
    if (ip_equal(word, "json"))
        return ip_graph_name(r, place);
    if (ip_name_has_protocol(name))
        return ip_protocol_name(r, place, name);
    return ip_place_beside(r, place, name);
}

/* Releases from 7.2.13, 8.2.6 and 9.0.2 on take the name literally. Older ones parse it where no directory comes
 * before it, so a name that begins with a protocol would mean two things. */
static const struct ip_when every_release_takes_it_literally = IP_SINCE(9, 1);

static enum imgprobe_status resolve_literal(struct imgprobe_reference *r, const struct place *place,
                                            struct imgprobe_bytes name)
{
    bool bare = r->role == IMGPROBE_ROLE_DATA_FILE || place->directory.length == 0;

    if (ip_name_has_protocol(name) && bare &&
        ip_have(place->versions, every_release_takes_it_literally) != IP_ALL_HAVE)
        return not_a_protocol(r, place, name, "name-means-two-things",
                              "it is a file name to some versions of the reader and a protocol to others");
    if (r->role == IMGPROBE_ROLE_DATA_FILE)
        return ip_place_in_workdir(r, place, name);
    return ip_place_beside(r, place, name);
}

enum imgprobe_status ip_resolve(struct imgprobe_reference *r, const struct place *place)
{
    struct imgprobe_bytes name = {r->stated.name.bytes, r->stated.cut};

    if (ip_object(r))
        return ip_graph_name(r, place);
    if (name.length == 0)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "empty-name", "it names no file");
    return r->role == IMGPROBE_ROLE_BACKING ? resolve_backing(r, place, name) : resolve_literal(r, place, name);
}

static struct imgprobe_bytes last_component(struct imgprobe_bytes path)
{
    size_t directory = ip_directory(path).length;

    return ip_part(path, directory, path.length - directory);
}

/* Several names of one parent agree when their last components are equal. Nobody asks which of the files exists. */
static enum imgprobe_status check_candidates(struct chain_builder *b, struct imgprobe_member *m)
{
    struct imgprobe_reference *first = NULL, *r;

    for (r = m->image->references; r; r = r->next) {
        if (!r->stated.candidate || r->led.ignored || r->led.kind != IMGPROBE_KIND_FILE)
            continue;
        if (!first) {
            first = r;
            continue;
        }
        if (ip_same(last_component(first->led.path), last_component(r->led.path)))
            continue;
        ip_chain_refuse(b, IMGPROBE_AMBIGUOUS, "parent-names-disagree",
                        "the image's names for its parent don't agree on the file", m, r);
        m->image->error = b->chain->error;
        m->image->references_state = IMGPROBE_REFERENCES_CANNOT_TELL;
        return IMGPROBE_AMBIGUOUS;
    }
    return IMGPROBE_OK;
}

/* The names in an extent stand beside the disk that it is a part of. QEMU's vmdk_parse_extents asks the file of the
 * image that it opens, however deep extents list extents. */
struct imgprobe_bytes ip_chain_base(const struct imgprobe_member *m)
{
    while (m->via && m->via->role == IMGPROBE_ROLE_EXTENT)
        m = m->parent;
    return m->path;
}

enum imgprobe_status ip_chain_unresolved(struct chain_builder *b, const struct imgprobe_error *error,
                                         struct imgprobe_member *m, struct imgprobe_reference *at)
{
    struct imgprobe_reference *r;

    for (r = at ? at : m->image->references; r; r = r->next)
        if (ip_object(r) || ip_equal(ip_part(r->stated.name, 0, 5), "json:"))
            ip_graph_redact(r);
        else if (ip_name_has_protocol(r->stated.name))
            r->stated.redacted = ip_string("***");
    return ip_chain_stop(b, error, m, at);
}

enum imgprobe_status ip_chain_resolve(struct chain_builder *b, struct imgprobe_member *m)
{
    struct imgprobe_bytes base = ip_chain_base(m);
    struct imgprobe_error error;
    struct place place = {.directory = ip_directory(base),
                          .has_directory = base.bytes != NULL,
                          .workdir = b->options.workdir,
                          .linked = ip_own_member(m)->linked,
                          .limits = &b->limits,
                          .versions = b->versions,
                          .w = b->w,
                          .error = &error};
    struct imgprobe_reference *r;

    for (r = m->image->references; r; r = r->next) {
        r->led.format = r->stated.format;
        r->led.format_source = r->stated.format_source;
    }
    for (r = m->image->references; r; r = r->next)
        if (ip_resolve(r, &place) != IMGPROBE_OK)
            return ip_chain_unresolved(b, &error, m, r);
    return m->image->error.status != IMGPROBE_OK ? IMGPROBE_OK : check_candidates(b, m);
}
