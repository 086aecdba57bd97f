/* SPDX-License-Identifier: MIT */
/* What raw disks hold: disk layouts, file systems of media, compressed files and archives, by the papers named. */
#include "content.h"

#define HEAD UINT64_C(4096) /* windows that were read already */
#define TAIL UINT64_C(2048)
#define CONTAINER "container.description"

struct luks2 {
    uint64_t version;
};

/* An OVA is a tar whose first file is an OVF (DSP0243 2.1.1, section 5.1), which names others. */
static enum imgprobe_status tar_holds(struct probe *p, uint64_t at, bool *ret)
{
    struct imgprobe_bytes name;
    enum imgprobe_status s = ip_bytes(p, "name", at - 257, 100, &name);

    *ret = s == IMGPROBE_OK;
    if (s != IMGPROBE_OK)
        return s;
    name = ip_cut(name);
    if (!ip_equal(ip_part(name, name.length - (name.length < 4 ? name.length : 4), 4), ".ovf"))
        return IMGPROBE_OK;
    return ip_finding(p, FOUND_OTHER_READER_DIFFERS, at - 257,
                      "its first file is an OVF: readers of OVA open the files that it names");
}

/* A value outside of the rows isn't an error here. It says that this is something else. */
/* clang-format off */
static const struct field luks2_rows[] = {
    FIELD(struct luks2,       6, U16BE, version,         2, 2, MALFORMED),
};
/* clang-format on */

static enum imgprobe_status luks2_holds(struct probe *p, uint64_t at, bool *ret)
{
    struct luks2 h = {0};

    return ip_fits(p, at, 8, luks2_rows, IP_COUNT(luks2_rows), &h, ret);
}

/* Behind the magic stand a digit, and the first bytes of a block or of the stream's end. */
static enum imgprobe_status bzip2_holds(struct probe *p, uint64_t at, bool *ret)
{
    struct imgprobe_bytes start, first;
    uint64_t level;
    enum imgprobe_status s = ip_bytes_up_to(p, at, 10, &start);

    if (s != IMGPROBE_OK)
        return s;
    level = ip_number(start, 3, IP_U8);
    first = ip_part(start, 4, 6);
    *ret = first.bytes && level >= '1' && level <= '9' &&
           (ip_equal(first, "1AY&SY") || ip_equal(first, "\x17\x72\x45\x38\x50\x90"));
    return s;
}

/* Behind the magic all numbers of the first header are digits: octal ones in the older form. */
static enum imgprobe_status cpio_holds(struct probe *p, uint64_t at, bool *ret)
{
    struct imgprobe_bytes digits;
    enum imgprobe_status s = ip_bytes_up_to(p, at, 76, &digits);
    size_t i;

    if (s != IMGPROBE_OK)
        return s;
    *ret = digits.length == 76;
    for (i = 6; i < digits.length; i++) {
        uint64_t c = ip_number(digits, i, IP_U8) | 0x20; /* in lower case; digits stay */

        *ret = *ret && ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }
    return s;
}

/* A zip that holds AFF4 has this file first, or says the volume's name in the comment at its end. */
static enum imgprobe_status aff4_holds(struct probe *p, uint64_t at, bool *ret)
{
    struct imgprobe_bytes name, tail;
    uint64_t length = p->size < TAIL ? p->size : TAIL;
    enum imgprobe_status s = ip_bytes_up_to(p, at + 30, sizeof CONTAINER - 1, &name);
    size_t found;

    *ret = false;
    if (s != IMGPROBE_OK || (*ret = ip_equal(name, CONTAINER)) || !ip_end_known(p))
        return s;
    s = ip_bytes_up_to(p, p->size - length, length, &tail);
    *ret = s == IMGPROBE_OK && ip_find(tail, "aff4://", &found);
    return s;
}

/* The second header, in the window at the head. Firmware code that begins as DOS programs do has none. */
static enum imgprobe_status pe_holds(struct probe *p, uint64_t at, bool *ret)
{
    struct imgprobe_bytes head, magic;
    enum imgprobe_status s = ip_bytes_up_to(p, at, HEAD, &head);

    if (s != IMGPROBE_OK)
        return s;
    magic = ip_part(head, ip_number(head, 60, IP_U32LE), 4);
    *ret = magic.bytes && ip_number(magic, 0, IP_U32LE) == 0x4550;
    return s;
}

#define HEAD_MAGIC(bytes)                                                                                            \
    {                                                                                                                \
        0, bytes, sizeof(bytes) - 1                                                                                  \
    }
