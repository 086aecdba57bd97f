/* SPDX-License-Identifier: MIT */
/*
 * What is checked of every row: the answer itself with its exact reads and bytes; that it's the same in pieces, and
 * with just enough memory; that no read can fail unnoticed; and, of a good image, that no shorter file looks whole.
 */
#ifndef PROBE_LOOPS_H
#define PROBE_LOOPS_H

#include "probe-case.h"

#define ZONE 4096
#define MEMORY ((size_t)4 << 20)
#define ZONE_BYTE 0xa5
#define MOST_TESTS 2048
#define HANDFUL 11 /* of restarts for a well-formed image: one for each read of a VHDX, and its size */

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
    struct imgprobe_options asked, options = {.struct_size = sizeof options, .format = format, .reader = c->reader};
    struct question q = {.format_source = IMGPROBE_FORMAT_PINNED, .reader = c->reader};
    struct imgprobe_image *image = NULL;
    enum imgprobe_status status;

    limits.struct_size = sizeof limits;
    options.limits = &limits;
    if (c->role == IMGPROBE_ROLE_BACKING) {
        status = imgprobe_probe(&options, source, w, &image);
        return status == IMGPROBE_USAGE ? NULL : image;
    }
    if (!ip_options(&options, &asked, &q.limits))
        return NULL;
    q.format = format ? ip_format_named(ip_string(format)) : NULL;
    q.role = c->role;
    q.hint = c->hint;
    w->results = 0;
    return ip_probe(&q, source, w);
}

/* qemu-img's own keys; what else we say isn't for its reader. */
static inline bool is_key_of_qemu(const struct imgprobe_image *image, const char *name)
{
    static const char *const keys[] = {"cid",
                                       "cipher-alg",
                                       "cipher-mode",
                                       "compat",
                                       "corrupt",
                                       "create-type",
                                       "compression-type",
                                       "data-file",
                                       "extended-l2",
                                       "data-file-raw",
                                       "hash-alg",
                                       "ivgen-alg",
                                       "parent-cid",
                                       "ivgen-hash-alg",
                                       "encrypt.format",
                                       "lazy-refcounts",
                                       "master-key-iters",
                                       "refcount-bits",
                                       "payload-offset"};

    for (size_t i = 0; i < IP_COUNT(keys); i++)
        if (strcmp(name, keys[i]) == 0)
            return true;
    return strcmp(name, "uuid") == 0 && strcmp(image->format->name, "luks") == 0;
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
            if (strcmp(a->name, b->name) == 0)
                complain("attribute %s stands there twice", a->name);
    for (const struct imgprobe_finding *f = image->findings; f; f = f->next)
        if (f->severity != ip_finding_row(f->id, &(size_t){0})->severity)
            complain("finding %s is of severity %d", f->id, (int)f->severity);
    for (const struct imgprobe_reference *r = image->references; r; r = r->next)
        if (r->format_source != IMGPROBE_FORMAT_PROBED && !r->format.bytes)
            complain("a reference whose format is stated, and not which");
    for (const struct imgprobe_match *m = image->also_matches; m; m = m->next)
        if (m->format == image->format)
            complain("%s is said to match besides itself", m->format->name);
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
            (int)r->role, (uintmax_t)r->offset, r->cut, (int)r->format_source, or_none(r->type), or_none(r->access),
            or_none(r->encoding), (uintmax_t)r->size, (uintmax_t)r->data_offset, r->candidate, r->windows,
            r->ignored);
        put_bytes(t, r->name);
        put_bytes(t, r->format);
        put_bytes(t, r->stored);
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
    put_bytes(t, image->identity);
    put_bytes(t, image->parent_identity);
    put_references(t, image->references);
    for (const struct imgprobe_attribute *a = image->attributes; a; a = a->next) {
        put(t, "\n %s %d %d %ju", a->name, (int)a->type, a->qemu, (uintmax_t)a->number);
        put_bytes(t, a->text);
    }
    for (const struct imgprobe_finding *f = image->findings; f; f = f->next)
        put(t, "\n finding %s %d %ju", f->id, (int)f->severity, (uintmax_t)f->offset);
    for (const struct imgprobe_match *m = image->also_matches; m; m = m->next)
        put(t, "\n also %s", m->format->name);
    put(t, "\nreads %ju bytes %ju", (uintmax_t)image->reads, (uintmax_t)image->bytes);
}

static inline void describe(const struct imgprobe_image *image, char *text, size_t size)
{
    struct text t = {text, size, 0};

    put_image(&t, image);
}

