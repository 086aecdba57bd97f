/* SPDX-License-Identifier: MIT */
/* LUKS version 1: the LUKS on-disk format 1.2.1, section 2.1; limits by QEMU's crypto/block-luks.c. QEMU has no
 * driver for version 2, which counts as content of a raw disk. */
#include "format.h"

#define CIPHER_NAME 8
#define CIPHER_MODE 40
#define HASH_SPEC 72
#define WORD_LENGTH 32
#define UUID 168
#define UUID_LENGTH 40
#define SLOTS 8
#define FIRST_SLOT 208
#define SLOT_LENGTH 48
#define DISABLED 0xdead
#define ENABLED 0xac71f3
#define STRIPES 4000
#define HEADER_SECTORS 8

struct luks {
    uint64_t payload_offset, key_bytes, mk_iterations;
};
struct slot {
    uint64_t active, iterations, key_material_offset, stripes;
};

/* clang-format off */
static const struct field header_rows[] = {
    FIELD(struct luks, 104, U32BE, payload_offset, HEADER_SECTORS, IP_ANY, MALFORMED), /* 0: a detached header */
    FIELD(struct luks, 108, U32BE, key_bytes,      0, IP_ANY,  MALFORMED), /* and the cipher's own */
    FIELD(struct luks, 164, U32BE, mk_iterations,  1, IP_ANY,  MALFORMED),
};
static const struct field slot_rows[] = {
    FIELD(struct slot,  0, U32BE, active,              DISABLED, ENABLED, MALFORMED), /* one of the two */
    FIELD(struct slot,  4, U32BE, iterations,          0, IP_ANY, MALFORMED), /* 1 if it's enabled */
    FIELD(struct slot, 40, U32BE, key_material_offset, HEADER_SECTORS, IP_ANY, MALFORMED), /* and the payload */
    FIELD(struct slot, 44, U32BE, stripes,             STRIPES, STRIPES, MALFORMED),
};
/* clang-format on */
#define SLOT(name) IP_ROW(slot_rows, struct slot, name)

struct cipher {
    const char *name;
    uint64_t bytes; /* of its key */
    const char *qemu_name;
};
static const struct cipher ciphers[] = {
    {"aes", 16, "aes-128"},         {"aes", 24, "aes-192"},         {"aes", 32, "aes-256"},
    {"cast5", 16, "cast5-128"},     {"serpent", 16, "serpent-128"}, {"serpent", 24, "serpent-192"},
    {"serpent", 32, "serpent-256"}, {"twofish", 16, "twofish-128"}, {"twofish", 24, "twofish-192"},
    {"twofish", 32, "twofish-256"},
};
static const char *const modes[] = {"ecb", "cbc", "xts", "ctr", NULL};
static const char *const ivgens[] = {"plain", "plain64", "essiv", NULL};
struct hash {
    const char *name;
    uint64_t bytes; /* of its digest */
};
static const struct hash hashes[] = {
    {"md5", 16}, {"sha1", 20}, {"sha224", 28}, {"sha256", 32}, {"sha384", 48}, {"sha512", 64}, {"ripemd160", 20},
};

/* What the words of the header mean to QEMU. All names are QEMU's. */
struct words {
    const struct cipher *cipher;
    const char *mode, *ivgen;
    const struct hash *hash, *ivhash; /* ivhash: NULL for none */
};

static const char *word_of(const char *const *words, struct imgprobe_bytes word)
{
    while (*words && !ip_equal(word, *words))
        words++;
    return *words;
}

static const struct hash *hash_of(struct imgprobe_bytes word)
{
    size_t i;

    for (i = 0; i < IP_COUNT(hashes); i++)
        if (ip_equal(word, hashes[i].name))
            return &hashes[i];
    return NULL;
}

static const struct cipher *cipher_of(struct imgprobe_bytes name, uint64_t bytes)
{
    size_t i;

    for (i = 0; i < IP_COUNT(ciphers); i++)
        if (ciphers[i].bytes == bytes && ip_equal(name, ciphers[i].name))
            return &ciphers[i];
    return NULL;
}

/* Reads a word. It must end at a NUL within its field. */
static enum imgprobe_status read_word(struct probe *p, const char *field, uint64_t at, struct imgprobe_bytes *ret)
{
    struct imgprobe_bytes stored;
    enum imgprobe_status s = ip_bytes(p, field, at, WORD_LENGTH, &stored);

