/* SPDX-License-Identifier: MIT */
/*
 * imgprobe formats: the tables that the library has. Each is printed in the output that the options ask for.
 */
#ifndef CLI_FORMATS_FORMATS_H
#define CLI_FORMATS_FORMATS_H

#include "options/options.h"

/* Every block driver of QEMU's. */
void formats_drivers(const struct options *options);
/* Every reader, and its versions. */
void formats_readers(const struct options *options);

#endif
