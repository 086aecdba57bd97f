/* SPDX-License-Identifier: MIT */
/* Raw, which nothing contradicts; the formats that are recognised and not decoded; VHDX, of which little is. */
#include "probe-loops.h"

#define MIB (UINT64_C(1) << 20)
#define MOST_RAW UINT64_C(0x7fffffffc0000000)
#define RECOGNISED(word) .is = (word), SAYS(UNSUPPORTED, "format", UNKNOWN)
#define PINNED(word) .format = (word), RECOGNISED(word)
#define MISMATCH(word) .format = "raw", .findings = {"format-mismatch@0"}, .also = word

static const struct base raw = {
    .size = MIB,
    .format = "raw",
    .virtual_size = MIB,
};

#define METADATA 0x200000
#define ITEMS 0x210000
#define REGIONS (16 + 32 * 32) /* the most that is read of either table */
#define ITEMS_TABLE (32 + 32 * 32)
#define ENTRY(i) (METADATA + 32 + 32 * (i))
/* GUIDs as they stand in the file. */
#define BAT_GUID "\x66\x77\xc2\x2d\x23\xf6\x00\x42\x9d\x64\x11\x5e\x9b\xfd\x4a\x08"
#define HEADERS (2 * 64)
#define METADATA_GUID "\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e"
#define PARAMETERS_GUID "\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b"
#define SIZE_GUID "\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8"
#define LOCATOR_GUID "\x2d\x5f\xd3\xa8\x0b\xb3\x4d\x45\xab\xf7\xd3\xd8\x48\x34\xab\x0c"
static const struct base vhdx = {
    .patches = {TEXT(0, "vhdxfile"), TEXT(65536, "head"), BYTE(65544, 8), TEXT(196608, "regi"), LE32(196616, 2),
                TEXT(196624, BAT_GUID), LE64(196640, 0x300000), TEXT(196656, METADATA_GUID), LE64(196672, METADATA),
                TEXT(METADATA, "metadata"), LE16(METADATA + 10, 2), TEXT(ENTRY(0), PARAMETERS_GUID),
                LE32(ENTRY(0) + 16, 0x10000), TEXT(ENTRY(1), SIZE_GUID), LE32(ENTRY(1) + 16, 0x10008),
                LE32(ITEMS, 0x2000000), LE64(ITEMS + 8, UINT64_C(1) << 30)},
    .size = 0x400000,
    .whole = ITEMS + 16,
    .magic = 8,
    .format = "vhdx",
    .virtual_size = UINT64_C(1) << 30,
    .cluster_size = 0x2000000,
    .more_reads = 6,
    .more_bytes = HEADERS + REGIONS + ITEMS_TABLE + 8 + 8,
};

