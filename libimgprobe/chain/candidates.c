/* SPDX-License-Identifier: MIT */
/*
 * Several names of one parent, as a VHD has them. The reader tries them in their order and opens the first that is
 * there. What the others lead to is looked at as well, since other readers have another order.
 */
#include "chain/chain.h"

static struct imgprobe_bytes written(const unsigned char *bytes, size_t length)
{
    return (struct imgprobe_bytes){bytes, length};
}

/* The name of `m` as the reader cleans it up; none where its working directory isn't known. */
static enum imgprobe_status clean_name(struct chain_builder *b, const struct imgprobe_member *m,
                                       const struct place *place, struct imgprobe_bytes *ret)
{
    static const struct imgprobe_bytes nothing = {NULL, 0};
    struct imgprobe_bytes start = nothing, parts[3] = {nothing, {(const unsigned char *)"/", 1}, m->path}, whole;
    unsigned char *clean;
    enum imgprobe_status s;

    *ret = nothing;
    if (!ip_name_absolute(m->path) && place->workdir)
        start = ip_string(place->workdir);
    if (!ip_name_absolute(m->path) && !ip_name_absolute(start))
        return IMGPROBE_OK;
    parts[0] = start;
    s = ip_join(b->w, parts, IP_COUNT(parts), &whole, place->error);
    clean = s == IMGPROBE_OK ? ip_take(b->w, whole.length + 1) : NULL;
    if (!clean)
        return s ? s : ip_error_full(place->error, b->w);
    *ret = written(clean, ip_libvhd_clean(whole, clean));
    return IMGPROBE_OK;
}

/* Asks whether device mapper's name for the file is there. Without an opener nobody knows. */
static enum imgprobe_status ask_mapper(struct chain_builder *b, struct place *place, struct imgprobe_bytes name,
                                       struct imgprobe_bytes *ret, bool *ret_there)
{
    unsigned char *mapper = ip_take(b->w, 2 * name.length + IP_LIBVHD_MAPPER + 1);
    struct imgprobe_opened opened;
    struct imgprobe_error error;

    if (!mapper)
        return ip_error_full(place->error, b->w);
    *ret = written(mapper, ip_libvhd_mapper(name, mapper));
    *ret_there =
        b->opens && ret->length <= place->limits->name_bytes && ip_chain_ask(b, *ret, &opened, &error) == IMGPROBE_OK;
    if (*ret_there) {
        ip_chain_done(b, &opened);
    } else if (!b->opens || (ret->length <= place->limits->name_bytes && !error.absent)) {
        place->has_directory = false;
        place->reason = b->opens && error.field ? error.field : "no-directory";
        place->note = "it stands beside the image's name in /dev/mapper, if there is one, and that can't be asked";
    }
    return IMGPROBE_OK;
}

/* The name without links is the opener's to tell. Where it can't, the given one is as good, if it is none itself. */
static void beside_real(struct imgprobe_member *m, struct place *place)
{
    if (m->canonical.bytes) {
        place->directory = ip_directory(m->canonical);
    } else if (ip_own_member(m)->linked) {
        place->has_directory = false;
        place->reason = "no-directory";
        place->note = "it stands beside the image's real name, and the image was named by a symbolic link";
    }
}

enum imgprobe_status ip_chain_candidates_begin(struct chain_builder *b, struct imgprobe_member *m,
                                               struct place *place)
{
    const struct imgprobe_reference *first = m->image->references;
    enum ip_beside beside = IP_BESIDE_REAL;
    struct imgprobe_bytes name, mapper = {NULL, 0};
    bool there = false;
    enum imgprobe_status s;

    if (!first || !first->stated.candidate || first->led.ignored)
        return IMGPROBE_OK;
    place->image = m->image;
    if (!place->has_directory)
        return IMGPROBE_OK;
    s = clean_name(b, m, place, &name);
    if (s != IMGPROBE_OK)
        return s;
    if (name.bytes)
        beside = ip_libvhd_beside(name, m->canonical);
    if (beside == IP_BESIDE_MAPPER)
        s = ask_mapper(b, place, name, &mapper, &there);
    if (beside == IP_BESIDE_NAME || there) {
        place->directory = ip_directory(there ? mapper : name);
    } else if (!name.bytes && m->kind == IMGPROBE_KIND_BLOCK) {
        place->has_directory = false;
        place->reason = "no-directory";
        place->note = "it stands beside a name that depends on the whole one of the device, and that was relative";
    } else {
        beside_real(m, place);
    }
    return s;
}

/* An absolute name that isn't there is taken beneath the image's directory. A path that is too long isn't there. */
static enum imgprobe_status place_otherwise(struct imgprobe_reference *r, const struct place *place)
{
    struct imgprobe_bytes path = r->led.path;

    if (!ip_name_absolute(path))
        return IMGPROBE_OK;
    if (!place->has_directory) {
        ip_own(r)->unplaced = place->reason ? place->reason : "no-directory";
        ip_own(r)->why = place->reason ? place->note : "it isn't there, and the image was given without a name";
        return IMGPROBE_OK;
    }
    if (path.length + place->directory.length > place->limits->name_bytes)
        return IMGPROBE_OK;
    return ip_place_join(place, place->directory, path, &ip_own(r)->otherwise);
}

