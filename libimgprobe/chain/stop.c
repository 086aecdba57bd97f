/* SPDX-License-Identifier: MIT */
/* Why a chain ends where it does. */
#include "chain/chain.h"

static enum imgprobe_chain_state state_of(enum imgprobe_status status)
{
    switch (status) {
    case IMGPROBE_OK:
        return IMGPROBE_CHAIN_COMPLETE;
    case IMGPROBE_AMBIGUOUS:
        return IMGPROBE_CHAIN_AMBIGUOUS;
    case IMGPROBE_LIMIT:
        return IMGPROBE_CHAIN_LIMIT;
    case IMGPROBE_REFUSED:
        return IMGPROBE_CHAIN_REFUSED;
    case IMGPROBE_SYSTEM:
    case IMGPROBE_NEED:
    case IMGPROBE_USAGE:
        return IMGPROBE_CHAIN_MISSING;
    case IMGPROBE_TRUNCATED:
    case IMGPROBE_MALFORMED:
    case IMGPROBE_UNSUPPORTED:
        break;
    }
    return IMGPROBE_CHAIN_MALFORMED;
}

/* A later reason replaces an earlier one. An image's own error is given last, so that is the one that stays. */
enum imgprobe_status ip_chain_stop(struct chain_builder *b, const struct imgprobe_error *error,
                                   struct imgprobe_member *culprit, struct imgprobe_reference *at)
{
    b->chain->error = *error;
    b->chain->state = state_of(error->status);
    b->chain->culprit = culprit;
    b->chain->at = at;
    return error->status;
}

enum imgprobe_status ip_chain_refuse(struct chain_builder *b, enum imgprobe_status status, const char *field,
                                     const char *what, struct imgprobe_member *culprit, struct imgprobe_reference *at)
{
    struct imgprobe_error error;

    ip_error(&error, status, field, what);
    error.offset = at ? at->stated.offset : IMGPROBE_UNKNOWN;
    if (at && !at->led.note)
        at->led.note = what;
    return ip_chain_stop(b, &error, culprit, at);
}

/* A reference with a note counts as one that wasn't to be had. So nothing is added up from it. */
enum imgprobe_status ip_chain_full(struct chain_builder *b, struct imgprobe_member *culprit,
                                   struct imgprobe_reference *at)
{
    struct imgprobe_error error;

    ip_error_full(&error, b->w);
    if (at && !at->led.note)
        at->led.note = "the workspace is full";
    return ip_chain_stop(b, &error, culprit, at);
}