/* ---- the answer against the row ---- */

static inline void want_number(const char *what, uint64_t got, uint64_t want)
{
    if (got != want)
        complain("%s is %ju, not %ju", what, (uintmax_t)got, (uintmax_t)want);
}

static inline void want_word(const char *what, const char *got, const char *want)
{
    if (strcmp(or_none(got), or_none(want)) != 0)
        complain("%s is %s, not %s", what, or_none(got), or_none(want));
}

static inline uint64_t number_or(uint64_t of_row, uint64_t of_base)
{
    if (of_row == ZERO)
        return 0;
    return of_row ? of_row : of_base;
}

/* "" in a row means none. */
static inline const char *word_or(const char *of_row, const char *of_base)
{
    const char *word = of_row ? of_row : of_base;

    return word && *word ? word : NULL;
}

static inline bool is_text(struct imgprobe_bytes bytes, const char *text)
{
    return text ? bytes.bytes && ip_equal(bytes, text) : !bytes.bytes;
}

static inline bool same_name(struct imgprobe_bytes name, const struct want_reference *want)
{
    if (!name.bytes || name.length != want->length || name.bytes[name.length] != '\0')
        return false;
    if (!want->repeated)
        return memcmp(name.bytes, want->name, name.length) == 0;
    for (size_t i = 0; i < name.length; i++)
        if (name.bytes[i] != (unsigned char)want->name[0])
            return false;
    return true;
}

/* A name that was converted keeps what the image holds. */
static inline void check_stored(const struct imgprobe_reference *r, const struct want_reference *want,
                                const struct image *image)
{
    unsigned char bytes[8192];

    want_number("length of the stored name", r->stored.length, want->stored);
    if (want->stored == 0 || r->stored.length != want->stored || want->stored > sizeof bytes)
        return;
    compose(image, image->count, r->offset, bytes, want->stored);
    if (memcmp(bytes, r->stored.bytes, want->stored) != 0)
        complain("the stored name isn't what stands at its offset");
}

static inline void check_reference(const struct imgprobe_reference *r, const struct want_reference *want,
                                   const struct image *image)
{
    const char *format = want->declared ? want->declared : want->implied;
    enum imgprobe_format_source source = want->declared  ? IMGPROBE_FORMAT_DECLARED
                                         : want->implied ? IMGPROBE_FORMAT_IMPLIED
                                                         : IMGPROBE_FORMAT_PROBED;

    want_number("role", r->role, want->role);
    if (!same_name(r->name, want))
        complain("name is %.*s, not %.*s", (int)r->name.length, (const char *)r->name.bytes, (int)want->length,
                 want->name);
    want_number("name's offset", r->offset, want->offset);
    if (!is_text(r->format, format))
        complain("reference's format isn't %s", or_none(format));
    want_number("source of the reference's format", r->format_source, source);
    want_word("type", r->type, want->type);
    want_word("access", r->access, want->access);
    want_word("encoding", r->encoding, want->encoding);
    want_number("reference's size", r->size, want->size ? want->size : UNKNOWN);
    want_number("data offset", r->data_offset, want->data_offset);
    want_number("cut", r->cut, want->is_cut ? want->cut : want->length);
    want_number("ignored", r->ignored, want->ignored);
    want_number("candidate", r->candidate, want->candidate);
    want_number("windows", r->windows, want->windows);
    check_stored(r, want, image);
}

static inline void check_references(const struct probe_case *c, const struct imgprobe_image *image,
                                    const struct image *from)
{
    const struct imgprobe_reference *r = image->references;
    enum imgprobe_references_state state;
    size_t i;

    for (i = 0; i < MOST_REFERENCES && c->references[i].name; i++, r = r->next) {
        if (!r) {
            complain("reference %zu, %s, is missing", i, c->references[i].name);
            return;
        }
        check_reference(r, &c->references[i], from);
    }
    if (r)
        complain("one more reference, %.*s", (int)r->name.length, (const char *)r->name.bytes);
    state = i > 0 ? IMGPROBE_REFERENCES_KNOWN : IMGPROBE_REFERENCES_NONE;
    if (c->error.status == IMGPROBE_OK)
        want_number("references' state", image->references_state, state);
}

