/* SPDX-License-Identifier: MIT */
/*
 * What a chain's reader is granted. Each row is asked twice, and again in every workspace from one that the chain
 * fills up to one that serves; whatever is asked, the grants are what the chain says of its members and their names.
 */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chain-files.h"

#define MOST_FILES 7
#define MOST_WORDS 4

/* What is asked of the chain of a row's files, the first of which is the top. A word of `consents` is a directory's
 * canonical name; with `=` before it, a file of the chain by its name; of `raised` each is such a name. A file that
 * isn't in the chain stands for one of another inode, with `!` after it for one of another device. */
struct access_case {
    const char *name;
    struct file files[MOST_FILES];
    struct imgprobe_options options;
    struct imgprobe_limits limits;
    bool nameless, no_opener, write;
    const char *consents[MOST_WORDS], *raised[MOST_WORDS];
    enum imgprobe_status status;
    const char *field, *culprit, *at; /* path of the member, name of its reference */
    /* For each member "NAME,NAME:MODE": w for write, u for one without consent, else r; behind it - where no reader
     * writes. */
    const char *grants;
};

/* clang-format off */
#define PIN(word) .options = {.format = (word)}
#define OWN .options = {.format = "qcow2", .follow = IMGPROBE_FOLLOW_OWN}
#define WRITE .write = true
#define MAY(...) .consents = {__VA_ARGS__}
#define RAISE(...) .raised = {__VA_ARGS__}
#define BASE {.path = "/i/base"}
#define DATA {.path = "/i/data", .canonical = "/real/data"}
#define A {.path = "/i/a"}
#define B {.path = "/i/b"}
#define CORRUPT .spoil = {72, 8, 2}
#define CORRUPT_DATA .spoil = {72, 8, 6}
#define VERSION_3(of) {.path = (of), .kind = SPARSE, .size = 65536, .spoil = {4, 1, 3}}
#define SE(of) {.path = (of), .kind = SESPARSE, .size = 65536}
#define ENDS(with) .status = IMGPROBE_##with
#define NEEDS_CONSENT(of, name) ENDS(REFUSED), .field = "write-needs-consent", .culprit = (of), .at = (name)
#define NOT_WRITABLE(of) ENDS(REFUSED), .field = "not-writable", .culprit = (of)
#define TOP_WITH_DATA {TOP, IS_QCOW2(.data_file = "/i/data")}
#define TOP_WITH_BASE {TOP, IS_QCOW2(.backing = "base", .format = "raw")}
#define TOP_WITH_MID {TOP, IS_QCOW2(.backing = "mid", .format = "qcow2")}
#define MID_WITH_BASE {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")}
#define MID_WITH_DATA {.path = "/i/mid", IS_QCOW2(.data_file = "/i/data")}

