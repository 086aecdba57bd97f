/* SPDX-License-Identifier: MIT */
/*
 * What a probe reads of a file, recorded for its receipt. Each read leaves a record beside its range, at the end of
 * the workspace. The digests are made of the ranges once the probe is done: so they are of the bytes that were
 * decoded, whatever the file holds by then.
 */
#include "image/image.h"

/* The bytes of a record, which is a range that no search finds. */
struct record {
    uint64_t length;
    size_t at; /* where in the workspace the content stands */
};

static void add(struct recording *r, uint64_t offset, const void *buffer, size_t length)
{
    const unsigned char *memory = r->w->memory;
    struct record record = {length, (size_t)((const unsigned char *)buffer - memory)};
    struct range *range = ip_take_range(r->w, offset, sizeof record);

    if (!range) {
        r->full = true;
        return;
    }
    memcpy(range->bytes, &record, sizeof record);
    range->previous = ip_state(r->w)->last_record;
    ip_state(r->w)->last_record = (size_t)((unsigned char *)range - memory) + 1;
}

static enum imgprobe_status read_recorded(void *context, uint64_t offset, void *buffer, size_t length)
{
    struct recording *r = context;
    enum imgprobe_status s = r->from.read_at(r->from.context, offset, buffer, length);

    if (s == IMGPROBE_OK)
        add(r, offset, buffer, length);
    else if (s != IMGPROBE_NEED)
        r->failed = true;
    return s;
}

void ip_record(struct recording *recording, struct imgprobe_source *source, struct imgprobe_workspace *w)
{
    *recording = (struct recording){.from = *source, .w = w};
    source->read_at = read_recorded;
    source->context = recording;
}

static const struct range *record_at(const struct imgprobe_workspace *w, size_t link)
{
    return link == 0 ? NULL : (const struct range *)(const void *)((const unsigned char *)w->memory + (link - 1));
}

/* How many there are, and of how many bytes. */
static size_t count(const struct imgprobe_workspace *w, uint64_t *ret_bytes)
{
    const struct range *at = record_at(w, ip_state(w)->last_record);
    struct record record;
    size_t found = 0;

    for (*ret_bytes = 0; at; at = record_at(w, at->previous), found++) {
        memcpy(&record, at->bytes, sizeof record);
        *ret_bytes += record.length;
    }
    return found;
}

/* The record that was made last comes first, so the list is filled from its end. Until a digest is known, the place
 * of the content stands where it goes. */
static void fill(const struct imgprobe_workspace *w, struct imgprobe_receipt_range *ranges, size_t number)
{
    const unsigned char *memory = w->memory;
    const struct range *at = record_at(w, ip_state(w)->last_record);
    struct record record;
    struct digest digest;
    size_t i;

    for (i = number; at && i-- > 0; at = record_at(w, at->previous)) {
        memcpy(&record, at->bytes, sizeof record);
        ranges[i].offset = at->offset;
        ranges[i].length = record.length;
        memcpy(ranges[i].digest, &record.at, sizeof record.at);
    }
    ip_digest_begin(&digest);
    for (i = 0; i < number; i++) {
        memcpy(&record.at, ranges[i].digest, sizeof record.at);
        ip_digest_range(&digest, ranges[i].offset, ranges[i].length);
        ip_digest_bytes(&digest, memory + record.at, (size_t)ranges[i].length);
        ip_digest_tell(&digest, ranges[i].digest);
    }
}

enum imgprobe_status ip_receipt(const struct recording *recording, const struct imgprobe_opened *opened,
                                uint64_t bytes, const struct imgprobe_receipt **ret)
{
    struct imgprobe_workspace *w = recording->w;
    struct imgprobe_receipt_range *ranges = NULL;
    struct imgprobe_receipt *receipt;
    uint64_t recorded;
    size_t number = count(w, &recorded);

    if (recording->full)
        return IMGPROBE_LIMIT;
    if (recording->failed || recorded != bytes)
        return IMGPROBE_OK;
    receipt = ip_take(w, sizeof *receipt);
    if (number != 0)
        ranges = ip_take(w, number * sizeof *ranges);
    if (!receipt || (number != 0 && !ranges))
        return IMGPROBE_LIMIT;
    fill(w, ranges, number);
    *receipt = (struct imgprobe_receipt){.struct_size = sizeof *receipt,
                                         .identity = opened->identity,
                                         .kind = opened->kind,
                                         .size = recording->from.size,
                                         .changed = opened->changed,
                                         .changed_nanoseconds = opened->changed_nanoseconds,
                                         .ranges = ranges,
                                         .range_count = number};
    *ret = receipt;
    return IMGPROBE_OK;
}
