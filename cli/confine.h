/* SPDX-License-Identifier: MIT */
/*
 * FILE's chain, followed beneath the roots only: by default beneath the directory of FILE.
 */
#ifndef CLI_CONFINE_H
#define CLI_CONFINE_H

#include "input/input.h"
#include "options/options.h"

/* As imgprobe_chain. `*ret_chain` is NULL where there is none. */
enum imgprobe_status confine_chain(const struct options *options, const struct input *input, const char *default_root,
                                   struct imgprobe_workspace *workspace, struct imgprobe_chain **ret_chain);

#endif
