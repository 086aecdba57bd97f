/* SPDX-License-Identifier: MIT */
/* A file that is met again in one chain. It is a loop, or one reference more, or refused if a second look would find
 * something else. */
#include "chain/chain.h"

/* A descriptor may be its own only extent, as raw bytes. Nothing is followed twice then. */
static bool own_single_extent(const struct imgprobe_member *m, const struct imgprobe_member *seen,
                              const struct imgprobe_reference *r, const struct format *format)
{
    return seen == m && r->role == IMGPROBE_ROLE_EXTENT && format == ip_fallback() && r == m->image->references &&
           (!r->next || r->next->role != IMGPROBE_ROLE_EXTENT);
}

/* The word with which an image was named as an extent; NULL when it is a whole disk. */
static const char *part(const struct imgprobe_reference *via)
{
    return via && via->role == IMGPROBE_ROLE_EXTENT ? via->stated.type : NULL;
}

static bool same_word(const char *a, const char *b)
{
    return a == b || (a && b && ip_equal(ip_string(a), b));
}

/* A second look may find other references than the first did. The file may be another part of a disk, or have a name
 * beside which other files stand. A raw file refers to nothing, so every way to it is the same. */
static enum imgprobe_status compare_looks(struct chain_builder *b, struct imgprobe_member *m,
                                          struct imgprobe_member *seen, struct imgprobe_reference *r,
                                          const struct format *format)
{
    struct imgprobe_bytes before = ip_directory(ip_chain_base(seen));
    struct imgprobe_bytes now = ip_directory(r->role == IMGPROBE_ROLE_EXTENT ? ip_chain_base(m) : r->led.path);

    if (!format && seen->image->format_source != IMGPROBE_FORMAT_PROBED)
        return ip_chain_refuse(b, IMGPROBE_REFUSED, "format-probed",
                               "the reader would probe a file whose format is stated elsewhere in the chain", m, r);
    if (format && seen->image->format != &format->row)
        return ip_chain_refuse(b, IMGPROBE_REFUSED, "declared-formats-disagree",
                               "the same file was given another format before", m, r);
    if (seen->image->format == &ip_fallback()->row)
        return IMGPROBE_OK;
    if (ip_object(r) || (seen->via && ip_object(seen->via)))
        return ip_chain_refuse(b, IMGPROBE_REFUSED, "member-means-two-things",
                               "the same file is met twice, and a json: name changes what is found in it", m, r);
    if (!same_word(part(seen->via), part(r)))
        return ip_chain_refuse(b, IMGPROBE_REFUSED, "member-means-two-things",
                               "the same file is another part of a disk elsewhere in the chain", m, r);
    if (seen->image->references && !ip_same(before, now))
        return ip_chain_refuse(b, IMGPROBE_REFUSED, "member-means-two-things",
                               "the same file is named in another directory before, and names others beside it", m,
                               r);
    return IMGPROBE_OK;
}

enum imgprobe_status ip_chain_meet(struct chain_builder *b, struct imgprobe_member *m, struct imgprobe_member *seen,
                                   struct imgprobe_reference *r, const struct format *format)
{
    r->led.member = seen;
    if (own_single_extent(m, seen, r, format))
        return IMGPROBE_OK;
    if (!ip_own_member(seen)->entered)
        return compare_looks(b, m, seen, r, format);
    r->led.reason = "loop";
    ip_chain_refuse(b, IMGPROBE_REFUSED, r->led.reason, "it leads back to an image that refers to it", m, r);
    b->chain->state = IMGPROBE_CHAIN_LOOP;
    return IMGPROBE_REFUSED;
}
