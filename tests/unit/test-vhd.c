/* SPDX-License-Identifier: MIT */
/* VHD: footers and what they must agree on, whose size counts, the dynamic header, and every name of a parent. */
#include "probe-loops.h"

#define GIB (UINT64_C(1) << 30)
#define MIB (UINT64_C(1) << 20)
#define ID "\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10"
#define XEN .reader = IMGPROBE_READER_XEN
#define MOST_BYTES (UINT64_C(0xff000000) * 512)

#define FOOTER_SUM(at) SUM(at, 512, (at) + 64)
#define FOOTER(at, type, creator, bytes, data_offset, cylinders, heads, sectors)                                     \
    TEXT(at, "conectix\0\0\0\2\0\1\0\0"), BE64((at) + 16, data_offset), TEXT((at) + 28, creator),                    \
        BE64((at) + 40, bytes), BE64((at) + 48, bytes), BE16((at) + 56, cylinders), BYTE((at) + 58, heads),          \
        BYTE((at) + 59, sectors), BE32((at) + 60, type), TEXT((at) + 68, ID), FOOTER_SUM(at)
#define HEADER_SUM(at) SUM(at, 1024, (at) + 36)
#define HEADER(at, table, entries, block)                                                                            \
    TEXT(at, "cxsparse"), BE64((at) + 8, UINT64_MAX), BE64((at) + 16, table), BE32((at) + 24, 0x10000),              \
        BE32((at) + 28, entries), BE32((at) + 32, block), HEADER_SUM(at)

/* Both footers changed alike. */
#define END 3584
#define BOTH(patch, at, value) patch(at, value), FOOTER_SUM(0), patch(END + (at), value), FOOTER_SUM(END)

static const struct base dynamic = {
    .patches = {FOOTER(0, 3, "win ", GIB, 512, 2080, 16, 63), HEADER(512, 1536, 512, 0x200000),
                REPEAT(1536, 2048, "\xff"), FOOTER(END, 3, "win ", GIB, 512, 2080, 16, 63)},
    .size = END + 512,
    .whole = END,
    .magic = 8,
    .format = "vhd",
    .variant = "dynamic",
    .virtual_size = GIB,
    .cluster_size = 0x200000,
};
#define BY_GEOMETRY (UINT64_C(2080) * 16 * 63 * 512)
static const struct base fixed = {
    .patches = {TEXT(0, "data"), FOOTER(MIB, 2, "win ", MIB, UINT64_MAX, 30, 4, 17)},
    .size = MIB + 512,
    .whole = MIB + 511, /* its footer's last byte is 0, as a footer of 511 bytes has it */
    .magic = MIB + 512,
    .format = "vhd",
    .variant = "fixed",
    .virtual_size = MIB,
};

#define LOCATOR_AT(i) (512 + 576 + 24 * (i))
#define LOCATOR(i, code, length, offset)                                                                             \
    TEXT(LOCATOR_AT(i), code), BE32(LOCATOR_AT(i) + 4, 512), BE32(LOCATOR_AT(i) + 8, length),                        \
        BE64(LOCATOR_AT(i) + 16, offset)
#define CHILD_END 5120
#define NO_DATA REPEAT(END, 512, "\0")
/* A parent by its id alone: rows add the names. */
static const struct base child = {
    .from = &dynamic,
    .patches = {NO_DATA, BE32(60, 4), FOOTER_SUM(0), FOOTER(CHILD_END, 4, "win ", GIB, 512, 2080, 16, 63),
                TEXT(512 + 40, ID), HEADER_SUM(512)},
    .size = CHILD_END + 512,
    .whole = END,
    .magic = 8,
    .format = "vhd",
    .variant = "differencing",
    .virtual_size = GIB,
    .cluster_size = 0x200000,
};
/* As Hyper-V writes one, and a URL besides. */
static const struct base differencing = {
    .from = &child,
    .patches = {LOCATOR(0, "W2ku", 2 * 11, 3584), LOCATOR(1, "W2ru", 2 * 10, 4096), LOCATOR(2, "MacX", 15, 4608),
                UTF16LE(3584, "C:\\base.vhd"), UTF16LE(4096, ".\\base.vhd"), TEXT(4608, "file://base.vhd"),
                UTF16BE(512 + 64, "base.vhd"), HEADER_SUM(512)},
    .size = CHILD_END + 512,
    .whole = 4623,
    .magic = 8,
    .format = "vhd",
    .variant = "differencing",
    .virtual_size = GIB,
    .cluster_size = 0x200000,
};

#define NAME(word, string, at, skip)                                                                                 \
    NAMED(BACKING, string, at), .type = (word), .implied = "vhd", .candidate = true, .ignored = (skip)
#define WIDE(word, string, at, skip)                                                                                 \
    NAME(word, string, at, skip), .windows = true, .encoding = "UTF-16LE", .stored = 2 * (sizeof(string) - 1)
#define OF_HEADER(string, skip)                                                                                      \
    NAME("header", string, 576, skip), .windows = true, .encoding = "UTF-16BE", .stored = 512
#define ALL_NAMES(skip)                                                                                              \
    REFERS({WIDE("W2ku", "C:\\base.vhd", 3584, skip)}, {WIDE("W2ru", ".\\base.vhd", 4096, skip)},                    \
           {NAME("MacX", "file://base.vhd", 4608, skip)}, {OF_HEADER("base.vhd", skip)})
#define IGNORED(at) .findings = {"reference-ignored-by-reader@" at}

