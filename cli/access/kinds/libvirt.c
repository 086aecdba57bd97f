/* SPDX-License-Identifier: MIT */
/*
 * The kind `libvirt`: a <disk> with its whole chain, ended by an empty <backingStore/>, so that libvirt probes
 * nothing. Each file is named as the reader opens it, from the root; a device is of type 'block'. A disk that isn't
 * to be written is <readonly/>. libvirt 9.0 has no element for a data file, and none for extents.
 */
#include "access/grants/graph.h"
#include "access/grants/absolute-path.h"
#include "output/quote.h"

struct disk {
    const struct grants *grants;
    FILE *stream;
    struct cannot *ret_why;
};

/* XML 1.0's Char; and a tab, which an attribute would have to escape for some readers and not for others. */
static bool is_no_character(uint32_t point)
{
    return point < 0x20 || point == 0xfffe || point == 0xffff;
}

static void indent(const struct disk *disk, unsigned depth)
{
    unsigned i;

    for (i = 0; i < depth; i++)
        fputs("  ", disk->stream);
}

static const char *type_of(const struct graph_link *link)
{
    return link->grant->member->kind == IMGPROBE_KIND_BLOCK ? "block" : "file";
}

/* Refuses a disk that libvirt can't describe in full. With a part left out it would be another disk. */
static bool check(const struct disk *disk, const struct graph_link *link)
{
    if (link->grant->member->image->encrypted)
        return cannot(disk->ret_why, link->grant, "it is encrypted and the disk would need its secret");
    if (!link->grant->member->image->format->libvirt_name)
        return cannot(disk->ret_why, link->grant, "libvirt has no word for its format");
    if (link->data)
        return cannot(disk->ret_why, link->data_grant, "libvirt has no element for a data file");
    if (link->parts != 0)
        return cannot(disk->ret_why, link->grant, "its name has it in a part of a file");
    return true;
}

static bool put_source(const struct disk *disk, const struct graph_link *link, unsigned depth)
{
    struct path path;

    if (!(link->via ? path_of_name(disk->grants, link->grant, link->via->led.path, &path, disk->ret_why)
                    : path_as_opened(disk->grants, link->grant, &path, disk->ret_why)) ||
        !path_is_text(&path, is_no_character, link->grant, disk->ret_why))
        return false;
    indent(disk, depth);
    fprintf(disk->stream, "<source %s=", link->grant->member->kind == IMGPROBE_KIND_BLOCK ? "dev" : "file");
    quote_xml(disk->stream, path.text);
    fputs("/>\n", disk->stream);
    return true;
}

static void put_format(const struct disk *disk, const struct graph_link *link, unsigned depth)
{
    const char *driver = link->grant->member->image->format->libvirt_name;

    indent(disk, depth - 1);
    if (!link->via) {
        fprintf(disk->stream, "<disk type='%s' device='disk'>\n", type_of(link));
        fprintf(disk->stream, "  <driver name='qemu' type='%s'/>\n", driver);
        return;
    }
    fprintf(disk->stream, "<backingStore type='%s'>\n", type_of(link));
    indent(disk, depth);
    fprintf(disk->stream, "<format type='%s'/>\n", driver);
}

/* *ret_depth: how many elements are open. */
static bool put_chain(const struct disk *disk, unsigned *ret_depth)
{
    struct graph_link link;
    bool fine = graph_top(disk->grants, &link, disk->ret_why);

    *ret_depth = 0;
    while (fine) {
        if (!check(disk, &link))
            return false;
        put_format(disk, &link, ++*ret_depth);
        if (!put_source(disk, &link, *ret_depth))
            return false;
        if (!link.backing)
            break;
        fine = graph_next(disk->grants, &link, disk->ret_why);
    }
    if (fine) {
        indent(disk, *ret_depth);
        fputs("<backingStore/>\n", disk->stream);
    }
    return fine;
}

bool access_libvirt(const struct grants *grants, FILE *stream, struct cannot *ret_why)
{
    const struct disk disk = {.grants = grants, .stream = stream, .ret_why = ret_why};
    unsigned depth;

    if (!put_chain(&disk, &depth))
        return false;
    for (; depth > 1; depth--) {
        indent(&disk, depth - 1);
        fputs("</backingStore>\n", stream);
    }
    fputs("  <target dev='vda' bus='virtio'/>\n", stream);
    if (!grants->access->grants->write)
        fputs("  <readonly/>\n", stream);
    fputs("</disk>\n", stream);
    return true;
}
