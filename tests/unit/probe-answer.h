/* SPDX-License-Identifier: MIT */
/* An image is asked about; what holds of every answer is checked, and an answer becomes text, to compare two. */
#ifndef PROBE_ANSWER_H
#define PROBE_ANSWER_H

#include "probe-case.h"

#define ZONE 4096
#define MEMORY ((size_t)4 << 20)
#define ZONE_BYTE 0xa5

static _Alignas(max_align_t) unsigned char arena[ZONE + MEMORY + ZONE];
static char complaints[4096], wanted_text[1 << 18], got_text[1 << 18];

__attribute__((format(printf, 1, 2))) static inline void complain(const char *format, ...)
{
    size_t used = strlen(complaints);
    va_list arguments;

    va_start(arguments, format);
    if (used < sizeof complaints - 2)
        vsnprintf(complaints + used, sizeof complaints - used, format, arguments);
    va_end(arguments);
    strncat(complaints, "; ", sizeof complaints - strlen(complaints) - 1);
}

/* ---- asking ---- */

static inline struct imgprobe_workspace new_workspace(size_t size)
{
    memset(arena, ZONE_BYTE, ZONE);
    memset(arena + ZONE + size, ZONE_BYTE, ZONE);
    return (struct imgprobe_workspace){
        .struct_size = sizeof(struct imgprobe_workspace), .memory = arena + ZONE, .size = size};
}

static inline void check_zones(size_t size)
{
    const unsigned char *above = arena + ZONE + size;

    /* Each byte is as the one before it, and the first as it should be. */
    if (arena[0] != ZONE_BYTE || memcmp(arena, arena + 1, ZONE - 1) != 0 || above[0] != ZONE_BYTE ||
        memcmp(above, above + 1, ZONE - 1) != 0)
        complain("a byte outside the workspace was written");
}

/* By the public call; but what an image is to the one that named it can only be said inside. NULL: USAGE. */
static inline struct imgprobe_image *ask(const struct probe_case *c, const char *format,
                                         const struct imgprobe_source *source, struct imgprobe_workspace *w)
{
    struct imgprobe_limits limits = c->limits;
    struct imgprobe_options asked,
        options = {.struct_size = sizeof options, .format = format, .reader = c->reader, .version = c->version};
    struct question q = {.format_source = IMGPROBE_FORMAT_PINNED, .reader = c->reader};
    struct imgprobe_image *image = NULL;
    enum imgprobe_status status;

    limits.struct_size = sizeof limits;
    options.limits = &limits;
    if (c->role == IMGPROBE_ROLE_BACKING) {
        status = imgprobe_probe(&options, source, w, &image);
        return status == IMGPROBE_USAGE ? NULL : image;
    }
    if (!ip_options(&options, &asked, &q.limits, &q.versions))
        return NULL;
    q.format = format ? ip_format_named(ip_string(format)) : NULL;
    q.role = c->role;
    q.hint = c->hint;
    if (!ip_workspace_valid(w))
        return NULL;
    ip_workspace_begin(w);
    return ip_probe(&q, source, w);
}

/* qemu-img's own keys; what else we say isn't for its reader. */
static inline bool is_key_of_qemu(const struct imgprobe_image *image, const char *name)
{
    static const char *const keys[] = {
        "cid",           "detached-header",  "cipher-alg",     "cipher-mode",    "compat",         "corrupt",
        "create-type",   "compression-type", "data-file",      "extended-l2",    "data-file-raw",  "hash-alg",
        "ivgen-alg",     "parent-cid",       "ivgen-hash-alg", "encrypt.format", "lazy-refcounts", "master-key-iters",
        "refcount-bits", "payload-offset"};

    for (size_t i = 0; i < IP_COUNT(keys); i++)
        if (strcmp(name, keys[i]) == 0)
            return true;
    return strncmp(name, "slots[].", 8) == 0 ||
           (strcmp(name, "uuid") == 0 && strcmp(image->format->name, "luks") == 0);
}

/* What an answer says at all it says in full, also where it ends with an error. */
static inline void check_halves(const struct imgprobe_image *image)
{
    for (const struct imgprobe_attribute *a = image->attributes; a; a = a->next)
        if (a->type == IMGPROBE_TEXT && !a->text.bytes)
            complain("attribute %s without its text", a->name);
    for (const struct imgprobe_attribute *a = image->attributes; a; a = a->next)
        if (a->qemu != is_key_of_qemu(image, a->name))
            complain("attribute %s %s qemu-img's", a->name, a->qemu ? "is said to be" : "is one of");
    for (const struct imgprobe_attribute *a = image->attributes; a; a = a->next)
        for (const struct imgprobe_attribute *b = a->next; b; b = b->next)
            if (strcmp(a->name, b->name) == 0 && !strstr(a->name, "[]"))
                complain("attribute %s stands there twice", a->name);
    for (const struct imgprobe_finding *f = image->findings; f; f = f->next)
        if (f->row->severity != ip_finding_row(f->row->id, &(size_t){0})->severity)
            complain("finding %s is of severity %d", f->row->id, (int)f->row->severity);
    for (const struct imgprobe_reference *r = image->references; r; r = r->next)
        if (r->stated.format_source != IMGPROBE_FORMAT_PROBED && !r->stated.format.bytes)
            complain("a reference whose format is stated, and not which");
    for (const struct imgprobe_word *m = image->also_matches; m; m = m->next)
        if (image->format && m->name == image->format->name)
            complain("%s is said to match besides itself", m->name);
}

