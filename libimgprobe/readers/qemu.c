/* SPDX-License-Identifier: MIT */
/*
 * QEMU's drivers that are no format's, the keys of each, and the words of names that choose them. They are the option
 * lists and protocol_name in block/, bdrv_runtime_opts in block.c, and qapi/block-core.json. What no version from 7.2
 * on had or lacks isn't dated.
 */
#include "readers/readers.h"

#define FILES (1u << IMGPROBE_KIND_FILE)
#define DEVICE (1u << IMGPROBE_KIND_BLOCK)
#define SOCKET (1u << IMGPROBE_KIND_SOCKET)
#define DIRECTORY (1u << IMGPROBE_KIND_DIRECTORY)
#define NETWORK (1u << IMGPROBE_KIND_REMOTE)

/* clang-format off */
static const struct key cache_keys[] = {
    KEY("direct", BOOL),
    KEY("no-flush", BOOL),
    KEYS_END
};
/* What a detect-zeroes of "unmap" may do depends on other keys, so it isn't taken. */
const struct key ip_keys_common[] = {
    KEY("driver", ANY),
    KEY("node-name", NODE),
    KEY("read-only", READ_ONLY),
    KEY("auto-read-only", BOOL),
    KEY("force-share", BOOL),
    KEY_SINCE("active", ONLY_ON, 10, 0),
    KEY_OF("discard", "|ignore|off|unmap|on|"),
    KEY_OF("detect-zeroes", "|off|on|"),
    KEY_WITH("cache", cache_keys),
    KEYS_END
};
const struct key ip_keys_file[] = {
    KEY("file", CHILD),
    KEYS_END
};
const struct key ip_keys_backed[] = {
    KEY("file", CHILD),
    KEY("backing", CHILD),
    KEYS_END
};
/* A secret is another object's, named by its id. */
const struct key ip_keys_encrypt[] = {
    KEY_OF("format", "|aes|luks|"),
    KEY("key-secret", TEXT),
    KEYS_END
};
static const struct key posix_keys[] = {
    KEY("filename", FILENAME),
    KEY_OF("aio", "|threads|io_uring|"), /* "native" asks for another key, cache.direct */
    KEY("aio-max-batch", BYTES),
    KEY_OF("locking", "|on|off|auto|"),
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

/* name, class, what it reaches, tier, why, and what else there is to say */
#define D(word, its_class, reached, its_tier, reason, ...)                                                           \
    {.name = word, .class = DRIVER_##its_class, .reaches = reached, .tier = IMGPROBE_TIER_##its_tier, .why = reason, \
     __VA_ARGS__}
/* Keys of a driver whose names aren't followed are none of ours. */
#define MANY .many = true
#define SERVED "another host serves it, and may name more"

const struct driver ip_drivers[] = {
    /* files and devices of this host, and what shows them as they are */
    D("file", FILE, FILES, GUEST, "a regular file by its name", .keys = posix_keys, .as_format = true),
    D("host_device", DEVICE, DEVICE, GUEST, "a block device by its name", .keys = posix_keys, .as_format = true),
    D("host_cdrom", LOCAL, DEVICE, IDENTIFY, "a drive for discs: its tray and its medium, too", .keys = posix_keys,
      .as_format = true, .path = {"filename"}, .local = "filename", .kind = IMGPROBE_KIND_BLOCK),
    D("throttle", FILTER, 0, GUEST, "shows its file, slower", .keys = throttle_keys),
    D("preallocate", FILTER, 0, GUEST, "shows its file, and makes it longer when it is written", .keys = ip_keys_file),
    D("compress", FILTER, 0, GUEST, "shows its file, and compresses what is written", .keys = ip_keys_file),
    D("copy-on-read", WRITES, 0, REFUSE, "writes to what it reads from", MANY),
    /* what another host serves */
    D("nbd", REMOTE, NETWORK | SOCKET, IDENTIFY, SERVED, MANY, .as_format = true, .path = {"export"}),
    D("http", URL, NETWORK, IDENTIFY, SERVED, MANY, .as_format = true),
    D("https", URL, NETWORK, IDENTIFY, SERVED, MANY, .as_format = true),
    D("ftp", URL, NETWORK, IDENTIFY, SERVED, MANY, .as_format = true),
    D("ftps", URL, NETWORK, IDENTIFY, SERVED, MANY, .as_format = true),
    D("ssh", REMOTE, NETWORK, IDENTIFY, SERVED, MANY, .as_format = true, .path = {"path"}),
    D("iscsi", REMOTE, NETWORK, IDENTIFY, SERVED, MANY, .as_format = true, .path = {"target", "lun"}),
    D("iser", REMOTE, NETWORK, IDENTIFY, SERVED, MANY, .path = {"target", "lun"}),
    D("rbd", REMOTE, NETWORK | FILES, IDENTIFY, SERVED, MANY, .as_format = true,
      .by_name = true, .path = {"pool", "namespace", "image"}, .local = "conf", .kind = IMGPROBE_KIND_FILE),
    D("gluster", REMOTE, NETWORK | SOCKET | FILES, IDENTIFY, SERVED, MANY, .as_format = true,
      .by_name = true, .path = {"volume", "path"}, .local = "logfile", .kind = IMGPROBE_KIND_FILE,
      .deprecated = IMGPROBE_READER_VERSION(9, 2)),
    D("nfs", REMOTE, NETWORK, IDENTIFY, SERVED, MANY, .as_format = true, .path = {"path"}),
    D("sheepdog", REMOTE, NETWORK | SOCKET, REFUSE, SERVED, MANY, .when = IP_UNTIL(6, 0)),
    D("vxhs", REMOTE, NETWORK, REFUSE, SERVED, MANY, .when = IP_UNTIL(5, 1)),
    /* what reaches this host otherwise */
    D("vvfat", LOCAL, DIRECTORY, REFUSE, "makes a disk of all files in a directory", .keys = vvfat_keys,
      .path = {"dir"}, .local = "dir", .kind = IMGPROBE_KIND_DIRECTORY),
    D("null-co", LOCAL, 0, IDENTIFY, "a disk of zeros, for tests", MANY),
    D("null-aio", LOCAL, 0, IDENTIFY, "a disk of zeros, for tests", MANY),
    D("nvme", LOCAL, DEVICE, IDENTIFY, "takes a PCI device away from the host", MANY, .as_format = true,
      .path = {"device", "namespace"}),
    D("io_uring", LOCAL, FILES | DEVICE, IDENTIFY, "a file or a device through libblkio", MANY, .path = {"filename"},
      .local = "filename", .kind = IMGPROBE_KIND_BLOCK),
    D("nvme-io_uring", LOCAL, FILES, IDENTIFY, "a character device through libblkio", MANY, .path = {"path"},
      .local = "path", .kind = IMGPROBE_KIND_FILE),
    D("virtio-blk-vfio-pci", LOCAL, DIRECTORY, IDENTIFY, "takes a PCI device away from the host", MANY,
      .path = {"path"}, .local = "path", .kind = IMGPROBE_KIND_DIRECTORY),
    D("virtio-blk-vhost-user", LOCAL, SOCKET, IDENTIFY, "what another process of this host serves", MANY,
      .path = {"path"}, .local = "path", .kind = IMGPROBE_KIND_SOCKET),
    D("virtio-blk-vhost-vdpa", LOCAL, FILES, IDENTIFY, "a character device through libblkio", MANY,
      .path = {"path"}, .local = "path", .kind = IMGPROBE_KIND_FILE),
    /* several nodes, or files beside the one */
    D("blkdebug", COMPOSITE, FILES, REFUSE, "for tests: fails on purpose, by a file of rules", MANY),
    D("blkverify", COMPOSITE, 0, REFUSE, "for tests: compares two nodes", MANY),
    D("blklogwrites", COMPOSITE, 0, IDENTIFY, "writes a log to a second node", MANY),
    D("blkreplay", COMPOSITE, 0, IDENTIFY, "for record and replay of a whole machine", MANY),
    D("copy-before-write", COMPOSITE, 0, IDENTIFY, "copies to a second node before it writes", MANY),
    D("quorum", COMPOSITE, 0, IDENTIFY, "takes a vote of several nodes", MANY),
    D("replication", COMPOSITE, 0, IDENTIFY, "for a second machine that follows the first", MANY),
    D("snapshot-access", COMPOSITE, 0, IDENTIFY, "shows the snapshot that another node keeps", MANY),
};
const size_t ip_drivers_count = IP_COUNT(ip_drivers);

const struct protocol_word ip_protocol_words[] = {
    /* word                   driver                   transport  grammar */
    {"nbd",                   "nbd",                   NULL,      IP_GRAMMAR_NBD},
    {"nbd+tcp",               "nbd",                   "tcp",     IP_GRAMMAR_NBD},
    {"nbd+unix",              "nbd",                   "unix",    IP_GRAMMAR_NBD},
    {"http",                  "http",                  NULL,      IP_GRAMMAR_CURL},
    {"https",                 "https",                 NULL,      IP_GRAMMAR_CURL},
    {"ftp",                   "ftp",                   NULL,      IP_GRAMMAR_CURL},
    {"ftps",                  "ftps",                  NULL,      IP_GRAMMAR_CURL},
    {"ssh",                   "ssh",                   NULL,      IP_GRAMMAR_SSH},
    {"iscsi",                 "iscsi",                 NULL,      IP_GRAMMAR_ISCSI},
    {"iser",                  "iscsi",                 "iser",    IP_GRAMMAR_ISCSI},
    {"rbd",                   "rbd",                   NULL,      IP_GRAMMAR_RBD},
    {"nfs",                   "nfs",                   NULL,      IP_GRAMMAR_NFS},
    {"gluster",               "gluster",               NULL,      IP_GRAMMAR_GLUSTER},
    {"gluster+tcp",           "gluster",               "tcp",     IP_GRAMMAR_GLUSTER},
    {"gluster+rdma",          "gluster",               "rdma",    IP_GRAMMAR_GLUSTER},
    {"gluster+unix",          "gluster",               "unix",    IP_GRAMMAR_GLUSTER},
    {"sheepdog",              "sheepdog",              NULL,      IP_GRAMMAR_NONE},
    {"sheepdog+tcp",          "sheepdog",              "tcp",     IP_GRAMMAR_NONE},
    {"sheepdog+unix",         "sheepdog",              "unix",    IP_GRAMMAR_NONE},
    {"vxhs",                  "vxhs",                  NULL,      IP_GRAMMAR_NONE},
    {"json",                  NULL,                    NULL,      IP_GRAMMAR_NONE},
    {"fat",                   "vvfat",                 NULL,      IP_GRAMMAR_FAT},
    {"blkdebug",              "blkdebug",              NULL,      IP_GRAMMAR_BLKDEBUG},
    {"blkverify",             "blkverify",             NULL,      IP_GRAMMAR_BLKVERIFY},
    {"host_device",           "host_device",           NULL,      IP_GRAMMAR_DEVICE},
    {"host_cdrom",            "host_cdrom",            NULL,      IP_GRAMMAR_DEVICE},
    {"null-co",               "null-co",               NULL,      IP_GRAMMAR_NULL},
    {"null-aio",              "null-aio",              NULL,      IP_GRAMMAR_NULL},
    {"nvme",                  "nvme",                  NULL,      IP_GRAMMAR_NVME},
    {"io_uring",              "io_uring",              NULL,      IP_GRAMMAR_IO_URING},
    {"nvme-io_uring",         "nvme-io_uring",         NULL,      IP_GRAMMAR_OPTIONS_ONLY},
    {"virtio-blk-vfio-pci",   "virtio-blk-vfio-pci",   NULL,      IP_GRAMMAR_OPTIONS_ONLY},
    {"virtio-blk-vhost-user", "virtio-blk-vhost-user", NULL,      IP_GRAMMAR_OPTIONS_ONLY},
    {"virtio-blk-vhost-vdpa", "virtio-blk-vhost-vdpa", NULL,      IP_GRAMMAR_OPTIONS_ONLY},
};
/* clang-format on */
const size_t ip_protocol_words_count = IP_COUNT(ip_protocol_words);
