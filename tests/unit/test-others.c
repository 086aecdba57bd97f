/* SPDX-License-Identifier: MIT */
/* The formats of one file each that fit few rows: qcow 1, QED, VDI, Parallels, Bochs, cloop, dmg. */
#include "probe-loops.h"

#define MIB (UINT64_C(1) << 20)
#define MOST_SIZE UINT64_C(0x7fffffffc0000000)
#define MALFORMED_AT(field, at, found, least, most) FAILS(MALFORMED, field, at, found, least, most)
#define CUT_OFF(field, at, length, least) .size = (length), FAILS(TRUNCATED, field, at, length, least, UNKNOWN)

static const struct base raw = {
    .size = MIB,
    .format = "raw",
    .virtual_size = MIB,
};

/* ---- qcow ---- */

static const struct base qcow = {
    .patches = {TEXT(0, "QFI\xfb\0\0\0\1"), BE64(24, 64 * MIB), BYTE(32, 12), BYTE(33, 9), BE64(40, 512)},
    .size = 768,
    .whole = 768,
    .magic = 8,
    .format = "qcow",
    .virtual_size = 64 * MIB,
    .cluster_size = 4096,
};
#define BACKED(at, length, name) BE64(8, at), BE32(16, length), TEXT(at, name)

static const struct probe_case qcow_cases[] = {
    {"qcow of 64 MiB refers to nothing", &qcow, .format = NULL},
    {"qcow, pinned", &qcow, .format = "qcow"},
    {"qcow with a backing file", &qcow, WITH(BACKED(48, 4, "base")), REFERS({NAMED(BACKING, "base", 48)})},
    {"qcow whose backing file's name is cut at a NUL", &qcow, WITH(BACKED(48, 8, "base\0xyz")),
     REFERS({NAMED(BACKING, "base\0xyz", 48), CUT(4)})},
    {"qcow with the longest name", &qcow, WITH(BE64(8, 768), BE32(16, 1023), REPEAT(768, 1023, "n")), .size = 1791,
     .whole = 1791, REFERS({REPEATED(BACKING, "n", 1023, 768)})},
    {"qcow with a name of 1,024 bytes", &qcow, WITH(BE64(8, 768), BE32(16, 1024)), .size = 4096,
     MALFORMED_AT("backing_file_size", 16, 1024, 0, 1023)},
    {"qcow with a name of 2^32 - 1 bytes", &qcow, WITH(BE64(8, 768), BE32(16, 0xffffffff)), .size = 4096,
     MALFORMED_AT("backing_file_size", 16, 0xffffffff, 0, 1023)},
    {"qcow with a name of no bytes", &qcow, WITH(BE64(8, 48))},
    {"qcow with a name that begins with a NUL", &qcow, WITH(BACKED(48, 4, "\0ase")),
     .findings = {"backing-name-empty@48"}},
    {"qcow whose name's offset is 0", &qcow, WITH(BE32(16, 4))},
    {"qcow whose name lies far away", &qcow, WITH(BACKED(900000, 4, "base")), .size = MIB, .whole = 900004,
     REFERS({NAMED(BACKING, "base", 900000)}), MORE(1, 4)},
    {"qcow whose name lies behind the file", &qcow, WITH(BE64(8, 768), BE32(16, 4)),
     FAILS(TRUNCATED, "backing file name", 768, 768, 772, UNKNOWN)},
    {"qcow whose name lies at 2^64 - 1", &qcow, WITH(BE64(8, UINT64_MAX), BE32(16, 4)),
     FAILS(TRUNCATED, "backing file name", 768, 768, UINT64_MAX - 1, UNKNOWN)},
    {"qcow of 1 byte", &qcow, WITH(BE64(24, 1)), FAILS(MALFORMED, "size", 24, 1, 2, UNKNOWN)},
    {"qcow of 2 bytes is a disk of none", &qcow, WITH(BE64(24, 2)), .virtual_size = ZERO, .whole = 520},
    {"qcow of 1,000 bytes", &qcow, WITH(BE64(24, 1000)), .virtual_size = 512, .whole = 520},
    {"qcow of what an entry of its L1 table maps", &qcow, WITH(BE64(24, 2 * MIB)), .size = 520, .whole = 520,
     .virtual_size = 2 * MIB},
    {"qcow with the largest L1 table", &qcow, WITH(BE64(24, UINT64_C(0xfffffff) << 21)),
     FAILS(TRUNCATED, "l1_table_offset", 40, 768, 512 + UINT64_C(0xfffffff) * 8, UNKNOWN)},
    {"qcow whose L1 table would be too large", &qcow, WITH(BE64(24, (UINT64_C(0xfffffff) << 21) + 1)),
     MALFORMED_AT("size", 24, (UINT64_C(0xfffffff) << 21) + 1, 2, UINT64_C(0xfffffff) << 21)},
    {"qcow of 2^64 - 1 bytes", &qcow, WITH(BE64(24, UINT64_MAX)),
     MALFORMED_AT("size", 24, UINT64_MAX, 2, UINT64_C(0xfffffff) << 21)},
    {"qcow whose L1 table is cut", &qcow, CUT_OFF("l1_table_offset", 40, 767, 768)},
    {"qcow whose L1 table lies at 2^63", &qcow, WITH(BE64(40, UINT64_C(1) << 63)),
     MALFORMED_AT("l1_table_offset", 40, UINT64_C(1) << 63, 0, INT64_MAX)},
    {"qcow with clusters of 512 bytes", &qcow, WITH(BYTE(32, 9), BYTE(33, 12)), .cluster_size = 512},
    {"qcow with clusters of 256 bytes", &qcow, WITH(BYTE(32, 8)), MALFORMED_AT("cluster_bits", 32, 8, 9, 16)},
    {"qcow with clusters of 64 KiB", &qcow, WITH(BYTE(32, 16), BYTE(33, 6)), .cluster_size = 65536, .whole = 640},
    {"qcow with clusters of 128 KiB", &qcow, WITH(BYTE(32, 17)), MALFORMED_AT("cluster_bits", 32, 17, 9, 16)},
    {"qcow with L2 tables of 256 bytes", &qcow, WITH(BYTE(33, 5)), MALFORMED_AT("l2_bits", 33, 5, 6, 13)},
    {"qcow with L2 tables of 128 KiB", &qcow, WITH(BYTE(33, 14)), MALFORMED_AT("l2_bits", 33, 14, 6, 13)},
    {"qcow, encrypted", &qcow, WITH(BE32(36, 1)), .flags = "encrypted"},
    {"qcow with an unknown encryption", &qcow, WITH(BE32(36, 2)), FAILS(UNSUPPORTED, "crypt_method", 36, 2, 0, 1)},
};

