/* SPDX-License-Identifier: MIT */
/*
 * What stands inside a file that is compressed. To a reader such a file is a raw disk; this tells what it would be
 * once it's decompressed, as far as the limits go.
 */
#include "image/image.h"

#define MAGIC 3 /* bytes that tell gzip */

/* The ranges so far are the file's own. They stay where they are, and no search finds them. */
static void forget_file(struct probe *p, struct inflating *in)
{
    struct ip_state *state = ip_state(p->workspace);

    in->reads = state->reads;
    state->reads = state->bytes = 0;
    state->last_range = 0;
    p->last = (struct imgprobe_bytes){NULL, 0};
}

static enum imgprobe_status fail(struct probe *p, const struct inflating *in)
{
    p->image->error = in->error;
    return in->error.status;
}

enum imgprobe_status ip_inside(struct probe *p, struct inflating *in)
{
    struct imgprobe_bytes head;
    enum imgprobe_status s = ip_bytes_come(p, 0, IP_HEAD_LENGTH, &head);

    if (s == IMGPROBE_OK && p->arrival && (head.length < MAGIC || ip_is_gzip(head)))
        return ip_await(p, "gzip", 0, head.length < MAGIC ? MAGIC : p->limits.inside_compressed);
    if (s != IMGPROBE_OK || !ip_is_gzip(head))
        return s;
    if (p->size == IMGPROBE_UNKNOWN)
        return ip_fail(p, IMGPROBE_NEED, "size", IMGPROBE_UNKNOWN, IMGPROBE_UNKNOWN, IP_TAIL_LENGTH,
                       IMGPROBE_UNKNOWN);
    *in = (struct inflating){.from = *p->source, .limits = p->limits};
    forget_file(p, in);
    p->inside = in;
    p->image->file_size = IMGPROBE_UNKNOWN;
    in->told = ip_room(p->workspace, sizeof *in->told, &in->error);
    if (!in->told)
        return fail(p, in);
    in->told->compression = "gzip";
    p->image->inside = in->told;
    s = ip_inflate(in, head, p->workspace, &p->size);
    p->image->file_size = p->size;
    if (s != IMGPROBE_OK)
        return fail(p, in);
    p->source = &in->source;
    p->endless = p->size == IMGPROBE_UNKNOWN;
    in->told->whole = !p->endless;
    if (p->endless)
        p->size = IP_ENDLESS;
    s = ip_bytes_up_to(p, 0, IP_HEAD_LENGTH, &head);
    if (s == IMGPROBE_OK && ip_is_gzip(head))
        return ip_fail_what(p, IMGPROBE_REFUSED, "compressed-twice", 0,
                            "what is compressed is compressed once more: decompress it first");
    return s != IMGPROBE_OK || !p->endless
               ? s
               : ip_finding(p, FOUND_INSIDE_NOT_WHOLE, IMGPROBE_UNKNOWN,
                            "where it ends lies beyond the limits: its size, a trailer, and whether its tables lie "
                            "in it isn't known");
}

static enum imgprobe_status without_end(struct probe *p, const char *what)
{
    p->image->error = p->inside->beyond;
    p->image->error.what = what;
    return IMGPROBE_LIMIT;
}

enum imgprobe_status ip_inside_decoded(struct probe *p)
{
    const struct imgprobe_word *word;
    size_t i;

    if (p->inside)
        return p->endless && p->inside->asked_for_end
                   ? without_end(p, "what decides stands at its end, which isn't known: decompress it first")
                   : IMGPROBE_OK;
    for (word = p->image->content; word; word = word->next)
        for (i = 0; i < ip_contents_count; i++)
            if (ip_contents[i].name == word->name &&
                (ip_contents[i].kind == CONTENT_COMPRESSED || ip_contents[i].kind == CONTENT_ARCHIVE))
                return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "inside", 0,
                                    "only gzip is looked into, no other compressed data and no archive: unpack it "
                                    "first");
    return IMGPROBE_OK;
}

enum imgprobe_status ip_inside_undecided(struct probe *p)
{
    p->image->format = NULL;
    return without_end(p, "what stands at its end decides whether it is raw: decompress it first, or say -f FORMAT");
}
