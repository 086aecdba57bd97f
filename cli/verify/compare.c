/* SPDX-License-Identifier: MIT */
/*
 * Opens what an answer rests on by its names, and compares it with the receipt. All of it goes through the opener
 * that the answers go through, beneath the same roots.
 */
#include "input/outputs.h"
#include "output/receipt.h"
#include "verify/fields.h"
#include "verify/verify.h"

#include <limits.h>
#include <string.h>

static void observe(void *observer, uint64_t offset, const void *bytes, size_t length)
{
    struct verified *verified = observer;

    (void)offset;
    (void)bytes;
    verified->reads++;
    verified->bytes += length;
}

static void decide(struct outcome *outcome, enum verdict verdict, const char *field, const char *message)
{
    outcome->verdict = verdict;
    outcome->field = field;
    outcome->message = message;
}

/* Whether something stands there that no member can be, by the words that the opener has for it. */
static bool is_no_image(const struct imgprobe_error *error)
{
    static const char *const kinds[] = {"is a directory", "is a FIFO", "is a socket", "is a character device"};
    bool found = false;
    size_t i;

    for (i = 0; !found && error->status == IMGPROBE_SYSTEM && error->what && i < LENGTH(kinds); i++)
        found = strcmp(error->what, kinds[i]) == 0;
    return found;
}

/* What was there and is gone, or is of another kind, has changed. Any other failure says nothing of the file. */
static void blame_opener(struct outcome *outcome, const struct imgprobe_error *error)
{
    const bool changed = error->absent || is_no_image(error);

    decide(outcome, changed ? VERDICT_CHANGED : VERDICT_CANNOT_TELL, changed ? "identity" : NULL,
           error->what ? error->what : "it can't be opened");
}

/* The answer may rest on where the file lies, and not on its name alone. */
static void compare_canonical(struct verified_member *m, const struct imgprobe_opener *opener,
                              const struct imgprobe_opened *now)
{
    char name[PATH_MAX];
    size_t length;

    if (!m->canonical.bytes)
        return;
    length = opener->canonical(opener->context, now, name, sizeof(name));
    if (length == 0)
        decide(&m->outcome, VERDICT_CANNOT_TELL, "canonical-path", "where it lies can't be told");
    else if (length != m->canonical.length || memcmp(name, m->canonical.bytes, length) != 0)
        decide(&m->outcome, VERDICT_CHANGED, "canonical-path", "the file lies in another place");
}

static void compare_opened(struct verified_member *m, const struct imgprobe_opener *opener,
                           const struct imgprobe_opened *now)
{
    struct imgprobe_error error;
    char changed[RECEIPT_CHANGED];
    enum imgprobe_status status = imgprobe_verify(&m->receipt, now, &m->outcome.range, &error);

    receipt_changed(changed, now->changed, now->changed_nanoseconds);
    m->touched = strcmp(changed, (const char *)m->changed.bytes) != 0;
    m->outcome.size = now->source.size;
    if (status == IMGPROBE_OK)
        compare_canonical(m, opener, now);
    else if (status == IMGPROBE_REFUSED || status == IMGPROBE_TRUNCATED)
        decide(&m->outcome, VERDICT_CHANGED, status == IMGPROBE_REFUSED ? error.field : "size", error.what);
    else
        decide(&m->outcome, VERDICT_CANNOT_TELL, NULL,
               status == IMGPROBE_USAGE ? "the receipt has ranges behind the end of the file" : error.what);
}

static unsigned compare_member(struct verified *verified, struct verified_member *m,
                               const struct imgprobe_opener *opener)
{
    struct imgprobe_opened now = {.struct_size = sizeof(now)};
    struct imgprobe_error error = {0};
    unsigned taken;

    m->outcome.range = m->receipt.range_count;
    if (!m->whole) {
        decide(&m->outcome, VERDICT_CANNOT_TELL, NULL, "it has no receipt: it was a pipe, or couldn't be read");
        return OUTPUTS_NONE;
    }
    if (!m->path.bytes) {
        decide(&m->outcome, VERDICT_CANNOT_TELL, NULL, "it was given without a name, by which it could be opened");
        return OUTPUTS_NONE;
    }
    error.status = opener->open(opener->context, (const char *)m->path.bytes, &now, &error);
    if (error.status != IMGPROBE_OK) {
        verified->astray = verified->astray || (error.absent && m->path.bytes[0] != '/');
        blame_opener(&m->outcome, &error);
        return OUTPUTS_NONE;
    }
    taken = outputs_that_are(&now.identity);
    if (taken == OUTPUTS_NONE) {
        now.source.observe = observe;
        now.source.observer = verified;
        compare_opened(m, opener, &now);
    }
    opener->done(opener->context, &now);
    return taken;
}

static void compare_name(struct verified_name *name, const struct imgprobe_opener *opener)
{
    struct imgprobe_opened now = {.struct_size = sizeof(now)};
    struct imgprobe_error error = {0};
    bool opened;

    error.status = opener->open(opener->context, (const char *)name->path.bytes, &now, &error);
    opened = error.status == IMGPROBE_OK;
    if (opened)
        opener->done(opener->context, &now);
    if (!name->device.bytes && !name->absent)
        decide(&name->outcome, VERDICT_CANNOT_TELL, NULL, "what was there couldn't be told then");
    else if (name->absent && opened)
        decide(&name->outcome, VERDICT_CHANGED, "identity", "there was no such file, and now there is");
    else if (name->absent && !error.absent)
        blame_opener(&name->outcome, &error);
    else if (!name->absent && !opened)
        blame_opener(&name->outcome, &error);
    else if (opened && (now.identity.device != name->identity.device || now.identity.inode != name->identity.inode))
        decide(&name->outcome, VERDICT_CHANGED, "identity", "the name leads to another file");
}

/* What has changed is known, whatever else can't be told. */
static void sum_up(struct verified *verified, enum verdict verdict)
{
    if (verified->verdict != VERDICT_CHANGED && verdict != VERDICT_UNCHANGED)
        verified->verdict = verdict;
}

unsigned verify_compare(struct verified *verified)
{
    const struct imgprobe_roots roots = {
        .struct_size = sizeof(roots), .roots = verified->options->roots, .root_count = verified->options->root_count};
    struct documents *documents = &verified->documents;
    struct imgprobe_opener opener = {.struct_size = sizeof(opener)};
    size_t i;

    imgprobe_safe_opener(&opener, &roots);
    for (i = 0; i < documents->member_count; i++) {
        unsigned taken = compare_member(verified, &documents->members[i], &opener);

        if (taken != OUTPUTS_NONE) {
            verified->verdict = VERDICT_CANNOT_TELL;
            outputs_close(taken, &verified->error);
            return taken;
        }
        sum_up(verified, documents->members[i].outcome.verdict);
    }
    for (i = 0; i < documents->name_count; i++) {
        compare_name(&documents->names[i], &opener);
        sum_up(verified, documents->names[i].outcome.verdict);
    }
    return OUTPUTS_NONE;
}
