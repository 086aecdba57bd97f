/* SPDX-License-Identifier: MIT */
/*
 * How the files stand to each other, once all are in the index. Their names come from a second walk through the
 * directories, which opens no file; those that were read from standard input were kept instead.
 */
#include "output/json.h"
#include "output/text.h"
#include "scan/scan.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static bool is_unused(const struct record *record)
{
    return (record->flags & (INDEX_WALKED | INDEX_REFERS)) == INDEX_WALKED && record->users == INDEX_NONE;
}

static bool is_chained(const struct record *record)
{
    return record->users != INDEX_NONE || record->own != INDEX_NONE;
}

/* A file with two names has one place in the index, and is told by the first. */
static uint32_t users_of(const struct scan *scan, const struct record *record)
{
    return (record->flags & INDEX_GONE) != 0 ? 0 : index_users(&scan->index, record, UINT32_MAX);
}

/* Whether there is anything to tell of it. */
static bool is_told(const struct scan *scan, const struct record *record)
{
    if (scan->options->has_target)
        return (record->flags & INDEX_STANDS) != 0;
    if (scan->options->output == OUTPUT_DOT)
        return is_chained(record);
    return (record->flags & INDEX_ORPHAN) != 0 || is_unused(record) || users_of(scan, record) > 1;
}

static void count(struct scan *scan, struct summary *ret)
{
    const struct index *index = &scan->index;
    uint32_t i;

    for (i = 0; i < index->count; i++) {
        const struct record *at = &index->records[i];
        const bool walked = (at->flags & INDEX_WALKED) != 0;
        uint32_t depth;

        ret->orphans += walked && (at->flags & INDEX_ORPHAN) != 0;
        ret->shared += (at->flags & INDEX_GONE) == 0 && index_users(index, at, 2) == 2;
        ret->unused += is_unused(at);
        if (!walked || at->users != INDEX_NONE || at->own == INDEX_NONE)
            continue;
        depth = scan_depth(index, at);
        ret->chains++;
        ret->longest = depth > ret->longest ? depth : ret->longest;
    }
}

static void put_json(const char *type, const char *name, uint32_t users)
{
    struct json json;

    json_start(&json, stdout, true);
    json_open(&json, NULL, '{');
    json_number(&json, "schema", 1);
    json_string(&json, "type", type);
    json_name(&json, "filename", text_bytes(name));
    if (users != 0)
        json_number(&json, "users", users);
    json_close(&json);
    json_finish(&json);
}

static void put_text(const char *type, const char *name, const char *what)
{
    printf("%-7s ", type);
    text_put_string(stdout, name);
    printf("%s\n", what);
}

/* Images that stand on the one of --who-uses. */
static void tell_user(const struct scan *scan, const struct record *record, const char *name)
{
    struct json json;

    if (scan->options->output == OUTPUT_HUMAN) {
        text_put_string(stdout, name);
        puts((record->flags & INDEX_DIRECT) != 0 ? ": directly" : ": through others");
        return;
    }
    json_start(&json, stdout, true);
    json_open(&json, NULL, '{');
    json_number(&json, "schema", 1);
    json_string(&json, "type", "user");
    json_name(&json, "filename", text_bytes(name));
    json_bool(&json, "direct", (record->flags & INDEX_DIRECT) != 0);
    json_close(&json);
    json_finish(&json);
}

static void tell_place(const struct scan *scan, const struct record *record, const char *name)
{
    const bool text = scan->options->output == OUTPUT_HUMAN;
    const uint32_t users = users_of(scan, record);
    char words[64];

    if ((record->flags & INDEX_ORPHAN) != 0 && text)
        put_text("orphan", name, ": a file that it needs is missing");
    else if ((record->flags & INDEX_ORPHAN) != 0)
        put_json("orphan", name, 0);
    (void)snprintf(words, sizeof(words), ": %u files refer to it", users);
    if (users > 1 && text)
        put_text("shared", name, words);
    else if (users > 1)
        put_json("shared", name, users);
    if (is_unused(record) && text)
        put_text("unused", name, ": no file refers to it, and it to none");
    else if (is_unused(record))
        put_json("unused", name, 0);
}