/* What holds of every answer. */
static inline void check_always(const struct imgprobe_image *image, const struct feed *feed, size_t size)
{
    const struct imgprobe_error *e = &image->error;

    check_zones(size);
    check_halves(image);
    if (feed->broken)
        complain("%s", feed->broken);
    if (!image->format && image->virtual_size != UNKNOWN)
        complain("of no format, and of %ju bytes", (uintmax_t)image->virtual_size);
    if (e->status != IMGPROBE_OK && image->references_state != IMGPROBE_REFERENCES_CANNOT_TELL &&
        e->status != IMGPROBE_NEED)
        complain("not OK, and the state of its references is %d", (int)image->references_state);
    if (e->status != IMGPROBE_OK && e->offset != UNKNOWN && e->offset > feed->image->size)
        complain("%s: error at %ju in a file of %ju", e->field, (uintmax_t)e->offset, (uintmax_t)feed->image->size);
}

/* ---- the answer as text, to compare two ---- */

struct text {
    char *bytes;
    size_t size, used;
};

__attribute__((format(printf, 2, 3))) static inline void put(struct text *t, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(t->bytes + t->used, t->size - t->used, format, arguments);
    va_end(arguments);
    t->used += (size_t)length;
    if (t->used >= t->size)
        abort();
}

static inline void put_bytes(struct text *t, struct imgprobe_bytes bytes)
{
    if (!bytes.bytes)
        put(t, " -");
    else
        put(t, " ");
    for (size_t i = 0; bytes.bytes && i < bytes.length; i++)
        put(t, bytes.bytes[i] > ' ' && bytes.bytes[i] <= '~' ? "%c" : "\\%02x", bytes.bytes[i]);
}

static inline const char *or_none(const char *word)
{
    return word ? word : "-";
}

static inline void put_references(struct text *t, const struct imgprobe_reference *r)
{
    for (; r; r = r->next) {
        put(t, "\n role %d at %ju cut %zu source %d type %s access %s encoding %s size %ju from %ju %d%d%d",
            (int)r->role, (uintmax_t)r->stated.offset, r->stated.cut, (int)r->stated.format_source,
            or_none(r->stated.type), or_none(r->stated.access), or_none(r->stated.encoding), (uintmax_t)r->led.size,
            (uintmax_t)r->stated.data_offset, r->stated.candidate, r->stated.windows, r->led.ignored);
        put_bytes(t, r->stated.name);
        put_bytes(t, r->stated.format);
        put_bytes(t, r->stated.stored);
    }
}

static inline void put_image(struct text *t, const struct imgprobe_image *image)
{
    const struct imgprobe_error *e = &image->error;

    put(t, "status %d %s at %ju: %ju, %ju to %ju %s", (int)e->status, or_none(e->field), (uintmax_t)e->offset,
        (uintmax_t)e->found, (uintmax_t)e->least, (uintmax_t)e->most, or_none(e->what));
    put(t, "\nformat %s by %d variant %s state %d", image->format ? image->format->name : "-",
        (int)image->format_source, or_none(image->variant), (int)image->references_state);
    put(t, "\nsizes %ju %ju %ju %d%d%d%d%d", (uintmax_t)image->file_size, (uintmax_t)image->virtual_size,
        (uintmax_t)image->cluster_size, image->size_from_extents, image->encrypted, image->dirty, image->compressed,
        image->read_only);
    put_bytes(t, image->unique_id);
    put_bytes(t, image->parent_unique_id);
    put_references(t, image->references);
    for (const struct imgprobe_attribute *a = image->attributes; a; a = a->next) {
        put(t, "\n %s %d %d %ju", a->name, (int)a->type, a->qemu, (uintmax_t)a->number);
        put_bytes(t, a->text);
    }
    for (const struct imgprobe_finding *f = image->findings; f; f = f->next)
        put(t, "\n finding %s %d %ju", f->row->id, (int)f->row->severity, (uintmax_t)f->offset);
    for (const struct imgprobe_word *m = image->also_matches; m; m = m->next)
        put(t, "\n also %s", m->name);
    put(t, "\nreads %ju bytes %ju", (uintmax_t)image->reads, (uintmax_t)image->bytes);
}

static inline void describe(const struct imgprobe_image *image, char *text, size_t size)
{
    struct text t = {text, size, 0};

    put_image(&t, image);
}

#endif
