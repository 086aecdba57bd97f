/* SPDX-License-Identifier: MIT */
/*
 * A table of records by hash, with lists of edges through it. All are numbers in arrays that grow, since a pointer
 * would take twice the room.
 */
#include "scan/index.h"

#include <stdlib.h>
#include <string.h>

/* No device has this number. Such an identity is a name's, which leads to no file. */
#define NO_DEVICE UINT64_MAX

/* Room for one more of `size` bytes; `*items` stays as it is where there is none. */
static bool make_room(void **items, uint32_t count, uint32_t *room, size_t size)
{
    uint32_t more = *room + *room / 2 + 256;
    void *grown;

    if (count < *room)
        return true;
    if (more <= *room || more > INDEX_MOST || more > SIZE_MAX / size)
        return false;
    grown = realloc(*items, more * size);
    if (!grown)
        return false;
    *items = grown;
    *room = more;
    return true;
}

/* splitmix64's last steps: numbers that follow each other, as inodes do, are spread. */
static uint64_t mix(uint64_t number)
{
    number = (number ^ number >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ number >> 27) * UINT64_C(0x94d049bb133111eb);
    return number ^ number >> 31;
}

/* Where a record with this identity is, or would be. There is always a free slot. */
static uint32_t *slot_of(const struct index *index, const struct imgprobe_identity *identity)
{
    uint32_t at = (uint32_t)mix(identity->inode + mix(identity->device)) & (index->slot_count - 1);

    while (index->slots[at] != INDEX_NONE) {
        const struct imgprobe_identity *found = &index->records[index->slots[at]].identity;

        if (found->device == identity->device && found->inode == identity->inode)
            break;
        at = (at + 1) & (index->slot_count - 1);
    }
    return &index->slots[at];
}

/* At most three quarters are full, so that looking for one stays short. */
static bool make_slots(struct index *index)
{
    uint32_t count = index->slot_count == 0 ? 1024 : index->slot_count * 2, i;
    struct index grown = *index;

    if (index->count < index->slot_count / 4 * 3)
        return true;
    if (count < index->slot_count)
        return false;
    free(index->slots);
    index->slot_count = 0;
    index->slots = grown.slots = malloc(count * sizeof(*grown.slots));
    if (!grown.slots)
        return false;
    memset(grown.slots, 0xff, count * sizeof(*grown.slots));
    index->slot_count = count;
    for (i = 0; i < index->count; i++)
        *slot_of(index, &index->records[i].identity) = i;
    return true;
}

uint32_t index_find(const struct index *index, const struct imgprobe_identity *identity)
{
    return index->slot_count == 0 ? INDEX_NONE : *slot_of(index, identity);
}

uint32_t index_file(struct index *index, const struct imgprobe_identity *identity)
{
    void *records = index->records;
    uint32_t *slot;
    bool fine;

    if (!make_slots(index))
        return INDEX_NONE;
    slot = slot_of(index, identity);
    if (*slot != INDEX_NONE)
        return *slot;
    fine = make_room(&records, index->count, &index->room, sizeof(*index->records));
    index->records = records;
    if (!fine)
        return INDEX_NONE;
    index->records[index->count] =
        (struct record){.identity = *identity, .users = INDEX_NONE, .own = INDEX_NONE, .name = INDEX_NONE};
    *slot = index->count;
    return index->count++;
}

/* The name's hash stands for it: FNV-1a. Two names of one hash would be shown as one; nothing else comes of it. */
uint32_t index_gone(struct index *index, struct imgprobe_bytes name)
{
    struct imgprobe_identity identity = {.device = NO_DEVICE, .inode = UINT64_C(0xcbf29ce484222325)};
    uint32_t record;
    size_t i;

    for (i = 0; i < name.length; i++)
        identity.inode = (identity.inode ^ name.bytes[i]) * UINT64_C(0x100000001b3);
    record = index_file(index, &identity);
    if (record == INDEX_NONE || !index_name(index, record, name))
        return INDEX_NONE;
    index->records[record].flags |= INDEX_GONE;
    return record;
}

bool index_refers(const struct index *index, uint32_t from, uint32_t to)
{
    uint32_t edge = index->records[from].own;

    while (edge != INDEX_NONE && index->edges[edge].to != to)
        edge = index->edges[edge].next_own;
    return edge != INDEX_NONE;
}

bool index_refer(struct index *index, uint32_t from, uint32_t to, bool backing)
{
    const uint32_t last = index->records[to].users;
    void *edges = index->edges;
    bool fine;

    if (last != INDEX_NONE && index->edges[last].from == from)
        return true;
    fine = make_room(&edges, index->edge_count, &index->edge_room, sizeof(*index->edges));
    index->edges = edges;
    if (!fine)
        return false;
    index->edges[index->edge_count] = (struct edge){.from = from,
                                                    .to = to & INDEX_MOST,
                                                    .backing = backing,
                                                    .next_user = last,
                                                    .next_own = index->records[from].own};
    index->records[to].users = index->edge_count;
    index->records[from].own = index->edge_count++;
    return true;
}

bool index_name(struct index *index, uint32_t record, struct imgprobe_bytes name)
{
    void *names = index->names;
    bool fine;
    char *copy;

    if (index->records[record].name != INDEX_NONE)
        return true;
    fine = make_room(&names, index->name_count, &index->name_room, sizeof(*index->names));
    index->names = names;
    copy = fine ? malloc(name.length + 1) : NULL;
    if (!copy)
        return false;
    memcpy(copy, name.bytes, name.length);
    copy[name.length] = '\0';
    index->names[index->name_count] = copy;
    index->records[record].name = index->name_count++;
    return true;
}

void index_forget_name(struct index *index, uint32_t record)
{
    uint32_t *name = &index->records[record].name;

    if (*name == INDEX_NONE)
        return;
    free(index->names[*name]);
    index->names[*name] = NULL;
    *name = INDEX_NONE;
}

uint32_t index_users(const struct index *index, const struct record *record, uint32_t most)
{
    uint32_t edge = record->users, count = 0;

    for (; edge != INDEX_NONE && count < most; edge = index->edges[edge].next_user)
        count++;
    return count;
}

bool index_mark(struct index *index, unsigned flag, unsigned mark)
{
    uint32_t *waiting = NULL, count = 0, room = 0, i;
    bool fine = true;

    for (i = 0; fine && i < index->count; i++) {
        void *items = waiting;

        if ((index->records[i].flags & flag) == 0)
            continue;
        fine = make_room(&items, count, &room, sizeof(*waiting));
        waiting = items;
        if (fine)
            waiting[count++] = i;
    }
    for (i = 0; fine && i < count; i++) {
        uint32_t edge = index->records[waiting[i]].users;

        for (; fine && edge != INDEX_NONE; edge = index->edges[edge].next_user) {
            struct record *user = &index->records[index->edges[edge].from];
            void *items = waiting;

            if ((user->flags & (mark | flag)) != 0) {
                user->flags |= (uint8_t)mark;
                continue;
            }
            user->flags |= (uint8_t)mark;
            fine = make_room(&items, count, &room, sizeof(*waiting));
            waiting = items;
            if (fine)
                waiting[count++] = index->edges[edge].from;
        }
    }
    free(waiting);
    return fine;
}

void index_free(struct index *index)
{
    uint32_t i;

    for (i = 0; i < index->name_count; i++)
        free(index->names[i]);
    free(index->names);
    free(index->records);
    free(index->edges);
    free(index->slots);
    *index = (struct index){0};
}
