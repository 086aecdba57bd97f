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
    {"gzip", &raw, WITH(TEXT(0, "\x1f\x8b\x08")), .content = "gzip", .findings = {"content-compressed@0"}},
    {"gzip by another method", &raw, WITH(TEXT(0, "\x1f\x8b\x07"))},
    {"xz", &raw,
     WITH(TEXT(0, "\xfd"
                  "7zXZ\0")),
     .content = "xz", .findings = {"content-compressed@0"}},
    {"zstd", &raw, WITH(TEXT(0, "\x28\xb5\x2f\xfd")), .content = "zstd", .findings = {"content-compressed@0"}},
    {"bzip2", &raw, WITH(TEXT(0, "BZh91AY&SY")), .content = "bzip2", .findings = {"content-compressed@0"}},
    {"bzip2 of nothing", &raw, WITH(TEXT(0, "BZh1\x17\x72\x45\x38\x50\x90")), .content = "bzip2",
     .findings = {"content-compressed@0"}},
    {"bzip2 of level 0", &raw, WITH(TEXT(0, "BZh01AY&SY"))},
    {"bzip2 of level ':'", &raw, WITH(TEXT(0, "BZh:1AY&SY"))},
    {"bzip2 without a block", &raw, WITH(TEXT(0, "BZh9"))},
    {"bzip2 of 9 bytes", &raw, WITH(TEXT(0, "BZh91AY&S")), .size = 9, .virtual_size = 512, .content = "text",
     .findings = {"content-text@0"}},
    {"tar", &raw,
     WITH(TEXT(257, "ustar\0"
                    "00")),
     .content = "tar", .findings = {"content-archive@257"}},
    {"tar by GNU", &raw, WITH(TEXT(257, "ustar  \0")), .content = "tar", .findings = {"content-archive@257"}},
    {"tar by GNU with an owner", &raw, WITH(TEXT(257, "ustar  \0root")), .content = "tar",
     .findings = {"content-archive@257"}},
    {"tar of neither kind", &raw, WITH(TEXT(257, "ustar  x"))},
    {"tar that is cut", &raw, WITH(TEXT(257, "ustar")), .size = 262, .virtual_size = 512},
    {"squashfs", &raw, WITH(TEXT(0, "hsqs")), .content = "squashfs"},
    {"squashfs, big endian", &raw, WITH(TEXT(0, "sqsh")), .content = "squashfs"},
    {"ELF", &raw, WITH(TEXT(0, "\177ELF")), .content = "elf", .findings = {"content-program@0"}},
    {"all that fits in one file", &raw,
     WITH(TEXT(0, "\x1f\x8b\x08"), TEXT(257, "ustar\0"), PROTECTIVE, PRIMARY, TEXT(32769, "CD001\1")),
     .content = "mbr gpt iso gzip tar",
     .findings = {"partition-table-odd@4193792", "content-compressed@0", "content-archive@257"}},

/* more files */
#define TOLD(name, word, finding, ...)                                                                               \
    {                                                                                                                \
        name, &raw, WITH(__VA_ARGS__), .content = word, .findings = { finding }                                      \
    }
#define UNTOLD(name, ...)                                                                                            \
    {                                                                                                                \
        name, &raw, WITH(__VA_ARGS__)                                                                                \
    }
