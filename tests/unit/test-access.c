/* SPDX-License-Identifier: MIT */
/*
 * What a chain's reader is granted. Each row is asked twice, and again in every workspace from one that the chain
 * fills up to one that serves; whatever is asked, the grants are what the chain says of its members and their names.
 */
#include "access-walk.h"
#include "image/image.h"

/* clang-format off */
#define OWN .options = {.format = "qcow2", .follow = IMGPROBE_FOLLOW_OWN}
#define WRITE .write = true
#define MAY(...) .consents = {__VA_ARGS__}
#define RAISE(...) .raised = {__VA_ARGS__}
#define IMAGO .options = {.format = "qcow2", .reader = IMGPROBE_READER_IMAGO}
#define BASE {.path = "/i/base"}
#define A {.path = "/i/a"}
#define B {.path = "/i/b"}
#define CORRUPT .spoil = {72, 8, 2}
#define CORRUPT_DATA .spoil = {72, 8, 6}
#define VERSION_3(of) {.path = (of), .kind = SPARSE, .size = 65536, .spoil = {4, 1, 3}}
#define SE(of) {.path = (of), .kind = SESPARSE, .size = 65536}
#define ENDS(with) .status = IMGPROBE_##with
#define NEEDS_CONSENT(of, name) ENDS(REFUSED), .field = "write-needs-consent", .culprit = (of), .at = (name)
#define NOT_WRITABLE(of) ENDS(REFUSED), .field = "not-writable", .culprit = (of)
#define TOP_WITH_BASE {TOP, IS_QCOW2(.backing = "base", .format = "raw")}
#define TOP_WITH_MID {TOP, IS_QCOW2(.backing = "mid", .format = "qcow2")}
#define MID_WITH_BASE {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")}
#define MID_WITH_DATA {.path = "/i/mid", IS_QCOW2(.data_file = "/i/data")}

