/* SPDX-License-Identifier: MIT */
/* Which of the two headers of a VHDX decides: MS-VHDX section 2.2.2 "Headers", and QEMU's vhdx_parse_header. */
#include "vhdx.h"

#define HEADER_LENGTH 4096
#define HEAD 0x64616568 /* "head" */
#define MIB 1048576

struct header {
    uint64_t signature, checksum, sequence, log_guid_low, log_guid_high, log_version, version, log_length, log_offset;
};

/* clang-format off */
#define H(...) FIELD(struct header, __VA_ARGS__)
static const struct field header_rows[] = {
    /* at  type   name           least most       otherwise */
    H(  0, U32LE, signature,         0, IP_ANY,    MALFORMED), /* a header without "head" counts for nothing */
    H(  4, U32LE, checksum,          0, IP_ANY,    MALFORMED), /* nor does one whose CRC-32C of 4 KiB doesn't hold */
    H(  8, U64LE, sequence,          0, IP_ANY,    MALFORMED),
    H( 48, U64LE, log_guid_low,      0, IP_ANY,    MALFORMED),
    H( 56, U64LE, log_guid_high,     0, IP_ANY,    MALFORMED),
    H( 64, U16LE, log_version,       0, 0,         UNSUPPORTED),
    H( 66, U16LE, version,           1, 1,         UNSUPPORTED),
    H( 68, U32LE, log_length,        0, IP_ANY,    MALFORMED),
    H( 72, U64LE, log_offset,      MIB, INT64_MAX, MALFORMED), /* a multiple of 1 MiB */
};
/* clang-format on */
#define ROW(name) IP_ROW(header_rows, struct header, name)

static bool is_valid(struct imgprobe_bytes header)
{
    return ip_row_number(header, ROW(signature)) == HEAD &&
           ip_row_number(header, ROW(checksum)) == ip_crc32c(header, ROW(checksum)->offset);
}

/* Of two valid headers the one with the higher sequence number decides. A header that isn't valid counts for nothing:
 * neither its number nor its log. Where a writer was interrupted, that's how the older one comes to its right. */
static enum imgprobe_status choose(struct probe *p, uint64_t *ret)
{
    static const uint64_t places[] = {65536, 131072};
    struct imgprobe_bytes first, second;
    bool counts, second_counts;
    uint64_t number, second_number;
    enum imgprobe_status s = ip_bytes(p, "header", places[0], HEADER_LENGTH, &first);

    s = s ? s : ip_bytes(p, "header", places[1], HEADER_LENGTH, &second);
    if (s != IMGPROBE_OK)
        return s;
    counts = is_valid(first);
    second_counts = is_valid(second);
    number = ip_row_number(first, ROW(sequence));
    second_number = ip_row_number(second, ROW(sequence));
    if (!counts && !second_counts)
        return ip_fail_what(p, IMGPROBE_MALFORMED, "header", places[0],
                            "neither copy has a signature and a checksum that hold");
    if (counts && second_counts && number == second_number && !ip_same(first, second))
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, ROW(sequence), places[1],
                                "both headers have it, and they differ");
    *ret = !counts || (second_counts && second_number > number) ? places[1] : places[0];
    return IMGPROBE_OK;
}

/* The log lies where QEMU asks for it even if it's empty. One that isn't empty may change whatever we read. */
enum imgprobe_status ip_vhdx_header(struct probe *p, struct vhdx_region *ret_log)
{
    struct header h = {0};
    uint64_t at = 0;
    enum imgprobe_status s = choose(p, &at);

    s = s ? s : ip_decode(p, at, header_rows, IP_COUNT(header_rows), &h);
    if (s != IMGPROBE_OK)
        return s;
    if (h.log_guid_low != 0 || h.log_guid_high != 0)
        return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "log", at, "it has to be replayed before anything counts");
    if (h.log_offset % MIB != 0)
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, ROW(log_offset), at, "isn't a multiple of 1 MiB");
    *ret_log = (struct vhdx_region){h.log_offset, h.log_length, at};
    return IMGPROBE_OK;
}
