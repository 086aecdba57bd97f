/* SPDX-License-Identifier: MIT */
/*
 * What there is to say of one file: its own chain, or with --backing-chain all of it, the policy's word on that, and
 * to which file its backing file's name leads.
 */
#include "check/check.h"
#include "commands.h"
#include "output/status.h"
#include "scan/scan.h"

#include <stdlib.h>
#include <string.h>

static bool grow_name(struct worker *worker, size_t length)
{
    char *name, *root;

    if (length < worker->room)
        return true;
    name = realloc(worker->name, length * 2);
    if (name)
        worker->name = name;
    root = realloc(worker->root, length * 2);
    if (root)
        worker->root = root;
    if (name && root)
        worker->room = length * 2;
    return name && root;
}

/* Its whole name, and the directory at which the walk to it began: that of a file which was named itself. */
static bool name_item(struct worker *worker, const struct item *item)
{
    const struct place *place = item->place;
    const bool walked = place && place->length != 0;
    const bool slash = walked && place->path[place->length - 1] != '/';
    const size_t length = walked ? place->length + slash : 0;
    const char *end = strrchr(item->name, '/');
    size_t root = walked ? place->root : end ? (size_t)(end - item->name) + (end == item->name) : 1;

    if (!grow_name(worker, length + strlen(item->name) + 2))
        return false;
    if (walked)
        memcpy(worker->name, place->path, place->length);
    if (slash)
        worker->name[place->length] = '/';
    memcpy(worker->name + length, item->name, strlen(item->name) + 1);
    memcpy(worker->root, walked || end ? worker->name : ".", root);
    worker->root[root] = '\0';
    return true;
}

/* What the file names is opened beneath the roots that were given; else beneath every directory that was named, or
 * stands on standard input before it. */
static struct imgprobe_roots roots_of(struct worker *worker)
{
    const struct scan *scan = worker->scan;

    worker->roots[scan->root_count] = worker->root;
    return (struct imgprobe_roots){.struct_size = sizeof(struct imgprobe_roots),
                                   .roots = worker->roots,
                                   .root_count = scan->root_count + (scan->options->root_count == 0)};
}

/* That a backing file isn't followed is no failure where each file is looked at by itself. */
static bool is_as_asked(const struct scan *scan, const struct imgprobe_error *error)
{
    return !scan->follows && error->field && strcmp(error->field, SCAN_NOT_FOLLOWED) == 0;
}

static void look_at_chain(struct found *found, struct worker *worker, const struct imgprobe_opener *opener)
{
    const struct options *options = found->scan->options;
    const struct imgprobe_options how = {
        .struct_size = sizeof(how),
        .reader = options->reader,
        .version = options->version,
        .follow = found->scan->follows ? IMGPROBE_FOLLOW_ALL : IMGPROBE_FOLLOW_OWN,
        .name = found->name,
        .workdir = options->workdir,
        .declarations = options->declarations,
        .declaration_count = options->declaration_count,
    };
    struct imgprobe_chain *chain = NULL;

    worker->workspace.pending = 0;
    found->error.status = imgprobe_chain(&how, found->opened, opener, &worker->workspace, &chain);
    if (!chain || !chain->members) {
        found->status = status_of_error(found->error.status);
        return;
    }
    found->chain = chain;
    if (is_as_asked(found->scan, &chain->error)) {
        found->error.status = IMGPROBE_OK;
        found->status = STATUS_ANSWERED;
        return;
    }
    found->status = status_of_chain(chain->state);
    if (found->error.status != IMGPROBE_OK) {
        found->error = chain->error;
        found->at = chain->at;
    }
}

/* Raises the status of the file. The first error that there is stays the one that is told. */
static void worsen(struct found *found, int status, const struct imgprobe_error *error,
                   const struct imgprobe_reference *at)
{
    if (status_rank(status) > status_rank(found->status))
        found->status = status;
    if (found->error.status == IMGPROBE_OK) {
        found->error = *error;
        found->at = at;
    }
}

static void judge(struct found *found, struct worker *worker)
{
    const struct options *options = found->scan->options;
    const struct imgprobe_check_options how = {
        .struct_size = sizeof(how),
        .policy = options->policy,
        .denied = options->denied,
        .denied_count = options->denied_count,
        .allowed = found->scan->allowed,
        .allowed_count = found->scan->allowed_count,
        .most_virtual_size = options->most_virtual_size,
        .floor = options->floor,
    };
    struct imgprobe_verdict *verdict = NULL;
    enum imgprobe_status status = imgprobe_check(&how, found->chain, &worker->workspace, &verdict);

    found->verdict = verdict;
    if (verdict && is_as_asked(found->scan, &verdict->error))
        return;
    if (status == IMGPROBE_REFUSED && verdict && verdict->refused != 0)
        found->status = status_rank(found->status) < status_rank(STATUS_REFUSED) ? STATUS_REFUSED : found->status;
    else if (status != IMGPROBE_OK && verdict)
        worsen(found, status_of_error(status), &verdict->error, NULL);
    else if (status != IMGPROBE_OK)
        worsen(found, STATUS_NO_ANSWER, &(struct imgprobe_error){.status = status}, NULL);
}