static const struct access_case modes[] = {
    {.name = "a raw image", .files = {{TOP}}, .grants = "/i/top:r"},
    {.name = "an empty image", .files = {{TOP, .cut = SIZE_MAX}}, .grants = "/i/top:r"},
    {.name = "a raw image, to write", .files = {{TOP}}, WRITE, .grants = "/i/top:w"},
    {.name = "an image by a name of no letters, to write", .files = {{.path = ""}}, WRITE, .grants = ":w"},
    {.name = "an image without a name, to write", .files = {{TOP}}, .nameless = true, WRITE, .grants = ":w"},
    {.name = "an image and its backing file", .files = {TOP_WITH_BASE, BASE}, PIN("qcow2"),
     .grants = "/i/top:r /i/base:r"},
    {.name = "the backing file isn't written", .files = {TOP_WITH_BASE, BASE}, PIN("qcow2"), WRITE,
     .grants = "/i/top:w /i/base:r"},
    {.name = "the backing file isn't written, whatever was consented to", .files = {TOP_WITH_BASE, BASE},
     PIN("qcow2"), WRITE, MAY("=/i/base", ""), .grants = "/i/top:w /i/base:r"},
    {.name = "consent alone writes nothing", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), MAY("=/i/data", "=/i/top",
     ""),
     .grants = "/i/top:r /i/data:r"},
    {.name = "an image and its data file", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"),
     .grants = "/i/top:r /i/data:r"},
    {.name = "a data file needs consent", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE,
     NEEDS_CONSENT("/i/data", "/i/data"), .grants = "/i/top:w /i/data:u"},
    {.name = "only the image's own files are wanted", .files = {TOP_WITH_DATA, DATA}, OWN, WRITE, MAY("=/i/data"),
     .grants = "/i/top:w /i/data:w"},
    {.name = "a backing file's data file isn't written", .files = {TOP_WITH_MID, MID_WITH_DATA, DATA}, PIN("qcow2"),
     WRITE, .grants = "/i/top:w /i/mid:r /i/data:r"},
    {.name = "a block device as data file needs consent, too",
     .files = {TOP_WITH_DATA, {.path = "/i/data", .is = IMGPROBE_KIND_BLOCK}}, PIN("qcow2"), WRITE,
     NEEDS_CONSENT("/i/data", "/i/data"), .grants = "/i/top:w /i/data:u"},
    {.name = "extents are written", .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"b\" 0\n")}, A, B},
     PIN("vmdk"), WRITE, MAY("=/i/a", "=/i/b"), .grants = "/i/top:w /i/a:w /i/b:w"},
    {.name = "extents aren't written", .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"b\" 0\n")}, A, B},
     PIN("vmdk"), .grants = "/i/top:r /i/a:r /i/b:r"},
    {.name = "each extent needs consent", .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"b\" 0\n")}, A, B},
     PIN("vmdk"), WRITE, MAY("=/i/a"), NEEDS_CONSENT("/i/b", "b"), .grants = "/i/top:w /i/a:w /i/b:u"},
    {.name = "the first extent without consent is said, and all are marked",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"b\" 0\n")}, A, B}, PIN("vmdk"), WRITE,
     NEEDS_CONSENT("/i/a", "a"), .grants = "/i/top:w /i/a:u /i/b:u"},
    {.name = "extents of extents are written",
     .files = {{TOP, IS_VMDK("RW 9 SPARSE \"a\"\n")}, {.path = "/i/a", NESTED("RW 5 FLAT \"b\" 0\n")}, B},
     PIN("vmdk"),
     WRITE, MAY("=/i/a", "=/i/b"), .grants = "/i/top:w /i/a:w /i/b:w"},
    {.name = "extents of extents need consent",
     .files = {{TOP, IS_VMDK("RW 9 SPARSE \"a\"\n")}, {.path = "/i/a", NESTED("RW 5 FLAT \"b\" 0\n")}, B},
     PIN("vmdk"),
     WRITE, MAY("=/i/a"), NEEDS_CONSENT("/i/b", "b"), .grants = "/i/top:w /i/a:w /i/b:u"},
    {.name = "extents of extents are written, though the one between isn't consented to",
     .files = {{TOP, IS_VMDK("RW 9 SPARSE \"a\"\n")}, {.path = "/i/a", NESTED("RW 5 FLAT \"b\" 0\n")}, B},
     PIN("vmdk"),
     WRITE, MAY("=/i/b"), NEEDS_CONSENT("/i/a", "a"), .grants = "/i/top:w /i/a:u /i/b:w"},
    {.name = "a parent and its extents aren't written",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\n", "mid", .parent_id = 7)}, A,
               {.path = "/i/mid", IS_VMDK("RW 1 FLAT \"b\" 0\n", .id = 7)}, B},
     PIN("vmdk"), WRITE, MAY("=/i/a", "=/i/b", "=/i/mid"), .grants = "/i/top:w /i/a:w /i/mid:r /i/b:r"},
    {.name = "an extent that the parent has, too, is written",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\n", "mid", .parent_id = 7)}, A,
               {.path = "/i/mid", IS_VMDK("RW 1 FLAT \"./a\" 0\nRW 1 FLAT \"b\" 0\n", .id = 7)}, {.path = "/i/./a",
     .inode = 2},
               B},
     PIN("vmdk"), WRITE, MAY("=/i/a"), .grants = "/i/top:w /i/a,/i/./a:w /i/mid:r /i/b:r"},
    {.name = "an image that is its own extent needs no consent", .files = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\n")}},
     PIN("vmdk"), WRITE, .grants = "/i/top:w"},
    {.name = "an image that is its own extent by another name",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"./top\" 0\n")}, {.path = "/i/./top", .inode = 1}}, PIN("vmdk"), WRITE,
     .grants = "/i/top,/i/./top:w"},
    {.name = "an image without a name that is its own extent",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"/i/top\" 0\n")}}, PIN("vmdk"), .nameless = true, WRITE,
     .grants = "/i/top:w"},
    {.name = "a parent that is its own extent",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\n", "base", .parent_id = 1)},
               {.path = "/i/base", IS_VMDK("RW 1 FLAT \"base\" 0\n", .id = 1)}},
     PIN("vmdk"), WRITE, .grants = "/i/top:w /i/base:r"},
    {.name = "one file as data file and under the backing file is written",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/base", .backing = "mid", .format = "qcow2")},
               MID_WITH_BASE, BASE},
     PIN("qcow2"), WRITE, MAY("=/i/base"), .grants = "/i/top:w /i/base:w /i/mid:r"},
    {.name = "one file as data file and under the backing file, without consent",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/base", .backing = "mid", .format = "qcow2")},
               MID_WITH_BASE, BASE},
     PIN("qcow2"), WRITE, NEEDS_CONSENT("/i/base", "/i/base"), .grants = "/i/top:w /i/base:u /i/mid:r"},
    {.name = "one file as two images' data file, of which one is written",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/data", .backing = "mid", .format = "qcow2")}, MID_WITH_DATA, DATA},
     PIN("qcow2"), WRITE, MAY("=/i/data"), .grants = "/i/top:w /i/data:w /i/mid:r"},
};

