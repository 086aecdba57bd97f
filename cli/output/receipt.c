/* SPDX-License-Identifier: MIT */
/*
 * The receipt of an answer. The library makes one for each member; this prints them, with the names on which the
 * answer rests besides.
 */
#include "output/receipt.h"
#include "output/identity.h"
#include "output/words.h"

#include <inttypes.h>

void receipt_changed(char text[RECEIPT_CHANGED], int64_t seconds, uint32_t nanoseconds)
{
    snprintf(text, RECEIPT_CHANGED, "%" PRId64 ".%09" PRIu32, seconds, nanoseconds);
}

static void put_ranges(const struct imgprobe_receipt *receipt, struct json *json)
{
    size_t i;

    json_open(json, "ranges", '[');
    for (i = 0; i < receipt->range_count; i++) {
        const struct imgprobe_receipt_range *at = &receipt->ranges[i];

        json_open(json, NULL, '{');
        json_number(json, "offset", at->offset);
        json_number(json, "length", at->length);
        json_hexadecimal(json, "digest", (struct imgprobe_bytes){.bytes = at->digest, .length = sizeof(at->digest)});
        json_close(json);
    }
    json_close(json);
}

/* Without ranges nobody takes it for one that can be verified: a pipe is no file, and what couldn't be read is
 * nobody's to compare. */
static void put_member(const struct imgprobe_member *member, struct json *json)
{
    const struct imgprobe_receipt *receipt = member->receipt;
    char changed[RECEIPT_CHANGED];

    json_open(json, NULL, '{');
    json_number(json, "member-index", member->index);
    json_name(json, "path", member->path);
    json_name(json, "canonical-path", member->canonical);
    json_string(json, "kind", word_of_kind(member->kind));
    identity_json(member->identity, member->kind, json);
    if (receipt && (member->identity.device != 0 || member->identity.inode != 0)) {
        receipt_changed(changed, receipt->changed, receipt->changed_nanoseconds);
        json_number(json, "size", receipt->size);
        json_string(json, "changed", changed);
        put_ranges(receipt, json);
    }
    json_close(json);
}

static void put_name(const struct imgprobe_asked *name, struct json *json)
{
    json_open(json, NULL, '{');
    json_name(json, "path", name->path);
    json_string(json, "status", word_of_status(name->status));
    if (name->absent)
        json_bool(json, "absent", true);
    if (name->status == IMGPROBE_OK)
        identity_json(name->identity, name->identity.inode != 0 ? IMGPROBE_KIND_FILE : IMGPROBE_KIND_BLOCK, json);
    json_close(json);
}

void receipt_json(const struct answer *answer, struct json *json)
{
    const struct imgprobe_member *member;
    const struct imgprobe_asked *name;

    if (!answer->options->receipt || !answer->chain)
        return;
    json_open(json, "receipt", '{');
    json_open(json, "members", '[');
    for (member = answer->chain->members; member; member = member->next)
        put_member(member, json);
    json_close(json);
    json_open(json, "names", '[');
    for (name = answer->chain->asked; name; name = name->next)
        put_name(name, json);
    json_close(json);
    json_close(json);
}
