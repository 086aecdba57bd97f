/* SPDX-License-Identifier: MIT */
/* Rules: which finding is raised by which fact of an image or of a reference. */
#include "answer/answer.h"

/* Facts are named by qemu-img's words, and by ours where it has none. */
static const struct imgprobe_attribute *fact(const struct imgprobe_image *image, const char *name)
{
    const struct imgprobe_attribute *a = image->attributes;

    while (a && !ip_equal(ip_string(a->name), name))
        a = a->next;
    return a;
}

static bool is_set(const struct imgprobe_image *image, const char *name)
{
    const struct imgprobe_attribute *a = fact(image, name);

    return a && a->type != IMGPROBE_TEXT && a->number != 0;
}

static bool says(const struct imgprobe_image *image, const char *name, const char *text)
{
    const struct imgprobe_attribute *a = fact(image, name);

    return a && a->type == IMGPROBE_TEXT && ip_equal(a->text, text);
}

static bool holds(const struct imgprobe_image *image, const char *content)
{
    const struct imgprobe_word *c = image->content;

    while (c && !ip_equal(ip_string(c->name), content))
        c = c->next;
    return c != NULL;
}

static bool is_tier(const struct imgprobe_image *image, enum imgprobe_tier tier)
{
    return image->format && image->format->tier == tier;
}

static bool probed(const struct imgprobe_image *image)
{
    return image->format_source == IMGPROBE_FORMAT_PROBED;
}

static bool compatible_unknown(const struct imgprobe_image *image)
{
    return is_set(image, "compatible-unknown");
}

static bool autoclear_unknown(const struct imgprobe_image *image)
{
    return is_set(image, "autoclear-unknown");
}

static bool tier_import(const struct imgprobe_image *image)
{
    return is_tier(image, IMGPROBE_TIER_IMPORT);
}

static bool tier_identify(const struct imgprobe_image *image)
{
    return is_tier(image, IMGPROBE_TIER_IDENTIFY);
}

static bool tier_refuse(const struct imgprobe_image *image)
{
    return is_tier(image, IMGPROBE_TIER_REFUSE);
}

static bool encrypted_aes(const struct imgprobe_image *image)
{
    return image->encrypted && says(image, "encrypt.format", "aes");
}

static bool encrypted_luks(const struct imgprobe_image *image)
{
    return image->encrypted && !encrypted_aes(image);
}

static bool deprecated(const struct imgprobe_image *image)
{
    return image->format && (image->format->deprecated || (image->format->deprecated_use && encrypted_aes(image)));
}

/* Whether the create type is none of those whose disk lies in the one file. */
static bool several_files(const struct imgprobe_image *image)
{
    const struct imgprobe_attribute *a = fact(image, "create-type");
    const struct format *format = ip_format_of(image->format);
    const char *const *one = format ? format->one_file : NULL;

    while (a && one && *one && !ip_equal(a->text, *one))
        one++;
    return a && a->text.length > 0 && (!one || !*one);
}

static bool dirty(const struct imgprobe_image *image)
{
    return image->dirty;
}

static bool corrupt(const struct imgprobe_image *image)
{
    return is_set(image, "corrupt") || is_set(image, "incompatible-corrupt");
}

static bool snapshots(const struct imgprobe_image *image)
{
    return is_set(image, "snapshots");
}

static bool bitmaps(const struct imgprobe_image *image)
{
    return is_set(image, "bitmaps");
}

static bool compression(const struct imgprobe_image *image)
{
    return fact(image, "compression-type") && !says(image, "compression-type", "zlib");
}

/* Of LUKS inside another format the attribute encrypt.format tells. The rule before this one looks at that. */
static bool luks(const struct imgprobe_image *image)
{
    return holds(image, "luks2") || (image->encrypted && !fact(image, "encrypt.format"));
}

const struct remark_rule ip_remark_rules[] = {
    {"format-probed", probed},
    {"unknown-compatible-feature", compatible_unknown},
    {"unknown-autoclear-feature", autoclear_unknown},
    {"tier-import", tier_import},
    {"tier-identify", tier_identify},
    {"tier-refuse", tier_refuse},
    {"format-deprecated", deprecated},
    {"vmdk-create-type", several_files},
    {"dirty", dirty},
    {"corrupt", corrupt},
    {"encryption-aes", encrypted_aes},
    {"encryption-luks", encrypted_luks},
    {"luks-version", luks},
    {"internal-snapshots", snapshots},
    {"bitmaps", bitmaps},
    {"compression-type", compression},
};
const size_t ip_remark_rule_count = IP_COUNT(ip_remark_rules);

