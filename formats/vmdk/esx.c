/* SPDX-License-Identifier: MIT */
/* VMDK's extents of ESX: "COWD" ("Virtual Disk Format 5.0", "ESX Server Sparse Extents") and seSparse. What a valid
 * one may hold, by QEMU's vmdk_open_vmfs_sparse and vmdk_open_se_sparse. */
#include "vmdk.h"

#define MOST_GRAIN 0x200000
#define MOST_DIRECTORY UINT64_C(33554432)
#define COWD_LENGTH 2048
#define COWD_ROOT 1 /* flag: the bytes at 32 are a geometry; else they name a parent */
#define COWD_PARENT 32
#define COWD_PARENT_LENGTH 1024
#define CONST_MAGIC UINT64_C(0xcafebabe)
#define CONST_VERSION UINT64_C(0x0000000200000001)
#define VOLATILE_MAGIC UINT64_C(0xcafecafe)

struct cowd {
    uint64_t flags, capacity, grain_size, directory_offset, directory_entries;
};
struct sesparse {
    uint64_t magic, version, capacity, grain_size, grain_table_size, flags, reserved;
    uint64_t volatile_header_offset, grain_directory_offset, grain_directory_size;
};
struct volatile_header {
    uint64_t magic, replay_journal;
};

/* clang-format off */
#define C(...) FIELD(struct cowd, __VA_ARGS__)
static const struct field cowd_rows[] = {
    /* at   type   name                   least           most               otherwise; places in sectors */
    C(  8, U32LE, flags,                  0,              IP_ANY,            MALFORMED),
    C( 12, U32LE, capacity,               0,              IP_ANY,            MALFORMED),
    C( 16, U32LE, grain_size,             1,              MOST_GRAIN,        MALFORMED),
    C( 20, U32LE, directory_offset,       0,              IP_ANY,            MALFORMED), /* and the file */
    C( 24, U32LE, directory_entries,      0,              MOST_DIRECTORY,    MALFORMED),
};
#define S(...) FIELD(struct sesparse, __VA_ARGS__)
static const struct field sesparse_rows[] = {
    S(  0, U64LE, magic,                  CONST_MAGIC,    CONST_MAGIC,       MALFORMED),
    S(  8, U64LE, version,                CONST_VERSION,  CONST_VERSION,     UNSUPPORTED),
    S( 16, U64LE, capacity,               0,              VMDK_MOST_SECTORS, MALFORMED),
    S( 24, U64LE, grain_size,             8,              8,                 UNSUPPORTED),
    S( 32, U64LE, grain_table_size,       64,             64,                UNSUPPORTED),
    S( 40, U64LE, flags,                  0,              0,                 UNSUPPORTED),
    S( 48, U64LE, reserved,               0,              0,                 UNSUPPORTED),
    S( 56, U64LE, reserved,               0,              0,                 UNSUPPORTED),
    S( 64, U64LE, reserved,               0,              0,                 UNSUPPORTED),
    S( 72, U64LE, reserved,               0,              0,                 UNSUPPORTED),
    S( 80, U64LE, volatile_header_offset, 0,              VMDK_MOST_SECTORS, MALFORMED),
    S(128, U64LE, grain_directory_offset, 0,              VMDK_MOST_SECTORS, MALFORMED),
    S(136, U64LE, grain_directory_size,   0,              MOST_DIRECTORY / 64, MALFORMED),
};
#define V(...) FIELD(struct volatile_header, __VA_ARGS__)
static const struct field volatile_rows[] = {
    V(  0, U64LE, magic,                  VOLATILE_MAGIC, VOLATILE_MAGIC,    MALFORMED),
    V( 24, U64LE, replay_journal,         0,              0,                 UNSUPPORTED),
};
/* clang-format on */

/* A child names its parent here, and no reader is known to open that. ESX goes by the descriptor. */
static enum imgprobe_status refer_to_parent(struct probe *p, const struct cowd *h, struct imgprobe_bytes header)
{
    struct imgprobe_bytes name = ip_cut(ip_part(header, COWD_PARENT, COWD_PARENT_LENGTH));
    struct imgprobe_reference *r;
    enum imgprobe_status s;

