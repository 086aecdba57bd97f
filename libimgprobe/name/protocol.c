/* SPDX-License-Identifier: MIT */
/* The words that make a name a protocol's, and what kind of thing it then is. */
#include "name/name.h"

/* A word whose driver no version has any more has no grammar, and neither has json:, which is another room's. */
static void (*const grammars[IP_GRAMMARS])(struct naming *n) = {
    [IP_GRAMMAR_NBD] = ip_name_nbd,
    [IP_GRAMMAR_CURL] = ip_name_curl,
    [IP_GRAMMAR_SSH] = ip_name_ssh,
    [IP_GRAMMAR_ISCSI] = ip_name_iscsi,
    [IP_GRAMMAR_RBD] = ip_name_rbd,
    [IP_GRAMMAR_NFS] = ip_name_nfs,
    [IP_GRAMMAR_GLUSTER] = ip_name_gluster,
    [IP_GRAMMAR_FAT] = ip_name_fat,
    [IP_GRAMMAR_BLKDEBUG] = ip_name_blkdebug,
    [IP_GRAMMAR_BLKVERIFY] = ip_name_blkverify,
    [IP_GRAMMAR_DEVICE] = ip_name_device,
    [IP_GRAMMAR_NULL] = ip_name_null,
    [IP_GRAMMAR_NVME] = ip_name_nvme,
    [IP_GRAMMAR_IO_URING] = ip_name_io_uring,
    [IP_GRAMMAR_OPTIONS_ONLY] = ip_name_options_only,
};

/* "file" takes regular files alone. A host device's driver takes devices alone, by the name as it stands. Any other
 * driver wants a name of its own protocol. */
bool ip_driver_takes(struct imgprobe_bytes driver, struct imgprobe_bytes name, enum imgprobe_kind kind)
{
    const struct driver *row;

    if (ip_equal(driver, "file"))
        return kind == IMGPROBE_KIND_FILE;
    row = ip_driver(driver);
    if (!row || row->class == DRIVER_FORMAT || row->class == DRIVER_RAW)
        return true;
    if (row->class == DRIVER_DEVICE || ip_equal(driver, "host_cdrom"))
        return kind == IMGPROBE_KIND_BLOCK && !ip_name_has_protocol(name);
    return false;
}

static struct imgprobe_bytes word_of(struct imgprobe_bytes name)
{
    return (struct imgprobe_bytes){name.bytes, ip_name_protocol(name)};
}

/* The word of a name, and its driver: no row where the word chooses no driver, or one that no version has. */
static void choose(struct naming *n, struct imgprobe_bytes name)
{
    n->row = ip_protocol_word(word_of(name));
    n->driver = n->row && n->row->driver ? ip_driver(ip_string(n->row->driver)) : NULL;
    if (n->driver && ip_have(n->versions, n->driver->when) == IP_NONE_HAS)
        n->row = NULL;
}

/* `text` is the name or the end of it. */
static void take_apart(struct naming *n, struct imgprobe_bytes text)
{
    n->inner = (struct imgprobe_bytes){NULL, 0};
    n->name = text;
    n->rest = ip_naming_between(text, ip_name_protocol(text) + 1, text.length);
    if (!n->row)
        return;
    n->protocol->scheme = n->row->driver ? n->row->driver : n->row->word;
    n->protocol->server.transport = n->row->transport;
    if (grammars[n->row->grammar])
        grammars[n->row->grammar](n);
    else if (ip_naming_search(n->rest, "password") < n->rest.length)
        ip_naming_hide(n, n->rest);
}

/* A name may hold another one. Of that only what it opens and what it hides matters, because the word of the
 * outermost name already says which driver all of it passes. */
static void take_inner(struct naming *n)
{
    struct imgprobe_bytes text = n->inner;

    n->inner = (struct imgprobe_bytes){NULL, 0};
    choose(n, text);
    if (!ip_name_has_protocol(text)) {
        ip_naming_resource(n, IMGPROBE_KIND_FILE, ip_naming_copy(n, text));
    } else if (ip_equal(word_of(text), "file")) {
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
    bool special = n->local || ip_naming_is_local(n);

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
    if (n->driver)
        return ip_unfollowed(r, IMGPROBE_KIND_NONE, "unknown-driver", "its driver is one that the reader had once");
    return ip_unfollowed(r, IMGPROBE_KIND_NONE, "unknown-protocol",
                         "it begins with a protocol that the reader doesn't have");
}

/* Names inside this one are taken apart into a protocol that nobody sees. What they open and what they hide counts.
 * Who serves them doesn't. */
static void take_inner_names(struct naming *n)
{
    struct imgprobe_protocol *protocol = n->protocol, inner = {0};
    const struct protocol_word *row = n->row;
    const struct driver *driver = n->driver;
    bool nested = n->inner.length > 0;

    n->protocol = &inner;
    while (n->inner.length && !n->full)
        take_inner(n);
    n->row = row;
    n->driver = driver;
    n->protocol = protocol;
    if (n->secret == n->secret_end)
        return;
    protocol->has_password = true;
    if (nested)
        protocol->path = (struct imgprobe_bytes){NULL, 0};
}

enum imgprobe_status ip_protocol_name(struct imgprobe_reference *r, const struct place *place,
                                      struct imgprobe_bytes name)
{
    struct naming n = {.w = place->w,
                       .error = place->error,
                       .versions = place->versions,
                       .whole = name,
                       .protocol = ip_room(place->w, sizeof *n.protocol, place->error),
                       .tail = &r->led.resources};

    r->led.resources = NULL;
    if (!n.protocol)
        return IMGPROBE_LIMIT;
    choose(&n, name);
    take_apart(&n, name);
    if (!n.row)
        return unknown(&n, r);
    take_inner_names(&n);
    if (n.secret < n.secret_end)
        redact(&n, r);
    if (n.full)
        return IMGPROBE_LIMIT;
    if (n.driver && ip_have(n.versions, n.driver->when) == IP_SOME_HAVE)
        return ip_unfollowed_by_some(r, place, n.driver->when, "the reader has its driver in some versions only");
    return conclude(&n, r);
}