static bool is_backing(const struct imgprobe_reference *r, const struct imgprobe_image *image)
{
    (void)image;
    return r->role == IMGPROBE_ROLE_BACKING;
}

static bool is_data_file(const struct imgprobe_reference *r, const struct imgprobe_image *image)
{
    (void)image;
    return r->role == IMGPROBE_ROLE_DATA_FILE;
}

static bool is_extent(const struct imgprobe_reference *r, const struct imgprobe_image *image)
{
    (void)image;
    return r->role == IMGPROBE_ROLE_EXTENT;
}

/* Whether a component is "..". A name may hold two dots elsewhere. */
static bool climbs(struct imgprobe_bytes name)
{
    size_t i, start = 0;

    for (i = 0; i <= name.length; i++) {
        if (i < name.length && name.bytes[i] != '/')
            continue;
        if (i - start == 2 && name.bytes[start] == '.' && name.bytes[start + 1] == '.')
            return true;
        start = i + 1;
    }
    return false;
}

static bool external(const struct imgprobe_reference *r, const struct imgprobe_image *image)
{
    struct imgprobe_bytes name = {r->stated.name.bytes, r->stated.cut};

    return is_extent(r, image) && (ip_name_absolute(name) || climbs(name));
}

/* The name counts as well, because the kind isn't known where nothing was opened. */
static bool device(const struct imgprobe_reference *r, const struct imgprobe_image *image)
{
    struct imgprobe_bytes start = ip_part(r->stated.name, 0, 5);

    return is_extent(r, image) && (r->led.kind == IMGPROBE_KIND_BLOCK || (start.bytes && ip_equal(start, "/dev/")));
}

static bool undeclared(const struct imgprobe_reference *r, const struct imgprobe_image *image)
{
    return is_backing(r, image) && r->led.format.length == 0;
}

static bool control(const struct imgprobe_reference *r, const struct imgprobe_image *image)
{
    struct imgprobe_bytes name = r->stated.name;
    uint32_t character = 'x';
    size_t i;

    (void)image;
    for (i = 0; i < name.length && !imgprobe_hostile(character);)
        i += imgprobe_utf8(name.bytes + i, name.length - i, &character);
    return imgprobe_hostile(character);
}

static bool not_text(const struct imgprobe_reference *r, const struct imgprobe_image *image)
{
    (void)image;
    return !ip_utf8_valid(r->stated.name);
}

/* Whether the file of an extent goes on behind the part that the image gives out. */
static bool longer(const struct imgprobe_reference *r, const struct imgprobe_image *image)
{
    uint64_t end;

    (void)image;
    if (r->role != IMGPROBE_ROLE_EXTENT || !r->led.member || r->led.size == IMGPROBE_UNKNOWN ||
        r->led.member->image->file_size == IMGPROBE_UNKNOWN || r->led.member->image->format != &ip_fallback()->row)
        return false;
    return ip_add(r->stated.data_offset, r->led.size, &end) && end < r->led.member->image->file_size;
}

const struct reference_rule ip_reference_rules[] = {
    {"backing-file", is_backing},        {"data-file", is_data_file},     {"extent-file", is_extent},
    {"external-extent", external},       {"device-extent", device},       {"backing-format-missing", undeclared},
    {"name-control-character", control}, {"name-invalid-utf8", not_text}, {"data-after-end", longer},
};
const size_t ip_reference_rule_count = IP_COUNT(ip_reference_rules);

static const struct {
    const char *field, *id;
} by_field[] = {
    {"incompatible_features", "unknown-incompatible-feature"},
    {"version", "unsupported-version"},
};

const char *ip_remark_of_error(const struct imgprobe_error *error)
{
    size_t i;

    switch (error->status) {
    case IMGPROBE_OK:
        return NULL;
    case IMGPROBE_AMBIGUOUS: /* the field may be the id of what makes it ambiguous */
        return ip_finding_row(error->field, &i) ? error->field : "ambiguous";
    case IMGPROBE_TRUNCATED:
        return "truncated";
    case IMGPROBE_MALFORMED:
        return "malformed";
    case IMGPROBE_LIMIT:
        return "limit-reached";
    case IMGPROBE_UNSUPPORTED:
        for (i = 0; i < IP_COUNT(by_field); i++)
            if (error->field && ip_equal(ip_string(error->field), by_field[i].field))
                return by_field[i].id;
        return "unsupported";
    case IMGPROBE_REFUSED:
        return ip_finding_row(error->field, &i) ? error->field : "unreadable";
    case IMGPROBE_NEED:
    case IMGPROBE_SYSTEM:
    case IMGPROBE_USAGE:
        break;
    }
    return "unreadable";
}
