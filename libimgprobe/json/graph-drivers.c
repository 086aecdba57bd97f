/* SPDX-License-Identifier: MIT */
/* The drivers of QEMU 7.2 that are no format's, and the keys of each. They are the option lists in block/, and
 * bdrv_runtime_opts in block.c. */
#include "json/json.h"

/* clang-format off */
static const struct key file_keys[] = {
    KEY("filename", FILENAME),
    {"aio", KEY_WORD, "|threads|native|io_uring|", NULL},
    KEY("aio-max-batch", BYTES),
    {"locking", KEY_WORD, "|on|off|auto|", NULL},
    KEY("pr-manager", TEXT),
    KEY("drop-cache", BOOL),
    KEY("x-check-cache-dropped", BOOL),
    KEYS_END
};

static const struct key throttle_keys[] = {
    KEY("file", CHILD),
    KEY("throttle-group", TEXT),
    KEYS_END
};

static const struct key vvfat_keys[] = {
    KEY("dir", FILENAME),
    KEY("fat-type", BYTES),
    KEY("floppy", BOOL),
    KEY("label", TEXT),
    KEY("rw", NEVER_ON),
    KEYS_END
};

static const struct driver drivers[] = {
    {"file",                  DRIVER_FILE,      file_keys,     false},
    {"throttle",              DRIVER_FILTER,    throttle_keys, false},
    {"preallocate",           DRIVER_FILTER,    ip_keys_file,  false},
    {"compress",              DRIVER_FILTER,    ip_keys_file,  false},
    {"copy-on-read",          DRIVER_WRITES,    NULL,          true},
    {"host_device",           DRIVER_DEVICE,    file_keys,     false},
    {"host_cdrom",            DRIVER_DEVICE,    file_keys,     false},
    {"nbd",                   DRIVER_REMOTE,    NULL,          true},
    {"http",                  DRIVER_URL,       NULL,          true},
    {"https",                 DRIVER_URL,       NULL,          true},
    {"ftp",                   DRIVER_URL,       NULL,          true},
    {"ftps",                  DRIVER_URL,       NULL,          true},
    {"ssh",                   DRIVER_REMOTE,    NULL,          true},
    {"iscsi",                 DRIVER_REMOTE,    NULL,          true},
    {"iser",                  DRIVER_REMOTE,    NULL,          true},
    {"rbd",                   DRIVER_REMOTE,    NULL,          true},
    {"gluster",               DRIVER_REMOTE,    NULL,          true},
    {"nfs",                   DRIVER_REMOTE,    NULL,          true},
    {"nvme",                  DRIVER_LOCAL,     NULL,          true},
    {"vvfat",                 DRIVER_LOCAL,     vvfat_keys,    false},
    {"null-co",               DRIVER_LOCAL,     NULL,          true},
    {"null-aio",              DRIVER_LOCAL,     NULL,          true},
    {"io_uring",              DRIVER_LOCAL,     NULL,          true},
    {"nvme-io_uring",         DRIVER_LOCAL,     NULL,          true},
    {"virtio-blk-vfio-pci",   DRIVER_LOCAL,     NULL,          true},
    {"virtio-blk-vhost-user", DRIVER_LOCAL,     NULL,          true},
    {"virtio-blk-vhost-vdpa", DRIVER_LOCAL,     NULL,          true},
    {"blkdebug",              DRIVER_COMPOSITE, NULL,          true},
    {"blkverify",             DRIVER_COMPOSITE, NULL,          true},
    {"blklogwrites",          DRIVER_COMPOSITE, NULL,          true},
    {"blkreplay",             DRIVER_COMPOSITE, NULL,          true},
    {"copy-before-write",     DRIVER_COMPOSITE, NULL,          true},
    {"quorum",                DRIVER_COMPOSITE, NULL,          true},
    {"replication",           DRIVER_COMPOSITE, NULL,          true},
    {"snapshot-access",       DRIVER_COMPOSITE, NULL,          true},
};
/* clang-format on */

/* A node without a driver's word has the keys that any format might have. */
const struct driver ip_graph_probed = {NULL, DRIVER_FORMAT, ip_keys_backed, false};

const struct driver *ip_graph_driver(struct imgprobe_bytes name)
{
    const struct driver *driver = ip_format_driver(name);
    size_t i;

    for (i = 0; !driver && i < IP_COUNT(drivers); i++)
        if (ip_equal(name, drivers[i].name))
            driver = &drivers[i];
    return driver;
}
