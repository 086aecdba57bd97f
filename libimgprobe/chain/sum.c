/* SPDX-License-Identifier: MIT */
/* Adds up what extents give to an image, by a rule that knows no format. */
#include "chain/chain.h"

/* How many bytes of the disk an extent gives. UNKNOWN where the extent wasn't to be had. */
static uint64_t extent_size(const struct imgprobe_reference *r)
{
    if (r->led.member ? r->led.member->image->error.status != IMGPROBE_OK : r->led.note != NULL)
        return IMGPROBE_UNKNOWN;
    if (r->led.size != IMGPROBE_UNKNOWN || !r->led.member)
        return r->led.size;
    return r->led.member->image->virtual_size;
}

static void add_known(uint64_t *sum, uint64_t number)
{
    if (number == IMGPROBE_UNKNOWN || !ip_add(*sum, number, sum))
        *sum = IMGPROBE_UNKNOWN;
}

/* Whether all references of a member were followed. Its own numbers are final then. */
static bool whole(struct imgprobe_member *m)
{
    return m && !ip_own_member(m)->entered;
}

/* A data file isn't added. It counts for itself, as in qemu-img since 7.2.13. */
void ip_chain_sum(struct imgprobe_member *member)
{
    struct imgprobe_image *image = member->image;
    const struct imgprobe_reference *r;
    uint64_t size = 0;

    for (r = image->references; r; r = r->next) {
        if (r->role != IMGPROBE_ROLE_EXTENT || r->led.ignored)
            continue;
        if (r->led.member != member)
            add_known(&member->allocated, whole(r->led.member) ? r->led.member->allocated : IMGPROBE_UNKNOWN);
        add_known(&size, extent_size(r));
        image->read_only = image->read_only || (r->led.member && r->led.member->image->read_only);
    }
    if (image->size_from_extents)
        image->virtual_size = size;
}
