/* SPDX-License-Identifier: MIT */
/* VMDK's text descriptor: what is taken for one, its keys, its extent lines, its parent. Read as QEMU reads it. */
#include "probe-loops.h"

#define LENGTH(text) (sizeof(text) - 1)
#define VERSION "# Disk DescriptorFile\nversion=1\n"
#define IDS "CID=12345678\nparentCID=ffffffff\n"
#define TYPE(type) "createType=\"" type "\"\n"
#define HEAD VERSION IDS TYPE("twoGbMaxExtentSparse")
#define FIRST "RW 4192256 SPARSE \"a-s001.vmdk\"\n"
#define COMMENT "###############################################################\n"
#define MOST_SECTORS UINT64_C(0x3fffffffe00000)
#define MOST_BYTES (MOST_SECTORS * 512)

static const struct base text = {
    .magic = LENGTH(VERSION),
    .text = true,
    .format = "vmdk",
    .variant = "twoGbMaxExtentSparse",
    .flags = "size-from-extents",
    .virtual_size = UNKNOWN,
};

/* A reference whose name stands behind `before`; `sectors` 0 where the line's count isn't the disk's. */
#define EXTENT(before, name, word, kind)                                                                             \
    NAMED(EXTENT, name, LENGTH(before)), .implied = (kind), .type = (word), .access = "RW"
#define SPARSE(before, name)                                                                                         \
    {                                                                                                                \
        EXTENT(before, name, "SPARSE", "vmdk")                                                                       \
    }
#define FLAT(before, name, sectors, from)                                                                            \
    {                                                                                                                \
        EXTENT(before, name, "FLAT", "raw"), .size = UINT64_C(512) * (sectors),                                      \
                                             .data_offset = UINT64_C(512) * (from)                                   \
    }
#define FIRST_EXTENT SPARSE(HEAD "RW 4192256 SPARSE \"", "a-s001.vmdk")
#define LINES(lines) WITH(TEXT(0, HEAD lines))
#define PARENT(before, name)                                                                                         \
    {                                                                                                                \
        NAMED(BACKING, name, LENGTH(before)), .implied = "vmdk"                                                      \
    }
#define RAW_OF(text_size, holds, finding)                                                                            \
    .is = "raw", .variant = "", .flags = "", .whole = ZERO, .virtual_size = ((text_size) + 511) / 512 * 512,         \
    .content = (holds), .findings = {finding}
#define RAW(text_size) RAW_OF(text_size, "text", "content-text@0")

/* A descriptor whose version line, comments first, ends with the byte at 511. */
#define LONG_COMMENT(size) REPEAT(0, size, "#"), TEXT(size, "\nversion=1\n" IDS TYPE("twoGbMaxExtentSparse") FIRST)

/* ---- what is a descriptor, and its keys ---- */

