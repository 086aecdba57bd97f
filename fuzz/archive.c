/* SPDX-License-Identifier: MIT */
/* A chain asked for, granted and reviewed, out of an archive of small files. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

/* ---- the opener ---- */

static uint64_t inode_of(const struct archive *archive, size_t index)
{
    size_t i, first = 0;

    for (i = 1; i <= index && i < MOST_FILES; i++)
        if (!(archive->how[i] & ARCHIVE_ALIAS))
            first = i;
    return first + 1;
}

static struct imgprobe_opened open_file(struct archive *archive, size_t index)
{
    unsigned how = archive->how[index];

    archive->feeds[index] = (struct feed){
        .file = &archive->files[index], .fails_at = how & ARCHIVE_BROKEN ? 1 : 0, .failure = IMGPROBE_SYSTEM};
    return (struct imgprobe_opened){
        .struct_size = sizeof(struct imgprobe_opened),
        .source = feed_source(&archive->feeds[index]),
        .identity = {7, inode_of(archive, index)},
        .kind = how & ARCHIVE_BLOCK ? IMGPROBE_KIND_BLOCK : IMGPROBE_KIND_FILE,
        .allocated = archive->files[index].length,
        .handle = &archive->open[index],
        .linked = how & ARCHIVE_LINKED,
    };
}

static enum imgprobe_status archive_open(void *context, const char *path, struct imgprobe_opened *ret,
                                         struct imgprobe_error *error)
{
    struct archive *archive = context;
    size_t length = strlen(path), index = length > 0 ? (size_t)(unsigned char)path[length - 1] - 'a' : MOST_FILES;

    PROMISE(length > 0, "a path isn't empty");
    PROMISE(ret->struct_size == sizeof *ret, "the opener is told the version");
    if (index >= archive->count) /* most other names lead somewhere as well */
        index = (unsigned char)path[length - 1] % (archive->count + 1);
    if (index >= archive->count) {
        error->what = "no such file";
        return IMGPROBE_SYSTEM;
    }
    if (archive->how[index] & ARCHIVE_REFUSED) {
        error->what = "not here";
        return IMGPROBE_REFUSED;
    }
    PROMISE(!archive->open[index] || archive->keeps, "a file is done with before it's opened again");
    archive->open[index]++;
    archive->opens++;
    archive->now_open++;
    PROMISE(archive->now_open < 2 || archive->keeps, "two are open at most, the top included");
    *ret = open_file(archive, index);
    return IMGPROBE_OK;
}

static void archive_done(void *context, struct imgprobe_opened *opened)
{
    struct archive *archive = context;
    unsigned *open = opened->handle;

    PROMISE(open >= archive->open && open < archive->open + archive->count && *open, "done once for each opened");
    PROMISE(opened->source.context == &archive->feeds[open - archive->open], "a source comes back as it was");
    (*open)--;
    archive->now_open--;
}

static size_t archive_canonical(void *context, const struct imgprobe_opened *opened, char *name, size_t size)
{
    (void)context;
    if (size < 4)
        return 0;
    memcpy(name, "/c/x", 4);
    name[3] = (char)('a' + (opened->identity.inode - 1) % MOST_FILES);
    return 4;
}

/* ---- the question ---- */

void take_asked_chain(struct input *in, struct asked_chain *asked)
{
    static const char *const names[] = {"/i/a", "a", NULL, "./d:/a"};
    const struct imgprobe_policy *policy;
    unsigned how, grants, more;

    take_asked(in, &asked->top);
    how = take_byte(in);
    grants = take_byte(in);
    more = take_byte(in);
    policy = imgprobe_policy_at(more & 15);
    asked->top.options.name = names[how & 3];
    asked->top.options.workdir = how & 4 ? "/w" : NULL;
    asked->top.options.follow = how & 8 ? IMGPROBE_FOLLOW_OWN : IMGPROBE_FOLLOW_ALL;
    if (how & 16)
        asked->top.options.format = ip_registry[(how >> 5 | (grants & 0xc0) >> 3) % ip_registry_count]->row.name;
    asked->declared = (struct imgprobe_declaration){{7, 1 + (more >> 5)},
                                                    ip_registry[asked->top.seed % ip_registry_count]->row.name};
    asked->top.options.declarations = &asked->declared;
    asked->top.options.declaration_count = more >> 4 & 1;
    asked->consents[0] = (struct imgprobe_consent){.beneath = grants & 2 ? "/c" : "/c/xb"};
    asked->consents[1] = (struct imgprobe_consent){.identity = {7, 1 + (grants >> 4 & 3)}};
    asked->access = (struct imgprobe_access_options){
        .struct_size = sizeof asked->access,
        .write = grants & 1,
        .consents = asked->consents,
        .consent_count = grants & 4 ? 2 : 1,
        .raised = &asked->consents[1],
        .raised_count = grants & 8 ? 1 : 0,
    };
    asked->check =
        (struct imgprobe_check_options){.struct_size = sizeof asked->check, .policy = policy ? policy->name : NULL};
}