static inline bool attribute_is(const struct imgprobe_attribute *a, const char *word)
{
    size_t length = strlen(a->name);
    char number[32];

    if (strncmp(word, a->name, length) != 0 || word[length] != '=')
        return false;
    if (a->type == IMGPROBE_TEXT)
        return ip_equal(a->text, word + length + 1);
    snprintf(number, sizeof number, "%ju", (uintmax_t)a->number);
    if (a->type == IMGPROBE_BOOL)
        return strcmp(word + length + 1, a->number ? "true" : "false") == 0;
    return strcmp(word + length + 1, number) == 0;
}

static inline void check_attributes(const struct probe_case *c, const struct imgprobe_image *image)
{
    for (size_t i = 0; i < MOST_WORDS && c->attributes[i]; i++) {
        const char *word = c->attributes[i];
        bool found = false;

        for (const struct imgprobe_attribute *a = image->attributes; a; a = a->next)
            found = found || (*word == '!' ? strcmp(a->name, word + 1) == 0 : attribute_is(a, word));
        if (found == (*word == '!'))
            complain("attribute %s doesn't hold", word);
    }
}

/* The note on a raw file of an odd size is there whenever it is one, so no row repeats it. */
static inline const struct imgprobe_finding *without_size_note(const struct imgprobe_image *image,
                                                               const struct imgprobe_finding *f)
{
    bool is_raw = image->format && strcmp(image->format->name, "raw") == 0;

    return f && is_raw && strcmp(f->id, "size-not-sector-multiple") == 0 ? f->next : f;
}

static inline void check_size_note(const struct imgprobe_image *image)
{
    const struct imgprobe_finding *f = image->findings;

    if (!image->format || strcmp(image->format->name, "raw") != 0 || image->error.status != IMGPROBE_OK)
        return;
    while (f && strcmp(f->id, "size-not-sector-multiple") != 0)
        f = f->next;
    if (f && f->offset != UNKNOWN)
        complain("size-not-sector-multiple at %ju", (uintmax_t)f->offset);
    if ((f != NULL) != (image->file_size % 512 != 0))
        complain("size-not-sector-multiple of a file of %ju bytes", (uintmax_t)image->file_size);
}

static inline void check_findings(const struct probe_case *c, const struct imgprobe_image *image)
{
    const struct imgprobe_finding *f = without_size_note(image, image->findings);
    char got[128];
    size_t i;

    check_size_note(image);
    for (i = 0; i < MOST_WORDS && c->findings[i]; i++, f = without_size_note(image, f->next)) {
        if (!f) {
            complain("finding %s is missing", c->findings[i]);
            return;
        }
        snprintf(got, sizeof got, "%s@%ju", f->id, (uintmax_t)f->offset);
        want_word("finding", got, c->findings[i]);
    }
    if (f)
        complain("one more finding, %s@%ju", f->id, (uintmax_t)f->offset);
}

static inline void check_error(const struct probe_case *c, const struct imgprobe_error *e)
{
    want_number("status", e->status, c->error.status);
    want_word("field", e->field, c->error.field);
    if (c->error.status == IMGPROBE_OK)
        return;
    want_number("error's offset", e->offset, c->error.offset);
    want_number("found", e->found, c->error.found);
    want_number("least", e->least, c->error.least);
    want_number("most", e->most, c->error.most);
    want_number("has a sentence", e->what != NULL, c->says);
    if (e->status == IMGPROBE_MALFORMED && e->found == UNKNOWN && e->least != UNKNOWN && !e->valued)
        complain("all ones were found, and that isn't said");
}

static inline void check_identity(const char *what, struct imgprobe_bytes got, const char *want)
{
    char hex[64] = "";

    if (!want)
        return;
    for (size_t i = 0; got.bytes && i < got.length && i < 24; i++)
        snprintf(hex + 2 * i, 3, "%02x", got.bytes[i]);
    want_word(what, hex, want);
}

static inline void check_facts(const struct probe_case *c, const struct imgprobe_image *image)
{
    char flags[64] = "", also[128] = "", content[128] = "";

    snprintf(flags, sizeof flags, "%s%s%s%s%s", image->size_from_extents ? " size-from-extents" : "",
             image->encrypted ? " encrypted" : "", image->dirty ? " dirty" : "",
             image->compressed ? " compressed" : "", image->read_only ? " read-only" : "");
    want_word("variant", image->variant, word_or(c->variant, c->base->variant));
    want_number("virtual size", image->virtual_size, number_or(c->virtual_size, c->base->virtual_size));
    want_number("cluster size", image->cluster_size, number_or(c->cluster_size, c->base->cluster_size));
    want_word("flags", flags[0] ? flags + 1 : NULL, word_or(c->flags, c->base->flags));
    check_identity("identity", image->identity, c->identity);
    check_identity("parent's identity", image->parent_identity, c->parent);
    for (const struct imgprobe_match *m = image->also_matches; m; m = m->next)
        snprintf(also + strlen(also), sizeof also - strlen(also), " %s", m->format->name);
    want_word("also matches", also[0] ? also + 1 : NULL, c->also);
    for (const struct imgprobe_content *at = image->content; at; at = at->next)
        snprintf(content + strlen(content), sizeof content - strlen(content), " %s", at->name);
    want_word("content", content[0] ? content + 1 : NULL, c->content);
}

