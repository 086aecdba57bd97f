/* SPDX-License-Identifier: MIT */
/* What raw disks hold: disk layouts, file systems of media, compressed files and archives, by the papers named. */
#include "format.h"

#define TABLE 446 /* of an MBR: four entries */
#define ENTRIES 4
#define ENTRY_LENGTH 16
#define PROTECTIVE 0xee
#define GPT_LEAST 92
#define GPT_MOST 512
#define LARGE_SECTOR 4096

struct partition {
    uint64_t status, type, first, count;
};
struct gpt {
    uint64_t signature, header_size, checksum, my_lba;
};
struct luks2 {
    uint64_t version;
};
struct boot {
    uint64_t jump, sector_size, cluster_sectors, reserved, fats, media;
};

/* Values outside of the rows aren't errors here: they say that it's something else. */
/* clang-format off */
static const struct field partition_rows[] = {
    FIELD(struct partition,   0, U8,    status,          0, 0x80, MALFORMED), /* one of the two */
    FIELD(struct partition,   4, U8,    type,            0, IP_ANY, MALFORMED), /* 0: the entry is empty */
    FIELD(struct partition,   8, U32LE, first,           0, IP_ANY, MALFORMED), /* and the file */
    FIELD(struct partition,  12, U32LE, count,           0, IP_ANY, MALFORMED),
};
static const struct field gpt_rows[] = {
    FIELD(struct gpt,         0, U64LE, signature,       0x5452415020494645, 0x5452415020494645, MALFORMED),
    FIELD(struct gpt,        12, U32LE, header_size,     GPT_LEAST, GPT_MOST, MALFORMED),
    FIELD(struct gpt,        16, U32LE, checksum,        0, IP_ANY, MALFORMED),
    FIELD(struct gpt,        24, U64LE, my_lba,          0, IP_ANY, MALFORMED),
};
static const struct field luks2_rows[] = {
    FIELD(struct luks2,       6, U16BE, version,         2, 2, MALFORMED),
};
static const struct field boot_rows[] = {
    FIELD(struct boot,        0, U8,    jump,            0xe9, 0xeb, MALFORMED),
    FIELD(struct boot,       11, U16LE, sector_size,     512, 4096, MALFORMED),
    FIELD(struct boot,       13, U8,    cluster_sectors, 1, 128, MALFORMED),
    FIELD(struct boot,       14, U16LE, reserved,        0, IP_ANY, MALFORMED), /* 0 for NTFS, as are its FATs */
    FIELD(struct boot,       16, U8,    fats,            0, 2, MALFORMED),
    FIELD(struct boot,       21, U8,    media,           0xf0, 0xff, MALFORMED),
};
/* clang-format on */

/* Whether rows hold of the `length` bytes at `base`. Once these are there, no row can fail for want of them. */
static enum imgprobe_status fits(struct probe *p, uint64_t base, uint64_t length, const struct field *rows,
                                 size_t count, void *values, bool *ret)
{
    struct imgprobe_bytes all;
    enum imgprobe_status s = ip_bytes_up_to(p, base, length, &all);

    if (s == IMGPROBE_OK)
        *ret = ip_decode(p, base, rows, count, values) == IMGPROBE_OK;
    return s;
}

static enum imgprobe_status luks2_holds(struct probe *p, uint64_t at, bool *ret)
{
    struct luks2 h = {0};

    return fits(p, at, 8, luks2_rows, IP_COUNT(luks2_rows), &h, ret);
}

static bool power_of_two(uint64_t number)
{
    return (number & (number - 1)) == 0;
}

/* The boot sector of a FAT or NTFS ends as an MBR does, and has code where the table would be. */
static enum imgprobe_status boot_sector(struct probe *p, bool *ret)
{
    struct boot b = {0};
    enum imgprobe_status s = fits(p, 0, IP_SECTOR, boot_rows, IP_COUNT(boot_rows), &b, ret);

