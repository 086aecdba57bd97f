/* SPDX-License-Identifier: MIT */
/* The header extensions of qcow2, in the area behind the header: QEMU docs/interop/qcow2.txt, "Header extensions".
 * They are read in the order and by the rules of qcow2_read_extensions. */
#include "qcow2.h"

/* Detection has read the first chunk. With one more, a well-formed image still costs 8 KiB at most. */
#define FIRST_CHUNK UINT64_C(4096)
#define CHUNK UINT64_C(1904)
#define ALL32 UINT64_C(0xffffffff)
/* BDRVQcow2State's ceilings of a bitmap directory: 65,535 bitmaps, each with an entry of at most 1,024 bytes. */
#define MOST_BITMAPS UINT64_C(65535)
#define MOST_DIRECTORY UINT64_C(67107840)

struct extension {
    uint64_t type, length;
};
struct crypto_header {
    uint64_t offset, length;
};
struct bitmaps {
    uint64_t count, reserved, directory_size, directory_offset;
};
struct reading {
    struct probe *p;
    const struct qcow2 *h;
    struct qcow2_extensions *e;
};

/* clang-format off */
static const struct field extension_header[] = {
    FIELD(struct extension, 0, U32BE, type,   0, IP_ANY, MALFORMED),
    FIELD(struct extension, 4, U32BE, length, 0, IP_ANY, MALFORMED), /* and the area */
};
static const struct field crypto_rows[] = {
    FIELD(struct crypto_header, 0, U64BE, offset, 0, INT64_MAX, MALFORMED),
    FIELD(struct crypto_header, 8, U64BE, length, 0, IP_ANY,    MALFORMED),
};
static const struct field bitmap_rows[] = {
    FIELD(struct bitmaps,  0, U32BE, count,            1, MOST_BITMAPS,   MALFORMED),
    FIELD(struct bitmaps,  4, U32BE, reserved,         0, 0,              UNSUPPORTED),
    FIELD(struct bitmaps,  8, U64BE, directory_size,   0, MOST_DIRECTORY, MALFORMED),
    FIELD(struct bitmaps, 16, U64BE, directory_offset, 0, INT64_MAX,      MALFORMED),
};
/* clang-format on */
#define LENGTH_AT IP_ROW(extension_header, struct extension, length)->offset

static enum imgprobe_status backing_format(struct reading *r, uint64_t at, uint64_t length)
{
    struct imgprobe_bytes before = r->e->backing_word;
    enum imgprobe_status s = ip_bytes(r->p, "backing format name", at, length, &r->e->backing_word);

    r->e->disagree = r->e->disagree || (before.bytes && !ip_same(before, r->e->backing_word));
    r->e->backing_format = ip_cut(r->e->backing_word);
    return s;
}

static enum imgprobe_status data_file(struct reading *r, uint64_t at, uint64_t length)
{
    struct imgprobe_bytes before = r->e->data_file;
    enum imgprobe_status s = ip_bytes(r->p, "external data file name", at, length, &r->e->data_file);

    if (s != IMGPROBE_OK)
        return s;
    r->e->disagree = r->e->disagree || (before.bytes && !ip_same(before, r->e->data_file));
    r->e->data_file_offset = at;
    return s;
}

static enum imgprobe_status crypto_header(struct reading *r, uint64_t at, uint64_t length)
{
    struct crypto_header c = {0};
    enum imgprobe_status s = ip_decode(r->p, at, crypto_rows, IP_COUNT(crypto_rows), &c);

    (void)length;
    if (s != IMGPROBE_OK)
        return s;
    if (r->h->crypt_method != QCOW2_CRYPT_LUKS)
        return ip_fail_what(r->p, IMGPROBE_MALFORMED, "full disk encryption header pointer", at,
                            "goes with crypt_method 2 only");
    if (c.offset % r->h->cluster_size != 0)
        return ip_fail_what(r->p, IMGPROBE_MALFORMED, "full disk encryption header offset", at,
                            "isn't a multiple of the cluster size");
    r->e->crypto_header = true;
    return ip_count(r->p, "encryption-header-offset", false, c.offset);
}

/* Without its autoclear bit the extension is stale, and no reader looks at what it says. */
static enum imgprobe_status bitmaps(struct reading *r, uint64_t at, uint64_t length)
{
    struct bitmaps b = {0};
    enum imgprobe_status s;

