/* SPDX-License-Identifier: MIT */
/* LUKS 1, by its on-disk format specification and as QEMU takes it. */
#include "probe-loops.h"

#define MIB (UINT64_C(1) << 20)
#define MALFORMED_AT(field, at, found, least, most) FAILS(MALFORMED, field, at, found, least, most)
#define CUT_OFF(field, at, length, least) .size = (length), FAILS(TRUNCATED, field, at, length, least, UNKNOWN)

#define SLOT(i, state) BE32(208 + 48 * (i), state), BE32(248 + 48 * (i), 8 + 504 * (i)), BE32(252 + 48 * (i), 4000)
#define OFF 0xdead
#define PAYLOAD UINT64_C(4096)
static const struct base luks = {
    .patches = {TEXT(0, "LUKS\xba\xbe\0\1"), TEXT(8, "aes"), TEXT(40, "xts-plain64"), TEXT(72, "sha256"),
                BE32(104, PAYLOAD), BE32(108, 64), BE32(164, 1000), TEXT(168, "a-uuid"), SLOT(0, 0xac71f3),
                BE32(212, 1000), SLOT(1, OFF), SLOT(2, OFF), SLOT(3, OFF), SLOT(4, OFF), SLOT(5, OFF), SLOT(6, OFF),
                SLOT(7, OFF)},
    .size = PAYLOAD * 512 + MIB,
    .whole = PAYLOAD * 512 - 511,
    .magic = 8,
    .format = "luks",
    .flags = "encrypted",
    .virtual_size = MIB,
};
#define UNKNOWN_WORD(field, at) SAYS(UNSUPPORTED, field, at)