static const struct probe_case footer_cases[] = {
    {"a dynamic image refers to nothing", &dynamic, .identity = "0123456789abcdeffedcba9876543210", .parent = "",
     .attributes = {"creator-application=win ", "size-by-geometry=1073479680", "size-by-field=1073741824",
                    "unique-id=01234567-89ab-cdef-fedc-ba9876543210"}},
    {"a dynamic image, pinned by our word", &dynamic, .format = "vhd"},
    {"a dynamic image, pinned by QEMU's word", &dynamic, .format = "vpc"},
    {"a dynamic image under Xen", &dynamic, XEN},
    {"pinned vhd of something else", &dynamic, WITH(BYTE(0, 'C'), BYTE(END, 'C')), .format = "vhd",
     SAYS(MALFORMED, "cookie", 0)},
    {"pinned vhd of an empty file is truncated", &dynamic, .size = ZERO, .format = "vhd",
     FAILS(TRUNCATED, "cookie", 0, 0, 8, UNKNOWN)},
    {"pinned vhd of seven bytes is truncated", &dynamic, .size = 7, .format = "vhd",
     FAILS(TRUNCATED, "cookie", 0, 7, 8, UNKNOWN)},
    {"a file that ends inside the footer's copy", &dynamic, .size = 510,
     FAILS(TRUNCATED, "footer", 0, 510, 512, UNKNOWN)},

    {"a file that ends before the last byte of the footer's copy", &dynamic, .size = 511,
     FAILS(TRUNCATED, "footer", 0, 511, 512, UNKNOWN)},

    /* the footer's fields */
    {"another byte at the end of a cookie is another file", &dynamic, WITH(BYTE(7, 'y'), BYTE(END + 7, 'y')),
     .is = "raw", .variant = "", .whole = ZERO, .virtual_size = END + 512, .cluster_size = ZERO},
    {"data_offset 0", &dynamic, WITH(BOTH(BE64, 16, 0)),
     FAILS(MALFORMED, "cookie", 0, 0x636f6e6563746978, 0x6378737061727365, 0x6378737061727365)},
    {"data_offset at the footer", &dynamic, WITH(BOTH(BE64, 16, END)),
     FAILS(TRUNCATED, "dynamic header", END, 4096, 4608, UNKNOWN), .findings = {"footers-disagree@4096"}},
    {"a creator of zeros", &dynamic, WITH(BOTH(BE32, 28, 0)), .virtual_size = GIB, .findings = {"sizes-disagree@48"}},
    {"a creator of ones", &dynamic, WITH(BOTH(BE32, 28, 0xffffffff)), .virtual_size = GIB,
     .findings = {"sizes-disagree@48"}},
    {"no cylinders", &dynamic, WITH(BOTH(BE16, 56, 0)), .attributes = {"size-by-geometry=0"}},
    {"no heads", &dynamic, WITH(BOTH(BYTE, 58, 0)), .attributes = {"size-by-geometry=0"}},
    {"255 heads", &dynamic, WITH(BOTH(BYTE, 58, 255)), .attributes = {"size-by-geometry=17108582400"}},
    {"no sectors", &dynamic, WITH(BOTH(BYTE, 59, 0)), .attributes = {"size-by-geometry=0"}},
    {"a checksum of zeros", &dynamic, WITH(BE32(64, 0), BYTE(510, 0)),
     FAILS(MALFORMED, "checksum", 64, 0, 0xfffff23d, 0xfffff23d)},
    {"a checksum of ones", &dynamic, WITH(BE32(64, 0xffffffff), BYTE(510, 0)),
     FAILS(MALFORMED, "checksum", 64, 0xffffffff, 0xfffff23d, 0xfffff23d)},
    {"a table over the footer's copy", &dynamic, WITH(BE64(512 + 16, 0), HEADER_SUM(512)),
     SAYS(MALFORMED, "table_offset", 528)},
    {"a table over the last byte of the header", &dynamic, WITH(BE64(512 + 16, 1535), HEADER_SUM(512)),
     SAYS(MALFORMED, "table_offset", 528)},
    {"a table over the footer", &dynamic, WITH(BE64(512 + 16, END + 1 - 2048), HEADER_SUM(512)),
     SAYS(MALFORMED, "table_offset", 528)},
    {"a table that ends the file, which has no footer there", &dynamic,
     WITH(TEXT(END, "none"), BE64(512 + 16, END + 512 - 2048), HEADER_SUM(512)), .whole = END + 512,
     .findings = {"footers-disagree@4096"}},
    {"a dynamic header's checksum of zeros", &dynamic, WITH(BE32(512 + 36, 0)), .findings = {"checksum-wrong@548"}},
    {"a dynamic header's checksum of ones", &dynamic, WITH(BE32(512 + 36, 0xffffffff)),
     .findings = {"checksum-wrong@548"}},
    {"a sector more than the blocks hold", &dynamic, WITH(BOTH(BE64, 48, GIB + 512)),
     FAILS(MALFORMED, "max_table_entries", 540, 512, 513, 0x1fffffff)},
    {"fixed, pinned, and larger than the file", &fixed, WITH(BE64(MIB + 48, MIB + 1), FOOTER_SUM(MIB)),
     .format = "vhd", FAILS(TRUNCATED, "current_size", MIB + 48, MIB + 512, MIB + 1, UNKNOWN)},
    {"fixed, with a disc in front of its footer", &fixed, WITH(TEXT(32769, "CD001\1")), .format = "vhd"},
    {"fixed, with a disc of UDF in front of its footer", &fixed, WITH(TEXT(32769, "BEA01\1")), .format = "vhd"},
    {"fixed, with a dmg's trailer in front of its footer", &fixed, WITH(TEXT(MIB - 400, "koly\0\0\0\4")),
     .format = "vhd", .also = "dmg", .findings = {"trailer-also-matches@1048576"}},
    {"fixed, and its footer's last byte counts", &fixed, WITH(BYTE(MIB + 511, 9), FOOTER_SUM(MIB)), .format = "vhd",
     .whole = MIB + 512},
    {"fixed, and features don't count", &fixed, WITH(BE32(MIB + 8, 0xffffffff), FOOTER_SUM(MIB)), .is = "",
     SAYS(AMBIGUOUS, "format", MIB)},
    {"fixed, of 511 bytes, and features don't count", &fixed, WITH(BE32(MIB + 8, 0xffffffff), FOOTER_SUM(MIB)),
     .size = MIB + 511, .is = "", SAYS(AMBIGUOUS, "format", MIB)},
    {"fixed, with another byte at the end of its cookie", &fixed, WITH(BYTE(MIB + 7, 'y'), FOOTER_SUM(MIB)),
     .is = "raw", .variant = "", .virtual_size = MIB + 512, .whole = ZERO},
    {"fixed, of 511 bytes, with another byte at the end of its cookie", &fixed,
     WITH(BYTE(MIB + 7, 'y'), FOOTER_SUM(MIB)), .size = MIB + 511, .is = "raw", .variant = "",
     .virtual_size = MIB + 512, .whole = ZERO},
    {"fixed, pinned, with a cookie at the end of a file of no whole sectors", &fixed,
     WITH(TEXT(MIB + 512, "conectix")), .size = MIB + 612, .format = "vhd", SAYS(MALFORMED, "cookie", 0)},
    {"features, timestamp, creator version and host, saved state are ignored", &dynamic,
     WITH(BE32(8, 0xffffffff), BE32(24, 7), TEXT(32, "\1\2\3\4Mac "), BYTE(84, 1), BYTE(511, 9), FOOTER_SUM(0),
          BE32(END + 24, 8), FOOTER_SUM(END))},
    {"version 1.1 is unsupported", &dynamic, WITH(BOTH(BE32, 12, 0x10001)),
     FAILS(UNSUPPORTED, "version", 12, 0x10001, 0x10000, 0x10000)},
    {"version 0.65535 is unsupported", &dynamic, WITH(BOTH(BE32, 12, 0xffff)),
     FAILS(UNSUPPORTED, "version", 12, 0xffff, 0x10000, 0x10000)},
#define RESERVED(number)                                                                                             \
    {                                                                                                                \
        "type " #number " is reserved", &dynamic, WITH(BOTH(BE32, 60, number)),                                      \
            FAILS(UNSUPPORTED, "type", 60, number, 2, 4)                                                             \
    }
    RESERVED(0),
    RESERVED(1),
    RESERVED(5),
    RESERVED(6),
    RESERVED(0xffffffff),
    {"type 2 with the cookie at the head", &dynamic, WITH(BOTH(BE32, 60, 2)), FAILS(MALFORMED, "type", 60, 2, 3, 4),
     .findings = {"footers-disagree@4096"}},
    {"the sum covers the reserved bytes", &dynamic, WITH(BE32(64, 0x01020304), BYTE(510, 0)),
     FAILS(MALFORMED, "checksum", 64, 0x01020304, 0xfffff23d, 0xfffff23d)},
    {"the original size is ignored", &dynamic, WITH(BOTH(BE64, 40, 12345))},

/* whose size counts */
#define SIZED(word, bytes)                                                                                           \
    {                                                                                                                \
        "creator " word, &dynamic, WITH(BOTH(TEXT, 28, word)), .virtual_size = (bytes)                               \
    }
#define UNDECIDED(word)                                                                                              \
    {                                                                                                                \
        "creator " word " is read by the field since QEMU 10.0", &dynamic, WITH(BOTH(TEXT, 28, word)),               \
            .virtual_size = GIB, .findings = {"sizes-disagree@48"}, .attributes = {                                  \
                "size-by-geometry=1073479680",                                                                       \
                "size-by-field=1073741824"                                                                           \
            }                                                                                                        \
    }
    SIZED("vpc ", BY_GEOMETRY),
    SIZED("qemu", BY_GEOMETRY),
    SIZED("qem2", GIB),
    SIZED("win ", GIB),
    SIZED("d2v ", GIB),
    SIZED("tap\0", GIB),
    SIZED("CTXS", GIB),
    UNDECIDED("wa\0\0"),
    UNDECIDED("vs  "),
    UNDECIDED("vbox"),
    UNDECIDED("Win "),
#define IN_VERSION(word, major, minor, bytes)                                                                        \
    {                                                                                                                \
        "creator " word " in " #major "." #minor, &dynamic, WITH(BOTH(TEXT, 28, word)),                              \
            .version = IMGPROBE_READER_VERSION(major, minor), .virtual_size = (bytes), .findings = {                 \
                "sizes-disagree@48"                                                                                  \
            }                                                                                                        \
    }
    IN_VERSION("vbox", 7, 2, BY_GEOMETRY),
    IN_VERSION("vbox", 9, 2, BY_GEOMETRY), /* as the older of the two that were compared */
    IN_VERSION("vbox", 10, 0, GIB),
    IN_VERSION("vbox", 11, 1, GIB),
    {"the greatest geometry means the field", &dynamic,
     WITH(TEXT(28, "vpc "), BE32(56, 0xffff10ff), FOOTER_SUM(0), TEXT(END + 28, "vpc "), BE32(END + 56, 0xffff10ff),
          FOOTER_SUM(END)),
     .virtual_size = GIB},
    {"a creator who is undecided and agrees", &dynamic,
     WITH(TEXT(28, "vbox"), BE64(48, BY_GEOMETRY), FOOTER_SUM(0), TEXT(END + 28, "vbox"), BE64(END + 48, BY_GEOMETRY),
          FOOTER_SUM(END)),
     .virtual_size = BY_GEOMETRY},
    {"a size that isn't a multiple of 512", &dynamic, WITH(BOTH(BE64, 48, GIB - 1)), .virtual_size = GIB - 512},
    {"a size of 0", &dynamic, WITH(BOTH(BE64, 48, 0)), .virtual_size = ZERO},
    {"2,040 GiB", &fixed,
     WITH(REPEAT(MIB, 512, "\0"), FOOTER(MOST_BYTES, 2, "win ", MOST_BYTES, UINT64_MAX, 30, 4, 17)),
     .size = MOST_BYTES + 512, .whole = MOST_BYTES + 511, .format = "vhd", .virtual_size = MOST_BYTES},
    {"a sector over 2,040 GiB", &fixed,
     WITH(FOOTER(MOST_BYTES + 512, 2, "win ", MOST_BYTES + 512, UINT64_MAX, 30, 4, 17)), .size = MOST_BYTES + 1024,
     .format = "vhd", FAILS(MALFORMED, "current_size", MOST_BYTES + 512 + 48, MOST_BYTES + 512, 0, MOST_BYTES + 511)},
    {"the greatest size", &dynamic, WITH(BOTH(BE64, 48, UINT64_MAX)),
     FAILS(MALFORMED, "current_size", 48, UINT64_MAX, 0, MOST_BYTES + 511)},

    /* two footers */
    {"a copy alone is what QEMU reads", &dynamic, WITH(BYTE(END, 0)), .findings = {"footers-disagree@4096"}},
    {"a footer at the end with a wrong sum is none", &dynamic, WITH(BYTE(END + 85, 1)),
     .findings = {"footers-disagree@4096"}},
#define DIFFER_LAST(field, at, last)                                                                                 \
    {                                                                                                                \
        "footers that differ in the last byte of their " field, &dynamic,                                            \
            WITH(BYTE(END + (last), 0x7e), FOOTER_SUM(END)), SAYS(AMBIGUOUS, field, END + (at))                      \
    }
#define DIFFER(field, at, patch, value)                                                                              \
    {                                                                                                                \
        "two footers that differ in " field " are two disks", &dynamic,                                              \
            WITH(patch(END + (at), value), FOOTER_SUM(END)), SAYS(AMBIGUOUS, field, END + (at))                      \
    }
    DIFFER("data_offset", 16, BE64, 1024),
    DIFFER("creator_application", 28, TEXT, "vpc "),
    DIFFER("current_size", 48, BE64, GIB / 2),
    DIFFER("geometry", 56, BE16, 1),
    DIFFER("type", 60, BE32, 4),
    DIFFER_LAST("data_offset", 16, 23),
    DIFFER_LAST("creator_application", 28, 31),
    DIFFER_LAST("current_size", 48, 55),
    DIFFER_LAST("geometry", 56, 59),
    DIFFER_LAST("unique_id", 68, 83),
    {"footers that differ in the byte behind data_offset", &dynamic, WITH(BYTE(24, 1), FOOTER_SUM(0))},
    DIFFER("unique_id", 68, BYTE, 0),
    {"two footers that differ in nothing that counts", &dynamic, WITH(BE32(END + 24, 1), FOOTER_SUM(END))},

    /* fixed: the footer stands at the end alone */
    {"a fixed image, pinned", &fixed, .format = "vhd", .attributes = {"size-by-geometry=1044480"}},
    {"a fixed image of an undecided creator", &fixed, WITH(TEXT(MIB + 28, "vbox"), FOOTER_SUM(MIB)), .format = "vhd",
     .findings = {"sizes-disagree@1048624"}},
    {"a fixed image that isn't pinned is ambiguous", &fixed, SAYS(AMBIGUOUS, "format", MIB), .is = ""},
    {"a fixed image pinned as raw is raw, with a finding", &fixed, .format = "raw", .is = "raw", .variant = "",
     .whole = ZERO, .virtual_size = MIB + 512, .findings = {"trailer-also-matches@1048576"}, .also = "vhd",
     .content = "vhd"},
    {"a footer of 511 bytes", &fixed, .size = MIB + 511, .whole = MIB + 511, .format = "vhd"},
    {"a footer of 511 bytes, not pinned", &fixed, .size = MIB + 511, SAYS(AMBIGUOUS, "format", MIB), .is = ""},
    {"a footer of 510 bytes is none", &fixed, .size = MIB + 510, .is = "raw", .variant = "", .whole = ZERO,
     .magic = ZERO, .virtual_size = MIB + 512},
    {"a trailer with a wrong sum is none", &fixed, WITH(BYTE(MIB + 85, 1)), .is = "raw", .variant = "", .whole = ZERO,
     .virtual_size = MIB + 512},
    {"a trailer for more data than the file has is none", &fixed, WITH(BE64(MIB + 48, MIB + 1), FOOTER_SUM(MIB)),
     .is = "raw", .variant = "", .whole = ZERO, .virtual_size = MIB + 512},
    {"a trailer for less data than the file has", &fixed, WITH(BE64(MIB + 48, MIB - 512), FOOTER_SUM(MIB)),
     .format = "vhd", .virtual_size = MIB - 512, .whole = MIB + 511},
    {"a trailer that doesn't stand on a sector is none", &fixed,
     WITH(FOOTER(MIB + 100, 2, "win ", MIB, UINT64_MAX, 30, 4, 17)), .size = MIB + 612, .is = "raw", .variant = "",
     .whole = ZERO, .virtual_size = MIB + 1024},
    {"a trailer of a reserved type is none", &fixed, WITH(BE32(MIB + 60, 5), FOOTER_SUM(MIB)), .is = "raw",
     .variant = "", .whole = ZERO, .virtual_size = MIB + 512},
    {"a pinned fixed image with a wrong sum names the sum", &fixed, WITH(BYTE(MIB + 85, 1)), .format = "vhd",
     FAILS(MALFORMED, "checksum", MIB + 64, 0xffffeaec, 0xffffeaeb, 0xffffeaeb)},
    {"a dynamic image's footer behind data isn't QEMU's", &dynamic, WITH(REPEAT(0, 512, "x")), .format = "vhd",
     FAILS(MALFORMED, "type", END + 60, 3, 2, 2)},
    {"a dynamic image's footer behind data is Xen's", &dynamic, WITH(REPEAT(0, 512, "x")), .format = "vhd", XEN,
     .whole = END + 511},
    {"a qcow2 that ends in a footer is qcow2, with a finding", &fixed,
     WITH(TEXT(0, "QFI\xfb\0\0\0\2"), BE32(20, 9), BE64(48, 512), BE32(56, 1)), .is = "qcow2",
     .variant = "compat 0.10", .whole = ZERO, .virtual_size = ZERO, .cluster_size = 512, .magic = 4,
     .findings = {"trailer-also-matches@1048576"}, .also = "vhd"},

    /* the dynamic header */
    {"data_offset behind the file", &dynamic, WITH(BOTH(BE64, 16, 8192)),
     FAILS(TRUNCATED, "dynamic header", 4096, 4096, 9216, UNKNOWN), .findings = {"footers-disagree@4096"}},
    {"data_offset at the end of all numbers", &dynamic, WITH(BOTH(BE64, 16, UINT64_MAX)),
     FAILS(TRUNCATED, "dynamic header", 4096, 4096, UINT64_MAX - 1, UNKNOWN), .findings = {"footers-disagree@4096"}},
    {"a dynamic header elsewhere is the fourth read", &dynamic,
     WITH(BOTH(BE64, 16, 65536), HEADER(65536, 1536, 512, 0x200000)), .size = 2 * MIB, .whole = 65536 + 1024,
     MORE(1, 1024), .findings = {"footers-disagree@2097152"}},
    {"another cookie", &dynamic, WITH(BYTE(512, 'C'), HEADER_SUM(512)),
     FAILS(MALFORMED, "cookie", 512, UINT64_C(0x4378737061727365), UINT64_C(0x6378737061727365),
           UINT64_C(0x6378737061727365))},
    {"another version of the header", &dynamic, WITH(BE32(536, 0x20000), HEADER_SUM(512)),
     FAILS(UNSUPPORTED, "version", 536, 0x20000, 0x10000, 0x10000)},
    {"a table one entry too small", &dynamic, WITH(BE32(540, 511), HEADER_SUM(512)),
     FAILS(MALFORMED, "max_table_entries", 540, 511, 512, 0x1fffffff)},
    {"a table of 0x1fffffff entries", &dynamic, WITH(BE32(540, 0x1fffffff), HEADER_SUM(512)), .size = 2 * GIB + 2048,
     .whole = 1536 + 2 * GIB - 4, .findings = {"footers-disagree@2147485696"}},
    {"a table of 0x20000000 entries", &dynamic, WITH(BE32(540, 0x20000000), HEADER_SUM(512)),
     FAILS(MALFORMED, "max_table_entries", 540, 0x20000000, 0, 0x1fffffff)},
    {"a table that ends behind the file", &dynamic, WITH(BE64(528, 4096), HEADER_SUM(512)),
     FAILS(TRUNCATED, "table_offset", 528, 4096, 6144, UNKNOWN)},
    {"a table at the end of all numbers", &dynamic, WITH(BE64(528, UINT64_MAX), HEADER_SUM(512)),
     FAILS(TRUNCATED, "table_offset", 528, 4096, UINT64_MAX, UNKNOWN)},
    {"blocks of 511 bytes", &dynamic, WITH(BE32(544, 511), HEADER_SUM(512)),
     FAILS(MALFORMED, "block_size", 544, 511, 512, 0x80000000)},
    {"blocks of 512 bytes", &dynamic, WITH(BE32(544, 512), HEADER_SUM(512), BOTH(BE64, 48, 262144)),
     .virtual_size = 262144, .cluster_size = 512},
    {"blocks of 2 GiB", &dynamic, WITH(BE32(544, 0x80000000), HEADER_SUM(512)), .cluster_size = 2 * GIB},
    {"blocks of more than 2 GiB", &dynamic, WITH(BE32(544, 0x80000001), HEADER_SUM(512)),
     FAILS(MALFORMED, "block_size", 544, 0x80000001, 512, 0x80000000)},
    {"blocks of no power of two", &dynamic, WITH(BE32(544, 0x200200), HEADER_SUM(512)),
     SAYS(MALFORMED, "block_size", 544)},
    {"the header's sum isn't QEMU's concern", &dynamic, WITH(BYTE(1535, 1)), .findings = {"checksum-wrong@548"}},
    {"the header's sum is Xen's concern", &dynamic, WITH(BYTE(1535, 1)), XEN,
     SAYS(MALFORMED, "dynamic header checksum", 548)},
    {"a file that ends inside the header", &dynamic, .size = 1535,
     FAILS(TRUNCATED, "dynamic header", 512, 1535, 1536, UNKNOWN), .findings = {"footers-disagree@1535"}},
};

