/* SPDX-License-Identifier: MIT */
/* What holds of every answer about one image. */
#include "harness.h"

#include <string.h>

/* A sentence that is cut to any size ends with a NUL and writes no further. Its full length is returned. */
void promise_error(const struct imgprobe_error *error)
{
    static const size_t sizes[] = {1, 7, 4096};
    char text[4096 + 1];
    size_t length = imgprobe_error_text(error, NULL, 0), i;

    for (i = 0; i < IP_COUNT(sizes); i++) {
        memset(text, '!', length < sizes[i] ? length + 1 : sizes[i]);
        text[sizes[i]] = '!';
        PROMISE(imgprobe_error_text(error, text, sizes[i]) == length, "an error's text has one length");
        PROMISE(strnlen(text, sizes[i]) == (length < sizes[i] ? length : sizes[i] - 1), "an error's text ends");
        PROMISE(text[sizes[i]] == '!', "an error's text stays in its buffer");
    }
    PROMISE(length < sizeof text, "an error is a sentence");
    if (error->status == IMGPROBE_OK)
        PROMISE(!error->field && error->offset == IMGPROBE_UNKNOWN, "there is an error only where there is one");
}

void promise_bytes(struct imgprobe_bytes bytes)
{
    PROMISE(bytes.bytes ? bytes.bytes[bytes.length] == '\0' : bytes.length == 0, "bytes end with a NUL");
}

static void promise_path(struct imgprobe_bytes path)
{
    promise_bytes(path);
    PROMISE(!path.bytes || strlen((const char *)path.bytes) == path.length, "no path has a NUL in it");
}

static void promise_protocol(const struct imgprobe_reference *r)
{
    const struct imgprobe_protocol *p = r->led.protocol;
    const struct imgprobe_server *server;

    PROMISE(p->scheme, "a protocol has a word");
    for (server = &p->server; server; server = server->next) {
        promise_bytes(server->host);
        promise_bytes(server->port);
        promise_path(server->socket);
    }
    promise_bytes(p->path);
    promise_bytes(p->user);
    promise_bytes(p->query);
}

static void promise_resolved(const struct imgprobe_reference *r)
{
    const struct imgprobe_resource *resource;
    const struct imgprobe_layer *layer;
    size_t index;

    promise_path(r->led.path);
    if (r->led.protocol)
        promise_protocol(r);
    for (resource = r->led.resources; resource; resource = resource->next) {
        promise_path(resource->path);
        PROMISE(resource->path.bytes || resource->kind != IMGPROBE_KIND_FILE, "a file has a path");
    }
    for (layer = r->led.layers; layer; layer = layer->next)
        PROMISE(layer->driver, "a layer has a driver");
    PROMISE(r->led.kind != IMGPROBE_KIND_FILE || r->led.path.length > 0, "what is followed has a path");
    PROMISE(!r->led.reason || ip_finding_row(r->led.reason, &index), "a reason is a finding");
}

void promise_reference(const struct imgprobe_reference *r)
{
    promise_bytes(r->stated.name);
    promise_bytes(r->stated.redacted);
    promise_bytes(r->stated.stored);
    promise_bytes(r->stated.format);
    promise_bytes(r->led.format);
    PROMISE(r->stated.name.bytes, "a reference has a name");
    PROMISE(r->stated.cut == ip_cut(r->stated.name).length, "a name is cut at its first NUL");
    PROMISE((r->stated.format.length != 0) != (r->stated.format_source == IMGPROBE_FORMAT_PROBED) || ip_object(r),
            "a format is declared, implied or probed");
    promise_resolved(r);
}

static void promise_lists(const struct imgprobe_image *image)
{
    const struct imgprobe_attribute *a;
    const struct imgprobe_finding *f;
    const struct imgprobe_word *m, *c;
    size_t index;

    for (a = image->attributes; a; a = a->next) {
        promise_bytes(a->text);
        PROMISE(a->name && (a->type == IMGPROBE_TEXT) == (a->text.bytes != NULL), "an attribute has its value");
    }
    for (f = image->findings; f; f = f->next) {
        PROMISE(ip_finding_row(f->row->id, &index) && f->message, "a finding has a row and says why");
        PROMISE(f->offset == IMGPROBE_UNKNOWN || f->offset <= image->file_size, "a finding lies in the file");
    }
    for (m = image->also_matches; m; m = m->next)
        PROMISE(m->name && (!image->format || m->name != image->format->name), "another match is another format");
    for (c = image->content; c; c = c->next)
        PROMISE(c->name, "content has a name");
}

static void promise_state(const struct imgprobe_image *image)
{
    const struct imgprobe_reference *r = image->references;
    enum imgprobe_references_state known = IMGPROBE_REFERENCES_KNOWN, state = image->references_state;

    while (r && r->led.overridden)
        r = r->next;
    if (!r)
        known = IMGPROBE_REFERENCES_NONE;
    if (image->format && ip_format_of(image->format)->parent == PARENT_NOT_TOLD)
        known = IMGPROBE_REFERENCES_CANNOT_TELL;
    if (image->error.status == IMGPROBE_OK)
        PROMISE(image->format && state == known, "whoever is done knows the references");
    else if (image->error.status != IMGPROBE_NEED)
        PROMISE(state == IMGPROBE_REFERENCES_CANNOT_TELL, "whoever failed cannot tell");
}

void promise_image(const struct imgprobe_image *image, const struct imgprobe_limits *limits)
{
    const struct imgprobe_error *e = &image->error;
    const struct imgprobe_reference *r;

    promise_error(e);
    promise_state(image);
    promise_lists(image);
    promise_bytes(image->unique_id);
    promise_bytes(image->parent_unique_id);
    PROMISE(e->offset == IMGPROBE_UNKNOWN || e->offset <= image->file_size, "an error lies in the file");
    PROMISE(image->reads <= limits->image_reads && image->bytes <= limits->image_bytes, "reads are bounded");
    for (r = image->references; r; r = r->next) {
        promise_reference(r);
        PROMISE(ip_object(r) || r->stated.offset == IMGPROBE_UNKNOWN || r->stated.offset < image->file_size ||
                    image->file_size == IMGPROBE_UNKNOWN,
                "a name stands in the file");
        PROMISE(r->stated.cut <= limits->name_bytes, "no name is longer than the limit");
    }
}

/* Of a source that answered every call. */
void promise_feed(const struct feed *feed, const struct imgprobe_image *image)
{
    PROMISE(image->reads == feed->calls && image->reads == feed->seen_count, "reads are counted, and observed once");
    PROMISE(image->bytes == feed->seen_bytes, "bytes are counted");
}

void promise_full(const struct imgprobe_error *error, size_t size)
{
    PROMISE(error->status == IMGPROBE_LIMIT && error->field && strcmp(error->field, "workspace") == 0 &&
                error->found == size,
            "too small a workspace is said to be that, with its size");
}
