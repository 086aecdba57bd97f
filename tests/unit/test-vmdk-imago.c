/* SPDX-License-Identifier: MIT */
/* VMDK's text as imago reads it: a line at a time, each key whole, extents that are flat. */
#include "probe-loops.h"

#define LENGTH(text) (sizeof(text) - 1)
#define HEAD "# Disk DescriptorFile\nversion=1\n"
#define FLAT "RW 2048 FLAT \"a\" 0\n"
#define LINES(lines) WITH(TEXT(0, HEAD lines))
#define NAME(before, its_access, sectors, from)                                                                      \
    {                                                                                                                \
        NAMED(EXTENT, "a", LENGTH(HEAD before)), .implied = "raw", .type = "FLAT", .access = (its_access),           \
                                                 .size = UINT64_C(512) * (sectors),                                  \
                                                 .data_offset = UINT64_C(512) * (from)                               \
    }
#define FIRST NAME("RW 2048 FLAT \"", "RW", 2048, 0)
#define IMAGO .reader = IMGPROBE_READER_IMAGO, .format = "vmdk"
#define REFUSED(status, what, at) SAYS(status, what, LENGTH(HEAD) + (at))

static const struct base text = {
    .magic = LENGTH(HEAD),
    .text = true,
    .format = "vmdk",
    .flags = "read-only",
    .virtual_size = 1 << 20,
};

static const struct probe_case cases[] = {
    {"a flat extent", &text, IMAGO, LINES(FLAT), REFERS(FIRST)},
    {"keys, comments and lines without a sign", &text, IMAGO,
     LINES(FLAT "\n#x=\n CID = 1 \nparentCID=2\ncreateType=x\nddb.x=1\nddb.geometry.heads = \"16\"\nno sign\r\nRW"),
     REFERS(FIRST)},
    {"no offset, and blanks everywhere", &text, IMAGO, LINES(" RW\t2048 FLAT  \" a \"\n"),
     REFERS(NAME(" RW\t2048 FLAT  \" ", "RW", 2048, 0))},
    {"an offset, and words behind it", &text, IMAGO, LINES("RW 2048 FLAT \"a\" 9 x\n"),
     REFERS(NAME("RW 2048 FLAT \"", "RW", 2048, 9))},
    {"an extent that is read only", &text, IMAGO, LINES("RDONLY 2048 FLAT \"a\" 0\n"),
     REFERS(NAME("RDONLY 2048 FLAT \"", "RDONLY", 2048, 0))},
    {"zeros, and what can't be reached", &text, IMAGO, LINES(FLAT "RW 1 ZERO\nNOACCESS 1 FLAT \"b\"\n"),
     REFERS(FIRST), .virtual_size = (1 << 20) + 1024},
    {"as large as a disk may be", &text, IMAGO, LINES(FLAT "RW 18014398507382784 ZERO\n"), REFERS(FIRST),
     .virtual_size = UINT64_C(18014398507384832) * 512},
    {"larger", &text, IMAGO, LINES(FLAT "RW 18014398507382785 ZERO\n"),
     REFUSED(MALFORMED, "extent line", LENGTH(FLAT "RW ") - 1), REFERS(FIRST)},
    {"no number of sectors", &text, IMAGO, LINES("RW + FLAT \"a\"\n"), REFUSED(MALFORMED, "extent line", 2)},
    {"a number of 19 digits", &text, IMAGO, LINES("RW 0000000000000000001 FLAT \"a\"\n"),
     REFUSED(MALFORMED, "extent line", 2)},
    {"nothing behind the access", &text, IMAGO, LINES("RW \n" FLAT),
     REFERS(NAME("RW \nRW 2048 FLAT \"", "RW", 2048, 0))},
    {"another type", &text, IMAGO, LINES("RW 1 SPARSE \"a\"\n"), REFUSED(UNSUPPORTED, "extent line", 2)},
    {"no name", &text, IMAGO, LINES("RW 1 FLAT a\n"), REFUSED(MALFORMED, "extent line", LENGTH("RW 1 FLAT"))},
    {"a name without an end", &text, IMAGO, LINES("RW 1 FLAT \"a\n"),
     REFUSED(MALFORMED, "extent line", LENGTH("RW 1 FLAT"))},
    {"a name of blanks", &text, IMAGO, LINES("RW 1 FLAT \" \"\n"),
     REFUSED(MALFORMED, "extent line", LENGTH("RW 1 FLAT"))},
    {"an offset that is no number", &text, IMAGO, LINES("RW 1 FLAT \"a\" -1\n"),
     REFUSED(MALFORMED, "extent line", LENGTH("RW 1 FLAT"))},
    {"an offset that is too large", &text, IMAGO, LINES("RW 1 FLAT \"a\" 999999999999999999\n"),
     REFUSED(MALFORMED, "extent line", LENGTH("RW 1 FLAT")), REFERS(NAME("RW 1 FLAT \"", "RW", 1, 0))},
    {"no extent", &text, IMAGO, LINES("RW 1 ZERO\n"), SAYS(MALFORMED, "extent line", 0)},
    {"a parent", &text, IMAGO, LINES("parentFileNameHint=\"b\"\n" FLAT),
     REFUSED(UNSUPPORTED, "parentFileNameHint", 0)},
    {"an unknown key", &text, IMAGO, LINES("encoding=\"UTF-8\"\n" FLAT), REFUSED(UNSUPPORTED, "descriptor", 0)},
    {"a key of three letters", &text, IMAGO, LINES("ddb=\n" FLAT), REFUSED(UNSUPPORTED, "descriptor", 0)},
    {"a version that is none", &text, IMAGO, LINES("version=x\n" FLAT), REFUSED(UNSUPPORTED, "version", 0)},
    {"a second version of 0", &text, IMAGO, LINES("version=0\n" FLAT), REFUSED(UNSUPPORTED, "version", 0)},
    {"a second version of 3", &text, IMAGO, LINES("version=3\n" FLAT),
     REFERS(NAME("version=3\nRW 2048 FLAT \"", "RW", 2048, 0))},
    {"a second version of 4", &text, IMAGO, LINES("version=4\n" FLAT), REFUSED(UNSUPPORTED, "version", 0)},
    {"a geometry that is no number", &text, IMAGO, LINES("ddb.geometry.sectors=\"\n" FLAT),
     REFUSED(MALFORMED, "ddb.geometry", 0)},
    {"a NUL", &text, IMAGO, LINES(FLAT "\0\n"), REFUSED(MALFORMED, "descriptor", LENGTH(FLAT))},
    {"what isn't UTF-8", &text, IMAGO, LINES(FLAT "#\xff\n"), SAYS(MALFORMED, "descriptor", 0)},
    {"a blank that isn't ASCII", &text, IMAGO, LINES(FLAT "\xc2\xa0\n"),
     REFUSED(MALFORMED, "descriptor", LENGTH(FLAT))},
    {"letters that aren't ASCII", &text, IMAGO, LINES(FLAT "#\xc3\xbc\n"), REFERS(FIRST)},
    {"no text", &text, IMAGO, WITH(TEXT(0, "KDMV\1\0\0\0")), SAYS(UNSUPPORTED, "descriptor", 0)},
};

int main(void)
{
    static const struct table tables[] = {TABLE(cases)};

    return run_tables("vmdk for imago", tables, IP_COUNT(tables));
}
