/* SPDX-License-Identifier: MIT */
/* What a raw disk holds: told beside raw, and never more than that. */
#include "probe-loops.h"

#define MIB (UINT64_C(1) << 20)
#define END (4 * MIB)

static const struct base raw = {
    .size = END,
    .format = "raw",
    .virtual_size = END,
};

#define SIGNED TEXT(510, "\x55\xaa")
#define PARTITION(i, status, type, first, count)                                                                     \
    BYTE(446 + 16 * (i), status), BYTE(450 + 16 * (i), type), LE32(454 + 16 * (i), first), LE32(458 + 16 * (i), count)
#define PROTECTIVE SIGNED, PARTITION(0, 0, 0xee, 1, 8191)
/* A header of 92 bytes; its checksum was made by another program. */
#define GPT(at, lba, sum)                                                                                            \
    TEXT(at, "EFI PART"), LE32((at) + 8, 0x10000), LE32((at) + 12, 92), LE32((at) + 16, sum), LE64((at) + 24, lba)
#define ODD(at) .findings = {"partition-table-odd@" #at}
#define PRIMARY GPT(512, 1, 0x537fce5a)
#define LARGE GPT(4096, 1, 0x537fce5a)
#define BACKUP GPT(END - 512, 8191, 0xc4949110)
#define FAT TEXT(0, "\xeb\x3c\x90mkfs.fat"), LE16(11, 512), BYTE(13, 4), LE16(14, 1), BYTE(16, 2), BYTE(21, 0xf8)

