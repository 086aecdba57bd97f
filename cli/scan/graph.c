/* SPDX-License-Identifier: MIT */
/*
 * Puts what a file says of others into the index.
 */
#include "output/names.h"
#include "output/text.h"
#include "scan/scan.h"

#define DEEPEST 1024 /* the most that a chain may have: imgprobe.h, chain_depth */

/* The file that a reference of the top leads to; INDEX_NONE where it isn't known, or there is no memory. */
static uint32_t target_of(struct index *index, const struct found *found, const struct imgprobe_reference *at)
{
    const struct imgprobe_identity *identity = at->led.member ? &at->led.member->identity : NULL;
    uint32_t record;

    if (!identity && at == found->backing && found->led)
        identity = &found->base;
    if (!identity)
        return INDEX_NONE;
    record = index_file(index, identity);
    /* In case that the walk never comes to it. */
    if (record != INDEX_NONE && (index->records[record].flags & INDEX_WALKED) == 0 &&
        !index_name(index, record, at->led.path))
        return INDEX_NONE;
    return record;
}

/* References to data files and extents, or those to backing files. */
static bool refer(struct index *index, uint32_t from, const struct found *found, bool backing)
{
    const struct imgprobe_reference *at = found->chain->members->image->references;
    bool fine = true;

    for (; fine && at; at = at->next) {
        uint32_t to = (at->role == IMGPROBE_ROLE_BACKING) == backing ? target_of(index, found, at) : INDEX_NONE;

        /* A file may be its own extent. */
        if (to != INDEX_NONE && to != from && !(backing && index_refers(index, from, to)))
            fine = index_refer(index, from, to, backing);
    }
    return fine;
}

/* The name that is missing needn't be the file's own: one of its chain is without what it needs. */
static bool refer_gone(struct index *index, uint32_t from, const struct found *found)
{
    uint32_t to;

    if (!found->gone || !found->at->led.path.bytes)
        return true;
    to = index_gone(index, found->at->led.path);
    if (to == INDEX_NONE)
        return false;
    return index_refers(index, from, to) || index_refer(index, from, to, found->at->role == IMGPROBE_ROLE_BACKING);
}

/* A chain that passes files outside of the walk is seen here alone. */
static unsigned stands(const struct found *found)
{
    const struct options *options = found->scan->options;
    const struct imgprobe_member *at = found->chain->members->next;
    unsigned flags = 0;

    for (; options->has_target && at; at = at->next) {
        if (at->identity.device == options->target.device && at->identity.inode == options->target.inode)
            flags |= at->depth == 1 ? INDEX_STANDS | INDEX_DIRECT : INDEX_STANDS;
    }
    return flags;
}

static bool add(struct scan *scan, const struct found *found)
{
    struct index *index = &scan->index;
    uint32_t record = index_file(index, &found->opened->identity);
    bool again;

    if (record == INDEX_NONE)
        return false;
    again = (index->records[record].flags & INDEX_WALKED) != 0;
    index->records[record].flags |= (uint8_t)(INDEX_WALKED | (found->chain ? stands(found) : 0));
    if (!again)
        index_forget_name(index, record);
    if (scan->names_kept && !index_name(index, record, text_bytes(found->name)))
        return false;
    if (!found->chain || found->chain->members->image->references_state != IMGPROBE_REFERENCES_NONE)
        index->records[record].flags |= INDEX_REFERS;
    if (!found->chain)
        return true;
    if (found->chain->members->image->format)
        index->records[record].format = (uint8_t)(1 + tally_format(found->chain->members->image->format));
    /* Under another name the same file may have another backing file. */
    return (again || refer(index, record, found, false)) && refer(index, record, found, true) &&
           refer_gone(index, record, found);
}

bool scan_index(struct scan *scan, const struct found *found)
{
    bool fine;

    if (!found->opened)
        return true;
    (void)pthread_mutex_lock(&scan->lock);
    fine = add(scan, found);
    (void)pthread_mutex_unlock(&scan->lock);
    return fine;
}

/* A loop ends where a chain has to. Edges to backing files come first. */
uint32_t scan_depth(const struct index *index, const struct record *record)
{
    uint32_t depth = 1;

    for (; record->own != INDEX_NONE && index->edges[record->own].backing && depth < DEEPEST; depth++)
        record = &index->records[index->edges[record->own].to];
    return depth;
}
