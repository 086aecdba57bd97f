/* SPDX-License-Identifier: MIT */
/* VHDX: sizes, the log, and the names of a parent. */
#include "probe-loops.h"

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
    .variant = "dynamic",
    .virtual_size = UINT64_C(1) << 30,
    .cluster_size = 0x2000000,
    .more_reads = 6,
    .more_bytes = HEADERS + REGIONS + ITEMS_TABLE + 8 + 8,
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
    .patches = {LE32(ITEMS + 4, 2), LE16(METADATA + 10, 3), TEXT(ENTRY(2), LOCATOR_GUID),
                LE32(ENTRY(2) + 16, 0x10100), LE32(ENTRY(2) + 20, LOCATOR_LENGTH), LE32(ENTRY(2) + 24, 4),
                TEXT(LOCATOR, LOCATOR_TYPE), LE16(LOCATOR + 18, 2), PAIR(0, 68, 38, 106, 22),
                PAIR(1, 128, 26, 154, 16), UTF16LE(LOCATOR + 68, "absolute_win32_path"),
                UTF16LE(LOCATOR + 106, "C:\\base.vhd"), UTF16LE(LOCATOR + 128, "relative_path"),
                UTF16LE(LOCATOR + 154, "base.vhd")},
    .size = 0x400000,
    .whole = LOCATOR + LOCATOR_LENGTH,
    .magic = 8,
    .format = "vhdx",
    .variant = "differencing",
    .virtual_size = UINT64_C(1) << 30,
    .cluster_size = 0x2000000,
    .more_reads = 7,
    .more_bytes = HEADERS + 2112 + LOCATOR_LENGTH,
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
#define READ_ALL MORE(7, HEADERS + 2112 + LOCATOR_LENGTH)

