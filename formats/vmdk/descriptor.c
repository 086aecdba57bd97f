/* SPDX-License-Identifier: MIT */
/*
 * VMDK's text descriptor, read as QEMU reads it (vmdk_probe, vmdk_parse_description): a key is the first occurrence
 * of its bytes, wherever that is, and its value starts two bytes behind it.
 */
#include "vmdk.h"

#define PROBE_LENGTH 512
#define MOST_TEXT UINT64_C(1048575) /* what QEMU reads of a descriptor */
#define MOST_TYPE 127
#define FIRST_CHUNK UINT64_C(4096)

/* QEMU opens those with `opened`; the others are listed so that the answer can name them. */
static const struct {
    const char *name;
    bool opened;
} create_types[] = {
    {"monolithicFlat", true},
    {"twoGbMaxExtentSparse", true},
    {"twoGbMaxExtentFlat", true},
    {"vmfs", true},
    {"vmfsSparse", true},
    {"seSparse", true},
    {"monolithicSparse", false},
    {"streamOptimized", false},
    {"2GbMaxExtentSparse", false},
    {"2GbMaxExtentFlat", false},
    {"vmfsThin", false},
    {"vmfsPreallocated", false},
    {"vmfsEagerZeroedThick", false},
    {"fullDevice", false},
    {"partitionedDevice", false},
    {"vmfsRaw", false},
    {"vmfsRDM", false},
    {"vmfsRDMP", false},
    {"vmfsPassthroughRawDeviceMap", false},
    {"custom", false},
};

/* The first line that is neither a comment nor blanks must be the version, ended by LF or CR LF. */
static bool version_line(struct imgprobe_bytes text, size_t i)
{
    struct imgprobe_bytes key = ip_part(text, i, 8);
    unsigned char digit = ip_vmdk_at(text, i + 8);

    if (!key.bytes || !ip_equal(key, "version=") || digit < '1' || digit > '3')
        return false;
    return ip_vmdk_at(text, i + 9) == '\n' || (ip_vmdk_at(text, i + 9) == '\r' && ip_vmdk_at(text, i + 10) == '\n');
}

bool ip_vmdk_text(struct probe *p)
{
    struct imgprobe_bytes text;
    size_t i = 0;

    if (ip_bytes_up_to(p, 0, PROBE_LENGTH, &text) != IMGPROBE_OK)
        return false;
    while (ip_vmdk_at(text, i) == '#' || ip_vmdk_at(text, i) == ' ') {
        if (ip_vmdk_at(text, i) == '#') {
            i = ip_vmdk_skip_to(text, i, '\n') + 1;
            continue;
        }
        while (ip_vmdk_at(text, i) == ' ')
            i++;
        if (ip_vmdk_at(text, i) == '\r')
            i++;
        if (ip_vmdk_at(text, i++) != '\n')
            return false;
    }
    return version_line(text, i);
}

static enum imgprobe_status check_length(struct probe *p, uint64_t offset, uint64_t text, uint64_t length,
                                         uint64_t most)
{
    return text > most || (text == most && length > most)
               ? ip_fail(p, IMGPROBE_LIMIT, "descriptor_bytes", offset, length, 0, most)
               : IMGPROBE_OK;
}

/* The text ends at its first NUL. In most images a small read finds that. In others all that may count is read at
 * once. */
enum imgprobe_status ip_vmdk_read_text(struct probe *p, uint64_t offset, uint64_t length, struct vmdk_text *ret)
{
    uint64_t most = p->limits.descriptor_bytes < MOST_TEXT ? p->limits.descriptor_bytes : MOST_TEXT;
    uint64_t rest = offset < p->size ? p->size - offset : 0;
    struct imgprobe_bytes text;
    enum imgprobe_status s;

    length = length < rest ? length : rest;
    s = ip_text_come(p, offset, length < FIRST_CHUNK ? length : FIRST_CHUNK, &text, &ret->more);
    if (s == IMGPROBE_OK && ip_cut(text).length == FIRST_CHUNK)
        s = ip_text_come(p, offset, length < most ? length : most, &text, &ret->more);
    if (s != IMGPROBE_OK)
        return s;
    ret->bytes = ip_cut(text);
    return ret->more ? IMGPROBE_OK : check_length(p, offset, ret->bytes.length, length, most);
}

