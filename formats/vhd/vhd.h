/* SPDX-License-Identifier: MIT */
/* What VHD's files share. */
#ifndef IP_VHD_H
#define IP_VHD_H

#include "format.h"

#define VHD_FOOTER_LENGTH UINT64_C(512)
#define VHD_VERSION_1 UINT64_C(0x00010000)
#define VHD_UNIQUE_ID 68 /* 16 bytes of the footer */
#define VHD_FIXED 2
#define VHD_DYNAMIC 3
#define VHD_DIFFERENCING 4

struct vhd_footer {
    uint64_t version, data_offset, creator_application, current_size, cylinders, heads, sectors, type, checksum;
};

#define VHD_FOOTER_ROWS 9
extern const struct field ip_vhd_footer[VHD_FOOTER_ROWS];
#define VHD_FOOTER(name) IP_ROW(ip_vhd_footer, struct vhd_footer, name)

/* The footer at `at`, of 512 bytes, or of the 511 that Virtual PC wrote before 2004. */
enum imgprobe_status ip_vhd_read_footer(struct probe *p, uint64_t at, struct imgprobe_bytes *ret);
/* Where the cookie of a footer stands at the end; 0 for nowhere. */
uint64_t ip_vhd_footer_offset(struct probe *p);
/* Whether the bytes behind the cookie at `at` are a footer. */
bool ip_vhd_trailer(struct probe *p, uint64_t at);
/* AMBIGUOUS when the copy at the head and the footer at the end differ in what counts. */
enum imgprobe_status ip_vhd_compare_footers(struct probe *p, struct imgprobe_bytes head);
/* Decides which of the two sizes is the virtual size, by who wrote the image. */
enum imgprobe_status ip_vhd_decide_size(struct probe *p, uint64_t at, struct imgprobe_bytes bytes,
                                        const struct vhd_footer *f);

/* Lists every name that a differencing image has for its parent. `header` is where its dynamic header stands. */
enum imgprobe_status ip_vhd_parent(struct probe *p, uint64_t header);

#endif
