/* SPDX-License-Identifier: MIT */
/*
 * Chains of images that stand in memory, behind an opener that knows them by name. Each row is walked twice on one
 * workspace, the second time with an opener that is asked for canonical names, and every open is paired with its
 * done, every read with what the image says of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chain-files.h"

#define MOST_FILES 6

/* One walk. The first file is the top. */
struct chain_case {
    const char *name;
    struct file files[MOST_FILES];
    struct imgprobe_options options;
    struct imgprobe_declaration declare;
    struct imgprobe_limits limits;
    bool nameless, no_opener;
    enum imgprobe_chain_state state;
    enum imgprobe_status status;
    const char *field, *what; /* of the error; `what` NULL: not asked */
    const char *members;      /* "name:format:how" in order */
    const char *culprit, *at; /* path of the member, name of its reference */
    unsigned mismatches;      /* findings that a parent isn't the one */
};

/* clang-format off */
#define ENDS(how, with) .state = IMGPROBE_CHAIN_##how, .status = IMGPROBE_##with
#define XEN .options = {.reader = IMGPROBE_READER_XEN}
#define OWN .options = {.follow = IMGPROBE_FOLLOW_OWN}

#define ANOTHER_BASE                                                                                                 \
    "json:{'driver':'qcow2','file':{'driver':'file','filename':'/i/mid'},"                                           \
    "'backing':{'driver':'raw','file':{'driver':'file','filename':'/i/other'}}}"

static const struct chain_case complete[] = {
    {.name = "a raw image alone", .files = {{TOP}}, .members = "/i/top:raw:probed"},
    {.name = "an empty image that is pinned raw", .files = {{TOP, .cut = SIZE_MAX}}, .options = {.format = "raw"},
     .members = "/i/top:raw:pinned"},
    {.name = "a top whose format is pinned", .files = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")},
               {.path = "/i/base"}},
     .options = {.format = "qcow2"}, .members = "/i/top:qcow2:pinned /i/base:raw:declared"},
    {.name = "a top that is declared from outside", .files = {{TOP, .kind = QCOW2, .inode = 50}},
     .declare = {{8, 50}, "qcow2"}, .members = "/i/top:qcow2:declared"},
    {.name = "a json: name that takes the member's backing file away",
     .files = {{TOP, IS_QCOW2(.backing = "json:{'driver':'qcow2','file':{'driver':'file','filename':'/i/mid'},"
                                         "'backing':''}")},
               {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base"}},
     .members = "/i/top:qcow2:probed /i/mid:qcow2:declared"},
    {.name = "a json: name that gives another backing file",
     .files = {{TOP, IS_QCOW2(.backing = ANOTHER_BASE)},
               {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/other"}},
     .members = "/i/top:qcow2:probed /i/mid:qcow2:declared /i/other:raw:declared"},
    {.name = "a top pinned raw ends there, whatever it holds",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base"}},
     .options = {.format = "raw"},
     .members = "/i/top:raw:pinned"},
    {.name = "a probed base that refers to nothing is raw", .files = {{TOP, IS_QCOW2(.backing = "base")},
               {.path = "/i/base"}},
     .members = "/i/top:qcow2:probed /i/base:raw:probed"},
    {.name = "a probed base that refers to nothing is qcow2",
     .files = {{TOP, IS_QCOW2(.backing = "base")}, {.path = "/i/base", .kind = QCOW2}},
     .members = "/i/top:qcow2:probed /i/base:qcow2:probed"},
    {.name = "three, each declared by the one above",
     .files = {{TOP, IS_QCOW2(.backing = "mid", .format = "qcow2")},
               {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base"}},
     .members = "/i/top:qcow2:probed /i/mid:qcow2:declared /i/base:raw:declared"},
    {.name = "a base declared by QEMU's word",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "vpc")}, {.path = "/i/base", .kind = VHD}},
     .members = "/i/top:qcow2:probed /i/base:vhd:declared"},
    {.name = "a base declared by our word",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "vhd")}, {.path = "/i/base", .kind = VHD}},
     .members = "/i/top:qcow2:probed /i/base:vhd:declared"},
    {.name = "a base declared as a protocol driver is raw",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "file")}, {.path = "/i/base", .kind = QCOW2}},
     .members = "/i/top:qcow2:probed /i/base:raw:declared"},
    {.name = "a base declared as a file is a device",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "file")}, {.path = "/i/base", .is = IMGPROBE_KIND_BLOCK}},
     .members = "/i/top:qcow2:probed", ENDS(REFUSED, REFUSED), .field = "driver-takes-another-name",
     .culprit = "/i/top", .at = "base"},
    {.name = "a file: name leads to a device",
     .files = {{TOP, IS_QCOW2(.backing = "file:/i/base", .format = "raw")},
               {.path = "/i/base", .is = IMGPROBE_KIND_BLOCK}},
     .members = "/i/top:qcow2:probed", ENDS(REFUSED, REFUSED), .field = "driver-takes-another-name",
     .culprit = "/i/top", .at = "file:/i/base"},
    {.name = "a json: name's driver takes a file, and it is a device",
     .files = {{TOP, IS_QCOW2(.backing = "json:{'driver':'raw','file':{'driver':'file','filename':'/i/base'}}")},
               {.path = "/i/base", .is = IMGPROBE_KIND_BLOCK}},
     .members = "/i/top:qcow2:probed", ENDS(REFUSED, REFUSED), .field = "driver-takes-another-name",
     .culprit = "/i/top", .at = "json:{'driver':'raw','file':{'driver':'file','filename':'/i/base'}}"},
    {.name = "a json: name without a driver for its file leads to a device",
     .files = {{TOP, IS_QCOW2(.backing = "json:{'driver':'raw','file':{'filename':'/i/base'}}")},
               {.path = "/i/base", .is = IMGPROBE_KIND_BLOCK}},
     .members = "/i/top:qcow2:probed /i/base:raw:declared"},
    {.name = "a base declared as a host device is one",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "host_device")},
               {.path = "/i/base", .is = IMGPROBE_KIND_BLOCK}},
     .members = "/i/top:qcow2:probed /i/base:raw:declared"},
    {.name = "a base declared as a host device is a file",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "host_device")}, {.path = "/i/base"}},
     .members = "/i/top:qcow2:probed", ENDS(REFUSED, REFUSED), .field = "driver-takes-another-name",
     .culprit = "/i/top", .at = "base"},
    {.name = "a base declared as a host device, whose driver takes the prefix for part of the name",
     .files = {{TOP, IS_QCOW2(.backing = "file:/i/base", .format = "host_cdrom")},
               {.path = "/i/base", .is = IMGPROBE_KIND_BLOCK}},
     .members = "/i/top:qcow2:probed", ENDS(REFUSED, REFUSED), .field = "driver-takes-another-name",
     .culprit = "/i/top", .at = "file:/i/base"},
    {.name = "a base declared as the driver of another protocol",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "nbd")}, {.path = "/i/base"}},
     .members = "/i/top:qcow2:probed", ENDS(REFUSED, REFUSED), .field = "driver-takes-another-name",
     .culprit = "/i/top", .at = "base"},
    {.name = "a base declared raw refers to nothing, whatever it holds",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")},
               {.path = "/i/base", IS_QCOW2(.backing = "further")}},
     .members = "/i/top:qcow2:probed /i/base:raw:declared"},
    {.name = "relative names stand beside the image that holds them",
     .files = {{TOP, IS_QCOW2(.backing = "sub/mid", .format = "qcow2")},
               {.path = "/i/sub/mid", IS_QCOW2(.backing = "../base", .format = "raw")}, {.path = "/i/sub/../base"}},
     .members = "/i/top:qcow2:probed /i/sub/mid:qcow2:declared /i/sub/../base:raw:declared"},
    {.name = "a relative name of the top gives relative paths",
     .files = {{.path = "top", IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "base"}},
     .members = "top:qcow2:probed base:raw:declared"},
    {.name = "without a name, absolute names are followed",
     .files = {{TOP, IS_QCOW2(.backing = "/i/base", .format = "raw")}, {.path = "/i/base"}}, .nameless = true,
     .members = "-:qcow2:probed /i/base:raw:declared"},
    {.name = "a file: name stands in the working directory",
     .files = {{TOP, IS_QCOW2(.backing = "file:base", .format = "raw")}, {.path = "/w/base"}},
     .options = {.workdir = "/w"},
     .members = "/i/top:qcow2:probed /w/base:raw:declared"},
    {.name = "the data file comes before the backing file, and is raw",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/data", .backing = "base", .format = "raw")}, {.path = "/i/base"},
               {.path = "/i/data", .kind = QCOW2}},
     .members = "/i/top:qcow2:probed /i/data:raw:implied /i/base:raw:declared"},
    {.name = "a data file in the working directory",
     .files = {{TOP, IS_QCOW2(.data_file = "data")}, {.path = "/w/data"}}, .options = {.workdir = "/w/"},
     .members = "/i/top:qcow2:probed /w/data:raw:implied"},
    {.name = "extents in their order, each of the format that its line says",
     .files = {{TOP, IS_VMDK("RW 2 SPARSE \"b\"\nRW 2 FLAT \"a\" 0\n")}, {.path = "/i/a", .kind = QCOW2},
               {.path = "/i/b", .kind = SPARSE}},
     .members = "/i/top:vmdk:probed /i/b:vmdk:implied /i/a:raw:implied"},
    {.name = "depth first: extents, then the parent and its extents",
     .files = {{TOP, IS_VMDK("RW 2 FLAT \"1\" 0\nRW 2 FLAT \"2\" 0\n", "mid", .parent_id = 7)},
               {.path = "/i/1"}, {.path = "/i/2"}, {.path = "/i/3"},
               {.path = "/i/mid", IS_VMDK("RW 2 FLAT \"3\" 0\nRW 2 FLAT \"4\" 0\n", .id = 7)},
               {.path = "/i/4"}},
     .members = "/i/top:vmdk:probed /i/1:raw:implied /i/2:raw:implied /i/mid:vmdk:implied /i/3:raw:implied "
                "/i/4:raw:implied"},
    {.name = "an image that is its own single extent",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\n")}}, .members = "/i/top:vmdk:probed"},
    {.name = "an image that is its own single extent, and has a parent",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\n", "base", .parent_id = 1)},
               {.path = "/i/base", IS_VMDK("RW 1 FLAT \"base\" 0\n", .id = 1)}},
     .members = "/i/top:vmdk:probed /i/base:vmdk:implied"},
    {.name = "a shared base met twice is no loop",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/shared", .backing = "mid", .format = "qcow2")},
               {.path = "/i/mid", IS_QCOW2(.backing = "shared", .format = "raw")}, {.path = "/i/shared"}},
     .members = "/i/top:qcow2:probed /i/shared:raw:implied /i/mid:qcow2:declared"},
    {.name = "a shared base met twice by two names is one member",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/one", .backing = "mid", .format = "qcow2")},
               {.path = "/i/mid", IS_QCOW2(.backing = "two", .format = "raw")}, {.path = "/i/one", .inode = 99},
               {.path = "/i/two", .inode = 99}},
     .members = "/i/top:qcow2:probed /i/one:raw:implied /i/mid:qcow2:declared"},
    {.name = "one extent twice",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"a\" 1\n")}, {.path = "/i/a"}},
     .members = "/i/top:vmdk:probed /i/a:raw:implied"},
    {.name = "one sparse extent twice",
     .files = {{TOP, IS_VMDK("RW 1 SPARSE \"a\"\nRW 1 SPARSE \"a\"\n")}, {.path = "/i/a", .kind = SPARSE}},
     .members = "/i/top:vmdk:probed /i/a:vmdk:implied"},
    {.name = "one nested extent twice",
     .files = {{TOP, IS_VMDK("RW 1 SPARSE \"a\"\nRW 1 SPARSE \"a\"\n")},
               {.path = "/i/a", NESTED("RW 1 FLAT \"b\" 0\n")}, {.path = "/i/b"}},
     .members = "/i/top:vmdk:probed /i/a:vmdk:implied /i/b:raw:implied"},
    {.name = "a base that is declared from outside may refer to more",
     .files = {{TOP, IS_QCOW2(.backing = "mid")}, {.path = "/i/mid", IS_QCOW2(.backing = "base"), .inode = 50},
               {.path = "/i/base"}},
     .declare = {{8, 50}, "qcow2"},
     .members = "/i/top:qcow2:probed /i/mid:qcow2:declared /i/base:raw:probed"},
    {.name = "a declaration from outside that says what the image says",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "vpc")}, {.path = "/i/base", .kind = VHD, .inode = 50}},
     .declare = {{8, 50}, "vhd"}, .members = "/i/top:qcow2:probed /i/base:vhd:declared"},
    {.name = "a declaration for another file changes nothing",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base"}}, .declare = {{8, 51},
     "qcow2"},
     .members = "/i/top:qcow2:probed /i/base:raw:declared"},
    {.name = "only the image's own files are wanted, and it has no other",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/data")}, {.path = "/i/data"}}, OWN,
     .members = "/i/top:qcow2:probed /i/data:raw:implied"},
    {.name = "no opener, and nothing to open", .files = {{TOP, .kind = QCOW2}}, .no_opener = true,
     .members = "/i/top:qcow2:probed"},
    {.name = "a parent by its recorded identity",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\n", "base", .parent_id = 5)},
               {.path = "/i/base", .kind = SPARSE, .v = {.lines = "", .id = 5}, .size = 65536}},
     .members = "/i/top:vmdk:probed /i/base:vmdk:implied"},
    {.name = "a parent whose recorded identity differs is a finding",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\n", "base", .parent_id = 5)},
               {.path = "/i/base", .kind = SPARSE, .v = {.lines = "", .id = 6}, .size = 65536}},
     .members = "/i/top:vmdk:probed /i/base:vmdk:implied", .mismatches = 1},
    {.name = "a VHD's parent, to Xen",
     .files = {{TOP, DIFFERENCING(1, 2, ".\\base.vhd")}, {.path = "/i/./base.vhd", IS_VHD(.id = 2)}}, XEN,
     .members = "/i/top:vhd:probed /i/./base.vhd:vhd:implied"},
    {.name = "a VHD's parent whose unique id differs, to Xen",
     .files = {{TOP, DIFFERENCING(1, 2, ".\\base.vhd")}, {.path = "/i/./base.vhd", IS_VHD(.id = 3)}}, XEN,
     .members = "/i/top:vhd:probed /i/./base.vhd:vhd:implied", .mismatches = 1},
    {.name = "a VHD's names for its parent agree: the relative one is followed, to Xen",
     .files = {{TOP, DIFFERENCING(1, 2, "sub\\base", "C:\\other\\base", "base", "file:///u/base")},
               {.path = "/i/sub/base", IS_VHD(.id = 2)}}, XEN,
     .members = "/i/top:vhd:probed /i/sub/base:vhd:implied"},
    {.name = "a VHD's parent without an id is raw, to Xen",
     .files = {{TOP, DIFFERENCING(1, 0, "base")}, {.path = "/i/base", .kind = QCOW2}}, XEN,
     .members = "/i/top:vhd:probed /i/base:raw:implied"},
    {.name = "as deep as the limit",
     .files = {{TOP, IS_QCOW2(.backing = "mid", .format = "qcow2")},
               {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base"}},
     .limits = {.chain_depth = 3}, .members = "/i/top:qcow2:probed /i/mid:qcow2:declared /i/base:raw:declared"},
    {.name = "as many members as the limit",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"a\" 0\nRW 1 FLAT \"b\" 0\n")}, {.path = "/i/a"},
               {.path = "/i/b"}},
     .limits = {.chain_members = 3}, .members = "/i/top:vmdk:probed /i/a:raw:implied /i/b:raw:implied"},
};

