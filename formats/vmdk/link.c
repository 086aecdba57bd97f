/* SPDX-License-Identifier: MIT */
/* What ties a VMDK to its parent: CID, parentCID and parentFileNameHint. QEMU's vmdk_parent_open and vmdk_read_cid
 * find each by the first occurrence of its bytes, in 10 KiB of text that they take from a fixed offset. */
#include "vmdk.h"

#define MOST_HINT 4095
#define NO_PARENT UINT64_C(0xffffffff)

/* As scanf's %x: blanks, a sign, 0x; a number too large is all ones; the low 32 bits count. */
static bool scan_hex(struct imgprobe_bytes text, size_t i, uint64_t *ret)
{
    uint64_t value = 0;
    bool minus = false, any = false;

    while (ip_vmdk_is_space(ip_vmdk_at(text, i)))
        i++;
    if (ip_vmdk_at(text, i) == '-' || ip_vmdk_at(text, i) == '+')
        minus = ip_vmdk_at(text, i++) == '-';
    if (ip_vmdk_at(text, i) == '0' && (ip_vmdk_at(text, i + 1) == 'x' || ip_vmdk_at(text, i + 1) == 'X'))
        i += 2;
    for (;; i++, any = true) {
        unsigned char c = ip_vmdk_at(text, i);
        unsigned digit;

        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            digit = (c & 0xfu) + 9;
        else
            break;
        value = value > UINT64_MAX / 16 ? UINT64_MAX : value * 16 + digit;
    }
    *ret = (minus && value != UINT64_MAX ? 0 - value : value) & 0xffffffff;
    return any;
}

static enum imgprobe_status content_id(struct probe *p, struct imgprobe_bytes text, uint64_t offset, const char *key,
                                       uint64_t *ret)
{
    size_t found;

    if (!ip_find(ip_cut(text), key, &found))
        return ip_fail_what(p, IMGPROBE_MALFORMED, key, offset, "the descriptor has none");
    found += ip_string(key).length + 1;
    if (!scan_hex(text, found, ret))
        return ip_fail_what(p, IMGPROBE_MALFORMED, key, offset + (found < text.length ? found : text.length),
                            "isn't a hexadecimal number");
    return IMGPROBE_OK;
}

/* The value of the hint, which ends at the next quote. None where there is no hint. */
static enum imgprobe_status parent_hint(struct probe *p, struct imgprobe_bytes text, uint64_t offset,
                                        struct imgprobe_bytes *ret, uint64_t *ret_offset)
{
    size_t key, start, end;

    ret->bytes = NULL;
    ret->length = 0;
    if (!ip_find(ip_cut(text), "parentFileNameHint", &key))
        return IMGPROBE_OK;
    start = key + sizeof "parentFileNameHint" - 1 + 2;
    end = ip_vmdk_skip_to(text, start, '"');
    if (end >= text.length || ip_cut(ip_part(text, start, end - start)).length != end - start)
        return ip_fail_what(
            p, end >= text.length && offset + text.length == p->size ? IMGPROBE_TRUNCATED : IMGPROBE_MALFORMED,
            "parentFileNameHint", offset + key, "its value has no end");
    if (end - start > MOST_HINT)
        return ip_fail(p, IMGPROBE_MALFORMED, "parentFileNameHint length", offset + key, end - start, 0, MOST_HINT);
    *ret = ip_part(text, start, end - start);
    *ret_offset = offset + start;
    return IMGPROBE_OK;
}

enum imgprobe_status ip_vmdk_refer_to_parent(struct probe *p, struct imgprobe_bytes name, uint64_t offset,
                                             bool ignored)
{
    struct imgprobe_reference *r;
    enum imgprobe_status s = ip_reference(p, IMGPROBE_ROLE_BACKING, name, offset, &r);

    if (s != IMGPROBE_OK)
        return s;
    ip_imply(r, "vmdk");
    if (ignored)
        ip_ignore(r, "QEMU doesn't see the parent that other readers find: the guest would read zeros");
    return IMGPROBE_OK;
}

/* An extent of a split disk is no disk. It may have a parent, of which it says nothing. */
enum imgprobe_status ip_vmdk_described(struct probe *p)
{
    struct vmdk_text text;
    size_t found;
    enum imgprobe_status s = ip_text_come(p, IP_SECTOR, VMDK_QEMU_TEXT, &text.bytes, &text.more);

    if (s != IMGPROBE_OK || ip_find(ip_cut(text.bytes), "CID", &found))
        return s;
    if (text.more)
        return ip_vmdk_await(p, IP_SECTOR, &text);
    if (text.bytes.length == 0)
        return IMGPROBE_OK;
    return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "descriptor", IP_SECTOR,
                        "it is one extent of a disk that another file describes: ask about that file");
}

/* Of a text that goes on only a hint counts: nothing behind it takes it back. */
static enum imgprobe_status link_so_far(struct probe *p, const struct vmdk_text *text, uint64_t offset)
{
    struct imgprobe_bytes name = {NULL, 0};
    uint64_t name_offset = offset;
    size_t key;
    enum imgprobe_status s = IMGPROBE_OK;

    if (ip_find(text->bytes, "parentFileNameHint", &key) &&
        ip_vmdk_skip_to(text->bytes, key + sizeof "parentFileNameHint" + 1, '"') < text->bytes.length)
        s = parent_hint(p, text->bytes, offset, &name, &name_offset);
    if (s == IMGPROBE_OK && name.length != 0)
        s = ip_vmdk_refer_to_parent(p, name, name_offset, false);
    return s ? s : ip_vmdk_await(p, offset, text);
}

enum imgprobe_status ip_vmdk_link(struct probe *p, uint64_t offset)
{
    struct imgprobe_bytes text, name = {NULL, 0};
    struct vmdk_text come;
    uint64_t name_offset = offset, id = 0, parent_id = 0;
    enum imgprobe_status s = ip_bytes(p, "descriptor", offset, 1, &text);

    s = s ? s : ip_text_come(p, offset, VMDK_QEMU_TEXT, &come.bytes, &come.more);
    if (s == IMGPROBE_OK && come.more)
        return link_so_far(p, &come, offset);
    text = come.bytes;
    s = s ? s : parent_hint(p, text, offset, &name, &name_offset);
    s = s ? s : content_id(p, text, offset, "CID", &id);
    s = s ? s : content_id(p, text, offset, "parentCID", &parent_id);
    s = s ? s : ip_count(p, "cid", true, id);
    s = s ? s : ip_count(p, "parent-cid", true, parent_id);
    s = s ? s : ip_unique_id(p, id, &p->image->unique_id);
    if (s != IMGPROBE_OK)
        return s;
    if (name.length != 0) {
        s = ip_unique_id(p, parent_id, &p->image->parent_unique_id);
        return s ? s : ip_vmdk_refer_to_parent(p, name, name_offset, false);
    }
    if (parent_id != NO_PARENT)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "parentFileNameHint", offset,
                            "parentCID says that there is a parent, and none is named");
    return name.bytes
               ? ip_finding(p, FOUND_BACKING_NAME_EMPTY, name_offset, "the parent's name is empty, so there is none")
               : IMGPROBE_OK;
}