/* A name for which the reader opens nothing anyway is shown as the same letters. */
enum imgprobe_status ip_chain_candidate_path(struct imgprobe_reference *r, const struct place *place)
{
    static const struct imgprobe_bytes nothing = {NULL, 0};
    unsigned char *memory = place->w->memory;
    enum ip_taking taking = IP_TAKEN;
    struct imgprobe_bytes path;
    const char *why;
    enum imgprobe_status s;

    if (!r->led.ignored && place->image)
        taking = ip_libvhd_takes(place->image, r, &why);
    if (taking == IP_PASSED_OVER) {
        r->led.ignored = ip_own(r)->passed_over = true;
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, NULL, why);
    }
    if (taking == IP_CANNOT_TELL)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "name-means-two-things", why);
    s = ip_place_join(place, nothing, ip_libvhd_path(r), &path);
    if (s != IMGPROBE_OK)
        return s;
    if (r->stated.windows)
        ip_libvhd_slashes(memory + (path.bytes - memory), path.length);
    s = ip_place_beside(r, place, path);
    return s ? s : place_otherwise(r, place);
}

static const struct imgprobe_reference *chosen_before(const struct imgprobe_member *m,
                                                      const struct imgprobe_reference *r)
{
    const struct imgprobe_reference *at;

    for (at = m->image->references; at != r; at = at->next)
        if (at->stated.candidate && at->led.member)
            return at;
    return NULL;
}

/* Opens what the name leads to, by its first path or the other one. An error with `absent` set means neither. */
static enum imgprobe_status try_paths(struct chain_builder *b, struct imgprobe_reference *r,
                                      struct imgprobe_opened *ret, struct imgprobe_error *error)
{
    enum imgprobe_status s = ip_chain_ask(b, r->led.path, ret, error);

    if (s == IMGPROBE_OK || !error->absent)
        return s;
    if (ip_own(r)->unplaced) {
        ip_error(error, IMGPROBE_REFUSED, ip_own(r)->unplaced, ip_own(r)->why);
        return IMGPROBE_REFUSED;
    }
    if (!ip_own(r)->otherwise.bytes)
        return s;
    s = ip_chain_ask(b, ip_own(r)->otherwise, ret, error);
    if (s == IMGPROBE_OK || !error->absent) {
        r->led.path = ip_own(r)->otherwise;
        r->led.note = "there is nothing at the absolute name, which is then taken beneath the image's directory";
    }
    return s;
}

/* The reader never looks at a name behind the one that it opens. Others do, so it is told where that leads. */
static enum imgprobe_status compare(struct chain_builder *b, struct imgprobe_reference *r,
                                    const struct imgprobe_reference *chosen)
{
    struct imgprobe_opened opened;
    struct imgprobe_error error;

    if (r->led.kind != IMGPROBE_KIND_FILE)
        return IMGPROBE_OK; /* its note says why */
    if (try_paths(b, r, &opened, &error) != IMGPROBE_OK) {
        r->led.note = error.absent ? "another name of the same parent, and nothing is there"
                                   : "another name of the same parent; where it leads can't be told";
        return IMGPROBE_OK;
    }
    r->led.note = "another name of the same parent";
    if (!ip_same_file(opened.identity, chosen->led.member->identity)) {
        r->led.reason = "parent-names-disagree";
        r->led.note = "another name of the parent, which leads to another file: the reader doesn't open that";
    }
    ip_chain_done(b, &opened);
    return IMGPROBE_OK;
}

static enum imgprobe_status find(struct chain_builder *b, struct imgprobe_member *m, struct imgprobe_reference *r,
                                 struct imgprobe_opened *opened, bool *ret_found)
{
    struct imgprobe_error error;
    enum imgprobe_status s;

    if (r->led.kind != IMGPROBE_KIND_FILE)
        return ip_chain_refuse(b, IMGPROBE_REFUSED, r->led.reason, r->led.note, m, r);
    s = try_paths(b, r, opened, &error);
    *ret_found = s == IMGPROBE_OK;
    if (s == IMGPROBE_OK)
        return s;
    if (!error.absent)
        return ip_chain_unopened(b, &error, m, r);
    r->led.note = "nothing is there: the reader goes on to the next name";
    return IMGPROBE_OK;
}

enum imgprobe_status ip_chain_candidate(struct chain_builder *b, struct imgprobe_member *m,
                                        struct imgprobe_reference *r, struct imgprobe_opened *opened, bool *ret_found)
{
    const struct imgprobe_reference *chosen = chosen_before(m, r);
    enum imgprobe_status s = IMGPROBE_OK;

    *ret_found = false;
    if (ip_own(r)->passed_over)
        s = IMGPROBE_OK;
    else if (chosen)
        s = compare(b, r, chosen);
    else
        s = find(b, m, r, opened, ret_found);
    if (s != IMGPROBE_OK || *ret_found || chosen || r->next)
        return s;
    return ip_chain_refuse(b, IMGPROBE_SYSTEM, "member-missing",
                           "none of the image's names for its parent leads to a file", m, m->image->references);
}