static const struct probe_case key_cases[] = {
    {"a descriptor on its own", &text, LINES(FIRST), REFERS(FIRST_EXTENT), .identity = "12345678", .parent = "",
     .attributes = {"create-type=twoGbMaxExtentSparse", "cid=305419896", "parent-cid=4294967295"}},
    {"a descriptor, pinned", &text, LINES(FIRST), .format = "vmdk", REFERS(FIRST_EXTENT)},
    {"comments and lines of blanks before the version", &text,
     WITH(TEXT(0, "# a\n   \n \r\n#\nversion=2\n" IDS TYPE("twoGbMaxExtentSparse") FIRST)),
     REFERS(SPARSE("# a\n   \n \r\n#\nversion=2\n" IDS TYPE("twoGbMaxExtentSparse") "RW 4192256 SPARSE \"",
                   "a-s001.vmdk"))},
    {"version=3 with CR LF", &text,
     WITH(TEXT(0, "version=3\r\nCID=1\r\nparentCID=ffffffff\r\ncreateType=\"vmfs\"\r\nRW 8 VMFS \"f\"\r\n")),
     .variant = "vmfs",
     REFERS({EXTENT("version=3\r\nCID=1\r\nparentCID=ffffffff\r\ncreateType=\"vmfs\"\r\nRW 8 VMFS \"", "f", "VMFS",
                    "raw"),
             .size = 4096})},
    {"version=4 is raw", &text, WITH(TEXT(0, "version=4\n" IDS)), RAW(42)},
    {"version=0 is raw", &text, WITH(TEXT(0, "version=0\n" IDS)), RAW(42)},
    {"version=10 is raw", &text, WITH(TEXT(0, "version=10\n" IDS)), RAW(43)},
    {"blanks around the sign make it raw", &text, WITH(TEXT(0, "version = 1\n" IDS)), RAW(44)},
    {"a version in capitals is raw", &text, WITH(TEXT(0, "Version=1\n" IDS)), RAW(42)},
    {"a byte order mark makes it raw", &text, WITH(TEXT(0, "\xef\xbb\xbfversion=1\n" IDS)), RAW(45)},
    {"an empty line first makes it raw", &text, WITH(TEXT(0, "\nversion=1\n" IDS)), RAW(43)},
    {"a line of tabs first makes it raw", &text, WITH(TEXT(0, "\t\nversion=1\n" IDS)), RAW(44)},
    {"a blank before the version makes it raw", &text, WITH(TEXT(0, " version=1\n" IDS)), RAW(43)},
    {"a lone CR doesn't end the version's line", &text, WITH(TEXT(0, "version=1\rCID=1\n")), RAW(16)},
    {"something behind blanks makes it raw", &text, WITH(TEXT(0, "  xversion=1\n" IDS)), RAW(45)},
    {"a version without a line end is raw", &text, WITH(TEXT(0, "version=1")), RAW(9)},
    {"a version that ends with byte 511", &text, WITH(LONG_COMMENT(501)), .magic = 512,
     REFERS({NAMED(EXTENT, "a-s001.vmdk",
                   501 + LENGTH("\nversion=1\n" IDS TYPE("twoGbMaxExtentSparse") "RW 4192256 SPARSE \"")),
             .implied = "vmdk", .type = "SPARSE", .access = "RW"})},
    {"a version that ends with byte 512 is raw", &text, WITH(LONG_COMMENT(502)),
     RAW_OF(502 + LENGTH("\nversion=1\n" IDS TYPE("twoGbMaxExtentSparse") FIRST), "vmdk-descriptor",
            "other-reader-differs@0")},
    {"what isn't probed opens when it is pinned", &text,
     WITH(TEXT(0, "version = 1\n" IDS TYPE("twoGbMaxExtentSparse") FIRST)), .format = "vmdk",
     REFERS(SPARSE("version = 1\n" IDS TYPE("twoGbMaxExtentSparse") "RW 4192256 SPARSE \"", "a-s001.vmdk"))},

    /* createType */
    {"no createType", &text, WITH(TEXT(0, VERSION IDS FIRST)), SAYS(MALFORMED, "createType", 0)},
    {"createtype isn't createType", &text, WITH(TEXT(0, VERSION IDS "createtype=\"vmfs\"\n" FIRST)),
     SAYS(MALFORMED, "createType", 0)},
    {"a createType without an end", &text, WITH(TEXT(0, VERSION IDS FIRST "createType=\"vmfs\n")),
     SAYS(TRUNCATED, "createType", LENGTH(VERSION IDS FIRST))},
    {"a createType cut by a NUL", &text, WITH(TEXT(0, VERSION IDS FIRST "createType=\"vm\0fs\"\n")),
     SAYS(MALFORMED, "createType", LENGTH(VERSION IDS FIRST))},
    {"a file that ends with the key", &text, WITH(TEXT(0, VERSION IDS FIRST "createType")),
     SAYS(TRUNCATED, "createType", LENGTH(VERSION IDS FIRST))},
    {"a createType in a comment is the first one", &text,
     WITH(TEXT(0, VERSION IDS "# " TYPE("twoGbMaxExtentSparse") TYPE("custom") FIRST)),
     REFERS(
         SPARSE(VERSION IDS "# " TYPE("twoGbMaxExtentSparse") TYPE("custom") "RW 4192256 SPARSE \"", "a-s001.vmdk"))},
    {"createType = with blanks is another type", &text, WITH(TEXT(0, VERSION IDS "createType = \"vmfs\"\n" FIRST)),
     SAYS(UNSUPPORTED, "createType", LENGTH(VERSION IDS)),
     REFERS(SPARSE(VERSION IDS "createType = \"vmfs\"\n"
                               "RW 4192256 SPARSE \"",
                   "a-s001.vmdk"))},
    {"a createType of 127 bytes is one that nobody opens", &text,
     WITH(TEXT(0, VERSION IDS "createType=\""), REPEAT(LENGTH(VERSION IDS "createType=\""), 127, "t"),
          TEXT(LENGTH(VERSION IDS "createType=\"") + 127, "\"\n" FIRST)),
     SAYS(UNSUPPORTED, "createType", LENGTH(VERSION IDS)),
     REFERS({NAMED(EXTENT, "a-s001.vmdk", LENGTH(VERSION IDS "createType=\"\"\nRW 4192256 SPARSE \"") + 127),
             .implied = "vmdk", .type = "SPARSE", .access = "RW"})},
    {"a createType of 128 bytes is too long", &text,
     WITH(TEXT(0, VERSION IDS "createType=\""), REPEAT(LENGTH(VERSION IDS "createType=\""), 128, "t"),
          TEXT(LENGTH(VERSION IDS "createType=\"") + 128, "\"\n" FIRST)),
     FAILS(MALFORMED, "createType length", LENGTH(VERSION IDS), 128, 0, 127)},
#define OPENED(type)                                                                                                 \
    {                                                                                                                \
        "createType " type, &text, WITH(TEXT(0, VERSION IDS TYPE(type) FIRST)),                                      \
            .variant = (type), REFERS(SPARSE(VERSION IDS TYPE(type) "RW 4192256 SPARSE \"", "a-s001.vmdk"))          \
    }
#define NOT_OPENED(type, known)                                                                                      \
    {                                                                                                                \
        "createType " type " isn't opened", &text,                                                                   \
            WITH(TEXT(0, VERSION IDS TYPE(type) "RW 63 FLAT \"/dev/sda\" 0\n")),                                     \
            SAYS(UNSUPPORTED, "createType", LENGTH(VERSION IDS)),                                                    \
            REFERS(FLAT(VERSION IDS TYPE(type) "RW 63 FLAT \"", "/dev/sda", 63, 0)), .variant = (known)              \
    }
    OPENED("monolithicFlat"),
    OPENED("twoGbMaxExtentFlat"),
    OPENED("vmfs"),
    OPENED("vmfsSparse"),
    OPENED("seSparse"),
    NOT_OPENED("monolithicSparse", "monolithicSparse"),
    NOT_OPENED("streamOptimized", "streamOptimized"),
    NOT_OPENED("2GbMaxExtentSparse", "2GbMaxExtentSparse"),
    NOT_OPENED("2GbMaxExtentFlat", "2GbMaxExtentFlat"),
    NOT_OPENED("vmfsThin", "vmfsThin"),
    NOT_OPENED("vmfsPreallocated", "vmfsPreallocated"),
    NOT_OPENED("vmfsEagerZeroedThick", "vmfsEagerZeroedThick"),
    NOT_OPENED("fullDevice", "fullDevice"),
    NOT_OPENED("partitionedDevice", "partitionedDevice"),
    NOT_OPENED("vmfsRaw", "vmfsRaw"),
    NOT_OPENED("vmfsRDM", "vmfsRDM"),
    NOT_OPENED("vmfsRDMP", "vmfsRDMP"),
    NOT_OPENED("vmfsPassthroughRawDeviceMap", "vmfsPassthroughRawDeviceMap"),
    NOT_OPENED("custom", "custom"),
    NOT_OPENED("MONOLITHICFLAT", ""),
    NOT_OPENED("", ""),
    {"a kind that isn't opened, of host devices only", &text,
     WITH(TEXT(0, VERSION IDS TYPE("vmfsRDM") "RW 63 VMFSRDM \"/dev/sda\"\n")),
     SAYS(UNSUPPORTED, "createType", LENGTH(VERSION IDS)),
     REFERS({EXTENT(VERSION IDS TYPE("vmfsRDM") "RW 63 VMFSRDM \"", "/dev/sda", "VMFSRDM", "raw"), .size = 63 * 512,
             .ignored = true})},

    /* CID and parentCID */
    {"no CID", &text, WITH(TEXT(0, VERSION TYPE("vmfs") FIRST)), SAYS(MALFORMED, "CID", 0),
     REFERS(SPARSE(VERSION TYPE("vmfs") "RW 4192256 SPARSE \"", "a-s001.vmdk"))},
    {"no parentCID", &text, WITH(TEXT(0, VERSION "CID=1\n" TYPE("vmfs") FIRST)), SAYS(MALFORMED, "parentCID", 0),
     REFERS(SPARSE(VERSION "CID=1\n" TYPE("vmfs") "RW 4192256 SPARSE \"", "a-s001.vmdk"))},
    {"the first CID may be in parentCID", &text, WITH(TEXT(0, VERSION "parentCID=ffffffff\n" TYPE("vmfs") FIRST)),
     .variant = "vmfs", .attributes = {"cid=4294967295", "parent-cid=4294967295"},
     REFERS(SPARSE(VERSION "parentCID=ffffffff\n" TYPE("vmfs") "RW 4192256 SPARSE \"", "a-s001.vmdk"))},
    {"a CID that isn't a number", &text, WITH(TEXT(0, VERSION "CID=xyz\n" TYPE("vmfs") FIRST)),
     SAYS(MALFORMED, "CID", LENGTH(VERSION "CID=")),
     REFERS(SPARSE(VERSION "CID=xyz\n" TYPE("vmfs") "RW 4192256 SPARSE \"", "a-s001.vmdk"))},
#define CID(written, number)                                                                                         \
    {                                                                                                                \
        "CID=" written, &text, WITH(TEXT(0, HEAD FIRST "\0"), TEXT(LENGTH(VERSION "CID="), written "\n#")),          \
            .attributes = {"cid=" number}, REFERS(FIRST_EXTENT)                                                      \
    }
    CID("0x1f", "31"),
    CID("-1", "4294967295"),
    CID("+a", "10"),
    CID(" 2g", "2"),
    CID("0X1F", "31"),
    CID("01f", "31"),
    CID("0f", "15"),
    CID("0Y", "0"),
    CID("0W", "0"),
    CID("90", "144"),
    CID("09/", "9"),
    CID("1:", "1"),
    CID("aA", "170"),
    CID("fF", "255"),
    CID("1@", "1"),
    CID("1G", "1"),
    CID("1`", "1"),
#define LONG_CID(written, number)                                                                                    \
    {                                                                                                                \
        "CID=" written, &text, WITH(TEXT(0, VERSION "CID=" written "\nparentCID=ffffffff\n" TYPE("vmfs") FIRST)),    \
            .variant = "vmfs", .attributes = {"cid=" number},                                                        \
            REFERS(SPARSE(VERSION "CID=" written "\nparentCID=ffffffff\n" TYPE("vmfs") "RW 4192256 SPARSE \"",       \
                          "a-s001.vmdk"))                                                                            \
    }
    LONG_CID("123456789abcdef0", "2596069104"),
    LONG_CID("fffffffffffffffe", "4294967294"),
    LONG_CID("10000000000000001", "4294967295"),
    LONG_CID("-10000000000000001", "4294967295"),
    LONG_CID("-10000000f", "4294967281"),

/* the end of the text */
#define LAST(line) WITH(TEXT(0, HEAD FIRST line))
#define CUT_IN(line) LAST(line), SAYS(TRUNCATED, "descriptor", LENGTH(HEAD FIRST line)), REFERS(FIRST_EXTENT)
    {"a last key with a value", &text, LAST("foo=bar"), REFERS(FIRST_EXTENT)},
    {"a last key with a value of a letter", &text, LAST("foo=b"), REFERS(FIRST_EXTENT)},
    {"a last key with a value that has a sign", &text, LAST("foo=b="), REFERS(FIRST_EXTENT)},
    {"a last key without a value", &text, CUT_IN("foo=")},
    {"a last key and a blank", &text, CUT_IN("foo= ")},
    {"a last word", &text, CUT_IN("foo")},
    {"a last word with another sign below", &text, CUT_IN("foo<bar")},
    {"a last word with another sign above", &text, CUT_IN("foo>bar")},
    {"a last line of blanks", &text, LAST("  "), REFERS(FIRST_EXTENT)},
    {"a last line with a quote", &text, CUT_IN("foo=\"")},
    {"a text of one line", &text, WITH(TEXT(0, "createType=\"custom\"")), .format = "vmdk", .variant = "custom",
     SAYS(UNSUPPORTED, "createType", 0)},
    {"a text of one line that begins with a quote", &text, WITH(TEXT(0, "\"createType=\"custom\"")), .format = "vmdk",
     SAYS(TRUNCATED, "descriptor", 20)},

    /* the limits of the text */
    {"a NUL ends the text", &text,
     LINES(FIRST "\0"
                 "RW 63 SPARSE \"b\"\n"),
     REFERS(FIRST_EXTENT)},
    {"what follows the text's NUL isn't read", &text, LINES(FIRST), .size = 1048576, REFERS(FIRST_EXTENT),
     MORE(1, 10240 - 4096)},
    {"a descriptor of 262,144 bytes", &text,
     WITH(TEXT(0, HEAD FIRST), REPEAT(LENGTH(HEAD FIRST), 4097, COMMENT), BYTE(262143, '\n')), .size = 262144,
     REFERS(FIRST_EXTENT), MORE(2, 262144 - 4096 - 136 - 2048)},
    {"a descriptor of 262,145 bytes is over the limit", &text,
     WITH(TEXT(0, HEAD FIRST), REPEAT(LENGTH(HEAD FIRST), 4097, COMMENT)), .size = 262145,
     FAILS(LIMIT, "descriptor_bytes", 0, 262145, 0, 262144), MORE(2, 262144 - 4096 - 136 - 2047)},
    {"a descriptor over a lower limit", &text, WITH(TEXT(0, HEAD FIRST), REPEAT(LENGTH(HEAD FIRST), 129, COMMENT)),
     .size = 8193, .limits = {.descriptor_bytes = 8192}, FAILS(LIMIT, "descriptor_bytes", 0, 8193, 0, 8192),
     MORE(1, 8193 - 4096 - 2048)},
    {"a descriptor of 1 MiB would be cut by QEMU, whatever the limit", &text,
     WITH(TEXT(0, HEAD FIRST), REPEAT(LENGTH(HEAD FIRST), 16385, COMMENT)), .size = 1048576,
     .limits = {.descriptor_bytes = 1048576}, FAILS(LIMIT, "descriptor_bytes", 0, 1048576, 0, 1048575),
     MORE(2, 1048576 - 4096 - 136 - 2048)},
};

