/* SPDX-License-Identifier: MIT */
/*
 * What a json: name describes: from the outermost node inward, as QEMU's bdrv_open_inherit does with the options of a
 * backing file (block.c). One node decodes; others above and beneath it may show the same bytes or a part of them.
 */
#include "json/json.h"

#include <string.h>

static enum imgprobe_status malformed(struct graph *g, const struct json *at, const char *note)
{
    return ip_graph_refuse(g, at, "malformed-name", note);
}

static enum imgprobe_status parse(struct graph *g)
{
    struct imgprobe_bytes text = {g->r->stated.name.bytes, g->r->stated.cut};
    struct json *root = NULL;
    struct json at = {0};
    enum imgprobe_status s;

    text = ip_part(text, strlen("json:"), text.length - strlen("json:"));
    s = ip_json(text, g->place->limits, g->place->w, &root, g->place->error);
    if (s == IMGPROBE_LIMIT) {
        g->place->error->offset = g->r->stated.offset;
        return s;
    }
    if (s != IMGPROBE_OK) {
        at.offset = (size_t)g->place->error->offset;
        return ip_graph_refuse(g, &at, g->place->error->field, g->place->error->what);
    }
    ip_own(g->r)->object = root;
    g->r->led.json = true;
    return IMGPROBE_OK;
}

/* If the image declares a format for the file, that counts and not the object's driver. bdrv_open_backing_file gives
 * it to the node before the name is parsed. So it is written into the tree, once. */
static enum imgprobe_status put_declared(struct graph *g, struct json *root)
{
    struct json *driver = ip_json_get(root, "driver");
    bool again = root->declared;

    root->declared = true;
    if (again || g->r->stated.format.length == 0 || g->r->role != IMGPROBE_ROLE_BACKING)
        return IMGPROBE_OK;
    if (!driver) {
        driver = ip_graph_take(g, sizeof *driver);
        if (!driver)
            return IMGPROBE_LIMIT;
        driver->key = ip_string("driver");
        driver->offset = root->offset;
        ip_json_append(root, driver);
    }
    driver->type = JSON_STRING;
    driver->text = g->r->stated.format;
    driver->members = driver->last = NULL;
    driver->declared = true; /* not the object's own */
    return IMGPROBE_OK;
}

static enum imgprobe_status end(struct graph *g, const struct json *node, const struct driver *driver)
{
    const struct json *name = ip_json_get(node, "filename");

    ip_graph_raw_format(g, driver);
    if (driver->class == DRIVER_COMPOSITE)
        return ip_graph_composite(g, node, driver);
    if (!name && (driver->class == DRIVER_FILE || driver->class == DRIVER_DEVICE))
        return malformed(g, node, "a node names no file");
    if (driver->class != DRIVER_FILE && driver->class != DRIVER_DEVICE)
        return ip_graph_protocol(g, node, driver);
    /* The name itself is literal. As the directory of further names it isn't: path_combine takes its first word for a
     * protocol. */
    if (g->r->role == IMGPROBE_ROLE_BACKING && ip_name_has_protocol(name->text))
        return ip_graph_refuse(g, name, "name-means-two-things",
                               "it is a file, and the reader takes it for a protocol where that file names others");
    if (ip_json_get(node, "driver"))
        ip_own(g->r)->only = driver->class == DRIVER_DEVICE ? IMGPROBE_KIND_BLOCK : IMGPROBE_KIND_FILE;
    return ip_place_in_workdir(g->r, g->place, name->text);
}

/* The child of a node that has one. NULL, with *ret_status, where the reader would take none. */
static const struct json *child_of(struct graph *g, const struct json *node, enum imgprobe_status *ret_status)
{
    const struct json *file = ip_json_get(node, "file"), *backing = ip_json_get(node, "backing");
    const struct json *data_file = ip_json_get(node, "data-file");

    if (backing && backing->type != JSON_NULL && !ip_json_is(backing, "") && !ip_json_holds(backing)) {
        *ret_status = malformed(g, backing, "a backing file is neither an object nor null");
        return NULL;
    }
    if (data_file && !ip_json_holds(data_file)) {
        *ret_status = malformed(g, data_file, "a data file isn't an object");
        return NULL;
    }
    if (backing && ip_json_holds(backing) && !ip_json_get(node, "driver")) {
        *ret_status = ip_graph_refuse(g, backing, "format-probed",
                                      "it gives a backing file to an image whose format the reader probes");
        return NULL;
    }
    if (ip_json_holds(file))
        return file;
    *ret_status = malformed(g, file ? file : node,
                            file ? "the file beneath a node isn't an object: the reader knows no node of that name"
                                 : "a node that needs a file beneath it names none");
    return NULL;
}

static const struct driver *driver_of(struct graph *g, const struct json *node, enum imgprobe_status *ret_status)
{
    const struct json *word = ip_json_get(node, "driver");
    const struct driver *driver;

    /* A node without a driver is a file, if it lies beneath another node or is a data file. The format of any other
     * is probed. */
    if (!word)
        return node->parent && (g->r->role != IMGPROBE_ROLE_BACKING || node != ip_object(g->r))
                   ? ip_driver(ip_string("file"))
                   : &ip_graph_probed;
    driver = word->type == JSON_STRING ? ip_driver(word->text) : NULL;
    if (driver && ip_have(g->place->versions, driver->when) == IP_ALL_HAVE)
        return driver;
    if (driver && ip_have(g->place->versions, driver->when) == IP_SOME_HAVE)
        *ret_status = ip_graph_refuse_some(g, word, driver->when, "the reader has its driver in some versions only");
    else
        *ret_status = ip_graph_refuse(g, word, "unknown-driver",
                                      driver ? "its driver is one that the reader had once"
                                             : "it names a driver that the reader doesn't have");
    return NULL;
}

