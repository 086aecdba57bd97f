/* SPDX-License-Identifier: MIT */
/* The words that make a name a protocol's, and what kind of thing it then is. */
#include "name/name.h"

/* clang-format off */
/* What QEMU 7.2 opens by prefix, besides plain files. */
static const struct protocol protocols[] = {
    /* word                   driver                   transport  kind                   grammar */
    {"nbd",                   "nbd",                   NULL,      IMGPROBE_KIND_REMOTE,  ip_name_nbd},
    {"nbd+tcp",               "nbd",                   "tcp",     IMGPROBE_KIND_REMOTE,  ip_name_nbd},
    {"nbd+unix",              "nbd",                   "unix",    IMGPROBE_KIND_SPECIAL, ip_name_nbd},
    {"http",                  "http",                  NULL,      IMGPROBE_KIND_REMOTE,  ip_name_curl},
    {"https",                 "https",                 NULL,      IMGPROBE_KIND_REMOTE,  ip_name_curl},
    {"ftp",                   "ftp",                   NULL,      IMGPROBE_KIND_REMOTE,  ip_name_curl},
    {"ftps",                  "ftps",                  NULL,      IMGPROBE_KIND_REMOTE,  ip_name_curl},
    {"ssh",                   "ssh",                   NULL,      IMGPROBE_KIND_REMOTE,  ip_name_ssh},
    {"iscsi",                 "iscsi",                 NULL,      IMGPROBE_KIND_REMOTE,  ip_name_iscsi},
    {"iser",                  "iscsi",                 "iser",    IMGPROBE_KIND_REMOTE,  ip_name_iscsi},
    {"rbd",                   "rbd",                   NULL,      IMGPROBE_KIND_REMOTE,  ip_name_rbd},
    {"nfs",                   "nfs",                   NULL,      IMGPROBE_KIND_REMOTE,  ip_name_nfs},
    {"gluster",               "gluster",               NULL,      IMGPROBE_KIND_REMOTE,  ip_name_gluster},
    {"gluster+tcp",           "gluster",               "tcp",     IMGPROBE_KIND_REMOTE,  ip_name_gluster},
    {"gluster+rdma",          "gluster",               "rdma",    IMGPROBE_KIND_REMOTE,  ip_name_gluster},
    {"gluster+unix",          "gluster",               "unix",    IMGPROBE_KIND_SPECIAL, ip_name_gluster},
    {"sheepdog",              "sheepdog",              NULL,      IMGPROBE_KIND_REMOTE,  ip_name_sheepdog},
    {"sheepdog+tcp",          "sheepdog",              "tcp",     IMGPROBE_KIND_REMOTE,  ip_name_sheepdog},
    {"sheepdog+unix",         "sheepdog",              "unix",    IMGPROBE_KIND_SPECIAL, ip_name_sheepdog},
    {"vxhs",                  "vxhs",                  NULL,      IMGPROBE_KIND_REMOTE,  ip_name_vxhs},
    {"json",                  "json",                  NULL,      IMGPROBE_KIND_SPECIAL, NULL},
    {"fat",                   "fat",                   NULL,      IMGPROBE_KIND_SPECIAL, ip_name_fat},
    {"blkdebug",              "blkdebug",              NULL,      IMGPROBE_KIND_SPECIAL, ip_name_blkdebug},
    {"blkverify",             "blkverify",             NULL,      IMGPROBE_KIND_SPECIAL, ip_name_blkverify},
    {"host_device",           "host_device",           NULL,      IMGPROBE_KIND_SPECIAL, ip_name_device},
    {"host_cdrom",            "host_cdrom",            NULL,      IMGPROBE_KIND_SPECIAL, ip_name_device},
    {"null-co",               "null-co",               NULL,      IMGPROBE_KIND_SPECIAL, ip_name_null},
    {"null-aio",              "null-aio",              NULL,      IMGPROBE_KIND_SPECIAL, ip_name_null},
    {"nvme",                  "nvme",                  NULL,      IMGPROBE_KIND_SPECIAL, ip_name_nvme},
    {"io_uring",              "io_uring",              NULL,      IMGPROBE_KIND_SPECIAL, ip_name_io_uring},
    {"nvme-io_uring",         "nvme-io_uring",         NULL,      IMGPROBE_KIND_SPECIAL, ip_name_options_only},
    {"virtio-blk-vfio-pci",   "virtio-blk-vfio-pci",   NULL,      IMGPROBE_KIND_SPECIAL, ip_name_options_only},
    {"virtio-blk-vhost-user", "virtio-blk-vhost-user", NULL,      IMGPROBE_KIND_SPECIAL, ip_name_options_only},
    {"virtio-blk-vhost-vdpa", "virtio-blk-vhost-vdpa", NULL,      IMGPROBE_KIND_SPECIAL, ip_name_options_only},
};
/* clang-format on */

/* "file" takes regular files alone. A host device's driver takes devices alone, by the name as it stands. Any other
 * driver wants a name of its own protocol. */
bool ip_driver_takes(struct imgprobe_bytes driver, struct imgprobe_bytes name, enum imgprobe_kind kind)
{
    if (ip_equal(driver, "file"))
        return kind == IMGPROBE_KIND_FILE;
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
        if (ip_equal(word, protocols[i].word))
            return &protocols[i];
    return NULL;
}

