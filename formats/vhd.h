/* SPDX-License-Identifier: MIT */
/* What VHD's files share. */
#ifndef IP_VHD_H
#define IP_VHD_H

#include "format.h"

#define VHD_FOOTER_LENGTH UINT64_C(512)
#define VHD_FIXED 2
#define VHD_DYNAMIC 3
#define VHD_DIFFERENCING 4

/* The parent of a differencing image, whose dynamic header stands at `header`: every name that the image has for it.
 */
enum imgprobe_status ip_vhd_parent(struct probe *p, uint64_t header);

#endif
