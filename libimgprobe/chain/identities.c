/* SPDX-License-Identifier: MIT */
/* Members by device and inode, in a tree whose links lie in the members themselves: each has four, and two bits of a
 * file's hash choose one on each level. So a chain pays for the members that it has, and a few steps for each
 * reference. */
#include "chain/chain.h"

#include <xxhash.h>

#define BITS 2 /* of the hash, for a level */
_Static_assert(IP_COUNT(((struct ip_member *)0)->beneath) == 1u << BITS, "there is a link for each value");

bool ip_same_file(struct imgprobe_identity a, struct imgprobe_identity b)
{
    return a.device == b.device && a.inode == b.inode;
}

/* Where the bits are used up, two files have the same hash. One lies beneath the other then, at the first link. */
struct ip_member **ip_identities_slot(struct ip_member **root, struct imgprobe_identity identity)
{
    const uint64_t key[2] = {identity.device, identity.inode};
    struct ip_member **at = root;
    uint64_t hash;

    for (hash = XXH64(key, sizeof key, 0); *at && !ip_same_file((*at)->member.identity, identity); hash <<= BITS)
        at = &(*at)->beneath[hash >> (64 - BITS)];
    return at;
}