static bool compresses(const struct json *file)
{
    const struct json *driver = ip_json_holds(file) ? ip_json_get(file, "driver") : NULL;
    const struct format *format = driver && driver->type == JSON_STRING ? ip_format_named(driver->text) : NULL;

    return format && format->compresses;
}

/* Takes a node that has a child, by what it does with the child's bytes. */
static enum imgprobe_status pass(struct graph *g, const struct json *node, const struct driver *driver)
{
    if (driver->class == DRIVER_FORMAT)
        return ip_graph_decoder(g, node, driver);
    if (ip_equal(ip_string(driver->name), "compress") && !compresses(ip_json_get(node, "file")))
        return malformed(g, node, "what is beneath \"compress\" can't be compressed");
    if (ip_equal(ip_string(driver->name), "throttle") && !ip_json_get(node, "throttle-group"))
        return malformed(g, node, "\"throttle\" names no group");
    return ip_graph_layer(g, node, driver);
}

static enum imgprobe_status refuse_key(struct graph *g, const struct bad_key *bad)
{
    if (bad->key && ip_have(g->place->versions, bad->key->when) == IP_SOME_HAVE)
        return ip_graph_refuse_some(g, bad->at, bad->key->when, bad->note);
    return ip_graph_refuse(g, bad->at, bad->reason, bad->note);
}

/* The object's own driver would take these keys, and the declared one comes in its place. */
static bool lacks_its_file(const struct json *node, const struct driver *driver)
{
    const struct json *word = ip_json_get(node, "driver");

    return word && word->declared && !ip_json_get(node, "file") &&
           (driver->class == DRIVER_FORMAT || driver->class == DRIVER_RAW || driver->class == DRIVER_FILTER);
}

static enum imgprobe_status go_inward(struct graph *g, const struct json *node)
{
    enum imgprobe_status s = IMGPROBE_OK;

    while (node) {
        const struct driver *driver = driver_of(g, node, &s);
        struct bad_key bad;

        if (!driver)
            return s;
        if (lacks_its_file(node, driver))
            return malformed(g, node,
                             "the format that the image declares needs a \"file\" beneath it, and this names "
                             "the file itself");
        if (ip_graph_bad_key(node, driver, g->place->versions, &bad))
            return refuse_key(g, &bad);
        if (driver->class == DRIVER_WRITES)
            return ip_graph_refuse(g, node, "reference-asks-write", "\"copy-on-read\" writes to what it reads from");
        if (driver->class != DRIVER_RAW && driver->class != DRIVER_FILTER && driver->class != DRIVER_FORMAT)
            return end(g, node, driver);
        s = pass(g, node, driver);
        if (s != IMGPROBE_OK || g->r->led.reason)
            return s;
        node = child_of(g, node, &s);
    }
    return s;
}

static void hide(struct imgprobe_reference *r, bool may_hold)
{
    r->stated.redacted = (struct imgprobe_bytes){NULL, 0};
    if (may_hold)
        r->stated.redacted = ip_string(ip_name_has_protocol(r->stated.name) ? "json:***" : "***");
}

/* A password can stand in a URL or beneath a key, with escapes or without. A name that is refused would be shown as
 * it stands. So where a password may be, nothing of the name is shown. `protocol` still says where it leads. */
void ip_graph_redact(struct imgprobe_reference *r)
{
    size_t unused;
    bool url = ip_find(r->stated.name, "://", &unused) || ip_find(r->stated.name, "\\/", &unused);

    hide(r, ip_find(r->stated.name, "password", &unused) || ip_find(r->stated.name, "\\u", &unused) ||
                (url && ip_find(r->stated.name, "@", &unused)));
}

/* The same once the escapes are undone. Only an escape in what an escape meant may still hide something. */
static void redact_by_tree(struct imgprobe_reference *r, const struct json *root)
{
    const struct json *at;
    bool may_hold = false;
    size_t unused;

    for (at = root; at && !may_hold; at = ip_json_next(root, at))
        may_hold = ip_find(at->key, "password", &unused) ||
                   (at->type != JSON_OBJECT &&
                    (ip_find(at->text, "password", &unused) || ip_find(at->text, "\\u", &unused) ||
                     (ip_find(at->text, "://", &unused) && ip_find(at->text, "@", &unused))));
    hide(r, may_hold);
}

enum imgprobe_status ip_graph_name(struct imgprobe_reference *r, const struct place *place)
{
    struct graph g = {r, place, NULL, &r->led.layers, &r->led.resources};
    enum imgprobe_status s = IMGPROBE_OK;
    struct json *root;

    ip_graph_redact(r);
    if (!ip_object(r)) {
        s = parse(&g);
        if (s != IMGPROBE_OK || !ip_object(r))
            return s;
    }
    root = (struct json *)(uintptr_t)ip_object(r);
    redact_by_tree(r, root);
    s = put_declared(&g, root);
    s = s ? s : go_inward(&g, root);
    if (s == IMGPROBE_OK && r->led.kind != IMGPROBE_KIND_FILE)
        r->led.layers = NULL;
    return s;
}