/* Of a text that goes on there may be none yet: *ret then stays none. */
static enum imgprobe_status create_type(struct probe *p, const struct vmdk_text *all, uint64_t offset,
                                        struct imgprobe_bytes *ret, uint64_t *ret_offset)
{
    struct imgprobe_bytes text = all->bytes;
    size_t key, start, end;

    if (!ip_find(text, "createType", &key) && all->more)
        return IMGPROBE_OK;
    if (!ip_find(text, "createType", &key))
        return ip_fail_what(p, IMGPROBE_MALFORMED, "createType", offset, "the descriptor has none");
    start = key + sizeof "createType" - 1 + 2;
    end = ip_vmdk_skip_to(text, start, '"');
    if (end >= text.length && all->more)
        return IMGPROBE_OK;
    if (end >= text.length)
        return ip_fail_what(p, offset + text.length == p->size ? IMGPROBE_TRUNCATED : IMGPROBE_MALFORMED,
                            "createType", offset + key, "its value has no end");
    if (end - start > MOST_TYPE)
        return ip_fail(p, IMGPROBE_MALFORMED, "createType length", offset + key, end - start, 0, MOST_TYPE);
    *ret = ip_part(text, start, end - start);
    *ret_offset = offset + key;
    return IMGPROBE_OK;
}

/* A text whose last line has no end may have been cut there. It is taken when that can't be the beginning of a line
 * that names a file: what closes its quotes, or a key with a value. Nor are comments excepted: QEMU reads keys there.
 */
static bool last_line_whole(struct imgprobe_bytes text)
{
    size_t i = text.length, quotes = 0;
    bool value = false;

    while (i > 0 && text.bytes[i - 1] != '\n') {
        i--;
        quotes += text.bytes[i] == '"';
        value = value || (text.bytes[i] == '=' && ip_vmdk_skip_blanks(text, i + 1) < text.length);
    }
    if (ip_vmdk_skip_blanks(text, i) >= text.length)
        return true;
    return quotes % 2 == 0 && (value || quotes > 0);
}

enum imgprobe_status ip_vmdk_await(struct probe *p, uint64_t offset, const struct vmdk_text *text)
{
    return ip_fail(p, IMGPROBE_NEED, "descriptor", offset, IMGPROBE_UNKNOWN, text->bytes.length + 1,
                   IMGPROBE_UNKNOWN);
}

enum imgprobe_status ip_vmdk_disk(struct probe *p, uint64_t offset)
{
    struct imgprobe_bytes type = {NULL, 0};
    struct vmdk_text text;
    uint64_t type_offset = offset;
    bool opened = false;
    size_t i;
    enum imgprobe_status s = ip_vmdk_read_text(p, offset, UINT64_MAX, &text);

    s = s ? s : create_type(p, &text, offset, &type, &type_offset);
    if (s != IMGPROBE_OK)
        return s;
    for (i = 0; i < IP_COUNT(create_types); i++)
        if (ip_equal(type, create_types[i].name)) {
            p->image->variant = create_types[i].name;
            opened = create_types[i].opened;
        }
    s = ip_vmdk_extents(p, &text, offset, opened);
    if (s != IMGPROBE_OK)
        return s;
    if (offset + text.bytes.length == p->size && !last_line_whole(text.bytes))
        return ip_fail_what(p, IMGPROBE_TRUNCATED, "descriptor", p->size, "the text ends inside a line");
    if (text.more && !type.bytes)
        return ip_vmdk_await(p, offset, &text);
    if (!opened)
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "createType", type_offset,
                            "a kind of disk that QEMU doesn't open");
    p->image->size_from_extents = true;
    if (p->role != IMGPROBE_ROLE_EXTENT)
        s = ip_text(p, "create-type", true, type);
    return s || !text.more ? s : ip_vmdk_await(p, offset, &text);
}
