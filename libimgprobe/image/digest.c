/* SPDX-License-Identifier: MIT */
/* XXH3-128 piece by piece. xxHash is compiled in here, as the build says, or its state would be of another size with
 * another version of it. */
#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include "image/image.h"

#include <xxhash.h>

_Static_assert(sizeof(XXH3_state_t) <= sizeof(struct digest) && _Alignof(struct digest) >= _Alignof(XXH3_state_t),
               "the state fits");

static XXH3_state_t *state_of(struct digest *d)
{
    return (XXH3_state_t *)(void *)d->state;
}

void ip_digest_begin(struct digest *d)
{
    memset(d, 0, sizeof *d);
    XXH3_128bits_reset(state_of(d));
}

void ip_digest_bytes(struct digest *d, const void *bytes, size_t length)
{
    XXH3_128bits_update(state_of(d), bytes, length);
}

void ip_digest_range(struct digest *d, uint64_t offset, uint64_t length)
{
    unsigned char numbers[16];
    unsigned i;

    for (i = 0; i < 8; i++) {
        numbers[i] = (unsigned char)(offset >> 8 * i);
        numbers[8 + i] = (unsigned char)(length >> 8 * i);
    }
    ip_digest_bytes(d, numbers, sizeof numbers);
}

void ip_digest_tell(const struct digest *d, unsigned char ret[16])
{
    XXH128_canonical_t canonical;

    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest((const XXH3_state_t *)(const void *)d->state));
    memcpy(ret, canonical.digest, sizeof canonical.digest);
}
