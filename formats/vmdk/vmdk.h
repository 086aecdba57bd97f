/* SPDX-License-Identifier: MIT */
/* What VMDK's files share. */
#ifndef IP_VMDK_H
#define IP_VMDK_H

#include "format.h"

/* QEMU's largest disk, in sectors (BDRV_MAX_LENGTH). */
#define VMDK_MOST_SECTORS (UINT64_C(0x7fffffffc0000000) / IP_SECTOR)
/* QEMU looks for the parent and the content ids in this much text (DESC_SIZE). */
#define VMDK_QEMU_TEXT UINT64_C(10240)

/* Takes CID, parentCID and parentFileNameHint from where QEMU looks for them: the 10 KiB at `offset`. */
enum imgprobe_status ip_vmdk_link(struct probe *p, uint64_t offset);
/* Ends with UNSUPPORTED where no descriptor is embedded in a sparse extent: the disk is described by another file. */
enum imgprobe_status ip_vmdk_described(struct probe *p);
/* Lists a parent that other readers find in the `length` bytes at `offset` and QEMU doesn't, as an ignored
 * reference. */
enum imgprobe_status ip_vmdk_other_parent(struct probe *p, uint64_t offset, uint64_t length);
/* Notes what other readers open by the descriptor in the `length` bytes at `offset` of a sparse image, and QEMU
 * doesn't. */
enum imgprobe_status ip_vmdk_embedded(struct probe *p, uint64_t offset, uint64_t length);
/* A descriptor, or what has come of it. */
struct vmdk_text {
    struct imgprobe_bytes bytes;
    bool more; /* it goes on behind what has come: nothing is made of what its end may change */
};
/* Gives the text at `offset`: `length` bytes of it, or fewer if a NUL comes first. LIMIT when it is too long. */
enum imgprobe_status ip_vmdk_read_text(struct probe *p, uint64_t offset, uint64_t length, struct vmdk_text *ret);
/* Asks for more of a text that goes on. Returns NEED. */
enum imgprobe_status ip_vmdk_await(struct probe *p, uint64_t offset, const struct vmdk_text *text);
/* Whether the image is a descriptor by QEMU's probe. */
bool ip_vmdk_text(struct probe *p);
/* Takes createType and the extents from the text at `offset`, which ends at a NUL or with the file. */
enum imgprobe_status ip_vmdk_disk(struct probe *p, uint64_t offset);
/* Lists every extent line of `text`, which stands at `offset`, as a reference. `opened`: QEMU opens such a disk, so
 * it needs an extent. */
enum imgprobe_status ip_vmdk_extents(struct probe *p, const struct vmdk_text *text, uint64_t offset, bool opened);
struct vmdk_number {
    uint64_t value; /* saturates at INT64_MAX */
    bool negative;
};

/* What one scan found; `matches` counts scanf's conversions. */
struct vmdk_line {
    size_t start; /* of its first word, where the scan began */
    size_t end;   /* the byte at which the scan ended, or the end of the text: what lies behind doesn't count */
    size_t name_offset;
    struct imgprobe_bytes access, type, name;
    struct vmdk_number sectors, flat_offset;
    int matches;
    bool cut;      /* the name ran into the end of the text */
    bool overlong; /* the name goes on where the scan of it ends */
};

void ip_vmdk_scan_line(struct imgprobe_bytes text, size_t start, struct vmdk_line *ret);
size_t ip_vmdk_skip_blanks(struct imgprobe_bytes text, size_t i);
enum imgprobe_status ip_vmdk_refer_to_parent(struct probe *p, struct imgprobe_bytes name, uint64_t offset,
                                             bool ignored);
/* All of it, for imago: it reads the text otherwise than QEMU. */
enum imgprobe_status ip_vmdk_for_imago(struct probe *p);
enum imgprobe_status ip_vmdk_kdmv(struct probe *p);
enum imgprobe_status ip_vmdk_sesparse(struct probe *p);
enum imgprobe_status ip_vmdk_cowd(struct probe *p);

/* The byte at `i`; behind the end of the text a NUL. */
static inline unsigned char ip_vmdk_at(struct imgprobe_bytes text, size_t i)
{
    return i < text.length ? text.bytes[i] : '\0';
}

/* Whether scanf skips this byte. */
static inline bool ip_vmdk_is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Where the next `c` stands; the end of the text if there is none. */
static inline size_t ip_vmdk_skip_to(struct imgprobe_bytes text, size_t i, unsigned char c)
{
    return i >= text.length || text.bytes[i] == c ? i : ip_find_byte(text, i, c);
}

#endif
