/* SPDX-License-Identifier: MIT */
/*
 * The names of one member: where each leads by its letters. Backing names go by QEMU's path_has_protocol,
 * path_combine and bdrv_parse_filename_strip_prefix. Data files and extents are plain paths. A parent with several
 * names goes by libvhd: see candidates.c.
 */
#include "chain/chain.h"

/* One reader takes the name for a protocol's, and the one that counts here doesn't. The other may then find a
 * password in it. */
static enum imgprobe_status not_a_protocol(struct imgprobe_reference *r, const struct place *place,
                                           struct imgprobe_bytes name, const char *reason, const char *note)
{
    struct ip_reference parsed = *ip_own(r);

    if (ip_name_has_protocol(name) && ip_protocol_name(&parsed.reference, place, name) != IMGPROBE_OK)
        return IMGPROBE_LIMIT;
    r->stated.redacted = parsed.reference.stated.redacted;
    if (ip_equal((struct imgprobe_bytes){name.bytes, ip_name_protocol(name)}, "json"))
        ip_graph_redact(r);
    return ip_unfollowed(r, IMGPROBE_KIND_NONE, reason, note);
}

/* The names that are no Windows paths are URLs. One that isn't a file's may hold a password. */
static enum imgprobe_status resolve_candidate(struct imgprobe_reference *r, const struct place *place,
                                              struct imgprobe_bytes name)
{
    enum imgprobe_status s = IMGPROBE_OK;

    if (!r->stated.windows && !ip_equal(ip_part(name, 0, 7), "file://"))
        s = not_a_protocol(r, place, name, "unknown-protocol", "it isn't a plain file:// URL");
    if (s != IMGPROBE_OK || (r->led.reason && !place->image))
        return s;
    return ip_chain_candidate_path(r, place);
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

    if (r->stated.candidate)
        return resolve_candidate(r, place, name);
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

/* A path can't be shown without the password that another reader would find in it, so such a name isn't followed. */
static enum imgprobe_status resolve_plain(struct imgprobe_reference *r, const struct place *place,
                                          struct imgprobe_bytes name)
{
    enum imgprobe_status s = not_a_protocol(r, place, name, "name-means-two-things",
                                            "it is a file name to this reader, and to others one with a password");

    if (s != IMGPROBE_OK || r->stated.redacted.bytes)
        return s;
    ip_unfollowed(r, IMGPROBE_KIND_NONE, NULL, NULL);
    ip_own(r)->written = place->writes_data && r->role == IMGPROBE_ROLE_DATA_FILE;
    return ip_place_beside(r, place, name);
}

enum imgprobe_status ip_resolve(struct imgprobe_reference *r, const struct place *place)
{
    struct imgprobe_bytes name = {r->stated.name.bytes, r->stated.cut};

    if (ip_object(r))
        return ip_graph_name(r, place);
    if (name.length == 0 && !place->image)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "empty-name", "it names no file");
    if (place->plain)
        return resolve_plain(r, place, name);
    return r->role == IMGPROBE_ROLE_BACKING ? resolve_backing(r, place, name) : resolve_literal(r, place, name);
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

/* The word before a colon in an image's own name is a protocol to path_combine, which cuts there. libvhd and
 * imago take the name as it is. */
static void check_own_name(const struct imgprobe_member *m, struct imgprobe_bytes base, struct place *place)
{
    if (!ip_name_has_protocol(base) || place->plain ||
        (m->image->references && m->image->references->stated.candidate))
        return;
    place->has_directory = false;
    place->reason = "name-means-two-things";
    place->note = "the image's own name begins with a word and a colon, which the reader takes for a protocol where "
                  "the image names others: call it ./NAME";
}

enum imgprobe_status ip_chain_resolve(struct chain_builder *b, struct imgprobe_member *m)
{
    struct imgprobe_bytes base = ip_chain_base(m);
    struct imgprobe_error error = {.status = IMGPROBE_OK};
    struct place place = {.directory = ip_directory(base),
                          .has_directory = base.bytes != NULL,
                          .plain = ip_readers[b->options.reader]->plain_names,
                          .writes_data = ip_readers[b->options.reader]->writes_data,
                          .workdir = b->options.workdir,
                          .limits = &b->limits,
                          .versions = b->versions,
                          .w = b->w,
                          .error = &error};
    struct imgprobe_reference *r;

    check_own_name(m, base, &place);
    for (r = m->image->references; r; r = r->next) {
        r->led.format = r->stated.format;
        r->led.format_source = r->stated.format_source;
    }
    if (ip_chain_candidates_begin(b, m, &place) != IMGPROBE_OK)
        return ip_chain_unresolved(b, &error, m, NULL);
    for (r = m->image->references; r; r = r->next)
        if (ip_resolve(r, &place) != IMGPROBE_OK)
            return ip_chain_unresolved(b, &error, m, r);
    return IMGPROBE_OK;
}