    if (s != IMGPROBE_OK)
        return s;
    *ret = ip_cut(stored);
    return ret->length < stored.length
               ? IMGPROBE_OK
               : ip_fail_what(p, IMGPROBE_MALFORMED, field, at, "doesn't end within its 32 bytes");
}

static enum imgprobe_status unknown(struct probe *p, const char *field, uint64_t at)
{
    return ip_fail_what(p, IMGPROBE_UNSUPPORTED, field, at, "names nothing that QEMU has");
}

/* ESSIV encrypts with the digest as its key, so there must be a cipher whose key has that length. */
static bool essiv_fits(const struct words *w)
{
    return w->ivhash && cipher_of(ip_string(w->cipher->name), w->ivhash->bytes);
}

/* "xts-plain64", "cbc-essiv:sha256" */
static enum imgprobe_status decode_mode(struct probe *p, struct words *w)
{
    struct imgprobe_bytes text, ivgen;
    size_t dash, colon;
    enum imgprobe_status s = read_word(p, "cipher-mode", CIPHER_MODE, &text);

    if (s != IMGPROBE_OK)
        return s;
    if (!ip_find(text, "-", &dash))
        return unknown(p, "cipher-mode", CIPHER_MODE);
    ivgen = ip_part(text, dash + 1, text.length - dash - 1);
    if (ip_find(ivgen, ":", &colon)) {
        w->ivhash = hash_of(ip_part(ivgen, colon + 1, ivgen.length - colon - 1));
        if (!w->ivhash)
            return unknown(p, "cipher-mode", CIPHER_MODE);
        ivgen = ip_part(ivgen, 0, colon);
    }
    w->mode = word_of(modes, ip_part(text, 0, dash));
    w->ivgen = word_of(ivgens, ivgen);
    return w->mode && w->ivgen ? IMGPROBE_OK : unknown(p, "cipher-mode", CIPHER_MODE);
}

static enum imgprobe_status decode_words(struct probe *p, const struct luks *h, struct words *w)
{
    struct imgprobe_bytes text;
    uint64_t key;
    enum imgprobe_status s = decode_mode(p, w);

    s = s ? s : read_word(p, "cipher-name", CIPHER_NAME, &text);
    if (s != IMGPROBE_OK)
        return s;
    key = ip_equal(ip_string(w->mode), "xts") ? h->key_bytes / 2 : h->key_bytes; /* two keys, side by side */
    w->cipher = cipher_of(text, key);
    if (!w->cipher)
        return unknown(p, "cipher-name", CIPHER_NAME);
    s = read_word(p, "hash-spec", HASH_SPEC, &text);
    if (s != IMGPROBE_OK)
        return s;
    w->hash = hash_of(text);
    if (!w->hash)
        return unknown(p, "hash-spec", HASH_SPEC);
    return !ip_equal(ip_string(w->ivgen), "essiv") || essiv_fits(w) ? IMGPROBE_OK
                                                                    : unknown(p, "cipher-mode", CIPHER_MODE);
}

/* Key material takes its stripes, rounded up to the header's length. None may overlap another's or the payload. */
static enum imgprobe_status check_slot(struct probe *p, const struct luks *h, uint64_t index,
                                       const struct slot *slots)
{
    const struct slot *slot = &slots[index];
    uint64_t at = FIRST_SLOT + index * SLOT_LENGTH, i;
    uint64_t unit = HEADER_SECTORS * IP_SECTOR;
    uint64_t sectors = (h->key_bytes * STRIPES + unit - 1) / unit * HEADER_SECTORS;

    if (slot->active != ENABLED && slot->active != DISABLED)
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, SLOT(active), at, "is neither enabled nor disabled");
    if (slot->active == ENABLED && slot->iterations == 0)
        return ip_fail_row(p, IMGPROBE_MALFORMED, SLOT(iterations), at, 0, 1, UINT32_MAX);
    if (slot->key_material_offset + sectors > h->payload_offset)
        return ip_fail_row_what(p, IMGPROBE_MALFORMED, SLOT(key_material_offset), at, "reaches into the payload");
    for (i = 0; i < index; i++)
        if (slot->key_material_offset < slots[i].key_material_offset + sectors &&
            slots[i].key_material_offset < slot->key_material_offset + sectors)
            return ip_fail_row_what(p, IMGPROBE_MALFORMED, SLOT(key_material_offset), at, "overlaps another slot's");
    return IMGPROBE_OK;
}

/* A header may stand in a file of its own, which a json: name gives; this one doesn't. */
static const struct ip_when can_be_detached = IP_SINCE(9, 0);