/* ---- the answers ---- */

struct answers {
    const struct imgprobe_chain *chain; /* NULL: no room for it; the other two the same */
    const struct imgprobe_access *access;
    const struct imgprobe_verdict *verdict;
    uint64_t digests[3];
};

/* What stays open is what members keep, until it's released, once. */
static void promise_done(const struct archive *archive, const struct imgprobe_opener *opener,
                         struct imgprobe_chain *chain, bool keep)
{
    const struct imgprobe_kept_file *file = chain ? chain->kept : NULL;
    const struct imgprobe_member *m;
    uint64_t kept = 0;

    for (m = chain ? chain->members : NULL; m; m = m->next, file = file ? file->next : NULL) {
        PROMISE(!file == !keep, "a member is kept if all are");
        PROMISE(!keep || memcmp(&file->opened.identity, &m->identity, sizeof m->identity) == 0, "in their order");
        kept += keep && m->index != 0;
    }
    PROMISE(!file, "nothing but members is kept");
    PROMISE(archive->now_open == kept, "done is called for each that was opened and isn't kept");
    imgprobe_release(opener, chain);
    PROMISE(archive->now_open == 0, "what was kept is released");
    imgprobe_release(opener, chain);
    PROMISE(!chain || !chain->kept, "and once");
}

static struct imgprobe_chain *ask_chain(const struct asked_chain *asked, struct archive *archive, struct room *room)
{
    struct imgprobe_options options = asked->top.options;
    struct imgprobe_opener opener = {.struct_size = sizeof opener,
                                     .open = archive_open,
                                     .done = archive_done,
                                     .context = archive,
                                     .canonical = archive_canonical};
    struct imgprobe_opened top = open_file(archive, 0);
    struct imgprobe_chain *chain = NULL;
    enum imgprobe_status s;

    options.limits = &asked->top.limits;
    s = imgprobe_chain(&options, &top, &opener, &room->w, &chain);
    PROMISE(chain ? s == chain->error.status : s == IMGPROBE_USAGE, "a chain's status is told twice");
    promise_done(archive, &opener, chain, options.keep);
    return chain;
}

/* Grants and remarks stand behind the chain, which stays as it was. */
static void ask(const struct asked_chain *asked, struct archive *archive, struct room *room, struct answers *a)
{
    struct imgprobe_options options = asked->top.options;
    struct imgprobe_access *access = NULL;
    struct imgprobe_verdict *verdict = NULL;
    enum imgprobe_status s;

    *a = (struct answers){.chain = ask_chain(asked, archive, room)};
    if (!a->chain)
        return;
    room_check(room);
    options.limits = &asked->top.limits;
    promise_chain(a->chain, &options);
    a->digests[0] = digest_chain(a->chain);
    s = imgprobe_access(&asked->access, a->chain, &room->w, &access);
    PROMISE(access ? s == access->error.status : s == IMGPROBE_USAGE, "a status of grants is told twice");
    s = imgprobe_check(&asked->check, a->chain, &room->w, &verdict);
    PROMISE(verdict ? s == verdict->error.status : s == IMGPROBE_USAGE || s == IMGPROBE_LIMIT,
            "a verdict's status is told twice");
    room_check(room);
    PROMISE(digest_chain(a->chain) == a->digests[0], "a chain is only read");
    if (access)
        promise_access(access, a->chain, &asked->access);
    if (verdict)
        promise_verdict(verdict, a->chain);
    a->access = access;
    a->verdict = verdict;
    a->digests[1] = access ? digest_access(access) : 0;
    a->digests[2] = verdict ? digest_verdict(verdict) : 0;
}

static void check_less(const struct asked_chain *asked, struct archive *archive, const struct answers *whole,
                       size_t size)
{
    struct answers less;
    struct room room;

    room_open(&room, size);
    ask(asked, archive, &room, &less);
    if (less.chain && less.digests[0] != whole->digests[0])
        promise_full(&less.chain->error, size);
    else if (less.access && less.digests[1] != whole->digests[1])
        promise_full(&less.access->error, size);
    if (less.chain && less.digests[0] == whole->digests[0] && less.verdict && less.digests[2] != whole->digests[2])
        promise_full(&less.verdict->error, size);
    room_close(&room);
}

/* ---- receipts ---- */

#define MOST_RANGES 64 /* the default limit, and no set has a higher one */

static bool reopen(struct archive *archive, const struct imgprobe_member *m, struct imgprobe_opened *ret)
{
    struct imgprobe_error error = {0};

    if (m->index == 0) {
        *ret = open_file(archive, 0);
        return true;
    }
    *ret = (struct imgprobe_opened){.struct_size = sizeof *ret};
    return archive_open(archive, (const char *)m->path.bytes, ret, &error) == IMGPROBE_OK;
}

