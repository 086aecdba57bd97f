/* SPDX-License-Identifier: MIT */
/* A text that readers of VMDK other than QEMU take for a descriptor: they go by the first line, in any case and
 * spacing, or by the keys and the lines of extents, wherever these stand. Who is told vmdk finds these in any text.
 */
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

#define HEAD UINT64_C(4096)

/* Who is told vmdk reads a text up to its first NUL, and that lies behind what is read here. */
static enum imgprobe_status note_unended(struct probe *p)
{
    struct imgprobe_bytes head;
    enum imgprobe_status s = ip_bytes_up_to(p, 0, HEAD, &head);
    size_t i = 0;

    while (s == IMGPROBE_OK && i < head.length && head.bytes[i] != 0)
        i++;
    if (s == IMGPROBE_OK && i == HEAD && !ip_end_known(p))
        s = ip_bytes(p, "window", HEAD, 1, &head); /* which may be the end */
    if (s != IMGPROBE_OK || i < HEAD || p->size <= HEAD)
        return s;
    return ip_finding(
        p, FOUND_OTHER_READER_DIFFERS, 0,
        "no NUL ends its first 4,096 bytes: who is told vmdk may find a descriptor behind them, and open "
        "the files that it names");
}

enum imgprobe_status ip_content_descriptor(struct probe *p, uint64_t at, bool *ret)
{
    struct head_text text;
    enum imgprobe_status s = ip_letters(p, &text);

    (void)at;
    *ret = s == IMGPROBE_OK && !is_vmdk(p) && (says_so(&text) || has_both(&text));
    return s == IMGPROBE_OK && !*ret && !is_vmdk(p) ? note_unended(p) : s;
}
