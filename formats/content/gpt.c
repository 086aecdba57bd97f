/* SPDX-License-Identifier: MIT */
/* A raw disk's GPT, by the UEFI specification 2.10, section 5.3 "GUID Partition Table (GPT) Disk Layout". */
#include "content.h"

#define SIGNATURE 510 /* of the protective MBR */
#define GPT_LEAST 92
#define GPT_MOST 512
#define LARGE_SECTOR 4096

struct gpt {
    uint64_t signature, header_size, checksum, my_lba;
};

/* A value outside of the rows isn't an error here. It says that this is something else. */
/* clang-format off */
static const struct field gpt_rows[] = {
    FIELD(struct gpt,         0, U64LE, signature,       0x5452415020494645, 0x5452415020494645, MALFORMED),
    FIELD(struct gpt,        12, U32LE, header_size,     GPT_LEAST, GPT_MOST, MALFORMED),
    FIELD(struct gpt,        16, U32LE, checksum,        0, IP_ANY, MALFORMED),
    FIELD(struct gpt,        24, U64LE, my_lba,          0, IP_ANY, MALFORMED),
};
/* clang-format on */

static enum imgprobe_status gpt_header(struct probe *p, uint64_t at, uint64_t lba, bool *ret)
{
    struct gpt h = {0};
    struct imgprobe_bytes all;
    enum imgprobe_status s = ip_fits(p, at, GPT_MOST, gpt_rows, IP_COUNT(gpt_rows), &h, ret);

    if (s != IMGPROBE_OK || !*ret)
        return s;
    s = ip_bytes_up_to(p, at, h.header_size, &all);
    *ret = s == IMGPROBE_OK && all.length == h.header_size && h.my_lba == lba &&
           ip_crc32(all, IP_ROW(gpt_rows, struct gpt, checksum)->offset) == h.checksum;
    return s;
}

/* The backup stands in the last sector. It stays where it was when somebody makes the disk larger. */
static enum imgprobe_status look_at_backup(struct probe *p)
{
    uint64_t at = p->size / IP_SECTOR * IP_SECTOR - IP_SECTOR;
    bool found = false;
    enum imgprobe_status s;

    if (!ip_end_known(p) || p->endless)
        return IMGPROBE_OK;
    s = gpt_header(p, at, at / IP_SECTOR, &found);
    return s != IMGPROBE_OK || found ? s : ip_odd_table(p, at, "the last sector isn't the backup of its GPT");
}

/* There is no GPT in sectors of 512 bytes. One in sectors of 4,096 is looked for only where a protective MBR
 * announces it. */
static enum imgprobe_status large_gpt(struct probe *p, bool *ret)
{
    enum imgprobe_status s = ip_mbr_is_protective(p, ret);

    if (s != IMGPROBE_OK || !*ret)
        return s;
    s = gpt_header(p, LARGE_SECTOR, 1, ret);
    return s != IMGPROBE_OK || *ret ? s
                                    : ip_odd_table(p, SIGNATURE, "there is a protective entry and no GPT behind it");
}

/* The magic may stand behind the first sector, at the backup in the last one, or in the MBR. An MBR may announce a
 * GPT in larger sectors. */
enum imgprobe_status ip_gpt_holds(struct probe *p, uint64_t at, bool *ret)
{
    enum imgprobe_status s;

    if (at == SIGNATURE)
        return large_gpt(p, ret);
    s = gpt_header(p, at, at / IP_SECTOR, ret);
    if (s != IMGPROBE_OK || !*ret)
        return s;
    return at == IP_SECTOR ? look_at_backup(p)
                           : ip_odd_table(p, at, "there is a backup of a GPT and no GPT at the head");
}
