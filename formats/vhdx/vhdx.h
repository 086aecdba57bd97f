/* SPDX-License-Identifier: MIT */
/* What VHDX's files share. */
#ifndef IP_VHDX_H
#define IP_VHDX_H

#include "format.h"

/* Lists the names of a parent. They stand in the locator of `length` bytes at `at`. `length_at` is where that length
 * stands. */
enum imgprobe_status ip_vhdx_parent(struct probe *p, uint64_t at, uint64_t length, uint64_t length_at);

#endif