/* The three windows of detection, each byte once: in three reads at most. */
static inline void windows(uint64_t size, uint64_t *reads, uint64_t *bytes)
{
    uint64_t head = size < 4096 ? size : 4096, tail = size > 2048 ? size - 2048 : 0;
    uint64_t middle = size < 32768 ? 0 : size - 32768 < 136 ? size - 32768 : 136;

    if (tail < head)
        tail = head;
    if (tail > 32768 && tail < 32768 + middle)
        tail = 32768 + middle;
    if (tail <= 32768)
        middle = 0;
    *reads = (head > 0 ? 1u : 0u) + (middle > 0 ? 1u : 0u) + (size > tail ? 1u : 0u);
    *bytes = head + middle + (size > tail ? size - tail : 0);
}

static inline void check_cost(const struct probe_case *c, const struct imgprobe_image *image)
{
    bool of_row = c->more_reads > 0, of_base = c->error.status == IMGPROBE_OK && !c->windows_only;
    uint64_t reads, bytes;

    windows(image->file_size, &reads, &bytes);
    want_number("reads", image->reads, reads + (of_row ? c->more_reads : of_base ? c->base->more_reads : 0));
    want_number("bytes", image->bytes, bytes + (of_row ? c->more_bytes : of_base ? c->base->more_bytes : 0));
}

static inline void check_answer(const struct probe_case *c, const struct imgprobe_image *image,
                                const struct image *from)
{
    check_error(c, &image->error);
    want_word("format", image->format ? image->format->name : NULL, word_or(c->is, c->base->format));
    want_number("how the format is known", image->format_source,
                c->format ? IMGPROBE_FORMAT_PINNED : IMGPROBE_FORMAT_PROBED);
    if (c->error.status == IMGPROBE_OK)
        check_facts(c, image);
    else if (c->variant)
        want_word("variant", image->variant, word_or(c->variant, NULL));
    check_references(c, image, from);
    check_attributes(c, image);
    check_findings(c, image);
    check_cost(c, image);
}

/* ---- the loops ---- */

struct run {
    const struct probe_case *c;
    void (*check)(const struct probe_case *c, const struct image *from);
};

static inline struct imgprobe_image *ask_once(const struct probe_case *c, const char *format, struct feed *feed,
                                              size_t memory, size_t *ret_most)
{
    struct imgprobe_workspace w = new_workspace(memory);
    struct imgprobe_source source = source_of(feed);
    struct imgprobe_image *image = ask(c, format, &source, &w);

    if (image)
        check_always(image, feed, memory);
    else
        check_zones(memory);
    if (ret_most)
        *ret_most = w.most;
    return image;
}

static inline void check_row(const struct probe_case *c, const struct image *from)
{
    struct feed feed = {.image = from};
    const struct imgprobe_image *image = ask_once(c, c->format, &feed, MEMORY, NULL);

    if (!image) {
        complain("USAGE");
        return;
    }
    want_number("reads of the source", feed.calls, image->reads);
    check_answer(c, image, from);
}

static inline void compare_texts(const char *how)
{
    size_t i = 0;

    if (strcmp(wanted_text, got_text) == 0)
        return;
    while (wanted_text[i] == got_text[i])
        i++;
    i = i > 20 ? i - 20 : 0;
    complain("%s the answer differs: %.60s, whole: %.60s", how, got_text + i, wanted_text + i);
}

/* One range at a time, exactly the one that was asked for; a range that was delivered isn't delivered again. When the
 * size isn't known at first, the file's start comes as a stream until its end is asked for. */