static const struct chain_case missing[] = {
    {.name = "an opener that calls a name our mistake",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base", .fails = IMGPROBE_USAGE}},
     ENDS(MISSING, SYSTEM), .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "base"},
    {.name = "a backing file that isn't there", .files = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}},
     ENDS(MISSING, SYSTEM), .what = "no such file", .members = "/i/top:qcow2:probed", .culprit = "/i/top",
     .at = "base"},
    {.name = "a data file that isn't there",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/data", .backing = "base")}, {.path = "/i/base"}},
     ENDS(MISSING, SYSTEM),
     .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "/i/data"},
    {.name = "an extent that isn't there",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"b\" 0\nRW 1 FLAT \"c\" 0\n")}, {.path = "/i/a"},
               {.path = "/i/c"}},
     ENDS(MISSING, SYSTEM), .members = "/i/top:vmdk:probed /i/a:raw:implied", .culprit = "/i/top", .at = "b"},
    {.name = "a file that isn't there, two below",
     .files = {{TOP, IS_QCOW2(.backing = "mid", .format = "qcow2")},
               {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")}},
     ENDS(MISSING, SYSTEM), .members = "/i/top:qcow2:probed /i/mid:qcow2:declared", .culprit = "/i/mid",
     .at = "base"},
    {.name = "a file that can't be opened, in the opener's words",
     .files = {{TOP, IS_QCOW2(.backing = "base")}, {.path = "/i/base",
     .fails = IMGPROBE_SYSTEM, .what = "is a FIFO"}},
     ENDS(MISSING, SYSTEM), .what = "is a FIFO", .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "base"},
    {.name = "a file that can't be read", .files = {{TOP, IS_QCOW2(.backing = "base")},
     {.path = "/i/base", .broken = IMGPROBE_SYSTEM}}, ENDS(MISSING, SYSTEM), .field = "window",
     .members = "/i/top:qcow2:probed /i/base:?:probed", .culprit = "/i/base"},
    {.name = "a top that can't be read", .files = {{TOP, .broken = IMGPROBE_SYSTEM}}, ENDS(MISSING, SYSTEM),
     .field = "window", .members = "/i/top:?:probed", .culprit = "/i/top"},
};

static const struct chain_case remote[] = {
    {.name = "a backing file on another host",
     .files = {{TOP, IS_QCOW2(.backing = "nbd://host/export", .format = "raw")}}, ENDS(REMOTE, REFUSED),
     .field = "remote-reference", .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "nbd://host/export"},
    {.name = "a backing file on another host, two below",
     .files = {{TOP, IS_QCOW2(.backing = "mid", .format = "qcow2")},
               {.path = "/i/mid", IS_QCOW2(.backing = "https://host/a")}},
     ENDS(REMOTE, REFUSED), .field = "remote-reference", .members = "/i/top:qcow2:probed /i/mid:qcow2:declared",
     .culprit = "/i/mid", .at = "https://host/a"},
    {.name = "a VMDK's parent on another host",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\n", "ssh://host/a", .parent_id = 5)}}, ENDS(REMOTE, REFUSED),
     .field = "remote-reference", .members = "/i/top:vmdk:probed", .culprit = "/i/top", .at = "ssh://host/a"},
};

static const struct chain_case loop[] = {
    {.name = "an image that is its own backing file", .files = {{TOP, IS_QCOW2(.backing = "top", .format = "qcow2")}},
     ENDS(LOOP, REFUSED), .field = "loop", .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "top"},
    {.name = "an image that is its own backing file by another name",
     .files = {{TOP, IS_QCOW2(.backing = "./link", .format = "qcow2"), .inode = 9}, {.path = "/i/./link",
     .kind = QCOW2, .inode = 9}},
     ENDS(LOOP, REFUSED), .field = "loop", .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "./link"},
    {.name = "two images that back each other",
     .files = {{TOP, IS_QCOW2(.backing = "mid", .format = "qcow2")},
               {.path = "/i/mid", IS_QCOW2(.backing = "top", .format = "qcow2")}},
     ENDS(LOOP, REFUSED), .field = "loop", .members = "/i/top:qcow2:probed /i/mid:qcow2:declared",
     .culprit = "/i/mid", .at = "top"},
    {.name = "a loop that the top isn't part of",
     .files = {{TOP, IS_QCOW2(.backing = "mid", .format = "qcow2")},
               {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "qcow2")},
               {.path = "/i/base", IS_QCOW2(.backing = "mid", .format = "qcow2")}},
     ENDS(LOOP, REFUSED), .field = "loop",
     .members = "/i/top:qcow2:probed /i/mid:qcow2:declared /i/base:qcow2:declared", .culprit = "/i/base",
     .at = "mid"},
    {.name = "an image declared raw by the one that it backs",
     .files = {{TOP, IS_QCOW2(.backing = "mid", .format = "qcow2")},
               {.path = "/i/mid", IS_QCOW2(.backing = "top", .format = "raw")}},
     ENDS(LOOP, REFUSED), .field = "loop", .members = "/i/top:qcow2:probed /i/mid:qcow2:declared",
     .culprit = "/i/mid", .at = "top"},
    {.name = "an image that is its own data file", .files = {{TOP, IS_QCOW2(.data_file = "/i/top")}},
     ENDS(LOOP, REFUSED), .field = "loop", .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "/i/top"},
    {.name = "an image that is its own first and second extent",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\nRW 1 FLAT \"top\" 1\n")}}, ENDS(LOOP, REFUSED), .field = "loop",
     .members = "/i/top:vmdk:probed", .culprit = "/i/top", .at = "top"},
    {.name = "an image that is its own second extent",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"top\" 1\n")}, {.path = "/i/a"}}, ENDS(LOOP, REFUSED),
     .field = "loop", .members = "/i/top:vmdk:probed /i/a:raw:implied", .culprit = "/i/top", .at = "top"},
    {.name = "an image that is its own sparse extent",
     .files = {{TOP, NESTED("RW 1 SPARSE \"top\"\n")}}, ENDS(LOOP, REFUSED), .field = "loop",
     .members = "/i/top:vmdk:probed", .culprit = "/i/top", .at = "top"},
    {.name = "an extent that lists the image whose extent it is",
     .files = {{TOP, IS_VMDK("RW 1 SPARSE \"a\"\n")}, {.path = "/i/a", NESTED("RW 1 SPARSE \"top\"\n")}},
     ENDS(LOOP, REFUSED),
     .field = "loop", .members = "/i/top:vmdk:probed /i/a:vmdk:implied", .culprit = "/i/a", .at = "top"},
    {.name = "a VMDK that is its own parent",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\n", "top", .parent_id = 5)}, {.path = "/i/a"}}, ENDS(LOOP, REFUSED),
     .field = "loop", .members = "/i/top:vmdk:probed /i/a:raw:implied", .culprit = "/i/top", .at = "top"},
    {.name = "a VHD that is its own parent, to Xen",
     .files = {{TOP, DIFFERENCING(1, 1, "top")}}, XEN, ENDS(LOOP, REFUSED), .field = "loop",
     .members = "/i/top:vhd:probed", .culprit = "/i/top", .at = "top"},
};

