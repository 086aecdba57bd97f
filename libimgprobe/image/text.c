/* SPDX-License-Identifier: MIT */
/* The head of an image as text, as far as one window goes. Every loop goes forward only, so the work is linear. */
#include "image/image.h"

/* XML may be UTF-16 without a mark: then one byte of its first '<' is zero. */
enum imgprobe_status ip_letters(struct probe *p, struct head_text *ret)
{
    struct imgprobe_bytes head;
    enum imgprobe_status s = ip_bytes_up_to(p, 0, IP_HEAD_LENGTH, &head);
    uint64_t first;

    *ret = (struct head_text){.unit = 1};
    if (s != IMGPROBE_OK)
        return s;
    first = head.length < 2 ? 0 : ip_number(head, 0, IP_U16BE);
    if (first == 0xfffe || first == 0x3c00)
        *ret = (struct head_text){.unit = 2, .high = 1};
    else if (first == 0xfeff || first == 0x003c)
        *ret = (struct head_text){.unit = 2, .low = 1};
    if (ret->unit == 2 && first >= 0xfeff) /* a byte order mark */
        head = ip_part(head, 2, head.length - 2);
    else if (first == 0xefbb && ip_number(head, 2, IP_U8) == 0xbf)
        head = ip_part(head, 3, head.length - 3);
    ret->bytes = head;
    return s;
}

static unsigned lower(unsigned c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

bool ip_letters_are(const struct head_text *text, size_t i, const char *word)
{
    for (; *word; i++, word++)
        if (lower(ip_letter(text, i)) != lower((unsigned char)*word))
            return false;
    return true;
}

static bool is_space(unsigned c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

size_t ip_skip_space(const struct head_text *text, size_t i)
{
    while (is_space(ip_letter(text, i)))
        i++;
    return i;
}

/* Where this stands next, from `i` on; the end of the text if it doesn't. */
static size_t find(const struct head_text *text, size_t i, const char *word)
{
    unsigned c;

    for (; (c = ip_letter(text, i)) != 0; i++)
        if (lower(c) == lower((unsigned char)*word) && ip_letters_are(text, i, word))
            break;
    return i;
}

/* Where a comment that began before `start` ends: at a '>' behind two dashes. It goes by the '>', since a comment may
 * be full of dashes. */
static size_t end_of_comment(const struct head_text *text, size_t start)
{
    size_t i;
    unsigned c;

    for (i = start; (c = ip_letter(text, i)) != 0; i++)
        if (c == '>' && i >= start + 2 && ip_letter(text, i - 1) == '-' && ip_letter(text, i - 2) == '-')
            break;
    return i;
}

/* Where a type's declaration ends: at its '>', of which its subset in brackets may have more. */
static size_t end_of_type(const struct head_text *text, size_t i)
{
    unsigned c;

    while ((c = ip_letter(text, i)) != 0 && c != '>' && c != '[')
        i++;
    return c == '[' ? find(text, find(text, i, "]"), ">") : i;
}

/* Behind what may stand in front of the outermost element: the declaration, comments, the type with its subset. */
static size_t skip_prologue(const struct head_text *text)
{
    size_t i = ip_skip_space(text, 0);

    while (ip_letter(text, i) == '<') {
        unsigned c = ip_letter(text, i + 1);

        if (c == '?')
            i = find(text, i + 2, "?>") + 2;
        else if (c == '!' && ip_letter(text, i + 2) == '-')
            i = end_of_comment(text, i + 4) + 1;
        else if (c == '!')
            i = end_of_type(text, i + 2) + 1;
        else
            break;
        i = ip_skip_space(text, i);
    }
    return i;
}

/* By its first bytes: a blank, the '<' in one byte or two, or what may be a byte order mark. */
static bool may_be_xml(struct imgprobe_bytes head)
{
    if (head.length < 2)
        return true;
    return head.bytes[head.bytes[0] == 0] == '<' || is_space(head.bytes[0]) || head.bytes[0] == 0xef ||
           head.bytes[0] >= 0xfe;
}

bool ip_xml_root(struct probe *p, const char *element, const char *behind)
{
    struct head_text text;
    size_t i, start;
    unsigned c;

    if (!may_be_xml(p->head) || ip_letters(p, &text) != IMGPROBE_OK)
        return false;
    i = skip_prologue(&text);
    if (ip_letter(&text, i) != '<')
        return false;
    for (start = ++i; (c = ip_letter(&text, i)) != 0 && !is_space(c) && c != '>' && c != '/'; i++)
        if (c == ':')
            start = i + 1;
    if (i - start != strlen(element) || !ip_letters_are(&text, start, element))
        return false;
    return ip_letters_are(&text, find(&text, i, behind), behind);
}
