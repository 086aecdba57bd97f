/* SPDX-License-Identifier: MIT */
/*
 * Finds the receipts in documents, and reads them by tables of their keys. A key that isn't known is refused: a later
 * version may have added what has to be compared, too.
 */
#include "verify/document.h"
#include "output/identity.h"
#include "output/status.h"
#include "verify/fields.h"

#include <stdlib.h>
#include <string.h>

static bool read_ranges(struct reader *r, void *object)
{
    static const struct field fields[] = {
        {"offset", FIELD_NUMBER, offsetof(struct imgprobe_receipt_range, offset), NULL},
        {"length", FIELD_NUMBER, offsetof(struct imgprobe_receipt_range, length), NULL},
        {"digest", FIELD_DIGEST, offsetof(struct imgprobe_receipt_range, digest), NULL},
    };
    struct verified_member *member = object;
    void *ranges = NULL;
    uint64_t bytes = 0;
    unsigned seen;

    if (!reader_open(r, '['))
        return false;
    while (reader_next(r, NULL)) {
        struct imgprobe_receipt_range *range = fields_add(r, &ranges, &member->receipt.range_count, sizeof(*range));

        member->receipt.ranges = ranges;
        if (!range || !fields_read(r, fields, LENGTH(fields), range, &seen))
            return false;
        if (seen != ALL(fields))
            return reader_refuse(r, "a range that lacks a key");
        if (member->receipt.range_count > RANGES_MOST || range->length > RANGE_BYTES_MOST - bytes)
            return reader_refuse(r, "more ranges than any image has");
        bytes += range->length;
    }
    return !r->wrong;
}

/* A member has either all that is compared, or nothing of it. */
static bool complete(struct reader *r, struct verified_member *m, unsigned seen, unsigned wanted)
{
    const bool block = m->kind.bytes && fields_is(m->kind, "block");

    m->whole = (seen & wanted) == wanted;
    m->receipt.struct_size = sizeof(m->receipt);
    m->receipt.kind = block ? IMGPROBE_KIND_BLOCK : IMGPROBE_KIND_FILE;
    m->receipt.identity.inode = m->inode;
    if (!m->kind.bytes || (!block && !fields_is(m->kind, "file")))
        return reader_refuse(r, "a member that is neither a file nor a block device");
    if (m->whole && !identity_device(m->device, &m->receipt.identity.device))
        return reader_refuse(r, "not a device");
    if (m->whole && block != (m->inode == 0))
        return reader_refuse(r, "a file without an inode, or a block device with one");
    return true;
}

static bool read_members(struct reader *r, void *object)
{
    enum { INDEX, PATH, PATH_BYTES, CANONICAL, CANONICAL_BYTES, KIND, DEVICE, INODE, SIZE, CHANGED, RANGES };
    static const struct field fields[] = {
        [INDEX] = {"member-index", FIELD_NUMBER, offsetof(struct verified_member, index), NULL},
        [PATH] = {"path", FIELD_TEXT, offsetof(struct verified_member, path), NULL},
        [PATH_BYTES] = {"path-bytes", FIELD_BYTES, offsetof(struct verified_member, path), NULL},
        [CANONICAL] = {"canonical-path", FIELD_TEXT, offsetof(struct verified_member, canonical), NULL},
        [CANONICAL_BYTES] = {"canonical-path-bytes", FIELD_BYTES, offsetof(struct verified_member, canonical), NULL},
        [KIND] = {"kind", FIELD_TEXT, offsetof(struct verified_member, kind), NULL},
        [DEVICE] = {"device", FIELD_TEXT, offsetof(struct verified_member, device), NULL},
        [INODE] = {"inode", FIELD_NUMBER, offsetof(struct verified_member, inode), NULL},
        [SIZE] = {"size", FIELD_NUMBER, offsetof(struct verified_member, receipt.size), NULL},
        [CHANGED] = {"changed", FIELD_TEXT, offsetof(struct verified_member, changed), NULL},
        [RANGES] = {"ranges", FIELD_LIST, 0, read_ranges},
    };
    static const unsigned wanted = 1u << DEVICE | 1u << SIZE | 1u << CHANGED | 1u << RANGES;
    struct documents *documents = object;
    unsigned seen;

    if (!reader_open(r, '['))
        return false;
    while (reader_next(r, NULL)) {
        void *items = documents->members;
        struct verified_member *m = fields_add(r, &items, &documents->member_count, sizeof(*m));

        documents->members = items;
        if (!m || !fields_read(r, fields, LENGTH(fields), m, &seen) || !complete(r, m, seen, wanted))
            return false;
    }
    return !r->wrong;
}