static const struct probe_case cases[] = {
    /* raw */
    {"zeros are raw", &raw, .format = NULL},
    {"raw, pinned", &raw, .format = "raw"},
    {"an empty file that nobody pinned is an error", &raw, .size = ZERO, .is = "", SAYS(TRUNCATED, "image", 0)},
    {"an empty file pinned as raw", &raw, .size = ZERO, .format = "raw", .virtual_size = ZERO},
    {"one byte is a sector", &raw, .size = 1, .virtual_size = 512},
    {"512 bytes are a sector", &raw, .size = 512, .virtual_size = 512},
    {"513 bytes are two sectors", &raw, .size = 513, .virtual_size = 1024},
    {"4,096 bytes are one read", &raw, .size = 4096, .virtual_size = 4096},
    {"4,097 bytes are two reads", &raw, .size = 4097, .virtual_size = 4608},
    {"a file that ends where the middle window begins", &raw, .size = 32768, .virtual_size = 32768},
    {"a file that ends inside the middle window", &raw, .size = 32800, .virtual_size = 33280},
    {"a file whose end lies over the middle window", &raw, .size = 33280, .virtual_size = 33280},
    {"a file whose end begins inside the middle window", &raw, .size = 34900, .virtual_size = 35328},
    {"the most that QEMU takes for a size costs no more reads", &raw, .size = MOST_RAW, .virtual_size = MOST_RAW},
    {"a size that can't be rounded up", &raw, .size = UINT64_MAX - 510,
     FAILS(MALFORMED, "file size", 0, UINT64_MAX - 510, 0, UINT64_MAX - 512)},
    {"a protocol's name as a format means raw", &raw, .format = "host_device"},
    {"a guest's qcow2 header in a pinned raw refers to nothing", &raw,
     WITH(TEXT(0, "QFI\xfb\0\0\0\2"), BE64(8, 512), BE32(16, 4), TEXT(512, "evil")), MISMATCH("qcow2")},
    {"a guest's vmdk in a pinned raw refers to nothing", &raw,
     WITH(TEXT(0, "version=1\nCID=1\nparentCID=ffffffff\ncreateType=\"vmfs\"\nRW 1 VMFS \"/etc/passwd\"\n")),
     MISMATCH("vmdk")},
    {"a guest's vhd in a pinned raw refers to nothing", &raw, WITH(TEXT(0, "conectix")), MISMATCH("vhd")},
    {"a guest's qed in a pinned raw refers to nothing", &raw, WITH(TEXT(0, "QED\0")), MISMATCH("qed")},
    {"MBR, GPT and ISO 9660 are raw", &raw, WITH(TEXT(510, "\x55\xaa"), TEXT(512, "EFI PART"), TEXT(32769, "CD001"))},
    {"LUKS2 is raw", &raw, WITH(TEXT(0, "LUKS\xba\xbe\0\2"))},

    /* recognised, never taken for raw */
    {"qcow version 1", &raw, WITH(TEXT(0, "QFI\xfb\0\0\0\1")), RECOGNISED("qcow")},
    {"qed", &raw, WITH(TEXT(0, "QED\0")), RECOGNISED("qed")},
    {"vdi", &raw, WITH(TEXT(64, "\x7f\x10\xda\xbe")), RECOGNISED("vdi")},
    {"parallels", &raw, WITH(TEXT(0, "WithoutFreeSpace")), RECOGNISED("parallels")},
    {"parallels with large offsets", &raw, WITH(TEXT(0, "WithouFreSpacExt")), RECOGNISED("parallels")},
    {"bochs", &raw, WITH(TEXT(0, "Bochs Virtual HD Image")), RECOGNISED("bochs")},
    {"cloop", &raw, WITH(TEXT(0, "#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0")), RECOGNISED("cloop")},
    {"luks", &raw, WITH(TEXT(0, "LUKS\xba\xbe\0\1")), RECOGNISED("luks")},
    {"qcow version 1, pinned", &raw, WITH(TEXT(0, "QFI\xfb\0\0\0\1")), PINNED("qcow")},
    {"qed, pinned", &raw, WITH(TEXT(0, "QED\0")), PINNED("qed")},
    {"vdi, pinned", &raw, WITH(TEXT(64, "\x7f\x10\xda\xbe")), PINNED("vdi")},
    {"dmg, pinned", &raw, WITH(TEXT(MIB - 512, "koly\0\0\0\4")), PINNED("dmg")},
#define WRONG(word, at, bytes)                                                                                       \
    {"another byte in the magic of " word " is raw", &raw, WITH(TEXT(at, bytes))},                                   \
    {                                                                                                                \
        "another byte in the magic of a pinned " word " is damage", &raw, WITH(TEXT(at, bytes)),                     \
            .format = (word), .is = (word), SAYS(MALFORMED, "magic", at)                                             \
    }
    WRONG("qed", 0, "QED\1"),
    WRONG("vdi", 64, "\x7f\x10\xda\xbf"),
    WRONG("parallels", 0, "WithoutFreeSpacE"),
    WRONG("bochs", 0, "Bochs Virtual HD image"),
    WRONG("cloop", 0, "#!/bin/sh\n#V2.1 Format\nmodprobe cloop "),
    WRONG("luks", 0, "LUKS\xba\xbf\0\1"),
    WRONG("vhdx", 0, "vhdxfilE"),
    {"a file that ends inside a magic isn't of that format", &raw, WITH(TEXT(64, "\x7f\x10\xda\xbe")), .size = 67,
     .virtual_size = 512},
    {"a file that ends inside the magic of its pinned format is truncated", &raw, WITH(TEXT(64, "\x7f\x10\xda\xbe")),
     .size = 67, .format = "vdi", .is = "vdi", FAILS(TRUNCATED, "magic", 64, 67, 68, UNKNOWN)},

    /* two formats in one file */
    {"qed and vdi are ambiguous", &raw, WITH(TEXT(0, "QED\0"), TEXT(64, "\x7f\x10\xda\xbe")), .is = "",
     SAYS(AMBIGUOUS, "format", 0)},
    {"qcow and vdi are ambiguous", &raw, WITH(TEXT(0, "QFI\xfb\0\0\0\1"), TEXT(64, "\x7f\x10\xda\xbe")), .is = "",
     SAYS(AMBIGUOUS, "format", 0)},
    {"vhdx and vdi are ambiguous", &vhdx, WITH(TEXT(64, "\x7f\x10\xda\xbe")), .is = "", SAYS(AMBIGUOUS, "format", 0)},

    /* dmg: a trailer */
    {"a dmg's trailer behind nothing else is ambiguous", &raw, WITH(TEXT(MIB - 512, "koly\0\0\0\4")), .is = "",
     SAYS(AMBIGUOUS, "format", MIB - 512)},
    {"a dmg's trailer of another version is none", &raw, WITH(TEXT(MIB - 512, "koly\0\0\0\5"))},
    {"a dmg's trailer whose numbers don't fit the file is none", &raw,
     WITH(TEXT(MIB - 512, "koly\0\0\0\4"), BE64(MIB - 512 + 0xd8, 2 * MIB), BE64(MIB - 512 + 0xe0, 4096))},
    {"a dmg's trailer with other bytes behind it", &raw, WITH(TEXT(MIB - 712, "koly\0\0\0\4")), .is = "",
     SAYS(AMBIGUOUS, "format", MIB - 712)},
    {"a dmg's trailer too far from the end is none", &raw, WITH(TEXT(MIB - 1024, "koly\0\0\0\4"))},
    {"a dmg's trailer in a pinned raw is a finding", &raw, WITH(TEXT(MIB - 512, "koly\0\0\0\4")), .format = "raw",
     .findings = {"trailer-also-matches@1048064"}, .also = "dmg"},
    {"a dmg's trailer behind a magic is a finding", &raw, WITH(TEXT(0, "QED\0"), TEXT(MIB - 512, "koly\0\0\0\4")),
     RECOGNISED("qed"), .findings = {"trailer-also-matches@1048064"}},

    /* vhdx */
    {"a vhdx of 1 GiB refers to nothing", &vhdx, .format = NULL},
    {"a vhdx, pinned", &vhdx, .format = "vhdx"},
    {"a vhdx whose log isn't empty can't be told", &vhdx, WITH(BYTE(65584, 1)), SAYS(UNSUPPORTED, "log", 65536),
     MORE(2, HEADERS)},
    {"a vhdx whose newer header has a log", &vhdx, WITH(TEXT(131072, "head"), BYTE(131080, 9), BYTE(131135, 1)),
     SAYS(UNSUPPORTED, "log", 65536), MORE(2, HEADERS)},
    {"a vhdx whose older header had a log", &vhdx, WITH(TEXT(131072, "head"), BYTE(131080, 9), BYTE(65584, 1))},
    {"a vhdx without a header", &vhdx, WITH(BYTE(65536, 'H')),
     FAILS(MALFORMED, "header signature", 65536, 0, 0x64616568, 0x64616568), MORE(2, HEADERS)},
    {"a vhdx with the parent's flag can't be told", &vhdx, WITH(LE32(ITEMS + 4, 2)), MORE(6, HEADERS + 2112),
     SAYS(UNSUPPORTED, "parent locator", METADATA)},
    {"a vhdx with a parent locator can't be told", &vhdx,
     WITH(LE16(METADATA + 10, 3), TEXT(ENTRY(2), LOCATOR_GUID), LE32(ENTRY(2) + 16, 0x10010)),
     MORE(6, HEADERS + 2112), SAYS(UNSUPPORTED, "parent locator", METADATA)},
    {"a vhdx without its region table", &vhdx, WITH(BYTE(196608, 'R')),
     FAILS(MALFORMED, "signature", 196608, 0x69676552, 0x69676572, 0x69676572), MORE(3, HEADERS + REGIONS)},
    {"a vhdx of no regions", &vhdx, WITH(LE32(196616, 0)), FAILS(UNSUPPORTED, "count", 196616, 0, 1, 32),
     MORE(3, HEADERS + REGIONS)},
    {"a vhdx of 33 regions", &vhdx, WITH(LE32(196616, 33)), FAILS(UNSUPPORTED, "count", 196616, 33, 1, 32),
     MORE(3, HEADERS + REGIONS)},
    {"a vhdx without a metadata region", &vhdx, WITH(BYTE(196656, 0)), SAYS(MALFORMED, "region table", 196608),
     MORE(3, HEADERS + REGIONS)},
    {"a vhdx whose metadata lie behind the file", &vhdx, WITH(LE64(196672, 0x400000)),
     FAILS(TRUNCATED, "signature", 0x400000, 0x400000, 0x400008, UNKNOWN), MORE(3, HEADERS + REGIONS)},
    {"a vhdx whose metadata lie at 2^63", &vhdx, WITH(LE64(196672, UINT64_C(1) << 63)),
     FAILS(MALFORMED, "offset", 196672, UINT64_C(1) << 63, 0, INT64_MAX), MORE(3, HEADERS + REGIONS)},
    {"a vhdx without a size", &vhdx, WITH(BYTE(ENTRY(1), 0)), SAYS(MALFORMED, "metadata table", METADATA),
     MORE(5, HEADERS + 2104)},
    {"a vhdx without parameters", &vhdx, WITH(BYTE(ENTRY(0), 0)), SAYS(MALFORMED, "metadata table", METADATA),
     MORE(5, HEADERS + 2104)},
    {"a vhdx with blocks of less than 1 MiB", &vhdx, WITH(LE32(ITEMS, 0xfffff)),
     FAILS(MALFORMED, "block_size", ITEMS, 0xfffff, 0x100000, 0x10000000), MORE(5, HEADERS + 2104)},
    {"a vhdx with blocks of 1 MiB", &vhdx, WITH(LE32(ITEMS, 0x100000)), .cluster_size = 0x100000},
    {"a vhdx with blocks of 256 MiB", &vhdx, WITH(LE32(ITEMS, 0x10000000)), .cluster_size = 0x10000000},
    {"a vhdx with blocks of more than 256 MiB", &vhdx, WITH(LE32(ITEMS, 0x10000001)),
     FAILS(MALFORMED, "block_size", ITEMS, 0x10000001, 0x100000, 0x10000000), MORE(5, HEADERS + 2104)},
    {"a vhdx of 64 TiB", &vhdx, WITH(LE64(ITEMS + 8, UINT64_C(64) << 40)), .virtual_size = UINT64_C(64) << 40},
    {"a vhdx of more than 64 TiB", &vhdx, WITH(LE64(ITEMS + 8, (UINT64_C(64) << 40) + 1)),
     FAILS(MALFORMED, "size", ITEMS + 8, (UINT64_C(64) << 40) + 1, 0, UINT64_C(64) << 40), MORE(6, HEADERS + 2112)},
};

int main(void)
{
    return run_cases("raw", cases, IP_COUNT(cases));
}