/* ---- qed ---- */

#define QED_SIZE (5 * 65536)
static const struct base qed = {
    .patches = {TEXT(0, "QED\0"), LE32(4, 65536), LE32(8, 4), LE32(12, 1), LE64(40, 65536), LE64(48, 64 * MIB)},
    .size = QED_SIZE,
    .whole = QED_SIZE,
    .magic = 4,
    .format = "qed",
    .virtual_size = 64 * MIB,
    .cluster_size = 65536,
};
#define QED_BACKED(features, at, length, name) LE64(16, features), LE32(56, at), LE32(60, length), TEXT(at, name)

static const struct probe_case qed_cases[] = {
    {"qed of 64 MiB refers to nothing", &qed, .attributes = {"!compatible-unknown", "!autoclear-unknown"}},
    {"qed, pinned", &qed, .format = "qed"},
    {"qed with a backing file", &qed, WITH(QED_BACKED(1, 64, 4, "base")), REFERS({NAMED(BACKING, "base", 64)})},
    {"qed with a backing file that isn't probed", &qed, WITH(QED_BACKED(5, 64, 4, "base")),
     REFERS({NAMED(BACKING, "base", 64), .implied = "raw"})},
    {"qed with a name and no feature for it", &qed, WITH(QED_BACKED(4, 64, 4, "base"))},
    {"qed with a name at 2^32 - 1", &qed, WITH(LE64(16, 1), LE32(56, 0xffffffff), LE32(60, 4)),
     SAYS(MALFORMED, "backing_filename_offset", 56)},
    {"qed with a name of 2^16 + 4 bytes", &qed, WITH(QED_BACKED(1, 64, 65540, "base")),
     SAYS(MALFORMED, "backing_filename_offset", 56)},
    {"qed with a name of 2^32 - 1 bytes", &qed, WITH(QED_BACKED(1, 64, 0xffffffff, "base")),
     SAYS(MALFORMED, "backing_filename_offset", 56)},
    {"qed with a name that ends with the header", &qed, WITH(QED_BACKED(1, 65532, 4, "base")),
     REFERS({NAMED(BACKING, "base", 65532)}), MORE(1, 4)},
    {"qed with a name that reaches out of the header", &qed, WITH(QED_BACKED(1, 65533, 4, "base")),
     SAYS(MALFORMED, "backing_filename_offset", 56)},
    {"qed with a name that ends at 2^32", &qed, WITH(LE64(16, 1), LE32(56, 0xfffffff0), LE32(60, 16)),
     SAYS(MALFORMED, "backing_filename_offset", 56)},
    {"qed with the longest name", &qed, WITH(LE64(16, 1), LE32(56, 512), LE32(60, 4095), REPEAT(512, 4095, "n")),
     REFERS({REPEATED(BACKING, "n", 4095, 512)}), MORE(1, 511)},
    {"qed with a name of 4,096 bytes", &qed, WITH(LE64(16, 1), LE32(56, 512), LE32(60, 4096)),
     MALFORMED_AT("backing_filename_size", 60, 4096, 0, 4095)},
    {"qed with a name of no bytes", &qed, WITH(LE64(16, 1), LE32(56, 64)), .findings = {"backing-name-empty@64"}},
    {"qed with a name that begins with a NUL", &qed, WITH(QED_BACKED(1, 64, 4, "\0ase")),
     .findings = {"backing-name-empty@64"}},
    {"qed that needs a check", &qed, WITH(LE64(16, 2)), .flags = "dirty"},
    {"qed with an unknown feature", &qed, WITH(LE64(16, 8)), FAILS(UNSUPPORTED, "features", 16, 8, 0, 7)},
    {"qed with all features", &qed, WITH(LE64(16, UINT64_MAX)), FAILS(UNSUPPORTED, "features", 16, UINT64_MAX, 0, 7)},
    {"qed with unknown compatible features", &qed, WITH(LE64(24, 5), LE64(32, 9)),
     .attributes = {"compatible-unknown=5", "autoclear-unknown=9"}},
    {"qed with one unknown compatible feature", &qed, WITH(LE64(24, 1)),
     .attributes = {"compatible-unknown=1", "!autoclear-unknown"}},
    {"qed with one unknown autoclear feature", &qed, WITH(LE64(32, 1)),
     .attributes = {"!compatible-unknown", "autoclear-unknown=1"}},
    {"qed with all compatible features", &qed, WITH(LE64(24, UINT64_MAX), LE64(32, UINT64_MAX)),
     .attributes = {"compatible-unknown=18446744073709551615", "autoclear-unknown=18446744073709551615"}},
    {"qed with clusters of 4 KiB", &qed, WITH(LE32(4, 4096), LE64(40, 4096), LE32(8, 16)), .cluster_size = 4096,
     .whole = 17 * 4096},
    {"qed with clusters of 2 KiB", &qed, WITH(LE32(4, 2048)), MALFORMED_AT("cluster_size", 4, 2048, 4096, 67108864)},
    {"qed with clusters of more than 64 MiB", &qed, WITH(LE32(4, 67108865)),
     MALFORMED_AT("cluster_size", 4, 67108865, 4096, 67108864)},
    {"qed with clusters of 5,000 bytes", &qed, WITH(LE32(4, 5000)), SAYS(MALFORMED, "cluster_size", 4)},
    {"qed with tables of a cluster, which QEMU doesn't take", &qed, WITH(LE32(8, 1)),
     MALFORMED_AT("table_size", 8, 1, 2, 16)},
    {"qed with tables of 2 clusters", &qed, WITH(LE32(8, 2)), .whole = 3 * 65536},
    {"qed with tables of 3 clusters", &qed, WITH(LE32(8, 3)), SAYS(MALFORMED, "table_size", 8)},
    {"qed with tables of 17 clusters", &qed, WITH(LE32(8, 17)), MALFORMED_AT("table_size", 8, 17, 2, 16)},
    {"qed with tables of 2^16 + 4 clusters", &qed, WITH(LE32(8, 0x10004)),
     MALFORMED_AT("table_size", 8, 0x10004, 2, 16)},
    {"qed with a header of 4 GiB without a cluster", &qed, WITH(LE32(12, 65535)),
     MALFORMED_AT("l1_table_offset", 40, 65536, UINT64_C(65535) * 65536, INT64_MAX)},
    {"qed with a header of 4 GiB", &qed, WITH(LE32(12, 65536)), MALFORMED_AT("header_size", 12, 65536, 0, 65535)},
    {"qed with a header of 2^20 clusters", &qed, WITH(LE32(12, 0x100000)),
     MALFORMED_AT("header_size", 12, 0x100000, 0, 0xfffff)},
    {"qed of 513 bytes", &qed, WITH(LE64(48, 513)), SAYS(MALFORMED, "image_size", 48)},
    {"qed of no bytes", &qed, WITH(LE64(48, 0)), .virtual_size = ZERO},
    {"qed of what its tables map", &qed, WITH(LE64(48, UINT64_C(1) << 46)), .virtual_size = UINT64_C(1) << 46},
    {"qed of more than its tables map", &qed, WITH(LE64(48, (UINT64_C(1) << 46) + 512)),
     MALFORMED_AT("image_size", 48, (UINT64_C(1) << 46) + 512, 0, UINT64_C(1) << 46)},
    {"qed of 2^63 bytes", &qed, WITH(LE64(48, UINT64_C(1) << 63)),
     MALFORMED_AT("image_size", 48, UINT64_C(1) << 63, 0, MOST_SIZE)},
    {"qed whose tables map 2^78 bytes, which is 0 to QEMU", &qed, WITH(LE32(4, 67108864), LE32(8, 8), LE64(48, 512)),
     MALFORMED_AT("image_size", 48, 512, 0, 0)},
    {"qed whose L1 table isn't aligned", &qed, WITH(LE64(40, 65537)), SAYS(MALFORMED, "l1_table_offset", 40)},
    {"qed whose L1 table lies in its header", &qed, WITH(LE64(40, 0)),
     MALFORMED_AT("l1_table_offset", 40, 0, 65536, INT64_MAX)},
    {"qed whose L1 table lies at 2^63", &qed, WITH(LE64(40, UINT64_C(1) << 63)),
     MALFORMED_AT("l1_table_offset", 40, UINT64_C(1) << 63, 0, INT64_MAX)},
    {"qed whose L1 table is cut", &qed, CUT_OFF("l1_table_offset", 40, QED_SIZE - 1, QED_SIZE)},
    {"qed whose L1 table lies behind the file", &qed, WITH(LE64(40, 65536 * UINT64_C(6))),
     FAILS(TRUNCATED, "l1_table_offset", 40, QED_SIZE, 10 * 65536, UNKNOWN)},
};