/* ---- extent lines ---- */

#define RW_A "RW 63 SPARSE \"a\""
#define A SPARSE(HEAD "RW 63 SPARSE \"", "a")
#define AT_LINE(before) LENGTH(HEAD before)
#define BAD_LINE(before) SAYS(MALFORMED, "extent line", AT_LINE(before))

static const struct probe_case extent_cases[] = {
    {"each type of extent", &text,
     LINES("RW 1 SPARSE \"a\"\nRW 2 VMFSSPARSE \"b\"\nRW 3 SESPARSE \"c\"\nRW 4 FLAT \"d\" 5\nRW 6 VMFS \"e\"\n"),
     REFERS(SPARSE(HEAD "RW 1 SPARSE \"", "a"),
            {EXTENT(HEAD "RW 1 SPARSE \"a\"\nRW 2 VMFSSPARSE \"", "b", "VMFSSPARSE", "vmdk")},
            {EXTENT(HEAD "RW 1 SPARSE \"a\"\nRW 2 VMFSSPARSE \"b\"\nRW 3 SESPARSE \"", "c", "SESPARSE", "vmdk")},
            FLAT(HEAD "RW 1 SPARSE \"a\"\nRW 2 VMFSSPARSE \"b\"\nRW 3 SESPARSE \"c\"\nRW 4 FLAT \"", "d", 4, 5),
            {EXTENT(HEAD
                    "RW 1 SPARSE \"a\"\nRW 2 VMFSSPARSE \"b\"\nRW 3 SESPARSE \"c\"\nRW 4 FLAT \"d\" 5\nRW 6 VMFS \"",
                    "e", "VMFS", "raw"),
             .size = 3072})},
    {"no extent at all", &text, LINES(""), SAYS(MALFORMED, "extent line", 0)},
    {"FLAT wants an offset", &text, LINES("RW 63 FLAT \"a\"\n"), BAD_LINE("")},
    {"FLAT wants an offset that isn't negative", &text, LINES("RW 63 FLAT \"a\" -1\n"), BAD_LINE("")},
    {"SPARSE wants no offset", &text, LINES(RW_A "\nRW 63 SPARSE \"b\" 0\n"), BAD_LINE(RW_A "\n"), REFERS(A)},
    {"VMFS wants no offset", &text, LINES("RW 63 VMFS \"a\" 0\n"), BAD_LINE("")},
    {"what follows FLAT's offset is ignored", &text, LINES("RW 63 FLAT \"/dev/sda\" 7 partitionUUID x\n"),
     REFERS(FLAT(HEAD "RW 63 FLAT \"", "/dev/sda", 63, 7))},
    {"a number on the next line is the offset", &text, LINES("RW 63 FLAT \"a\"\n\n128\n"),
     REFERS(FLAT(HEAD "RW 63 FLAT \"", "a", 63, 128))},
    {"a number on the line behind SPARSE is an offset too much", &text, LINES(RW_A "\n5\n"), BAD_LINE("")},
    {"an extent spread over lines counts once", &text, LINES("RW\n63\nSPARSE\n\"a\"\n"),
     REFERS(SPARSE(HEAD "RW\n63\nSPARSE\n\"", "a"))},
    {"an empty line before an extent counts it twice", &text, LINES("\n" RW_A "\n"),
     REFERS(SPARSE(HEAD "\nRW 63 SPARSE \"", "a"), SPARSE(HEAD "\nRW 63 SPARSE \"", "a"))},
    {"a line of blanks before an extent counts it twice", &text, LINES(" \t\r\n" RW_A "\n"),
     REFERS(SPARSE(HEAD " \t\r\nRW 63 SPARSE \"", "a"), SPARSE(HEAD " \t\r\nRW 63 SPARSE \"", "a"))},
    {"two empty lines before an extent count it three times", &text, LINES("\n\n" RW_A "\n"),
     REFERS(SPARSE(HEAD "\n\nRW 63 SPARSE \"", "a"), SPARSE(HEAD "\n\nRW 63 SPARSE \"", "a"),
            SPARSE(HEAD "\n\nRW 63 SPARSE \"", "a"))},
    {"an empty line behind an extent does nothing", &text, LINES(RW_A "\n\n"), REFERS(A)},
    {"blanks before an extent", &text, LINES("  " RW_A "\n"), REFERS(SPARSE(HEAD "  RW 63 SPARSE \"", "a"))},
    {"an extent in a comment is none", &text, LINES(RW_A "\n# RW 63 SPARSE \"b\"\n"), REFERS(A)},
    {"an extent named twice counts twice", &text, LINES(RW_A "\n" RW_A "\n"),
     REFERS(A, SPARSE(HEAD RW_A "\nRW 63 SPARSE \"", "a"))},
    {"a lone CR doesn't end a line", &text, LINES(RW_A "\rRW 63 SPARSE \"b\"\n"), REFERS(A)},
    {"a last line without a line end", &text, LINES(RW_A), REFERS(A)},

    /* access */
    {"RDONLY is an extent that QEMU ignores", &text, LINES(RW_A "\nRDONLY 63 FLAT \"b\" 2\n"),
     .findings = {"reference-ignored-by-reader@131"},
     REFERS(A, {NAMED(EXTENT, "b", LENGTH(HEAD RW_A "\nRDONLY 63 FLAT \"")), .implied = "raw", .type = "FLAT",
                .access = "RDONLY", .size = 63 * 512, .data_offset = 1024, .ignored = true})},
    {"only RDONLY extents leave nothing for QEMU", &text, LINES("RDONLY 63 SPARSE \"b\"\n"),
     SAYS(MALFORMED, "extent line", 0),
     REFERS({NAMED(EXTENT, "b", LENGTH(HEAD "RDONLY 63 SPARSE \"")), .implied = "vmdk", .type = "SPARSE",
             .access = "RDONLY", .ignored = true})},
    {"NOACCESS makes sizes disagree", &text, LINES(RW_A "\nNOACCESS 63 FLAT \"b\" 0\n"), REFERS(A),
     .findings = {"sizes-disagree@115"}},
    {"RDONLY of a sector", &text, LINES(RW_A "\nRDONLY 1 FLAT \"b\" 2\n"),
     .findings = {"reference-ignored-by-reader@130"},
     REFERS(A, {NAMED(EXTENT, "b", LENGTH(HEAD RW_A "\nRDONLY 1 FLAT \"")), .implied = "raw", .type = "FLAT",
                .access = "RDONLY", .size = 512, .data_offset = 1024, .ignored = true})},
    {"RDONLY of a type that nobody knows", &text, LINES(RW_A "\nRDONLY 63 FOO \"b\"\n"),
     .findings = {"reference-ignored-by-reader@130"},
     REFERS(A, {NAMED(EXTENT, "b", LENGTH(HEAD RW_A "\nRDONLY 63 FOO \"")), .implied = "raw", .access = "RDONLY",
                .ignored = true})},
    {"RDONLY of no sectors is nothing", &text, LINES(RW_A "\nRDONLY 0 FLAT \"b\" 2\n"), REFERS(A)},
    {"RDONLY of negative sectors is nothing", &text, LINES(RW_A "\nRDONLY -1 FLAT \"b\" 2\n"), REFERS(A)},
    {"RDONLY without a name is nothing", &text, LINES(RW_A "\nRDONLY 63 FLAT b\n"), REFERS(A)},
    {"RDONLY of too many sectors", &text, LINES(RW_A "\nRDONLY 99999999999999999999 FLAT \"b\" 0\n"),
     FAILS(MALFORMED, "extent sectors", AT_LINE(RW_A "\n"), INT64_MAX, 0, MOST_SECTORS),
     REFERS(A, {NAMED(EXTENT, "b", LENGTH(HEAD RW_A "\nRDONLY 99999999999999999999 FLAT \"")), .implied = "raw",
                .type = "FLAT", .access = "RDONLY", .ignored = true})},
    {"NOACCESS of a sector", &text, LINES(RW_A "\nNOACCESS 1 FLAT \"b\" 0\n"), REFERS(A),
     .findings = {"sizes-disagree@115"}},
    {"NOACCESS without a name is nothing", &text, LINES(RW_A "\nNOACCESS 63 FLAT b\n"), REFERS(A)},
    {"NOACCESS of no sectors is nothing", &text, LINES(RW_A "\nNOACCESS 0 FLAT \"b\" 0\n"), REFERS(A)},
    {"NOACCESS of negative sectors is nothing", &text, LINES(RW_A "\nNOACCESS -1 FLAT \"b\" 0\n"), REFERS(A)},
    {"rw isn't RW", &text, LINES(RW_A "\nrw 63 SPARSE \"b\"\n"), REFERS(A)},

    /* types that QEMU skips */
    {"ZERO takes no name and makes sizes disagree", &text, LINES(RW_A "\nRW 63 ZERO\n"), REFERS(A),
     .findings = {"sizes-disagree@115"}},
    {"ZERO at the text's end", &text, LINES(RW_A "\nRW 63 ZERO\0"), REFERS(A), .findings = {"sizes-disagree@115"}},
    {"ZERO, RDONLY", &text, LINES(RW_A "\nRDONLY 63 ZERO\n"), REFERS(A), .findings = {"sizes-disagree@115"}},
    {"ZERO, NOACCESS", &text, LINES(RW_A "\nNOACCESS 63 ZERO\n"), REFERS(A), .findings = {"sizes-disagree@115"}},
    {"ZERO, of another access", &text, LINES(RW_A "\nXX 63 ZERO\n"), REFERS(A)},
    {"only VMFSRDM leaves nothing for QEMU", &text, LINES("RW 63 VMFSRDM \"/dev/b\"\n"),
     SAYS(MALFORMED, "extent line", 0),
     REFERS({EXTENT(HEAD "RW 63 VMFSRDM \"", "/dev/b", "VMFSRDM", "raw"), .size = 63 * 512, .ignored = true})},
    {"ZERO before another extent doesn't take its name", &text, LINES("RW 63 ZERO\n" RW_A "\n"),
     REFERS(SPARSE(HEAD "RW 63 ZERO\nRW 63 SPARSE \"", "a")), .findings = {"sizes-disagree@98"}},
    {"VMFSRDM is a host device that QEMU ignores", &text, LINES(RW_A "\nRW 63 VMFSRDM \"/dev/b\"\n"),
     .findings = {"reference-ignored-by-reader@130"},
     REFERS(A,
            {EXTENT(HEAD RW_A "\nRW 63 VMFSRDM \"", "/dev/b", "VMFSRDM", "raw"), .size = 63 * 512, .ignored = true})},
    {"VMFSRAW is a host device that QEMU ignores", &text, LINES(RW_A "\nRW 63 VMFSRAW \"/dev/b\"\n"),
     .findings = {"reference-ignored-by-reader@130"},
     REFERS(A,
            {EXTENT(HEAD RW_A "\nRW 63 VMFSRAW \"", "/dev/b", "VMFSRAW", "raw"), .size = 63 * 512, .ignored = true})},
    {"an unknown type is a finding", &text, LINES(RW_A "\nRW 63 FOO \"b\"\n"), REFERS(A),
     .findings = {"extent-type-unknown@115"}},
    {"a type of eleven letters takes no name", &text, LINES(RW_A "\nRW 63 VMFSSPARSEX \"b\"\n"), REFERS(A)},
    {"a type in small letters is unknown", &text, LINES(RW_A "\nRW 63 sparse \"b\"\n"), REFERS(A),
     .findings = {"extent-type-unknown@115"}},

    /* numbers */
    {"0 sectors are skipped", &text, LINES("RW 0 SPARSE \"b\"\nRW 63 SPARSE \"a\"\n"),
     REFERS(SPARSE(HEAD "RW 0 SPARSE \"b\"\nRW 63 SPARSE \"", "a"))},
    {"negative sectors are skipped", &text, LINES("RW -1 SPARSE \"b\"\nRW 63 SPARSE \"a\"\n"),
     REFERS(SPARSE(HEAD "RW -1 SPARSE \"b\"\nRW 63 SPARSE \"", "a"))},
    {"negative sectors don't excuse a bad line", &text, LINES(RW_A "\nRW -1 FLAT \"b\"\n"), BAD_LINE(RW_A "\n"),
     REFERS(A)},
    {"a slash isn't a digit", &text, LINES(RW_A "\nRW 63/ \"b\"\n"), REFERS(A),
     .findings = {"extent-type-unknown@115"}},
    {"a colon isn't a digit", &text, LINES(RW_A "\nRW 63: \"b\"\n"), REFERS(A),
     .findings = {"extent-type-unknown@115"}},
    {"sectors over 2^64 of small digits saturate", &text, LINES("RW 20000000000000000000 FLAT \"a\" 0\n"),
     FAILS(MALFORMED, "extent sectors", AT_LINE(""), INT64_MAX, 0, MOST_SECTORS)},
    {"sectors between 2^63 and 2^64 saturate", &text, LINES("RW 9999999999999999999 FLAT \"a\" 0\n"),
     FAILS(MALFORMED, "extent sectors", AT_LINE(""), INT64_MAX, 0, MOST_SECTORS)},
    {"0 sectors don't excuse a bad line", &text, LINES(RW_A "\nRW 0 FLAT \"b\"\n"), BAD_LINE(RW_A "\n"), REFERS(A)},
    {"the most sectors", &text, LINES("RW 18014398507384832 FLAT \"a\" 0\n"),
     REFERS(FLAT(HEAD "RW 18014398507384832 FLAT \"", "a", MOST_SECTORS, 0))},
    {"one sector more", &text, LINES("RW 18014398507384833 FLAT \"a\" 0\n"),
     FAILS(MALFORMED, "extent sectors", AT_LINE(""), MOST_SECTORS + 1, 0, MOST_SECTORS)},
    {"one sector more of a SPARSE extent, whose own size counts", &text, LINES("RW 18014398507384833 SPARSE \"a\"\n"),
     FAILS(MALFORMED, "extent sectors", AT_LINE(""), MOST_SECTORS + 1, 0, MOST_SECTORS)},
    {"too many negative sectors are skipped", &text, LINES("RW -18014398507384833 SPARSE \"b\"\n" RW_A "\n"),
     REFERS(SPARSE(HEAD "RW -18014398507384833 SPARSE \"b\"\nRW 63 SPARSE \"", "a"))},
    {"an offset of 2^64 bytes", &text, LINES("RW 63 FLAT \"a\" 36028797018963968\n"),
     FAILS(MALFORMED, "extent offset", AT_LINE(""), UINT64_C(1) << 55, 0, MOST_SECTORS)},
    {"an extent in the first line", &text, WITH(TEXT(0, RW_A "\n" IDS TYPE("vmfs"))), .format = "vmdk",
     .variant = "vmfs", REFERS(SPARSE("RW 63 SPARSE \"", "a"))},
    {"sectors over 2^63 saturate", &text, LINES("RW 99999999999999999999999 FLAT \"a\" 0\n"),
     FAILS(MALFORMED, "extent sectors", AT_LINE(""), INT64_MAX, 0, MOST_SECTORS)},
    {"extents that add up to more than a disk", &text,
     LINES("RW 18014398507384832 FLAT \"a\" 0\nRW 1 FLAT \"b\" 0\n"),
     FAILS(MALFORMED, "extent sectors", AT_LINE("RW 18014398507384832 FLAT \"a\" 0\n"), MOST_SECTORS + 1, 0,
           MOST_SECTORS),
     REFERS(FLAT(HEAD "RW 18014398507384832 FLAT \"", "a", MOST_SECTORS, 0))},
    {"an offset over 2^64 bytes", &text, LINES("RW 63 FLAT \"a\" 9223372036854775807\n"),
     FAILS(MALFORMED, "extent offset", AT_LINE(""), INT64_MAX, 0, MOST_SECTORS)},
    {"an offset of plus something", &text, LINES("RW +63 FLAT \"a\" +2\n"),
     REFERS(FLAT(HEAD "RW +63 FLAT \"", "a", 63, 2))},
    {"a number without a blank behind it", &text, LINES("RW 63SPARSE\"a\"\n" RW_A "\n"),
     REFERS(SPARSE(HEAD "RW 63SPARSE\"a\"\nRW 63 SPARSE \"", "a"))},

    /* names */
    {"a name of 511 bytes", &text,
     WITH(TEXT(0, HEAD "RW 63 SPARSE \""), REPEAT(AT_LINE("RW 63 SPARSE \""), 511, "n"),
          TEXT(AT_LINE("RW 63 SPARSE \"") + 511, "\"\n")),
     REFERS({REPEATED(EXTENT, "n", 511, AT_LINE("RW 63 SPARSE \"")), .implied = "vmdk", .type = "SPARSE",
             .access = "RW"})},
    {"of a SPARSE extent's name of 512 bytes QEMU opens the first 511", &text,
     WITH(TEXT(0, HEAD "RW 63 SPARSE \""), REPEAT(AT_LINE("RW 63 SPARSE \""), 512, "n"),
          TEXT(AT_LINE("RW 63 SPARSE \"") + 512, "\"\n")),
     REFERS({REPEATED(EXTENT, "n", 511, AT_LINE("RW 63 SPARSE \"")), .implied = "vmdk", .type = "SPARSE",
             .access = "RW"}),
     .findings = {"other-reader-differs@112"}},
    {"a FLAT extent's name of 512 bytes leaves no offset", &text,
     WITH(TEXT(0, HEAD "RW 63 FLAT \""), REPEAT(AT_LINE("RW 63 FLAT \""), 512, "n"),
          TEXT(AT_LINE("RW 63 FLAT \"") + 512, "\" 0\n")),
     BAD_LINE("")},
    {"a name of 511 bytes that a CR ends", &text,
     WITH(TEXT(0, HEAD "RW 63 SPARSE \""), REPEAT(AT_LINE("RW 63 SPARSE \""), 511, "n"),
          TEXT(AT_LINE("RW 63 SPARSE \"") + 511, "\r\n")),
     REFERS({REPEATED(EXTENT, "n", 511, AT_LINE("RW 63 SPARSE \"")), .implied = "vmdk", .type = "SPARSE",
             .access = "RW"})},
    {"a name of 511 bytes that a line's end ends", &text,
     WITH(TEXT(0, HEAD "RW 63 SPARSE \""), REPEAT(AT_LINE("RW 63 SPARSE \""), 511, "n"),
          TEXT(AT_LINE("RW 63 SPARSE \"") + 511, "\n")),
     REFERS({REPEATED(EXTENT, "n", 511, AT_LINE("RW 63 SPARSE \"")), .implied = "vmdk", .type = "SPARSE",
             .access = "RW"})},
    {"a number behind a name that the line's end cuts", &text, LINES("RW 63 SPARSE \"a\n5\n"), REFERS(A)},
    {"an offset without a blank before it", &text, LINES("RW 63 FLAT \"a\"5\n"),
     REFERS(FLAT(HEAD "RW 63 FLAT \"", "a", 63, 5))},
    {"a line without a number is none", &text, LINES(RW_A "\nRW FLAT \"b\"\n"), REFERS(A)},
    {"a name that a CR ends", &text, LINES("RW 63 SPARSE \"a\rb\"\n"), REFERS(A)},
    {"a name without its first quote is no extent", &text, LINES(RW_A "\nRW 63 SPARSE xb\"\n"), REFERS(A)},
    {"an empty name is no extent", &text, LINES(RW_A "\nRW 63 SPARSE \"\"\n"), REFERS(A)},
    {"a name without quotes is no extent", &text, LINES(RW_A "\nRW 63 SPARSE b\n"), REFERS(A)},
    {"a name that the line's end cuts", &text, LINES("RW 63 SPARSE \"a\n"), REFERS(A)},
    {"a name that the file's end cuts", &text, LINES(RW_A "\nRW 63 SPARSE \"b"),
     SAYS(TRUNCATED, "extent line", AT_LINE(RW_A "\n")), REFERS(A)},
    {"an absolute name", &text, LINES("RW 1 FLAT \"/etc/passwd\" 0\n"),
     REFERS(FLAT(HEAD "RW 1 FLAT \"", "/etc/passwd", 1, 0))},
    {"a name that climbs", &text, LINES("RW 1 FLAT \"../../x\" 0\n"),
     REFERS(FLAT(HEAD "RW 1 FLAT \"", "../../x", 1, 0))},
    {"a json: name stays as it stands", &text, LINES("RW 1 SPARSE \"json:{'driver':'file'}\"\n"),
     REFERS(SPARSE(HEAD "RW 1 SPARSE \"", "json:{'driver':'file'}"))},
    {"a name that isn't UTF-8", &text, LINES("RW 1 SPARSE \"\xff\\\t\x01\"\n"),
     REFERS(SPARSE(HEAD "RW 1 SPARSE \"", "\xff\\\t\x01"))},

    /* how many */
    {"two extents within the limit of members", &text, LINES(RW_A "\n" RW_A "\n"), .limits = {.chain_members = 2},
     REFERS(A, SPARSE(HEAD RW_A "\nRW 63 SPARSE \"", "a"))},
    {"three extents over the limit of members", &text, LINES(RW_A "\n" RW_A "\n" RW_A "\n"),
     .limits = {.chain_members = 2}, FAILS(LIMIT, "chain_members", AT_LINE(RW_A "\n" RW_A "\n"), 3, 0, 2),
     REFERS(A, SPARSE(HEAD RW_A "\nRW 63 SPARSE \"", "a"))},
};

