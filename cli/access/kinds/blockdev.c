/* SPDX-License-Identifier: MIT */
/*
 * The kind `blockdev`: QEMU's graph of the whole chain, as the JSON that -blockdev takes (docs/interop: qapi/
 * block-core.json, BlockdevOptions). Each file is named as the reader opens it, from the root. A regular file is
 * given to the driver `file`, a device to `host_device`. The format of every image is said, and so is the end of the
 * chain. So the emulator probes nothing and follows no name in a header.
 */
#include "access/grants/graph.h"
#include "access/grants/numbers.h"
#include "access/grants/absolute-path.h"
#include "output/json.h"
#include "output/text.h"

#include <inttypes.h>
#include <string.h>

struct graph {
    const struct grants *grants;
    struct cannot *ret_why;
    struct json json;
    enum graph_names names;
    const struct numbers *numbers;
    uint32_t key; /* of the disk, so that the nodes of several have different names */
    unsigned nodes;
};

/* FNV-1a, 32 bits. */
static uint32_t key_of(const struct path *path)
{
    uint32_t key = UINT32_C(2166136261);
    size_t i;

    for (i = 0; i < path->length; i++)
        key = (key ^ (unsigned char)path->text[i]) * UINT32_C(16777619);
    return key;
}

/* QEMU wants less than 32 letters of each. */
static void put_node(struct graph *graph, const char *driver, bool written)
{
    char name[32];

    snprintf(name, sizeof(name), "imgprobe-%08" PRIx32 "-%u", graph->key, graph->nodes++);
    json_string(&graph->json, "driver", driver);
    json_string(&graph->json, "node-name", name);
    json_bool(&graph->json, "read-only", !written);
}

static bool take_path(struct graph *graph, const struct imgprobe_grant *grant, const struct imgprobe_bytes *name,
                      bool written, struct path *ret)
{
    if (graph->names == GRAPH_PROC) {
        snprintf(ret->text, sizeof(ret->text), "/proc/self/fd/%u",
                 numbers_of(graph->numbers, grant->member, written));
        return true;
    }
    if (graph->names == GRAPH_SETS) {
        snprintf(ret->text, sizeof(ret->text), "/dev/fdset/%u", graph->numbers->all[grant->member->index].first);
        return true;
    }
    return (name ? path_of_name(graph->grants, grant, *name, ret, graph->ret_why)
                 : path_as_opened(graph->grants, grant, ret, graph->ret_why)) &&
           path_is_text(ret, path_noncharacter, grant, graph->ret_why);
}

/* auto-read-only is off: with it QEMU would open a file for reading where it may not write, and say nothing. */
static bool put_file(struct graph *graph, const char *key, const struct imgprobe_grant *grant,
                     const struct imgprobe_bytes *name, bool written)
{
    bool device = grant->member->kind == IMGPROBE_KIND_BLOCK;
    struct path path;

    if (!take_path(graph, grant, name, written, &path))
        return false;
    json_open(&graph->json, key, '{');
    put_node(graph, device ? "host_device" : "file", written);
    json_bool(&graph->json, "auto-read-only", false);
    json_string(&graph->json, "filename", path.text);
    json_close(&graph->json);
    return true;
}

static bool put_image(struct graph *graph, const char *key, const struct graph_link *link)
{
    const struct imgprobe_bytes *name = link->via ? &link->via->led.path : NULL;

    json_open(&graph->json, key, '{');
    put_node(graph, link->grant->member->image->format->qemu_name, link->grant->write);
    if (link->offset != 0)
        json_number(&graph->json, "offset", link->offset);
    json_known(&graph->json, "size", link->size);
    if (!put_file(graph, "file", link->grant, name, link->grant->write))
        return false;
    return link->data == NULL ||
           put_file(graph, "data-file", link->data_grant, &link->data->led.path, link->grant->write);
}

/* A part of a file is what the raw driver gives. It can't stand beneath another one: bdrv_open_backing_file goes by
 * the name in the header unless it finds `file.filename`. */
static bool check(const struct graph *graph, const struct graph_link *link)
{
    bool raw = strcmp(link->grant->member->image->format->qemu_name, "raw") == 0;

    if (link->grant->member->image->encrypted)
        return cannot(graph->ret_why, link->grant, "it is encrypted and the graph would need its secret");
    if (link->parts > 1 || (link->parts == 1 && !raw))
        return cannot(graph->ret_why, link->grant,
                      "its name has it in a part of a file, and QEMU wants that in a "
                      "graph of its own");
    /* Itself and its file, beneath what is open. */
    if (graph->json.depth + 3 > JSON_DEPTH)
        return cannot(graph->ret_why, link->grant, "QEMU reads JSON no deeper than %d", JSON_DEPTH);
    return true;
}

static bool put_chain(struct graph *graph)
{
    struct graph_link link;
    const char *key = NULL;
    bool fine = graph_top(graph->grants, &link, graph->ret_why);

    while (fine) {
        if (!check(graph, &link) || !put_image(graph, key, &link))
            return false;
        if (!link.backing)
            break;
        key = "backing";
        fine = graph_next(graph->grants, &link, graph->ret_why);
    }
    if (fine && graph_takes_backing(&link))
        json_null(&graph->json, "backing");
    return fine;
}

bool graph_write(const struct grants *grants, enum graph_names names, const struct numbers *numbers, FILE *stream,
                 struct cannot *ret_why)
{
    struct grants escaped = *grants; /* by JSON */
    struct graph graph = {.grants = &escaped, .ret_why = ret_why, .names = names, .numbers = numbers};
    struct path top = {.length = 0};

    escaped.terminal = false;
    /* What has numbers needs no name. */
    if ((names == GRAPH_PATHS || grants->access->grants->names) &&
        !path_as_opened(&escaped, grants->access->grants, &top, ret_why))
        return false;
    graph.key = key_of(&top);
    json_start(&graph.json, stream, true);
    if (!put_chain(&graph))
        return false;
    while (graph.json.depth > 0)
        json_close(&graph.json);
    json_finish(&graph.json);
    return true;
}

bool access_blockdev(const struct grants *grants, FILE *stream, struct cannot *ret_why)
{
    return graph_write(grants, GRAPH_PATHS, NULL, stream, ret_why);
}
