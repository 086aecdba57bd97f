/* SPDX-License-Identifier: MIT */
/* What raw disks hold: disk layouts, file systems of media, compressed files and archives, by the papers named. */
#include "content.h"

struct luks2 {
    uint64_t version;
};

/* A value outside of the rows isn't an error here. It says that this is something else. */
/* clang-format off */
static const struct field luks2_rows[] = {
    FIELD(struct luks2,       6, U16BE, version,         2, 2, MALFORMED),
};
/* clang-format on */

static enum imgprobe_status luks2_holds(struct probe *p, uint64_t at, bool *ret)
{
    struct luks2 h = {0};

    return ip_fits(p, at, 8, luks2_rows, IP_COUNT(luks2_rows), &h, ret);
}

/* Behind the magic stand a digit, and the first bytes of a block or of the stream's end. */
static enum imgprobe_status bzip2_holds(struct probe *p, uint64_t at, bool *ret)
{
    struct imgprobe_bytes start, first;
    uint64_t level;
    enum imgprobe_status s = ip_bytes_up_to(p, at, 10, &start);

    level = ip_number(start, 3, IP_U8);
    first = ip_part(start, 4, 6);
    *ret = s == IMGPROBE_OK && first.bytes && level >= '1' && level <= '9' &&
           (ip_equal(first, "1AY&SY") || ip_equal(first, "\x17\x72\x45\x38\x50\x90"));
    return s;
}

#define HEAD_MAGIC(bytes)                                                                                            \
    {                                                                                                                \
        0, bytes, sizeof(bytes) - 1                                                                                  \
    }
const struct content ip_contents[] = {
    /* cryptsetup's "LUKS2 On-Disk Format Specification" 1.1, section 2.1; the second copy where it stands at 32 KiB
     */
    {"luks2", {HEAD_MAGIC("LUKS\xba\xbe"), {32768, "SKUL\xba\xbe", 6}}, luks2_holds, false},
    /* UEFI specification 2.10, sections 5.2 "LBA 0 Format" and 5.3 "GUID Partition Table" */
    {"mbr", {{510, "\x55\xaa", 2}}, ip_mbr_holds, false},
    {"gpt", {{512, "EFI PART", 8}, {510, "\x55\xaa", 2}, {-512, "EFI PART", 8}}, ip_gpt_holds, false},
    /* ECMA-119, section 8.1; ECMA-167, section 2/9: what begins an extended area, which a UDF alone has there */
    {"iso", {{32769, "CD001\1", 6}}, NULL, true},
    {"udf", {{32769, "BEA01\1", 6}}, NULL, true},
    /* RFC 1952, section 2.3.1; xz-file-format 1.2, section 2.1.1.1; RFC 8878, section 3.1.1; bzip2 */
    {"gzip", {HEAD_MAGIC("\x1f\x8b\x08")}, NULL, false},
    {"xz", {HEAD_MAGIC("\xfd\x37zXZ\0")}, NULL, false},
    {"zstd", {HEAD_MAGIC("\x28\xb5\x2f\xfd")}, NULL, false},
    {"bzip2", {HEAD_MAGIC("BZh")}, bzip2_holds, false},
    /* POSIX.1-2017 pax, "ustar Interchange Format", and GNU tar's own */
    {"tar", {{257, "ustar\0", 6}, {257, "ustar  \0", 8}}, NULL, false},
    /* Linux Documentation/filesystems/squashfs.rst, both byte orders */
    {"squashfs", {HEAD_MAGIC("hsqs"), HEAD_MAGIC("sqsh")}, NULL, false},
    /* System V ABI, "ELF Identification" */
    {"elf", {HEAD_MAGIC("\177ELF")}, NULL, false},
};
const size_t ip_contents_count = IP_COUNT(ip_contents);
