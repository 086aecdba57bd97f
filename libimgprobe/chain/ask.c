/* SPDX-License-Identifier: MIT */
/* Asks the caller's opener, and takes none of its mistakes for the caller's. */
#include "chain/chain.h"

#include <string.h>

/* With receipts each name is listed, with what came of it. */
static void list(struct chain_builder *b, struct imgprobe_bytes path, const struct imgprobe_opened *opened,
                 const struct imgprobe_error *error)
{
    struct imgprobe_asked *asked = ip_take(b->w, sizeof *asked);

    b->unlisted = b->unlisted || !asked;
    if (!asked)
        return;
    asked->path = path;
    asked->status = error->status;
    asked->absent = error->absent;
    if (error->status == IMGPROBE_OK)
        asked->identity = opened->identity;
    *b->asked_tail = asked;
    b->asked_last = b->asked_tail;
    b->asked_tail = &asked->next;
}

void ip_chain_unlist(struct chain_builder *b)
{
    if (!b->asked_last)
        return;
    *b->asked_last = NULL;
    b->asked_tail = b->asked_last;
    b->asked_last = NULL;
}

void ip_chain_doubt(struct chain_builder *b, enum imgprobe_status status)
{
    if (b->asked_last)
        (*b->asked_last)->status = status;
}

/* The opener is the caller's code. A source without read_at counts as its failure, and so does a status that blames
 * the caller. */
enum imgprobe_status ip_chain_ask(struct chain_builder *b, struct imgprobe_bytes path, struct imgprobe_opened *ret,
                                  struct imgprobe_error *error)
{
    enum imgprobe_status s;

    memset(ret, 0, sizeof *ret);
    ret->struct_size = sizeof *ret;
    ip_error(error, IMGPROBE_OK, NULL, NULL);
    s = b->opener.open(b->opener.context, (const char *)path.bytes, ret, error);
    if (s == IMGPROBE_OK && !ret->source.read_at) {
        ip_chain_done(b, ret);
        s = IMGPROBE_USAGE;
    }
    if (s == IMGPROBE_USAGE)
        s = IMGPROBE_SYSTEM; /* it's the opener's mistake, and not that of imgprobe_chain's caller */
    error->status = s;
    if (b->options.receipt)
        list(b, path, ret, error);
    return s;
}

void ip_chain_done(struct chain_builder *b, struct imgprobe_opened *opened)
{
    b->opener.done(b->opener.context, opened);
}

enum imgprobe_status ip_chain_unopened(struct chain_builder *b, const struct imgprobe_error *error,
                                       struct imgprobe_member *m, struct imgprobe_reference *r)
{
    r->led.reason = error->status == IMGPROBE_SYSTEM ? "member-missing" : error->field;
    r->led.note = error->what ? error->what : "it can't be opened";
    return ip_chain_stop(b, error, m, r);
}