/* ---- vdi ---- */

static const struct base vdi = {
    .patches = {TEXT(0, "<<< a text >>>\n"), LE32(64, 0xbeda107f), LE32(68, 0x10001), LE32(72, 0x190), LE32(76, 1),
                LE32(340, 512), LE32(344, 1024), LE32(360, 512), LE64(368, 64 * MIB), LE32(376, MIB), LE32(384, 64),
                TEXT(392, "\x04\x03\x02\x01\x06\x05\x08\x07\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10")},
    .size = 1024,
    .whole = 1024,
    .magic = 68,
    .format = "vdi",
    .variant = "dynamic",
    .virtual_size = 64 * MIB,
    .cluster_size = MIB,
};

static const struct probe_case vdi_cases[] = {
    {"vdi of 64 MiB refers to nothing", &vdi, .attributes = {"uuid=01020304-0506-0708-090a-0b0c0d0e0f10"}},
    {"vdi, pinned", &vdi, .format = "vdi"},
    {"vdi, fixed", &vdi, WITH(LE32(76, 2)), .variant = "fixed"},
    {"vdi of another version", &vdi, WITH(LE32(68, 0x10000)),
     FAILS(UNSUPPORTED, "version", 68, 0x10000, 0x10001, 0x10001)},
    {"vdi of type 0", &vdi, WITH(LE32(76, 0)), FAILS(UNSUPPORTED, "image_type", 76, 0, 1, 4)},
    {"vdi of type 5", &vdi, WITH(LE32(76, 5)), FAILS(UNSUPPORTED, "image_type", 76, 5, 1, 4)},
    {"vdi of type 65,537", &vdi, WITH(LE32(76, 0x10001)), FAILS(UNSUPPORTED, "image_type", 76, 0x10001, 1, 4)},
    {"vdi, undo, without a link", &vdi, WITH(LE32(76, 3)), SAYS(UNSUPPORTED, "image_type", 76)},
    {"vdi, differencing, without a link", &vdi, WITH(LE32(76, 4)), SAYS(UNSUPPORTED, "image_type", 76)},
    {"vdi, differencing, whose parent is known by its UUID alone", &vdi, WITH(LE32(76, 4), BYTE(424, 0xaa)),
     SAYS(UNSUPPORTED, "link UUID", 424), .attributes = {"link-uuid=000000aa-0000-0000-0000-000000000000"}},
    {"vdi, dynamic, with a link all the same", &vdi, WITH(BYTE(439, 1)), SAYS(UNSUPPORTED, "link UUID", 424)},
    {"vdi with a parent's UUID alone", &vdi, WITH(BYTE(455, 1)), SAYS(UNSUPPORTED, "parent UUID", 440)},
    {"vdi with a link's byte 7", &vdi, WITH(BYTE(431, 1)), SAYS(UNSUPPORTED, "link UUID", 424)},
    {"vdi with a link's byte 8", &vdi, WITH(BYTE(432, 1)), SAYS(UNSUPPORTED, "link UUID", 424)},
    {"vdi with a link's first half all ones", &vdi, WITH(LE64(424, UINT64_MAX)), SAYS(UNSUPPORTED, "link UUID", 424)},
    {"vdi with a link's last half all ones", &vdi, WITH(LE64(432, UINT64_MAX)), SAYS(UNSUPPORTED, "link UUID", 424)},
    {"vdi with a parent's byte 0", &vdi, WITH(BYTE(440, 1)), SAYS(UNSUPPORTED, "parent UUID", 440)},
    {"vdi with a parent's byte 7", &vdi, WITH(BYTE(447, 1)), SAYS(UNSUPPORTED, "parent UUID", 440)},
    {"vdi with a parent's byte 8", &vdi, WITH(BYTE(448, 1)), SAYS(UNSUPPORTED, "parent UUID", 440)},
    {"vdi with a parent's first half all ones", &vdi, WITH(LE64(440, UINT64_MAX)),
     SAYS(UNSUPPORTED, "parent UUID", 440)},
    {"vdi with a parent's last half all ones", &vdi, WITH(LE64(448, UINT64_MAX)),
     SAYS(UNSUPPORTED, "parent UUID", 440)},
    {"vdi with a map at its start", &vdi, WITH(LE32(340, 0)), .whole = 512},
    {"vdi whose map ends at 4 GiB", &vdi, WITH(LE32(340, 0xfffffe00)),
     FAILS(TRUNCATED, "offset_bmap", 340, 1024, UINT64_C(1) << 32, UNKNOWN)},
    {"vdi with a map at 2^32 - 1", &vdi, WITH(LE32(340, 0xffffffff)), SAYS(MALFORMED, "offset_bmap", 340)},
    {"vdi with data at its start", &vdi, WITH(LE32(344, 0)), .variant = "dynamic"},
    {"vdi with data at its byte 2", &vdi, WITH(LE32(344, 2)), SAYS(MALFORMED, "offset_data", 344)},
    {"vdi with data at 2^32 - 1", &vdi, WITH(LE32(344, 0xffffffff)), SAYS(MALFORMED, "offset_data", 344)},
    {"vdi whose map isn't aligned", &vdi, WITH(LE32(340, 513)), SAYS(MALFORMED, "offset_bmap", 340)},
    {"vdi whose data aren't aligned", &vdi, WITH(LE32(344, 1)), SAYS(MALFORMED, "offset_data", 344)},
    {"vdi whose map is cut", &vdi, CUT_OFF("offset_bmap", 340, 1023, 1024)},
    {"vdi with a map of 2 GiB, which isn't read", &vdi, WITH(LE32(384, 0x1fffff80)),
     FAILS(TRUNCATED, "offset_bmap", 340, 1024, 512 + UINT64_C(0x7ffffe00), UNKNOWN)},
    {"vdi with too many blocks", &vdi, WITH(LE32(384, 0x1fffff81)),
     MALFORMED_AT("blocks_in_image", 384, 0x1fffff81, 0, 0x1fffff80)},
    {"vdi with sectors of 4,096", &vdi, WITH(LE32(360, 4096)),
     FAILS(UNSUPPORTED, "sector_size", 360, 4096, 512, 512)},
    {"vdi with sectors of 2^16 + 512", &vdi, WITH(LE32(360, 0x10200)),
     FAILS(UNSUPPORTED, "sector_size", 360, 0x10200, 512, 512)},
    {"vdi with blocks of 2 MiB", &vdi, WITH(LE32(376, 2 * MIB)),
     FAILS(UNSUPPORTED, "block_size", 376, 2 * MIB, MIB, MIB)},
    {"vdi of an odd size", &vdi, WITH(LE64(368, 1000)), .virtual_size = 1024},
    {"vdi of a sector and a byte", &vdi, WITH(LE64(368, 513)), .virtual_size = 1024},
    {"vdi of no size", &vdi, WITH(LE64(368, 0)), .virtual_size = ZERO},
    {"vdi larger than its blocks", &vdi, WITH(LE64(368, 64 * MIB + 1)),
     MALFORMED_AT("disk_size", 368, 64 * MIB + 1, 0, 64 * MIB)},
    {"vdi larger than any", &vdi, WITH(LE64(368, UINT64_MAX)),
     MALFORMED_AT("disk_size", 368, UINT64_MAX, 0, UINT64_C(0x1fffff80) * MIB)},
};