static const struct chain_case limit[] = {
    {.name = "deeper than the limit",
     .files = {{TOP, IS_QCOW2(.backing = "mid", .format = "qcow2")},
               {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base"}},
     .limits = {.chain_depth = 2}, ENDS(LIMIT, LIMIT), .field = "chain_depth",
     .members = "/i/top:qcow2:probed /i/mid:qcow2:declared", .culprit = "/i/mid", .at = "base"},
    {.name = "more members than the limit",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/data", .backing = "base", .format = "raw")}, {.path = "/i/data"},
               {.path = "/i/base"}},
     .limits = {.chain_members = 2}, ENDS(LIMIT, LIMIT), .field = "chain_members",
     .members = "/i/top:qcow2:probed /i/data:raw:implied", .culprit = "/i/top", .at = "base"},
    {.name = "a member over its own limit",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "qcow2")}, {.path = "/i/base", IS_QCOW2(.extensions = 2)}},
     .limits = {.header_extensions = 1}, ENDS(LIMIT, LIMIT), .field = "header_extensions",
     .members = "/i/top:qcow2:probed /i/base:qcow2:declared", .culprit = "/i/base"},
    {.name = "a path longer than the limit",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base"}}, .limits = {.name_bytes = 6},
     ENDS(LIMIT, LIMIT), .field = "name_bytes", .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "base"},
    {.name = "an image that failed says why, not that the names it was found to have are too long",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"base\" 0\nRW 1 FLAT \"x")}}, .limits = {.name_bytes = 6},
     ENDS(MALFORMED, TRUNCATED), .field = "extent line", .members = "/i/top:vmdk:probed", .culprit = "/i/top"},
    {.name = "an opener's own limit",
     .files = {{TOP, IS_QCOW2(.backing = "base")}, {.path = "/i/base", .fails = IMGPROBE_LIMIT, .field = "files"}},
     ENDS(LIMIT, LIMIT), .field = "files", .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "base"},
};

