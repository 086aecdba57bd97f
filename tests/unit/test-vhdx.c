/* SPDX-License-Identifier: MIT */
/* VHDX: sizes, the log, and the names of a parent. */
#include "probe-loops.h"

#define METADATA 0x200000
#define ITEMS 0x210000
#define BLOCKS 0x300000
#define FIRST 196608 /* region table */
#define SECOND 262144
#define REGION(i) (FIRST + 16 + 32 * (i))
#define ENTRY(i) (METADATA + 32 + 32 * (i))
#define BOTH(kind, at, ...)                                                                                          \
    kind(at, __VA_ARGS__), kind((at) + 65536, __VA_ARGS__) /* of the region table's copies                           \
                                                            */
/* What is read up to there, and no further. */
#define HEADERS_READ MORE(2, 8192)
#define TABLES_READ MORE(3, 8192 + 131072)
#define ITEMS_TABLE (8192 + 131072 + 32 + 32 * 32)
#define ITEMS_READ MORE(7, ITEMS_TABLE + 8 + 8 + 4)
/* GUIDs as they stand in the file. */
#define BAT_GUID "\x66\x77\xc2\x2d\x23\xf6\x00\x42\x9d\x64\x11\x5e\x9b\xfd\x4a\x08"
#define METADATA_GUID "\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e"
#define PARAMETERS_GUID "\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b"
#define SIZE_GUID "\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8"
#define PAGE_83_GUID "\xab\x12\xca\xbe\xe6\xb2\x23\x45\x93\xef\xc3\x09\xe0\x00\xc7\x46"
#define LOGICAL_GUID "\x1d\xbf\x41\x81\x6f\xa9\x09\x47\xba\x47\xf2\x33\xa8\xfa\xab\x5f"
#define PHYSICAL_GUID "\xc7\x48\xa3\xcd\x5d\x44\x71\x44\x9c\xc9\xe9\x88\x52\x51\xc5\x56"
#define LOCATOR_GUID "\x2d\x5f\xd3\xa8\x0b\xb3\x4d\x45\xab\xf7\xd3\xd8\x48\x34\xab\x0c"
#define HEADER(at, sequence)                                                                                         \
    TEXT(at, "head"), LE64((at) + 8, sequence), BYTE((at) + 66, 1), LE32((at) + 68, 0x100000),                       \
        LE64((at) + 72, 0x100000), CRC(at, 4096, (at) + 4)
#define REGION_TABLE(at)                                                                                             \
    TEXT(at, "regi"), LE32((at) + 8, 2), TEXT((at) + 16, BAT_GUID), LE64((at) + 32, BLOCKS),                         \
        LE32((at) + 40, 0x100000), TEXT((at) + 48, METADATA_GUID), LE64((at) + 64, METADATA),                        \
        LE32((at) + 72, 0x100000), CRC(at, 65536, (at) + 4)
#define ITEM(i, guid, at) TEXT(ENTRY(i), guid), LE32(ENTRY(i) + 16, 0x10000 + (at))
static const struct base vhdx = {
    .patches = {TEXT(0, "vhdxfile"), HEADER(65536, 8), HEADER(131072, 7), REGION_TABLE(FIRST), REGION_TABLE(SECOND),
                TEXT(METADATA, "metadata"), LE16(METADATA + 10, 5), ITEM(0, PARAMETERS_GUID, 0),
                ITEM(1, SIZE_GUID, 8), ITEM(2, PAGE_83_GUID, 16), ITEM(3, LOGICAL_GUID, 32),
                ITEM(4, PHYSICAL_GUID, 36), LE32(ITEMS, 0x2000000), LE64(ITEMS + 8, UINT64_C(1) << 30),
                LE32(ITEMS + 32, 512)},
    .size = 0x400000,
    .whole = 0x400000,
    .dear = true,
    .magic = 8,
    .format = "vhdx",
    .variant = "dynamic",
    .virtual_size = UINT64_C(1) << 30,
    .cluster_size = 0x2000000,
    .more_reads = 7,
    .more_bytes = ITEMS_TABLE + 8 + 8 + 4,
};

/* A locator of a relative and an absolute name, behind the other items. */
#define LOCATOR (ITEMS + 0x100)
#define LOCATOR_LENGTH 256
#define LOCATOR_TYPE "\xb7\xef\x4a\xb0\x9e\xd1\x81\x4a\xb7\x89\x25\xb8\xe9\x44\x59\x13"
#define KEY_AT(i) (LOCATOR + 20 + 12 * (i))
#define PAIR(i, key, key_length, value, value_length)                                                                \
    LE32(KEY_AT(i), key), LE32(KEY_AT(i) + 4, value), LE16(KEY_AT(i) + 8, key_length),                               \
        LE16(KEY_AT(i) + 10, value_length)
