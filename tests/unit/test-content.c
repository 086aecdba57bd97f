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
#define OF_SIZE(at, lba, size, sum) GPT(at, lba, sum), LE32((at) + 12, size)
#define REVISION_1_1(at, lba, sum) GPT(at, lba, sum), LE32((at) + 8, 0x10001)
#define FAT TEXT(0, "\xeb\x3c\x90mkfs.fat"), LE16(11, 512), BYTE(13, 4), LE16(14, 1), BYTE(16, 2), BYTE(21, 0xf8)

#ifndef IP_WITHOUT_vdi
/* A format whose magic stands where others don't. */
static const struct base vdi = {
    .patches = {LE32(64, 0xbeda107f), LE32(68, 0x10001), LE32(76, 1), LE32(340, 1024), LE32(344, 2048),
                LE32(360, 512), LE64(368, MIB), LE32(376, MIB), LE32(384, 1)},
    .size = 4096,
    .whole = 1536,
    .magic = 68,
    .format = "vdi",
    .variant = "dynamic",
    .virtual_size = MIB,
    .cluster_size = MIB,
};
#endif

static const struct probe_case cases[] = {
    {"zeros hold nothing", &raw, .format = NULL},

    /* luks2 */
    {"LUKS2", &raw, WITH(TEXT(0, "LUKS\xba\xbe\0\2")), .content = "luks2"},
    {"LUKS2, pinned as raw", &raw, WITH(TEXT(0, "LUKS\xba\xbe\0\2")), .format = "raw", .content = "luks2"},
    {"LUKS of version 3", &raw, WITH(TEXT(0, "LUKS\xba\xbe\0\3"))},
    {"LUKS2's second copy alone", &raw, WITH(TEXT(32768, "SKUL\xba\xbe\0\2")), .content = "luks2"},
    {"LUKS2's both copies are one", &raw, WITH(TEXT(0, "LUKS\xba\xbe\0\2"), TEXT(32768, "SKUL\xba\xbe\0\2")),
     .content = "luks2"},
    {"LUKS2's second copy of version 1", &raw, WITH(TEXT(32768, "SKUL\xba\xbe\0\1"))},
    {"LUKS2's second copy with another byte", &raw, WITH(TEXT(32768, "SKUL\xba\xbf\0\2"))},
    {"LUKS2's second copy at the start", &raw, WITH(TEXT(0, "SKUL\xba\xbe\0\2"))},

    /* mbr */
    {"MBR of a partition", &raw, WITH(SIGNED, PARTITION(0, 0x80, 0x83, 2048, 2048)), .content = "mbr"},
    {"MBR of a partition in its last entry", &raw, WITH(SIGNED, PARTITION(3, 0, 7, 2048, 2048)), .content = "mbr"},
    {"MBR whose status is 0xff", &raw, WITH(SIGNED, PARTITION(0, 0, 0x83, 1, 1), PARTITION(1, 0xff, 0, 0, 0)),
     ODD(462)},
    {"MBR of type 1 whose partition begins at the end", &raw, WITH(SIGNED, PARTITION(0, 0, 1, 8192, 1)), ODD(446)},
    {"MBR whose second partition begins in the first", &raw,
     WITH(SIGNED, PARTITION(0, 0, 0x83, 100, 100), PARTITION(1, 0, 0x83, 150, 100)), .content = "mbr", ODD(462)},
    {"MBR of a partition of the greatest type", &raw, WITH(SIGNED, PARTITION(0, 0, 0xff, 1, 1)), .content = "mbr"},
    {"MBR of a partition at 2^16", &raw, WITH(SIGNED, PARTITION(0, 0, 7, 65536, 1)), ODD(446)},
    {"MBR of a partition at 2^32 - 1", &raw, WITH(SIGNED, PARTITION(0, 0, 7, 0xffffffff, 1)),
     .size = UINT64_C(1) << 42, .virtual_size = UINT64_C(1) << 42, .content = "mbr"},
    {"MBR of a partition of 2^24 sectors", &raw, WITH(SIGNED, PARTITION(0, 0, 7, 1, 0x1000000)), .content = "mbr",
     ODD(446)},
    {"MBR of a partition of 2^32 - 1 sectors", &raw, WITH(SIGNED, PARTITION(0, 0, 7, 1, 0xffffffff)),
     .content = "mbr", ODD(446)},
    {"MBR with another byte in its signature", &raw, WITH(TEXT(510, "\x55\xab"), PARTITION(0, 0, 0x83, 1, 1))},
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
#define BOOT(name, ...)                                                                                              \
    {                                                                                                                \
        "a boot sector " name, &raw, WITH(FAT, __VA_ARGS__, SIGNED, PARTITION(0, 0, 0x83, 1, 1))                     \
    }
#define NO_BOOT(name, ...)                                                                                           \
    {                                                                                                                \
        "no boot sector " name, &raw, WITH(FAT, __VA_ARGS__, SIGNED, PARTITION(0, 0, 0x83, 1, 1)), .content = "mbr"  \
    }
    BOOT("with the jump e9", BYTE(0, 0xe9)),
    NO_BOOT("with the jump e8", BYTE(0, 0xe8)),
    NO_BOOT("with the jump ec", BYTE(0, 0xec)),
    BOOT("of sectors of 4,096", LE16(11, 4096)),
    NO_BOOT("of sectors of 256", LE16(11, 256)),
    NO_BOOT("of sectors of 8,192", LE16(11, 8192)),
    BOOT("of clusters of a sector", BYTE(13, 1)),
    NO_BOOT("of clusters of no sector", BYTE(13, 0)),
    BOOT("of clusters of 128 sectors", BYTE(13, 128)),
    BOOT("of no FATs", BYTE(16, 0)),
    NO_BOOT("of three FATs", BYTE(16, 3)),
    BOOT("of the medium f0", BYTE(21, 0xf0)),
    NO_BOOT("of the medium ef", BYTE(21, 0xef)),
    BOOT("of the medium ff", BYTE(21, 0xff)),
    {"a FAT's boot sector with another jump", &raw, WITH(FAT, BYTE(0, 0xea), SIGNED, PARTITION(0, 0, 0x83, 1, 1)),
     .content = "mbr"},
    {"a FAT's boot sector of 3 sectors a cluster", &raw, WITH(FAT, BYTE(13, 3), SIGNED, PARTITION(0, 0, 0x83, 1, 1)),
     .content = "mbr"},

    /* gpt */
    {"GPT behind its protective MBR", &raw, WITH(PROTECTIVE, PRIMARY), .content = "mbr gpt", ODD(4193792)},
    {"GPT alone", &raw, WITH(PRIMARY), .content = "gpt", ODD(4193792)},
    {"GPT whose checksum doesn't hold", &raw, WITH(PRIMARY, BYTE(600, 1))},
    {"GPT that says it is elsewhere", &raw, WITH(GPT(512, 2, 0xfc39663c))},
    {"GPT with a header of 91 bytes", &raw, WITH(OF_SIZE(512, 1, 91, 0xeba85822))},
    {"GPT with a header of 512 bytes", &raw, WITH(OF_SIZE(512, 1, 512, 0xe0b053ca)), .content = "gpt", ODD(4193792)},
    {"GPT with a header of 513 bytes", &raw, WITH(OF_SIZE(512, 1, 513, 0x86d97315))},
    {"GPT with a header of 2^16 + 92 bytes", &raw, WITH(OF_SIZE(512, 1, 0x1005c, 0xaedcd87f))},
    {"GPT that says it is at 2^32 + 1", &raw, WITH(GPT(512, UINT64_C(0x100000001), 0xdc4ae3cf))},
    {"GPT whose checksum is 0", &raw, WITH(GPT(512, 1, 0), LE32(600, 1795199229)), .content = "gpt", ODD(4193792)},
    {"GPT whose checksum is all ones", &raw, WITH(GPT(512, 1, 0xffffffff), LE32(600, 4180043167)), .content = "gpt",
     ODD(4193792)},
    {"GPT of revision 1.1", &raw, WITH(REVISION_1_1(512, 1, 0x97c6e95)), .content = "gpt", ODD(4193792)},
    {"GPT's backup of revision 1.1", &raw, WITH(REVISION_1_1(END - 512, 8191, 0x9e9731df)), .content = "gpt",
     ODD(4193792)},
    {"GPT of large sectors behind another signature", &raw, WITH(PROTECTIVE, BYTE(511, 0xab), LARGE)},
    {"GPT with a header of 2^32 - 1 bytes", &raw, WITH(PRIMARY, LE32(524, 0xffffffff))},
    {"GPT's backup in a file of a sector", &raw, WITH(GPT(0, 0, 0x36425678)), .size = 512, .virtual_size = 512,
     .content = "gpt", ODD(0)},
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
    {"ISO 9660 and a byte behind", &raw, WITH(TEXT(32768, "\1CD001\1x")), .content = "iso"},
    {"UDF", &raw, WITH(TEXT(32769, "BEA01\1")), .content = "udf"},
    {"UDF and a byte behind", &raw, WITH(TEXT(32769, "BEA01\1x")), .content = "udf"},
    {"UDF of version 2", &raw, WITH(TEXT(32769, "BEA01\2"))},
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
    {"bzip2 of level ':'", &raw, WITH(TEXT(0, "BZh:1AY&SY"))},
    {"bzip2 without a block", &raw, WITH(TEXT(0, "BZh9"))},
    {"bzip2 of 9 bytes", &raw, WITH(TEXT(0, "BZh91AY&S")), .size = 9, .virtual_size = 512},
    {"tar", &raw,
     WITH(TEXT(257, "ustar\0"
                    "00")),
     .content = "tar"},
    {"tar by GNU", &raw, WITH(TEXT(257, "ustar  \0")), .content = "tar"},
    {"tar by GNU with an owner", &raw, WITH(TEXT(257, "ustar  \0root")), .content = "tar"},
    {"tar of neither kind", &raw, WITH(TEXT(257, "ustar  x"))},
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
    {"a LUKS header in a pinned raw is the guest's own", &raw, WITH(TEXT(0, "LUKS\xba\xbe\0\1")), .format = "raw",
     .also = "luks", .content = "luks"},
    {"a LUKS header and another in a pinned raw", &raw,
     WITH(TEXT(0, "LUKS\xba\xbe\0\1"), TEXT(64, "\x7f\x10\xda\xbe")), .format = "raw",
     .findings = {"format-mismatch@0"}, .also = "vdi luks", .content = "vdi luks"},
    {"two headers in a pinned raw", &raw, WITH(TEXT(0, "QED\0"), TEXT(64, "\x7f\x10\xda\xbe")), .format = "raw",
     .findings = {"format-mismatch@0"}, .also = "vdi qed", .content = "vdi qed"},
#ifndef IP_WITHOUT_vdi
#define VDI_AND(name, ...)                                                                                           \
    {                                                                                                                \
        "a VDI that begins as " name, &vdi, WITH(__VA_ARGS__)                                                        \
    }
    VDI_AND("LUKS2", TEXT(0, "LUKS\xba\xbe\0\2")),
    VDI_AND("an MBR", SIGNED, PARTITION(3, 0x80, 0x83, 1, 1)),
    VDI_AND("a GPT", PRIMARY),
    VDI_AND("gzip", TEXT(0, "\x1f\x8b\x08")),
    VDI_AND("xz", TEXT(0, "\xfd\x37zXZ\0")),
    VDI_AND("zstd", TEXT(0, "\x28\xb5\x2f\xfd")),
    VDI_AND("bzip2", TEXT(0, "BZh91AY&SY")),
    VDI_AND("tar", TEXT(257, "ustar\0")),
    VDI_AND("squashfs", TEXT(0, "hsqs")),
    VDI_AND("ELF", TEXT(0, "\177ELF")),
    {"a VDI on a disc is ambiguous", &vdi, WITH(TEXT(32768, "\1CD001\1")), .size = 65536,
     SAYS(AMBIGUOUS, "format", 32768)},
    {"a VDI on a disc of UDF is ambiguous", &vdi, WITH(TEXT(32769, "BEA01\1")), .size = 65536,
     SAYS(AMBIGUOUS, "format", 32768)},
#endif
    {"content never makes a format ambiguous", &raw, WITH(TEXT(0, "QFI\xfb\0\0\0\2"), PROTECTIVE, PRIMARY),
     .is = "qcow2", FAILS(MALFORMED, "cluster_bits", 20, 0, 9, 21)},
};

int main(void)
{
    return run_cases("content", cases, IP_COUNT(cases));
}
