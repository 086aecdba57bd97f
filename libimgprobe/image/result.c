/* SPDX-License-Identifier: MIT */
/* Puts what was found at the bottom of the workspace. When that is full the answer is an error, never a shorter
 * list. */
#include "image/image.h"

static void *take(struct probe *p, size_t size)
{
    void *memory = ip_take(p->workspace, size);

    if (!memory)
        ip_fail_full(p);
    return memory;
}

enum imgprobe_status ip_copy(struct probe *p, struct imgprobe_bytes bytes, struct imgprobe_bytes *ret)
{
    struct imgprobe_error unused;

    return ip_join(p->workspace, &bytes, 1, ret, &unused) ? ip_fail_full(p) : IMGPROBE_OK;
}

enum imgprobe_status ip_unique_id(struct probe *p, uint64_t number, struct imgprobe_bytes *ret)
{
    const unsigned char bytes[4] = {number >> 24 & 0xff, number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff};

    return ip_copy(p, (struct imgprobe_bytes){bytes, sizeof bytes}, ret);
}

/* The whole name is kept, and the limit holds for what the reader takes of it. */
enum imgprobe_status ip_reference(struct probe *p, enum imgprobe_role role, struct imgprobe_bytes name,
                                  uint64_t offset, struct imgprobe_reference **ret)
{
    struct imgprobe_reference *reference;
    size_t cut = ip_cut(name).length;

    if (cut > p->limits.name_bytes)
        return ip_fail(p, IMGPROBE_LIMIT, "name_bytes", offset, cut, 0, p->limits.name_bytes);
    reference = take(p, sizeof(struct ip_reference));
    if (!reference || ip_copy(p, name, &reference->stated.name) != IMGPROBE_OK)
        return IMGPROBE_LIMIT;
    reference->stated.cut = cut;
    reference->role = role;
    reference->stated.offset = offset;
    reference->led.size = reference->stated.size = IMGPROBE_UNKNOWN;
    reference->stated.format_source = IMGPROBE_FORMAT_PROBED;
    *p->reference_tail = reference;
    p->reference_tail = &reference->next;
    p->image->references_state = IMGPROBE_REFERENCES_KNOWN;
    if (ret)
        *ret = reference;
    return IMGPROBE_OK;
}

void ip_reserve(struct imgprobe_reference *r, uint64_t room)
{
    ip_own(r)->room = room;
}

void ip_imply(struct imgprobe_reference *r, const char *name)
{
    r->stated.format = ip_string(name);
    r->stated.format_source = IMGPROBE_FORMAT_IMPLIED;
}

void ip_ignore(struct imgprobe_reference *r, const char *what)
{
    r->led.ignored = true;
    ip_own(r)->ignored = what;
}

static struct imgprobe_attribute *attribute(struct probe *p, const char *name, bool qemu,
                                            enum imgprobe_attribute_type type)
{
    struct imgprobe_attribute *a = take(p, sizeof *a);

    if (!a)
        return NULL;
    a->name = name;
    a->qemu = qemu;
    a->type = type;
    *p->attribute_tail = a;
    p->attribute_tail = &a->next;
    return a;
}

enum imgprobe_status ip_bool(struct probe *p, const char *name, bool qemu, bool value)
{
    struct imgprobe_attribute *a = attribute(p, name, qemu, IMGPROBE_BOOL);

    if (!a)
        return IMGPROBE_LIMIT;
    a->number = value;
    return IMGPROBE_OK;
}

enum imgprobe_status ip_count(struct probe *p, const char *name, bool qemu, uint64_t value)
{
    struct imgprobe_attribute *a = attribute(p, name, qemu, IMGPROBE_NUMBER);

    if (!a)
        return IMGPROBE_LIMIT;
    a->number = value;
    return IMGPROBE_OK;
}

enum imgprobe_status ip_text(struct probe *p, const char *name, bool qemu, struct imgprobe_bytes value)
{
    struct imgprobe_attribute *a;
    struct imgprobe_bytes text;

    if (ip_copy(p, value, &text) != IMGPROBE_OK || !(a = attribute(p, name, qemu, IMGPROBE_TEXT)))
        return IMGPROBE_LIMIT;
    a->text = text;
    return IMGPROBE_OK;
}

enum imgprobe_status ip_word(struct probe *p, const char *name, bool qemu, const char *value)
{
    return ip_text(p, name, qemu, ip_string(value));
}

enum imgprobe_status ip_uuid(struct probe *p, const char *name, struct imgprobe_bytes id)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char text[36];
    size_t i, length = 0;

    for (i = 0; i < id.length && i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[length++] = '-';
        text[length++] = (unsigned char)digits[id.bytes[i] >> 4];
        text[length++] = (unsigned char)digits[id.bytes[i] & 15];
    }
    return ip_text(p, name, false, (struct imgprobe_bytes){text, length});
}

enum imgprobe_status ip_finding(struct probe *p, enum ip_found found, uint64_t offset, const char *message)
{
    struct tally *tally = &p->tallies[found];
    struct imgprobe_finding *finding;

    if (ip_tally_full(tally, p->limits.finding_repeats, 1))
        return IMGPROBE_OK;
    finding = take(p, sizeof *finding);
    if (!finding)
        return IMGPROBE_LIMIT;
    *finding = ip_finding_of(found, offset, message);
    *tally = (struct tally){tally->listed + 1, finding};
    *p->finding_tail = finding;
    p->finding_tail = &finding->next;
    return IMGPROBE_OK;
}

enum imgprobe_status ip_word_of(struct probe *p, struct imgprobe_word ***tail, const char *name)
{
    struct imgprobe_word *word = take(p, sizeof *word);

    if (!word)
        return IMGPROBE_LIMIT;
    word->name = name;
    **tail = word;
    *tail = &word->next;
    return IMGPROBE_OK;
}