static const struct access_case modes[] = {
    {.name = "a raw image", .files = {{TOP}}, .grants = "/i/top:r"},
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
    {.name = "malformed: an empty top", .files = {{TOP, .cut = SIZE_MAX}}, ALL, ENDS(TRUNCATED), .field = "image",
     .culprit = "/i/top", .grants = "/i/top:r"},
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
    *o = (struct imgprobe_access_options){
        .struct_size = sizeof *o, .write = c->write, .consents = ret->consents, .raised = ret->raised};
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

static enum imgprobe_status walk(const struct access_case *c, struct store *store, struct imgprobe_workspace *w,
                                 struct imgprobe_chain **ret)
{
    struct imgprobe_options options = c->options;
    struct imgprobe_limits limits = c->limits;
    struct imgprobe_opener opener;
    struct imgprobe_opened top = opened(&store->all[0]);

    store->knows_names = true;
    opener = opener_of(store);
    options.struct_size = sizeof options;
    limits.struct_size = sizeof limits;
    options.limits = &limits;
    options.name = c->nameless ? NULL : store->all[0].file->path;
    return imgprobe_chain(&options, &top, c->no_opener ? NULL : &opener, w, ret);
}

static bool same_bytes(struct imgprobe_bytes a, struct imgprobe_bytes b)
{
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

static const struct imgprobe_name *listed(const struct imgprobe_grant *grant, struct imgprobe_bytes path)
{
    const struct imgprobe_name *n = grant->names;

    while (n && !same_bytes(n->path, path))
        n = n->next;
    return n;
}

/* The first that leads to the member by this path. */
static const struct imgprobe_reference *first_by(const struct imgprobe_chain *chain, const struct imgprobe_member *to,
                                                 struct imgprobe_bytes path)
{
    const struct imgprobe_member *m;
    const struct imgprobe_reference *r;

    for (m = chain->members; m; m = m->next)
        for (r = m->image->references; r; r = r->next)
            if (r->member == to && same_bytes(r->path, path))
                return r;
    return NULL;
}

static void check_names(const struct imgprobe_chain *chain, const struct imgprobe_grant *grant)
{
    const struct imgprobe_member *m = grant->member;
    const struct imgprobe_name *n;

    assert_true(!m->path.bytes || (grant->names && same_bytes(grant->names->path, m->path)));
    for (n = grant->names; n; n = n->next) {
        assert_ptr_equal(n->via, m->path.bytes && n == grant->names ? m->via : first_by(chain, m, n->path));
        assert_true(n->via ? n->via->member == m && same_bytes(n->via->path, n->path) : m->index == 0);
        assert_int_equal(n->path.bytes[n->path.length], 0);
        assert_ptr_equal(listed(grant, n->path), n);
    }
}

/* Every member once, in the chain's order, and every name by which the chain comes to it. */
static void check_members(const struct imgprobe_chain *chain, const struct imgprobe_access *access)
{
    const struct imgprobe_grant *grant = access->grants, *of;
    const struct imgprobe_member *m;
    const struct imgprobe_reference *r;

    assert_int_equal(access->count, chain->count);
    for (m = chain->members; m; m = m->next, grant = grant->next) {
        assert_non_null(grant);
        assert_ptr_equal(grant->member, m);
        check_names(chain, grant);
        for (r = m->image->references; r; r = r->next) {
            for (of = access->grants; r->member && of->member != r->member; of = of->next)
                assert_non_null(of->next);
            assert_true(!r->member || listed(of, r->path));
        }
    }
    assert_null(grant);
}

/* What no answer may be. */
static void check_modes(const struct imgprobe_access *access, bool asked)
{
    const struct imgprobe_grant *g;

    for (g = access->grants; g; g = g->next) {
        assert_true(!g->write || !g->unconsented);
        assert_true(!g->write || asked);
        assert_int_equal(g->writable, !g->member->image->read_only);
        if (access->error.status == IMGPROBE_OK)
            assert_true(!g->unconsented && (!g->write || g->writable));
    }
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
    assert_string_equal(access->at ? (const char *)access->at->name.bytes : "", or_empty(c->at));
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
    check_modes(access, c->write || c->raised[0]);
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
    size_t room;
    bool full = true;

    for (room = 0; full; room++) {
        struct imgprobe_workspace w = *after;
        struct imgprobe_access *access = NULL;
        enum imgprobe_status s;

        assert_true(room < 65536);
        w.size = w.results + room;
        w.ranges = w.last_range = w.pending = 0;
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

/* The same question by callers of other versions, and by one that is mistaken. */
static const struct file one_data[] = {TOP_WITH_DATA, DATA};
static const struct access_case one_case = {PIN("qcow2")};

struct later_options {
    struct imgprobe_access_options options;
    unsigned char later[24];
};

static enum imgprobe_status ask(const void *options, struct imgprobe_access **ret)
{
    struct store store = make_store(one_data, COUNT(one_data));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    enum imgprobe_status s;
    size_t before;

    *ret = NULL;
    assert_int_equal(walk(&one_case, &store, &w, &chain), IMGPROBE_OK);
    before = w.results;
    s = imgprobe_access(options, chain, &w, ret);
    assert_true(s != IMGPROBE_USAGE || (!*ret && w.results == before));
    free_store(&store);
    return s;
}

/* What an older caller's struct ends before is as if it were zero, whatever stands there. */
static void test_older_options(void **state)
{
    static const struct imgprobe_consent root = {.beneath = ""}, no_member = {.identity = {1, 1}};
    const struct imgprobe_access_options all = {sizeof all, true, &root, 1, &no_member, 1};
    struct imgprobe_access_options older = all;
    struct imgprobe_access *access;

    (void)state;
    assert_int_equal(ask(&all, &access), IMGPROBE_REFUSED);
    assert_string_equal(access->error.field, "not-a-member");
    older.struct_size = offsetof(struct imgprobe_access_options, raised);
    assert_int_equal(ask(&older, &access), IMGPROBE_OK);
    assert_true(access->grants->write && access->grants->next->write);
    older.struct_size = offsetof(struct imgprobe_access_options, consents);
    assert_int_equal(ask(&older, &access), IMGPROBE_REFUSED);
    assert_string_equal(access->error.field, "write-needs-consent");
    older.struct_size = sizeof older.struct_size;
    assert_int_equal(ask(&older, &access), IMGPROBE_OK);
    assert_true(!access->grants->write);
    for (older.struct_size = 0; older.struct_size < sizeof older.struct_size; older.struct_size++)
        assert_int_equal(ask(&older, &access), IMGPROBE_USAGE);
}

/* A newer caller's struct is good as long as it asks for nothing that this version doesn't know. */
static void test_newer_options(void **state)
{
    static const struct imgprobe_consent root = {.beneath = ""};
    struct later_options newer = {.options = {sizeof newer, true, &root, 1, NULL, 0}};
    struct imgprobe_access *access;
    size_t i;

    (void)state;
    assert_int_equal(ask(&newer, &access), IMGPROBE_OK);
    assert_true(access->grants->write);
    for (i = 0; i < sizeof newer.later; i++) {
        newer.later[i] = 1;
        newer.options.struct_size = sizeof newer.options + i;
        assert_int_equal(ask(&newer, &access), IMGPROBE_OK);
        newer.options.struct_size++;
        assert_int_equal(ask(&newer, &access), IMGPROBE_USAGE);
        newer.later[i] = 0;
    }
}

static void test_no_options(void **state)
{
    struct imgprobe_access *access;

    (void)state;
    assert_int_equal(ask(NULL, &access), IMGPROBE_OK);
    assert_true(!access->grants->write && !access->grants->next->write && access->count == 2);
}

/* Lists that aren't there, and ones that aren't looked at. */
static void test_lists(void **state)
{
    static const struct imgprobe_consent both = {.identity = {8, 2}, .beneath = "/elsewhere"}, nothing;
    struct imgprobe_access_options options = {.struct_size = sizeof options, .write = true};
    struct imgprobe_access *access;

    (void)state;
    options.consent_count = 1;
    assert_int_equal(ask(&options, &access), IMGPROBE_USAGE);
    options.consents = &both; /* a directory's name: the identity doesn't count */
    assert_int_equal(ask(&options, &access), IMGPROBE_REFUSED);
    assert_true(access->grants->next->unconsented);
    options.consents = &nothing;
    assert_int_equal(ask(&options, &access), IMGPROBE_REFUSED);
    options.raised_count = 1;
    assert_int_equal(ask(&options, &access), IMGPROBE_USAGE);
    options.raised = &both; /* no directory is a member */
    assert_int_equal(ask(&options, &access), IMGPROBE_REFUSED);
    assert_string_equal(access->error.field, "not-a-member");
    options.raised = &nothing;
    assert_int_equal(ask(&options, &access), IMGPROBE_REFUSED);
    assert_string_equal(access->error.field, "not-a-member");
    options.consent_count = options.raised_count = 0;
    assert_int_equal(ask(&options, &access), IMGPROBE_REFUSED);
    assert_string_equal(access->error.field, "write-needs-consent");
}

static void test_nothing_given(void **state)
{
    struct store store = make_store(one_data, COUNT(one_data));
    struct imgprobe_workspace w = whole_workspace(), bad;
    struct imgprobe_chain *chain, empty = {.state = IMGPROBE_CHAIN_COMPLETE};
    struct imgprobe_access *access = NULL;

    (void)state;
    assert_int_equal(walk(&one_case, &store, &w, &chain), IMGPROBE_OK);
    assert_int_equal(imgprobe_access(NULL, NULL, &w, &access), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_access(NULL, chain, NULL, &access), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_access(NULL, chain, &w, NULL), IMGPROBE_USAGE);
    assert_int_equal(imgprobe_access(NULL, &empty, &w, &access), IMGPROBE_USAGE);
    bad = w;
    bad.memory = NULL;
    assert_int_equal(imgprobe_access(NULL, chain, &bad, &access), IMGPROBE_USAGE);
    bad = w;
    bad.memory = memory + 1;
    assert_int_equal(imgprobe_access(NULL, chain, &bad, &access), IMGPROBE_USAGE);
    bad = w;
    bad.size = w.results - 1;
    assert_int_equal(imgprobe_access(NULL, chain, &bad, &access), IMGPROBE_USAGE);
    bad = w;
    bad.struct_size = sizeof bad - 1;
    assert_int_equal(imgprobe_access(NULL, chain, &bad, &access), IMGPROBE_USAGE);
    assert_null(access);
    assert_int_equal(imgprobe_access(NULL, chain, &w, &access), IMGPROBE_OK);
    free_store(&store);
}

/* In every workspace, chain and all: where the chain found no room its answer is this one's, members or none. */
static void test_every_workspace(void **state)
{
    static const struct access_case small = {.limits = {.chain_members = 8}, PIN("qcow2")};
    struct store store = make_store(one_data, COUNT(one_data));
    enum imgprobe_status s = IMGPROBE_USAGE, t;
    unsigned empty = 0;
    size_t size;

    (void)state;
    for (size = 16; s != IMGPROBE_OK; size += 16) {
        struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = malloc(size), .size = size};
        struct imgprobe_chain *chain = NULL;
        struct imgprobe_access *access = NULL;

        assert_non_null(w.memory);
        t = walk(&small, &store, &w, &chain);
        s = t == IMGPROBE_USAGE ? t : imgprobe_access(NULL, chain, &w, &access);
        assert_true(s == IMGPROBE_USAGE ? !access : access != NULL);
        assert_true(s == IMGPROBE_USAGE || s == IMGPROBE_LIMIT || (s == IMGPROBE_OK && t == IMGPROBE_OK));
        assert_true(s != IMGPROBE_USAGE || t == IMGPROBE_USAGE || w.size - w.results < 512);
        empty += s == IMGPROBE_LIMIT && !chain->members;
        if (s == IMGPROBE_OK)
            assert_int_equal(access->count, 2);
        free(w.memory);
        assert_true(size < 65536);
    }
    assert_true(empty > 0);
    free_store(&store);
}

enum { MOST_NAMES = 4000 };
static const struct many {
    const char *name;
    size_t references, names, files;
} many[] = {
    {"4000 names of one file", MOST_NAMES, MOST_NAMES, 1},
    {"4000 names of two files", MOST_NAMES, MOST_NAMES, 2},
    {"4000 names of 1000 files", MOST_NAMES, MOST_NAMES, 1000},
    {"4000 names of 4000 files", MOST_NAMES, MOST_NAMES, MOST_NAMES},
    {"4000 references by 1000 names of one file", MOST_NAMES, 1000, 1},
    {"4000 references by 999 names of 7 files", MOST_NAMES, 999, 7},
    {"4000 references by one name", MOST_NAMES, 1, 1},
    {"3 names of one file", 3, 3, 1},
};

static size_t in_turn(size_t i, size_t count)
{
    return count > 0 ? i % count : 0;
}

/* The names in turn and in no order, as extents of one disk; they lead to the files in turn. */
static struct file *make_names(const struct many *c, char (*paths)[32], char *lines)
{
    struct file *files = calloc(c->names + 1, sizeof *files);
    size_t i, length = 0;

    assert_non_null(files);
    for (i = 0; i < c->names; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "/i/%zu", i);
        files[i + 1] = (struct file){.path = paths[i], .inode = 100 + in_turn(i, c->files)};
    }
    for (i = 0; i < c->references; i++)
        length += (size_t)snprintf(lines + length, 40, "RW 1 FLAT \"%s\" 0\n",
                                   paths[in_turn(i * 1009, c->names)] + strlen("/i/"));
    files[0] = (struct file){TOP, IS_VMDK(lines), .inode = 1};
    return files;
}

static int compare_names(const void *a, const void *b)
{
    const struct imgprobe_name *const *one = a, *const *two = b;

    return strcmp((const char *)(*one)->path.bytes, (const char *)(*two)->path.bytes);
}

static void test_many_names(void **state)
{
    static char paths[MOST_NAMES + 1][32], lines[(MOST_NAMES + 1) * 40];
    static const struct imgprobe_name *all[MOST_NAMES + 1];
    const struct many *c = *state;
    struct file *files = make_names(c, paths, lines);
    struct store store = make_store(files, c->names + 1);
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    struct imgprobe_access *access;
    const struct imgprobe_grant *g;
    const struct imgprobe_name *n;
    size_t count = 0, i;

    assert_int_equal(walk(&(struct access_case){PIN("vmdk")}, &store, &w, &chain), IMGPROBE_OK);
    assert_int_equal(imgprobe_access(NULL, chain, &w, &access), IMGPROBE_OK);
    assert_int_equal(access->count, c->files + 1);
    assert_ptr_equal(access->grants->member, chain->members);
    for (g = access->grants; g; g = g->next)
        for (n = g->names; n; n = n->next) {
            assert_true(n != g->names || same_bytes(n->path, g->member->path));
            assert_true(n->via ? n->via->member == g->member : g->member->index == 0);
            assert_true(count < COUNT(all));
            all[count++] = n;
        }
    assert_int_equal(count, c->names + 1);
    qsort(all, count, sizeof all[0], compare_names);
    for (i = 1; i < count; i++)
        assert_true(compare_names(&all[i - 1], &all[i]) < 0);
    free_store(&store);
    free(files);
}

/* Workspaces by the macro, for a chain of images in a row or of one image and its extents, and what it is granted. A
 * file counts as a member once for each reference to it, and names are the letters of each path and canonical name.
 */
static const struct room {
    const char *name;
    size_t members, length; /* length: of a path */
    bool wide, canonical, one_file;
    size_t size; /* 0: by the macro */
} rooms[] = {
    {"workspace by the macro: one image", 1, 10, false, true},
    {"workspace by the macro: two images", 2, 10, false, true},
    {"workspace by the macro: 200 images", 200, 10, false, true},
    {"workspace by the macro: 200 images that have no canonical name", 200, 10, false, false},
    {"workspace by the macro: 200 images of long names", 200, 1023, false, true},
    {"workspace by the macro: one extent", 2, 10, true, true},
    {"workspace by the macro: 1000 extents", 1001, 10, true, true},
    {"workspace by the macro: 4095 extents", 4096, 10, true, true},
    {"workspace by the macro: 500 extents of long names", 501, 511, true, true},
    {"workspace by the macro: 1000 names of one extent", 1001, 10, true, true, true},
    {"the default workspace: 200 images of long names", 200, 1023, false, true, .size = IMGPROBE_WORKSPACE_DEFAULT},
    {"the default workspace: 4095 extents", 4096, 50, true, true, .size = IMGPROBE_WORKSPACE_DEFAULT},
};

static char *path_in_room(size_t length, size_t number)
{
    char *path = malloc(length + 1);

    assert_non_null(path);
    memset(path, 'n', length);
    memcpy(path, "/i/", strlen("/i/"));
    path[length] = '\0';
    for (; number > 0; number /= 10)
        path[--length] = (char)('0' + number % 10);
    return path;
}

/* Returns the letters of all names. */
static size_t make_room(const struct room *c, struct file *files, char *lines)
{
    size_t i, letters = 0, length = 0;

    for (i = 0; i < c->members; i++) {
        char *path = path_in_room(c->length, i);

        files[i] =
            (struct file){.path = path, .kind = c->wide ? RAW : QCOW2, .canonical = c->canonical ? path : NULL};
        files[i].inode = c->one_file && i > 0 ? 2 : i + 1;
        letters += c->length * (c->canonical ? 2 : 1);
        if (i > 0 && c->wide)
            length += (size_t)sprintf(lines + length, "RW 1 FLAT \"%s\" 0\n", path + strlen("/i/"));
        else if (i > 0)
            files[i - 1].q = (struct build_qcow2){.backing = path, .format = "qcow2"};
    }
    if (c->wide) {
        files[0].kind = VMDK;
        files[0].v.lines = lines;
    }
    return letters;
}

/* Walked and granted, all written, in a workspace of `size`. */
static void check_room(const struct room *c, struct store *store, size_t size)
{
    const struct access_case walked = {.options = {.format = c->wide ? "vmdk" : "qcow2"},
                                       .limits = {.image_bytes = 1048576, .descriptor_bytes = 1048576}};
    static const struct imgprobe_consent root = {.beneath = ""};
    const struct imgprobe_access_options options = {sizeof options, c->canonical, &root, 1, NULL, 0};
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = malloc(size), .size = size};
    struct imgprobe_chain *chain;
    struct imgprobe_access *access;

    assert_non_null(w.memory);
    assert_int_equal(walk(&walked, store, &w, &chain), IMGPROBE_OK);
    assert_int_equal(imgprobe_access(&options, chain, &w, &access), IMGPROBE_OK);
    assert_int_equal(access->count, c->one_file ? 2 : c->members);
    free(w.memory);
}

static void test_room(void **state)
{
    const struct room *c = *state;
    struct file *files = calloc(c->members, sizeof *files);
    char *lines = calloc(c->members, c->length + 20);
    size_t letters, i, descriptor;
    struct store store;

    assert_true(files && lines);
    letters = make_room(c, files, lines);
    store = make_store(files, c->members);
    descriptor = c->wide ? store.all[0].image.size : 0;
    check_room(c, &store, c->size ? c->size : IMGPROBE_WORKSPACE_SIZE(c->members, letters, descriptor));
    free_store(&store);
    for (i = 0; i < c->members; i++)
        free((void *)(uintptr_t)files[i].path);
    free(files);
    free(lines);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        {"options of an older caller", test_older_options, NULL, NULL, NULL},
        {"options of a newer caller", test_newer_options, NULL, NULL, NULL},
        {"no options: read only", test_no_options, NULL, NULL, NULL},
        {"lists of consents that aren't there", test_lists, NULL, NULL, NULL},
        {"no chain, no workspace, no place for the answer", test_nothing_given, NULL, NULL, NULL},
        {"every size of workspace up to one that serves", test_every_workspace, NULL, NULL, NULL},
    };
    static struct CMUnitTest tests[256];
    size_t count = 0, i, j;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(tables); i++)
        for (j = 0; j < tables[i].count; j++)
            tests[count++] = (struct CMUnitTest){tables[i].cases[j].name, test_case, NULL, NULL,
                                                 (void *)(uintptr_t)&tables[i].cases[j]};
    for (i = 0; i < COUNT(many); i++)
        tests[count++] = (struct CMUnitTest){many[i].name, test_many_names, NULL, NULL, (void *)(uintptr_t)&many[i]};
    for (i = 0; i < COUNT(rooms); i++)
        tests[count++] = (struct CMUnitTest){rooms[i].name, test_room, NULL, NULL, (void *)(uintptr_t)&rooms[i]};
    for (i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return _cmocka_run_group_tests("access", tests, count, NULL, NULL);
}