static const struct access_case consents[] = {
    {.name = "consent by file", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE, MAY("=/i/data"),
     .grants = "/i/top:w /i/data:w"},
    {.name = "consent by file, the last of several", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE,
     MAY("/other", "=/i/top", "=/i/no", "=/i/data"), .grants = "/i/top:w /i/data:w"},
    {.name = "consent to another file", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE, MAY("=/i/no"),
     NEEDS_CONSENT("/i/data", "/i/data"), .grants = "/i/top:w /i/data:u"},
    {.name = "consent to the top", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE, MAY("=/i/top"),
     NEEDS_CONSENT("/i/data", "/i/data"), .grants = "/i/top:w /i/data:u"},
    {.name = "consent to a file of another device", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE,
     MAY("=/i/data!"), NEEDS_CONSENT("/i/data", "/i/data"), .grants = "/i/top:w /i/data:u"},
    {.name = "consent by directory", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE, MAY("/real"),
     .grants = "/i/top:w /i/data:w"},
    {.name = "consent by directory, deeper",
     .files = {TOP_WITH_DATA, {.path = "/i/data", .canonical = "/real/deep/er/data"}}, PIN("qcow2"), WRITE,
     MAY("/real"), .grants = "/i/top:w /i/data:w"},
    {.name = "consent by directory, two deep",
     .files = {TOP_WITH_DATA, {.path = "/i/data", .canonical = "/real/deep/data"}}, PIN("qcow2"), WRITE,
     MAY("/no", "/real/deep"), .grants = "/i/top:w /i/data:w"},
    {.name = "consent by the root directory", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE, MAY(""),
     .grants = "/i/top:w /i/data:w"},
    {.name = "consent by the root directory to what stands in it",
     .files = {TOP_WITH_DATA, {.path = "/i/data", .canonical = "/d"}}, PIN("qcow2"), WRITE, MAY(""),
     .grants = "/i/top:w /i/data:w"},
    {.name = "consent by directory is by whole components", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE,
     MAY("/rea", "/real/d", "/real/dat", "/r"), NEEDS_CONSENT("/i/data", "/i/data"),
     .grants = "/i/top:w /i/data:u"},
    {.name = "a directory whose name is longer", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE,
     MAY("/real/data/x", "/real/data/", "/realdata"), NEEDS_CONSENT("/i/data", "/i/data"),
     .grants = "/i/top:w /i/data:u"},
    {.name = "a file isn't beneath itself", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE, MAY("/real/data"),
     NEEDS_CONSENT("/i/data", "/i/data"), .grants = "/i/top:w /i/data:u"},
    {.name = "a directory with a slash at its end is none", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE,
     MAY("/real/", "/"), NEEDS_CONSENT("/i/data", "/i/data"), .grants = "/i/top:w /i/data:u"},
    {.name = "a directory of another case", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE, MAY("/Real"),
     NEEDS_CONSENT("/i/data", "/i/data"), .grants = "/i/top:w /i/data:u"},
    {.name = "consent goes by the canonical name, not by the one given", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"),
     WRITE, MAY("/i"), NEEDS_CONSENT("/i/data", "/i/data"), .grants = "/i/top:w /i/data:u"},
    {.name = "where no canonical name can be told, no directory is consent",
     .files = {TOP_WITH_DATA, {.path = "/i/data"}}, PIN("qcow2"), WRITE, MAY("/i", "", "/real"),
     NEEDS_CONSENT("/i/data", "/i/data"), .grants = "/i/top:w /i/data:u"},
    {.name = "consent by directory to one extent of two",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"b\" 0\n")}, {.path = "/i/a", .canonical = "/out/a"},
               {.path = "/i/b", .canonical = "/in/b"}},
     PIN("vmdk"), WRITE, MAY("/in"), NEEDS_CONSENT("/i/a", "a"), .grants = "/i/top:w /i/a:u /i/b:w"},
    {.name = "consent by directory and by file",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"b\" 0\n")}, {.path = "/i/a", .canonical = "/out/a"},
               {.path = "/i/b", .canonical = "/in/b"}},
     PIN("vmdk"), WRITE, MAY("/in", "=/i/a"), .grants = "/i/top:w /i/a:w /i/b:w"},
};

static const struct access_case raised[] = {
    {.name = "a raised base, and the top is read only", .files = {TOP_WITH_BASE, BASE}, PIN("qcow2"),
     RAISE("/i/base"), .grants = "/i/top:r /i/base:w"},
    {.name = "a raised base, and the top is written", .files = {TOP_WITH_BASE, BASE}, PIN("qcow2"), WRITE,
     RAISE("/i/base"), .grants = "/i/top:w /i/base:w"},
    {.name = "a raised image between", .files = {TOP_WITH_MID, MID_WITH_BASE, BASE}, PIN("qcow2"),
     RAISE("/i/mid"), .grants = "/i/top:r /i/mid:w /i/base:r"},
    {.name = "two raised", .files = {TOP_WITH_MID, MID_WITH_BASE, BASE}, PIN("qcow2"),
     RAISE("/i/base", "/i/mid"), .grants = "/i/top:r /i/mid:w /i/base:w"},
    {.name = "one raised twice", .files = {TOP_WITH_BASE, BASE}, PIN("qcow2"), RAISE("/i/base", "/i/base"),
     .grants = "/i/top:r /i/base:w"},
    {.name = "the top raised is the top written", .files = {TOP_WITH_BASE, BASE}, PIN("qcow2"), RAISE("/i/top"),
     .grants = "/i/top:w /i/base:r"},
    {.name = "the top raised, and its data file needs consent", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"),
     RAISE("/i/top"), NEEDS_CONSENT("/i/data", "/i/data"), .grants = "/i/top:w /i/data:u"},
    {.name = "a raised image's data file needs consent", .files = {TOP_WITH_MID, MID_WITH_DATA, DATA}, PIN("qcow2"),
     RAISE("/i/mid"), NEEDS_CONSENT("/i/data", "/i/data"), .grants = "/i/top:r /i/mid:w /i/data:u"},
    {.name = "a raised image's data file, with consent", .files = {TOP_WITH_MID, MID_WITH_DATA, DATA}, PIN("qcow2"),
     RAISE("/i/mid"), MAY("/real"), .grants = "/i/top:r /i/mid:w /i/data:w"},
    {.name = "a raised image and its data file raised, too", .files = {TOP_WITH_MID, MID_WITH_DATA, DATA},
     PIN("qcow2"),
     RAISE("/i/mid", "/i/data"), .grants = "/i/top:r /i/mid:w /i/data:w"},
    {.name = "a data file raised is as good as consent", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), WRITE,
     RAISE("/i/data"), .grants = "/i/top:w /i/data:w"},
    {.name = "a data file raised alone", .files = {TOP_WITH_DATA, DATA}, PIN("qcow2"), RAISE("/i/data"),
     .grants = "/i/top:r /i/data:w"},
    {.name = "a raised parent's extents need consent",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\n", "mid", .parent_id = 7)}, A,
               {.path = "/i/mid", IS_VMDK("RW 1 FLAT \"b\" 0\n", .id = 7)}, B},
     PIN("vmdk"), RAISE("/i/mid"), NEEDS_CONSENT("/i/b", "b"),
     .grants = "/i/top:r /i/a:r /i/mid:w /i/b:u"},
    {.name = "a raised extent's extents need consent",
     .files = {{TOP, IS_VMDK("RW 9 SPARSE \"a\"\n")}, {.path = "/i/a", NESTED("RW 5 FLAT \"b\" 0\n")}, B},
     PIN("vmdk"),
     RAISE("/i/a"), NEEDS_CONSENT("/i/b", "b"), .grants = "/i/top:r /i/a:w /i/b:u"},
    {.name = "consent isn't needed for what was raised, and raises nothing", .files = {TOP_WITH_BASE, BASE},
     PIN("qcow2"), RAISE("/i/base"), MAY("=/i/top", ""), .grants = "/i/top:r /i/base:w"},
    {.name = "raised, and not a member", .files = {TOP_WITH_BASE, BASE}, PIN("qcow2"), RAISE("/i/no"),
     ENDS(REFUSED), .field = "not-a-member", .grants = "/i/top:r /i/base:r"},
    {.name = "raised, and not a member, among others", .files = {TOP_WITH_BASE, BASE}, PIN("qcow2"), WRITE,
     RAISE("/i/base", "/i/no", "/i/top"), ENDS(REFUSED), .field = "not-a-member", .grants = "/i/top:r /i/base:r"},
    {.name = "raised, and of another device", .files = {TOP_WITH_BASE, BASE}, PIN("qcow2"), RAISE("/i/base!"),
     ENDS(REFUSED), .field = "not-a-member", .grants = "/i/top:r /i/base:r"},
};

