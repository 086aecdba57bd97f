/* SPDX-License-Identifier: MIT */
/* A file in memory that logs what is read of it, and the receipt of an answer about it. */
#ifndef RECEIPT_CASE_H
#define RECEIPT_CASE_H

#include "chain-files.h"

#include <string.h>
#include <xxhash.h>

/* What was handed out, in order: offset, length, content, as the digest has it. */
struct log {
    unsigned char bytes[1 << 20];
    size_t length;
    uint64_t reads, read;
};

static inline void log_number(struct log *log, uint64_t number)
{
    unsigned i;

    for (i = 0; i < 8; i++)
        log->bytes[log->length++] = (unsigned char)(number >> 8 * i);
}

static inline void log_read(struct log *log, uint64_t offset, const void *bytes, size_t length)
{
    assert_true(log->length + 16 + length <= sizeof log->bytes);
    log_number(log, offset);
    log_number(log, length);
    memcpy(log->bytes + log->length, bytes, length);
    log->length += length;
    log->reads++;
    log->read += length;
}

/* XXH3-128 of the whole log at once. */
static inline void log_digest(const struct log *log, unsigned char ret[16])
{
    XXH128_canonical_t canonical;

    XXH128_canonicalFromHash(&canonical, XXH3_128bits(log->bytes, log->length));
    memcpy(ret, canonical.digest, sizeof canonical.digest);
}

struct logged {
    struct build image;
    uint64_t have; /* what lies behind isn't there yet */
    enum imgprobe_status broken;
    struct log log;
};

static inline enum imgprobe_status read_logged(void *context, uint64_t offset, void *buffer, size_t length)
{
    struct logged *l = context;

    assert_true(length > 0);
    if (l->broken != IMGPROBE_OK)
        return l->broken;
    if (offset > l->image.size || length > l->image.size - offset)
        return IMGPROBE_TRUNCATED;
    if (offset + length > l->have)
        return IMGPROBE_NEED;
    memcpy(buffer, l->image.bytes + offset, length);
    log_read(&l->log, offset, buffer, length);
    return IMGPROBE_OK;
}

static inline struct imgprobe_opened open_logged(struct logged *l)
{
    return (struct imgprobe_opened){.struct_size = sizeof(struct imgprobe_opened),
                                    .source = {.struct_size = sizeof(struct imgprobe_source),
                                               .size = l->image.size,
                                               .read_at = read_logged,
                                               .context = l},
                                    .identity = {8, 1},
                                    .kind = IMGPROBE_KIND_FILE,
                                    .changed = 77,
                                    .changed_nanoseconds = 5};
}

/* The answer about the file alone. */
static inline const struct imgprobe_chain *ask_logged(struct logged *l, struct imgprobe_workspace *w)
{
    const struct imgprobe_options options = {.struct_size = sizeof options, .name = "/i/top", .receipt = true};
    const struct imgprobe_opened top = open_logged(l);
    struct imgprobe_chain *chain = NULL;

    l->log = (struct log){.length = 0};
    imgprobe_chain(&options, &top, NULL, w, &chain);
    assert_non_null(chain);
    return chain;
}

static inline enum imgprobe_status verify(const struct imgprobe_receipt *receipt, struct logged *l, size_t *ret_range,
                                          const char **ret_field)
{
    const struct imgprobe_opened now = open_logged(l);
    struct imgprobe_error error;
    enum imgprobe_status s;

    l->log = (struct log){.length = 0};
    s = imgprobe_verify(receipt, &now, ret_range, &error);
    assert_int_equal(error.status, s);
    *ret_field = error.field;
    return s;
}

/* The first range that holds the byte; the number of ranges for none. */
static inline size_t range_of(const struct imgprobe_receipt *r, uint64_t byte)
{
    size_t i = 0;

    while (i < r->range_count && (byte < r->ranges[i].offset || byte - r->ranges[i].offset >= r->ranges[i].length))
        i++;
    return i;
}

#endif
