/* SPDX-License-Identifier: MIT */
/* Makes a new member of a chain: takes what was opened, probes it and resolves its references. */
#include "chain/chain.h"

/* Only the opener knows how long the name is. So the room that any name may need is taken, and the rest is given
 * back. */
static bool add_canonical(struct chain_builder *b, const struct imgprobe_opened *opened, struct imgprobe_member *m)
{
    size_t size = (size_t)b->limits.name_bytes, length;
    char *name;

    if (!b->opener.canonical)
        return true;
    name = ip_take(b->w, size + 1);
    if (!name)
        return false;
    length = b->opener.canonical(b->opener.context, opened, name, size);
    if (length > 0 && length <= size) {
        name[length] = '\0';
        m->canonical = (struct imgprobe_bytes){(const unsigned char *)name, length};
    } else {
        length = 0;
    }
    ip_trim(b->w, name, length + 1);
    return true;
}

/* NULL when the workspace is full. The member gets its slot here. It joins the list later, once there is an image for
 * it. */
static struct imgprobe_member *add_member(struct chain_builder *b, const struct imgprobe_opened *opened,
                                          struct imgprobe_member *parent, struct imgprobe_reference *via)
{
    struct imgprobe_member *m = ip_take(b->w, sizeof(struct ip_member));

    if (!m)
        return NULL;
    m->parent = parent;
    m->via = via;
    m->identity = opened->identity;
    m->kind = opened->kind;
    ip_own_member(m)->linked = opened->linked;
    m->allocated = opened->allocated;
    m->index = b->chain->count;
    m->depth = parent ? parent->depth + 1 : 0;
    if (via) {
        m->path = via->led.path;
    } else if (b->options.name) {
        m->path = ip_string(b->options.name);
    }
    if (!add_canonical(b, opened, m))
        return NULL;
    *ip_identities_slot(&b->identities, m->identity) = ip_own_member(m);
    return m;
}

/* Probes the image, with a receipt if one is asked for. NULL when the workspace is full. Only with NEED are the
 * ranges kept. */
static struct imgprobe_image *look(struct chain_builder *b, struct imgprobe_member *m,
                                   const struct question *question, const struct imgprobe_source *source,
                                   const struct imgprobe_opened *opened, const struct recording *recording,
                                   const struct slice *slice)
{
    struct imgprobe_image *image = ip_probe(question, source, b->w);
    enum imgprobe_status s = IMGPROBE_OK;

    if (image && b->w->pending)
        return image;
    if (image && b->options.receipt)
        s = ip_receipt(recording, opened, image->bytes - slice->made_up, &m->receipt);
    ip_workspace_clear(b->w);
    return s == IMGPROBE_OK ? image : NULL;
}

/* `entered` tells that a member is its own ancestor. It is cleared once the member's last reference was followed. */
enum imgprobe_status ip_chain_enter(struct chain_builder *b, const struct imgprobe_opened *opened,
                                    const struct question *question, struct imgprobe_member *parent,
                                    struct imgprobe_reference *via, struct imgprobe_member **ret)
{
    struct imgprobe_member *m;
    struct imgprobe_source source = opened->source; /* a copy: the opener's own goes back to it as it was */
    struct recording recording;
    struct slice slice = {.made_up = 0};
    struct imgprobe_error error;
    enum imgprobe_status s;
    bool failed; /* the image did; its names are resolved all the same, to be shown */

    if (b->options.receipt)
        ip_record(&recording, &source, b->w);
    if (via && ip_slice(via->led.layers, &source, &slice, &error) != IMGPROBE_OK) {
        ip_chain_doubt(b, error.status); /* the size of the file decided that */
        return ip_chain_stop(b, &error, parent, via);
    }
    m = add_member(b, opened, parent, via);
    if (!m || !(m->image = look(b, m, question, &source, opened, &recording, &slice)) || !ip_chain_keep(b, opened))
        return ip_chain_full(b, parent, via);
    ip_chain_unlist(b);
    *b->tail = m;
    b->tail = &m->next;
    b->chain->count++;
    ip_own_member(m)->entered = true;
    *ret = m;
    s = via && ip_object(via) ? ip_graph_override(via, m->image, b->w, &error) : IMGPROBE_OK;
    if (s != IMGPROBE_OK)
        return ip_chain_unresolved(b, &error, m, NULL);
    ip_own_member(m)->cursor = m->image->references;
    failed = m->image->error.status != IMGPROBE_OK;
    s = ip_chain_resolve(b, m);
    if (s == IMGPROBE_OK && m->kind == IMGPROBE_KIND_BLOCK && ip_readers[b->options.reader]->files_alone)
        s = ip_chain_refuse(b, IMGPROBE_UNSUPPORTED, "block device",
                            "what this reader does with a device was never compared", m, NULL);
    return failed ? ip_chain_stop(b, &m->image->error, m, NULL) : s;
}