/* ---- parallels ---- */

static const struct base parallels = {
    .patches = {TEXT(0, "WithoutFreeSpace"), LE32(16, 2), LE32(20, 16), LE32(24, 8), LE32(28, 128), LE32(32, 32),
                LE32(36, 4096), LE32(48, 128)},
    .size = 65536,
    .whole = 192,
    .magic = 16,
    .format = "parallels",
    .virtual_size = 2 * MIB,
    .cluster_size = 65536,
};
#define EXT TEXT(0, "WithouFreSpacExt")

#define NOT_TOLD .findings = {"parent-not-told@18446744073709551615"}
static const struct probe_case parallels_cases[] = {
    {"parallels of 2 MiB names nothing", &parallels, .attributes = {"!format-extension-offset"}, NOT_TOLD},
    {"parallels, pinned", &parallels, .format = "parallels", NOT_TOLD},
    {"parallels, pinned as ploop", &parallels, .format = "ploop", NOT_TOLD},
    {"parallels with large offsets", &parallels, WITH(EXT), .format = NULL, NOT_TOLD},
    {"parallels of the old kind has 32 bits of a size", &parallels, WITH(LE32(40, 1)), NOT_TOLD},
    {"parallels of the new kind has 64", &parallels, WITH(EXT, LE32(40, 1)),
     .version = IMGPROBE_READER_VERSION(10, 0), .virtual_size = (UINT64_C(1) << 41) + 2 * MIB, NOT_TOLD},
    {"parallels of 2 TiB", &parallels, WITH(LE32(36, 0xffffffff)), .virtual_size = UINT64_C(0xffffffff) * 512,
     .version = IMGPROBE_READER_VERSION(10, 0), NOT_TOLD},
    {"parallels with a catalog one short", &parallels, WITH(LE32(32, 31)), SAYS(AMBIGUOUS, "versions-differ", 32),
     .whole = 188},
    {"parallels with a catalog one short for a part of a cluster", &parallels, WITH(LE32(36, 4097)),
     SAYS(AMBIGUOUS, "versions-differ", 32)},
    {"the same to a version that refuses it", &parallels, WITH(LE32(36, 4097)),
     .version = IMGPROBE_READER_VERSION(11, 1), MALFORMED_AT("bat_entries", 32, 32, 33, INT32_MAX / 4)},
    {"the same to a version that doesn't", &parallels, WITH(LE32(36, 4097)),
     .version = IMGPROBE_READER_VERSION(10, 0), .virtual_size = 4097 * 512, NOT_TOLD},
    {"parallels larger than any", &parallels, WITH(EXT, LE64(36, MOST_SIZE / 512 + 1)),
     MALFORMED_AT("nb_sectors", 36, MOST_SIZE / 512 + 1, 0, MOST_SIZE / 512)},
    {"parallels of another version", &parallels, WITH(LE32(16, 3)), FAILS(UNSUPPORTED, "version", 16, 3, 2, 2)},
    {"parallels of version 2^16 + 2", &parallels, WITH(LE32(16, 0x10002)),
     FAILS(UNSUPPORTED, "version", 16, 0x10002, 2, 2)},
    {"parallels of no sectors", &parallels, WITH(LE32(36, 0)), .virtual_size = ZERO, NOT_TOLD},
    {"parallels that is its table alone", &parallels, .size = 192, NOT_TOLD},
    {"parallels with an unknown mark of use", &parallels, WITH(LE32(44, 0xffffffff)), NOT_TOLD},
    {"parallels with clusters of no sector", &parallels, WITH(LE32(28, 0)),
     MALFORMED_AT("tracks", 28, 0, 1, 4186127)},
    {"parallels with the largest clusters", &parallels, WITH(LE32(28, 4186127)),
     .cluster_size = UINT64_C(4186127) * 512, NOT_TOLD},
    {"parallels with larger clusters", &parallels, WITH(LE32(28, 4186128)),
     MALFORMED_AT("tracks", 28, 4186128, 1, 4186127)},
    {"parallels with too large a table", &parallels, WITH(LE32(32, 0x20000000)),
     MALFORMED_AT("bat_entries", 32, 0x20000000, 0, 0x1fffffff)},
    {"parallels whose table is cut", &parallels, CUT_OFF("bat_entries", 32, 191, 192)},
    {"parallels that is open or wasn't closed", &parallels, WITH(LE32(44, 0x746f6e59)), .flags = "dirty", NOT_TOLD},
    {"parallels, closed by what knows the extension", &parallels, WITH(LE32(44, 0x312e3276)), NOT_TOLD},
    {"parallels with an extension", &parallels, WITH(LE64(56, 100)), .attributes = {"format-extension-offset=51200"},
     NOT_TOLD},
    {"parallels with an extension at 2^63", &parallels, WITH(LE64(56, UINT64_C(1) << 54)),
     MALFORMED_AT("ext_off", 56, UINT64_C(1) << 54, 0, (UINT64_C(1) << 54) - 1)},
};

