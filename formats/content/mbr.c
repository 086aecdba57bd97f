/* SPDX-License-Identifier: MIT */
/* A raw disk's MBR, by the UEFI specification 2.10, section 5.2 "LBA 0 Format". And boot sectors, which end as an MBR
 * does. */
#include "content.h"

#define TABLE 446 /* of an MBR: four entries */
#define ENTRIES 4
#define ENTRY_LENGTH 16
#define ACTIVE 0x80
#define PROTECTIVE 0xee

struct partition {
    uint64_t status, type, first, count;
};
struct boot {
    uint64_t jump, sector_size, cluster_sectors, fats, media;
};

/* A value outside of the rows isn't an error here. It says that this is something else. */
/* clang-format off */
static const struct field partition_rows[] = {
    FIELD(struct partition,   0, U8,    status,          0, IP_ANY, MALFORMED), /* 0 or ACTIVE */
    FIELD(struct partition,   4, U8,    type,            0, IP_ANY, MALFORMED), /* 0: the entry is empty */
    FIELD(struct partition,   8, U32LE, first,           0, IP_ANY, MALFORMED), /* and the file */
    FIELD(struct partition,  12, U32LE, count,           0, IP_ANY, MALFORMED),
};
static const struct field boot_rows[] = {
    FIELD(struct boot,        0, U8,    jump,            0xe9, 0xeb, MALFORMED),
    FIELD(struct boot,       11, U16LE, sector_size,     512, 4096, MALFORMED, IP_POWER_OF_2),
    FIELD(struct boot,       13, U8,    cluster_sectors, 1, 128, MALFORMED, IP_POWER_OF_2),
    FIELD(struct boot,       16, U8,    fats,            0, 2, MALFORMED), /* 0 for NTFS, as are its reserved sectors */
    FIELD(struct boot,       21, U8,    media,           0xf0, 0xff, MALFORMED),
};
/* clang-format on */

static uint64_t entry_offset(unsigned entry)
{
    return TABLE + (uint64_t)entry * ENTRY_LENGTH;
}

/* The boot sector of a FAT or NTFS ends as an MBR does, and has code where the table would be. */
static enum imgprobe_status boot_sector(struct probe *p, bool *ret)
{
    struct boot b = {0};
    enum imgprobe_status s = ip_fits(p, 0, IP_SECTOR, boot_rows, IP_COUNT(boot_rows), &b, ret);

    *ret = *ret && b.jump != 0xea;
    return s;
}

/* Why an entry isn't one of a table, or NULL. A hybrid ISO's partition begins at 0. */
static const char *fault(const struct partition *e, uint64_t sectors)
{
    if (e->status != 0 && e->status != ACTIVE)
        return "it ends as an MBR does, and this entry's status is neither 0 nor 0x80";
    if (e->type != 0 && e->count == 0)
        return "it ends as an MBR does, and this entry has a type and no sectors";
    if (e->type != 0 && e->first >= sectors)
        return "it ends as an MBR does, and this entry begins behind the disk";
    return NULL;
}

struct mbr {
    struct partition entries[ENTRIES];
    const char *fault; /* why it's none, and where it says so */
    uint64_t at;
    bool any, protective;
};

/* The magic stands behind the four entries, so all of them are there. */
static enum imgprobe_status read_table(struct probe *p, struct mbr *ret)
{
    enum imgprobe_status s = IMGPROBE_OK;
    unsigned i;

    *ret = (struct mbr){.at = TABLE};
    for (i = 0; s == IMGPROBE_OK && i < ENTRIES && !ret->fault; i++) {
        struct partition *e = &ret->entries[i];
        bool there;

        s = ip_fits(p, entry_offset(i), ENTRY_LENGTH, partition_rows, IP_COUNT(partition_rows), e, &there);
        ret->at = entry_offset(i);
        ret->fault = fault(e, p->size / IP_SECTOR);
        ret->any = ret->any || e->type != 0;
        ret->protective = ret->protective || e->type == PROTECTIVE;
    }
    if (!ret->fault && !ret->any) {
        ret->at = TABLE;
        ret->fault = "it ends as an MBR does, and has no partition";
    }
    return s;
}

static bool overlap(const struct partition *a, const struct partition *b)
{
    return a->first < b->first + b->count && b->first < a->first + a->count;
}

/* The protective entry may say 0xffffffff sectors, and may lie over the others of a hybrid table. */
static bool is_plain(const struct partition *e)
{
    return e->type != 0 && e->type != PROTECTIVE;
}

/* What is odd about entry `i` beside those before it; NULL for nothing. */
static const char *oddity(const struct mbr *mbr, unsigned i, uint64_t sectors)
{
    const struct partition *e = &mbr->entries[i];
    unsigned j;

    if (e->type == PROTECTIVE && e->first != 1)
        return "the protective entry doesn't begin at sector 1";
    if (is_plain(e) && e->first + e->count > sectors)
        return "the partition ends behind the disk";
    for (j = 0; j < i; j++) {
        if (is_plain(e) && is_plain(&mbr->entries[j]) && overlap(e, &mbr->entries[j]))
            return "the partition overlaps another one";
        if (e->status == ACTIVE && mbr->entries[j].status == ACTIVE)
            return "a second partition is marked as active";
    }
    return NULL;
}

enum imgprobe_status ip_mbr_holds(struct probe *p, uint64_t at, bool *ret)
{
    struct mbr mbr;
    bool boot = false;
    unsigned i;
    enum imgprobe_status s = boot_sector(p, &boot);

    (void)at;
    *ret = false;
    if (s != IMGPROBE_OK || boot)
        return s;
    s = read_table(p, &mbr);
    if (s != IMGPROBE_OK || mbr.fault)
        return s ? s : ip_odd_table(p, mbr.at, mbr.fault);
    *ret = true;
    for (i = 0; s == IMGPROBE_OK && i < ENTRIES; i++) {
        const char *message = oddity(&mbr, i, p->size / IP_SECTOR);

        if (message)
            s = ip_odd_table(p, entry_offset(i), message);
    }
    return s;
}

enum imgprobe_status ip_mbr_is_protective(struct probe *p, bool *ret)
{
    struct mbr mbr;
    enum imgprobe_status s = read_table(p, &mbr);

    *ret = s == IMGPROBE_OK && !mbr.fault && mbr.protective;
    return s;
}