#define PROBED_MID ENDS(REFUSED, REFUSED), .field = "format-probed", .culprit = "/i/mid"
static const struct chain_case refused[] = {
    {.name = "a part of a disk that is its parent, too",
     .files = {{TOP, IS_VMDK("RW 2 SPARSE \"x\"\n", "x", .parent_id = 5, .type = "twoGbMaxExtentSparse")},
               {.path = "/i/x", .kind = SPARSE, .v = {.lines = "RW 2 SPARSE \"x\"\n", .type = "monolithicSparse"}}},
     ENDS(REFUSED, REFUSED), .field = "member-means-two-things", .members = "/i/top:vmdk:probed /i/x:vmdk:implied",
     .culprit = "/i/top", .at = "x"},
    {.name = "a part of two disks in two directories, which names a file beside each",
     .files = {{TOP, IS_VMDK("RW 3 SPARSE \"d/x\"\n", "d/p", .parent_id = 5, .type = "twoGbMaxExtentSparse")},
               {.path = "/i/d/x", NESTED("RW 3 FLAT \"b\" 0\n")}, {.path = "/i/b"},
               {.path = "/i/d/p", IS_VMDK("RW 3 SPARSE \"x\"\n", .type = "twoGbMaxExtentSparse")}},
     ENDS(REFUSED, REFUSED), .field = "member-means-two-things",
     .members = "/i/top:vmdk:probed /i/d/x:vmdk:implied /i/b:raw:implied /i/d/p:vmdk:implied", .culprit = "/i/d/p",
     .at = "x", .mismatches = 1},
    {.name = "a part of a disk that a json: name takes for another thing",
     .files = {{TOP, IS_VMDK("RW 2 SPARSE \"x\"\n", "json:{'driver':'vmdk','file':{'driver':'file','filename':'/i/x'}}",
                             .parent_id = 5, .type = "twoGbMaxExtentSparse")},
               {.path = "/i/x", .kind = SPARSE, .v = {.lines = "RW 2 SPARSE \"x\"\n", .type = "monolithicSparse"}}},
     ENDS(REFUSED, REFUSED), .field = "member-means-two-things", .members = "/i/top:vmdk:probed /i/x:vmdk:implied",
     .culprit = "/i/top", .at = "json:{'driver':'vmdk','file':{'driver':'file','filename':'/i/x'}}"},
    {.name = "a json: name that mixes its backing file with the member's",
     .files = {{TOP, IS_QCOW2(.backing = "json:{'driver':'qcow2','file':{'driver':'file','filename':'/i/mid'},"
                                         "'backing':{'driver':'file','filename':'/i/other'}}")},
               {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/other"}},
     ENDS(REFUSED, REFUSED), .field = "override-mixes-names",
     .members = "/i/top:qcow2:probed /i/mid:qcow2:declared", .culprit = "/i/mid"},
    {.name = "a probed base that has a backing file",
     .files = {{TOP, IS_QCOW2(.backing = "mid")}, {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")},
               {.path = "/i/base"}},
     PROBED_MID, .members = "/i/top:qcow2:probed /i/mid:qcow2:probed", .at = "base"},
    {.name = "a probed base that has a data file",
     .files = {{TOP, IS_QCOW2(.backing = "mid")}, {.path = "/i/mid", IS_QCOW2(.data_file = "/i/data")},
               {.path = "/i/data"}},
     PROBED_MID, .members = "/i/top:qcow2:probed /i/mid:qcow2:probed", .at = "/i/data"},
    {.name = "a probed base that has extents",
     .files = {{TOP, IS_QCOW2(.backing = "mid")}, {.path = "/i/mid", IS_VMDK("RW 1 FLAT \"a\" 0\n")},
               {.path = "/i/a"}},
     PROBED_MID, .members = "/i/top:qcow2:probed /i/mid:vmdk:probed", .at = "a"},
    {.name = "a probed base that is its own single extent",
     .files = {{TOP, IS_QCOW2(.backing = "mid")}, {.path = "/i/mid", IS_VMDK("RW 1 FLAT \"mid\" 0\n")}},
     PROBED_MID, .members = "/i/top:qcow2:probed /i/mid:vmdk:probed", .at = "mid"},
    {.name = "a probed base that has a parent on another host",
     .files = {{TOP, IS_QCOW2(.backing = "mid")}, {.path = "/i/mid", IS_QCOW2(.backing = "nbd:host:1")}},
     PROBED_MID, .members = "/i/top:qcow2:probed /i/mid:qcow2:probed", .at = "nbd:host:1"},
    {.name = "a format declared with no letters is none",
     .files = {{TOP, IS_QCOW2(.backing = "mid", .format = "")}, {.path = "/i/mid", IS_QCOW2(.backing = "b")},
               {.path = "/i/b"}},
     PROBED_MID, .members = "/i/top:qcow2:probed /i/mid:qcow2:probed", .at = "b"},
    {.name = "a file that was raw data before and is probed now",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/mid", .backing = "mid")},
               {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base"}},
     ENDS(REFUSED, REFUSED), .field = "format-probed", .members = "/i/top:qcow2:probed /i/mid:raw:implied",
     .culprit = "/i/top", .at = "mid"},
    {.name = "a file that was raw data before and is declared qcow2 now",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/mid", .backing = "mid", .format = "qcow2")}, {.path = "/i/mid",
     .kind = QCOW2}},
     ENDS(REFUSED, REFUSED), .field = "declared-formats-disagree",
     .members = "/i/top:qcow2:probed /i/mid:raw:implied", .culprit = "/i/top", .at = "mid"},
    {.name = "a declaration from outside against the image's own",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base", .inode = 50}},
     .declare = {{8, 50}, "qcow2"}, ENDS(REFUSED, REFUSED), .field = "declared-formats-disagree",
     .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "base"},
    {.name = "a declaration from outside against a data file",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/data")}, {.path = "/i/data", .kind = QCOW2, .inode = 50}},
     .declare = {{8, 50}, "qcow2"}, ENDS(REFUSED, REFUSED), .field = "declared-formats-disagree",
     .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "/i/data"},
    {.name = "a VHD's parent, to QEMU, which would read zeros",
     .files = {{TOP, DIFFERENCING(1, 2, "base")}, {.path = "/i/base", .kind = VHD}}, ENDS(REFUSED, REFUSED),
     .field = "reference-ignored-by-reader", .members = "/i/top:vhd:probed", .culprit = "/i/top", .at = "base"},
    {.name = "an extent to read only, which QEMU passes over",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRDONLY 1 FLAT \"b\" 0\n")}, {.path = "/i/a"}, {.path = "/i/b"}},
     ENDS(REFUSED, REFUSED), .field = "reference-ignored-by-reader", .members = "/i/top:vmdk:probed /i/a:raw:implied",
     .culprit = "/i/top", .at = "b"},
    {.name = "a name that reaches the host otherwise", .files = {{TOP, IS_QCOW2(.backing = "fat:/etc")}},
     ENDS(REFUSED, REFUSED), .field = "special-reference", .members = "/i/top:qcow2:probed", .culprit = "/i/top",
     .at = "fat:/etc"},
    {.name = "a json: name", .files = {{TOP, IS_QCOW2(.backing = "json:{}")}}, ENDS(REFUSED, REFUSED),
     .field = "malformed-name", .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "json:{}"},
    {.name = "a protocol that the reader doesn't have", .files = {{TOP, IS_QCOW2(.backing = "what:ever")}},
     ENDS(REFUSED, REFUSED), .field = "unknown-protocol", .members = "/i/top:qcow2:probed", .culprit = "/i/top",
     .at = "what:ever"},
    {.name = "a data file without a working directory", .files = {{TOP, IS_QCOW2(.data_file = "data")},
               {.path = "/i/data"}},
     ENDS(REFUSED, REFUSED), .field = "needs-workdir", .members = "/i/top:qcow2:probed", .culprit = "/i/top",
     .at = "data"},
    {.name = "a relative name in an image without a name",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base"}}, .nameless = true,
     ENDS(REFUSED, REFUSED), .field = "no-directory", .members = "-:qcow2:probed", .culprit = "-", .at = "base"},
    {.name = "a data file whose name means two things", .files = {{TOP, IS_QCOW2(.data_file = "nbd:a:1")}},
     .options = {.workdir = "/w"}, ENDS(REFUSED, REFUSED), .field = "name-means-two-things",
     .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "nbd:a:1"},
    {.name = "a name that the opener refuses, by its rule",
     .files = {{TOP, IS_QCOW2(.backing = "base")}, {.path = "/i/base",
     .fails = IMGPROBE_REFUSED, .field = "path-escape"}},
     ENDS(REFUSED, REFUSED), .field = "path-escape", .members = "/i/top:qcow2:probed", .culprit = "/i/top",
     .at = "base"},
    {.name = "only the image's own files are wanted, and it has a backing file",
     .files = {{TOP, IS_QCOW2(.data_file = "/i/data", .backing = "base")}, {.path = "/i/data"},
               {.path = "/i/base"}}, OWN,
     ENDS(REFUSED, REFUSED), .field = "not-followed", .members = "/i/top:qcow2:probed /i/data:raw:implied",
     .culprit = "/i/top"},
    {.name = "no opener, and a file to open", .files = {{TOP, IS_QCOW2(.backing = "base")}, {.path = "/i/base"}},
     .no_opener = true, ENDS(REFUSED, REFUSED), .field = "not-followed", .members = "/i/top:qcow2:probed",
     .culprit = "/i/top"},
};

static const struct chain_case malformed[] = {
    {.name = "a json: name that takes a backing file away from what is damaged",
     .files = {{TOP, IS_QCOW2(.backing = "json:{'driver':'qcow2','file':{'driver':'file','filename':'/i/mid'},"
                                         "'backing':''}")}, {.path = "/i/mid"}},
     ENDS(MALFORMED, MALFORMED), .field = "magic", .members = "/i/top:qcow2:probed /i/mid:qcow2:declared",
     .culprit = "/i/mid"},
    {.name = "an empty top", .files = {{TOP, .cut = SIZE_MAX}}, ENDS(MALFORMED, TRUNCATED), .field = "image",
     .members = "/i/top:?:probed", .culprit = "/i/top"},
    {.name = "a damaged top", .files = {{TOP, .kind = QCOW2, .spoil = {20, 4, 63}}}, ENDS(MALFORMED, MALFORMED),
     .field = "cluster_bits", .members = "/i/top:qcow2:probed", .culprit = "/i/top"},
    {.name = "a damaged base",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "qcow2")}, {.path = "/i/base",
     .kind = QCOW2, .spoil = {20, 4, 63}}},
     ENDS(MALFORMED, MALFORMED), .field = "cluster_bits", .members = "/i/top:qcow2:probed /i/base:qcow2:declared",
     .culprit = "/i/base"},
    {.name = "a base that is cut short",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "qcow2")}, {.path = "/i/base", .kind = QCOW2, .cut = 90}},
     ENDS(MALFORMED, TRUNCATED), .field = "autoclear_features",
     .members = "/i/top:qcow2:probed /i/base:qcow2:declared",
     .culprit = "/i/base"},
    {.name = "a base of a later version",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "qcow2")}, {.path = "/i/base",
     .kind = QCOW2, .spoil = {4, 4, 4}}},
     ENDS(MALFORMED, UNSUPPORTED), .field = "version", .members = "/i/top:qcow2:probed /i/base:qcow2:declared",
     .culprit = "/i/base"},
    {.name = "a base that isn't of the format that it was declared",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "qcow2")}, {.path = "/i/base"}},
     ENDS(MALFORMED, MALFORMED),
     .field = "magic", .members = "/i/top:qcow2:probed /i/base:qcow2:declared", .culprit = "/i/base"},
    {.name = "a base of an unknown version of its format",
     .files = {{TOP, IS_QCOW2(.backing = "base")}, {.path = "/i/base", .spoil = {64, 4, 0x7f10dabe}}},
     ENDS(MALFORMED, UNSUPPORTED), .field = "version", .members = "/i/top:qcow2:probed /i/base:vdi:probed",
     .culprit = "/i/base"},
    {.name = "a base declared as nothing that anybody knows",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "nosuch")}, {.path = "/i/base"}},
     ENDS(MALFORMED, UNSUPPORTED),
     .field = "backing format", .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "base"},
    {.name = "a VMDK's parent that is none",
     .files = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\n", "base", .parent_id = 5)}, {.path = "/i/base", .kind = QCOW2}},
     ENDS(MALFORMED, MALFORMED), .field = "createType", .members = "/i/top:vmdk:probed /i/base:vmdk:implied",
     .culprit = "/i/base"},
    {.name = "a sparse extent that is none",
     .files = {{TOP, IS_VMDK("RW 1 SPARSE \"a\"\n")}, {.path = "/i/a"}}, ENDS(MALFORMED, MALFORMED), .field = "magic",
     .members = "/i/top:vmdk:probed /i/a:vmdk:implied", .culprit = "/i/a"},
    {.name = "a file that is shorter than it was",
     .files = {{TOP, IS_QCOW2(.backing = "base")}, {.path = "/i/base", .broken = IMGPROBE_TRUNCATED}},
     ENDS(MALFORMED, TRUNCATED), .field = "window", .members = "/i/top:qcow2:probed /i/base:?:probed",
     .culprit = "/i/base"},
};