static const struct base differencing = {
    .from = &vhdx,
    .patches = {LE32(ITEMS + 4, 2), LE16(METADATA + 10, 6), ITEM(5, LOCATOR_GUID, 0x100),
                LE32(ENTRY(5) + 20, LOCATOR_LENGTH), LE32(ENTRY(5) + 24, 4), TEXT(LOCATOR, LOCATOR_TYPE),
                LE16(LOCATOR + 18, 2), PAIR(0, 68, 38, 106, 22), PAIR(1, 128, 26, 154, 16),
                UTF16LE(LOCATOR + 68, "absolute_win32_path"), UTF16LE(LOCATOR + 106, "C:\\base.vhd"),
                UTF16LE(LOCATOR + 128, "relative_path"), UTF16LE(LOCATOR + 154, "base.vhd")},
    .size = 0x400000,
    .whole = 0x400000,
    .dear = true,
    .magic = 8,
    .format = "vhdx",
    .variant = "differencing",
    .virtual_size = UINT64_C(1) << 30,
    .cluster_size = 0x2000000,
    .more_reads = 8,
    .more_bytes = ITEMS_TABLE + 8 + 8 + 4 + LOCATOR_LENGTH,
};
#define NAME_OF(key, string, at)                                                                                     \
    {                                                                                                                \
        NAMED(BACKING, string, at), .implied = "vhdx", .type = (key), .encoding = "UTF-16LE",                        \
                                    .stored = 2 * (sizeof(string) - 1), .ignored = true, .candidate = true,          \
                                    .windows = true                                                                  \
    }
#define RELATIVE_NAME NAME_OF("relative_path", "base.vhd", LOCATOR + 154)
#define ABSOLUTE_NAME NAME_OF("absolute_win32_path", "C:\\base.vhd", LOCATOR + 106)
#define IGNORED(at) .findings = {"reference-ignored-by-reader@" #at}
#define LOCATOR_READ(length) MORE(8, ITEMS_TABLE + 8 + 8 + 4 + (length))
#define READ_ALL LOCATOR_READ(LOCATOR_LENGTH)