static const struct probe_case cases[] = {
    {"another byte in the magic of vhdx is damage when pinned", &vhdx, WITH(TEXT(0, "vhdxfilE")), .format = "vhdx",
     SAYS(MALFORMED, "magic", 0)},
    {"vhdx and vdi are ambiguous", &vhdx, WITH(TEXT(64, "\x7f\x10\xda\xbe")), .is = "", SAYS(AMBIGUOUS, "format", 0)},
    {"a vhdx of 1 GiB refers to nothing", &vhdx, .format = NULL},
    {"a vhdx, pinned", &vhdx, .format = "vhdx"},
    {"a vhdx whose log isn't empty can't be told", &vhdx, WITH(BYTE(65584, 1)), SAYS(UNSUPPORTED, "log", 65536),
     MORE(2, HEADERS)},
    {"a vhdx whose newer header has a log", &vhdx, WITH(TEXT(131072, "head"), BYTE(131080, 9), BYTE(131135, 1)),
     SAYS(UNSUPPORTED, "log", 65536), MORE(2, HEADERS)},
    {"a vhdx whose older header had a log", &vhdx, WITH(TEXT(131072, "head"), BYTE(131080, 9), BYTE(65584, 1))},
    {"a vhdx whose log's id has the byte 7 alone", &vhdx, WITH(BYTE(65591, 1)), SAYS(UNSUPPORTED, "log", 65536),
     MORE(2, HEADERS)},
    {"a vhdx whose log's id has a first half of ones", &vhdx, WITH(LE64(65584, UINT64_MAX)),
     SAYS(UNSUPPORTED, "log", 65536), MORE(2, HEADERS)},
    {"a vhdx whose log's id has a last half of ones", &vhdx, WITH(LE64(65592, UINT64_MAX)),
     SAYS(UNSUPPORTED, "log", 65536), MORE(2, HEADERS)},
#define SECOND(sequence) TEXT(131072, "head"), LE64(131080, sequence), BYTE(131135, 1)
#define NEWER(sequence)                                                                                              \
    {                                                                                                                \
        "a vhdx whose newer header of sequence " #sequence " has a log", &vhdx, WITH(SECOND(sequence)),              \
            SAYS(UNSUPPORTED, "log", 65536), MORE(2, HEADERS)                                                        \
    }
    NEWER(256),
    NEWER(UINT64_C(1) << 32),
    NEWER(UINT64_C(1) << 56),
    NEWER(UINT64_MAX),
    {"a vhdx whose second header is older and had a log", &vhdx, WITH(SECOND(7))},
    {"a vhdx whose second header is as old and has a log", &vhdx, WITH(SECOND(8)), SAYS(UNSUPPORTED, "log", 65536),
     MORE(2, HEADERS)},
    {"a vhdx whose second header is as old and has none, which the first has", &vhdx,
     WITH(SECOND(8), BYTE(131135, 0), BYTE(65584, 1)), SAYS(UNSUPPORTED, "log", 65536), MORE(2, HEADERS)},
    {"a vhdx whose second header is the same", &vhdx, WITH(SECOND(8), BYTE(131135, 0))},
    {"a vhdx whose second header is none", &vhdx, WITH(SECOND(9), LE32(131072, 0xffffffff))},
    {"a vhdx with its second header alone", &vhdx, WITH(BYTE(65536, 'H'), BYTE(65584, 1), TEXT(131072, "head"))},
    {"a vhdx without a header", &vhdx, WITH(BYTE(65536, 'H')),
     FAILS(MALFORMED, "header signature", 65536, 0, 0x64616568, 0x64616568), MORE(2, HEADERS)},
    {"a vhdx with the parent's flag and no name", &vhdx, WITH(LE32(ITEMS + 4, 2)), MORE(6, HEADERS + 2112),
     SAYS(MALFORMED, "parent locator", METADATA)},
    {"a vhdx with blocks allocated in advance", &vhdx, WITH(LE32(ITEMS + 4, 1)), .variant = "fixed"},
    {"a vhdx with an unknown region that isn't required", &vhdx, WITH(BYTE(196624, 0))},
    {"a vhdx with an unknown region that is", &vhdx, WITH(BYTE(196624, 0), BYTE(196652, 1)),
     SAYS(UNSUPPORTED, "entry", 196624), MORE(3, HEADERS + REGIONS)},
    {"a vhdx with two metadata regions", &vhdx, WITH(TEXT(196624, METADATA_GUID)), SAYS(MALFORMED, "entry", 196656),
     MORE(3, HEADERS + REGIONS)},
    {"a vhdx with an unknown item that isn't required", &vhdx,
     WITH(LE16(METADATA + 10, 3), TEXT(ENTRY(2), "anybody's"), LE32(ENTRY(2) + 24, 3))},
    {"a vhdx with an unknown item that is", &vhdx,
     WITH(LE16(METADATA + 10, 3), TEXT(ENTRY(2), "anybody's"), LE32(ENTRY(2) + 24, 4)),
     SAYS(UNSUPPORTED, "entry", ENTRY(2)), MORE(6, HEADERS + 2112)},
    {"a vhdx with two sizes", &vhdx, WITH(LE16(METADATA + 10, 3), TEXT(ENTRY(2), SIZE_GUID)),
     SAYS(MALFORMED, "entry", ENTRY(2)), MORE(6, HEADERS + 2112)},
    {"a vhdx without its region table", &vhdx, WITH(BYTE(196608, 'R')),
     FAILS(MALFORMED, "signature", 196608, 0x69676552, 0x69676572, 0x69676572), MORE(3, HEADERS + REGIONS)},
    {"a vhdx of no regions", &vhdx, WITH(LE32(196616, 0)), FAILS(UNSUPPORTED, "count", 196616, 0, 1, 32),
     MORE(3, HEADERS + REGIONS)},
    {"a vhdx of 33 regions", &vhdx, WITH(LE32(196616, 33)), FAILS(UNSUPPORTED, "count", 196616, 33, 1, 32),
     MORE(3, HEADERS + REGIONS)},
    {"a vhdx of 2^16 + 2 regions", &vhdx, WITH(LE32(196616, 0x10002)),
     FAILS(UNSUPPORTED, "count", 196616, 0x10002, 1, 32), MORE(3, HEADERS + REGIONS)},
    {"a vhdx with a region of zeros", &vhdx, WITH(LE32(196616, 3))},
    {"a vhdx with a region of ones", &vhdx, WITH(REPEAT(196624, 16, "\xff"))},
    {"a vhdx whose block table is required", &vhdx, WITH(LE32(196652, 1))},
    {"a vhdx with a region of all flags", &vhdx, WITH(LE32(196652, 0xffffffff))},
    {"a vhdx with something behind its regions", &vhdx, WITH(TEXT(196688, "junk"), LE32(196716, 1))},
    {"a vhdx whose metadata begin with n", &vhdx, WITH(BYTE(METADATA, 'n')), MORE(4, HEADERS + REGIONS + ITEMS_TABLE),
     FAILS(MALFORMED, "signature", METADATA, UINT64_C(0x617461646174656e), UINT64_C(0x617461646174656d),
           UINT64_C(0x617461646174656d))},
    {"a vhdx whose metadata begin with l", &vhdx, WITH(BYTE(METADATA, 'l')), MORE(4, HEADERS + REGIONS + ITEMS_TABLE),
     FAILS(MALFORMED, "signature", METADATA, UINT64_C(0x617461646174656c), UINT64_C(0x617461646174656d),
           UINT64_C(0x617461646174656d))},
#define NO_COUNT(number)                                                                                             \
    {                                                                                                                \
        "a vhdx of " #number " items", &vhdx, WITH(LE16(METADATA + 10, number)),                                     \
            FAILS(UNSUPPORTED, "count", METADATA + 10, number, 1, 32), MORE(4, HEADERS + REGIONS + ITEMS_TABLE)      \
    }
    NO_COUNT(0),
    NO_COUNT(33),
    NO_COUNT(258),
    {"a vhdx of 1 item", &vhdx, WITH(LE16(METADATA + 10, 1)), SAYS(MALFORMED, "metadata table", METADATA),
     MORE(5, HEADERS + 2104)},
    {"a vhdx of 32 items", &vhdx, WITH(LE16(METADATA + 10, 32))},
    {"a vhdx with something behind its items", &vhdx, WITH(TEXT(ENTRY(2), "junk"), LE32(ENTRY(2) + 24, 4))},
#define ITEM(name, guid)                                                                                             \
    {                                                                                                                \
        "a vhdx with its " name, &vhdx, WITH(LE16(METADATA + 10, 3), TEXT(ENTRY(2), guid), LE32(ENTRY(2) + 24, 4))   \
    }
    ITEM("page 83 data", "\xab\x12\xca\xbe\xe6\xb2\x23\x45\x93\xef\xc3\x09\xe0\x00\xc7\x46"),
    ITEM("logical sector size", "\x1d\xbf\x41\x81\x6f\xa9\x09\x47\xba\x47\xf2\x33\xa8\xfa\xab\x5f"),
    ITEM("physical sector size", "\xc7\x48\xa3\xcd\x5d\x44\x71\x44\x9c\xc9\xe9\x88\x52\x51\xc5\x56"),
    {"a vhdx with an item of ones", &vhdx, WITH(LE16(METADATA + 10, 3), REPEAT(ENTRY(2), 16, "\xff"))},
    {"a vhdx with an item of all flags", &vhdx, WITH(LE32(ENTRY(0) + 24, 0xffffffff))},
    {"a vhdx with an item at 4 GiB", &vhdx, WITH(LE32(ENTRY(0) + 16, 0xffffffff)),
     FAILS(TRUNCATED, "block_size", 0x400000, 0x400000, METADATA + UINT64_C(0xffffffff) + 4, UNKNOWN),
     MORE(4, HEADERS + REGIONS + ITEMS_TABLE)},
    {"a vhdx with all flags of its parameters", &vhdx, WITH(LE32(ITEMS + 4, 0xffffffff)), MORE(6, HEADERS + 2112),
     SAYS(MALFORMED, "parent locator", METADATA)},
    {"a vhdx that ends in its table of items", &vhdx, .size = ENTRY(0) + 20,
     FAILS(TRUNCATED, "length", ENTRY(0) + 20, ENTRY(0) + 20, ENTRY(0) + 24, UNKNOWN), MORE(3, HEADERS + REGIONS)},
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
    {"a vhdx with a locator of 32 KiB", &differencing, WITH(LE32(ENTRY(2) + 20, 32768)),
     REFERS(RELATIVE_NAME, ABSOLUTE_NAME), IGNORED(2163098), .whole = LOCATOR + 32768,
     MORE(7, HEADERS + 2112 + 32768)},
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
    {"a vhdx with a locator of its head alone", &differencing, WITH(LE32(ENTRY(2) + 20, 20), LE16(LOCATOR + 18, 0)),
     SAYS(MALFORMED, "parent locator", LOCATOR), MORE(7, HEADERS + 2112 + 20)},
    {"a vhdx with a locator of its entries alone", &differencing, WITH(LE32(ENTRY(2) + 20, 44)),
     SAYS(MALFORMED, "parent locator entry", KEY_AT(0)), MORE(7, HEADERS + 2112 + 44)},
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
    {"a vhdx with a locator of 19 bytes", &differencing, WITH(LE32(ENTRY(2) + 20, 19)),
     FAILS(UNSUPPORTED, "parent locator length", ENTRY(2) + 20, 19, 20, 32768), MORE(6, HEADERS + 2112)},
    {"a vhdx with a locator of 4 GiB", &differencing, WITH(LE32(ENTRY(2) + 20, 0xffffffff)),
     FAILS(UNSUPPORTED, "parent locator length", ENTRY(2) + 20, 0xffffffff, 20, 32768), MORE(6, HEADERS + 2112)},
    {"a vhdx with a locator behind the file", &differencing, WITH(LE32(ENTRY(2) + 16, 0x1fff80)),
     FAILS(TRUNCATED, "parent locator", 0x3fff80, 0x400000, 0x400080, UNKNOWN), MORE(6, HEADERS + 2112)},
};

int main(void)
{
    return run_cases("vhdx", cases, IP_COUNT(cases));
}