static const struct access_case read_only[] = {
    {.name = "a corrupt qcow2", .files = {{TOP, .kind = QCOW2, CORRUPT}}, .grants = "/i/top:r-"},
    {.name = "a corrupt qcow2, to write", .files = {{TOP, .kind = QCOW2, CORRUPT}}, WRITE, NOT_WRITABLE("/i/top"),
     .grants = "/i/top:w-"},
    {.name = "a corrupt base", .files = {TOP_WITH_MID, {.path = "/i/mid", .kind = QCOW2, CORRUPT}}, PIN("qcow2"),
     WRITE, .grants = "/i/top:w /i/mid:r-"},
    {.name = "a corrupt base, raised", .files = {TOP_WITH_MID, {.path = "/i/mid", .kind = QCOW2, CORRUPT}},
     PIN("qcow2"), RAISE("/i/mid"), NOT_WRITABLE("/i/mid"), .at = "mid", .grants = "/i/top:r /i/mid:w-"},
    {.name = "a corrupt qcow2 and its data file, without consent",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/data"), CORRUPT_DATA}, DATA}, PIN("qcow2"), WRITE,
     NOT_WRITABLE("/i/top"), .grants = "/i/top:w- /i/data:u"},
    {.name = "a corrupt qcow2 written as raw bytes", .files = {{TOP, .kind = QCOW2, CORRUPT}}, PIN("raw"), WRITE,
     .grants = "/i/top:w"},
    {.name = "VMDK version 3", .files = {{TOP, .kind = SPARSE, .v = {.lines = ""}, .size = 65536, .spoil = {4, 1,
     3}}}, PIN("vmdk"), .grants = "/i/top:r-"},
    {.name = "VMDK version 3, to write", .files = {{TOP, .kind = SPARSE, .v = {.lines = ""}, .size = 65536,
     .spoil = {4, 1, 3}}}, PIN("vmdk"), WRITE, NOT_WRITABLE("/i/top"),
     .grants = "/i/top:w-"},
    {.name = "an extent of VMDK version 3", .files = {{TOP, IS_VMDK("RW 128 SPARSE \"a\"\n")}, VERSION_3("/i/a")},
     PIN("vmdk"), .grants = "/i/top:r- /i/a:r-"},
    {.name = "an extent of VMDK version 3, to write, with consent",
     .files = {{TOP, IS_VMDK("RW 128 SPARSE \"a\"\n")}, VERSION_3("/i/a")}, PIN("vmdk"), WRITE, MAY("=/i/a"),
     NOT_WRITABLE("/i/top"), .grants = "/i/top:w- /i/a:w-"},
    {.name = "an extent of VMDK version 3, raised",
     .files = {{TOP, IS_VMDK("RW 128 SPARSE \"a\"\n")}, VERSION_3("/i/a")}, PIN("vmdk"), RAISE("/i/a"),
     NOT_WRITABLE("/i/a"), .at = "a", .grants = "/i/top:r- /i/a:w-"},
    {.name = "an extent of an extent of VMDK version 3, to write",
     .files = {{TOP, IS_VMDK("RW 9 SPARSE \"a\"\n")}, {.path = "/i/a", NESTED("RW 5 SPARSE \"b\"\n")},
               VERSION_3("/i/b")},
     PIN("vmdk"), WRITE, MAY("=/i/a", "=/i/b"), NOT_WRITABLE("/i/top"), .grants = "/i/top:w- /i/a:w- /i/b:w-"},
    {.name = "a parent of VMDK version 3",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\n", "base", .parent_id = 1)},
               {.path = "/i/base", .kind = SPARSE, .v = {.lines = "", .id = 1}, .size = 65536, .spoil = {4, 1, 3}}},
     PIN("vmdk"), WRITE, .grants = "/i/top:w /i/base:r-"},
    {.name = "seSparse", .files = {{TOP, IS_VMDK("RW 128 SESPARSE \"a\"\n", .type = "seSparse")}, SE("/i/a")},
     PIN("vmdk"), .grants = "/i/top:r- /i/a:r-"},
    {.name = "seSparse, to write",
     .files = {{TOP, IS_VMDK("RW 128 SESPARSE \"a\"\n", .type = "seSparse")}, SE("/i/a")}, PIN("vmdk"), WRITE,
     MAY("=/i/a"), NOT_WRITABLE("/i/top"), .grants = "/i/top:w- /i/a:w-"},
    {.name = "seSparse beneath what is written",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\n", "base", .parent_id = 1)},
               {.path = "/i/base", IS_VMDK("RW 128 SESPARSE \"a\"\n", .id = 1, .type = "seSparse")}, SE("/i/a")},
     PIN("vmdk"), WRITE, .grants = "/i/top:w /i/base:r- /i/a:r-"},
};