static const struct chain_case ambiguous[] = {
    {.name = "a top of two formats", .files = {{TOP, .kind = QCOW2, .spoil = {64, 4, 0x7f10dabe}}},
     ENDS(AMBIGUOUS, AMBIGUOUS), .field = "format", .members = "/i/top:?:probed", .culprit = "/i/top"},
    {.name = "a probed base of which only the end says what it is",
     .files = {{TOP, IS_QCOW2(.backing = "base")}, {.path = "/i/base", IS_VHD(.type = BUILD_FIXED)}},
     ENDS(AMBIGUOUS, AMBIGUOUS),
     .field = "format", .members = "/i/top:qcow2:probed /i/base:?:probed", .culprit = "/i/base"},
    {.name = "a VHD's names for its parent disagree, to Xen",
     .files = {{TOP, DIFFERENCING(1, 2, "base", "C:\\i\\other")}, {.path = "/i/base", .kind = VHD}}, XEN,
     ENDS(AMBIGUOUS, AMBIGUOUS), .field = "parent-names-disagree", .members = "/i/top:vhd:probed",
     .culprit = "/i/top", .at = "C:\\i\\other"},
    {.name = "a VHD's header and its locator disagree, to Xen",
     .files = {{TOP, DIFFERENCING(1, 2, "base", .header = "other")}, {.path = "/i/base", .kind = VHD}}, XEN,
     ENDS(AMBIGUOUS, AMBIGUOUS), .field = "parent-names-disagree", .members = "/i/top:vhd:probed",
     .culprit = "/i/top", .at = "other"},
    {.name = "the names disagree two below, to Xen",
     .files = {{TOP, DIFFERENCING(1, 2, "mid")},
               {.path = "/i/mid", DIFFERENCING(2, 3, "base", "/i/Base")}, {.path = "/i/base", .kind = VHD}}, XEN,
     ENDS(AMBIGUOUS, AMBIGUOUS), .field = "parent-names-disagree",
     .members = "/i/top:vhd:probed /i/mid:vhd:implied", .culprit = "/i/mid", .at = "/i/Base"},
};
/* clang-format on */

static const struct {
    const struct chain_case *cases;
    size_t count;
} tables[] = {
    {complete, COUNT(complete)},   {missing, COUNT(missing)},     {remote, COUNT(remote)},
    {loop, COUNT(loop)},           {limit, COUNT(limit)},         {refused, COUNT(refused)},
    {malformed, COUNT(malformed)}, {ambiguous, COUNT(ambiguous)},
};

/* Walks from the first file of the store, by the options of a row, if there is one. */
static enum imgprobe_status walk(struct store *store, const struct chain_case *c, struct imgprobe_workspace *w,
                                 struct imgprobe_chain **ret)
{
    struct imgprobe_options options = c ? c->options : (struct imgprobe_options){.struct_size = 0};
    struct imgprobe_limits limits = c ? c->limits : (struct imgprobe_limits){.struct_size = 0};
    struct imgprobe_opener opener = opener_of(store);
    struct imgprobe_opened top = opened(&store->all[0]);

    options.struct_size = sizeof options;
    limits.struct_size = sizeof limits;
    options.limits = &limits;
    options.name = c && c->nameless ? NULL : store->all[0].file->path;
    if (c && c->declare.format) {
        options.declarations = &c->declare;
        options.declaration_count = 1;
    }
    *ret = NULL;
    return imgprobe_chain(&options, &top, c && c->no_opener ? NULL : &opener, w, ret);
}

static void write_members(const struct imgprobe_chain *chain, char *text, size_t size)
{
    static const char *const how[] = {"pinned", "declared", "implied", "probed"};
    const struct imgprobe_member *m;
    size_t length = 0;

    text[0] = '\0';
    for (m = chain->members; m; m = m->next) {
        int more = snprintf(text + length, size - length, "%s%s:%s:%s", length ? " " : "", path_of(m),
                            m->image->format ? m->image->format->name : "?", how[m->image->format_source]);

        assert_true(more > 0 && (size_t)more < size - length);
        length += (size_t)more;
    }
}

static void check_references(const struct imgprobe_reference *r)
{
    for (; r; r = r->next) {
        assert_true(r->cut <= r->name.length);
        assert_int_equal(r->name.bytes[r->name.length], 0);
        assert_true(!r->path.bytes || r->path.bytes[r->path.length] == 0);
        assert_true(r->kind != IMGPROBE_KIND_FILE || r->path.bytes != NULL);
    }
}

/* What holds of every chain, whatever its end. Returns the findings of a parent that isn't the one. */
static unsigned check_shape(const struct imgprobe_chain *chain)
{
    const struct imgprobe_member *m;
    const struct imgprobe_finding *f;
    unsigned count = 0, mismatches = 0;

    for (m = chain->members; m; m = m->next, count++) {
        assert_int_equal(m->index, count);
        assert_true((m->parent == NULL) == (count == 0) && (m->via == NULL) == (count == 0));
        if (m->parent) {
            assert_int_equal(m->depth, m->parent->depth + 1);
            assert_true(m->parent->index < m->index);
            assert_ptr_equal(m->via->member, m);
        }
        check_references(m->image->references);
        for (f = m->image->findings; f; f = f->next)
            mismatches += strcmp(f->id, "parent-mismatch") == 0;
    }
    assert_int_equal(chain->count, count);
    return mismatches;
}

/* Each image says of its reads what the source has seen, and a well-formed one needs few. */
static void check_reads(const struct store *store, const struct imgprobe_chain *chain, unsigned walks)
{
    const struct imgprobe_member *m;
    size_t i;

    for (m = chain->members; m; m = m->next)
        for (i = 0; i < store->count; i++) {
            const struct stored *s = &store->all[i];

            if (s->inode != m->identity.inode || (i != 0 && strcmp(s->file->path, path_of(m)) != 0))
                continue;
            assert_int_equal(m->image->bytes * walks, s->bytes);
            if (s->file->broken == IMGPROBE_OK)
                assert_int_equal(m->image->reads * walks, s->reads);
            assert_true(m->image->reads <= 4 && m->image->bytes <= 8192 + s->image.size * (s->file->v.lines != NULL));
        }
}

static void check_end(const struct chain_case *c, enum imgprobe_status s, const struct imgprobe_chain *chain)
{
    char members[512];

    assert_non_null(chain);
    write_members(chain, members, sizeof members);
    assert_string_equal(members, c->members);
    assert_int_equal(chain->state, c->state);
    assert_int_equal(s, c->status);
    assert_int_equal(chain->error.status, c->status);
    assert_string_equal(chain->error.field ? chain->error.field : "", c->field ? c->field : "");
    if (c->what)
        assert_string_equal(chain->error.what, c->what);
    assert_string_equal(chain->culprit ? path_of(chain->culprit) : "", c->culprit ? c->culprit : "");
    assert_string_equal(chain->at ? (const char *)chain->at->name.bytes : "", c->at ? c->at : "");
    assert_true(c->state != IMGPROBE_CHAIN_REFUSED || chain->error.what != NULL || c->field != NULL);
    assert_int_equal(check_shape(chain), c->mismatches);
}

static void test_case(void **state)
{
    const struct chain_case *c = *state;
    struct store store = make_store(c->files, MOST_FILES);
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    unsigned i;

    for (i = 1; i <= 2; i++) {
        enum imgprobe_status s;

        store.knows_names = i == 2;
        s = walk(&store, c, &w, &chain);
        check_end(c, s, chain);
        assert_int_equal(store.opens, store.dones);
        assert_true(store.most_open <= 1 && (!c->no_opener || store.opens == 0));
        check_reads(&store, chain, i);
        assert_int_equal(store.asked, i == 2 && !c->no_opener ? chain->count : 0);
    }
    free_store(&store);
}

