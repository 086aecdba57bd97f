/* SPDX-License-Identifier: MIT */
/*
 * Exit statuses, the same for every command.
 */
#include "output/status.h"

/* Several FILEs have one exit status. A refusal outweighs an acceptance, and what couldn't be answered outweighs
 * both, since nobody may take it for a yes or a no. */
int status_rank(int status)
{
    static const int rising[] = {STATUS_ANSWERED, STATUS_REFUSED, STATUS_AMBIGUOUS, STATUS_NO_ANSWER, STATUS_USAGE};
    int i = 0;

    while (i < 4 && rising[i] != status)
        i++;
    return i;
}

int status_of_error(enum imgprobe_status status)
{
    switch (status) {
    case IMGPROBE_OK:
        return STATUS_ANSWERED;
    case IMGPROBE_REFUSED:
        return STATUS_REFUSED;
    case IMGPROBE_AMBIGUOUS:
        return STATUS_AMBIGUOUS;
    case IMGPROBE_USAGE:
        return STATUS_USAGE;
    default:
        return STATUS_NO_ANSWER;
    }
}

int status_of_chain(enum imgprobe_chain_state state)
{
    switch (state) {
    case IMGPROBE_CHAIN_COMPLETE:
        return STATUS_ANSWERED;
    case IMGPROBE_CHAIN_REFUSED:
    case IMGPROBE_CHAIN_LOOP: /* all of it is known, and a rule refuses it */
        return STATUS_REFUSED;
    case IMGPROBE_CHAIN_AMBIGUOUS:
        return STATUS_AMBIGUOUS;
    default:
        return STATUS_NO_ANSWER;
    }
}

enum imgprobe_chain_state status_chain_state(const struct answer *answer)
{
    if (answer->chain &&
        answer->chain->error.status != IMGPROBE_NEED) /* of a stream that was refused there is more */
        return answer->chain->state;
    return answer->error.status == IMGPROBE_REFUSED ? IMGPROBE_CHAIN_REFUSED : IMGPROBE_CHAIN_MISSING;
}