static const struct probe_case luks_cases[] = {
    {"luks of 1 MiB refers to nothing", &luks,
     .attributes = {"cipher-alg=aes-256", "cipher-mode=xts", "ivgen-alg=plain64", "!ivgen-hash-alg",
                    "hash-alg=sha256", "uuid=a-uuid", "payload-offset=2097152", "master-key-iters=1000",
                    "slots[].active=true", "slots[].active=false", "slots[].key-offset=4096",
                    "slots[].stripes=4000"}},
    {"luks, pinned", &luks, .format = "luks"},
    {"luks of a version that knows detached headers", &luks, .version = IMGPROBE_READER_VERSION(10, 0),
     .attributes = {"detached-header=false"}},
    {"luks of one that doesn't", &luks, .version = IMGPROBE_READER_VERSION(7, 2), .attributes = {"!detached-header"}},
    {"luks of all versions: what the newest says", &luks, .attributes = {"detached-header=false"}},
    {"luks of an odd size", &luks, .size = PAYLOAD * 512 + MIB + 1, .virtual_size = MIB + 512},
    {"luks of no payload", &luks, .size = PAYLOAD * 512, .virtual_size = ZERO},
    {"luks whose payload lies behind the file", &luks,
     CUT_OFF("payload_offset", 104, PAYLOAD * 512 - 512, PAYLOAD * 512)},
    {"luks with a detached header", &luks, WITH(BE32(104, 0)),
     FAILS(MALFORMED, "payload_offset", 104, 0, 8, UNKNOWN)},
    {"luks with ESSIV", &luks, WITH(TEXT(40, "cbc-essiv:sha256"), BE32(108, 32)),
     .attributes = {"ivgen-alg=essiv", "ivgen-hash-alg=sha256", "cipher-mode=cbc", "cipher-alg=aes-256"}},
    {"luks with ESSIV by a digest that is no key", &luks, WITH(TEXT(40, "cbc-essiv:sha1"), BE32(108, 32)),
     UNKNOWN_WORD("cipher-mode", 40)},
    {"luks with ESSIV and no digest", &luks, WITH(TEXT(40, "cbc-essiv\0"), BE32(108, 32)),
     UNKNOWN_WORD("cipher-mode", 40)},
    {"luks with a digest that nobody asks for", &luks, WITH(TEXT(40, "xts-plain:md5\0")),
     .attributes = {"ivgen-alg=plain", "!ivgen-hash-alg"}},
    {"luks with an unknown digest", &luks, WITH(TEXT(40, "xts-plain:md6\0")), UNKNOWN_WORD("cipher-mode", 40)},
    {"luks with an unknown mode", &luks, WITH(TEXT(40, "gcm-plain64")), UNKNOWN_WORD("cipher-mode", 40)},
    {"luks with a mode alone", &luks, WITH(TEXT(40, "xts\0")), UNKNOWN_WORD("cipher-mode", 40)},
    {"luks with an unknown IV", &luks, WITH(TEXT(40, "xts-plain65")), UNKNOWN_WORD("cipher-mode", 40)},
    {"luks with a mode that doesn't end", &luks, WITH(REPEAT(40, 32, "x")), SAYS(MALFORMED, "cipher-mode", 40)},
#define CIPHER(name, bytes, qemu)                                                                                    \
    {                                                                                                                \
        "luks with " qemu, &luks, WITH(TEXT(8, name), TEXT(40, "cbc-plain64"), BE32(108, bytes)), .attributes = {    \
            "cipher-alg=" qemu,                                                                                      \
            "cipher-mode=cbc"                                                                                        \
        }                                                                                                            \
    }
    CIPHER("aes", 16, "aes-128"),
    CIPHER("aes", 24, "aes-192"),
    CIPHER("cast5", 16, "cast5-128"),
    CIPHER("serpent", 24, "serpent-192"),
    CIPHER("serpent", 32, "serpent-256"),
    CIPHER("twofish", 16, "twofish-128"),
    CIPHER("twofish", 24, "twofish-192"),
    CIPHER("twofish", 32, "twofish-256"),
#define HASH(name)                                                                                                   \
    {                                                                                                                \
        "luks with " name, &luks, WITH(TEXT(72, name "\0\0\0")), .attributes = { "hash-alg=" name }                  \
    }
    HASH("md5"),
    HASH("sha1"),
    HASH("sha224"),
    HASH("sha384"),
    HASH("sha512"),
    HASH("ripemd160"),
    {"luks with ECB", &luks, WITH(TEXT(40, "ecb-plain\0\0"), BE32(108, 32)), .attributes = {"cipher-mode=ecb"}},
    {"luks with CTR", &luks, WITH(TEXT(40, "ctr-plain64"), BE32(108, 32)), .attributes = {"cipher-mode=ctr"}},
    {"luks with ESSIV by a short digest", &luks, WITH(TEXT(40, "cbc-essiv:md5"), BE32(108, 32)),
     .attributes = {"ivgen-hash-alg=md5", "cipher-alg=aes-256"}},
    {"luks with no key", &luks, WITH(BE32(108, 0)), UNKNOWN_WORD("cipher-name", 8)},
    {"luks with a cipher of 31 bytes", &luks, WITH(REPEAT(8, 31, "x")), UNKNOWN_WORD("cipher-name", 8)},
    {"luks with a UUID that fills its field", &luks, WITH(REPEAT(168, 40, "u")),
     .attributes = {"uuid=uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu"}},
    {"luks with an unknown cipher", &luks, WITH(TEXT(8, "des")), UNKNOWN_WORD("cipher-name", 8)},
    {"luks with a cipher that doesn't end", &luks, WITH(REPEAT(8, 32, "x")), SAYS(MALFORMED, "cipher-name", 8)},
    {"luks with a key of no cipher's length", &luks, WITH(BE32(108, 66)), UNKNOWN_WORD("cipher-name", 8)},
    {"luks with a key of 2^32 - 1 bytes", &luks, WITH(BE32(108, 0xffffffff)), UNKNOWN_WORD("cipher-name", 8)},
    {"luks with serpent", &luks, WITH(TEXT(8, "serpent"), BE32(108, 32)), .attributes = {"cipher-alg=serpent-128"}},
    {"luks with an unknown hash", &luks, WITH(TEXT(72, "sha257")), UNKNOWN_WORD("hash-spec", 72)},
    {"luks with a hash that doesn't end", &luks, WITH(REPEAT(72, 32, "x")), SAYS(MALFORMED, "hash-spec", 72)},
    {"luks of no iterations", &luks, WITH(BE32(164, 0)), FAILS(MALFORMED, "mk_iterations", 164, 0, 1, UNKNOWN)},
    {"luks with a slot that is neither on nor off", &luks, WITH(BE32(544, 0xdeae)), SAYS(MALFORMED, "active", 544)},
    {"luks with a mark of a slot below the lowest", &luks, WITH(BE32(208, 0xdeac)),
     MALFORMED_AT("active", 208, 0xdeac, 0xdead, 0xac71f3)},
    {"luks with a mark of a slot over the highest", &luks, WITH(BE32(208, 0xac71f4)),
     MALFORMED_AT("active", 208, 0xac71f4, 0xdead, 0xac71f3)},
    {"luks with 2^24 iterations", &luks, WITH(BE32(212, 0x1000000)), .format = "luks"},
    {"luks with 2^32 - 1 iterations", &luks, WITH(BE32(212, 0xffffffff)), .format = "luks"},
    {"luks with a slot in use of no iterations", &luks, WITH(BE32(212, 0)),
     MALFORMED_AT("iterations", 212, 0, 1, UINT32_MAX)},
    {"luks with other stripes", &luks, WITH(BE32(588, 4001)), MALFORMED_AT("stripes", 588, 4001, 4000, 4000)},
    {"luks with a slot in the header", &luks, WITH(BE32(248, 7)),
     FAILS(MALFORMED, "key_material_offset", 248, 7, 8, UNKNOWN)},
    {"luks with a slot in the payload", &luks, WITH(BE32(584, 3593)), SAYS(MALFORMED, "key_material_offset", 584)},
    {"luks whose payload follows its last slot", &luks, WITH(BE32(104, 4040)), .size = 4040 * 512 + MIB,
     .whole = 4040 * 512 - 511},
    {"luks with a slot a sector in the payload", &luks, WITH(BE32(104, 4039)),
     SAYS(MALFORMED, "key_material_offset", 584)},
    {"luks with slots the other way round", &luks, WITH(BE32(248, 512), BE32(296, 8)), .format = "luks"},
    {"luks with a slot in the first", &luks, WITH(BE32(296, 8)), SAYS(MALFORMED, "key_material_offset", 296)},
    {"luks with a slot a sector in another", &luks, WITH(BE32(296, 511)),
     SAYS(MALFORMED, "key_material_offset", 296)},
    {"luks in a file of 2^64 - 3 bytes", &luks, .size = UINT64_MAX - 2,
     MALFORMED_AT("file size", 0, UINT64_MAX - 2, 0, UINT64_MAX - 512)},
    {"luks 2, pinned as luks", &luks, WITH(BYTE(7, 2)), .format = "luks", SAYS(MALFORMED, "magic", 0)},
    {"luks with a slot in another", &luks, WITH(BE32(584, 3500)), SAYS(MALFORMED, "key_material_offset", 584)},
};

int main(void)
{
    return run_cases("luks", luks_cases, IP_COUNT(luks_cases));
}