static void test_links(void **state)
{
    static const struct file files[] = {
        {TOP, IS_QCOW2(.data_file = "/i/shared", .backing = "mid", .format = "qcow2")},
        {.path = "/i/mid", IS_QCOW2(.backing = "shared", .format = "raw")},
        {.path = "/i/shared", .is = IMGPROBE_KIND_BLOCK},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    const struct imgprobe_member *shared, *mid;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    shared = chain->members->next;
    mid = shared->next;
    assert_ptr_equal(reference_at(chain->members, 0)->member, shared);
    assert_ptr_equal(reference_at(chain->members, 1)->member, mid);
    assert_ptr_equal(reference_at(mid, 0)->member, shared);
    assert_int_equal(shared->kind, IMGPROBE_KIND_BLOCK);
    assert_int_equal(reference_at(mid, 0)->kind, IMGPROBE_KIND_BLOCK);
    assert_ptr_equal(shared->parent, chain->members);
    assert_int_equal(shared->depth, 1);
    assert_int_equal(store.opens, 3);
    free_store(&store);
}

static void test_broken_member_is_linked(void **state)
{
    static const struct file files[] = {{TOP, IS_QCOW2(.backing = "base", .format = "qcow2")},
                                        {.path = "/i/base", .kind = QCOW2, .spoil = {20, 4, 63}}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_MALFORMED);
    assert_ptr_equal(chain->members->next, chain->culprit);
    assert_ptr_equal(reference_at(chain->members, 0)->member, chain->culprit);
    free_store(&store);
}

/* The parent link of a VMDK isn't decoded in an extent, so as a parent the same file refers to more. */
static void test_extent_and_parent(void **state)
{
    static const struct file files[] = {
        {TOP, IS_VMDK("RW 128 SPARSE \"a\"\n", "a", .parent_id = 5)},
        {.path = "/i/a",
         .kind = SPARSE,
         .v = {.lines = "", .parent = "further", .id = 5, .parent_id = 6},
         .size = 65536},
        {.path = "/i/further", .kind = SPARSE, .v = {.lines = "", .id = 6}, .size = 65536},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    const struct imgprobe_member *m;
    bool listed = false;

    (void)state;
    (void)walk(&store, NULL, &w, &chain);
    for (m = chain->members; m; m = m->next)
        listed = listed || strcmp(path_of(m), "/i/further") == 0;
    assert_true(listed || chain->state != IMGPROBE_CHAIN_COMPLETE);
    free_store(&store);
}

/* What the reader passes over makes no chain complete, however little is wanted of it. */
static void test_own_and_ignored(void **state)
{
    static const struct chain_case own = {OWN};
    static const struct file files[] = {
        {TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRDONLY 1 FLAT \"b\" 0\n")}, {.path = "/i/a"}, {.path = "/i/b"}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, &own, &w, &chain), IMGPROBE_REFUSED);
    assert_int_equal(chain->state, IMGPROBE_CHAIN_REFUSED);
    free_store(&store);
}

