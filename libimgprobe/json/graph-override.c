/* SPDX-License-Identifier: MIT */
/*
 * What the name by which an image was reached says in place of the image's own names: "backing" and "data-file" of
 * the node that decodes (block.c, bdrv_open_backing_file; block/qcow2.c, qcow2_do_open).
 */
#include "json/json.h"

struct override {
    const struct imgprobe_reference *via;
    struct imgprobe_image *image;
    struct imgprobe_workspace *w;
    struct imgprobe_error *error;
};

static enum imgprobe_status refuse(struct override *o, const char *id, const char *what)
{
    ip_error(o->error, IMGPROBE_REFUSED, id, what);
    o->error->offset = o->via->stated.offset;
    return IMGPROBE_REFUSED;
}

/* ip_graph_name has been through this name. So every node has a driver's row, and its child is an object. */
static const struct json *decoder_of(const struct json *node)
{
    while (node) {
        const struct json *word = ip_json_get(node, "driver");
        const struct driver *driver = word ? ip_driver(word->text) : &ip_graph_probed;

        if (!driver || driver->class == DRIVER_FORMAT)
            return node;
        node = driver->class == DRIVER_RAW || driver->class == DRIVER_FILTER ? ip_json_get(node, "file") : NULL;
    }
    return NULL;
}

/* Marks the references of a role as overridden. Gives the last of them in *ret, and returns where the next would
 * stand. */
static struct imgprobe_reference **mark(struct override *o, enum imgprobe_role role, struct imgprobe_reference **ret)
{
    struct imgprobe_reference **at, **behind = NULL;

    *ret = NULL;
    for (at = &o->image->references; *at; at = &(*at)->next) {
        if ((*at)->role != role)
            continue;
        (*at)->led.overridden = true;
        *ret = *at;
        behind = &(*at)->next;
    }
    return behind ? behind : at;
}

/* The text of the object in the name. An object that is made of dotted keys has none of its own, so it is the whole
 * name. */
static enum imgprobe_status name_of(struct override *o, const struct json *object, struct imgprobe_bytes *ret)
{
    const struct json *root = ip_object(o->via);
    struct imgprobe_bytes text = object->text.bytes ? object->text : root->text;

    return ip_join(o->w, &text, 1, ret, o->error);
}

static enum imgprobe_status insert(struct override *o, struct imgprobe_reference **at, enum imgprobe_role role,
                                   const struct imgprobe_reference *replaced, const struct json *object)
{
    struct imgprobe_reference *r = ip_room(o->w, sizeof(struct ip_reference), o->error);
    enum imgprobe_status s;

    if (!r)
        return IMGPROBE_LIMIT;
    s = name_of(o, object, &r->stated.name);
    if (s != IMGPROBE_OK)
        return s;
    r->stated.cut = r->stated.name.length;
    r->role = role;
    r->stated.offset = o->via->stated.offset;
    r->led.size = r->stated.size = IMGPROBE_UNKNOWN;
    r->stated.format_source = IMGPROBE_FORMAT_PROBED;
    ip_own(r)->object = object;
    r->led.json = true;
    /* The format that the image declares for a backing file counts only if the object has no driver. */
    if (replaced && (role == IMGPROBE_ROLE_DATA_FILE || !ip_json_get(object, "driver"))) {
        r->stated.format = replaced->stated.format;
        r->stated.format_source = replaced->stated.format_source;
    }
    r->next = *at;
    *at = r;
    return IMGPROBE_OK;
}

static enum imgprobe_status override_backing(struct override *o, const struct json *object)
{
    const struct json *file = ip_json_get(object, "file");
    struct imgprobe_reference *replaced, **at;

    if (object->type != JSON_OBJECT) { /* null and "" mean that there is no backing file, whatever the image says */
        mark(o, IMGPROBE_ROLE_BACKING, &replaced);
        return IMGPROBE_OK;
    }
    at = mark(o, IMGPROBE_ROLE_BACKING, &replaced);
    if (replaced && !(ip_json_holds(file) && ip_json_get(file, "filename")))
        return refuse(o, "override-mixes-names",
                      "the reader mixes the backing file that the name gives with the one that the image names");
    return insert(o, at, IMGPROBE_ROLE_BACKING, replaced, object);
}

static enum imgprobe_status override_data_file(struct override *o, const struct json *object)
{
    struct imgprobe_reference *replaced, **at = mark(o, IMGPROBE_ROLE_DATA_FILE, &replaced);

    if (!replaced)
        return refuse(o, "override-without-data-file", "the name gives a data file to an image that names none");
    return insert(o, at, IMGPROBE_ROLE_DATA_FILE, replaced, object);
}

/* qcow2_update_options_prepare refuses a format of encryption for an image that isn't encrypted. */
static enum imgprobe_status check_encryption(struct override *o, const struct json *node)
{
    const struct json *encrypt = ip_json_get(node, "encrypt");

    if (!encrypt || !ip_json_get(encrypt, "format") || o->image->encrypted)
        return IMGPROBE_OK;
    return refuse(o, "unknown-value", "the name says how the image is encrypted, and it isn't");
}

/* Some keys ask for what an older image can't do: of such a one the driver refuses them. */
static enum imgprobe_status check_age(struct override *o, const struct json *node)
{
    const char *variant = o->image->variant;
    const struct key *key;

    for (key = ip_format_of(o->image->format)->driver.keys; variant && key && key->name; key++) {
        const struct json *value = key->type == KEY_NEWER ? ip_json_get(node, key->name) : NULL;

        if (value && ip_graph_true(value) && ip_equal(ip_string(variant), key->words))
            return refuse(o, "unknown-value", "the name asks for more than an image as old as this can do");
    }
    return IMGPROBE_OK;
}

static void count_left(struct imgprobe_image *image)
{
    const struct imgprobe_reference *r;

    if (image->references_state == IMGPROBE_REFERENCES_CANNOT_TELL)
        return;
    image->references_state = IMGPROBE_REFERENCES_NONE;
    for (r = image->references; r; r = r->next)
        if (!r->led.overridden)
            image->references_state = IMGPROBE_REFERENCES_KNOWN;
}

enum imgprobe_status ip_graph_override(const struct imgprobe_reference *via, struct imgprobe_image *image,
                                       struct imgprobe_workspace *w, struct imgprobe_error *error)
{
    struct override o = {via, image, w, error};
    const struct json *node = via ? decoder_of(ip_object(via)) : NULL;
    const struct json *backing = node ? ip_json_get(node, "backing") : NULL;
    const struct json *data_file = node ? ip_json_get(node, "data-file") : NULL;
    enum imgprobe_status s = IMGPROBE_OK;

    if (!node || image->error.status != IMGPROBE_OK) /* an image with an error isn't followed anyway */
        return IMGPROBE_OK;
    s = check_encryption(&o, node);
    s = s ? s : check_age(&o, node);
    if (s == IMGPROBE_OK && data_file)
        s = override_data_file(&o, data_file);
    if (s == IMGPROBE_OK && backing)
        s = override_backing(&o, backing);
    if (backing || data_file)
        count_left(image);
    return s;
}