/* ---- bochs ---- */

static const struct base bochs = {
    .patches = {TEXT(0, "Bochs Virtual HD Image\0"), TEXT(32, "Redolog"), TEXT(48, "Growing"), LE32(64, 0x20000),
                LE32(68, 512), LE32(72, 16), LE32(76, 512), LE32(80, 65536), LE64(88, MIB)},
    .size = 4096,
    .whole = 576,
    .magic = 23,
    .format = "bochs",
    .variant = "growing",
    .flags = "read-only",
    .virtual_size = MIB,
};

static const struct probe_case bochs_cases[] = {
    {"bochs of 1 MiB refers to nothing", &bochs, .format = NULL},
    {"bochs, pinned", &bochs, .format = "bochs"},
    {"bochs of version 1", &bochs, WITH(LE32(64, 0x10000), LE64(84, MIB / 2)), .virtual_size = MIB / 2},
    {"bochs of a version between", &bochs, WITH(LE32(64, 0x18000)), SAYS(UNSUPPORTED, "version", 64)},
    {"bochs of version 3", &bochs, WITH(LE32(64, 0x30000)),
     FAILS(UNSUPPORTED, "version", 64, 0x30000, 0x10000, 0x20000)},
    {"bochs, undoable, lies over a disk that it doesn't name", &bochs, WITH(TEXT(48, "Undoable")),
     SAYS(UNSUPPORTED, "subtype", 48)},
    {"bochs, volatile, does too", &bochs, WITH(TEXT(48, "Volatile")), SAYS(UNSUPPORTED, "subtype", 48)},
    {"bochs of another type", &bochs, WITH(TEXT(32, "Redology")), SAYS(UNSUPPORTED, "type", 32)},
    {"bochs that ends in its type", &bochs, CUT_OFF("type", 32, 47, 48)},
    {"bochs that ends in its subtype", &bochs, CUT_OFF("subtype", 48, 63, 64)},
    {"bochs with a header of no bytes", &bochs, WITH(LE32(68, 0)), .whole = 96},
    {"bochs with a header of 4 GiB", &bochs, WITH(LE32(68, 0xffffffff)),
     FAILS(TRUNCATED, "catalog", 72, 4096, UINT64_C(0xffffffff) + 64, UNKNOWN)},
    {"bochs of no size", &bochs, WITH(LE64(88, 0)), .virtual_size = ZERO},
    {"bochs of version 1 and no size", &bochs, WITH(LE32(64, 0x10000), LE64(84, 0)), .virtual_size = ZERO},
    {"bochs of 2^63 - 1 bytes", &bochs, WITH(LE64(88, INT64_MAX)),
     MALFORMED_AT("catalog", 72, 16, UINT64_C(1) << 47, 0x100000)},
    {"bochs of version 1 and 2^63 - 1 bytes", &bochs, WITH(LE32(64, 0x10000), LE64(84, INT64_MAX)),
     MALFORMED_AT("catalog", 72, 16, UINT64_C(1) << 47, 0x100000)},
    {"bochs of version 1 and 2^63 bytes", &bochs, WITH(LE32(64, 0x10000), LE64(84, UINT64_C(1) << 63)),
     MALFORMED_AT("disk", 84, UINT64_C(1) << 63, 0, INT64_MAX)},
    {"bochs whose catalog is used up and ends the file", &bochs, WITH(LE32(72, 1024), LE64(88, 64 * MIB)),
     .size = 4608, .whole = 4608, .virtual_size = 64 * MIB},
    {"bochs of an odd size", &bochs, WITH(LE64(88, 1000)), .virtual_size = 512},
    {"bochs larger than its catalog", &bochs, WITH(LE64(88, MIB + 512)),
     MALFORMED_AT("catalog", 72, 16, 17, 0x100000)},
    {"bochs of 2^63 bytes", &bochs, WITH(LE64(88, UINT64_C(1) << 63)),
     MALFORMED_AT("disk", 88, UINT64_C(1) << 63, 0, INT64_MAX)},
    {"bochs with too large a catalog", &bochs, WITH(LE32(72, 0x100001)),
     MALFORMED_AT("catalog", 72, 0x100001, 0, 0x100000)},
    {"bochs whose catalog is cut", &bochs, CUT_OFF("catalog", 72, 575, 576)},
    {"bochs with extents of 256 bytes", &bochs, WITH(LE32(80, 256)), MALFORMED_AT("extent", 80, 256, 512, 0x800000)},
    {"bochs with extents of 1,000 bytes", &bochs, WITH(LE32(80, 1000)), SAYS(MALFORMED, "extent", 80)},
    {"bochs with extents of 16 MiB", &bochs, WITH(LE32(80, 0x1000000)),
     MALFORMED_AT("extent", 80, 0x1000000, 512, 0x800000)},
};

