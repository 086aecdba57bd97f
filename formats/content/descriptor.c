/* SPDX-License-Identifier: MIT */
/* A text that readers of VMDK other than QEMU take for a descriptor: they go by the first line, in any case and
 * spacing, or by the keys and the lines of extents, wherever these stand. */
#include "content.h"

/* What QEMU takes for one is a format, and listed already. */
static bool is_vmdk(const struct probe *p)
{
    const struct imgprobe_word *m = p->image->also_matches;

    while (m && !ip_equal(ip_string(m->name), "vmdk"))
        m = m->next;
    return m != NULL;
}

static size_t skip_blanks(const struct head_text *text, size_t i)
{
    while (ip_letter(text, i) == ' ' || ip_letter(text, i) == '\t')
        i++;
    return i;
}

/* The first line says so, however it is spaced. */
static bool says_so(const struct head_text *text)
{
    size_t i = ip_skip_space(text, 0);

    if (ip_letter(text, i) != '#')
        return false;
    i = skip_blanks(text, i + 1);
    if (!ip_letters_are(text, i, "disk"))
        return false;
    return ip_letters_are(text, skip_blanks(text, i + 4), "descriptor");
}

static bool is_create_type(const struct head_text *text, size_t i)
{
    return ip_letters_are(text, i, "createtype") && ip_letter(text, skip_blanks(text, i + 10)) == '=';
}

/* An access, and a number of sectors behind it. */
static bool is_extent(const struct head_text *text, size_t i)
{
    static const struct {
        const char *access;
        size_t length;
    } accesses[] = {{"rw", 2}, {"rdonly", 6}, {"noaccess", 8}};
    size_t a, number;

    for (a = 0; a < IP_COUNT(accesses); a++) {
        if (!ip_letters_are(text, i, accesses[a].access))
            continue;
        number = skip_blanks(text, i + accesses[a].length);
        return number > i + accesses[a].length && ip_letter(text, number) >= '0' && ip_letter(text, number) <= '9';
    }
    return false;
}

static bool has_both(const struct head_text *text)
{
    bool type = false, extent = false;
    size_t i = ip_skip_space(text, 0);

    while (ip_letter(text, i) != 0 && !(type && extent)) {
        type = type || is_create_type(text, i);
        extent = extent || is_extent(text, i);
        while (ip_letter(text, i) != 0 && ip_letter(text, i) != '\n' && ip_letter(text, i) != '\r')
            i++;
        i = ip_skip_space(text, i);
    }
    return type && extent;
}

enum imgprobe_status ip_content_descriptor(struct probe *p, uint64_t at, bool *ret)
{
    struct head_text text;
    enum imgprobe_status s = ip_letters(p, &text);

    (void)at;
    *ret = s == IMGPROBE_OK && !is_vmdk(p) && (says_so(&text) || has_both(&text));
    return s;
}