static const struct probe_case cases[] = {
    {"another byte in the magic of vhdx is damage when pinned", &vhdx, WITH(TEXT(0, "vhdxfilE")), .format = "vhdx",
     SAYS(MALFORMED, "magic", 0)},
    {"vhdx and vdi are ambiguous", &vhdx, WITH(TEXT(64, "\x7f\x10\xda\xbe")), .is = "", SAYS(AMBIGUOUS, "format", 0)},
    {"a vhdx of 1 GiB refers to nothing", &vhdx, .format = NULL},
    {"a vhdx, pinned", &vhdx, .format = "vhdx"},
    {"a vhdx whose log isn't empty can't be told", &vhdx, WITH(BYTE(65584, 1)), SAYS(UNSUPPORTED, "log", 65536),
     HEADERS_READ},
    {"a vhdx whose newer header has a log", &vhdx, WITH(BYTE(131080, 9), BYTE(131135, 1)),
     SAYS(UNSUPPORTED, "log", 131072), HEADERS_READ},
    {"a vhdx whose older header had a log", &vhdx, WITH(BYTE(131080, 9), BYTE(65584, 1))},
    {"a vhdx whose log's id has the byte 7 alone", &vhdx, WITH(BYTE(65591, 1)), SAYS(UNSUPPORTED, "log", 65536),
     HEADERS_READ},
    {"a vhdx whose log's id has a first half of ones", &vhdx, WITH(LE64(65584, UINT64_MAX)),
     SAYS(UNSUPPORTED, "log", 65536), HEADERS_READ},
    {"a vhdx whose log's id has a last half of ones", &vhdx, WITH(LE64(65592, UINT64_MAX)),
     SAYS(UNSUPPORTED, "log", 65536), HEADERS_READ},
#define SECOND_HEADER(sequence) LE64(131080, sequence), BYTE(131135, 1)
#define NEWER(sequence)                                                                                              \
    {                                                                                                                \
        "a vhdx whose newer header of sequence " #sequence " has a log", &vhdx, WITH(SECOND_HEADER(sequence)),       \
            SAYS(UNSUPPORTED, "log", 131072), HEADERS_READ                                                           \
    }
    NEWER(9),
    NEWER(256),
    NEWER(UINT64_C(1) << 32),
    NEWER(UINT64_C(1) << 56),
    NEWER(UINT64_MAX),
    {"a vhdx whose second header is older and had a log", &vhdx, WITH(SECOND_HEADER(7))},
    {"a vhdx whose second header is as old and has a log", &vhdx, WITH(SECOND_HEADER(8)),
     SAYS(MALFORMED, "sequence", 131080), HEADERS_READ},
    {"a vhdx whose second header is as old and has none, which the first has", &vhdx,
     WITH(LE64(131080, 8), BYTE(65584, 1)), SAYS(MALFORMED, "sequence", 131080), HEADERS_READ},
    {"a vhdx whose second header is the same but for its last byte", &vhdx, WITH(LE64(131080, 8), BYTE(135167, 1)),
     SAYS(MALFORMED, "sequence", 131080), HEADERS_READ},
    {"a vhdx whose second header is the same", &vhdx, WITH(LE64(131080, 8))},
    {"a vhdx whose second header is none", &vhdx, WITH(SECOND_HEADER(9), LE32(131072, 0xffffffff))},
    {"a vhdx with its second header alone", &vhdx, WITH(BYTE(65536, 'H'), BYTE(65584, 1))},
    {"a vhdx without a header", &vhdx, WITH(BYTE(65536, 'H'), BYTE(131072, 'H')), SAYS(MALFORMED, "header", 65536),
     HEADERS_READ},
    {"a vhdx whose two headers have checksums that don't hold", &vhdx, WITH(FLIP(65540, 0), FLIP(131075 + 1, 7)),
     SAYS(MALFORMED, "header", 65536), HEADERS_READ},
    {"a vhdx of which a newer header hides a log, if one believes it", &vhdx,
     WITH(BYTE(65584, 1), BYTE(131080, 9), FLIP(131076, 0)), SAYS(UNSUPPORTED, "log", 65536), HEADERS_READ},
    {"a vhdx of which a newer header that doesn't count has a log", &vhdx, WITH(SECOND_HEADER(9), FLIP(131076, 0))},
/* The newer header alone has no log: where its checksum doesn't hold any more, the older one's counts. */
#define FLIPPED_HEADER(at, bit)                                                                                      \
    {                                                                                                                \
        "a vhdx with bit " #bit " of the newer header's " #at " flipped", &vhdx,                                     \
            WITH(BYTE(65584, 1), BYTE(131080, 9), FLIP(131072 + (at), bit)), SAYS(UNSUPPORTED, "log", 65536),        \
            HEADERS_READ                                                                                             \
    }
    FLIPPED_HEADER(0, 0),
    FLIPPED_HEADER(4, 0),
    FLIPPED_HEADER(7, 7),
    FLIPPED_HEADER(8, 4),
    FLIPPED_HEADER(66, 1),
    FLIPPED_HEADER(80, 0),
    FLIPPED_HEADER(2047, 3),
    FLIPPED_HEADER(4095, 7),
    {"a vhdx with a bit behind its headers flipped", &vhdx, WITH(FLIP(65536 + 4096, 0), FLIP(131072 + 4096, 0))},
    {"a vhdx of version 0", &vhdx, WITH(LE16(65602, 0)), FAILS(UNSUPPORTED, "version", 65602, 0, 1, 1), HEADERS_READ},
    {"a vhdx of version 2", &vhdx, WITH(LE16(65602, 2)), FAILS(UNSUPPORTED, "version", 65602, 2, 1, 1), HEADERS_READ},
    {"a vhdx whose older header has another version", &vhdx, WITH(LE16(131138, 2))},
    {"a vhdx with a log of version 1", &vhdx, WITH(LE16(65600, 1)), FAILS(UNSUPPORTED, "log_version", 65600, 1, 0, 0),
     HEADERS_READ},
    {"a vhdx with a log at 0", &vhdx, WITH(LE64(65608, 0)), HEADERS_READ,
     FAILS(MALFORMED, "log_offset", 65608, 0, 0x100000, INT64_MAX)},
    {"a vhdx with a log at 2^63", &vhdx, WITH(LE64(65608, UINT64_C(1) << 63)), HEADERS_READ,
     FAILS(MALFORMED, "log_offset", 65608, UINT64_C(1) << 63, 0x100000, INT64_MAX)},
    {"a vhdx with a log at 1.5 MiB", &vhdx, WITH(LE64(65608, 0x180000)), SAYS(MALFORMED, "log_offset", 65608),
     HEADERS_READ},
    {"a vhdx with a log of no bytes", &vhdx, WITH(LE32(65604, 0))},
    {"a vhdx with a log in front of its last MiB", &vhdx, WITH(LE64(65608, 0x400000))},
    {"a vhdx with the parent's flag and no name", &vhdx, WITH(LE32(ITEMS + 4, 2)), ITEMS_READ,
     SAYS(MALFORMED, "parent locator", METADATA)},
    {"a vhdx with blocks allocated in advance", &vhdx, WITH(LE32(ITEMS + 4, 1)), .variant = "fixed"},

/* regions */
#define FLIPPED_TABLE(copy, at, bit, is_found, is)                                                                   \
    {                                                                                                                \
        "a vhdx with bit " #bit " of region table " #copy "'s " #at " flipped", &vhdx,                               \
            WITH(FLIP((copy) + (at), bit)), FAILS(MALFORMED, "checksum", (copy) + 4, is_found, is, is), TABLES_READ  \
    }
    FLIPPED_TABLE(FIRST, 4, 0, 0xce4171ba, 0xce4171bb),
    FLIPPED_TABLE(FIRST, 7, 7, 0x4e4171bb, 0xce4171bb),
    FLIPPED_TABLE(FIRST, 8, 0, 0xce4171bb, 0x0b404b8d),
    FLIPPED_TABLE(FIRST, 32, 7, 0xce4171bb, 0xfb13c0e7),
    FLIPPED_TABLE(FIRST, 80, 0, 0xce4171bb, 0x9756550d),
    FLIPPED_TABLE(FIRST, 32768, 3, 0xce4171bb, 0xe9a79443),
    FLIPPED_TABLE(FIRST, 65535, 7, 0xce4171bb, 0x4cb74ac3),
    FLIPPED_TABLE(SECOND, 4, 0, 0xce4171ba, 0xce4171bb),
    FLIPPED_TABLE(SECOND, 8, 0, 0xce4171bb, 0x0b404b8d),
    FLIPPED_TABLE(SECOND, 65535, 7, 0xce4171bb, 0x4cb74ac3),
    {"a vhdx with a bit behind its region tables flipped", &vhdx, WITH(FLIP(SECOND + 65536, 0))},
    {"a vhdx without its region table", &vhdx, WITH(BYTE(FIRST, 'R')),
     FAILS(MALFORMED, "signature", FIRST, 0x69676552, 0x69676572, 0x69676572), TABLES_READ},
    {"a vhdx without the region table's copy", &vhdx, WITH(BYTE(SECOND, 'R')),
     FAILS(MALFORMED, "signature", SECOND, 0x69676552, 0x69676572, 0x69676572), TABLES_READ},
    {"a vhdx with two region tables", &vhdx, WITH(LE64(REGION(0) + 16 + 65536, 0x400000)),
     SAYS(AMBIGUOUS, "region table", SECOND), TABLES_READ},
    {"a vhdx with two region tables that differ in their last byte", &vhdx, WITH(BYTE(SECOND + 65535, 1)),
     SAYS(AMBIGUOUS, "region table", SECOND), TABLES_READ},
    {"a vhdx with something in both region tables' last byte", &vhdx, WITH(BOTH(BYTE, FIRST + 65535, 1))},
    {"a vhdx with an unknown region that isn't required", &vhdx,
     WITH(BOTH(LE32, FIRST + 8, 3), BOTH(TEXT, REGION(2), "anybody's"))},
    {"a vhdx with an unknown region that is", &vhdx,
     WITH(BOTH(LE32, FIRST + 8, 3), BOTH(TEXT, REGION(2), "anybody's"), BOTH(BYTE, REGION(2) + 28, 1)),
     SAYS(UNSUPPORTED, "entry", REGION(2)), TABLES_READ},
    {"a vhdx with two metadata regions", &vhdx, WITH(BOTH(TEXT, REGION(0), METADATA_GUID)),
     SAYS(MALFORMED, "entry", REGION(1)), TABLES_READ},
    {"a vhdx of no regions", &vhdx, WITH(BOTH(LE32, FIRST + 8, 0)), FAILS(UNSUPPORTED, "count", FIRST + 8, 0, 1, 32),
     TABLES_READ},
    {"a vhdx of 33 regions", &vhdx, WITH(BOTH(LE32, FIRST + 8, 33)),
     FAILS(UNSUPPORTED, "count", FIRST + 8, 33, 1, 32), TABLES_READ},
    {"a vhdx of 32 regions", &vhdx, WITH(BOTH(LE32, FIRST + 8, 32))},
    {"a vhdx of 2^16 + 2 regions", &vhdx, WITH(BOTH(LE32, FIRST + 8, 0x10002)),
     FAILS(UNSUPPORTED, "count", FIRST + 8, 0x10002, 1, 32), TABLES_READ},
    {"a vhdx with a region of zeros", &vhdx, WITH(BOTH(LE32, FIRST + 8, 3))},
    {"a vhdx without a block table", &vhdx, WITH(BOTH(BYTE, REGION(0), 0)), SAYS(MALFORMED, "region table", FIRST),
     TABLES_READ},
    {"a vhdx with a region of ones for its block table", &vhdx, WITH(BOTH(REPEAT, REGION(0), 16, "\xff")),
     SAYS(MALFORMED, "region table", FIRST), TABLES_READ},
    {"a vhdx whose block table is required", &vhdx, WITH(BOTH(LE32, REGION(0) + 28, 1))},
    {"a vhdx with a region of all flags", &vhdx, WITH(BOTH(LE32, REGION(0) + 28, 0xffffffff))},
    {"a vhdx with something behind its regions", &vhdx,
     WITH(BOTH(TEXT, REGION(2), "junk"), BOTH(LE32, REGION(2) + 28, 1))},
    {"a vhdx without a metadata region", &vhdx, WITH(BOTH(BYTE, REGION(1), 0)),
     SAYS(MALFORMED, "region table", FIRST), TABLES_READ},
    {"a vhdx whose metadata lie behind the file", &vhdx, WITH(BOTH(LE64, REGION(1) + 16, 0x400000)),
     FAILS(TRUNCATED, "signature", 0x400000, 0x400000, 0x400008, UNKNOWN), TABLES_READ},
    {"a vhdx whose metadata lie at 2^63", &vhdx, WITH(BOTH(LE64, REGION(1) + 16, UINT64_C(1) << 63)),
     FAILS(MALFORMED, "offset", REGION(1) + 16, UINT64_C(1) << 63, 0, INT64_MAX), TABLES_READ},
    {"a vhdx whose metadata lie over its block table's last byte", &vhdx,
     WITH(BOTH(LE64, REGION(0) + 16, METADATA - 0xfffff), LE32(65604, 1)), SAYS(MALFORMED, "offset", REGION(1) + 16),
     TABLES_READ},
    {"a vhdx whose block table's last byte lies in front of its metadata", &vhdx,
     WITH(BOTH(LE64, REGION(0) + 16, METADATA - 0x80000), BOTH(LE32, REGION(0) + 24, 0x80000), LE32(65604, 0x80000)),
     .whole = METADATA + 0x10000 + 36},
    {"a vhdx whose block table lies over its metadata's last byte", &vhdx,
     WITH(BOTH(LE64, REGION(0) + 16, METADATA + 0xfffff)), SAYS(MALFORMED, "offset", REGION(1) + 16), TABLES_READ},
    {"a vhdx whose log lies over its block table", &vhdx, WITH(LE32(65604, 0x200001)),
     SAYS(MALFORMED, "offset", REGION(0) + 16), TABLES_READ},
    {"a vhdx whose block table has too little room", &vhdx, WITH(BOTH(LE32, REGION(0) + 24, 32 * 8 - 1)),
     FAILS(MALFORMED, "length", REGION(0) + 24, 32 * 8 - 1, 32 * 8, UINT32_MAX), ITEMS_READ},
    {"a vhdx whose block table has just enough", &vhdx, WITH(BOTH(LE32, REGION(0) + 24, 32 * 8)),
     .whole = BLOCKS + 32 * 8},
    {"a vhdx with one sector more than its block table has room for", &vhdx,
     WITH(BOTH(LE32, REGION(0) + 24, 32 * 8), LE64(ITEMS + 8, (UINT64_C(1) << 30) + 512)),
     FAILS(MALFORMED, "length", REGION(0) + 24, 32 * 8, 33 * 8, UINT32_MAX), ITEMS_READ},
    {"a vhdx of a chunk, which needs no bitmap", &vhdx,
     WITH(BOTH(LE32, REGION(0) + 24, 128 * 8), LE64(ITEMS + 8, UINT64_C(1) << 32)), .virtual_size = UINT64_C(1) << 32,
     .whole = BLOCKS + 128 * 8},
    {"a vhdx of a chunk and a sector, whose block table lacks the bitmap's entry", &vhdx,
     WITH(BOTH(LE32, REGION(0) + 24, 129 * 8), LE64(ITEMS + 8, (UINT64_C(1) << 32) + 512)),
     FAILS(MALFORMED, "length", REGION(0) + 24, 129 * 8, 130 * 8, UINT32_MAX), ITEMS_READ},
    {"a vhdx that ends in its block table", &vhdx, .size = 0x3fffff,
     FAILS(TRUNCATED, "offset", REGION(0) + 16, 0x3fffff, 0x400000, UNKNOWN), ITEMS_READ},
    {"a vhdx whose block table lies at 2^62", &vhdx, WITH(BOTH(LE64, REGION(0) + 16, UINT64_C(1) << 62)),
     FAILS(TRUNCATED, "offset", REGION(0) + 16, 0x400000, (UINT64_C(1) << 62) + 0x100000, UNKNOWN), ITEMS_READ},
    {"a vhdx whose block table is longer than the file", &vhdx, WITH(BOTH(LE32, REGION(0) + 24, 0xffffffff)),
     FAILS(TRUNCATED, "offset", REGION(0) + 16, 0x400000, BLOCKS + UINT64_C(0xffffffff), UNKNOWN), ITEMS_READ},

/* items */
#define MORE_ITEMS(n) LE16(METADATA + 10, n)
    {"a vhdx with an unknown item that isn't required", &vhdx,
     WITH(MORE_ITEMS(6), TEXT(ENTRY(5), "anybody's"), LE32(ENTRY(5) + 24, 3))},
    {"a vhdx with an unknown item that is", &vhdx,
     WITH(MORE_ITEMS(6), TEXT(ENTRY(5), "anybody's"), LE32(ENTRY(5) + 24, 4)), SAYS(UNSUPPORTED, "entry", ENTRY(5)),
     ITEMS_READ},
    {"a vhdx with two sizes", &vhdx, WITH(MORE_ITEMS(6), TEXT(ENTRY(5), SIZE_GUID)),
     SAYS(MALFORMED, "entry", ENTRY(5)), ITEMS_READ},
    {"a vhdx whose metadata begin with n", &vhdx, WITH(BYTE(METADATA, 'n')), MORE(4, ITEMS_TABLE),
     FAILS(MALFORMED, "signature", METADATA, UINT64_C(0x617461646174656e), UINT64_C(0x617461646174656d),
           UINT64_C(0x617461646174656d))},
    {"a vhdx whose metadata begin with l", &vhdx, WITH(BYTE(METADATA, 'l')), MORE(4, ITEMS_TABLE),
     FAILS(MALFORMED, "signature", METADATA, UINT64_C(0x617461646174656c), UINT64_C(0x617461646174656d),
           UINT64_C(0x617461646174656d))},
#define NO_COUNT(number)                                                                                             \
    {                                                                                                                \
        "a vhdx of " #number " items", &vhdx, WITH(LE16(METADATA + 10, number)),                                     \
            FAILS(UNSUPPORTED, "count", METADATA + 10, number, 1, 32), MORE(4, ITEMS_TABLE)                          \
    }
    NO_COUNT(0),
    NO_COUNT(33),
    NO_COUNT(258),
    {"a vhdx of 32 items", &vhdx, WITH(MORE_ITEMS(32))},
    {"a vhdx with something behind its items", &vhdx, WITH(TEXT(ENTRY(5), "junk"), LE32(ENTRY(5) + 24, 4))},
    {"a vhdx with an item of ones", &vhdx, WITH(MORE_ITEMS(6), REPEAT(ENTRY(5), 16, "\xff"))},
    {"a vhdx with an item of all flags", &vhdx, WITH(LE32(ENTRY(0) + 24, 0xffffffff))},
    {"a vhdx with an item at 4 GiB", &vhdx, WITH(LE32(ENTRY(0) + 16, 0xffffffff)),
     FAILS(TRUNCATED, "block_size", 0x400000, 0x400000, METADATA + UINT64_C(0xffffffff) + 4, UNKNOWN),
     MORE(4, ITEMS_TABLE)},
    {"a vhdx with all flags of its parameters", &vhdx, WITH(LE32(ITEMS + 4, 0xffffffff)), ITEMS_READ,
     SAYS(MALFORMED, "parent locator", METADATA)},
    {"a vhdx that ends in its table of items", &vhdx, .size = ENTRY(0) + 20,
     FAILS(TRUNCATED, "length", ENTRY(0) + 20, ENTRY(0) + 20, ENTRY(0) + 24, UNKNOWN), TABLES_READ},
#define LACKS(i, name, reads, bytes)                                                                                 \
    {                                                                                                                \
        "a vhdx without its " name, &vhdx, WITH(BYTE(ENTRY(i), 0)), SAYS(MALFORMED, "metadata table", METADATA),     \
            MORE(reads, ITEMS_TABLE + (bytes))                                                                       \
    }
    LACKS(0, "file parameters", 6, 8 + 4),
    LACKS(1, "disk size", 6, 8 + 4),
    LACKS(2, "id", 7, 8 + 8 + 4),
    LACKS(3, "logical sector size", 6, 8 + 8),
    LACKS(4, "physical sector size", 7, 8 + 8 + 4),
    {"a vhdx with blocks of half a MiB", &vhdx, WITH(LE32(ITEMS, 0x80000)),
     FAILS(MALFORMED, "block_size", ITEMS, 0x80000, 0x100000, 0x10000000), MORE(5, ITEMS_TABLE + 8)},
    {"a vhdx with blocks of 3 MiB", &vhdx, WITH(LE32(ITEMS, 0x300000)), SAYS(MALFORMED, "block_size", ITEMS),
     MORE(5, ITEMS_TABLE + 8)},
    {"a vhdx with blocks of 1 MiB", &vhdx, WITH(LE32(ITEMS, 0x100000)), .cluster_size = 0x100000},
    {"a vhdx with blocks of 256 MiB", &vhdx, WITH(LE32(ITEMS, 0x10000000)), .cluster_size = 0x10000000},
    {"a vhdx with blocks of more than 256 MiB", &vhdx, WITH(LE32(ITEMS, 0x10000001)),
     FAILS(MALFORMED, "block_size", ITEMS, 0x10000001, 0x100000, 0x10000000), MORE(5, ITEMS_TABLE + 8)},
    {"a vhdx of no bytes", &vhdx, WITH(LE64(ITEMS + 8, 0)),
     FAILS(MALFORMED, "size", ITEMS + 8, 0, 512, UINT64_C(64) << 40), MORE(6, ITEMS_TABLE + 8 + 8)},
    {"a vhdx of 513 bytes", &vhdx, WITH(LE64(ITEMS + 8, 513)), SAYS(MALFORMED, "size", ITEMS + 8),
     MORE(6, ITEMS_TABLE + 8 + 8)},
    {"a vhdx of 64 TiB", &vhdx, WITH(LE64(ITEMS + 8, UINT64_C(64) << 40), BOTH(LE32, REGION(0) + 24, 2113535 * 8)),
     .virtual_size = UINT64_C(64) << 40, .size = 0x1400000, .whole = BLOCKS + 2113535 * 8},
    {"a vhdx of 64 TiB whose block table lacks an entry", &vhdx,
     WITH(LE64(ITEMS + 8, UINT64_C(64) << 40), BOTH(LE32, REGION(0) + 24, 2113534 * 8)), .size = 0x1400000,
     FAILS(MALFORMED, "length", REGION(0) + 24, 2113534 * 8, 2113535 * 8, UINT32_MAX), ITEMS_READ},
    {"a vhdx of more than 64 TiB", &vhdx, WITH(LE64(ITEMS + 8, (UINT64_C(64) << 40) + 1)),
     FAILS(MALFORMED, "size", ITEMS + 8, (UINT64_C(64) << 40) + 1, 512, UINT64_C(64) << 40),
     MORE(6, ITEMS_TABLE + 8 + 8)},
    {"a vhdx of sectors of 4,096 bytes", &vhdx, WITH(LE32(ITEMS + 32, 4096)),
     FAILS(UNSUPPORTED, "logical_sector_size", ITEMS + 32, 4096, 512, 512), ITEMS_READ},
    {"a vhdx of sectors of 511 bytes", &vhdx, WITH(LE32(ITEMS + 32, 511)),
     FAILS(UNSUPPORTED, "logical_sector_size", ITEMS + 32, 511, 512, 512), ITEMS_READ},

    /* parents: LOCATOR is 2162944 */
    {"a vhdx with a parent that no reader opens", &differencing, REFERS(RELATIVE_NAME, ABSOLUTE_NAME),
     IGNORED(2163098)},
    {"the same for Xen, which has no VHDX", &differencing, .reader = IMGPROBE_READER_XEN,
     REFERS(RELATIVE_NAME, ABSOLUTE_NAME), IGNORED(2163098)},
    {"a vhdx with a parent and no linkage", &differencing, REFERS(RELATIVE_NAME, ABSOLUTE_NAME), IGNORED(2163098),
     .attributes = {"!parent-linkage", "!parent-linkage2"}},
    {"a vhdx with another identity of its parent", &differencing,
     WITH(UTF16LE(LOCATOR + 200, "parent_linkage2"), PAIR(0, 200, 30, 106, 22)), REFERS(RELATIVE_NAME),
     IGNORED(2163098), .attributes = {"parent-linkage2=C:\\base.vhd", "!parent-linkage"}},
    {"a vhdx with its parent's volume path", &differencing,
     WITH(UTF16LE(LOCATOR + 200, "volume_path"), PAIR(0, 200, 22, 106, 22)), IGNORED(2163098),
     REFERS(RELATIVE_NAME, NAME_OF("volume_path", "C:\\base.vhd", LOCATOR + 106))},
    {"a vhdx with a name and its final NUL", &differencing,
     WITH(UTF16LE(LOCATOR + 200, "C:\\base.vhd\0"), PAIR(0, 68, 38, 200, 24)), IGNORED(2163098),
     REFERS(RELATIVE_NAME,
            {NAMED(BACKING, "C:\\base.vhd", LOCATOR + 200), .implied = "vhdx", .type = "absolute_win32_path",
             .encoding = "UTF-16LE", .stored = 24, .ignored = true, .candidate = true, .windows = true})},
    {"a vhdx with a name of letters whose low byte is 0", &differencing,
     WITH(TEXT(LOCATOR + 200, "a\0\0\1\0\1b\0"), PAIR(0, 68, 38, 200, 8)), IGNORED(2163098),
     REFERS(RELATIVE_NAME, {NAMED(BACKING,
                                  "a\xc4\x80\xc4\x80"
                                  "b",
                                  LOCATOR + 200),
                            .implied = "vhdx", .type = "absolute_win32_path", .encoding = "UTF-16LE", .stored = 8,
                            .ignored = true, .candidate = true, .windows = true})},
    {"a vhdx with a name of nothing at the locator's start", &differencing, WITH(PAIR(0, 68, 38, 0, 0)),
     REFERS(RELATIVE_NAME), IGNORED(2163098)},
    {"a vhdx with a locator of 32 KiB", &differencing, WITH(LE32(ENTRY(5) + 20, 32768)),
     REFERS(RELATIVE_NAME, ABSOLUTE_NAME), IGNORED(2163098), .whole = 0x400000, LOCATOR_READ(32768)},
    {"a vhdx with a locator and no flag", &differencing, WITH(LE32(ITEMS + 4, 0)),
     REFERS(RELATIVE_NAME, ABSOLUTE_NAME), IGNORED(2163098)},
    {"a vhdx with its parent's identity", &differencing,
     WITH(UTF16LE(LOCATOR + 68, "parent_linkage"), PAIR(0, 68, 28, 106, 22)), REFERS(RELATIVE_NAME), IGNORED(2163098),
     .attributes = {"parent-linkage=C:\\base.vhd"}},
    {"a vhdx with its parent's identity alone", &differencing,
     WITH(LE16(LOCATOR + 18, 1), UTF16LE(LOCATOR + 68, "parent_linkage"), PAIR(0, 68, 28, 106, 22)),
     SAYS(MALFORMED, "parent locator", LOCATOR), READ_ALL},
    {"a vhdx with a locator of no entries", &differencing, WITH(LE16(LOCATOR + 18, 0)),
     SAYS(MALFORMED, "parent locator", LOCATOR), READ_ALL},
    {"a vhdx with a name of nothing and another", &differencing, WITH(LE16(KEY_AT(1) + 10, 0)), REFERS(ABSOLUTE_NAME),
     IGNORED(2163050)},
    {"a vhdx with a NUL behind a name's first letter", &differencing, WITH(UTF16LE(LOCATOR + 106, "C\0\\base.vhd")),
     SAYS(MALFORMED, "parent locator value", LOCATOR + 106), READ_ALL},
    {"a vhdx with a key at the locator's start", &differencing, WITH(PAIR(0, 0, 16, 106, 22)),
     SAYS(UNSUPPORTED, "parent locator key", LOCATOR), READ_ALL},
    {"a vhdx with a key at 2^16", &differencing, WITH(LE32(KEY_AT(0), 0x10044)),
     SAYS(MALFORMED, "parent locator entry", KEY_AT(0)), READ_ALL},
    {"a vhdx with a value at 2^16", &differencing, WITH(LE32(KEY_AT(0) + 4, 0x1006a)),
     SAYS(MALFORMED, "parent locator entry", KEY_AT(0)), READ_ALL},
    {"a vhdx with a value at 2^32 - 1", &differencing, WITH(LE32(KEY_AT(0) + 4, 0xffffffff)),
     SAYS(MALFORMED, "parent locator entry", KEY_AT(0)), READ_ALL},
    {"a vhdx with a value of 256 bytes more", &differencing, WITH(LE16(KEY_AT(0) + 10, 278)),
     SAYS(MALFORMED, "parent locator entry", KEY_AT(0)), READ_ALL},
    {"a vhdx with a value of 65,535 bytes", &differencing, WITH(LE16(KEY_AT(0) + 10, 65535)),
     SAYS(MALFORMED, "parent locator entry", KEY_AT(0)), READ_ALL},
    {"a vhdx with a key of 256 bytes more", &differencing, WITH(LE16(KEY_AT(0) + 8, 294)),
     FAILS(UNSUPPORTED, "key_length", KEY_AT(0) + 8, 294, 2, 64), READ_ALL},
    {"a vhdx with a key and half a character", &differencing, WITH(LE16(KEY_AT(0) + 8, 37)),
     SAYS(MALFORMED, "parent locator entry", KEY_AT(0)), READ_ALL},
#define OTHER_TYPE(byte, number)                                                                                     \
    {                                                                                                                \
        "a vhdx with a locator of the type " #number, &differencing, WITH(BYTE(LOCATOR + 8, byte)), READ_ALL,        \
            FAILS(UNSUPPORTED, "type_high", LOCATOR + 8, UINT64_C(number), UINT64_C(0x135944e9b82589b7),             \
                  UINT64_C(0x135944e9b82589b7))                                                                      \
    }
    OTHER_TYPE(0xb6, 0x135944e9b82589b6),
    OTHER_TYPE(0xb8, 0x135944e9b82589b8),
    {"a vhdx with 258 entries", &differencing, WITH(LE16(LOCATOR + 18, 258)),
     FAILS(UNSUPPORTED, "count", LOCATOR + 18, 258, 0, 32), READ_ALL},
    {"a vhdx with a locator of its head alone", &differencing, WITH(LE32(ENTRY(5) + 20, 20), LE16(LOCATOR + 18, 0)),
     SAYS(MALFORMED, "parent locator", LOCATOR), LOCATOR_READ(20)},
    {"a vhdx with a locator of its entries alone", &differencing, WITH(LE32(ENTRY(5) + 20, 44)),
     SAYS(MALFORMED, "parent locator entry", KEY_AT(0)), LOCATOR_READ(44)},
    {"a vhdx with an unknown key", &differencing, WITH(UTF16LE(LOCATOR + 68, "A")),
     SAYS(UNSUPPORTED, "parent locator key", LOCATOR + 68), READ_ALL},
    {"a vhdx with a key twice", &differencing, WITH(PAIR(1, 68, 38, 106, 22)),
     SAYS(MALFORMED, "parent locator key", LOCATOR + 68), READ_ALL},
    {"a vhdx with a key of 66 bytes", &differencing, WITH(LE16(KEY_AT(0) + 8, 66)),
     FAILS(UNSUPPORTED, "key_length", KEY_AT(0) + 8, 66, 2, 64), READ_ALL},
    {"a vhdx with a key of no bytes", &differencing, WITH(LE16(KEY_AT(0) + 8, 0)),
     FAILS(UNSUPPORTED, "key_length", KEY_AT(0) + 8, 0, 2, 64), READ_ALL},
    {"a vhdx with a key that leads out", &differencing, WITH(LE32(KEY_AT(0), 0xffffffff)),
     SAYS(MALFORMED, "parent locator entry", KEY_AT(0)), READ_ALL},
    {"a vhdx with a value that leads out", &differencing, WITH(LE32(KEY_AT(0) + 4, LOCATOR_LENGTH - 20)),
     SAYS(MALFORMED, "parent locator entry", KEY_AT(0)), READ_ALL},
    {"a vhdx with half a character", &differencing, WITH(LE16(KEY_AT(0) + 10, 21)),
     SAYS(MALFORMED, "parent locator entry", KEY_AT(0)), READ_ALL},
    {"a vhdx with a name that goes on behind a NUL", &differencing, WITH(LE16(LOCATOR + 110, 0)),
     SAYS(MALFORMED, "parent locator value", LOCATOR + 106), READ_ALL},
    {"a vhdx with another kind of locator", &differencing, WITH(BYTE(LOCATOR, 0)), READ_ALL,
     FAILS(UNSUPPORTED, "type_low", LOCATOR, UINT64_C(0x4a81d19eb04aef00), UINT64_C(0x4a81d19eb04aefb7),
           UINT64_C(0x4a81d19eb04aefb7))},
    {"a vhdx with 33 entries", &differencing, WITH(LE16(LOCATOR + 18, 33)),
     FAILS(UNSUPPORTED, "count", LOCATOR + 18, 33, 0, 32), READ_ALL},
    {"a vhdx with more entries than fit", &differencing, WITH(LE16(LOCATOR + 18, 20)),
     FAILS(MALFORMED, "count", LOCATOR + 18, 20, 0, 19), READ_ALL},
    {"a vhdx with a locator of 19 bytes", &differencing, WITH(LE32(ENTRY(5) + 20, 19)),
     FAILS(UNSUPPORTED, "parent locator length", ENTRY(5) + 20, 19, 20, 32768), ITEMS_READ},
    {"a vhdx with a locator of 4 GiB", &differencing, WITH(LE32(ENTRY(5) + 20, 0xffffffff)),
     FAILS(UNSUPPORTED, "parent locator length", ENTRY(5) + 20, 0xffffffff, 20, 32768), ITEMS_READ},
    {"a vhdx with a locator behind the file", &differencing, WITH(LE32(ENTRY(5) + 16, 0x1fff80)),
     FAILS(TRUNCATED, "parent locator", 0x3fff80, 0x400000, 0x400080, UNKNOWN), ITEMS_READ},
};

int main(void)
{
    return run_cases("vhdx", cases, IP_COUNT(cases));
}
