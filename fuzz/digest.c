/* SPDX-License-Identifier: MIT */
/* A number for all that an answer says. Two answers that differ anywhere have two numbers, but for chance. */
#include "harness.h"

#include <string.h>
#include <xxhash.h>

uint64_t digest_number(uint64_t digest, uint64_t number)
{
    digest = (digest ^ number) * UINT64_C(0x9e3779b97f4a7c15);
    return digest ^ digest >> 29;
}

uint64_t digest_bytes(uint64_t digest, struct imgprobe_bytes bytes)
{
    if (!bytes.bytes)
        return digest_number(digest, 1);
    return digest_number(digest, XXH64(bytes.bytes, bytes.length, bytes.length));
}

uint64_t digest_word(uint64_t digest, const char *word)
{
    return word ? digest_bytes(digest, ip_string(word)) : digest_number(digest, 2);
}

static uint64_t digest_flags(uint64_t digest, bool a, bool b, bool c, bool d, bool e)
{
    return digest_number(digest, (a ? 1u : 0u) | (b ? 2u : 0u) | (c ? 4u : 0u) | (d ? 8u : 0u) | (e ? 16u : 0u));
}

uint64_t digest_error(uint64_t digest, const struct imgprobe_error *error)
{
    digest = digest_number(digest, error->status);
    digest = digest_word(digest, error->format);
    digest = digest_word(digest, error->field);
    digest = digest_word(digest, error->what);
    digest = digest_number(digest, error->offset);
    digest = digest_number(digest, error->found);
    digest = digest_number(digest, error->least);
    digest = digest_number(digest, error->most);
    return digest_number(digest, error->valued);
}

static uint64_t digest_member(uint64_t digest, const struct imgprobe_member *m)
{
    return digest_number(digest, m ? m->index : UINT64_MAX);
}

static uint64_t digest_protocol(uint64_t digest, const struct imgprobe_protocol *p)
{
    const struct imgprobe_server *server;

    if (!p)
        return digest_number(digest, 3);
    digest = digest_word(digest, p->scheme);
    for (server = &p->server; server; server = server->next) {
        digest = digest_word(digest, server->transport);
        digest = digest_bytes(digest, server->host);
        digest = digest_bytes(digest, server->port);
        digest = digest_bytes(digest, server->socket);
    }
    digest = digest_bytes(digest, p->path);
    digest = digest_bytes(digest, p->user);
    digest = digest_bytes(digest, p->query);
    return digest_number(digest, p->has_password);
}

static uint64_t digest_resolved(uint64_t digest, const struct imgprobe_reference *r)
{
    const struct imgprobe_resource *resource;
    const struct imgprobe_layer *layer;

    digest = digest_number(digest, r->led.kind);
    digest = digest_bytes(digest, r->led.path);
    digest = digest_protocol(digest, r->led.protocol);
    for (resource = r->led.resources; resource; resource = resource->next) {
        digest = digest_number(digest, resource->kind);
        digest = digest_bytes(digest, resource->path);
    }
    for (layer = r->led.layers; layer; layer = layer->next) {
        digest = digest_word(digest, layer->driver);
        digest = digest_number(digest, layer->offset);
        digest = digest_number(digest, layer->size);
        digest = digest_number(digest, layer->beneath);
    }
    digest = digest_number(digest, r->led.json);
    digest = digest_bytes(digest, r->led.format);
    digest = digest_number(digest, r->led.format_source);
    digest = digest_word(digest, r->led.reason);
    digest = digest_word(digest, r->led.note);
    return digest_member(digest, r->led.member);
}

uint64_t digest_reference(uint64_t digest, const struct imgprobe_reference *r)
{
    digest = digest_number(digest, r->role);
    digest = digest_bytes(digest, r->stated.name);
    digest = digest_bytes(digest, r->stated.redacted);
    digest = digest_bytes(digest, r->stated.stored);
    digest = digest_word(digest, r->stated.encoding);
    digest = digest_number(digest, r->stated.cut);
    digest = digest_number(digest, r->stated.offset);
    digest = digest_bytes(digest, r->stated.format);
    digest = digest_number(digest, r->stated.format_source);
    digest = digest_word(digest, r->stated.type);
    digest = digest_word(digest, r->stated.access);
    digest = digest_number(digest, r->led.size);
    digest = digest_number(digest, r->stated.size);
    digest = digest_number(digest, r->stated.data_offset);
    digest = digest_flags(digest, r->stated.candidate, r->stated.windows, r->led.ignored, r->led.overridden, false);
    return digest_resolved(digest, r);
}

