/* SPDX-License-Identifier: MIT */
/*
 * What a policy's answer comes to, in a word.
 */
#include "check/check.h"

const char *check_policy(const struct options *options)
{
    return options->policy ? options->policy : CHECK_USUAL_POLICY;
}

const char *check_word(const struct answer *answer)
{
    switch (answer->status) {
    case STATUS_ANSWERED:
        return "accepted";
    case STATUS_REFUSED:
        return "refused";
    case STATUS_AMBIGUOUS:
        return "ambiguous";
    default:
        return "no-answer";
    }
}

/* A refusal by the library itself, of FILE before there is a chain, is no finding of a policy. */
bool check_is_explained(const struct answer *answer)
{
    return answer->status == STATUS_REFUSED && answer->verdict != NULL && answer->verdict->refused != 0;
}
