/* SPDX-License-Identifier: MIT */
/*
 * Small valid images that say what a test wants them to say. What a builder returns is the caller's to free; one that
 * can't hold what it is asked for ends the program.
 */
#ifndef BUILD_IMAGE_H
#define BUILD_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct build {
    unsigned char *bytes;
    size_t size;
};

static inline struct build build_raw(size_t size)
{
    struct build b = {calloc(1, size + 1), size};

    if (!b.bytes)
        abort();
    return b;
}

static inline void build_bytes(struct build b, size_t at, const void *bytes, size_t length)
{
    if (at > b.size || length > b.size - at)
        abort();
    if (length != 0)
        memcpy(b.bytes + at, bytes, length);
}

static inline void build_text(struct build b, size_t at, const char *text)
{
    build_bytes(b, at, text, strlen(text));
}

static inline void build_big(struct build b, size_t at, size_t width, uint64_t number)
{
    while (width-- > 0) {
        unsigned char byte = number & 0xff;

        build_bytes(b, at + width, &byte, 1);
        number >>= 8;
    }
}

static inline void build_little(struct build b, size_t at, size_t width, uint64_t number)
{
    for (; width > 0; width--, at++, number >>= 8) {
        unsigned char byte = number & 0xff;

        build_bytes(b, at, &byte, 1);
    }
}

/* qcow2 version 3: the header's cluster, one for the refcount table, one for the L1 table. */
struct build_qcow2 {
    const char *backing, *format, *data_file;
    size_t backing_length;     /* 0: up to the NUL */
    uint64_t size;             /* 0: 1 MiB */
    uint64_t cluster_bits;     /* 0: 12 */
    unsigned extensions;       /* further ones, of an unknown type */
    uint32_t extension_length; /* of each of those */
};

static inline size_t build_qcow2_extension(struct build b, size_t at, uint32_t type, const char *data, size_t length)
{
    build_big(b, at, 4, type);
    build_big(b, at + 4, 4, length);
    if (data)
        build_bytes(b, at + 8, data, length);
    return at + 8 + (length + 7) / 8 * 8;
}

static inline struct build build_qcow2(const struct build_qcow2 *q)
{
    uint64_t bits = q->cluster_bits ? q->cluster_bits : 12;
    size_t cluster = (size_t)1 << bits, at = 104, length;
    struct build b = build_raw(3 * cluster);
    unsigned i;

    build_text(b, 0, "QFI\xfb");
    build_big(b, 4, 4, 3);
    build_big(b, 20, 4, bits);
    build_big(b, 24, 8, q->size ? q->size : 1048576);
    build_big(b, 36, 4, 1);
    build_big(b, 40, 8, 2 * cluster);
    build_big(b, 48, 8, cluster);
    build_big(b, 56, 4, 1);
    build_big(b, 72, 8, q->data_file ? 4 : 0);
    build_big(b, 96, 4, 4);
    build_big(b, 100, 4, 104);
    if (q->format)
        at = build_qcow2_extension(b, at, 0xe2792aca, q->format, strlen(q->format));
    if (q->data_file)
        at = build_qcow2_extension(b, at, 0x44415441, q->data_file, strlen(q->data_file));
    for (i = 0; i < q->extensions; i++)
        at = build_qcow2_extension(b, at, 0x12345678, NULL, q->extension_length);
    at += 8;
    if (q->backing) {
        length = q->backing_length ? q->backing_length : strlen(q->backing);
        build_big(b, 8, 8, at);
        build_big(b, 16, 4, length);
        build_bytes(b, at, q->backing, length);
    }
    return b;
}

/* A VMDK's descriptor; `lines` are its extents. */
struct build_vmdk {
    const char *lines, *parent;
    uint32_t id, parent_id; /* 0: none, all ones */
    const char *type;       /* NULL: twoGbMaxExtentFlat */
};

static inline struct build build_vmdk(const struct build_vmdk *v)
{
    size_t room = strlen(v->lines) + (v->parent ? strlen(v->parent) : 0) + 256;
    struct build b = build_raw(room);
    int length = snprintf((char *)b.bytes, room,
                          "# Disk DescriptorFile\nversion=1\nCID=%08x\nparentCID=%08x\ncreateType=\"%s\"\n%s%s%s%s",
                          v->id, v->parent_id ? v->parent_id : 0xffffffff, v->type ? v->type : "twoGbMaxExtentFlat",
                          v->parent ? "parentFileNameHint=\"" : "", v->parent ? v->parent : "",
                          v->parent ? "\"\n" : "", v->lines);

    if (length < 0 || (size_t)length >= room)
        abort();
    b.size = (size_t)length;
    return b;
}

