/* SPDX-License-Identifier: MIT */
/* A text in place of a disk: a page that a server sent instead of an image, a configuration, a script. */
#include "content.h"

#define SECTOR_LEAST 512

/* Behind a byte of UTF-8 that isn't ASCII, as many more belong to the letter; 4 for none that may begin one. */
static unsigned following(unsigned c)
{
    if (c < 0xc2 || c > 0xf4)
        return 4;
    return c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
}

static bool is_control(unsigned c)
{
    return (c < ' ' && (c < '\t' || c > '\r') && c != '\33') || c == 0x7f || c >= 0xfffe;
}

/* Whether the letter at *i is one of a text; moves behind it. One that the window's end cuts is. */
static bool is_letter(const struct head_text *text, size_t *i)
{
    size_t end = text->bytes.length / text->unit;
    unsigned c = ip_letter(text, (*i)++), more;

    if (text->unit == 2 || c < 0x80)
        return !is_control(c);
    more = following(c);
    if (more > 3)
        return false;
    for (; more > 0 && *i < end; more--, (*i)++)
        if ((ip_letter(text, *i) & 0xc0) != 0x80)
            return false;
    return true;
}

/* All of the head is text, up to zeros that fill it up. A disk may be filled with one letter, so there is a line's
 * end, or the file is shorter than any disk. */
static bool is_text(struct probe *p, const struct head_text *text)
{
    size_t i = 0, end = text->bytes.length / text->unit;
    bool line = false;

    while (i < end && ip_letter(text, i) != 0) {
        line = line || ip_letter(text, i) == '\n' || ip_letter(text, i) == '\r';
        if (!is_letter(text, &i))
            return false;
    }
    if (i == 0 || !line)
        return i > 0 && i >= end && p->size < SECTOR_LEAST;
    while (i < end && ip_letter(text, i) == 0)
        i++;
    return i >= end;
}

static bool is_html(const struct head_text *text)
{
    size_t i = ip_skip_space(text, 0);

    return ip_letters_are(text, i, "<!doctype html") || ip_letters_are(text, i, "<html");
}

static bool is_xml(const struct head_text *text)
{
    return ip_letters_are(text, ip_skip_space(text, 0), "<?xml ");
}

/* An object, or an array of such. */
static bool is_json(const struct head_text *text)
{
    size_t i = ip_skip_space(text, 0);
    unsigned next;

    if (ip_letter(text, i) == '[')
        i = ip_skip_space(text, i + 1);
    if (ip_letter(text, i) != '{')
        return false;
    next = ip_letter(text, ip_skip_space(text, i + 1));
    return next == '"' || next == '}';
}

/* Reads the head. False if it can't be read, or something else was found, of which the text is a part. */
static bool is_left(struct probe *p, struct head_text *ret, enum imgprobe_status *ret_status)
{
    *ret_status = ip_letters(p, ret);
    return *ret_status == IMGPROBE_OK && !p->image->content;
}

enum imgprobe_status ip_content_html(struct probe *p, uint64_t at, bool *ret)
{
    struct head_text text;
    enum imgprobe_status s;

    (void)at;
    *ret = is_left(p, &text, &s) && is_html(&text);
    return s;
}

enum imgprobe_status ip_content_xml(struct probe *p, uint64_t at, bool *ret)
{
    struct head_text text;
    enum imgprobe_status s;

    (void)at;
    *ret = is_left(p, &text, &s) && is_xml(&text);
    return s;
}

/* What is JSON by its start is one line at times, however long. */
enum imgprobe_status ip_content_json(struct probe *p, uint64_t at, bool *ret)
{
    struct head_text text;
    enum imgprobe_status s;

    (void)at;
    *ret = is_left(p, &text, &s) && is_json(&text);
    return s;
}

enum imgprobe_status ip_content_text(struct probe *p, uint64_t at, bool *ret)
{
    struct head_text text;
    enum imgprobe_status s;

    (void)at;
    *ret = is_left(p, &text, &s) && is_text(p, &text);
    return s;
}