/* ---- cloop ---- */

#define SCRIPT "#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop $1"

static const struct base cloop = {
    .patches = {TEXT(0, SCRIPT "\n"), BE32(128, 65536), BE32(132, 16)},
    .size = 4096,
    .whole = 272,
    .magic = 83,
    .format = "cloop",
    .flags = "compressed read-only",
    .virtual_size = MIB,
};

static const struct probe_case cloop_cases[] = {
    {"cloop of 1 MiB refers to nothing", &cloop, .format = NULL},
    {"cloop, pinned", &cloop, .format = "cloop"},
    {"cloop of no blocks", &cloop, WITH(BE32(132, 0)), .virtual_size = ZERO, .whole = 144},
    {"cloop with blocks of no bytes", &cloop, WITH(BE32(128, 0)), MALFORMED_AT("block_size", 128, 0, 512, 67108864)},
    {"cloop with blocks of 1,000 bytes", &cloop, WITH(BE32(128, 1000)), SAYS(MALFORMED, "block_size", 128)},
    {"cloop with blocks of more than 64 MiB", &cloop, WITH(BE32(128, 67109376)),
     MALFORMED_AT("block_size", 128, 67109376, 512, 67108864)},
    {"cloop of just what 32 bits of sectors count", &cloop, WITH(BE32(128, 43520), BE32(132, 50529027)),
     .size = 404232360, .whole = 404232360, .virtual_size = UINT64_C(50529027) * 43520},
    {"cloop of just under 2 TiB", &cloop, WITH(BE32(128, 67108864), BE32(132, 32767)), .size = 262288,
     .whole = 262280, .virtual_size = UINT64_C(32767) * 67108864},
    {"cloop of 2 TiB, which QEMU would take for nothing", &cloop, WITH(BE32(128, 67108864), BE32(132, 32768)),
     MALFORMED_AT("n_blocks", 132, 32768, 0, 32767)},
    {"cloop with too many blocks", &cloop, WITH(BE32(132, 0x4000000)),
     MALFORMED_AT("n_blocks", 132, 0x4000000, 0, 0x3ffffff)},
    {"cloop whose offsets are cut", &cloop, CUT_OFF("n_blocks", 132, 271, 272)},
};

/* ---- dmg ---- */

#define KOLY UINT64_C(65536)
static const struct base dmg = {
    .patches = {TEXT(KOLY, "koly\0\0\0\4"), BE64(KOLY + 0xd8, 1024), BE64(KOLY + 0xe0, 4096),
                BE64(KOLY + 0x1ec, 128)},
    .size = KOLY + 512,
    .whole = KOLY + 500,
    .format = "dmg",
    .flags = "read-only",
    .virtual_size = 65536,
};
/* One whose trailer leaves room for the largest list. */
#define FAR UINT64_C(33554432)
static const struct base dmg_far = {
    .patches = {TEXT(FAR, "koly\0\0\0\4"), BE64(FAR + 0xd8, 1024), BE64(FAR + 0xe0, 16777216),
                BE64(FAR + 0x1ec, 128)},
    .size = FAR + 512,
    .whole = FAR + 500,
    .format = "dmg",
    .flags = "read-only",
    .virtual_size = 65536,
};
/* One that is smaller than the end that is looked through. */
static const struct base dmg_short = {
    .patches = {TEXT(188, "koly\0\0\0\4"), BE64(188 + 0xd8, 8), BE64(188 + 0xe0, 100), BE64(188 + 0x1ec, 128)},
    .size = 700,
    .whole = 688,
    .format = "dmg",
    .flags = "read-only",
    .virtual_size = 65536,
};
#define OF_DMG .format = "dmg"
/* A list that is too short for a chunk is no fault to the oldest. */
#define FOR_OLD .version = IMGPROBE_READER_VERSION(7, 2)

