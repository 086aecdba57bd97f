/* SPDX-License-Identifier: MIT */
/* What stays open behind a chain: the files of its members, until the caller releases them. */
#include "chain/chain.h"

bool ip_chain_keep(struct chain_builder *b, const struct imgprobe_opened *opened)
{
    struct imgprobe_kept_file *kept;

    if (!b->options.keep)
        return true;
    kept = ip_take(b->w, sizeof *kept);
    if (!kept)
        return false;
    kept->opened = *opened;
    *b->kept_tail = kept;
    b->kept_tail = &kept->next;
    return true;
}

/* The first is the top's, which the caller opened. */
void imgprobe_release(const struct imgprobe_opener *opener, struct imgprobe_chain *chain)
{
    struct imgprobe_opener from = {.struct_size = 0};
    struct imgprobe_kept_file *at;

    if (!chain || !chain->kept || !opener || !ip_struct(&from, sizeof from, sizeof from, opener) || !from.done)
        return;
    for (at = chain->kept->next; at; at = at->next)
        from.done(from.context, &at->opened);
    chain->kept = NULL;
}
