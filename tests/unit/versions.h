/* SPDX-License-Identifier: MIT */
/* Versions of the reader, for the internal calls that take them. */
#ifndef VERSIONS_H
#define VERSIONS_H

#include "readers/readers.h"

#include <assert.h>

/* Those that a version stands for: all for 0. */
static inline struct ip_versions versions_of(unsigned version)
{
    struct ip_versions versions = {0, 0};
    bool known = ip_reader_versions(IMGPROBE_READER_QEMU, version, &versions);

    assert(known);
    (void)known;
    return versions;
}

#endif