static const struct probe_case dmg_cases[] = {
    {"dmg, pinned", &dmg, OF_DMG},
    {"dmg and ISO 9660 are one disk for two systems", &dmg, WITH(TEXT(32769, "CD001\1")), OF_DMG},
    {"dmg and UDF are, too", &dmg, WITH(TEXT(32769, "BEA01\1")), OF_DMG},
    {"dmg of one segment", &dmg, WITH(BE32(KOLY + 0x3c, 1)), OF_DMG},
    {"dmg of two segments, the other in another file", &dmg, WITH(BE32(KOLY + 0x3c, 2)), OF_DMG,
     FAILS(UNSUPPORTED, "segment_count", KOLY + 0x3c, 2, 0, 1)},
    {"dmg with a resource fork alone", &dmg,
     WITH(BE64(KOLY + 0x28, 4), BE64(KOLY + 0x30, KOLY - 4), BE64(KOLY + 0xe0, 0)), OF_DMG},
    {"dmg with a resource fork that reaches the trailer", &dmg,
     WITH(BE64(KOLY + 0x28, 4), BE64(KOLY + 0x30, KOLY - 3)), OF_DMG,
     SAYS(MALFORMED, "rsrc_fork_offset", KOLY + 0x28)},
    {"dmg with neither fork nor list", &dmg, WITH(BE64(KOLY + 0xe0, 0)), OF_DMG,
     MALFORMED_AT("xml_length", KOLY + 0xe0, 0, 1, 16777216)},
    {"dmg with a list where the trailer is", &dmg, WITH(BE64(KOLY + 0xd8, KOLY), BE64(KOLY + 0xe0, 0)), OF_DMG,
     SAYS(MALFORMED, "xml_offset", KOLY + 0xd8)},
    {"dmg with a list at its start", &dmg, WITH(BE64(KOLY + 0xd8, 0)), OF_DMG},
    {"dmg with a list that ends at the trailer", &dmg, WITH(BE64(KOLY + 0xe0, KOLY - 1024)), OF_DMG},
    {"dmg with a list that reaches the trailer", &dmg, WITH(BE64(KOLY + 0xe0, KOLY - 1023)), OF_DMG,
     SAYS(MALFORMED, "magic", 0)},
    {"dmg with an empty list at an odd place", &dmg, WITH(BE64(KOLY + 0xd8, 1025), BE64(KOLY + 0xe0, 0)), OF_DMG,
     MALFORMED_AT("xml_length", KOLY + 0xe0, 0, 1, 16777216)},
    {"dmg with a list that has room for a chunk", &dmg, WITH(BE64(KOLY + 0xe0, 341)), OF_DMG},
    {"dmg with a list that has none", &dmg, WITH(BE64(KOLY + 0xe0, 340)), OF_DMG,
     SAYS(AMBIGUOUS, "versions-differ", KOLY + 0xe0)},
    {"the same to a version that wants a chunk", &dmg, WITH(BE64(KOLY + 0xe0, 340)), OF_DMG,
     .version = IMGPROBE_READER_VERSION(10, 0), MALFORMED_AT("xml_length", KOLY + 0xe0, 340, 341, 16777216)},
    {"the same to a version that doesn't", &dmg, WITH(BE64(KOLY + 0xe0, 340)), OF_DMG, FOR_OLD},
    {"dmg with a resource fork and such a list", &dmg,
     WITH(BE64(KOLY + 0x28, 4), BE64(KOLY + 0x30, 4096), BE64(KOLY + 0xe0, 340)), OF_DMG},
    {"dmg with the largest list", &dmg_far, OF_DMG},
    {"dmg with a larger list", &dmg_far, WITH(BE64(FAR + 0xe0, 16777217)), OF_DMG,
     MALFORMED_AT("xml_length", FAR + 0xe0, 16777217, 1, 16777216)},
    {"dmg with a resource fork at 2^64 - 1", &dmg, WITH(BE64(KOLY + 0x28, UINT64_MAX)), OF_DMG,
     SAYS(MALFORMED, "rsrc_fork_offset", KOLY + 0x28)},
    {"dmg with a resource fork of 2^64 - 1 bytes", &dmg, WITH(BE64(KOLY + 0x30, UINT64_MAX)), OF_DMG,
     SAYS(MALFORMED, "rsrc_fork_offset", KOLY + 0x28)},
    {"dmg with data up to the trailer", &dmg, WITH(BE64(KOLY + 0x18, KOLY)), OF_DMG},
    {"dmg with data at 2^64 - 1", &dmg, WITH(BE64(KOLY + 0x18, UINT64_MAX)), OF_DMG,
     MALFORMED_AT("data_fork_offset", KOLY + 0x18, UINT64_MAX, 0, KOLY)},
    {"dmg with a word like its trailer's right before that", &dmg, WITH(TEXT(KOLY - 4, "koly")), OF_DMG,
     SAYS(AMBIGUOUS, "trailer", KOLY - 4)},
    {"dmg of 700 bytes", &dmg_short, OF_DMG, FOR_OLD},
    {"dmg of 700 bytes with a word like its trailer's at the start", &dmg_short, WITH(TEXT(0, "koly")), OF_DMG,
     SAYS(AMBIGUOUS, "trailer", 0)},
    {"dmg with data behind the trailer", &dmg, WITH(BE64(KOLY + 0x18, KOLY + 1)), OF_DMG,
     MALFORMED_AT("data_fork_offset", KOLY + 0x18, KOLY + 1, 0, KOLY)},
    {"dmg of too many sectors", &dmg, WITH(BE64(KOLY + 0x1ec, MOST_SIZE / 512 + 1)), OF_DMG,
     MALFORMED_AT("sector_count", KOLY + 0x1ec, MOST_SIZE / 512 + 1, 0, MOST_SIZE / 512)},
    {"dmg with a word like its trailer's before that", &dmg, WITH(TEXT(KOLY - 100, "koly")), OF_DMG,
     SAYS(AMBIGUOUS, "trailer", KOLY - 100)},
    {"dmg whose trailer is no whole one", &dmg, .size = KOLY + 499, OF_DMG,
     FAILS(TRUNCATED, "sector_count", KOLY + 0x1ec, KOLY + 499, KOLY + 500, UNKNOWN)},
    {"a file without a trailer, pinned as dmg", &raw, OF_DMG, .is = "dmg", SAYS(MALFORMED, "magic", 0)},
    {"a dmg's trailer behind nothing else is ambiguous", &raw, WITH(TEXT(MIB - 512, "koly\0\0\0\4")), .is = "",
     SAYS(AMBIGUOUS, "format", MIB - 512)},
    {"a dmg's trailer at the start of a file", &raw, WITH(TEXT(0, "koly\0\0\0\4")), .size = 512, .is = "",
     SAYS(AMBIGUOUS, "format", 0)},
    {"a dmg's trailer 1,023 bytes from the end", &raw, WITH(TEXT(MIB - 1023, "koly\0\0\0\4")), .is = "",
     SAYS(AMBIGUOUS, "format", MIB - 1023)},
    {"a dmg's trailer that ends behind its list's place", &raw, WITH(TEXT(MIB - 0xe8, "koly\0\0\0\4")), .is = "",
     SAYS(AMBIGUOUS, "format", MIB - 0xe8)},
    {"a dmg's trailer behind a word like it, and right behind its list", &raw,
     WITH(TEXT(MIB - 900, "koly"), TEXT(MIB - 512, "koly\0\0\0\4"), BE64(MIB - 512 + 0xd8, MIB - 512 - 4096),
          BE64(MIB - 512 + 0xe0, 4096)),
     .is = "", SAYS(AMBIGUOUS, "format", MIB - 512)},
    {"a dmg's trailer of another version is none", &raw, WITH(TEXT(MIB - 512, "koly\0\0\0\5"))},
    {"a dmg's trailer whose numbers don't fit the file is none", &raw,
     WITH(TEXT(MIB - 512, "koly\0\0\0\4"), BE64(MIB - 512 + 0xd8, 2 * MIB), BE64(MIB - 512 + 0xe0, 4096))},
    {"a dmg's trailer with other bytes behind it", &raw, WITH(TEXT(MIB - 712, "koly\0\0\0\4")), .is = "",
     SAYS(AMBIGUOUS, "format", MIB - 712)},
    {"a dmg's trailer too far from the end is none", &raw, WITH(TEXT(MIB - 1024, "koly\0\0\0\4"))},
    {"a dmg's trailer in a pinned raw is a finding", &raw, WITH(TEXT(MIB - 512, "koly\0\0\0\4")), .format = "raw",
     .findings = {"trailer-also-matches@1048064"}, .also = "dmg", .content = "dmg"},
    {"a dmg's trailer behind a magic is a finding", &raw, WITH(TEXT(0, "QED\0"), TEXT(MIB - 512, "koly\0\0\0\4")),
     .is = "qed", FAILS(MALFORMED, "cluster_size", 4, 0, 4096, 67108864),
     .findings = {"trailer-also-matches@1048064"}},
};