static struct imgprobe_bytes word_of(struct imgprobe_bytes name)
{
    return (struct imgprobe_bytes){name.bytes, ip_name_protocol(name)};
}

/* `text` is the name or the end of it. */
static void take_apart(struct naming *n, struct imgprobe_bytes text)
{
    n->inner = (struct imgprobe_bytes){NULL, 0};
    n->name = text;
    n->rest = ip_naming_between(text, ip_name_protocol(text) + 1, text.length);
    if (!n->row)
        return;
    n->protocol->scheme = n->row->scheme;
    n->protocol->server.transport = n->row->transport;
    if (n->row->grammar)
        n->row->grammar(n);
    else if (ip_naming_search(n->rest, "password") < n->rest.length)
        ip_naming_hide(n, n->rest);
}

/* A name may hold another one. Of that only what it opens and what it hides matters, because the word of the
 * outermost name already says which driver all of it passes. */
static void take_inner(struct naming *n)
{
    struct imgprobe_bytes text = n->inner, word = word_of(text);

    n->inner = (struct imgprobe_bytes){NULL, 0};
    n->row = ip_protocol(word);
    if (!ip_name_has_protocol(text)) {
        ip_naming_resource(n, IMGPROBE_KIND_FILE, ip_naming_copy(n, text));
    } else if (ip_equal(word, "file")) {
        if (text.length == 5)
            ip_naming_fault(n, "the reader refuses it: it names no image");
        else
            ip_naming_resource(n, IMGPROBE_KIND_FILE, ip_naming_copy(n, ip_naming_between(text, 5, text.length)));
    } else if (!n->row) {
        ip_naming_fault(n, "its image begins with a protocol that the reader doesn't have");
    } else {
        take_apart(n, text);
    }
}
/* The name as it may be shown, without its password. If the password isn't a part of the name, only the name's word
 * is shown. */
static void redact(struct naming *n, struct imgprobe_reference *r)
{
    uintptr_t begin = (uintptr_t)r->stated.name.bytes, at = (uintptr_t)n->whole.bytes;
    struct imgprobe_bytes parts[3] = {r->stated.name, ip_string("***"), {NULL, 0}};

    if (at >= begin && at - begin <= r->stated.name.length && n->secret_end <= r->stated.name.length - (at - begin)) {
        parts[0].length = at - begin + n->secret;
        parts[2] = ip_naming_between(r->stated.name, at - begin + n->secret_end, r->stated.name.length);
    } else {
        parts[0].length = ip_name_protocol(r->stated.name) + ip_name_has_protocol(r->stated.name);
    }
    r->stated.redacted = ip_naming_join(n, parts, 3);
}

static enum imgprobe_status conclude(struct naming *n, struct imgprobe_reference *r)
{
    bool special = n->local || n->row->kind == IMGPROBE_KIND_SPECIAL;

    r->led.protocol = n->protocol;
    if (special && r->led.resources && !r->led.resources->next)
        r->led.path = r->led.resources->path;
    ip_unfollowed(r, special ? IMGPROBE_KIND_SPECIAL : IMGPROBE_KIND_REMOTE,
                  special ? "special-reference" : "remote-reference",
                  special ? "it isn't a plain file name: what it opens isn't followed"
                          : "it isn't a local file, so it isn't opened");
    return n->fault ? ip_unfollowed(r, r->led.kind, "malformed-name", n->fault) : IMGPROBE_OK;
}

/* The protocol isn't known. But what follows // may be a login in any protocol. */
static enum imgprobe_status unknown(struct naming *n, struct imgprobe_reference *r)
{
    if (ip_naming_begins(n->rest, "//"))
        ip_naming_hide_any(n);
    if (n->secret < n->secret_end)
        redact(n, r);
    if (n->full)
        return IMGPROBE_LIMIT;
    return ip_unfollowed(r, IMGPROBE_KIND_NONE, "unknown-protocol",
                         "it begins with a protocol that the reader doesn't have");
}

/* Names inside this one are taken apart into a protocol that nobody sees. What they open and what they hide counts.
 * Who serves them doesn't. */
enum imgprobe_status ip_protocol_name(struct imgprobe_reference *r, struct imgprobe_bytes name,
                                      struct imgprobe_workspace *w, struct imgprobe_error *error)
{
    const struct protocol *row = ip_protocol(word_of(name));
    struct imgprobe_protocol *protocol = ip_room(w, sizeof *protocol, error);
    struct naming n = {
        .w = w, .error = error, .whole = name, .row = row, .protocol = protocol, .tail = &r->led.resources};
    struct imgprobe_protocol inner = {0};
    bool nested;

    r->led.resources = NULL;
    if (!protocol)
        return IMGPROBE_LIMIT;
    take_apart(&n, name);
    if (!row)
        return unknown(&n, r);
    nested = n.inner.length > 0;
    n.protocol = &inner;
    while (n.inner.length && !n.full)
        take_inner(&n);
    n.row = row;
    n.protocol = protocol;
    if (n.secret < n.secret_end) {
        protocol->has_password = true;
        if (nested)
            protocol->path = (struct imgprobe_bytes){NULL, 0};
        redact(&n, r);
    }
    return n.full ? IMGPROBE_LIMIT : conclude(&n, r);
}
