/* SPDX-License-Identifier: MIT */
/* The words that make a name a protocol's, and what kind of thing it then is. */
#include "engine.h"

/* What QEMU 7.2 opens by prefix, besides plain files. */
static const struct protocol protocols[] = {
    {"nbd", IMGPROBE_KIND_REMOTE},
    {"nbd+tcp", IMGPROBE_KIND_REMOTE},
    {"nbd+unix", IMGPROBE_KIND_SPECIAL},
    {"http", IMGPROBE_KIND_REMOTE},
    {"https", IMGPROBE_KIND_REMOTE},
    {"ftp", IMGPROBE_KIND_REMOTE},
    {"ftps", IMGPROBE_KIND_REMOTE},
    {"ssh", IMGPROBE_KIND_REMOTE},
    {"iscsi", IMGPROBE_KIND_REMOTE},
    {"iser", IMGPROBE_KIND_REMOTE},
    {"rbd", IMGPROBE_KIND_REMOTE},
    {"nfs", IMGPROBE_KIND_REMOTE},
    {"sheepdog", IMGPROBE_KIND_REMOTE},
    {"vxhs", IMGPROBE_KIND_REMOTE},
    {"gluster", IMGPROBE_KIND_REMOTE},
    {"gluster+tcp", IMGPROBE_KIND_REMOTE},
    {"gluster+rdma", IMGPROBE_KIND_REMOTE},
    {"gluster+unix", IMGPROBE_KIND_SPECIAL},
    {"json", IMGPROBE_KIND_SPECIAL},
    {"fat", IMGPROBE_KIND_SPECIAL},
    {"blkdebug", IMGPROBE_KIND_SPECIAL},
    {"blkverify", IMGPROBE_KIND_SPECIAL},
    {"host_device", IMGPROBE_KIND_SPECIAL},
    {"host_cdrom", IMGPROBE_KIND_SPECIAL},
    {"io_uring", IMGPROBE_KIND_SPECIAL},
    {"nvme", IMGPROBE_KIND_SPECIAL},
    {"nvme-io_uring", IMGPROBE_KIND_SPECIAL},
    {"null-co", IMGPROBE_KIND_SPECIAL},
    {"null-aio", IMGPROBE_KIND_SPECIAL},
    {"virtio-blk-vfio-pci", IMGPROBE_KIND_SPECIAL},
    {"virtio-blk-vhost-user", IMGPROBE_KIND_SPECIAL},
    {"virtio-blk-vhost-vdpa", IMGPROBE_KIND_SPECIAL},
};

/* "file" takes whatever file there is; a host device's driver takes the name as it stands, and devices alone; any
 * other wants a name of its own protocol. */
bool ip_driver_takes(struct imgprobe_bytes driver, struct imgprobe_bytes name, enum imgprobe_kind kind)
{
    if (!ip_protocol(driver))
        return true;
    if (ip_equal(driver, "host_device") || ip_equal(driver, "host_cdrom"))
        return kind == IMGPROBE_KIND_BLOCK && !ip_name_has_protocol(name);
    return false;
}

const struct protocol *ip_protocol(struct imgprobe_bytes word)
{
    size_t i;

    for (i = 0; i < IP_COUNT(protocols); i++)
        if (ip_equal(word, protocols[i].scheme))
            return &protocols[i];
    return NULL;
}

enum imgprobe_status ip_protocol_name(struct imgprobe_reference *r, struct imgprobe_bytes name,
                                      struct imgprobe_workspace *w)
{
    const struct protocol *row = ip_protocol((struct imgprobe_bytes){name.bytes, ip_name_protocol(name)});
    struct imgprobe_bytes unix_socket = ip_part(name, 0, 9);
    struct imgprobe_protocol *protocol;

    if (!row)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "unknown-protocol",
                             "it begins with a protocol that the reader doesn't have");
    protocol = ip_take(w, sizeof *protocol);
    if (!protocol)
        return IMGPROBE_LIMIT;
    protocol->scheme = row->scheme;
    r->protocol = protocol;
    if (row->kind == IMGPROBE_KIND_REMOTE && !(unix_socket.bytes && ip_equal(unix_socket, "nbd:unix:")))
        return ip_unfollowed(r, IMGPROBE_KIND_REMOTE, "remote-reference",
                             "it isn't a local file, so it isn't opened");
    return ip_unfollowed(r, IMGPROBE_KIND_SPECIAL, "special-reference",
                         "it isn't a plain file name: what it opens isn't decoded");
}