#define NO_MAGIC HEAD_MAGIC("")
const struct content ip_contents[] = {
    /* cryptsetup's "LUKS2 On-Disk Format Specification" 1.1, section 2.1; the second copy where it stands at 32 KiB
     */
    {"luks2", {HEAD_MAGIC("LUKS\xba\xbe"), {32768, "SKUL\xba\xbe", 6}}, luks2_holds, CONTENT_DISK},
    /* UEFI specification 2.10, sections 5.2 "LBA 0 Format" and 5.3 "GUID Partition Table" */
    {"mbr", {{510, "\x55\xaa", 2}}, ip_mbr_holds, CONTENT_DISK},
    {"gpt", {{512, "EFI PART", 8}, {510, "\x55\xaa", 2}, {-512, "EFI PART", 8}}, ip_gpt_holds, CONTENT_DISK},
    /* ECMA-119, section 8.1; ECMA-167, section 2/9: what begins an extended area, which a UDF alone has there */
    {"iso", {{32769, "CD001\1", 6}}, NULL, CONTENT_DISC},
    {"udf", {{32769, "BEA01\1", 6}}, NULL, CONTENT_DISC},
    /* LVM2's label in sector 1; a volume of BitLocker */
    {"lvm2", {{536, "LVM2 001", 8}}, NULL, CONTENT_DISK},
    {"bitlocker", {{3, "-FVE-FS-", 8}}, NULL, CONTENT_DISK},
    /* RFC 1952, section 2.3.1; xz-file-format 1.2, section 2.1.1.1; RFC 8878, section 3.1.1; bzip2 */
    {"gzip", {HEAD_MAGIC("\x1f\x8b\x08")}, NULL, CONTENT_COMPRESSED},
    {"xz", {HEAD_MAGIC("\xfd\x37zXZ\0")}, NULL, CONTENT_COMPRESSED},
    {"zstd", {HEAD_MAGIC("\x28\xb5\x2f\xfd")}, NULL, CONTENT_COMPRESSED},
    {"bzip2", {HEAD_MAGIC("BZh")}, bzip2_holds, CONTENT_COMPRESSED},
    /* LZ4 frame format 1.6, frames and the older ones of Linux */
    {"lz4", {HEAD_MAGIC("\x04\x22\x4d\x18"), HEAD_MAGIC("\x02\x21\x4c\x18")}, NULL, CONTENT_COMPRESSED},
    /* POSIX.1-2017 pax, "ustar Interchange Format", and GNU tar's own; cpio's two forms and POSIX's */
    {"tar", {{257, "ustar\0", 6}, {257, "ustar  \0", 8}}, tar_holds, CONTENT_ARCHIVE},
    {"cpio", {HEAD_MAGIC("070701"), HEAD_MAGIC("070702"), HEAD_MAGIC("070707")}, cpio_holds, CONTENT_ARCHIVE},
    /* PKWARE's APPNOTE.TXT, sections 4.3.7 and 4.3.16; AFF4 1.0, in a zip; 7-Zip's 7zFormat.txt; [MS-WIM] and
     * wimlib's own */
    {"zip", {HEAD_MAGIC("PK\3\4"), HEAD_MAGIC("PK\5\6")}, NULL, CONTENT_ARCHIVE},
    {"aff4", {HEAD_MAGIC("PK\3\4")}, aff4_holds, CONTENT_ARCHIVE},
    {"7z", {HEAD_MAGIC("7z\xbc\xaf\x27\x1c")}, NULL, CONTENT_ARCHIVE},
    {"wim", {HEAD_MAGIC("MSWIM\0\0\0"), HEAD_MAGIC("WLPWM\0\0\0")}, NULL, CONTENT_ARCHIVE},
    /* Containers of a disk, none of which names a file: EWF by libewf's paper, Android's sparse_format.h, Apple's
     * shadow and sparse images, MAME's chd.h, partclone's image, Proxmox's VMA */
    {"ewf", {HEAD_MAGIC("EVF\t\r\n\xff\0"), HEAD_MAGIC("EVF2\r\n\x81\0")}, NULL, CONTENT_ARCHIVE},
    {"android-sparse", {HEAD_MAGIC("\x3a\xff\x26\xed\1\0")}, NULL, CONTENT_ARCHIVE},
    {"asif", {HEAD_MAGIC("shdw\0\0\0\1")}, NULL, CONTENT_ARCHIVE},
    {"sparseimage", {HEAD_MAGIC("sprs\0\0\0\3")}, NULL, CONTENT_ARCHIVE},
    {"chd", {HEAD_MAGIC("MComprHD")}, NULL, CONTENT_ARCHIVE},
    {"partclone", {HEAD_MAGIC("partclone-image")}, NULL, CONTENT_ARCHIVE},
    {"vma", {HEAD_MAGIC("VMA\0\0\0\0\1")}, NULL, CONTENT_ARCHIVE},
    /* QEMU's migration/savevm.c: a machine's state, which names no disk */
    {"qemu-state", {HEAD_MAGIC("QEVM\0\0\0\3"), HEAD_MAGIC("QEVM\0\0\0\2")}, NULL, CONTENT_ARCHIVE},
    /* Linux Documentation/filesystems/squashfs.rst, both byte orders */
    {"squashfs", {HEAD_MAGIC("hsqs"), HEAD_MAGIC("sqsh")}, NULL, CONTENT_DISK},
    /* System V ABI, "ELF Identification"; Microsoft's "PE Format"; Linux Documentation/arch/x86/boot.rst and
     * arm64/booting.rst */
    {"elf", {HEAD_MAGIC("\177ELF")}, NULL, CONTENT_PROGRAM},
    {"pe", {HEAD_MAGIC("MZ")}, pe_holds, CONTENT_PROGRAM},
    {"linux", {{514, "HdrS", 4}, {56, "ARM\x64", 4}}, NULL, CONTENT_PROGRAM},
    /* Text, if it is nothing else */
    {"vmdk-descriptor", {NO_MAGIC}, ip_content_descriptor, CONTENT_DESCRIPTOR},
    {"html", {NO_MAGIC}, ip_content_html, CONTENT_TEXT},
    {"xml", {NO_MAGIC}, ip_content_xml, CONTENT_TEXT},
    {"json", {NO_MAGIC}, ip_content_json, CONTENT_TEXT},
    {"text", {NO_MAGIC}, ip_content_text, CONTENT_TEXT},
};
const size_t ip_contents_count = IP_COUNT(ip_contents);
