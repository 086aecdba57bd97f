/* SPDX-License-Identifier: MIT */
/* A parent that VMware finds in a descriptor and QEMU doesn't. VMware takes keys in any case, with blanks, from all
 * of the text. */
#include "vmdk.h"

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

static size_t skip_blanks(struct imgprobe_bytes text, size_t i)
{
    while (ip_vmdk_at(text, i) == ' ' || ip_vmdk_at(text, i) == '\t')
        i++;
    return i;
}

/* Whether the line at `i` sets the key as VMware reads it: in any case, with blanks around the equals sign. */
static bool line_sets_hint(struct imgprobe_bytes text, size_t i, size_t *ret_start, size_t *ret_end)
{
    static const char key[] = "parentfilenamehint";
    size_t k;

    i = skip_blanks(text, i);
    for (k = 0; key[k]; k++)
        if (lower(ip_vmdk_at(text, i + k)) != (unsigned char)key[k])
            return false;
    i = skip_blanks(text, i + k);
    if (ip_vmdk_at(text, i) != '=')
        return false;
    i = skip_blanks(text, i + 1);
    i += ip_vmdk_at(text, i) == '"';
    *ret_start = i;
    while (i < text.length && text.bytes[i] != '"' && text.bytes[i] != '\n' && text.bytes[i] != '\r')
        i++;
    *ret_end = i;
    return i > *ret_start;
}

enum imgprobe_status ip_vmdk_other_parent(struct probe *p, uint64_t offset, uint64_t length)
{
    const struct imgprobe_reference *qemu = p->image->references;
    struct vmdk_text all = {{NULL, 0}, false};
    size_t i, start = 0, end = 0;
    enum imgprobe_status s = ip_vmdk_read_text(p, offset, length, &all);
    struct imgprobe_bytes text = all.bytes;

    while (qemu && qemu->role != IMGPROBE_ROLE_BACKING)
        qemu = qemu->next;
    for (i = 0; s == IMGPROBE_OK && i < text.length; i = ip_vmdk_skip_to(text, i, '\n') + 1) {
        if (all.more && ip_vmdk_skip_to(text, i, '\n') >= text.length)
            break;
        if (line_sets_hint(text, i, &start, &end))
            return qemu && qemu->stated.offset == offset + start
                       ? IMGPROBE_OK
                       : ip_vmdk_refer_to_parent(p, ip_part(text, start, end - start), offset + start, true);
    }
    return s || !all.more ? s : ip_vmdk_await(p, offset, &all);
}