/* VMDK's hosted sparse extent of `sectors`, around the descriptor if there is one, which is freed; its last sector is
 * the grain directory. */
static inline struct build build_sparse(uint64_t sectors, struct build descriptor)
{
    size_t text = descriptor.bytes ? 20 : 0; /* in sectors, as the rest */
    struct build b = build_raw(512 * (1 + text + 1));

    build_text(b, 0, "KDMV");
    build_little(b, 4, 4, 1);
    build_little(b, 12, 8, sectors);
    build_little(b, 20, 8, 128);
    build_little(b, 28, 8, text ? 1 : 0);
    build_little(b, 36, 8, text);
    build_little(b, 44, 4, 512);
    build_little(b, 56, 8, 1 + text);
    build_little(b, 64, 8, 1 + text + 1);
    build_bytes(b, 512, descriptor.bytes, descriptor.size);
    free(descriptor.bytes);
    return b;
}

/* VMDK's seSparse extent of `sectors`: header, volatile header, grain directory. */
static inline struct build build_sesparse(uint64_t sectors)
{
    struct build b = build_raw(512 * 3);

    build_little(b, 0, 8, 0xcafebabe);
    build_little(b, 8, 8, UINT64_C(0x200000001));
    build_little(b, 16, 8, sectors);
    build_little(b, 24, 8, 8);
    build_little(b, 32, 8, 64);
    build_little(b, 80, 8, 1);
    build_little(b, 128, 8, 2);
    build_little(b, 136, 8, 1);
    build_little(b, 512, 8, 0xcafecafe);
    return b;
}

enum { BUILD_FIXED = 2, BUILD_DYNAMIC = 3, BUILD_DIFFERENCING = 4 };

/* VHD of 1 MiB. Names are ASCII; NULL for none. */
struct build_vhd {
    unsigned type;               /* 0: dynamic */
    unsigned char id, parent_id; /* each byte of it */
    const char *relative, *absolute, *header, *url;
};

static inline void build_checksum(struct build b, size_t at, size_t length, size_t field)
{
    uint32_t sum = 0;
    size_t i;

    build_big(b, at + field, 4, 0);
    for (i = 0; i < length; i++)
        sum += b.bytes[at + i];
    build_big(b, at + field, 4, ~sum);
}

static inline void build_vhd_footer(struct build b, size_t at, unsigned type, unsigned char id)
{
    unsigned char unique[16];

    memset(unique, id, sizeof unique);
    build_text(b, at, "conectix");
    build_big(b, at + 12, 4, 0x10000);
    build_big(b, at + 16, 8, type == BUILD_FIXED ? UINT64_MAX : 512);
    build_text(b, at + 28, "qem2");
    build_big(b, at + 48, 8, 1048576);
    build_big(b, at + 60, 4, type);
    build_bytes(b, at + 68, unique, sizeof unique);
    build_checksum(b, at, 512, 64);
}

/* Locator `slot`, whose data stand at 2048 + 512 * slot. */
static inline void build_vhd_locator(struct build b, unsigned slot, const char *code, const char *name, bool wide)
{
    size_t at = 512 + 576 + slot * 24, data = 2048 + 512 * slot, i;

    if (!name)
        return;
    build_text(b, at, code);
    build_big(b, at + 4, 4, 512);
    build_big(b, at + 8, 4, strlen(name) * (wide ? 2 : 1));
    build_big(b, at + 16, 8, data);
    for (i = 0; name[i] != '\0'; i++)
        build_bytes(b, data + i * (wide ? 2 : 1), &name[i], 1);
}

static inline struct build build_vhd(const struct build_vhd *v)
{
    unsigned type = v->type ? v->type : BUILD_DYNAMIC;
    struct build b = build_raw(type == BUILD_FIXED ? 1048576 + 512 : 4096);
    size_t i;

    build_vhd_footer(b, b.size - 512, type, v->id);
    if (type == BUILD_FIXED)
        return b;
    build_vhd_footer(b, 0, type, v->id);
    build_text(b, 512, "cxsparse");
    build_big(b, 512 + 16, 8, 1536);
    build_big(b, 512 + 24, 4, 0x10000);
    build_big(b, 512 + 28, 4, 1);
    build_big(b, 512 + 32, 4, 0x200000);
    memset(b.bytes + 512 + 40, v->parent_id, 16);
    for (i = 0; v->header && v->header[i] != '\0'; i++)
        build_big(b, 512 + 64 + 2 * i, 2, (unsigned char)v->header[i]);
    build_vhd_locator(b, 0, "W2ru", v->relative, true);
    build_vhd_locator(b, 1, "W2ku", v->absolute, true);
    build_vhd_locator(b, 2, "MacX", v->url, false);
    build_checksum(b, 512, 1024, 36);
    return b;
}

#endif