static inline void in_pieces(const struct probe_case *c, const struct image *from, bool sized)
{
    struct feed feed = {.image = from, .withholds = true};
    struct imgprobe_workspace w = new_workspace(MEMORY);
    struct imgprobe_source source = source_of(&feed);
    struct imgprobe_image *image;
    unsigned needs;

    if (!sized)
        source.size = UNKNOWN;
    for (needs = 0; needs < 5000; needs++) {
        const struct imgprobe_error *e;

        image = ask(c, c->format, &source, &w);
        e = &image->error;
        check_always(image, &feed, MEMORY);
        if (e->status != IMGPROBE_NEED)
            break;
        if (e->offset == UNKNOWN || e->offset + e->least > from->size)
            source.size = from->size;
        else
            feed.delivered = (struct served){e->offset, e->offset + e->least};
    }
    describe(image, got_text, sizeof got_text);
    compare_texts(sized ? "in pieces" : "as a stream");
    if (needs > image->reads + (sized ? 0 : 1))
        complain("%u restarts for %ju reads", needs, (uintmax_t)image->reads);
    if (c->error.status == IMGPROBE_OK && needs > HANDFUL)
        complain("%u restarts", needs);
}

static inline void check_pieces(const struct probe_case *c, const struct image *from)
{
    struct feed feed = {.image = from};

    describe(ask_once(c, c->format, &feed, MEMORY, NULL), wanted_text, sizeof wanted_text);
    in_pieces(c, from, true);
    in_pieces(c, from, false);
}

static inline void check_failing(const struct probe_case *c, const struct image *from)
{
    static const enum imgprobe_status failures[] = {IMGPROBE_SYSTEM, IMGPROBE_TRUNCATED};
    struct feed whole = {.image = from};
    unsigned reads = (unsigned)ask_once(c, c->format, &whole, MEMORY, NULL)->reads;

    for (unsigned n = 1; n <= reads; n++)
        for (size_t i = 0; i < IP_COUNT(failures); i++) {
            struct feed feed = {.image = from, .fails_at = n, .failure = failures[i]};
            const struct imgprobe_image *image = ask_once(c, c->format, &feed, MEMORY, NULL);

            if (image->error.status != failures[i] || image->reads != n)
                complain("read %u failed with %d, and the status is %d after %ju reads", n, (int)failures[i],
                         (int)image->error.status, (uintmax_t)image->reads);
        }
}

static inline void check_shrunk(const struct probe_case *c, const struct image *from)
{
    struct feed whole = {.image = from};
    size_t most, size, step;

    describe(ask_once(c, c->format, &whole, MEMORY, &most), wanted_text, sizeof wanted_text);
    step = most / 4096 * 16 + 16; /* some 256 sizes, or every one that differs */
    for (size = most + 2 * step; size > 0; size = size > step ? size - step : 0) {
        struct feed feed = {.image = from};
        const struct imgprobe_image *image = ask_once(c, c->format, &feed, size, NULL);

        if (!image)
            continue;
        if (size < most && image->error.status == IMGPROBE_LIMIT) {
            want_word("field", image->error.field, "workspace");
            want_number("room that was found", image->error.found, size);
            want_number("least room", image->error.least, UNKNOWN);
            want_number("most room", image->error.most, UNKNOWN);
            continue;
        }
        describe(image, got_text, sizeof got_text);
        compare_texts("with less memory");
        if (complaints[0])
            return;
    }
}

/* What the whole file refers to, while shorter ones are asked about. */
struct kept {
    const struct format *format;
    size_t count;
    uint64_t offsets[MOST_REFERENCES];
    size_t lengths[MOST_REFERENCES];
};

static inline struct kept keep(const struct imgprobe_image *image)
{
    struct kept kept = {.format = ip_format_named(ip_string(image->format->name))};

    for (const struct imgprobe_reference *r = image->references; r && kept.count < MOST_REFERENCES; r = r->next) {
        kept.offsets[kept.count] = r->offset;
        kept.lengths[kept.count++] = r->name.length;
    }
    return kept;
}

/* Where a line of text ends nothing shows that another followed: the one place where fewer references are fine. */
static inline bool at_line_end(const struct image *from, uint64_t size)
{
    unsigned char around[2];

    compose(from, from->count, size - 1, around, 2);
    return around[0] == '\n' || around[1] == '\n' || around[1] == '\r';
}

static inline void check_kept(const struct probe_case *c, const struct image *cut, const struct image *from,
                              const struct kept *kept, const struct imgprobe_image *image)
{
    const struct imgprobe_reference *r = image->references;
    uint64_t whole = number_or(c->whole, c->base->whole);
    size_t i;

    if (cut->size < whole)
        complain("OK, cut at %ju", (uintmax_t)cut->size);
    for (i = 0; i < kept->count && r; i++, r = r->next)
        if (r->offset != kept->offsets[i] || r->name.length != kept->lengths[i])
            complain("another reference, cut at %ju", (uintmax_t)cut->size);
    if (i < kept->count && !(c->base->text && at_line_end(from, cut->size)))
        complain("%zu of %zu references, cut at %ju", i, kept->count, (uintmax_t)cut->size);
}

