/* SPDX-License-Identifier: MIT */
/* VMDK: which of its kinds an image is. */
#include "vmdk.h"

static enum imgprobe_status decode(struct probe *p)
{
    struct imgprobe_bytes magic;
    bool extent = p->role == IMGPROBE_ROLE_EXTENT;
    enum imgprobe_status s = ip_bytes(p, "magic", 0, 4, &magic);

    if (s != IMGPROBE_OK)
        return s;
    if (p->reader == IMGPROBE_READER_IMAGO)
        return ip_vmdk_for_imago(p);
    if (extent && p->hint && ip_equal(ip_string(p->hint), "SESPARSE"))
        return ip_vmdk_sesparse(p);
    if (ip_equal(magic, "KDMV"))
        return ip_vmdk_kdmv(p);
    if (ip_equal(magic, "COWD"))
        return ip_vmdk_cowd(p);
    if (extent)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "magic", 0, "a sparse extent begins with KDMV or COWD");
    if (ip_number(magic, 0, IP_U32LE) == 0xcafebabe)
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "magic", 0,
                            "it is one extent of a disk that another file describes: ask about that file");
    s = ip_vmdk_disk(p, 0);
    s = s ? s : ip_vmdk_link(p, 0);
    return s ? s : ip_vmdk_other_parent(p, 0, p->size);
}

/* Of every other create type the disk lies in the files that the text names. */
static const char *const one_file[] = {"monolithicSparse", "streamOptimized", NULL};

const struct format ip_vmdk = {
    .row =
        {
            .name = "vmdk",
            .qemu_name = "vmdk",
            .libvirt_name = "vmdk",
            .takes_backing = true,
            .tier = IMGPROBE_TIER_IMPORT,
            .why = "names outside files freely: meant for import",
            .decoded = true,
            .compiled = IP_COMPILED(vmdk),
            .reads = 5,
            .bytes = 24576,
        },
    .parent = PARENT_NAMED, /* by the descriptor: of an extent alone we cannot tell */
    .magics = {{0, "KDMV", 4}, {0, "COWD", 4}, {0, "\xbe\xba\xfe\xca\0\0\0\0", 8}},
    .text = ip_vmdk_text,
    .driver = {.name = "vmdk", .class = DRIVER_FORMAT, .keys = ip_keys_backed, .reaches = IP_REACHES_NAMED},
    .compresses = true,
    .one_file = one_file,
    .decode = IP_COMPILED(vmdk) ? decode : NULL,
    .unmarked = true, /* a descriptor is text: its createType is its mark */
};