    (void)length;
    if (!(r->h->autoclear_features & QCOW2_AUTOCLEAR_BITMAPS))
        return IMGPROBE_OK;
    s = ip_decode(r->p, at, bitmap_rows, IP_COUNT(bitmap_rows), &b);
    if (s == IMGPROBE_OK && b.directory_offset % r->h->cluster_size != 0)
        return ip_fail_what(r->p, IMGPROBE_MALFORMED, "bitmap_directory_offset",
                            at + IP_ROW(bitmap_rows, struct bitmaps, directory_offset)->offset,
                            "isn't a multiple of the cluster size");
    s = s ? s : ip_count(r->p, "bitmaps", false, b.count);
    return s ? s : ip_count(r->p, "bitmaps-offset", false, b.directory_offset);
}

static const struct {
    uint64_t type;
    const char *name;
    uint64_t least, most; /* length of the data */
    enum imgprobe_status (*take)(struct reading *r, uint64_t at, uint64_t length);
} extensions[] = {
    /* clang-format off */
    {0xe2792aca, "backing format name length",         0, 15,    backing_format},
    {0x44415441, "external data file name length",     0, ALL32, data_file},
    {0x0537be77, "full disk encryption header length", 16, 16,   crypto_header},
    {0x23852875, "bitmaps extension length",           24, 24,   bitmaps},
    {0x6803f857, "feature name table length",          0, ALL32, NULL}, /* words for an error that we word ourselves */
    /* clang-format on */
};

static enum imgprobe_status take(struct reading *r, const struct extension *x, uint64_t at)
{
    size_t i;

    for (i = 0; i < IP_COUNT(extensions); i++) {
        if (extensions[i].type != x->type)
            continue;
        if (x->length < extensions[i].least || x->length > extensions[i].most)
            return ip_fail(r->p, IMGPROBE_MALFORMED, extensions[i].name, at + LENGTH_AT, x->length,
                           extensions[i].least, extensions[i].most);
        return extensions[i].take ? extensions[i].take(r, at + 8, x->length) : IMGPROBE_OK;
    }
    return IMGPROBE_OK; /* unknown ones are for others, by the specification */
}

/* Many small extensions are read a chunk at a time, so that their number doesn't become the number of reads. */
static enum imgprobe_status read_chunk(const struct reading *r, uint64_t at, uint64_t end)
{
    uint64_t chunk = at < FIRST_CHUNK ? 0 : at - (at - FIRST_CHUNK) % CHUNK;
    uint64_t next = chunk + (chunk == 0 ? FIRST_CHUNK : CHUNK);
    struct imgprobe_bytes bytes;

    if (at >= end)
        return IMGPROBE_OK;
    if (next > r->h->cluster_size)
        next = r->h->cluster_size; /* not `end`: the backing name may follow */
    return ip_bytes_come(r->p, chunk, next - chunk, &bytes);
}

static enum imgprobe_status read_area(struct reading *r, uint64_t at, uint64_t end)
{
    enum imgprobe_status s = read_chunk(r, at, end);
    uint64_t count = 0;

    while (at < end) {
        struct extension x = {0};
        uint64_t next;

        s = s ? s : ip_decode(r->p, at, extension_header, IP_COUNT(extension_header), &x);
        if (s != IMGPROBE_OK)
            return s;
        if (end - at < 8 || x.length > end - at - 8)
            return ip_fail(r->p, IMGPROBE_MALFORMED, "header extension length", at + LENGTH_AT, x.length, 0,
                           end - at < 8 ? 0 : end - at - 8);
        r->e->ended = x.type == 0;
        if (r->e->ended)
            return IMGPROBE_OK;
        if (++count > r->p->limits.header_extensions)
            return ip_fail(r->p, IMGPROBE_LIMIT, "header_extensions", at, count, 0, r->p->limits.header_extensions);
        next = at + 8 + (x.length + 7) / 8 * 8;
        /* Before the data, so that a name's last bytes aren't a read of their own. */
        s = read_chunk(r, next, end);
        s = s ? s : take(r, &x, at);
        at = next;
    }
    return s;
}

enum imgprobe_status ip_qcow2_extensions(struct probe *p, const struct qcow2 *h, struct qcow2_extensions *ret)
{
    struct reading r = {p, h, ret};
    uint64_t end = h->backing_file_offset != 0 ? h->backing_file_offset : h->cluster_size;
    enum imgprobe_status s;

    if (h->version == 2 && p->reader == IMGPROBE_READER_IMAGO)
        return IMGPROBE_OK; /* it knows them in version 3 alone */
    s = read_area(&r, h->header_length, end);
    if (s == IMGPROBE_OK && h->crypt_method == QCOW2_CRYPT_LUKS && !ret->crypto_header)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "full disk encryption header pointer",
                            QCOW2_V2(crypt_method)->offset, "crypt_method 2 wants one and there is none");
    return s;
}
