/* SPDX-License-Identifier: MIT */
/* Formats that are recognised and not decoded: what names host files is never a clean raw disk. */
#include "probe-loops.h"

static const struct base raw = {
    .size = UINT64_C(1) << 20,
    .format = "raw",
    .virtual_size = UINT64_C(1) << 20,
};

#define IS(word) .is = (word), SAYS(UNSUPPORTED, "format", UNKNOWN)
#define TAKEN(name, word, ...)                                                                                       \
    {name, &raw, WITH(__VA_ARGS__), IS(word)},                                                                       \
    {                                                                                                                \
        name ", said to be raw", &raw, WITH(__VA_ARGS__), .format = "raw", .findings = {"format-mismatch@0"},        \
                                                          .also = word, .content = word                              \
    }
#define NONE(name, ...)                                                                                              \
    {                                                                                                                \
        name, &raw, WITH(__VA_ARGS__)                                                                                \
    }
#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define OVF " xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\">"

static const struct probe_case cases[] = {
    /* composite */
    TAKEN("composite", "composite", TEXT(0, "composite_disk\x1d")),
    {"composite, pinned", &raw, WITH(TEXT(0, "composite_disk\x1d")), .format = "composite", IS("composite")},
    NONE("composite with another byte", TEXT(0, "composite_disk\x1e")),
    NONE("composite one byte on", TEXT(1, "composite_disk\x1d")),
    {"composite that is cut", &raw, WITH(TEXT(0, "composite_disk")), .size = 14, .virtual_size = 512,
     .content = "text", .findings = {"content-text@0"}},

    /* cow */
    TAKEN("cow of version 2", "cow", TEXT(0, "OOOM\0\0\0\2/host/file")),
    TAKEN("cow of version 1", "cow", TEXT(0, "OOOM\0\0\0\1")),
    TAKEN("cow of version 3", "cow", TEXT(0, "OOOM\0\0\0\3")),
    TAKEN("cow of version 1, little endian", "cow", TEXT(0, "MOOO\1\0\0\0")),
    NONE("cow of version 4", TEXT(0, "OOOM\0\0\0\4")),
    NONE("cow of version 0", TEXT(0, "OOOM\0\0\0\0")),
    NONE("cow of version 2, little endian", TEXT(0, "MOOO\2\0\0\0")),

    /* saved */
    TAKEN("saved by libvirt", "saved", TEXT(0, "LibvirtQemudSave\2\0\0\0")),
    TAKEN("saved by libvirt in part", "saved", TEXT(0, "LibvirtQemudPart")),
    TAKEN("saved by xl", "saved", TEXT(0, "Xen saved domain, xl format\n \0 \r")),
    NONE("saved by another xl", TEXT(0, "Xen saved domain, xl format\n \0 \n")),
    NONE("saved by libvirt in another way", TEXT(0, "LibvirtQemudPort")),

    /* XML */
    TAKEN("DiskDescriptor.xml", "diskdescriptor", TEXT(0, XML "<Parallels_disk_image Version=\"1.0\">")),
    TAKEN("DiskDescriptor.xml without a declaration", "diskdescriptor", TEXT(0, "<Parallels_disk_image>")),
    TAKEN("DiskDescriptor.xml with a mark", "diskdescriptor", TEXT(0, "\xef\xbb\xbf<Parallels_disk_image/>")),
    TAKEN("DiskDescriptor.xml behind blanks", "diskdescriptor", TEXT(0, " \r\n\t<Parallels_disk_image\n>")),
    TAKEN("DiskDescriptor.xml behind comments", "diskdescriptor",
          TEXT(0, XML "<!-- <a> -- > --><?x?><!-- -->\n<Parallels_disk_image>")),
    TAKEN("DiskDescriptor.xml behind a type", "diskdescriptor", TEXT(0, "<!DOCTYPE a><Parallels_disk_image>")),
    TAKEN("DiskDescriptor.xml behind a type with a subset", "diskdescriptor",
          TEXT(0, "<!DOCTYPE a [<!ENTITY b \"c\">]><Parallels_disk_image>")),
    TAKEN("DiskDescriptor.xml in UTF-16", "diskdescriptor", TEXT(0, "\xff\xfe"),
          UTF16LE(2, "<Parallels_disk_image>")),
    TAKEN("DiskDescriptor.xml in UTF-16, big endian", "diskdescriptor", TEXT(0, "\xfe\xff"),
          UTF16BE(2, "<Parallels_disk_image>")),
    TAKEN("DiskDescriptor.xml in UTF-16 without a mark", "diskdescriptor", UTF16LE(0, "<Parallels_disk_image>")),
    TAKEN("DiskDescriptor.xml in UTF-16 without a mark, big endian", "diskdescriptor",
          UTF16BE(0, "<Parallels_disk_image>")),
    {"DiskDescriptor.xml at the window's end", &raw, WITH(REPEAT(0, 4074, " "), TEXT(4074, "<Parallels_disk_image>")),
     IS("diskdescriptor")},
    {"DiskDescriptor.xml behind the window", &raw, WITH(REPEAT(0, 4076, " "), TEXT(4076, "<Parallels_disk_image>")),
     .findings = {"other-reader-differs@0"}},
    NONE("another element", TEXT(0, "<Parallels_disk_images>")),
    NONE("the element behind a text", TEXT(0, "x<Parallels_disk_image>")),
    NONE("the element behind another mark", TEXT(0, "\xff\xff<Parallels_disk_image>")),
    NONE("the element within another", TEXT(0, "<a><Parallels_disk_image>")),
    NONE("the element within a comment", TEXT(0, "<!--><Parallels_disk_image>-->")),
    NONE("a comment with a bracket and one dash", TEXT(0, "<!-- -><Parallels_disk_image>")),
    TAKEN("DiskDescriptor.xml behind an empty comment", "diskdescriptor", TEXT(0, "<!----><Parallels_disk_image>")),
    NONE("a comment without an end", TEXT(0, "<!-- <Parallels_disk_image>")),
    TAKEN("vbox", "vbox", TEXT(0, XML "<VirtualBox xmlns=\"http://www.virtualbox.org/\">")),
    NONE("vbox with a longer name", TEXT(0, "<VirtualBoxes>")),
    TAKEN("pvs", "pvs", TEXT(0, XML "<ParallelsVirtualMachine dyn_lists=\"\">")),
    NONE("pvs with a shorter name", TEXT(0, "<ParallelsVirtualMachin>")),
    TAKEN("ovf", "ovf", TEXT(0, XML "<Envelope" OVF)),
    TAKEN("ovf with a prefix", "ovf", TEXT(0, "<ovf:Envelope" OVF)),
    TAKEN("ovf in UTF-16", "ovf", TEXT(0, "\xff\xfe"), UTF16LE(2, "<Envelope" OVF)),
    NONE("an envelope of SOAP", TEXT(0, "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\">")),

    /* beside others */
    {"two of them", &raw, WITH(TEXT(0, "<VirtualBox"), TEXT(64, "\x7f\x10\xda\xbe")), .is = "",
     SAYS(AMBIGUOUS, "format", 0), .also = "vdi vbox"},
};

int main(void)
{
    return run_cases("recognised", cases, IP_COUNT(cases));
}