static uint64_t digest_lists(uint64_t digest, const struct imgprobe_image *image)
{
    const struct imgprobe_reference *r;
    const struct imgprobe_attribute *a;
    const struct imgprobe_finding *f;
    const struct imgprobe_word *m;
    const struct imgprobe_word *c;

    for (r = image->references; r; r = r->next)
        digest = digest_reference(digest, r);
    for (a = image->attributes; a; a = a->next) {
        digest = digest_word(digest, a->name);
        digest = digest_number(digest, a->type * 2u + a->qemu);
        digest = digest_number(digest, a->number);
        digest = digest_bytes(digest, a->text);
    }
    for (f = image->findings; f; f = f->next) {
        digest = digest_word(digest, f->row->id);
        digest = digest_number(digest, f->row->severity);
        digest = digest_number(digest, f->offset);
        digest = digest_word(digest, f->message);
    }
    for (m = image->also_matches; m; m = m->next)
        digest = digest_word(digest, m->name);
    for (c = image->content; c; c = c->next)
        digest = digest_word(digest, c->name);
    return digest;
}

uint64_t digest_image(const struct imgprobe_image *image)
{
    uint64_t digest = digest_error(4, &image->error);

    digest = digest_word(digest, image->format ? image->format->name : NULL);
    digest = digest_number(digest, image->format_source);
    digest = digest_word(digest, image->variant);
    digest = digest_number(digest, image->references_state);
    digest = digest_number(digest, image->file_size);
    digest = digest_number(digest, image->virtual_size);
    digest = digest_number(digest, image->cluster_size);
    digest = digest_flags(digest, image->size_from_extents, image->encrypted, image->dirty, image->compressed,
                          image->read_only);
    digest = digest_bytes(digest, image->unique_id);
    digest = digest_bytes(digest, image->parent_unique_id);
    digest = digest_lists(digest, image);
    digest = digest_number(digest, image->reads);
    return digest_number(digest, image->bytes);
}

uint64_t digest_chain(const struct imgprobe_chain *chain)
{
    uint64_t digest = digest_error(chain->state, &chain->error);
    const struct imgprobe_member *m;

    digest = digest_member(digest, chain->culprit);
    digest = chain->at ? digest_reference(digest, chain->at) : digest_number(digest, 5);
    digest = digest_number(digest, chain->count);
    for (m = chain->members; m; m = m->next) {
        digest = digest_member(digest, m);
        digest = digest_member(digest, m->parent);
        digest = m->via ? digest_reference(digest, m->via) : digest_number(digest, 6);
        digest = digest_bytes(digest, m->path);
        digest = digest_bytes(digest, m->canonical);
        digest = digest_number(digest, m->identity.device);
        digest = digest_number(digest, m->identity.inode);
        digest = digest_number(digest, m->kind);
        digest = digest_number(digest, m->allocated);
        digest = digest_number(digest, m->depth);
        digest = digest_number(digest, ((const struct ip_member *)(const void *)m)->linked);
        digest = digest_number(digest, digest_image(m->image));
    }
    return digest;
}

uint64_t digest_access(const struct imgprobe_access *access)
{
    uint64_t digest = digest_error(access->count, &access->error);
    const struct imgprobe_grant *grant;
    const struct imgprobe_name *name;

    digest = digest_member(digest, access->culprit);
    digest = access->at ? digest_reference(digest, access->at) : digest_number(digest, 7);
    for (grant = access->grants; grant; grant = grant->next) {
        digest = digest_member(digest, grant->member);
        digest = digest_flags(digest, grant->write, grant->unconsented, grant->writable, false, false);
        for (name = grant->names; name; name = name->next)
            digest = digest_bytes(digest, name->path);
    }
    return digest;
}

uint64_t digest_verdict(const struct imgprobe_verdict *verdict)
{
    uint64_t digest = digest_error(verdict->count, &verdict->error);
    const struct imgprobe_finding *remark;

    digest = digest_number(digest, verdict->refused);
    for (remark = verdict->findings; remark; remark = remark->next) {
        digest = digest_word(digest, remark->row->id);
        digest = digest_member(digest, remark->member);
        digest = remark->reference ? digest_reference(digest, remark->reference) : digest_number(digest, 8);
        digest = digest_number(digest, remark->offset);
        digest = digest_word(digest, remark->message);
        digest = digest_number(digest, remark->refused);
    }
    return digest;
}