static void tell(struct scan *scan, uint32_t number, const char *name)
{
    struct record *record = &scan->index.records[number];

    if ((record->flags & INDEX_TOLD) != 0 || !is_told(scan, record))
        return;
    record->flags |= INDEX_TOLD;
    if (scan->to_tell != 0 && --scan->to_tell == 0)
        scan->all_told = 1;
    if (scan->options->has_target)
        tell_user(scan, record, name);
    else if (scan->options->output != OUTPUT_DOT)
        tell_place(scan, record, name);
    else
        scan_dot_node(&scan->index, number, name);
}

static void meet(void *context, struct place *place, const char *name)
{
    struct scan *scan = context;
    struct imgprobe_identity identity;
    struct stat found;
    uint32_t record;
    char *whole;

    if (fstatat(place->fd, name, &found, place->length != 0 ? AT_SYMLINK_NOFOLLOW : 0) != 0)
        return;
    identity = (struct imgprobe_identity){.device = S_ISBLK(found.st_mode) ? found.st_rdev : found.st_dev,
                                          .inode = S_ISBLK(found.st_mode) ? 0 : found.st_ino};
    record = index_find(&scan->index, &identity);
    if (record == INDEX_NONE || (scan->index.records[record].flags & INDEX_WALKED) == 0)
        return;
    whole = place_name(place, name);
    if (whole)
        tell(scan, record, whole);
    free(whole);
}

/* The first walk has complained. */
static void pass_over(void *context, const char *name, const char *why)
{
    (void)context;
    (void)name;
    (void)why;
}

struct kept {
    const char *name;
    uint32_t record;
};

static int compare(const void *one, const void *other)
{
    return strcmp(((const struct kept *)one)->name, ((const struct kept *)other)->name);
}

/* Those to which the walk didn't come, and where names were read, all. */
static void tell_names(struct scan *scan)
{
    const struct index *index = &scan->index;
    struct kept *kept = calloc((size_t)index->name_count + 1, sizeof(*kept));
    uint32_t count = 0, i;

    for (i = 0; kept && i < index->count; i++) {
        uint32_t name = index->records[i].name;

        if (name != INDEX_NONE && is_told(scan, &index->records[i]))
            kept[count++] = (struct kept){.name = index->names[name], .record = i};
    }
    if (count != 0)
        qsort(kept, count, sizeof(*kept), compare);
    for (i = 0; i < count; i++)
        tell(scan, kept[i].record, kept[i].name);
    scan->tally.out_of_memory = scan->tally.out_of_memory || !kept;
    free(kept);
}

static void tell_all(struct scan *scan)
{
    struct walk walk = {.sort = scan->options->sort,
                        .one_file_system = scan->options->one_file_system,
                        .context = scan,
                        .file = meet,
                        .wrong = pass_over,
                        .stop = &scan->all_told};
    uint32_t i;
    size_t j;

    for (i = 0; i < scan->index.count; i++)
        scan->to_tell += is_told(scan, &scan->index.records[i]) && scan->index.records[i].name == INDEX_NONE;
    scan->all_told = scan->to_tell == 0;
    for (j = 0; !scan->names_kept && scan->all_told == 0 && j < scan->options->file_count; j++)
        walk_path(&walk, scan->options->files[j]);
    walk_free(&walk);
    tell_names(scan);
}

/* Those that stand on the target by the index; that a chain passes it was seen before. */
static bool mark_users(struct scan *scan)
{
    struct index *index = &scan->index;
    uint32_t target = index_find(index, &scan->options->target), edge;

    if (target == INDEX_NONE)
        return true;
    for (edge = index->records[target].users; edge != INDEX_NONE; edge = index->edges[edge].next_user)
        index->records[index->edges[edge].from].flags |= INDEX_DIRECT;
    index->records[target].flags |= INDEX_TARGET;
    return index_mark(index, INDEX_TARGET | INDEX_STANDS, INDEX_STANDS);
}

void scan_finish(struct scan *scan)
{
    const enum output output = scan->options->output;
    struct summary summary = {0};
    bool fine = index_mark(&scan->index, INDEX_GONE, INDEX_ORPHAN);

    if (scan->options->has_target)
        fine = fine && mark_users(scan);
    scan->tally.out_of_memory = scan->tally.out_of_memory || !fine;
    if (output == OUTPUT_CSV)
        return;
    if (output == OUTPUT_DOT)
        scan_dot_head();
    tell_all(scan);
    if (output == OUTPUT_DOT)
        scan_dot_end();
    if (output == OUTPUT_DOT || scan->options->has_target)
        return;
    count(scan, &summary);
    scan_summary(scan, &summary);
}
