/* SPDX-License-Identifier: MIT */
/* The answer against the row, with its exact reads and bytes. */
#ifndef PROBE_ROW_H
#define PROBE_ROW_H

#include "probe-answer.h"

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

    want_number("length of the stored name", r->stated.stored.length, want->stored);
    if (want->stored == 0 || r->stated.stored.length != want->stored || want->stored > sizeof bytes)
        return;
    compose(image, image->count, r->stated.offset, bytes, want->stored);
    if (memcmp(bytes, r->stated.stored.bytes, want->stored) != 0)
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
    if (!same_name(r->stated.name, want))
        complain("name is %.*s, not %.*s", (int)r->stated.name.length, (const char *)r->stated.name.bytes,
                 (int)want->length, want->name);
    want_number("name's offset", r->stated.offset, want->offset);
    if (!is_text(r->stated.format, format))
        complain("reference's format isn't %s", or_none(format));
    want_number("source of the reference's format", r->stated.format_source, source);
    want_word("type", r->stated.type, want->type);
    want_word("access", r->stated.access, want->access);
    want_word("encoding", r->stated.encoding, want->encoding);
    want_number("reference's size", r->led.size, want->size ? want->size : UNKNOWN);
    want_number("data offset", r->stated.data_offset, want->data_offset);
    want_number("cut", r->stated.cut, want->is_cut ? want->cut : want->length);
    want_number("ignored", r->led.ignored, want->ignored);
    want_number("candidate", r->stated.candidate, want->candidate);
    want_number("windows", r->stated.windows, want->windows);
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
        complain("one more reference, %.*s", (int)r->stated.name.length, (const char *)r->stated.name.bytes);
    state = i > 0 ? IMGPROBE_REFERENCES_KNOWN : IMGPROBE_REFERENCES_NONE;
    if (image->format && ip_format_of(image->format)->parent == PARENT_NOT_TOLD)
        state = IMGPROBE_REFERENCES_CANNOT_TELL;
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

    return f && is_raw && strcmp(f->row->id, "size-not-sector-multiple") == 0 ? f->next : f;
}

static inline void check_size_note(const struct imgprobe_image *image)
{
    const struct imgprobe_finding *f = image->findings;

    if (!image->format || strcmp(image->format->name, "raw") != 0 || image->error.status != IMGPROBE_OK)
        return;
    while (f && strcmp(f->row->id, "size-not-sector-multiple") != 0)
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
        snprintf(got, sizeof got, "%s@%ju", f->row->id, (uintmax_t)f->offset);
        want_word("finding", got, c->findings[i]);
    }
    if (f)
        complain("one more finding, %s@%ju", f->row->id, (uintmax_t)f->offset);
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
    check_identity("identity", image->unique_id, c->identity);
    check_identity("parent's identity", image->parent_unique_id, c->parent);
    for (const struct imgprobe_word *m = image->also_matches; m; m = m->next)
        snprintf(also + strlen(also), sizeof also - strlen(also), " %s", m->name);
    want_word("also matches", also[0] ? also + 1 : NULL, c->also);
    for (const struct imgprobe_word *at = image->content; at; at = at->next)
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

#endif