static const struct access_case names[] = {
    {.name = "one name twice is listed once",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"a\" 1\nRW 1 FLAT \"b\" 0\nRW 1 FLAT \"a\" 2\n")}, A, B},
     PIN("vmdk"), .grants = "/i/top:r /i/a:r /i/b:r"},
    {.name = "two names of one file, its own first",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/one", .backing = "mid", .format = "qcow2")},
               {.path = "/i/mid", IS_QCOW2(.backing = "two", .format = "raw")}, {.path = "/i/one", .inode = 99},
               {.path = "/i/two", .inode = 99}},
     PIN("qcow2"), WRITE, MAY("=/i/two"), .grants = "/i/top:w /i/one,/i/two:w /i/mid:r"},
    {.name = "three names of one file, its own first",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"./a\" 1\nRW 1 FLAT \"/i/b\" 0\n")},
               {.path = "/i/a", .inode = 9}, {.path = "/i/./a", .inode = 9}, {.path = "/i/b", .inode = 9}},
     PIN("vmdk"), .grants = "/i/top:r /i/a,/i/./a,/i/b:r"},
    {.name = "names that begin alike",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"aa\" 1\nRW 1 FLAT \"aaa\" 0\n")},
               {.path = "/i/a", .inode = 9}, {.path = "/i/aa", .inode = 9}, {.path = "/i/aaa", .inode = 9}},
     PIN("vmdk"), .grants = "/i/top:r /i/a,/i/aa,/i/aaa:r"},
    {.name = "a second name twice is listed once, by the first reference",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"b\" 1\nRW 1 FLAT \"c\" 0\nRW 1 FLAT \"b\" 0\n")},
               {.path = "/i/a", .inode = 9}, {.path = "/i/b", .inode = 9}, {.path = "/i/c", .inode = 10}},
     PIN("vmdk"), .grants = "/i/top:r /i/a,/i/b:r /i/c:r"},
    {.name = "a relative top gives relative names",
     .files = {{.path = "top", IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "base"}}, PIN("qcow2"),
     .grants = "top:r base:r"},
    {.name = "a VHD's other names for its parent aren't opened",
     .files = {{TOP, DIFFERENCING(1, 2, "sub\\base", "C:\\other\\base", "base", "file:///u/base")},
               {.path = "/i/sub/base", IS_VHD(.id = 2)}},
     .options = {.format = "vhd", .reader = IMGPROBE_READER_XEN}, WRITE, .grants = "/i/top:w /i/sub/base:r"},
    {.name = "imago writes a data file that it only reads", .files = {TOP_WITH_DATA, DATA}, IMAGO, MAY("=/i/data"),
     .grants = "/i/top:r /i/data:w"},
    {.name = "and not without consent", .files = {TOP_WITH_DATA, DATA}, IMAGO, NEEDS_CONSENT("/i/data", "/i/data"),
     .grants = "/i/top:r /i/data:u"},
    {.name = "imago writes the data file of a backing file", .files = {TOP_WITH_MID, MID_WITH_DATA, DATA}, IMAGO, WRITE,
     MAY("=/i/data"), .grants = "/i/top:w /i/mid:r /i/data:w"},
    {.name = "imago doesn't write a backing file", .files = {TOP_WITH_MID, MID_WITH_BASE, BASE}, IMAGO, WRITE,
     .grants = "/i/top:w /i/mid:r /i/base:r"},
    {.name = "a data file stands beside its image, to imago",
     .files = {{TOP, IS_QCOW2(.data_file = "data")}, DATA}, IMAGO, MAY("=/i/data"), .grants = "/i/top:r /i/data:w"},
};

