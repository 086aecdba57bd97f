/* SPDX-License-Identifier: MIT */
/* What the files about a raw disk's content share. */
#ifndef IP_CONTENT_H
#define IP_CONTENT_H

#include "format.h"

/* Whether rows hold of the `length` bytes at `base`. If the file has fewer, they don't. */
enum imgprobe_status ip_fits(struct probe *p, uint64_t base, uint64_t length, const struct field *rows, size_t count,
                             void *values, bool *ret);
/* Notes that something about a partition table is odd. It is no more than a note, since honest disks are full of
 * that. */
enum imgprobe_status ip_odd_table(struct probe *p, uint64_t at, const char *message);

/* Whether the first sector is an MBR. */
enum imgprobe_status ip_mbr_holds(struct probe *p, uint64_t at, bool *ret);
/* Whether its table announces a GPT. */
enum imgprobe_status ip_mbr_is_protective(struct probe *p, bool *ret);
/* Whether the GPT of this magic is one. */
enum imgprobe_status ip_gpt_holds(struct probe *p, uint64_t at, bool *ret);

/* Whether the head is text of this kind, and nothing else was found. */
enum imgprobe_status ip_content_html(struct probe *p, uint64_t at, bool *ret);
enum imgprobe_status ip_content_xml(struct probe *p, uint64_t at, bool *ret);
enum imgprobe_status ip_content_json(struct probe *p, uint64_t at, bool *ret);
enum imgprobe_status ip_content_text(struct probe *p, uint64_t at, bool *ret);
/* Whether other readers take the head for a VMDK's descriptor, and QEMU doesn't. */
enum imgprobe_status ip_content_descriptor(struct probe *p, uint64_t at, bool *ret);

#endif