#define ARCHIVED(name, word, ...) TOLD(name, word, "content-archive@0", __VA_ARGS__)
    TOLD("lz4", "lz4", "content-compressed@0", TEXT(0, "\x04\x22\x4d\x18")),
    TOLD("lz4, older", "lz4", "content-compressed@0", TEXT(0, "\x02\x21\x4c\x18")),
    UNTOLD("lz4 with another byte", TEXT(0, "\x04\x22\x4d\x19")),
    ARCHIVED("cpio", "cpio", TEXT(0, "070701"), REPEAT(6, 70, "0")),
    ARCHIVED("cpio with a checksum", "cpio", TEXT(0, "070702"), REPEAT(6, 70, "f")),
    ARCHIVED("cpio of POSIX", "cpio", TEXT(0, "070707"), REPEAT(6, 70, "7")),
    UNTOLD("cpio with a letter among its digits", TEXT(0, "070701"), REPEAT(6, 70, "0"), TEXT(75, "g")),
    UNTOLD("cpio with a blank among its digits", TEXT(0, "070701"), REPEAT(6, 70, "0"), TEXT(6, ":")),
    UNTOLD("cpio of another kind", TEXT(0, "070703"), REPEAT(6, 70, "0")),
    ARCHIVED("zip", "zip", TEXT(0, "PK\3\4")),
    ARCHIVED("zip of nothing", "zip", TEXT(0, "PK\5\6")),
    UNTOLD("zip with another byte", TEXT(0, "PK\3\5")),
    ARCHIVED("AFF4 by its first file", "zip aff4", TEXT(0, "PK\3\4"), TEXT(30, "container.description")),
    ARCHIVED("AFF4 by its comment", "zip aff4", TEXT(0, "PK\3\4"), TEXT(END - 100, "aff4://")),
    ARCHIVED("no AFF4 by its comment", "zip", TEXT(0, "PK\3\4"), TEXT(END - 100, "aff4:/")),
    ARCHIVED("no AFF4 by its first file", "zip", TEXT(0, "PK\3\4"), TEXT(30, "container.descriptiox")),
    UNTOLD("AFF4 in no zip", TEXT(30, "container.description"), TEXT(END - 100, "aff4://")),
    ARCHIVED("7z", "7z", TEXT(0, "7z\xbc\xaf\x27\x1c")),
    UNTOLD("7z with another byte", TEXT(0, "7z\xbc\xaf\x27\x1d")),
    ARCHIVED("WIM", "wim", TEXT(0, "MSWIM\0\0\0")),
    ARCHIVED("WIM of wimlib's kind", "wim", TEXT(0, "WLPWM\0\0\0")),
    UNTOLD("WIM with a byte behind", TEXT(0, "MSWIM\0\0\1")),
    ARCHIVED("EWF", "ewf", TEXT(0, "EVF\t\r\n\xff\0")),
    ARCHIVED("EWF 2", "ewf", TEXT(0, "EVF2\r\n\x81\0")),
    UNTOLD("EWF with its lines' ends changed", TEXT(0, "EVF\t\n\n\xff\0")),
    ARCHIVED("Android sparse", "android-sparse", LE32(0, 0xed26ff3a), LE16(4, 1)),
    UNTOLD("Android sparse of version 2", LE32(0, 0xed26ff3a), LE16(4, 2)),
    ARCHIVED("ASIF", "asif", TEXT(0, "shdw"), BE32(4, 1)),
    UNTOLD("ASIF of version 2", TEXT(0, "shdw"), BE32(4, 2)),
    ARCHIVED("sparse image", "sparseimage", TEXT(0, "sprs"), BE32(4, 3)),
    UNTOLD("sparse image of version 2", TEXT(0, "sprs"), BE32(4, 2)),
    ARCHIVED("CHD", "chd", TEXT(0, "MComprHD")),
    UNTOLD("CHD with another byte", TEXT(0, "MComprHE")),
    ARCHIVED("partclone", "partclone", TEXT(0, "partclone-image")),
    UNTOLD("partclone with another byte", TEXT(0, "partclone-imagf")),
    ARCHIVED("VMA", "vma", TEXT(0, "VMA\0\0\0\0\1")),
    UNTOLD("VMA of version 2", TEXT(0, "VMA\0\0\0\0\2")),
    ARCHIVED("a machine's state", "qemu-state", TEXT(0, "QEVM\0\0\0\3")),
    ARCHIVED("a machine's state, older", "qemu-state", TEXT(0, "QEVM\0\0\0\2")),
    UNTOLD("a machine's state of version 4", TEXT(0, "QEVM\0\0\0\4")),
    {"LVM2", &raw, WITH(TEXT(512, "LABELONE"), TEXT(536, "LVM2 001")), .content = "lvm2"},
    UNTOLD("LVM2 with another byte", TEXT(512, "LABELONE"), TEXT(536, "LVM2 002")),
    {"BitLocker", &raw, WITH(TEXT(3, "-FVE-FS-")), .content = "bitlocker"},
    UNTOLD("BitLocker one byte on", TEXT(4, "-FVE-FS-")),
    TOLD("PE", "pe", "content-program@0", TEXT(0, "MZ"), LE32(60, 128), TEXT(128, "PE\0\0")),
    TOLD("PE at the window's end", "pe", "content-program@0", TEXT(0, "MZ"), LE32(60, 4092), TEXT(4092, "PE\0\0")),
    UNTOLD("PE behind the window", TEXT(0, "MZ"), LE32(60, 4093), TEXT(4093, "PE\0\0")),
    UNTOLD("PE at 2^32 - 1", TEXT(0, "MZ"), LE32(60, 0xffffffff)),
    UNTOLD("PE of another kind", TEXT(0, "MZ"), LE32(60, 128), TEXT(128, "NE\0\0")),
    {"PE that is cut", &raw, WITH(TEXT(0, "MZ")), .size = 10, .virtual_size = 512},
    TOLD("Linux", "linux", "content-program@514", TEXT(514, "HdrS")),
    TOLD("Linux for arm64", "linux", "content-program@56", TEXT(56, "ARM\x64")),
    TOLD("Linux with a PE header, said once", "pe linux", "content-program@0", TEXT(0, "MZ"), LE32(60, 64),
         TEXT(64, "PE\0\0"), TEXT(514, "HdrS")),
    UNTOLD("Linux with another byte", TEXT(514, "HdrT")),
    {"an archive, pinned as raw", &raw, WITH(TEXT(0, "PK\3\4")), .format = "raw", .content = "zip",
     .findings = {"content-archive@0"}},