#define PROBED ENDS(REFUSED), .field = "format-probed", .culprit = "/i/top"
static const struct access_case probed[] = {
    {.name = "a probed top that refers to nothing", .files = {{TOP, .kind = QCOW2}}, WRITE, .grants = "/i/top:w"},
    {.name = "a probed top that has a backing file", .files = {TOP_WITH_BASE, BASE}, PROBED, .at = "base",
     .grants = "/i/top:r /i/base:r"},
    {.name = "a probed top that has a data file, to write, with consent", .files = {TOP_WITH_DATA, DATA}, WRITE,
     MAY("=/i/data", ""), PROBED, .at = "/i/data", .grants = "/i/top:r /i/data:r"},
    {.name = "a probed top that is its own extent", .files = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\n")}}, WRITE, PROBED,
     .at = "top", .grants = "/i/top:r"},
    {.name = "a probed top, and a member is raised", .files = {TOP_WITH_BASE, BASE}, RAISE("/i/base"), PROBED,
     .at = "base", .grants = "/i/top:r /i/base:r"},
    {.name = "a probed top, and what isn't a member is raised", .files = {TOP_WITH_BASE, BASE}, RAISE("/i/no"),
     PROBED,
     .at = "base", .grants = "/i/top:r /i/base:r"},
    {.name = "a member below the floor",
     .files = {{TOP, IS_QCOW2(.backing = "disk", .format = "vmdk")}, {.path = "/i/disk", IS_VMDK("RW 1 FLAT \"flat\" 0\n")},
               {.path = "/i/flat"}},
     PIN("qcow2"), .floor = IMGPROBE_FLOOR_GUEST, ENDS(REFUSED), .field = "tier-below-floor", .culprit = "/i/disk",
     .at = "disk", .grants = "/i/top:r /i/disk:r /i/flat:r"},
    {.name = "a member of the lower floor",
     .files = {{TOP, IS_QCOW2(.backing = "disk", .format = "vmdk")}, {.path = "/i/disk", IS_VMDK("RW 1 FLAT \"flat\" 0\n")},
               {.path = "/i/flat"}},
     PIN("qcow2"), .floor = IMGPROBE_FLOOR_IMPORT, .grants = "/i/top:r /i/disk:r /i/flat:r"},
    {.name = "a probed base is good where it refers to nothing",
     .files = {{TOP, IS_QCOW2(.backing = "base")}, {.path = "/i/base", .kind = QCOW2}}, PIN("qcow2"), WRITE,
     .grants = "/i/top:w /i/base:r"},
    {.name = "a probed base, raised", .files = {{TOP, IS_QCOW2(.backing = "base")}, {.path = "/i/base",
     .kind = QCOW2}},
     PIN("qcow2"), RAISE("/i/base"), .grants = "/i/top:r /i/base:w"},
};

