/* SPDX-License-Identifier: MIT */
/* The drivers of QEMU 7.2 and the keys of each, by the option lists in block/ and block.c's bdrv_runtime_opts. */
#include "json/json.h"

/* clang-format off */
#define END {NULL, KEY_ANY, NULL, NULL}

static const struct key overlap_keys[] = {
    {"template", KEY_WORD, "|none|constant|cached|all|", NULL},
    {"main-header", KEY_BOOL, NULL, NULL},
    {"active-l1", KEY_BOOL, NULL, NULL},
    {"active-l2", KEY_BOOL, NULL, NULL},
    {"refcount-table", KEY_BOOL, NULL, NULL},
    {"refcount-block", KEY_BOOL, NULL, NULL},
    {"snapshot-table", KEY_BOOL, NULL, NULL},
    {"inactive-l1", KEY_BOOL, NULL, NULL},
    {"inactive-l2", KEY_BOOL, NULL, NULL},
    {"bitmap-directory", KEY_BOOL, NULL, NULL},
    END
};

/* A secret is another object's, named by its id. */
static const struct key encrypt_keys[] = {
    {"format", KEY_WORD, "|aes|luks|", NULL},
    {"key-secret", KEY_TEXT, NULL, NULL},
    END
};

static const struct key file_keys[] = {
    {"filename", KEY_FILENAME, NULL, NULL},
    {"aio", KEY_WORD, "|threads|native|io_uring|", NULL},
    {"aio-max-batch", KEY_BYTES, NULL, NULL},
    {"locking", KEY_WORD, "|on|off|auto|", NULL},
    {"pr-manager", KEY_TEXT, NULL, NULL},
    {"drop-cache", KEY_BOOL, NULL, NULL},
    {"x-check-cache-dropped", KEY_BOOL, NULL, NULL},
    END
};

static const struct key probed_keys[] = {
    {"file", KEY_CHILD, NULL, NULL},
    {"backing", KEY_CHILD, NULL, NULL},
    END
};

static const struct key format_keys[] = {
    {"file", KEY_CHILD, NULL, NULL},
    END
};

static const struct key raw_keys[] = {
    {"file", KEY_CHILD, NULL, NULL},
    {"offset", KEY_BYTES, NULL, NULL},
    {"size", KEY_BYTES, NULL, NULL},
    END
};

/* Without l2-cache-entry-size: which values it may have depends on the image. */
static const struct key qcow2_keys[] = {
    {"file", KEY_CHILD, NULL, NULL},
    {"backing", KEY_CHILD, NULL, NULL},
    {"data-file", KEY_CHILD, NULL, NULL},
    {"encrypt", KEY_GROUP, NULL, encrypt_keys},
    {"lazy-refcounts", KEY_BOOL, NULL, NULL},
    {"pass-discard-request", KEY_BOOL, NULL, NULL},
    {"pass-discard-snapshot", KEY_BOOL, NULL, NULL},
    {"pass-discard-other", KEY_BOOL, NULL, NULL},
    {"overlap-check", KEY_WORD, "|none|constant|cached|all|", NULL},
    {"overlap-check", KEY_GROUP, NULL, overlap_keys},
    {"cache-size", KEY_SIZE, NULL, NULL},
    {"l2-cache-size", KEY_SIZE, NULL, NULL},
    {"refcount-cache-size", KEY_SIZE, NULL, NULL},
    {"cache-clean-interval", KEY_BYTES, NULL, NULL},
    END
};

static const struct key backed_keys[] = {
    {"file", KEY_CHILD, NULL, NULL},
    {"backing", KEY_CHILD, NULL, NULL},
    END
};

static const struct key qcow_keys[] = {
    {"file", KEY_CHILD, NULL, NULL},
    {"backing", KEY_CHILD, NULL, NULL},
    {"encrypt", KEY_GROUP, NULL, encrypt_keys},
    END
};

static const struct key luks_keys[] = {
    {"file", KEY_CHILD, NULL, NULL},
    {"key-secret", KEY_TEXT, NULL, NULL},
    END
};

static const struct key throttle_keys[] = {
    {"file", KEY_CHILD, NULL, NULL},
    {"throttle-group", KEY_TEXT, NULL, NULL},
    END
};

static const struct key vvfat_keys[] = {
    {"dir", KEY_FILENAME, NULL, NULL},
    {"fat-type", KEY_BYTES, NULL, NULL},
    {"floppy", KEY_BOOL, NULL, NULL},
    {"label", KEY_TEXT, NULL, NULL},
    {"rw", KEY_NEVER_ON, NULL, NULL},
    END
};

static const struct driver drivers[] = {
    {"file",                  DRIVER_FILE,      file_keys,     false},
    {"raw",                   DRIVER_RAW,       raw_keys,      false},
    {"qcow2",                 DRIVER_FORMAT,    qcow2_keys,    false},
    {"vmdk",                  DRIVER_FORMAT,    backed_keys,   false}, /* its extents by name: not followed */
    {"vpc",                   DRIVER_FORMAT,    format_keys,   false},
    {"vdi",                   DRIVER_FORMAT,    format_keys,   false},
    {"vhdx",                  DRIVER_FORMAT,    format_keys,   false},
    {"qed",                   DRIVER_FORMAT,    backed_keys,   false},
    {"qcow",                  DRIVER_FORMAT,    qcow_keys,     false},
    {"luks",                  DRIVER_FORMAT,    luks_keys,     false},
    {"parallels",             DRIVER_FORMAT,    backed_keys,   false},
    {"dmg",                   DRIVER_FORMAT,    format_keys,   false},
    {"bochs",                 DRIVER_FORMAT,    format_keys,   false},
    {"cloop",                 DRIVER_FORMAT,    format_keys,   false},
    {"throttle",              DRIVER_FILTER,    throttle_keys, false},
    {"preallocate",           DRIVER_FILTER,    format_keys,   false},
    {"compress",              DRIVER_FILTER,    format_keys,   false},
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
const struct driver ip_graph_probed = {NULL, DRIVER_FORMAT, probed_keys, false};

const struct driver *ip_graph_driver(struct imgprobe_bytes name)
{
    size_t i;

    for (i = 0; i < IP_COUNT(drivers); i++)
        if (ip_equal(name, drivers[i].name))
            return &drivers[i];
    return NULL;
}
