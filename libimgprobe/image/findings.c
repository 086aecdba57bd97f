/* SPDX-License-Identifier: MIT */
/* The rows of findings, by index and by id. */
#include "image/image.h"

#include <string.h>

enum { UPLOAD = IP_UPLOAD, GUEST = IP_GUEST, BASE = IP_BASE, ALL = UPLOAD | GUEST | BASE, NONE = 0 };

#define ROW(name, id, severity, refused_by, explanation) {id, IMGPROBE_##severity, (refused_by), explanation},
static const struct imgprobe_finding_row rows[FOUND_COUNT] = {IP_FINDINGS(ROW)};

const struct imgprobe_finding_row *imgprobe_finding_at(size_t index)
{
    return index < FOUND_COUNT ? &rows[index] : NULL;
}

const struct imgprobe_finding_row *ip_finding_row(const char *id, size_t *ret_index)
{
    for (*ret_index = 0; id && *ret_index < FOUND_COUNT; ++*ret_index)
        if (id[0] == rows[*ret_index].id[0] && strcmp(id, rows[*ret_index].id) == 0)
            return &rows[*ret_index];
    return NULL;
}

bool ip_tally_full(struct tally *tally, uint64_t most, uint64_t many)
{
    if (tally->listed < most)
        return false;
    tally->last->more += many;
    return true;
}

struct imgprobe_finding ip_finding_of(enum ip_found found, uint64_t offset, const char *message)
{
    return (struct imgprobe_finding){.row = &rows[found], .offset = offset, .message = message};
}