/* A list of objects, each of which begins with `active`. QEMU says the rest of those that hold a key. */
static enum imgprobe_status describe_slot(struct probe *p, const struct slot *slot)
{
    bool active = slot->active == ENABLED;
    enum imgprobe_status s = ip_bool(p, "slots[].active", true, active);

    s = s ? s : ip_count(p, "slots[].key-offset", true, slot->key_material_offset * IP_SECTOR);
    if (!active)
        return s;
    s = s ? s : ip_count(p, "slots[].iters", true, slot->iterations);
    return s ? s : ip_count(p, "slots[].stripes", true, slot->stripes);
}

static enum imgprobe_status describe(struct probe *p, const struct luks *h, const struct words *w,
                                     const struct slot *slots)
{
    size_t i;
    struct imgprobe_bytes uuid;
    enum imgprobe_status s = ip_bytes(p, "uuid", UUID, UUID_LENGTH, &uuid);

    if (ip_have(p->versions, can_be_detached) != IP_NONE_HAS)
        s = s ? s : ip_bool(p, "detached-header", true, false);
    s = s ? s : ip_word(p, "cipher-alg", true, w->cipher->qemu_name);
    s = s ? s : ip_word(p, "cipher-mode", true, w->mode);
    s = s ? s : ip_word(p, "ivgen-alg", true, w->ivgen);
    if (ip_equal(ip_string(w->ivgen), "essiv"))
        s = s ? s : ip_word(p, "ivgen-hash-alg", true, w->ivhash->name);
    s = s ? s : ip_word(p, "hash-alg", true, w->hash->name);
    s = s ? s : ip_text(p, "uuid", true, ip_cut(uuid));
    s = s ? s : ip_count(p, "payload-offset", true, h->payload_offset * IP_SECTOR);
    s = s ? s : ip_count(p, "master-key-iters", true, h->mk_iterations);
    for (i = 0; i < SLOTS; i++)
        s = s ? s : describe_slot(p, &slots[i]);
    return s;
}

/* The disk is what lies behind the header. */
static enum imgprobe_status decide_size(struct probe *p, const struct luks *h)
{
    uint64_t size;

    if (!ip_add(p->size, IP_SECTOR - 1, &size))
        return ip_fail(p, IMGPROBE_MALFORMED, "file size", 0, p->size, 0, UINT64_MAX - IP_SECTOR);
    size = size / IP_SECTOR * IP_SECTOR;
    if (h->payload_offset * IP_SECTOR > size)
        return ip_fail_end(p, IP_ROW(header_rows, struct luks, payload_offset), 0, h->payload_offset * IP_SECTOR);
    p->image->virtual_size = size - h->payload_offset * IP_SECTOR;
    return IMGPROBE_OK;
}

static enum imgprobe_status decode(struct probe *p)
{
    struct luks h = {0};
    struct words w = {0};
    struct slot slots[SLOTS];
    uint64_t i;
    enum imgprobe_status s = ip_decode(p, 0, header_rows, IP_COUNT(header_rows), &h);

    s = s ? s : decode_words(p, &h, &w);
    for (i = 0; s == IMGPROBE_OK && i < SLOTS; i++) {
        s = ip_decode(p, FIRST_SLOT + i * SLOT_LENGTH, slot_rows, IP_COUNT(slot_rows), &slots[i]);
        s = s ? s : check_slot(p, &h, i, slots);
    }
    if (s != IMGPROBE_OK)
        return s;
    s = ip_end_known(p) && !p->endless ? decide_size(p, &h) : IMGPROBE_OK;
    if (s != IMGPROBE_OK)
        return s;
    p->image->encrypted = true;
    return describe(p, &h, &w, slots);
}

/* clang-format off */
static const struct key keys[] = {
    KEY("file", CHILD),
    KEY("key-secret", TEXT),
    KEY_SINCE("header", OPENS, 9, 0), /* a file for the header alone */
    KEYS_END
};
/* clang-format on */

const struct format ip_luks = {
    .row =
        {
            .name = "luks",
            .qemu_name = "luks",
            .tier = IMGPROBE_TIER_GUEST,
            .why = "a header of fixed fields; encrypted, and refers to nothing",
            .decoded = true,
            .compiled = IP_COMPILED(luks),
            .reads = 4,
            .bytes = 8192,
        },
    .parent = PARENT_NEVER,
    .magics = {{0, "LUKS\xba\xbe\0\1", 8}},
    .driver = {.name = "luks", .class = DRIVER_FORMAT, .keys = keys},
    .decode = IP_COMPILED(luks) ? decode : NULL,
};