/* The chain's own end, whatever is asked. */
#define ALL WRITE, MAY("=/i/data", "=/i/base", "=/i/a", ""), RAISE("/i/top", "/i/no")
static const struct access_case incomplete[] = {
    {.name = "missing: a backing file that isn't there", .files = {TOP_WITH_BASE}, PIN("qcow2"), ALL, ENDS(SYSTEM),
     .culprit = "/i/top", .at = "base", .grants = "/i/top:r"},
    {.name = "missing: the second extent of three",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"b\" 0\nRW 1 FLAT \"c\" 0\n")}, A, {.path = "/i/c"}},
     PIN("vmdk"), ALL, ENDS(SYSTEM), .culprit = "/i/top", .at = "b", .grants = "/i/top:r /i/a:r"},
    {.name = "missing: a base that can't be read", .files = {TOP_WITH_BASE, {.path = "/i/base",
     .broken = IMGPROBE_SYSTEM}},
     PIN("qcow2"), ALL, ENDS(SYSTEM), .field = "window", .culprit = "/i/base", .grants = "/i/top:r /i/base:r"},
    {.name = "missing: NEED of a base", .files = {TOP_WITH_BASE, {.path = "/i/base", .broken = IMGPROBE_NEED}},
     PIN("qcow2"), ALL, ENDS(NEED), .field = "window", .culprit = "/i/base", .grants = "/i/top:r /i/base:r"},
    {.name = "missing: NEED of the top", .files = {{TOP, .broken = IMGPROBE_NEED}},
     PIN("qcow2"), ALL, ENDS(NEED), .field = "window", .culprit = "/i/top", .grants = "/i/top:r"},
    {.name = "remote", .files = {{TOP, IS_QCOW2(.data_file = "/i/data", .backing = "nbd://host/export",
     .format = "raw")}, DATA}, PIN("qcow2"),
     ALL, ENDS(REFUSED), .field = "remote-reference", .culprit = "/i/top", .at = "nbd://host/export",
     .grants = "/i/top:r /i/data:r"},
    {.name = "loop", .files = {TOP_WITH_MID, {.path = "/i/mid", IS_QCOW2(.backing = "top", .format = "qcow2")}},
     PIN("qcow2"), ALL, ENDS(REFUSED), .field = "loop", .culprit = "/i/mid", .at = "top",
     .grants = "/i/top:r /i/mid:r"},
    {.name = "limit: deeper than may be", .files = {TOP_WITH_MID, MID_WITH_BASE, BASE},
     PIN("qcow2"), .limits = {.chain_depth = 2}, ALL, ENDS(LIMIT), .field = "chain_depth", .culprit = "/i/mid",
     .at = "base", .grants = "/i/top:r /i/mid:r"},
    {.name = "limit: an opener's own", .files = {TOP_WITH_BASE, {.path = "/i/base", .fails = IMGPROBE_LIMIT,
     .field = "files"}},
     PIN("qcow2"), ALL, ENDS(LIMIT), .field = "files", .culprit = "/i/top", .at = "base", .grants = "/i/top:r"},
    {.name = "refused: a file that is another format elsewhere",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/mid", .backing = "mid", .format = "qcow2")},
               {.path = "/i/mid", .kind = QCOW2}},
     PIN("qcow2"), ALL, ENDS(REFUSED), .field = "declared-formats-disagree", .culprit = "/i/top", .at = "mid",
     .grants = "/i/top:r /i/mid:r"},
    {.name = "refused: a probed base that refers to more",
     .files = {{TOP, IS_QCOW2(.backing = "mid")}, MID_WITH_BASE,
               BASE},
     PIN("qcow2"), ALL, ENDS(REFUSED), .field = "format-probed", .culprit = "/i/mid", .at = "base",
     .grants = "/i/top:r /i/mid:r"},
    {.name = "refused: an extent that the reader passes over",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRDONLY 1 FLAT \"b\" 0\n")}, A, B}, PIN("vmdk"), ALL, ENDS(REFUSED),
     .field = "reference-ignored-by-reader", .culprit = "/i/top", .at = "b", .grants = "/i/top:r /i/a:r"},
    {.name = "refused: the backing file isn't wanted",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/data", .backing = "base", .format = "raw")}, DATA, BASE}, OWN, ALL,
     ENDS(REFUSED), .field = "not-followed", .culprit = "/i/top", .grants = "/i/top:r /i/data:r"},
    {.name = "refused: nothing is opened", .files = {TOP_WITH_BASE, BASE}, PIN("qcow2"), .no_opener = true, ALL,
     ENDS(REFUSED), .field = "not-followed", .culprit = "/i/top", .grants = "/i/top:r"},
    {.name = "refused: by the opener, for its roots",
     .files = {TOP_WITH_BASE, {.path = "/i/base", .fails = IMGPROBE_REFUSED, .field = "path-escape"}}, PIN("qcow2"),
     ALL,
     ENDS(REFUSED), .field = "path-escape", .culprit = "/i/top", .at = "base", .grants = "/i/top:r"},
    {.name = "malformed: the top", .files = {{TOP, .kind = QCOW2, .spoil = {20, 4, 63}}}, PIN("qcow2"), ALL,
     ENDS(MALFORMED), .field = "cluster_bits", .culprit = "/i/top", .grants = "/i/top:r"},
    {.name = "malformed: a base", .files = {TOP_WITH_MID, {.path = "/i/mid", .kind = QCOW2, .spoil = {20, 4, 63}}},
     PIN("qcow2"), ALL, ENDS(MALFORMED), .field = "cluster_bits", .culprit = "/i/mid", .grants = "/i/top:r /i/mid:r"},
    {.name = "malformed: a later version", .files = {TOP_WITH_MID, {.path = "/i/mid", .kind = QCOW2, .spoil = {4, 4,
     4}}},
     PIN("qcow2"), ALL, ENDS(UNSUPPORTED), .field = "version", .culprit = "/i/mid", .grants = "/i/top:r /i/mid:r"},
    {.name = "ambiguous: the top", .files = {{TOP, .kind = QCOW2, .spoil = {64, 4, 0x7f10dabe}}}, ALL,
     ENDS(AMBIGUOUS),
     .field = "format", .culprit = "/i/top", .grants = "/i/top:r"},
    {.name = "ambiguous: a base", .files = {{TOP, IS_QCOW2(.backing = "base")}, {.path = "/i/base",
     IS_VHD(.type = BUILD_FIXED)}},
     PIN("qcow2"), ALL, ENDS(AMBIGUOUS), .field = "format", .culprit = "/i/base", .grants = "/i/top:r /i/base:r"},
};
/* clang-format on */

static const struct {
    const struct access_case *cases;
    size_t count;
} tables[] = {
    {modes, COUNT(modes)},           {consents, COUNT(consents)}, {raised, COUNT(raised)},
    {read_only, COUNT(read_only)},   {names, COUNT(names)},       {probed, COUNT(probed)},
    {incomplete, COUNT(incomplete)},
};

/* What a row asks, with room for its words. */
struct asked {
    struct imgprobe_access_options options;
    struct imgprobe_consent consents[MOST_WORDS], raised[MOST_WORDS];
};

static struct imgprobe_identity identity_of(const struct store *store, const char *path)
{
    size_t i, length = strlen(path), other = length > 0 && path[length - 1] == '!';

    for (i = 0; i < store->count; i++)
        if (strlen(store->all[i].file->path) == length - other &&
            memcmp(store->all[i].file->path, path, length - other) == 0)
            return (struct imgprobe_identity){8 + other, store->all[i].inode};
    return (struct imgprobe_identity){8, 12345};
}

static void ask_for(const struct access_case *c, const struct store *store, struct asked *ret)
{
    struct imgprobe_access_options *o = &ret->options;

    memset(ret, 0, sizeof *ret);
    *o = (struct imgprobe_access_options){.struct_size = sizeof *o,
                                          .write = c->write,
                                          .consents = ret->consents,
                                          .raised = ret->raised,
                                          .floor = c->floor};
    for (; o->consent_count < MOST_WORDS && c->consents[o->consent_count]; o->consent_count++) {
        const char *word = c->consents[o->consent_count];

        if (word[0] == '=')
            ret->consents[o->consent_count].identity = identity_of(store, word + 1);
        else
            ret->consents[o->consent_count].beneath = word;
    }
    for (; o->raised_count < MOST_WORDS && c->raised[o->raised_count]; o->raised_count++)
        ret->raised[o->raised_count].identity = identity_of(store, c->raised[o->raised_count]);
}