    *ret = *ret && b.jump != 0xea && power_of_two(b.sector_size) && power_of_two(b.cluster_sectors);
    return s;
}

/* Whether it is a table: entries that could be partitions, and one at least that is. A hybrid ISO's begins at 0. */
static enum imgprobe_status partitions(struct probe *p, uint64_t wanted_type, bool *ret)
{
    bool any = false;
    uint64_t i;

    for (i = 0; i < ENTRIES; i++) {
        struct partition e = {0};
        enum imgprobe_status s =
            fits(p, TABLE + i * ENTRY_LENGTH, ENTRY_LENGTH, partition_rows, IP_COUNT(partition_rows), &e, ret);

        if (s != IMGPROBE_OK || !*ret)
            return s;
        *ret = e.status == 0 || e.status == 0x80;
        if (e.type != 0)
            *ret = *ret && e.count != 0 && e.first < p->size / IP_SECTOR;
        if (!*ret)
            return IMGPROBE_OK;
        any = any || (e.type != 0 && (wanted_type == 0 || e.type == wanted_type));
    }
    *ret = any;
    return IMGPROBE_OK;
}

static enum imgprobe_status mbr_holds(struct probe *p, uint64_t at, bool *ret)
{
    bool boot = false;
    enum imgprobe_status s = boot_sector(p, &boot);

    (void)at;
    if (s == IMGPROBE_OK && boot)
        *ret = false;
    return s != IMGPROBE_OK || boot ? s : partitions(p, 0, ret);
}

static enum imgprobe_status gpt_header(struct probe *p, uint64_t at, uint64_t lba, bool *ret)
{
    struct gpt h = {0};
    struct imgprobe_bytes all;
    enum imgprobe_status s = fits(p, at, GPT_MOST, gpt_rows, IP_COUNT(gpt_rows), &h, ret);

    if (s != IMGPROBE_OK || !*ret)
        return s;
    s = ip_bytes_up_to(p, at, h.header_size, &all);
    *ret = s == IMGPROBE_OK && all.length == h.header_size && h.my_lba == lba && ip_crc32(all, 16) == h.checksum;
    return s;
}

static enum imgprobe_status odd(struct probe *p, uint64_t at, const char *message)
{
    return ip_finding(p, "partition-table-odd", IMGPROBE_NOTE, at, message);
}

/* The backup stands in the last sector. Whoever makes a disk larger leaves it behind. */
static enum imgprobe_status look_at_backup(struct probe *p)
{
    uint64_t at = p->size / IP_SECTOR * IP_SECTOR - IP_SECTOR;
    bool found = false;
    enum imgprobe_status s = gpt_header(p, at, at / IP_SECTOR, &found);

    return s != IMGPROBE_OK || found ? s : odd(p, at, "the last sector isn't the backup of its GPT");
}

/* A header behind the first sector, which has 512 bytes; behind one of 4,096, where a protective MBR says that there
 * is one; or the backup in the last sector of 512. */
static enum imgprobe_status gpt_holds(struct probe *p, uint64_t at, bool *ret)
{
    enum imgprobe_status s;

    if (at == TABLE + ENTRIES * ENTRY_LENGTH) {
        s = partitions(p, PROTECTIVE, ret);
        return s != IMGPROBE_OK || !*ret ? s : gpt_header(p, LARGE_SECTOR, 1, ret);
    }
    s = gpt_header(p, at, at / IP_SECTOR, ret);
    if (s != IMGPROBE_OK || !*ret)
        return s;
    return at == IP_SECTOR ? look_at_backup(p) : odd(p, at, "there is a backup of a GPT and no GPT at the head");
}

/* A digit, and a block's or the stream's end's first bytes. */
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
    {"mbr", {{510, "\x55\xaa", 2}}, mbr_holds, false},
    {"gpt", {{512, "EFI PART", 8}, {510, "\x55\xaa", 2}, {-512, "EFI PART", 8}}, gpt_holds, false},
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