/* ---- recognition ---- */

static const struct probe_case recognition[] = {
#define WRONG_TEXT(word, at, bytes, holds, finding)                                                                  \
    {"another byte in the magic of " word " is raw", &raw, WITH(TEXT(at, bytes)), .content = (holds),                \
     .findings = {finding}},                                                                                         \
    {                                                                                                                \
        "another byte in the magic of a pinned " word " is damage", &raw, WITH(TEXT(at, bytes)),                     \
            .format = (word), .is = (word), SAYS(MALFORMED, "magic", at)                                             \
    }
#define WRONG(word, at, bytes) WRONG_TEXT(word, at, bytes, NULL, NULL)
#define WRONG_SCRIPT(bytes) WRONG_TEXT("cloop", 0, bytes, "text", "content-text@0")
    WRONG("qed", 0, "QED\1"),
    WRONG("vdi", 64, "\x7f\x10\xda\xbf"),
    WRONG("parallels", 0, "WithoutFreeSpacE"),
    WRONG("bochs", 0, "Bochs Virtual HD image"),
    WRONG_SCRIPT("#!/bin/sh\n#V2.1 Format\nmodprobe cloop "),
    {"a script that isn't cloop's to its end is raw", &raw, WITH(TEXT(0, SCRIPT " ")), .content = "text",
     .findings = {"content-text@0"}},
    WRONG("luks", 0, "LUKS\xba\xbf\0\1"),
    WRONG("parallels", 0, "WithouFreSpacExT"),
    WRONG("bochs", 0, "Bochs Virtual HD Image!"),
    WRONG_SCRIPT("#!/bin/sh\n#V2.0 Format\nmodprobe cloop_"),
    {"four bytes pinned as qed that aren't its magic", &raw, WITH(TEXT(0, "QEX\0")), .size = 4, .format = "qed",
     .is = "qed", SAYS(MALFORMED, "magic", 0)},
    {"qcow 2, pinned as qcow", &raw, WITH(TEXT(0, "QFI\xfb\0\0\0\2")), .format = "qcow", .is = "qcow",
     SAYS(MALFORMED, "magic", 0)},
    {"a file that ends inside a magic isn't of that format", &raw, WITH(TEXT(64, "\x7f\x10\xda\xbe")), .size = 67,
     .virtual_size = 512},
    {"a file that ends inside the magic of its pinned format is truncated", &raw, WITH(TEXT(64, "\x7f\x10\xda\xbe")),
     .size = 67, .format = "vdi", .is = "vdi", FAILS(TRUNCATED, "magic", 64, 67, 68, UNKNOWN)},
    /* two formats in one file */
    {"qed and vdi are ambiguous", &raw, WITH(TEXT(0, "QED\0"), TEXT(64, "\x7f\x10\xda\xbe")), .is = "",
     SAYS(AMBIGUOUS, "format", 0)},
    {"qcow and vdi are ambiguous", &raw, WITH(TEXT(0, "QFI\xfb\0\0\0\1"), TEXT(64, "\x7f\x10\xda\xbe")), .is = "",
     SAYS(AMBIGUOUS, "format", 0)},
};

int main(void)
{
    static const struct table tables[] = {TABLE(qcow_cases),      TABLE(qed_cases),   TABLE(vdi_cases),
                                          TABLE(parallels_cases), TABLE(bochs_cases), TABLE(cloop_cases),
                                          TABLE(dmg_cases),       TABLE(recognition)};

    return run_tables("others", tables, IP_COUNT(tables));
}