static void write_grants(const struct imgprobe_access *access, char *text, size_t size)
{
    const struct imgprobe_grant *g;
    const struct imgprobe_name *n;
    size_t length = 0;

    text[0] = '\0';
    for (g = access->grants; g; g = g->next) {
        length += (size_t)snprintf(text + length, size - length, "%s", length ? " " : "");
        for (n = g->names; n; n = n->next)
            length += (size_t)snprintf(text + length, size - length, "%s%s", n == g->names ? "" : ",",
                                       (const char *)n->path.bytes);
        length += (size_t)snprintf(text + length, size - length, ":%s%s",
                                   g->write         ? "w"
                                   : g->unconsented ? "u"
                                                    : "r",
                                   g->writable ? "" : "-");
        assert_true(length < size);
    }
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static void check_error(const struct access_case *c, const struct imgprobe_chain *chain,
                        const struct imgprobe_access *access)
{
    const struct imgprobe_error *e = &access->error;
    char text[300];

    assert_int_equal(e->status, c->status);
    assert_string_equal(or_empty(e->field), or_empty(c->field));
    assert_string_equal(access->culprit ? path_of(access->culprit) : "", or_empty(c->culprit));
    assert_string_equal(access->at ? (const char *)access->at->stated.name.bytes : "", or_empty(c->at));
    assert_true(imgprobe_error_text(e, text, sizeof text) < sizeof text);
    if (chain->state != IMGPROBE_CHAIN_COMPLETE) {
        assert_memory_equal(e, &chain->error, sizeof *e);
        assert_ptr_equal(access->culprit, chain->culprit);
        assert_ptr_equal(access->at, chain->at);
    } else if (e->status != IMGPROBE_OK) {
        assert_non_null(e->what);
        assert_true(e->found == IMGPROBE_UNKNOWN && e->least == IMGPROBE_UNKNOWN && e->most == IMGPROBE_UNKNOWN);
    }
}

static void check_answer(const struct access_case *c, const struct imgprobe_chain *chain, enum imgprobe_status s,
                         const struct imgprobe_access *access)
{
    char grants[512];

    assert_non_null(access);
    assert_int_equal(s, access->error.status);
    write_grants(access, grants, sizeof grants);
    assert_string_equal(grants, c->grants);
    check_error(c, chain, access);
    check_members(chain, access);
    check_modes(access, c->write || c->raised[0] || c->options.reader == IMGPROBE_READER_IMAGO);
}

/* One that isn't the whole answer says so; where not even that fits, nothing is said. */
static bool check_full(enum imgprobe_status s, const struct imgprobe_access *access, size_t room, size_t size)
{
    if (s == IMGPROBE_USAGE) {
        assert_true(!access && room < sizeof *access + 2 * sizeof(max_align_t));
        return true;
    }
    assert_non_null(access);
    assert_int_equal(s, access->error.status);
    if (s != IMGPROBE_LIMIT || strcmp(or_empty(access->error.field), "workspace") != 0)
        return false;
    assert_int_equal(access->error.found, size);
    check_modes(access, false);
    return true;
}

/* In each room behind the chain's, by a byte at a time; whether the next one is full. */
static void check_rooms(const struct access_case *c, const struct imgprobe_chain *chain,
                        const struct imgprobe_workspace *after, const struct asked *asked)
{
    static const unsigned char untouched[64];
    const struct ip_state state = *ip_state(after);
    size_t room;
    bool full = true;

    for (room = 0; full; room++) {
        struct imgprobe_workspace w = *after;
        struct imgprobe_access *access = NULL;
        enum imgprobe_status s;

        assert_true(room < 65536);
        w.size = state.results + room;
        *ip_state(&w) = (struct ip_state){.results = state.results};
        w.most = 0;
        memset(memory + w.size, 0, sizeof untouched);
        s = imgprobe_access(&asked->options, chain, &w, &access);
        assert_memory_equal(memory + w.size, untouched, sizeof untouched);
        assert_true(w.most <= w.size);
        full = check_full(s, access, room, w.size);
        if (!full)
            check_answer(c, chain, s, access);
    }
}

static void test_case(void **state)
{
    const struct access_case *c = *state;
    struct store store = make_store(c->files, MOST_FILES);
    struct imgprobe_workspace w = whole_workspace(), after;
    struct imgprobe_chain *chain;
    struct imgprobe_access *access[2] = {NULL, NULL};
    struct asked asked;
    unsigned i;

    ask_for(c, &store, &asked);
    (void)walk(c, &store, &w, &chain);
    after = w;
    for (i = 0; i < 2; i++) {
        enum imgprobe_status s = imgprobe_access(&asked.options, chain, &w, &access[i]);

        check_answer(c, chain, s, access[i]);
    }
    check_answer(c, chain, access[0]->error.status, access[0]); /* which the second has left alone */
    check_rooms(c, chain, &after, &asked);
    assert_int_equal(store.opens, store.dones);
    free_store(&store);
}

int main(void)
{
    static struct CMUnitTest tests[256];
    size_t count = 0, i, j;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(tables); i++)
        for (j = 0; j < tables[i].count; j++)
            tests[count++] = (struct CMUnitTest){tables[i].cases[j].name, test_case, NULL, NULL,
                                                 (void *)(uintptr_t)&tables[i].cases[j]};
    return _cmocka_run_group_tests("access", tests, count, NULL, NULL);
}