    if (h->flags & COWD_ROOT || name.length == 0)
        return IMGPROBE_OK;
    s = ip_reference(p, IMGPROBE_ROLE_BACKING, name, COWD_PARENT, &r);
    if (s != IMGPROBE_OK)
        return s;
    ip_imply(r, "vmdk");
    ip_ignore(r, "QEMU looks for no parent of a COWD extent: the guest would read zeros");
    return IMGPROBE_OK;
}

enum imgprobe_status ip_vmdk_cowd(struct probe *p)
{
    struct cowd h = {0};
    struct imgprobe_bytes header;
    uint64_t end;
    enum imgprobe_status s = ip_decode(p, 0, cowd_rows, IP_COUNT(cowd_rows), &h);

    s = s ? s : ip_bytes(p, "header", 0, COWD_LENGTH, &header);
    if (s != IMGPROBE_OK)
        return s;
    end = h.directory_offset * IP_SECTOR + h.directory_entries * 4; /* 32 bits each */
    if (end > p->size)
        return ip_fail(p, IMGPROBE_TRUNCATED, "grain directory",
                       IP_ROW(cowd_rows, struct cowd, directory_offset)->offset, p->size, end, IMGPROBE_UNKNOWN);
    p->image->variant = "vmfsSparse";
    p->image->virtual_size = h.capacity * IP_SECTOR;
    p->image->cluster_size = h.grain_size * IP_SECTOR;
    s = refer_to_parent(p, &h, header);
    if (s != IMGPROBE_OK || p->role == IMGPROBE_ROLE_EXTENT)
        return s;
    s = ip_vmdk_described(p);
    s = s ? s : ip_word(p, "create-type", true, "");
    return s ? s : ip_vmdk_link(p, IP_SECTOR);
}

static enum imgprobe_status check_zero(struct probe *p, const char *field, uint64_t offset, uint64_t length)
{
    struct imgprobe_bytes bytes;
    size_t i;
    enum imgprobe_status s = ip_bytes(p, field, offset, length, &bytes);

    for (i = 0; s == IMGPROBE_OK && i < bytes.length; i++)
        if (ip_number(bytes, i, IP_U8) != 0)
            return ip_fail(p, IMGPROBE_UNSUPPORTED, field, offset + i, ip_number(bytes, i, IP_U8), 0, 0);
    return s;
}

enum imgprobe_status ip_vmdk_sesparse(struct probe *p)
{
    struct sesparse h = {0};
    struct volatile_header v = {0};
    struct imgprobe_bytes whole;
    uint64_t at, end;
    enum imgprobe_status s = ip_decode(p, 0, sesparse_rows, IP_COUNT(sesparse_rows), &h);

    s = s ? s : check_zero(p, "padding", 208, IP_SECTOR - 208);
    if (s != IMGPROBE_OK)
        return s;
    at = h.volatile_header_offset * IP_SECTOR; /* fits, by its row */
    end = (h.grain_directory_offset + h.grain_directory_size) * IP_SECTOR;
    s = ip_bytes(p, "volatile header", at, IP_SECTOR, &whole);
    s = s ? s : check_zero(p, "volatile header padding", at + 32, IP_SECTOR - 32);
    s = s ? s : ip_decode(p, at, volatile_rows, IP_COUNT(volatile_rows), &v);
    if (s == IMGPROBE_OK && end > p->size)
        s = ip_fail(p, IMGPROBE_TRUNCATED, "grain directory",
                    IP_ROW(sesparse_rows, struct sesparse, grain_directory_offset)->offset, p->size, end,
                    IMGPROBE_UNKNOWN);
    if (s != IMGPROBE_OK)
        return s;
    p->image->variant = "seSparse";
    p->image->virtual_size = h.capacity * IP_SECTOR;
    p->image->cluster_size = h.grain_size * IP_SECTOR;
    p->image->read_only = true;
    return IMGPROBE_OK;
}