/* As it was asked, and with the format pinned: then not even the magic's end can be missed. */
static inline void cut_at(const struct probe_case *c, const struct image *from, const struct kept *kept,
                          uint64_t size)
{
    const char *asked[] = {c->format, kept->format->row.name};

    for (size_t i = 0; i < IP_COUNT(asked) && strlen(complaints) < 500; i++) {
        struct image cut = *from;
        struct feed feed = {.image = &cut};
        const struct imgprobe_image *image;

        cut.size = size;
        image = ask_once(c, asked[i], &feed, MEMORY, NULL);
        if (image->error.status != IMGPROBE_OK)
            continue;
        if (!asked[i] && size < number_or(c->magic, c->base->magic) && image->format != &kept->format->row)
            continue;
        check_kept(c, &cut, from, kept, image);
    }
}

#define CUT_MOST 1200 /* bytes of a patch that are all tried; of a longer one the ends */
#define CUT_ENDS 64
#define CUT_HEAD 640
#define CUT_TAIL 520

static inline void check_cut(const struct probe_case *c, const struct image *from)
{
    struct feed feed = {.image = from};
    const struct imgprobe_image *whole = ask_once(c, c->format, &feed, MEMORY, NULL);
    struct kept kept;
    uint64_t n;

    if (!whole || whole->error.status != IMGPROBE_OK)
        return; /* the row itself says so */
    kept = keep(whole);
    for (n = 0; n < CUT_HEAD && n < from->size; n++)
        cut_at(c, from, &kept, n);
    for (n = from->size > CUT_TAIL ? from->size - CUT_TAIL : 0; n < from->size; n++)
        cut_at(c, from, &kept, n);
    for (size_t i = 0; i < from->count; i++) {
        const struct patch *patch = from->patches[i];

        for (n = 0; n <= patch->length; n++)
            if (patch->offset + n >= CUT_HEAD && patch->offset + n < from->size &&
                (patch->length <= CUT_MOST || n < CUT_ENDS || patch->length - n < CUT_ENDS))
                cut_at(c, from, &kept, patch->offset + n);
    }
}

/* ---- the program ---- */

static const struct {
    const char *suffix;
    void (*check)(const struct probe_case *c, const struct image *from);
    bool good_only;
} checks[] = {
    {"", check_row, false},
    {": in pieces", check_pieces, false},
    {": with a read that fails", check_failing, false},
    {": in less memory", check_shrunk, false},
    {": cut short", check_cut, true},
};

static inline void test_run(void **state)
{
    const struct run *run = *state;
    struct image from = make_image(run->c);

    complaints[0] = '\0';
    run->check(run->c, &from);
    if (complaints[0])
        fail_msg("%s: %s", run->c->name, complaints);
}

struct table {
    const struct probe_case *cases;
    size_t count;
};
#define TABLE(cases)                                                                                                 \
    {                                                                                                                \
        cases, IP_COUNT(cases)                                                                                       \
    }

/* One group, since TAP has one plan. */
static inline int run_tables(const char *group, const struct table *tables, size_t count)
{
    static struct CMUnitTest tests[MOST_TESTS];
    static struct run runs[MOST_TESTS];
    static char names[MOST_TESTS][160];
    size_t used = 0;

    if (!getenv("CMOCKA_MESSAGE_OUTPUT"))
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (size_t j = 0; j < IP_COUNT(checks); j++)
        for (size_t t = 0; t < count; t++)
            for (size_t i = 0; i < tables[t].count; i++) {
                const struct probe_case *c = &tables[t].cases[i];

                if (checks[j].good_only && c->error.status != IMGPROBE_OK)
                    continue;
                if (used == MOST_TESTS)
                    abort();
                runs[used] = (struct run){c, checks[j].check};
                snprintf(names[used], sizeof names[0], "%s%s", c->name, checks[j].suffix);
                tests[used] =
                    (struct CMUnitTest){.name = names[used], .test_func = test_run, .initial_state = &runs[used]};
                used++;
            }
    return _cmocka_run_group_tests(group, tests, used, NULL, NULL);
}

static inline int run_cases(const char *group, const struct probe_case *cases, size_t count)
{
    const struct table table = {cases, count};

    return run_tables(group, &table, 1);
}

#endif