/* text */
#define SAID(name, word, ...) TOLD(name, word, "content-text@0", __VA_ARGS__)
    SAID("text, filled up with zeros", "text", TEXT(0, "404 page not found\n")),
    {"text, pinned as raw", &raw, WITH(TEXT(0, "404 page not found\n")), .format = "raw", .content = "text"},
#define UNENDED .findings = {"other-reader-differs@0", "content-text@0"}
    {"text up to the window's end", &raw, WITH(REPEAT(0, 4096, "line\r")), .content = "text", UNENDED},
    {"text that the window's end cuts", &raw, WITH(TEXT(0, "\n"), REPEAT(1, 4095, "\xe2\x82\xac")), .content = "text",
     UNENDED},
    {"text of two bytes a letter that the window's end cuts", &raw, WITH(TEXT(0, "\n"), REPEAT(1, 4096, "\xc3\xbc")),
     .content = "text", UNENDED},
    SAID("text of four bytes a letter", "text", TEXT(0, "\n\xf0\x9f\x92\xbe\n")),
    SAID("text behind a mark", "text", TEXT(0, "\xef\xbb\xbftext\n")),
    SAID("text in UTF-16", "text", TEXT(0, "\xff\xfe"), UTF16LE(2, "text\n")),
    SAID("text in UTF-16, big endian", "text", TEXT(0, "\xfe\xff"), UTF16BE(2, "text\n")),
    SAID("text with a tab, an escape and a form feed", "text", TEXT(0, "\t\33[1m\f\n")),
    {"text of 511 bytes without a line's end", &raw, WITH(REPEAT(0, 511, "U")), .size = 511, .virtual_size = 512,
     .content = "text", .findings = {"content-text@0"}},
    {"text of 511 bytes without a line's end, filled up", &raw, WITH(REPEAT(0, 510, "U")), .size = 511,
     .virtual_size = 512},
    {"a sector of one letter", &raw, WITH(REPEAT(0, 512, "U")), .size = 512, .virtual_size = 512},
    {"a disk of one letter", &raw, WITH(REPEAT(0, 4096, "U")), .findings = {"other-reader-differs@0"}},
    UNTOLD("a disk of one letter that a NUL ends", REPEAT(0, 4095, "U")),
    {"a disk of one letter, pinned", &raw, WITH(REPEAT(0, 4096, "U")), .format = "raw",
     .findings = {"other-reader-differs@0"}},
    {"a comment longer than the window, and a descriptor behind it", &raw,
     WITH(TEXT(0, "#"), REPEAT(1, 4200, "x"), TEXT(4201, "\nversion=1\ncreateType=\"monolithicFlat\"\n")),
     .findings = {"other-reader-differs@0"}},
    {"a jump longer than the window", &raw, WITH(TEXT(0, "\xeb\x58\x90"), REPEAT(3, 4200, "\1")),
     .findings = {"other-reader-differs@0"}},
    {"an ova", &raw, WITH(TEXT(0, "vm.ovf"), TEXT(257, "ustar\0")), .content = "tar",
     .findings = {"other-reader-differs@0", "content-archive@257"}},
    {"a tar whose first name is shorter", &raw, WITH(TEXT(0, "ovf"), TEXT(257, "ustar\0")), .content = "tar",
     .findings = {"content-archive@257"}},
    {"a disk of ones", &raw, WITH(REPEAT(0, 4096, "\xff")), .findings = {"other-reader-differs@0"}},
    UNTOLD("text with a NUL within", TEXT(0, "text\n\0text\n")),
    UNTOLD("text with something behind it", TEXT(0, "text\n"), BYTE(4095, 1)),
    UNTOLD("text with a bell", TEXT(0, "to\7xt\n")),
    UNTOLD("text with a shift", TEXT(0, "to\16xt\n")),
    UNTOLD("text with a DEL", TEXT(0, "to\177xt\n")),
    UNTOLD("text in Latin 1", TEXT(0, "to\xfcxt\n")),
    UNTOLD("text with a lone second byte", TEXT(0, "to\x80xt\n")),
    UNTOLD("text with an overlong letter", TEXT(0, "to\xc1\x80xt\n")),
    UNTOLD("text with a letter behind U+10FFFF", TEXT(0, "to\xf5\x80\x80\x80xt\n")),
    UNTOLD("text with a letter whose third byte is none", TEXT(0, "to\xe2\x82xt\n")),
    UNTOLD("text in UTF-16 with a control", TEXT(0, "\xff\xfe"), UTF16LE(2, "to\1xt\n")),
    {"text in front of a disc is a part of it", &raw, WITH(TEXT(0, "text\n"), TEXT(32769, "CD001\1")),
     .content = "iso"},
    SAID("HTML", "html", TEXT(0, "<!doctype HTML>")),
    SAID("HTML without its type", "html", TEXT(0, "\r\n <HTML lang=\"en\">")),
    UNTOLD("HTML of another type", TEXT(0, "<!doctype htm>")),
    SAID("XML", "xml", TEXT(0, "<?xml version=\"1.0\"?><a/>")),
    UNTOLD("XML without a blank", TEXT(0, "<?xmlversion")),
    SAID("JSON", "json", TEXT(0, "{\"a\":1}")),
    SAID("JSON of an array", "json", TEXT(0, " [\n{ \"a\":1}]")),
    SAID("JSON of nothing", "json", TEXT(0, "{ }")),
    UNTOLD("no JSON", TEXT(0, "{a:1}")),
    UNTOLD("no JSON of an array", TEXT(0, "[1]")),

