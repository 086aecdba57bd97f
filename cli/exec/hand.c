/* SPDX-License-Identifier: MIT */
/*
 * The child's answer, written where its parent reads it. Texts that don't fit are refused.
 */
#include "exec/hand.h"
#include "access/access.h"
#include "access/grants/numbers.h"
#include "exec/exec.h"

struct hand *hand;

static bool take_file(const struct grants *grants, const struct imgprobe_grant *grant,
                      const struct imgprobe_kept_file *kept, bool write, struct cannot *ret_why)
{
    const int fd = imgprobe_fd(&kept->opened);

    (void)grants;
    if (fd < 0)
        return cannot(ret_why, grant, "it was read from a pipe, and no descriptor of it can be handed on");
    if (hand->count == HAND_FILES)
        return cannot(ret_why, grant, "there are more than %d descriptors", HAND_FILES);
    hand->files[hand->count++] = (struct hand_file){.fd = fd, .write = write};
    return true;
}

static bool take_files(const struct grants *grants, const struct numbers *numbers, struct cannot *ret_why)
{
    const struct imgprobe_kept_file *kept = grants->chain->kept;
    const struct imgprobe_grant *at = grants->access->grants;
    bool fine = true;

    for (; fine && at && kept; at = at->next, kept = kept->next) {
        const struct number *number = &numbers->all[at->member->index];

        if (number->read)
            fine = take_file(grants, at, kept, false, ret_why);
        if (fine && number->written)
            fine = take_file(grants, at, kept, true, ret_why);
    }
    return fine;
}

/* The stream is unbuffered by then, so it knows whether all fitted. */
static bool closes(FILE *stream, bool fine, struct cannot *ret_why)
{
    bool whole = fflush(stream) == 0 && ferror(stream) == 0;

    fclose(stream);
    return fine && (whole || cannot(ret_why, NULL, "it is longer than arguments may be"));
}

static bool take_graph(const struct grants *grants, enum graph_names names, const struct numbers *numbers, char *text,
                       struct cannot *ret_why)
{
    FILE *stream = fmemopen(text, HAND_ARGUMENT, "w");

    return stream ? closes(stream, graph_write(grants, names, numbers, stream, ret_why), ret_why)
                  : cannot(ret_why, NULL, "out of memory");
}

static bool take_words(const struct grants *grants, const struct numbers *numbers, struct cannot *ret_why)
{
    FILE *stream = fmemopen(hand->words, HAND_WORDS, "w");
    bool fine = stream && graph_write_sets(grants, numbers, stream, ret_why);

    hand->length = stream ? (size_t)ftell(stream) : 0;
    return stream ? closes(stream, fine, ret_why) : cannot(ret_why, NULL, "out of memory");
}

/* Nothing is shown on a terminal. */
static bool hand_over(const struct grants *grants, FILE *stream, struct cannot *ret_why)
{
    struct grants unseen = *grants;
    struct numbers numbers;

    (void)stream;
    unseen.terminal = false;
    hand->whole = numbers_take(&unseen, &numbers, ret_why) && take_files(&unseen, &numbers, ret_why) &&
                  take_graph(&unseen, GRAPH_SETS, &numbers, hand->sets, ret_why) &&
                  take_graph(&unseen, GRAPH_PROC, &numbers, hand->proc, ret_why) &&
                  take_words(&unseen, &numbers, ret_why);
    numbers_free(&numbers);
    return hand->whole;
}

const struct access_kind exec_kind = {"fdset", NULL, hand_over, false};