static const struct probe_case cases[] = {
    {"zeros hold nothing", &raw, .format = NULL},

    /* luks2 */
    {"LUKS2", &raw, WITH(TEXT(0, "LUKS\xba\xbe\0\2")), .content = "luks2"},
    {"LUKS2, pinned as raw", &raw, WITH(TEXT(0, "LUKS\xba\xbe\0\2")), .format = "raw", .content = "luks2"},
    {"LUKS of version 3", &raw, WITH(TEXT(0, "LUKS\xba\xbe\0\3"))},
    {"LUKS2's second copy alone", &raw, WITH(TEXT(32768, "SKUL\xba\xbe\0\2")), .content = "luks2"},
    {"LUKS2's both copies are one", &raw, WITH(TEXT(0, "LUKS\xba\xbe\0\2"), TEXT(32768, "SKUL\xba\xbe\0\2")),
     .content = "luks2"},
    {"LUKS2's second copy at the start", &raw, WITH(TEXT(0, "SKUL\xba\xbe\0\2"))},

    /* mbr */
    {"MBR of a partition", &raw, WITH(SIGNED, PARTITION(0, 0x80, 0x83, 2048, 2048)), .content = "mbr"},
    {"MBR of a partition in its last entry", &raw, WITH(SIGNED, PARTITION(3, 0, 7, 2048, 2048)), .content = "mbr"},
    {"MBR of no partition", &raw, WITH(SIGNED), ODD(446)},
    {"MBR whose status is neither", &raw, WITH(SIGNED, PARTITION(0, 0, 0x83, 1, 1), PARTITION(1, 1, 0, 0, 0)),
     ODD(462)},
    {"MBR whose status is one more", &raw, WITH(SIGNED, PARTITION(3, 0x81, 0x83, 1, 1)), ODD(494)},
    {"MBR whose status is one less", &raw, WITH(SIGNED, PARTITION(2, 0x7f, 0x83, 1, 1)), ODD(478)},
    {"MBR whose partition has no sectors", &raw, WITH(SIGNED, PARTITION(0, 0, 0x83, 1, 0)), ODD(446)},
    {"MBR whose partition begins at the end", &raw, WITH(SIGNED, PARTITION(0, 0, 0x83, 8192, 1)), ODD(446)},
    {"MBR whose partition begins in the last sector", &raw, WITH(SIGNED, PARTITION(0, 0, 0x83, 8191, 1)),
     .content = "mbr"},
    {"MBR whose partition ends behind the disk", &raw, WITH(SIGNED, PARTITION(0, 0, 0x83, 8191, 2)), .content = "mbr",
     ODD(446)},
    {"MBR whose partition ends far behind the disk", &raw, WITH(SIGNED, PARTITION(1, 0, 0x83, 8191, 0xffffffff)),
     .content = "mbr", ODD(462)},
    {"MBR of partitions side by side", &raw,
     WITH(SIGNED, PARTITION(0, 0, 0x83, 100, 100), PARTITION(1, 0, 0x83, 200, 10), PARTITION(2, 0, 0x83, 90, 10)),
     .content = "mbr"},
    {"MBR of partitions that overlap by their last sector", &raw,
     WITH(SIGNED, PARTITION(0, 0, 0x83, 100, 101), PARTITION(1, 0, 0x83, 200, 10)), .content = "mbr", ODD(462)},
    {"MBR of partitions that overlap by their first sector", &raw,
     WITH(SIGNED, PARTITION(0, 0, 0x83, 200, 10), PARTITION(3, 0, 0x83, 100, 101)), .content = "mbr", ODD(494)},
    {"MBR of a partition in another", &raw,
     WITH(SIGNED, PARTITION(1, 0, 0x83, 100, 100), PARTITION(2, 0, 0xef, 110, 1)), .content = "mbr", ODD(478)},
    {"MBR of an empty entry's numbers", &raw,
     WITH(SIGNED, PARTITION(0, 0, 0x83, 100, 100), PARTITION(1, 0, 0, 110, 9999)), .content = "mbr"},
    {"MBR of two active partitions", &raw,
     WITH(SIGNED, PARTITION(0, 0x80, 0x83, 100, 100), PARTITION(3, 0x80, 7, 300, 1)), .content = "mbr", ODD(494)},
    {"MBR of an active partition and another one", &raw,
     WITH(SIGNED, PARTITION(0, 0, 0x83, 100, 100), PARTITION(3, 0x80, 7, 300, 1)), .content = "mbr"},
    {"MBR without its signature", &raw, WITH(PARTITION(0, 0x80, 0x83, 2048, 2048))},
    {"MBR of a hybrid ISO begins at 0", &raw, WITH(SIGNED, PARTITION(0, 0x80, 0x17, 0, 4096), TEXT(32769, "CD001\1")),
     .content = "mbr iso"},
    {"a FAT's boot sector is none", &raw, WITH(FAT, SIGNED, PARTITION(0, 0, 0x83, 1, 1))},
    {"a boot loader's jump alone is no FAT", &raw, WITH(TEXT(0, "\xeb\x63\x90"), SIGNED, PARTITION(0, 0, 0x83, 1, 1)),
     .content = "mbr"},
    {"a FAT's boot sector with another jump", &raw, WITH(FAT, BYTE(0, 0xea), SIGNED, PARTITION(0, 0, 0x83, 1, 1)),
     .content = "mbr"},
    {"a FAT's boot sector of 3 sectors a cluster", &raw, WITH(FAT, BYTE(13, 3), SIGNED, PARTITION(0, 0, 0x83, 1, 1)),
     .content = "mbr"},

    /* gpt */
    {"GPT behind its protective MBR", &raw, WITH(PROTECTIVE, PRIMARY), .content = "mbr gpt", ODD(4193792)},
    {"GPT alone", &raw, WITH(PRIMARY), .content = "gpt", ODD(4193792)},
    {"GPT whose checksum doesn't hold", &raw, WITH(PRIMARY, BYTE(600, 1))},
    {"GPT that says it is elsewhere", &raw, WITH(GPT(512, 2, 0xfc39663c))},
    {"GPT with a header of 91 bytes", &raw, WITH(PRIMARY, LE32(524, 91))},
    {"GPT with a header of 513 bytes", &raw, WITH(PRIMARY, LE32(524, 513))},
    {"GPT with a header of 2^32 - 1 bytes", &raw, WITH(PRIMARY, LE32(524, 0xffffffff))},
    {"GPT's backup alone", &raw, WITH(BACKUP), .content = "gpt", ODD(4193792)},
    {"GPT's backup where the primary is damaged", &raw, WITH(PROTECTIVE, PRIMARY, BYTE(600, 1), BACKUP),
     .content = "mbr gpt", .findings = {"partition-table-odd@510", "partition-table-odd@4193792"}, MORE(1, 512)},
    {"GPT's backup whose checksum doesn't hold", &raw, WITH(BACKUP, BYTE(END - 430, 1))},
    {"GPT of both is one", &raw, WITH(PROTECTIVE, PRIMARY, BACKUP), .content = "mbr gpt"},
    {"GPT of large sectors, by a fourth read", &raw, WITH(PROTECTIVE, LARGE), .content = "mbr gpt", MORE(1, 512)},
    {"GPT of large sectors that no protective MBR announces isn't looked for", &raw, WITH(LARGE)},
    {"a protective MBR with nothing behind it", &raw, WITH(PROTECTIVE), .content = "mbr", ODD(510), MORE(1, 512)},
    {"a protective MBR that begins at 2", &raw, WITH(SIGNED, PARTITION(0, 0, 0xee, 2, 8190), PRIMARY, BACKUP),
     .content = "mbr gpt", ODD(446)},
    {"a protective MBR of all sectors that there can be", &raw,
     WITH(SIGNED, PARTITION(0, 0, 0xee, 1, 0xffffffff), PRIMARY, BACKUP), .content = "mbr gpt"},
    {"a hybrid MBR, whose protective entry lies over another", &raw,
     WITH(SIGNED, PARTITION(0, 0, 0xee, 1, 8191), PARTITION(1, 0, 0x83, 100, 1), PARTITION(2, 0, 0xee, 1, 1), PRIMARY,
          BACKUP),
     .content = "mbr gpt"},
    {"a protective MBR at the end of its file", &raw, WITH(PROTECTIVE), .size = 512, .virtual_size = 512, ODD(446)},
    {"a protective MBR in a file of 4,100 bytes", &raw, WITH(PROTECTIVE), .size = 4100, .virtual_size = 4608,
     .content = "mbr", ODD(510)},

    /* media */
    {"ISO 9660", &raw, WITH(TEXT(32768, "\1CD001\1")), .content = "iso"},
    {"ISO 9660 of version 2", &raw, WITH(TEXT(32768, "\1CD001\2"))},
    {"UDF", &raw, WITH(TEXT(32769, "BEA01\1")), .content = "udf"},
    {"ISO 9660 that is cut", &raw, WITH(TEXT(32768, "\1CD001\1")), .size = 32774, .virtual_size = 33280},

    /* files */
    {"gzip", &raw, WITH(TEXT(0, "\x1f\x8b\x08")), .content = "gzip"},
    {"gzip by another method", &raw, WITH(TEXT(0, "\x1f\x8b\x07"))},
    {"xz", &raw,
     WITH(TEXT(0, "\xfd"
                  "7zXZ\0")),
     .content = "xz"},
    {"zstd", &raw, WITH(TEXT(0, "\x28\xb5\x2f\xfd")), .content = "zstd"},
    {"bzip2", &raw, WITH(TEXT(0, "BZh91AY&SY")), .content = "bzip2"},
    {"bzip2 of nothing", &raw, WITH(TEXT(0, "BZh1\x17\x72\x45\x38\x50\x90")), .content = "bzip2"},
    {"bzip2 of level 0", &raw, WITH(TEXT(0, "BZh01AY&SY"))},
    {"bzip2 without a block", &raw, WITH(TEXT(0, "BZh9"))},
    {"bzip2 of 9 bytes", &raw, WITH(TEXT(0, "BZh91AY&S")), .size = 9, .virtual_size = 512},
    {"tar", &raw,
     WITH(TEXT(257, "ustar\0"
                    "00")),
     .content = "tar"},
    {"tar by GNU", &raw, WITH(TEXT(257, "ustar  \0")), .content = "tar"},
    {"tar that is cut", &raw, WITH(TEXT(257, "ustar")), .size = 262, .virtual_size = 512},
    {"squashfs", &raw, WITH(TEXT(0, "hsqs")), .content = "squashfs"},
    {"squashfs, big endian", &raw, WITH(TEXT(0, "sqsh")), .content = "squashfs"},
    {"ELF", &raw, WITH(TEXT(0, "\177ELF")), .content = "elf"},
    {"all that fits in one file", &raw,
     WITH(TEXT(0, "\x1f\x8b\x08"), TEXT(257, "ustar\0"), PROTECTIVE, PRIMARY, TEXT(32769, "CD001\1")),
     .content = "mbr gpt iso gzip tar", ODD(4193792)},

    /* other formats */
    {"a qcow2 header in a pinned raw", &raw, WITH(TEXT(0, "QFI\xfb\0\0\0\2"), SIGNED, PARTITION(0, 0, 0x83, 1, 1)),
     .format = "raw", .findings = {"format-mismatch@0"}, .also = "qcow2", .content = "qcow2 mbr"},
    {"two headers in a pinned raw", &raw, WITH(TEXT(0, "QED\0"), TEXT(64, "\x7f\x10\xda\xbe")), .format = "raw",
     .findings = {"format-mismatch@0"}, .also = "vdi qed", .content = "vdi qed"},
    {"content never makes a format ambiguous", &raw, WITH(TEXT(0, "QFI\xfb\0\0\0\2"), PROTECTIVE, PRIMARY),
     .is = "qcow2", FAILS(MALFORMED, "cluster_bits", 20, 0, 9, 21)},
};

int main(void)
{
    return run_cases("content", cases, IP_COUNT(cases));
}