/* ---- the parent ---- */

#define HINT "parentFileNameHint=\""
#define BODY HEAD FIRST
#define IGNORED_PARENT(at, name)                                                                                     \
    {                                                                                                                \
        NAMED(BACKING, name, at), .implied = "vmdk", .ignored = true                                                 \
    }
#define FAR(at) WITH(REPEAT(0, at, "#"), TEXT(0, BODY), TEXT((at)-1, "\n" HINT "far.vmdk\"\n"))

static const struct probe_case parent_cases[] = {
    {"a parent is vmdk, whatever it holds", &text, LINES(FIRST HINT "base.vmdk\"\n"),
     REFERS(FIRST_EXTENT, PARENT(BODY HINT, "base.vmdk"))},
    {"parentCID doesn't decide whether there is a parent", &text,
     WITH(TEXT(0, VERSION "CID=1\nparentCID=2\n" TYPE("vmfs") FIRST HINT "base.vmdk\"\n")), .variant = "vmfs",
     .identity = "00000001", .parent = "00000002",
     REFERS(SPARSE(VERSION "CID=1\nparentCID=2\n" TYPE("vmfs") "RW 4192256 SPARSE \"", "a-s001.vmdk"),
            PARENT(VERSION "CID=1\nparentCID=2\n" TYPE("vmfs") FIRST HINT, "base.vmdk"))},
    {"a parentCID without a name can't be told", &text,
     WITH(TEXT(0, VERSION "CID=1\nparentCID=2\n" TYPE("vmfs") FIRST)), SAYS(MALFORMED, "parentFileNameHint", 0),
     REFERS(SPARSE(VERSION "CID=1\nparentCID=2\n" TYPE("vmfs") "RW 4192256 SPARSE \"", "a-s001.vmdk"))},
    {"a hint in a comment is a parent", &text, LINES(FIRST "# " HINT "x\"\n"),
     REFERS(FIRST_EXTENT, PARENT(BODY "# " HINT, "x"))},
    {"of two hints the first counts", &text, LINES(FIRST HINT "a\"\n" HINT "b\"\n"),
     REFERS(FIRST_EXTENT, PARENT(BODY HINT, "a"))},
    {"a hint in capitals is a parent that QEMU ignores", &text, LINES(FIRST "PARENTFILENAMEHINT=\"x\"\n"),
     REFERS(FIRST_EXTENT, IGNORED_PARENT(LENGTH(BODY HINT), "x")), .findings = {"reference-ignored-by-reader@150"}},
    {"blanks around the sign make the name a blank to QEMU alone", &text, LINES(FIRST "parentFileNameHint = \"x\"\n"),
     REFERS(FIRST_EXTENT, PARENT(BODY "parentFileNameHint =", " "), IGNORED_PARENT(LENGTH(BODY HINT) + 2, "x")),
     .findings = {"reference-ignored-by-reader@152"}},
    {"a hint in the first line", &text,
     WITH(TEXT(0, "PARENTFILENAMEHINT=\"x\"\n" IDS TYPE("twoGbMaxExtentSparse") FIRST)), .format = "vmdk",
     .findings = {"reference-ignored-by-reader@20"},
     REFERS(
         SPARSE("PARENTFILENAMEHINT=\"x\"\n" IDS TYPE("twoGbMaxExtentSparse") "RW 4192256 SPARSE \"", "a-s001.vmdk"),
         IGNORED_PARENT(20, "x"))},
    {"tabs around the sign do the same", &text, LINES(FIRST "parentFileNameHint\t=\t\"x\"\n"),
     REFERS(FIRST_EXTENT, PARENT(BODY "parentFileNameHint\t=", "\t"), IGNORED_PARENT(LENGTH(BODY HINT) + 2, "x")),
     .findings = {"reference-ignored-by-reader@152"}},
    {"another first letter is no hint", &text, LINES(FIRST "XARENTFILENAMEHINT=\"x\"\n"), REFERS(FIRST_EXTENT)},
    {"a key as long as the hint's", &text, LINES(FIRST "abcdefghijklmnopqr=\"x\"\n"), REFERS(FIRST_EXTENT)},
#define CAPITALS "PARENTFILENAMEHINT="
#define BARE(end)                                                                                                    \
    LINES(FIRST CAPITALS "x" end), .findings = {"reference-ignored-by-reader@149"},                                  \
                                   REFERS(FIRST_EXTENT, IGNORED_PARENT(LENGTH(BODY CAPITALS), "x"))
    {"a hint in capitals without quotes", &text, BARE("\nfoo=\"a\"\n")},
    {"a hint in capitals without quotes that a CR ends", &text, BARE("\r\nfoo=\"a\"\n")},
    {"a hint in capitals without quotes that the text's end ends", &text, BARE("")},
    {"a hint in capitals without a sign is none", &text, LINES(FIRST "PARENTFILENAMEHINT \"x\"\n"),
     REFERS(FIRST_EXTENT)},
    {"a hint without a closing quote", &text, LINES(FIRST HINT "x\n"),
     SAYS(TRUNCATED, "parentFileNameHint", LENGTH(BODY)), REFERS(FIRST_EXTENT)},
    {"a hint that a NUL cuts", &text, LINES(FIRST HINT "x\0y\"\n"),
     SAYS(MALFORMED, "parentFileNameHint", LENGTH(BODY)), REFERS(FIRST_EXTENT)},
    {"a hint behind a NUL is none", &text, LINES(FIRST "\0" HINT "x\"\n"), REFERS(FIRST_EXTENT)},
    {"an empty hint is none, and that is said", &text, LINES(FIRST HINT "\"\n"), REFERS(FIRST_EXTENT),
     .findings = {"backing-name-empty@150"}},
    {"an empty hint beside a parentCID can't be told", &text,
     WITH(TEXT(0, VERSION "CID=1\nparentCID=2\n" TYPE("vmfs") FIRST HINT "\"\n")),
     SAYS(MALFORMED, "parentFileNameHint", 0),
     REFERS(SPARSE(VERSION "CID=1\nparentCID=2\n" TYPE("vmfs") "RW 4192256 SPARSE \"", "a-s001.vmdk"))},
    {"a hint of 4,095 bytes", &text,
     WITH(TEXT(0, BODY HINT), REPEAT(LENGTH(BODY HINT), 4095, "p"), TEXT(LENGTH(BODY HINT) + 4095, "\"\n")),
     REFERS(FIRST_EXTENT, {REPEATED(BACKING, "p", 4095, LENGTH(BODY HINT)), .implied = "vmdk"})},
    {"a hint of 4,096 bytes is too long", &text,
     WITH(TEXT(0, BODY HINT), REPEAT(LENGTH(BODY HINT), 4096, "p"), TEXT(LENGTH(BODY HINT) + 4096, "\"\n")),
     FAILS(MALFORMED, "parentFileNameHint length", LENGTH(BODY), 4096, 0, 4095), REFERS(FIRST_EXTENT)},
    {"a protocol as a parent stays as it stands", &text, LINES(FIRST HINT "nbd://host/x\"\n"),
     REFERS(FIRST_EXTENT, PARENT(BODY HINT, "nbd://host/x"))},
    {"a hint that ends with QEMU's 10 KiB", &text, FAR(10240 - LENGTH(HINT "far.vmdk\"")),
     MORE(1, 10241 - 4096 - 2048),
     REFERS(FIRST_EXTENT, {NAMED(BACKING, "far.vmdk", 10240 - LENGTH("far.vmdk\"")), .implied = "vmdk"})},
    {"a hint that passes QEMU's 10 KiB", &text, FAR(10241 - LENGTH(HINT "far.vmdk\"")), MORE(1, 10242 - 4096 - 2048),
     SAYS(MALFORMED, "parentFileNameHint", 10241 - LENGTH(HINT "far.vmdk\"")), REFERS(FIRST_EXTENT)},
    {"a hint behind QEMU's 10 KiB is a parent that QEMU ignores", &text, FAR(10240),
     MORE(1, 10240 + 30 - 4096 - 2048), .findings = {"reference-ignored-by-reader@10260"},
     REFERS(FIRST_EXTENT, IGNORED_PARENT(10260, "far.vmdk"))},
};

int main(void)
{
    static const struct table tables[] = {TABLE(key_cases), TABLE(extent_cases), TABLE(parent_cases)};

    return run_tables("vmdk descriptor", tables, IP_COUNT(tables));
}