/* vmdk-descriptor */
#define DIFFERS(name, ...) TOLD(name, "vmdk-descriptor", "other-reader-differs@0", __VA_ARGS__)
#define TYPE "createType=\"monolithicFlat\"\n"
#define EXTENT "RW 2048 FLAT \"/host/file\" 0\n"
    DIFFERS("a descriptor of version 4", TEXT(0, "# Disk DescriptorFile\nversion=4\n")),
    {"a descriptor of version 4, pinned as raw", &raw, WITH(TEXT(0, "# Disk DescriptorFile\nversion=4\n")),
     .format = "raw", .content = "vmdk-descriptor", .findings = {"format-mismatch@0"}},
    DIFFERS("a descriptor behind an empty line", TEXT(0, "\n# Disk DescriptorFile\nversion=1\n")),
    DIFFERS("a descriptor behind a mark", TEXT(0, "\xef\xbb\xbf# Disk DescriptorFile\nversion=1\n")),
    DIFFERS("a descriptor in another case and spacing", TEXT(0, "#\tDISK descriptor File\r")),
    DIFFERS("a descriptor with more behind it", TEXT(0, "#DiskDescriptor\1")),
    UNTOLD("a descriptor of something else", TEXT(0, "# Disk Description")),
    UNTOLD("a descriptor that isn't commented", TEXT(0, "Disk DescriptorFile")),
    DIFFERS("a descriptor by its keys", TEXT(0, "CID=1\n" TYPE EXTENT)),
    DIFFERS("a descriptor by its keys, in another order", TEXT(0, EXTENT "\t" TYPE)),
    DIFFERS("a descriptor by its keys, in another case", TEXT(0, "CREATETYPE \t= x\r noaccess\t1")),
    DIFFERS("a descriptor by its keys, read only", TEXT(0, "createtype=x\nRDONLY 9")),
    SAID("a type alone", "text", TEXT(0, TYPE)),
    SAID("an extent alone", "text", TEXT(0, EXTENT)),
    SAID("a type without its sign, and an extent", "text", TEXT(0, "createType monolithicFlat\n" EXTENT)),
    SAID("a type, and an extent without a number", "text", TEXT(0, TYPE "RW FLAT 2048\n")),
    SAID("a type, and an extent without a blank", "text", TEXT(0, TYPE "RW2048 FLAT\n")),
    UNTOLD("a type, and an extent behind a NUL", TEXT(0, TYPE "\0" EXTENT)),
    {"a descriptor that QEMU takes for one, said to be raw", &raw,
     WITH(TEXT(0, "# Disk DescriptorFile\nversion=1\n")), .format = "raw", .also = "vmdk", .content = "vmdk",
     .findings = {"format-mismatch@0"}},

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