/* A relative name stands beside the name under which its image was opened: of two names, each has its own. */
static void test_two_names(void **state)
{
    static const struct file files[] = {
        {TOP, IS_VMDK("RW 128 SPARSE \"a/x\"\nRW 128 SPARSE \"b/x\"\n")},
        {.path = "/i/a/x", NESTED("RW 1 FLAT \"data\" 0\n"), .inode = 9},
        {.path = "/i/b/x", NESTED("RW 1 FLAT \"data\" 0\n"), .inode = 9},
        {.path = "/i/a/data"},
        {.path = "/i/b/data"},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    const struct imgprobe_member *m;
    bool listed = false;

    (void)state;
    (void)walk(&store, NULL, &w, &chain);
    for (m = chain->members; m; m = m->next)
        listed = listed || strcmp(path_of(m), "/i/b/data") == 0;
    assert_true(listed || chain->state != IMGPROBE_CHAIN_COMPLETE);
    free_store(&store);
}

/* A top of two FLAT parts of one file and a SPARSE one, and what is known of its size. */
static const struct file sum_files[] = {
    {TOP, IS_VMDK("RW 3 FLAT \"a\" 0\nRW 4 VMFS \"b\"\nRW 9 SPARSE \"c\"\n"), .allocated = 512},
    {.path = "/i/a", .allocated = 4096},
    {.path = "/i/b", .allocated = 8192},
    {.path = "/i/c", .kind = SPARSE, .size = 65536, .allocated = 1024},
};

static void test_sums(void **state)
{
    struct store store = make_store(sum_files, COUNT(sum_files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->members->image->virtual_size, 7 * 512 + 65536);
    assert_int_equal(chain->members->allocated, 512 + 4096 + 8192 + 1024);
    assert_int_equal(chain->members->next->allocated, 4096);
    free_store(&store);
}

static void test_sums_of_nested_extents(void **state)
{
    static const struct file files[] = {
        {TOP, IS_VMDK("RW 9 SPARSE \"a\"\nRW 2 FLAT \"b\" 0\n"), .allocated = 1},
        {.path = "/i/a", NESTED("RW 5 FLAT \"b\" 0\nRW 6 FLAT \"c\" 0\n"), .allocated = 10},
        {.path = "/i/b", .allocated = 100},
        {.path = "/i/c", .allocated = 1000},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->members->next->image->virtual_size, 11 * 512);
    assert_int_equal(chain->members->image->virtual_size, 13 * 512);
    assert_int_equal(chain->members->next->allocated, 1110);
    free_store(&store);
}

static void test_sum_of_itself(void **state)
{
    static const struct file files[] = {{TOP, IS_VMDK("RW 1 FLAT \"top\" 0\n"), .allocated = 4096}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->members->image->virtual_size, 512);
    assert_int_equal(chain->members->allocated, 4096);
    free_store(&store);
}

static void test_sums_unknown(void **state)
{
    static const struct file files[] = {
        {TOP, IS_VMDK("RW 2048 FLAT \"a\" 0\nRW 2 FLAT \"b\" 0\n"), .allocated = 10},
        {.path = "/i/a", .allocated = IMGPROBE_UNKNOWN},
        {.path = "/i/b", .allocated = 100},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_true(chain->members->allocated == IMGPROBE_UNKNOWN);
    assert_int_equal(chain->members->image->virtual_size, 1048576 + 1024);
    free_store(&store);
}

static void test_data_file_counts_for_itself(void **state)
{
    static const struct file files[] = {
        {TOP, IS_QCOW2(.data_file = "/i/data", .backing = "base", .format = "raw"), .allocated = 10},
        {.path = "/i/data", .allocated = 20},
        {.path = "/i/base", .allocated = 100},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->members->allocated, 10);
    free_store(&store);
}

static void test_no_opener_sums(void **state)
{
    static const struct chain_case closed = {.no_opener = true};
    static const struct file flat[] = {{TOP, IS_VMDK("RW 3 FLAT \"a\" 0\nRW 4 VMFS \"b\"\n"), .allocated = 512}};
    struct store store = make_store(sum_files, COUNT(sum_files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, &closed, &w, &chain), IMGPROBE_REFUSED);
    assert_true(chain->members->image->virtual_size == IMGPROBE_UNKNOWN);
    assert_true(chain->members->allocated == IMGPROBE_UNKNOWN);
    assert_string_equal((const char *)reference_at(chain->members, 2)->path.bytes, "/i/c");
    free_store(&store);
    store = make_store(flat, COUNT(flat));
    assert_int_equal(walk(&store, &closed, &w, &chain), IMGPROBE_REFUSED);
    assert_int_equal(chain->members->image->virtual_size, 7 * 512);
    free_store(&store);
}

/* What isn't known of a chain that ends early stays unknown, and what is known is said. */
static const struct part {
    const char *name;
    struct file files[3];
    enum imgprobe_status status;
    uint64_t size;
} parts[] = {
    /* clang-format off */
    {"size: extents, and no parent where one is named",
     {{TOP, IS_VMDK("RW 3 FLAT \"a\" 0\n", "base", .parent_id = 5)}, {.path = "/i/a"}}, IMGPROBE_SYSTEM, 3 * 512},
    {"size: an extent that isn't there", {{TOP, IS_VMDK("RW 3 FLAT \"a\" 0\nRW 3 FLAT \"b\" 0\n")}, {.path = "/i/a"}},
     IMGPROBE_SYSTEM, IMGPROBE_UNKNOWN},
    {"size: an extent that is damaged", {{TOP, IS_VMDK("RW 3 SPARSE \"a\"\n")}, {.path = "/i/a"}},
     IMGPROBE_MALFORMED, IMGPROBE_UNKNOWN},
    {"size: an extent behind one that isn't there", {{TOP, IS_VMDK("RW 3 FLAT \"a\" 0\nRW 3 SPARSE \"b\"\n")},
     {.path = "/i/b", .kind = SPARSE}}, IMGPROBE_SYSTEM, IMGPROBE_UNKNOWN},
    {"size: an extent of an extent that isn't there", {{TOP, IS_VMDK("RW 3 SPARSE \"a\"\n")},
     {.path = "/i/a", NESTED("RW 3 FLAT \"b\" 0\n")}}, IMGPROBE_SYSTEM, IMGPROBE_UNKNOWN},
    {"size: an extent that lists the disk", {{TOP, IS_VMDK("RW 3 SPARSE \"a\"\n")},
     {.path = "/i/a", NESTED("RW 3 SPARSE \"top\"\n")}}, IMGPROBE_REFUSED, IMGPROBE_UNKNOWN},
    /* clang-format on */
};

static void test_part(void **state)
{
    const struct part *c = *state;
    struct file files[COUNT(c->files)];
    struct store store;
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    uint64_t all = 0;
    size_t i;

    memcpy(files, c->files, sizeof files);
    for (i = 0; i < COUNT(files) && files[i].path; i++)
        all += files[i].allocated = 1000 * (i + 1);
    store = make_store(files, COUNT(files));
    assert_int_equal(walk(&store, NULL, &w, &chain), c->status);
    assert_true(chain->members->image->virtual_size == c->size);
    assert_true(chain->members->allocated == IMGPROBE_UNKNOWN || chain->members->allocated <= all);
    free_store(&store);
}

/* An extent that can't be written makes the disk so. */
static void test_read_only_extent(void **state)
{
    static const struct file files[] = {{TOP, IS_VMDK("RW 128 SPARSE \"a\"\n")},
                                        {.path = "/i/a", .kind = SPARSE, .size = 65536, .spoil = {4, 1, 3}}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_true(chain->members->image->read_only);
    free_store(&store);
}

/* In workspaces of every size: that there is no room is said, and nothing is left out. */
static void test_every_room(void **state)
{
    static const struct file files[] = {{TOP, IS_QCOW2(.backing = ANOTHER_BASE)},
                                        {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw")},
                                        {.path = "/i/other"}},
                             mismatched[] = {{TOP, IS_VMDK("RW 1 FLAT \"a\" 0\n", "base", .parent_id = 5)},
                                             {.path = "/i/a"},
                                             {.path = "/i/base", IS_VMDK("RW 1 FLAT \"a\" 0\n", .id = 6)}};
    const struct file *const all[] = {files, mismatched};
    size_t i, size, full;

    (void)state;
    for (i = 0; i < COUNT(all); i++) {
        enum imgprobe_status s = IMGPROBE_LIMIT;

        for (size = 8, full = 0; s != IMGPROBE_OK; size += 8) {
            struct store store = make_store(all[i], 3);
            struct imgprobe_workspace w = whole_workspace();
            struct imgprobe_chain *chain;

            w.size = size;
            s = walk(&store, NULL, &w, &chain);
            full += s != IMGPROBE_OK;
            assert_true(s == IMGPROBE_OK || !chain || strcmp(chain->error.field, "workspace") == 0);
            assert_true(s != IMGPROBE_OK || chain->count == 3);
            assert_int_equal(store.opens, store.dones);
            free_store(&store);
        }
        assert_true(full > 100);
    }
}

static enum imgprobe_status open_nothing(void *context, const char *path, struct imgprobe_opened *ret,
                                         struct imgprobe_error *error)
{
    (void)context;
    (void)path;
    (void)error;
    *ret = (struct imgprobe_opened){.struct_size = sizeof *ret};
    return IMGPROBE_OK;
}

static void done_nothing(void *context, struct imgprobe_opened *o)
{
    (void)o;
    ++*(unsigned *)context;
}

/* An opener that says that it has opened a file, and gives no source. */
static void test_no_source(void **state)
{
    static const struct file files[] = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_opened top = opened(&store.all[0]);
    unsigned dones = 0;
    struct imgprobe_opener opener = {
        .struct_size = sizeof opener, .open = open_nothing, .done = done_nothing, .context = &dones};
    struct imgprobe_options options = {.struct_size = sizeof options, .name = "/i/top"};
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(imgprobe_chain(&options, &top, &opener, &w, &chain), IMGPROBE_SYSTEM);
    assert_int_equal(chain->state, IMGPROBE_CHAIN_MISSING);
    assert_int_equal(dones, 1);
    free_store(&store);
}

static const struct file need_files[] = {{TOP, IS_QCOW2(.backing = "base", .format = "qcow2")},
                                         {.path = "/i/base", .kind = QCOW2}};

static void test_need_of_the_top(void **state)
{
    struct store store = make_store(need_files, COUNT(need_files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    enum imgprobe_status s;
    unsigned calls = 1;

    (void)state;
    store.all[0].have = 0;
    for (; (s = walk(&store, NULL, &w, &chain)) == IMGPROBE_NEED; calls++) {
        assert_int_equal(chain->state, IMGPROBE_CHAIN_MISSING);
        assert_int_equal(store.opens, 0);
        assert_true(chain->error.offset + chain->error.least > store.all[0].have);
        store.all[0].have = chain->error.offset + chain->error.least;
    }
    assert_int_equal(s, IMGPROBE_OK);
    assert_int_equal(calls, 3);
    assert_int_equal(chain->count, 2);
    assert_int_equal(store.all[0].bytes, chain->members->image->bytes);
    assert_int_equal(store.all[0].reads, chain->members->image->reads);
    assert_int_equal(store.opens, 1);
    free_store(&store);
}

static void test_need_below(void **state)
{
    struct store store = make_store(need_files, COUNT(need_files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    store.all[1].have = 4096;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_NEED);
    assert_int_equal(chain->error.status, IMGPROBE_NEED);
    assert_int_equal(chain->count, 2);
    assert_ptr_equal(chain->culprit, chain->members->next);
    assert_int_equal(store.opens, 1);
    assert_int_equal(store.dones, 1);
    assert_int_equal(w.pending, 0);
    store.all[1].have = UINT64_MAX;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->members->next->image->bytes, 6144);
    assert_int_equal(store.opens, store.dones);
    free_store(&store);
}

static void test_top_of_unknown_size(void **state)
{
    struct store store = make_store(need_files, COUNT(need_files));
    struct imgprobe_opener opener = opener_of(&store);
    struct imgprobe_opened top = opened(&store.all[0]);
    struct imgprobe_options options = {.struct_size = sizeof options, .name = "/i/top"};
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    top.source.size = IMGPROBE_UNKNOWN;
    assert_int_equal(imgprobe_chain(&options, &top, &opener, &w, &chain), IMGPROBE_NEED);
    assert_true(chain->error.offset == IMGPROBE_UNKNOWN);
    assert_int_equal(chain->error.least, 2048);
    top.source.size = store.all[0].image.size;
    assert_int_equal(imgprobe_chain(&options, &top, &opener, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->members->image->file_size, store.all[0].image.size);
    assert_int_equal(store.all[0].bytes, 6144);
    free_store(&store);
}

/* `count` qcow2 images, each the backing file of the one before, and their names. */
static struct file *make_deep(size_t count, char (*names)[32])
{
    struct file *files = calloc(count, sizeof *files);
    size_t i;

    assert_non_null(files);
    for (i = 0; i < count; i++) {
        (void)snprintf(names[i], sizeof names[i], "/i/%zu", i);
        files[i] = (struct file){.path = names[i], .kind = QCOW2};
        if (i > 0) {
            files[i - 1].q.backing = names[i] + strlen("/i/");
            files[i - 1].q.format = "qcow2";
        }
    }
    return files;
}

static void test_deep(void **state)
{
    static char names[201][32];
    struct file *files = make_deep(COUNT(names), names);
    struct store store = make_store(files, COUNT(names));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_LIMIT);
    assert_int_equal(chain->state, IMGPROBE_CHAIN_LIMIT);
    assert_string_equal(chain->error.field, "chain_depth");
    assert_int_equal(chain->error.found, 201);
    assert_int_equal(chain->error.most, 200);
    assert_int_equal(chain->count, 200);
    assert_int_equal(chain->culprit->depth, 199);
    free_store(&store);
    files[199].q.backing = NULL;
    store = make_store(files, COUNT(names));
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->count, 200);
    assert_int_equal(check_shape(chain), 0);
    assert_int_equal(store.opens, 199);
    assert_int_equal(store.most_open, 1);
    free_store(&store);
    free(files);
}

/* A descriptor of `count` extents, its first file, and their names. */
static struct file *make_wide(size_t count, char (*names)[64], char *lines, bool sparse)
{
    struct file *files = calloc(count + 1, sizeof *files);
    size_t i, length = 0;

    assert_non_null(files);
    for (i = 1; i <= count; i++) {
        /* Names so long that the descriptor is as long as its limit allows. */
        (void)snprintf(names[i], sizeof names[i], "/i/a-long-name-of-an-extent-%s%05zu", sparse ? "s" : "f-", i);
        length += (size_t)snprintf(lines + length, 80, "RW 128 %s \"%s\"%s\n", sparse ? "SPARSE" : "FLAT",
                                   names[i] + strlen("/i/"), sparse ? "" : " 0");
        files[i] = (struct file){.path = names[i], .kind = sparse ? SPARSE : RAW, .size = 65536};
    }
    files[0] = (struct file){TOP, IS_VMDK(lines)};
    return files;
}

static void check_wide(size_t count, bool sparse)
{
    static char names[4097][64], lines[4097 * 80];
    struct file *files = make_wide(count, names, lines, sparse);
    struct store store = make_store(files, count + 1);
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    enum imgprobe_status s = walk(&store, NULL, &w, &chain);

    if (s == IMGPROBE_LIMIT)
        assert_string_equal(chain->error.field, "chain_members");
    assert_int_equal(s, count < 4096 ? IMGPROBE_OK : IMGPROBE_LIMIT);
    assert_int_equal(chain->count, 4096);
    assert_int_equal(store.opens, store.dones);
    assert_int_equal(store.most_open, 1);
    if (s == IMGPROBE_OK) {
        assert_int_equal(chain->members->image->virtual_size, count * 65536);
    } else {
        assert_int_equal(chain->error.found, 4097);
        assert_int_equal(chain->error.most, 4096);
    }
    free_store(&store);
    free(files);
}

static void test_wide(void **state)
{
    (void)state;
    check_wide(4095, false);
    check_wide(4096, false);
}

static void test_wide_sparse(void **state)
{
    (void)state;
    check_wide(4095, true);
    check_wide(4096, true);
}

/* Whatever the workspace holds, the answer is the right one or an error that says that it is full. */
static void test_every_workspace(void **state)
{
    static const struct chain_case small = {.limits = {.chain_members = 8}};
    struct store store = make_store(sum_files, COUNT(sum_files));
    enum imgprobe_status s = IMGPROBE_USAGE;
    size_t size;

    (void)state;
    for (size = 16; s != IMGPROBE_OK; size += 16) {
        struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = malloc(size), .size = size};
        struct imgprobe_chain *chain = NULL;

        assert_non_null(w.memory);
        store.knows_names = size / 16 % 2 == 0;
        s = walk(&store, &small, &w, &chain);
        assert_true(s == IMGPROBE_USAGE || chain != NULL);
        if (s != IMGPROBE_USAGE && s != IMGPROBE_OK) {
            assert_int_equal(s, IMGPROBE_LIMIT);
            assert_int_equal(chain->state, IMGPROBE_CHAIN_LIMIT);
            assert_string_equal(chain->error.field, "workspace");
            assert_int_equal(chain->error.found, size);
        }
        assert_true(w.most <= size);
        assert_int_equal(store.opens, store.dones);
        free(w.memory);
        assert_true(size < 65536);
    }
    free_store(&store);
}

/* A workspace left by a probe that waits serves another chain, once `pending` is zero. */
static void test_abandoned_probe(void **state)
{
    struct store store = make_store(need_files, COUNT(need_files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;

    (void)state;
    store.all[0].have = 4096;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_NEED);
    assert_int_not_equal(w.pending, 0);
    free_store(&store);
    w.pending = 0;
    store = make_store(sum_files, COUNT(sum_files));
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->count, COUNT(sum_files));
    assert_int_equal(chain->members->image->bytes, store.all[0].bytes);
    free_store(&store);
}

/* What an opener answers that is asked for the canonical name of a base, and what becomes of it. */
static const struct canonical_case {
    const char *name;
    const char *told;
    size_t claims; /* 0: its length */
    uint64_t name_bytes;
    const char *wanted; /* NULL: none */
} canonicals[] = {
    {"canonical: an absolute name", "/real/base", 0, 0, "/real/base"},
    {"canonical: one that can't be told", NULL, 0, 0, NULL},
    {"canonical: one letter", "/", 0, 0, "/"},
    {"canonical: a part of what was written", "/real/base", 5, 0, "/real"},
    {"canonical: as long as the limit on names", "/real/base", 0, 10, "/real/base"},
    {"canonical: longer than the limit on names", "/real/base1", 0, 10, NULL},
    {"canonical: a length of one more than there was room for", "/real/base", 11, 10, NULL},
    {"canonical: a length that no memory has", "/real/base", SIZE_MAX, 0, NULL},
};

static void test_canonical(void **state)
{
    const struct canonical_case *c = *state;
    const struct chain_case limited = {.limits = {.name_bytes = c->name_bytes}};
    const struct file files[] = {
        {TOP, IS_QCOW2(.backing = "mid", .format = "qcow2"), .canonical = "/real/top"},
        {.path = "/i/mid", IS_QCOW2(.backing = "base", .format = "raw"), .canonical = c->told, .claims = c->claims},
        {.path = "/i/base", .canonical = "/b"}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    const struct imgprobe_member *mid;

    store.knows_names = true;
    memset(memory, 0xff, sizeof memory);
    assert_int_equal(walk(&store, &limited, &w, &chain), IMGPROBE_OK);
    assert_int_equal(store.asked, 3);
    mid = chain->members->next;
    assert_true((mid->canonical.bytes != NULL) == (c->wanted != NULL));
    assert_int_equal(mid->canonical.length, c->wanted ? strlen(c->wanted) : 0);
    if (c->wanted)
        assert_string_equal((const char *)mid->canonical.bytes, c->wanted);
    assert_string_equal((const char *)chain->members->canonical.bytes, "/real/top");
    assert_string_equal((const char *)mid->next->canonical.bytes, "/b");
    assert_int_equal(check_shape(chain), 0);
    free_store(&store);
}

/* A member met again isn't asked for again, and a name costs no more room than its letters. */
static void test_canonical_once(void **state)
{
    static const struct file files[] = {
        {TOP, IS_VMDK("RW 1 FLAT \"a\" 0\nRW 1 FLAT \"a\" 1\nRW 1 FLAT \"b\" 0\n"), .canonical = "/r/top"},
        {.path = "/i/a", .canonical = "/r/a"},
        {.path = "/i/b"},
    };
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    size_t without;

    (void)state;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_true(!chain->members->canonical.bytes && store.asked == 0);
    without = w.results;
    store.knows_names = true;
    assert_int_equal(walk(&store, NULL, &w, &chain), IMGPROBE_OK);
    assert_int_equal(store.asked, 3);
    assert_true(w.results - without <= 3 * sizeof(max_align_t));
    assert_null(chain->members->next->next->canonical.bytes);
    free_store(&store);
}

/* An opener of a caller's that was compiled before there were canonical names. */
static void test_canonical_of_an_older_opener(void **state)
{
    static const struct file files[] = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base"}};
    struct store store = make_store(files, COUNT(files));
    struct imgprobe_options options = {.struct_size = sizeof options, .name = "/i/top"};
    struct imgprobe_opened top = opened(&store.all[0]);
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_opener opener;
    struct imgprobe_chain *chain;

    (void)state;
    store.knows_names = true;
    opener = opener_of(&store);
    opener.struct_size = offsetof(struct imgprobe_opener, canonical);
    assert_int_equal(imgprobe_chain(&options, &top, &opener, &w, &chain), IMGPROBE_OK);
    assert_int_equal(chain->count, 2);
    assert_int_equal(store.asked, 0);
    free_store(&store);
}

static const struct CMUnitTest others[] = {
    {"references lead to their members, a shared one to one", test_links, NULL, NULL, NULL},
    {"a reference leads to its member, damaged or not", test_broken_member_is_linked, NULL, NULL, NULL},
    {"an extent that is the parent too, and has a parent itself", test_extent_and_parent, NULL, NULL, NULL},
    {"only the image's own files are wanted, and one is passed over", test_own_and_ignored, NULL, NULL, NULL},
    {"a file by two names, beside which other files stand", test_two_names, NULL, NULL, NULL},
    {"a disk is as large as its extents", test_sums, NULL, NULL, NULL},
    {"a disk is as large as its extents' extents", test_sums_of_nested_extents, NULL, NULL, NULL},
    {"its own single extent is allocated once", test_sum_of_itself, NULL, NULL, NULL},
    {"allocated is unknown where a part is", test_sums_unknown, NULL, NULL, NULL},
    {"allocated has neither the data file nor the backing file", test_data_file_counts_for_itself, NULL, NULL, NULL},
    {"without an opener: sizes that lines say are known", test_no_opener_sums, NULL, NULL, NULL},
    {"an extent that can't be written", test_read_only_extent, NULL, NULL, NULL},
    {"workspaces of every size", test_every_room, NULL, NULL, NULL},
    {"an opener that opens nothing", test_no_source, NULL, NULL, NULL},
    {"NEED of the top, then complete", test_need_of_the_top, NULL, NULL, NULL},
    {"NEED below the top ends the chain, and it may be asked again", test_need_below, NULL, NULL, NULL},
    {"a top whose size isn't known at first", test_top_of_unknown_size, NULL, NULL, NULL},
    {"200 deep, and not 201", test_deep, NULL, NULL, NULL},
    {"4096 members with flat extents, and not 4097", test_wide, NULL, NULL, NULL},
    {"4096 members with sparse extents, and not 4097", test_wide_sparse, NULL, NULL, NULL},
    {"every size of workspace up to one that serves", test_every_workspace, NULL, NULL, NULL},
    {"a probe that was given up leaves nothing", test_abandoned_probe, NULL, NULL, NULL},
    {"canonical: asked for once, and kept in its own room", test_canonical_once, NULL, NULL, NULL},
    {"canonical: an older opener isn't asked", test_canonical_of_an_older_opener, NULL, NULL, NULL},
};

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
    for (i = 0; i < COUNT(parts); i++)
        tests[count++] = (struct CMUnitTest){parts[i].name, test_part, NULL, NULL, (void *)(uintptr_t)&parts[i]};
    for (i = 0; i < COUNT(canonicals); i++)
        tests[count++] =
            (struct CMUnitTest){canonicals[i].name, test_canonical, NULL, NULL, (void *)(uintptr_t)&canonicals[i]};
    for (i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return _cmocka_run_group_tests("chain", tests, count, NULL, NULL);
}
