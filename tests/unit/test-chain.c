/* SPDX-License-Identifier: MIT */
/*
 * Chains of images that stand in memory, behind an opener that knows them by name. Each row is walked twice on one
 * workspace, the second time with an opener that is asked for canonical names, and every open is paired with its
 * done, every read with what the image says of it.
 */
#include "chain-walk.h"

/* clang-format off */
#define ENDS(how, with) .state = IMGPROBE_CHAIN_##how, .status = IMGPROBE_##with

static const struct chain_case complete[] = {
    {.name = "a raw image alone", .files = {{TOP}}, .members = "/i/top:raw:probed"},
    {.name = "an empty image", .files = {{TOP, .cut = SIZE_MAX}}, .members = "/i/top:raw:probed"},
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
    {.name = "a json: name with a key that some versions have",
     .files = {{TOP, IS_QCOW2(.backing = "json:{\"driver\":\"raw\",\"active\":true,\"file\":{\"driver\":\"file\","
                                         "\"filename\":\"/i/base\"}}")},
               {.path = "/i/base"}},
     ENDS(AMBIGUOUS, AMBIGUOUS), .field = "versions-differ", .members = "/i/top:qcow2:probed", .culprit = "/i/top",
     .at = "json:{\"driver\":\"raw\",\"active\":true,\"file\":{\"driver\":\"file\",\"filename\":\"/i/base\"}}"},
    {.name = "a VHD's relative parent that is gone", .files = {{TOP, DIFFERENCING(1, 2, ".\\gone.vhd")}}, XEN,
     ENDS(MISSING, SYSTEM), .field = "member-missing", .members = "/i/top:vhd:probed", .culprit = "/i/top",
     .at = ".\\gone.vhd"},
    {.name = "a json: name of a device and nothing else",
     .files = {{TOP, IS_QCOW2(.backing = "json:{\"driver\":\"host_device\",\"filename\":\"/dev/x\"}")},
               {.path = "/dev/x", .is = IMGPROBE_KIND_BLOCK}},
     .members = "/i/top:qcow2:probed /dev/x:raw:declared"},
#define COLON(path, field_, at_) .files = {{path, IS_QCOW2(.backing = "base", .format = "raw")}}, ENDS(REFUSED, REFUSED),   \
     .field = (field_), .culprit = (at_), .members = at_ ":qcow2:probed", .at = "base"
    {.name = "a top whose own name means two things", COLON(.path = "file:a/top", "name-means-two-things", "file:a/top")},
    {.name = "a top whose own name is one of a server",
     COLON(.path = "nbd:127.0.0.1:9:exportname=x/top", "name-means-two-things", "nbd:127.0.0.1:9:exportname=x/top")},
    {.name = "a top with a colon and no slash", COLON(.path = "a:top", "name-means-two-things", "a:top")},
    {.name = "a top with a colon in front", COLON(.path = ":top", "name-means-two-things", ":top")},
    {.name = "a top with a colon behind its first slash",
     .files = {{.path = "./file:a/top", IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "./file:a/base"}},
     .members = "./file:a/top:qcow2:probed ./file:a/base:raw:declared"},
    {.name = "a top whose own name means two things, and an absolute name in it",
     .files = {{.path = "file:a/top", IS_QCOW2(.backing = "/i/base", .format = "raw")}, {.path = "/i/base"}},
     .members = "file:a/top:qcow2:probed /i/base:raw:declared"},
    {.name = "a top with a colon and no slash, to imago",
     .files = {{.path = "a:top", IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "base"}}, IMAGO,
     .members = "a:top:qcow2:probed base:raw:declared"},
    {.name = "a name with a protocol is a file, to imago",
     .files = {{TOP, IS_QCOW2(.backing = "nbd:a:1", .format = "raw")}, {.path = "/i/nbd:a:1"}}, IMAGO,
     .members = "/i/top:qcow2:probed /i/nbd:a:1:raw:declared"},
    {.name = "a name that is JSON is a file, to imago",
     .files = {{TOP, IS_QCOW2(.backing = "json:{}", .format = "file")}, {.path = "/i/json:{}"}}, IMAGO,
     .members = "/i/top:qcow2:probed /i/json:{}:raw:declared"},
    {.name = "a name with a password isn't followed, to imago",
     .files = {{TOP, IS_QCOW2(.backing = "ssh://u:p@h/x", .format = "raw")}}, IMAGO, ENDS(REFUSED, REFUSED),
     .field = "name-means-two-things", .members = "/i/top:qcow2:probed", .culprit = "/i/top", .at = "ssh://u:p@h/x"},
    {.name = "JSON with a password isn't followed, to imago",
     .files = {{TOP, IS_QCOW2(.backing = "json:{'password':'p'}", .format = "raw")}}, IMAGO, ENDS(REFUSED, REFUSED),
     .field = "name-means-two-things", .members = "/i/top:qcow2:probed", .culprit = "/i/top",
     .at = "json:{'password':'p'}"},
    {.name = "a block device as backing file, to imago",
     .files = {{TOP, IS_QCOW2(.backing = "base", .format = "raw")}, {.path = "/i/base", .is = IMGPROBE_KIND_BLOCK}},
     IMAGO, ENDS(MALFORMED, UNSUPPORTED), .field = "block device",
     .members = "/i/top:qcow2:probed /i/base:raw:declared", .culprit = "/i/base"},
    {.name = "a block device as top, to imago", .files = {{TOP, .is = IMGPROBE_KIND_BLOCK}}, IMAGO,
     ENDS(MALFORMED, UNSUPPORTED), .field = "block device", .members = "/i/top:raw:probed", .culprit = "/i/top"},
    {.name = "a format that imago doesn't open",
     .files = {{TOP, IS_QCOW2(.backing = "base")}, {.path = "/i/base", IS_VHD(.id = 2)}}, IMAGO,
     ENDS(MALFORMED, UNSUPPORTED), .field = "format", .members = "/i/top:qcow2:probed /i/base:vhd:probed",
     .culprit = "/i/base"},
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
    assert_string_equal(chain->at ? (const char *)chain->at->stated.name.bytes : "", c->at ? c->at : "");
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
    return _cmocka_run_group_tests("chain", tests, count, NULL, NULL);
}