static bool read_names(struct reader *r, void *object)
{
    static const struct field fields[] = {
        {"path", FIELD_TEXT, offsetof(struct verified_name, path), NULL},
        {"path-bytes", FIELD_BYTES, offsetof(struct verified_name, path), NULL},
        {"status", FIELD_TEXT, offsetof(struct verified_name, status), NULL},
        {"absent", FIELD_TRUE, offsetof(struct verified_name, absent), NULL},
        {"device", FIELD_TEXT, offsetof(struct verified_name, device), NULL},
        {"inode", FIELD_NUMBER, offsetof(struct verified_name, identity.inode), NULL},
    };
    struct documents *documents = object;
    unsigned seen;

    if (!reader_open(r, '['))
        return false;
    while (reader_next(r, NULL)) {
        void *items = documents->names;
        struct verified_name *name = fields_add(r, &items, &documents->name_count, sizeof(*name));

        documents->names = items;
        if (!name || !fields_read(r, fields, LENGTH(fields), name, &seen))
            return false;
        if (!name->path.bytes || !name->status.bytes || fields_is(name->status, "ok") != (name->device.bytes != NULL))
            return reader_refuse(r, "a name that lacks a key");
        if (name->device.bytes && !identity_device(name->device, &name->identity.device))
            return reader_refuse(r, "not a device");
    }
    return !r->wrong;
}

/* What a document was found to have. */
struct found {
    bool receipt, exit;
};

static bool read_receipt(struct reader *r, struct documents *documents, struct found *found)
{
    static const struct field fields[] = {{"members", FIELD_LIST, 0, read_members},
                                          {"names", FIELD_LIST, 0, read_names}};
    const size_t before = documents->member_count;
    unsigned seen;

    if (found->receipt)
        return reader_refuse(r, "two receipts in one document");
    found->receipt = true;
    if (!fields_read(r, fields, LENGTH(fields), documents, &seen))
        return false;
    return (seen == ALL(fields) && documents->member_count > before) || reader_refuse(r, "a receipt without members");
}

/* Just what an answer can be is taken, since who goes on by it goes on where this is 0. */
static bool read_exit(struct reader *r, struct documents *documents, struct found *found)
{
    uint64_t status;

    if (found->exit)
        return reader_refuse(r, "two exit statuses in one document");
    found->exit = true;
    if (!reader_number(r, &status))
        return false;
    if (status != STATUS_ANSWERED && status != STATUS_NO_ANSWER && status != STATUS_REFUSED &&
        status != STATUS_AMBIGUOUS)
        return reader_refuse(r, "not an exit status that an answer has");
    if (status_rank((int)status) > status_rank(documents->answered))
        documents->answered = (int)status;
    return true;
}

/* access and check have both in the document itself, info in the object of its own keys. */
static bool read_keys(struct reader *r, struct documents *documents, struct found *found)
{
    unsigned within = 0;
    struct imgprobe_bytes key;

    if (!reader_open(r, '{'))
        return false;
    for (;;) {
        bool good;

        if (!reader_next(r, &key)) {
            if (r->wrong || within == 0)
                return !r->wrong;
            within = 0;
            continue;
        }
        if (fields_is(key, "receipt"))
            good = read_receipt(r, documents, found);
        else if (fields_is(key, "exit"))
            good = read_exit(r, documents, found);
        else if (fields_is(key, "imgprobe") && within == 0 && reader_peek(r) == '{')
            good = reader_open(r, '{') && ++within;
        else
            good = reader_skip(r);
        if (!good)
            return false;
    }
}

/* With --backing-chain a document is an array, of which the first object has them. */
static bool read_document(struct reader *r, struct documents *documents)
{
    struct found found = {0};
    bool good = true;

    if (reader_peek(r) == '[' && reader_open(r, '[')) {
        while (good && reader_next(r, NULL))
            good = read_keys(r, documents, &found);
    } else {
        good = read_keys(r, documents, &found);
    }
    documents->count++;
    if (!good || r->wrong)
        return false;
    if (!found.receipt)
        return reader_refuse(r, "a document without a receipt: have it printed with --receipt");
    return found.exit ||
           reader_refuse(r, "a document without the exit status of its answer: keep it as it was printed");
}

bool documents_read(struct documents *ret, struct reader *r)
{
    *ret = (struct documents){0};
    if (!reader_more(r))
        return reader_refuse(r, "there is no document");
    while (reader_more(r)) {
        if (!read_document(r, ret))
            return false;
    }
    return true;
}

void documents_free(struct documents *documents)
{
    size_t i;

    for (i = 0; i < documents->member_count; i++)
        free((void *)(uintptr_t)documents->members[i].receipt.ranges);
    free(documents->members);
    free(documents->names);
    *documents = (struct documents){0};
}
