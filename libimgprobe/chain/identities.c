/* SPDX-License-Identifier: MIT */
/* Members by device and inode, in an open-addressed table that is at most half full. So a chain of any shape costs a
 * step or two for each of its references. */
#include "chain/chain.h"

#include <xxhash.h>

bool ip_identities_init(struct identities *t, struct imgprobe_workspace *w, uint64_t members)
{
    size_t count = 2;

    while (count < 2 * members)
        count *= 2;
    t->count = count;
    t->slots = ip_take(w, count * sizeof *t->slots);
    return t->slots != NULL;
}

bool ip_same_file(struct imgprobe_identity a, struct imgprobe_identity b)
{
    return a.device == b.device && a.inode == b.inode;
}

struct imgprobe_member **ip_identities_slot(const struct identities *t, struct imgprobe_identity identity)
{
    const uint64_t key[2] = {identity.device, identity.inode};
    size_t i = (size_t)XXH64(key, sizeof key, 0) & (t->count - 1);

    while (t->slots[i] && !ip_same_file(t->slots[i]->identity, identity))
        i = (i + 1) & (t->count - 1);
    return &t->slots[i];
}