/* Where one name leads, without opening what is there. */
static bool leads(struct found *found, const struct imgprobe_reference *at, const struct imgprobe_roots *roots)
{
    struct imgprobe_error error = {
        .offset = IMGPROBE_UNKNOWN, .found = IMGPROBE_UNKNOWN, .least = IMGPROBE_UNKNOWN, .most = IMGPROBE_UNKNOWN};
    int status;

    if (at->led.kind != IMGPROBE_KIND_FILE || !at->led.path.bytes) {
        error.status = IMGPROBE_REFUSED;
        error.field = at->led.reason;
        error.what = at->led.note;
        status = at->led.kind == IMGPROBE_KIND_REMOTE ? STATUS_NO_ANSWER : STATUS_REFUSED;
    } else {
        error.status = imgprobe_way(roots, (const char *)at->led.path.bytes, NULL, NULL, &found->base, &error);
        status = status_of_error(error.status);
    }
    found->backing = at;
    found->led = error.status == IMGPROBE_OK;
    if (!found->led)
        worsen(found, status, &error, at);
    return found->led;
}

/* Of several names of one parent the first that leads anywhere counts. */
static void find_base(struct found *found, const struct imgprobe_roots *roots)
{
    const bool all = found->scan->follows;
    const struct imgprobe_reference *at = found->chain->members->image->references;
    const struct found before = *found;

    for (; at && !found->led; at = at->next) {
        if (at->role != IMGPROBE_ROLE_BACKING || at->led.ignored || at->led.overridden)
            continue;
        found->led = at->led.member != NULL;
        if (found->led)
            found->base = at->led.member->identity;
        if (found->led || all || !found->backing)
            found->backing = at;
        if (!all)
            (void)leads(found, at, roots);
    }
    if (found->led) { /* names before it that lead nowhere don't matter */
        found->status = before.status;
        found->error = before.error;
        found->at = before.at;
    }
    found->gone = found->at && found->error.absent;
}

static void probe(struct found *found, struct worker *worker)
{
    const struct imgprobe_roots roots = roots_of(worker);
    struct imgprobe_opener opener = {.struct_size = sizeof(opener)};

    imgprobe_safe_opener(&opener, &roots);
    opener.canonical = NULL; /* names are told as they were come to */
    look_at_chain(found, worker, &opener);
    if (!found->chain)
        return;
    judge(found, worker);
    if (found->chain->members->image->error.status == IMGPROBE_OK)
        find_base(found, &roots);
}

static void finish(struct found *found, struct worker *worker)
{
    const struct options *options = found->scan->options;

    if (!scan_index(worker->scan, found))
        worker->tally.out_of_memory = true;
    tally_file(&worker->tally, found);
    if (options->output == OUTPUT_DOT || (options->has_target && found->status == STATUS_ANSWERED))
        return;
    scan_line(found, worker->lines);
}

void scan_file(void *context, const struct item *item)
{
    struct worker *worker = context;
    struct found found = {.scan = worker->scan, .status = STATUS_NO_ANSWER};
    struct imgprobe_opened opened = {.struct_size = sizeof(opened)};
    enum open_result result = OPEN_WRONG;

    found.error = (struct imgprobe_error){
        .offset = IMGPROBE_UNKNOWN, .found = IMGPROBE_UNKNOWN, .least = IMGPROBE_UNKNOWN, .most = IMGPROBE_UNKNOWN};
    if (!name_item(worker, item)) {
        worker->tally.out_of_memory = true;
        return;
    }
    found.name = worker->name;
    found.error.status = IMGPROBE_SYSTEM;
    found.error.what = item->wrong;
    if (!item->wrong)
        result = open_item(item, &worker->open, &opened, &found.error);
    worker->tally.passed += result == OPEN_PASSED_OVER;
    if (result == OPEN_PASSED_OVER)
        return;
    if (result == OPEN_FINE) {
        found.opened = &opened;
        probe(&found, worker);
    }
    finish(&found, worker);
    if (result == OPEN_FINE)
        open_done(&opened);
}