/* One digest in the receipt is another than it was: nobody's receipt, or bytes that have changed since. */
static void promise_noticed(struct archive *archive, const struct imgprobe_member *m, size_t changed)
{
    static struct imgprobe_receipt_range ranges[MOST_RANGES];
    struct imgprobe_receipt receipt = *m->receipt;
    struct imgprobe_opened now;
    size_t range;

    PROMISE(receipt.range_count <= MOST_RANGES, "ranges are bounded");
    memcpy(ranges, receipt.ranges, receipt.range_count * sizeof ranges[0]);
    ranges[changed].digest[changed % sizeof ranges[0].digest] ^= 1;
    receipt.ranges = ranges;
    PROMISE(reopen(archive, m, &now), "a member is opened again");
    PROMISE(imgprobe_verify(&receipt, &now, &range, NULL) == IMGPROBE_REFUSED && range == changed,
            "what differs is noticed, at the first range that does");
    if (m->index != 0)
        archive_done(archive, &now);
}

static void promise_receipt(struct archive *archive, const struct imgprobe_member *m, unsigned seed)
{
    const struct imgprobe_receipt *r = m->receipt;
    const enum imgprobe_status s = m->image->error.status;
    struct imgprobe_opened now;
    const struct feed *feed;
    uint64_t bytes = 0;
    size_t i, range;

    PROMISE(r || s == IMGPROBE_SYSTEM || s == IMGPROBE_TRUNCATED, "each member that was read has its receipt");
    if (!r)
        return;
    for (i = 0; i < r->range_count; i++)
        bytes += r->ranges[i].length;
    PROMISE(r->range_count <= m->image->reads && bytes <= m->image->bytes, "a receipt is of what was read");
    PROMISE(reopen(archive, m, &now), "a member is opened again");
    feed = now.source.context;
    PROMISE(imgprobe_verify(r, &now, &range, NULL) == IMGPROBE_OK && range == r->range_count, "it is unchanged");
    PROMISE(feed->seen_bytes == bytes, "just what was read is read again, once");
    if (m->index != 0)
        archive_done(archive, &now);
    if (r->range_count != 0)
        promise_noticed(archive, m, seed % r->range_count);
}

static void check_receipts(const struct asked_chain *asked, struct archive *archive, const struct answers *whole)
{
    const size_t sizes[] = {2 * ROOM_USUAL, asked->top.seed % (2 * ROOM_USUAL)};
    struct asked_chain with = *asked;
    const struct imgprobe_member *m;
    struct answers a;
    struct room room;
    size_t i;

    with.top.options.receipt = true;
    for (i = 0; i < IP_COUNT(sizes); i++) {
        room_open(&room, sizes[i]);
        ask(&with, archive, &room, &a);
        PROMISE(i != 0 || a.digests[0] == whole->digests[0], "a receipt changes no answer");
        if (a.chain && a.digests[0] != whole->digests[0])
            promise_full(&a.chain->error, sizes[i]);
        for (m = a.chain && a.digests[0] == whole->digests[0] ? a.chain->members : NULL; m; m = m->next)
            promise_receipt(archive, m, asked->top.seed);
        room_close(&room);
    }
}

/* ---- kept ---- */

static void check_kept(const struct asked_chain *asked, struct archive *archive, const struct answers *whole)
{
    const size_t sizes[] = {2 * ROOM_USUAL, asked->top.seed % (2 * ROOM_USUAL)};
    struct asked_chain with = *asked;
    struct answers a;
    struct room room;
    size_t i;

    with.top.options.keep = archive->keeps = true;
    for (i = 0; i < IP_COUNT(sizes); i++) {
        room_open(&room, sizes[i]);
        ask(&with, archive, &room, &a);
        PROMISE(i != 0 || a.digests[0] == whole->digests[0], "to keep changes no answer");
        if (a.chain && a.digests[0] != whole->digests[0])
            promise_full(&a.chain->error, sizes[i]);
        room_close(&room);
    }
    archive->keeps = false;
}

void check_chain(const struct asked_chain *asked, struct archive *archive)
{
    struct answers whole, again;
    struct room room;
    size_t most;

    if (fuzz_sink) {
        fuzz_sink(archive->files, archive->count, asked->top.options.format);
        return;
    }
    room_open(&room, ROOM_USUAL);
    ask(asked, archive, &room, &whole);
    PROMISE(whole.chain && (whole.access || !whole.chain->members), "there is room for a small chain");
    most = room.w.most;
    room_close(&room);
    room_open(&room, most);
    ask(asked, archive, &room, &again);
    PROMISE(memcmp(whole.digests, again.digests, sizeof whole.digests) == 0,
            "asked again, with just enough memory, a chain is the same");
    room_close(&room);
    check_less(asked, archive, &whole, most - 1);
    check_less(asked, archive, &whole, asked->top.seed % most);
    check_receipts(asked, archive, &whole);
    check_kept(asked, archive, &whole);
}
