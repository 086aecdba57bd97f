/* SPDX-License-Identifier: MIT */
/* What imgprobe verify is given: documents of JSON, with receipts in them. */
#include "harness.h"
#include "verify/document.h"

#include <stdlib.h>
#include <string.h>

static void promise_string(struct imgprobe_bytes string)
{
    PROMISE(!string.bytes ||
                (string.length > 0 && !memchr(string.bytes, 0, string.length) && string.bytes[string.length] == 0),
            "a string isn't empty, and ends at its NUL");
}

static void promise_documents(const struct documents *d)
{
    size_t i, k;

    PROMISE(d->count > 0 && d->member_count >= d->count, "each document has a receipt with members");
    for (i = 0; i < d->member_count; i++) {
        const struct verified_member *m = &d->members[i];
        uint64_t bytes = 0;

        promise_string(m->path);
        promise_string(m->canonical);
        promise_string(m->changed);
        PROMISE(!m->whole || m->changed.bytes, "what can be verified has a change time");
        PROMISE((m->receipt.kind == IMGPROBE_KIND_BLOCK) == (m->receipt.identity.inode == 0) || !m->whole,
                "a file has an inode");
        for (k = 0; k < m->receipt.range_count; k++)
            bytes += m->receipt.ranges[k].length;
        PROMISE(k <= RANGES_MOST && bytes <= RANGE_BYTES_MOST, "what is to be read is bounded");
    }
    for (i = 0; i < d->name_count; i++) {
        promise_string(d->names[i].path);
        PROMISE(d->names[i].path.bytes, "a name is there");
    }
}

/* Any receipt can be asked about, whatever it says: it has nothing but ranges to go by. */
static void promise_answers(struct documents *d)
{
    static const unsigned char zeros[65536];
    size_t i;

    for (i = 0; i < d->member_count; i++) {
        struct imgprobe_opened now = {.struct_size = sizeof now};
        struct imgprobe_receipt *r = &d->members[i].receipt;
        enum imgprobe_status s;
        size_t range = 0;

        imgprobe_source_buffer(&now.source, zeros, sizeof zeros);
        now.identity = r->identity;
        now.kind = r->kind;
        s = imgprobe_verify(r, &now, &range, NULL);
        PROMISE(s == IMGPROBE_USAGE || s == IMGPROBE_OK || s == IMGPROBE_REFUSED, "a receipt is answered");
        PROMISE(s != IMGPROBE_OK || r->size == sizeof zeros, "a file of another size is another");
        PROMISE(s == IMGPROBE_USAGE || range <= r->range_count, "the range is one of its own");
    }
}

void fuzz_receipt(const unsigned char *bytes, size_t size)
{
    struct documents documents;
    struct reader reader;
    unsigned char *text;

    if (fuzz_sink)
        return;
    text = malloc(size + 1); /* it is written to */
    if (!text)
        abort();
    if (size != 0)
        memcpy(text, bytes, size);
    reader_start(&reader, text, size);
    if (documents_read(&documents, &reader)) {
        PROMISE(!reader.wrong && reader.at == size && reader.depth == 0, "all of it was read");
        promise_documents(&documents);
        promise_answers(&documents);
    } else {
        PROMISE(reader.wrong && reader.at <= size && reader.line >= 1 && reader.line_start <= reader.at,
                "what is wrong has a place");
    }
    documents_free(&documents);
    free(text);
}