static const struct probe_case parent_cases[] = {
    {"a parent is there, though QEMU opens none", &differencing, ALL_NAMES(true), IGNORED("3584"),
     .parent = "0123456789abcdeffedcba9876543210"},
    {"under Xen the locators come in the header's order, and then its own name", &differencing, XEN, ALL_NAMES(false),
     .attributes = {"parent-unique-id=01234567-89ab-cdef-fedc-ba9876543210"}},
    {"no name at all can't be told", &child, SAYS(MALFORMED, "parent locator", UNKNOWN)},
    {"no name at all can't be told under Xen", &child, XEN, SAYS(MALFORMED, "parent locator", UNKNOWN)},
    {"a parent without an id is raw to Xen", &differencing, XEN, WITH(REPEAT(552, 16, "\0"), HEADER_SUM(512)),
     .parent = "",
     REFERS({NAMED(BACKING, "C:\\base.vhd", 3584), .type = "W2ku", .implied = "raw", .candidate = true,
             .windows = true, .encoding = "UTF-16LE", .stored = 22},
            {NAMED(BACKING, ".\\base.vhd", 4096), .type = "W2ru", .implied = "raw", .candidate = true,
             .windows = true, .encoding = "UTF-16LE", .stored = 20},
            {NAMED(BACKING, "file://base.vhd", 4608), .type = "MacX", .implied = "raw", .candidate = true},
            {NAMED(BACKING, "base.vhd", 576), .type = "header", .implied = "raw", .candidate = true, .windows = true,
             .encoding = "UTF-16BE", .stored = 512})},
    {"the header's name alone", &child, XEN, WITH(UTF16BE(576, "base.vhd"), HEADER_SUM(512)),
     REFERS({OF_HEADER("base.vhd", false)})},
    {"the header's name of 256 characters", &child, XEN, WITH(REPEAT(576, 256, "\0x"), HEADER_SUM(512)),
     REFERS({REPEATED(BACKING, "x", 256, 576), .type = "header", .implied = "vhd", .candidate = true, .windows = true,
             .encoding = "UTF-16BE", .stored = 512})},

/* platform codes */
#define BYTES(code, is_windows)                                                                                      \
    {                                                                                                                \
        "platform code " code, &child, XEN,                                                                          \
            WITH(LOCATOR(0, code, 8, 4096), TEXT(4096, "base.vhd"), HEADER_SUM(512)),                                \
            .whole = 4104, REFERS({NAME(code, "base.vhd", 4096, false), .windows = (is_windows)})                    \
    }
    BYTES("Wi2r", true),
    BYTES("Wi2k", true),
    BYTES("MacX", false),
    BYTES("Mac ", false),
    {"an unknown platform code is unsupported", &differencing, XEN,
     WITH(TEXT(LOCATOR_AT(7), "Unix"), HEADER_SUM(512)),
     FAILS(UNSUPPORTED, "parent locator platform code", LOCATOR_AT(7), 0x556e6978, UNKNOWN, UNKNOWN),
     REFERS({WIDE("W2ku", "C:\\base.vhd", 3584, false)}, {WIDE("W2ru", ".\\base.vhd", 4096, false)},
            {NAME("MacX", "file://base.vhd", 4608, false)})},
    {"an unused locator's numbers don't count", &differencing, XEN,
     WITH(BE32(LOCATOR_AT(3) + 8, 0xffffffff), BE64(LOCATOR_AT(3) + 16, UINT64_MAX), HEADER_SUM(512)),
     ALL_NAMES(false)},
    {"data space isn't looked at by the probe", &differencing, XEN,
     WITH(BE32(LOCATOR_AT(1) + 4, 0xffffffff), HEADER_SUM(512)), ALL_NAMES(false)},
    {"all eight locators", &child, XEN, .whole = 4104,
     WITH(LOCATOR(0, "Wi2k", 8, 4096), LOCATOR(7, "Wi2r", 8, 4096), TEXT(4096, "base.vhd"), HEADER_SUM(512)),
     REFERS({NAME("Wi2k", "base.vhd", 4096, false), .windows = true},
            {NAME("Wi2r", "base.vhd", 4096, false), .windows = true})},
    {"locators far behind the windows are one read", &child, XEN,
     WITH(LOCATOR(0, "W2ku", 22, MIB), LOCATOR(1, "W2ru", 20, MIB + 512), UTF16LE(MIB, "C:\\base.vhd"),
          UTF16LE(MIB + 512, ".\\base.vhd"), HEADER_SUM(512), FOOTER(2 * MIB, 4, "win ", GIB, 512, 2080, 16, 63)),
     .size = 2 * MIB + 512, .whole = MIB + 532, MORE(1, 532),
     REFERS({WIDE("W2ku", "C:\\base.vhd", MIB, false)}, {WIDE("W2ru", ".\\base.vhd", MIB + 512, false)})},

/* Far from the windows what is read for the names can be counted. */
#define FAR_END FOOTER(2 * MIB, 4, "win ", GIB, 512, 2080, 16, 63)
#define FAR_NAMES(second)                                                                                            \
    LOCATOR(0, "W2ku", 22, MIB), LOCATOR(1, "W2ru", 20, second), UTF16LE(MIB, "C:\\base.vhd"),                       \
        UTF16LE(second, ".\\base.vhd"), FAR_END
#define FAR(second, reads, bytes)                                                                                    \
    .size = 2 * MIB + 512, .whole = (second) + 20, MORE(reads, bytes),                                               \
    REFERS({WIDE("W2ku", "C:\\base.vhd", MIB, false)}, {WIDE("W2ru", ".\\base.vhd", second, false)})
    {"locators side by side are one read", &child, XEN, WITH(FAR_NAMES(MIB + 22), HEADER_SUM(512)),
     FAR(MIB + 22, 1, 42)},
    {"locators within eight sectors are one read", &child, XEN, WITH(FAR_NAMES(MIB + 4076), HEADER_SUM(512)),
     FAR(MIB + 4076, 1, 4096)},
    {"locators in more than eight sectors are two", &child, XEN, WITH(FAR_NAMES(MIB + 4077), HEADER_SUM(512)),
     FAR(MIB + 4077, 2, 42)},
    {"what stands in a locator that isn't used isn't read", &child, XEN,
     WITH(FAR_NAMES(MIB + 22), BE32(LOCATOR_AT(5) + 8, 2), BE64(LOCATOR_AT(5) + 16, MIB + 8192), HEADER_SUM(512)),
     FAR(MIB + 22, 1, 42)},
    {"what stands behind the eighth locator is none", &child, XEN,
     WITH(FAR_NAMES(MIB + 22), LOCATOR(8, "W2ru", 2, MIB + 8192), HEADER_SUM(512)), FAR(MIB + 22, 1, 42)},

/* The dynamic header elsewhere, and a name right behind the footer's copy. */
#define LATE(length)                                                                                                 \
    BE64(16, 1024), FOOTER_SUM(0), BE64(CHILD_END + 16, 1024), FOOTER_SUM(CHILD_END), REPEAT(1024, 1024, "\0"),      \
        HEADER(1024, 2560, 512, 0x200000), TEXT(1064, ID), TEXT(1600, "W2ru"), BE32(1608, length), BE64(1616, 512),  \
        REPEAT(512, 256, "x\0"), SUM(1024, 1024, 1060)
    {"a locator between the footer's copy and the header", &child, XEN, WITH(LATE(512)),
     REFERS({REPEATED(BACKING, "x", 256, 512), .type = "W2ru", .implied = "vhd", .candidate = true, .windows = true,
             .encoding = "UTF-16LE", .stored = 512})},
    {"a locator that reaches the header", &child, XEN, WITH(LATE(514)),
     SAYS(MALFORMED, "parent locator data offset", 1616)},

/* a parent's id by halves */
#define ID_OF(byte, hex, format)                                                                                     \
    {                                                                                                                \
        "a parent's id of the byte " #byte " alone", &child, XEN,                                                    \
            WITH(REPEAT(552, 16, "\0"), BYTE(552 + (byte), 1), UTF16BE(576, "b"), HEADER_SUM(512)),                  \
            .parent = (hex),                                                                                         \
            REFERS({NAMED(BACKING, "b", 576), .type = "header", .implied = (format), .candidate = true,              \
                    .windows = true, .encoding = "UTF-16BE", .stored = 512})                                         \
    }
    ID_OF(0, "01000000000000000000000000000000", "vhd"),
    ID_OF(7, "00000000000000010000000000000000", "vhd"),
    ID_OF(8, "00000000000000000100000000000000", "vhd"),
    ID_OF(15, "00000000000000000000000000000001", "vhd"),
    {"a parent's id of ones", &child, XEN, WITH(REPEAT(552, 16, "\xff"), UTF16BE(576, "b"), HEADER_SUM(512)),
     .parent = "ffffffffffffffffffffffffffffffff", REFERS({OF_HEADER("b", false)})},
    {"a locator's code of ones", &child, XEN, WITH(BE32(LOCATOR_AT(0), 0xffffffff), HEADER_SUM(512)),
     FAILS(UNSUPPORTED, "parent locator platform code", LOCATOR_AT(0), 0xffffffff, UNKNOWN, UNKNOWN)},

/* the bounds of a locator */
#define LENGTH_AT (LOCATOR_AT(0) + 8)
#define ONE_LOCATOR(length, offset)                                                                                  \
    WITH(LOCATOR(0, "W2ru", length, offset), UTF16LE(4096, "base.vhd"), HEADER_SUM(512))
    {"a locator of no bytes", &child, ONE_LOCATOR(0, 4096), SAYS(MALFORMED, "parent locator data length", LENGTH_AT)},
    {"a locator of no bytes, to Xen", &child, XEN, ONE_LOCATOR(0, 4096), REFERS({WIDE("W2ru", "", 4096, false)})},
    {"a locator of an odd number of bytes", &child, ONE_LOCATOR(15, 4096),
     SAYS(MALFORMED, "parent locator data length", LENGTH_AT)},
    {"a locator of an odd number of bytes, to Xen", &child, XEN, ONE_LOCATOR(15, 4096), .whole = 4111,
     REFERS({NAME("W2ru", "base.vh", 4096, false), .windows = true, .encoding = "UTF-16LE", .stored = 15})},
    {"a locator with its final NUL", &child, XEN, ONE_LOCATOR(18, 4096), .whole = 4114,
     REFERS({NAME("W2ru", "base.vhd", 4096, false), .windows = true, .encoding = "UTF-16LE", .stored = 18})},
    {"a locator of bytes with a NUL at an odd place", &child,
     WITH(LOCATOR(0, "Wi2r", 8, 4096), TEXT(4096, "b\0se.vhd"), HEADER_SUM(512)),
     SAYS(MALFORMED, "parent locator data", 4096)},
    {"a locator with a NUL inside", &child,
     WITH(LOCATOR(0, "W2ru", 16, 4096), UTF16LE(4096, "base\0vhd"), HEADER_SUM(512)),
     SAYS(MALFORMED, "parent locator data", 4096)},
    {"a locator with a NUL inside, to Xen", &child, XEN, .whole = 4112,
     WITH(LOCATOR(0, "W2ru", 16, 4096), UTF16LE(4096, "base\0vhd"), HEADER_SUM(512)),
     REFERS({NAME("W2ru", "base", 4096, false), .windows = true, .encoding = "UTF-16LE", .stored = 16})},
    {"a locator of NULs only is an empty name", &child, XEN, ONE_LOCATOR(16, 4200), .whole = 4216,
     REFERS({NAME("W2ru", "", 4200, false), .windows = true, .encoding = "UTF-16LE", .stored = 16})},
    {"a locator of 8,190 bytes", &child, XEN,
     WITH(LOCATOR(0, "W2ru", 8190, 8192), REPEAT(8192, 4095, "x\0"), HEADER_SUM(512)), .size = MIB,
     .whole = 8192 + 8190, .findings = {"footers-disagree@1048576"}, MORE(1, 8190),
     REFERS({REPEATED(BACKING, "x", 4095, 8192), .type = "W2ru", .implied = "vhd", .candidate = true, .windows = true,
             .encoding = "UTF-16LE", .stored = 8190})},
    {"a locator of 8,192 bytes is over the limit", &child, XEN, ONE_LOCATOR(8192, 4096),
     FAILS(LIMIT, "parent locator data length", LENGTH_AT, 8192, 1, 8190)},
    {"a locator of 4 GiB is over the limit", &child, XEN, ONE_LOCATOR(0xfffffffe, 4096),
     FAILS(LIMIT, "parent locator data length", LENGTH_AT, 0xfffffffe, 1, 8190)},
    {"a locator that ends behind the file", &child, XEN, ONE_LOCATOR(16, 5617),
     FAILS(TRUNCATED, "parent locator data", 5617, 5632, 5633, UNKNOWN)},
    {"a locator behind the file", &child, XEN, ONE_LOCATOR(16, 8192),
     FAILS(TRUNCATED, "parent locator data", 5632, 5632, 8208, UNKNOWN)},
    {"a locator that ends behind 2^64", &child, XEN, ONE_LOCATOR(16, UINT64_MAX - 1),
     FAILS(TRUNCATED, "parent locator data", 5632, 5632, UINT64_MAX - 1, UNKNOWN)},
    {"a locator that can't be read is no name fewer", &differencing, XEN,
     WITH(BE64(LOCATOR_AT(1) + 16, 8192), HEADER_SUM(512)),
     FAILS(TRUNCATED, "parent locator data", 5632, 5632, 8212, UNKNOWN),
     REFERS({WIDE("W2ku", "C:\\base.vhd", 3584, false)})},
    {"a locator inside the footer's copy", &child, XEN, ONE_LOCATOR(16, 0),
     SAYS(MALFORMED, "parent locator data offset", LOCATOR_AT(0) + 16)},
    {"a locator at the start of the dynamic header", &child, XEN, ONE_LOCATOR(16, 512),
     SAYS(MALFORMED, "parent locator data offset", LOCATOR_AT(0) + 16)},
    {"a locator inside the dynamic header", &child, XEN, ONE_LOCATOR(16, 1535),
     SAYS(MALFORMED, "parent locator data offset", LOCATOR_AT(0) + 16)},
    {"a locator right behind the dynamic header", &child, XEN, .whole = END,
     WITH(LOCATOR(0, "W2ru", 2, 1536), UTF16LE(1536, "b"), HEADER_SUM(512)),
     REFERS({WIDE("W2ru", "b", 1536, false)})},

    /* UTF-16 */
    {"two, three and four bytes of UTF-8", &child, XEN,
     WITH(LOCATOR(0, "W2ru", 8, 4096), TEXT(4096, "\xe4\0\xac\x20\x3d\xd8\x00\xde"), HEADER_SUM(512)), .whole = 4104,
     REFERS({NAME("W2ru", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 4096, false), .windows = true,
             .encoding = "UTF-16LE", .stored = 8})},
    {"surrogates without their pair keep three bytes", &child, XEN,
     WITH(LOCATOR(0, "W2ru", 8, 4096), TEXT(4096, "\x3d\xd8x\0\x00\xde\x3d\xd8"), HEADER_SUM(512)), .whole = 4104,
     REFERS({NAME("W2ru", "\xed\xa0\xbdx\xed\xb8\x80\xed\xa0\xbd", 4096, false), .windows = true,
             .encoding = "UTF-16LE", .stored = 8})},
    {"the header's name is big endian", &child, XEN, WITH(TEXT(576, "\0b\x20\xac"), HEADER_SUM(512)),
     REFERS({OF_HEADER("b\xe2\x82\xac", false)})},
};

int main(void)
{
    static const struct table tables[] = {TABLE(footer_cases), TABLE(parent_cases)};

    return run_tables("vhd", tables, IP_COUNT(tables));
}
