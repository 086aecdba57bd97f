/* SPDX-License-Identifier: MIT */
/*
 * The keys of `qemu-img info --output=json`, as version 7.2 prints them.
 */
#include "info/info.h"
#include "output/text.h"
#include "output/tree.h"
#include "output/names.h"

#include <string.h>

/* An element of VMDK's "extents": what the disk is put together from. */
struct extent {
    struct imgprobe_bytes path;
    const char *type;
    uint64_t size, cluster_size;
    bool flat, compressed;
};

static struct extent own_extent(const struct answer *answer, const struct imgprobe_member *member)
{
    const struct imgprobe_image *image = member->image;

    return (struct extent){
        .path = name_of_member(answer->file, member),
        .type = "",
        .size = image->virtual_size,
        .cluster_size = image->cluster_size,
        .compressed = image->compressed,
    };
}

/* With a size the reference is to bytes as they are; without, to an image with a size of its own. */
static struct extent extent_at(const struct imgprobe_reference *at)
{
    const struct imgprobe_image *image = at->led.member ? at->led.member->image : NULL;
    struct extent extent = {
        .path = at->led.path.bytes ? at->led.path : name_of_reference(at),
        .type = at->stated.type ? at->stated.type : "",
        .size = at->led.size,
        .flat = at->led.size != IMGPROBE_UNKNOWN,
    };

    if (!extent.flat && image && image->error.status == IMGPROBE_OK) {
        extent.size = image->virtual_size;
        extent.cluster_size = image->cluster_size;
        extent.compressed = image->compressed;
    }
    return extent;
}

/* Whether this is an extent that is put together from others, which are listed in its place. */
static bool is_composed(const struct tree *tree)
{
    return tree->at->role == IMGPROBE_ROLE_EXTENT && tree_first(tree) &&
           tree->at->led.member->image->size_from_extents;
}

/* Moves on to the next extent that isn't put together from others, `at` included. */
static bool find_extent(struct tree *tree)
{
    while (tree->at) {
        if (tree->at->role == IMGPROBE_ROLE_EXTENT && !tree->at->led.ignored && !is_composed(tree))
            return true;
        tree_next(tree, is_composed(tree));
    }
    return false;
}

static void put_extent(const struct extent *extent, struct json *json)
{
    json_open(json, NULL, '{');
    if (extent->compressed)
        json_bool(json, "compressed", true);
    json_known(json, "virtual-size", extent->size);
    json_bytes(json, "filename", extent->path);
    if (!extent->flat && extent->cluster_size != 0)
        json_number(json, "cluster-size", extent->cluster_size);
    json_string(json, "format", extent->type);
    json_close(json);
}

static void put_extents(const struct answer *answer, const struct imgprobe_member *member, struct json *json)
{
    struct extent extent = own_extent(answer, member);
    struct tree tree;

    json_open(json, "extents", '[');
    if (!member->image->size_from_extents) {
        put_extent(&extent, json);
    } else {
        for (tree_start(&tree, member); find_extent(&tree); tree_next(&tree, false)) {
            extent = extent_at(tree.at);
            put_extent(&extent, json);
        }
    }
    json_close(json);
}

/* The extents' common cluster size in *ret, 0 for none. False if they are of different kinds: qemu-img then prints
 * neither cluster-size nor dirty-flag. */
static bool agree(const struct imgprobe_member *member, uint64_t *ret)
{
    struct extent first;
    struct tree tree;

    tree_start(&tree, member);
    *ret = 0;
    if (!find_extent(&tree))
        return true;
    first = extent_at(tree.at);
    for (tree_next(&tree, false); find_extent(&tree); tree_next(&tree, false)) {
        struct extent other = extent_at(tree.at);

        if (other.flat != first.flat || other.compressed != first.compressed ||
            (!first.flat && other.cluster_size != first.cluster_size))
            return false;
    }
    *ret = first.flat ? 0 : first.cluster_size;
    return true;
}

static void put_cluster_and_dirty(const struct imgprobe_member *member, struct json *json)
{
    uint64_t cluster_size = member->image->cluster_size;

    if (member->image->size_from_extents && !agree(member, &cluster_size))
        return;
    if (cluster_size != 0)
        json_number(json, "cluster-size", cluster_size);
    json_bool(json, "dirty-flag", member->image->dirty);
}

/* QEMU gives such a name back as it is, not the path behind it. */
static bool has_protocol(struct imgprobe_bytes name)
{
    size_t i = 0;

    while (i < name.length && name.bytes[i] != ':' && name.bytes[i] != '/')
        i++;
    return i < name.length && name.bytes[i] == ':';
}

static void put_backing(const struct imgprobe_image *image, struct json *json)
{
    const struct imgprobe_reference *backing = tree_backing(image);
    const struct imgprobe_format *implied = NULL;
    struct imgprobe_bytes name, format;

    if (!backing)
        return;
    name = name_of_reference(backing);
    if (name.length != 0 && memchr(name.bytes, '\0', name.length))
        name = text_bytes((const char *)name.bytes);
    if (backing->led.format_source == IMGPROBE_FORMAT_IMPLIED)
        implied = imgprobe_format_named((const char *)backing->led.format.bytes);
    format = backing->stated.format;
    json_bytes(json, "backing-filename", name);
    json_bytes(json, "full-backing-filename", has_protocol(name) ? name : backing->led.path);
    if (implied && implied->qemu_name)
        json_string(json, "backing-filename-format", implied->qemu_name);
    else
        json_bytes(json, "backing-filename-format", format);
}

static void put_specific(const struct answer *answer, const struct imgprobe_member *member, struct json *json)
{
    const struct imgprobe_attribute *at = member->image->attributes;
    bool any = false, composed = false;

    for (; at; at = at->next) {
        any = any || at->qemu;
        composed = composed || (at->qemu && strcmp(at->name, "create-type") == 0);
    }
    if (!any)
        return;
    json_open(json, "format-specific", '{');
    json_string(json, "type", member->image->format->qemu_name);
    json_open(json, "data", '{');
    info_attributes(member->image, true, json);
    if (composed)
        put_extents(answer, member, json);
    json_close(json);
    json_close(json);
}

void info_qemu(const struct answer *answer, const struct imgprobe_member *member, struct json *json)
{
    const struct imgprobe_image *image = member->image;

    json_bytes(json, "filename", info_filename(answer, member));
    /* Nobody may take the absence of a key for an answer about an image that isn't known. */
    if (image->error.status != IMGPROBE_OK || !image->format)
        return;
    json_string(json, "format", image->format->qemu_name);
    json_known(json, "virtual-size", image->virtual_size);
    json_known(json, "actual-size", member->allocated);
    put_cluster_and_dirty(member, json);
    if (image->encrypted)
        json_bool(json, "encrypted", true);
    put_backing(image, json);
    put_specific(answer, member, json);
}
