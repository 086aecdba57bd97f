/* SPDX-License-Identifier: MIT */
/* Whether a file is still what a receipt says of it. No format is known here: bytes are read and compared, once. */
#include "image/image.h"

#define PIECE ((size_t)4096)

/* The ranges may come from outside, so they aren't trusted. */
static bool good(const struct imgprobe_receipt *r)
{
    size_t i;

    if (r->range_count != 0 && !r->ranges)
        return false;
    for (i = 0; i < r->range_count; i++)
        if (r->ranges[i].offset > r->size || r->ranges[i].length > r->size - r->ranges[i].offset)
            return false;
    return true;
}

static enum imgprobe_status read_failed(enum imgprobe_status s, uint64_t offset, size_t length,
                                        struct imgprobe_error *error)
{
    if (s == IMGPROBE_NEED)
        ip_error(error, s, "bytes", NULL);
    else if (s == IMGPROBE_TRUNCATED)
        ip_error(error, s, "bytes", "the file is shorter than its size says");
    else
        ip_error(error, s = IMGPROBE_SYSTEM, "bytes", "the file can't be read");
    error->offset = offset;
    if (s == IMGPROBE_NEED)
        error->least = length;
    return s;
}

static enum imgprobe_status add_content(struct digest *digest, const struct imgprobe_source *source,
                                        const struct imgprobe_receipt_range *range, struct imgprobe_error *error)
{
    unsigned char piece[PIECE];
    uint64_t done = 0;

    ip_digest_range(digest, range->offset, range->length);
    while (done < range->length) {
        uint64_t left = range->length - done;
        size_t part = left < PIECE ? (size_t)left : PIECE;
        enum imgprobe_status s = source->read_at(source->context, range->offset + done, piece, part);

        if (s != IMGPROBE_OK)
            return read_failed(s, range->offset + done, part, error);
        if (source->observe)
            source->observe(source->observer, range->offset + done, piece, part);
        ip_digest_bytes(digest, piece, part);
        done += part;
    }
    return IMGPROBE_OK;
}

static enum imgprobe_status compare_bytes(const struct imgprobe_receipt *r, const struct imgprobe_source *source,
                                          size_t *ret_range, struct imgprobe_error *error)
{
    unsigned char found[sizeof r->ranges->digest];
    struct digest digest;
    size_t i;

    ip_digest_begin(&digest);
    for (i = 0; i < r->range_count; i++) {
        enum imgprobe_status s = add_content(&digest, source, &r->ranges[i], error);

        if (s != IMGPROBE_OK)
            return s;
        ip_digest_tell(&digest, found);
        if (memcmp(found, r->ranges[i].digest, sizeof found) == 0)
            continue;
        *ret_range = i;
        ip_error(error, IMGPROBE_REFUSED, "bytes", "what was read there has changed");
        error->offset = r->ranges[i].offset;
        return IMGPROBE_REFUSED;
    }
    return IMGPROBE_OK;
}

static bool same_file(const struct imgprobe_receipt *r, const struct imgprobe_opened *now)
{
    return r->identity.device == now->identity.device && r->identity.inode == now->identity.inode &&
           r->kind == now->kind;
}

enum imgprobe_status imgprobe_verify(const struct imgprobe_receipt *receipt, const struct imgprobe_opened *now,
                                     size_t *ret_range, struct imgprobe_error *error)
{
    struct imgprobe_receipt r;
    struct imgprobe_opened o;
    struct imgprobe_source source;
    struct imgprobe_error unwanted = {0};
    size_t none = 0;

    error = error ? error : &unwanted;
    ret_range = ret_range ? ret_range : &none;
    if (!receipt || !now || !ip_struct(&r, sizeof r, sizeof r, receipt) || !ip_struct(&o, sizeof o, sizeof o, now) ||
        !ip_struct(&source, sizeof source, sizeof source, &o.source) || !source.read_at || !good(&r))
        return ip_error(error, IMGPROBE_USAGE, NULL, "no receipt of a file, or nothing that is opened");
    *ret_range = r.range_count;
    ip_error(error, IMGPROBE_OK, NULL, NULL);
    if (!same_file(&r, &o))
        return ip_error(error, IMGPROBE_REFUSED, "identity", "its name leads to another file");
    if (r.size != source.size) {
        ip_error(error, IMGPROBE_REFUSED, "size", "the size of the file has changed");
        error->found = source.size;
        error->least = error->most = r.size;
        return IMGPROBE_REFUSED;
    }
    return compare_bytes(&r, &source, ret_range, error);
}
