/* SPDX-License-Identifier: MIT */
/*
 * The kind `libvirt`: a <disk> with its whole chain, ended by an empty <backingStore/>, so that libvirt probes
 * nothing. Each file is named as the reader opens it, from the root; a device is of type 'block'. A disk that isn't
 * to be written is <readonly/>. A data file is the <dataStore> of its image's <source>, which libvirt knows since
 * 10.10. There is no element for extents.
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

static bool is_device(const struct imgprobe_grant *grant)
{
    return grant->member->kind == IMGPROBE_KIND_BLOCK;
}

static const char *type_of(const struct imgprobe_grant *grant)
{
    return is_device(grant) ? "block" : "file";
}

/* Refuses a disk that libvirt can't describe in full. With a part left out it would be another disk. */
static bool check(const struct disk *disk, const struct graph_link *link)
{
    if (link->grant->member->image->encrypted)
        return cannot(disk->ret_why, link->grant, "it is encrypted and the disk would need its secret");
    if (!link->grant->member->image->format->libvirt_name)
        return cannot(disk->ret_why, link->grant, "libvirt has no word for its format");
    if (link->parts != 0)
        return cannot(disk->ret_why, link->grant, "its name has it in a part of a file");
    return true;
}

/* Leaves the tag open: what follows is its end, or more than the name. */
static bool put_name(const struct disk *disk, const struct imgprobe_grant *grant,
                     const struct imgprobe_reference *via, unsigned depth)
{
    struct path path;

    if (!(via ? path_of_name(disk->grants, grant, via->led.path, &path, disk->ret_why)
              : path_as_opened(disk->grants, grant, &path, disk->ret_why)) ||
        !path_is_text(&path, is_no_character, grant, disk->ret_why))
        return false;
    indent(disk, depth);
    fprintf(disk->stream, "<source %s=", is_device(grant) ? "dev" : "file");
    quote_xml(disk->stream, path.text);
    return true;
}

/* An older libvirt passes over elements that it doesn't know, and QEMU then finds no data file that it may open. So
 * the reader of the XML is told. */
static bool put_data(const struct disk *disk, const struct graph_link *link, unsigned depth)
{
    const char *driver = link->data_grant->member->image->format->libvirt_name;

    indent(disk, depth);
    fputs("<!-- libvirt 10.10 or later: those before it know no dataStore -->\n", disk->stream);
    indent(disk, depth);
    fprintf(disk->stream, "<dataStore type='%s'>\n", type_of(link->data_grant));
    indent(disk, depth + 1);
    fprintf(disk->stream, "<format type='%s'/>\n", driver);
    if (!put_name(disk, link->data_grant, link->data, depth + 1))
        return false;
    fputs("/>\n", disk->stream);
    indent(disk, depth);
    fputs("</dataStore>\n", disk->stream);
    return true;
}

static bool put_source(const struct disk *disk, const struct graph_link *link, unsigned depth)
{
    if (!put_name(disk, link->grant, link->via, depth))
        return false;
    if (!link->data) {
        fputs("/>\n", disk->stream);
        return true;
    }
    fputs(">\n", disk->stream);
    if (!put_data(disk, link, depth + 1))
        return false;
    indent(disk, depth);
    fputs("</source>\n", disk->stream);
    return true;
}

static void put_format(const struct disk *disk, const struct graph_link *link, unsigned depth)
{
    const char *driver = link->grant->member->image->format->libvirt_name;

    indent(disk, depth - 1);
    if (!link->via) {
        fprintf(disk->stream, "<disk type='%s' device='disk'>\n", type_of(link->grant));
        fprintf(disk->stream, "  <driver name='qemu' type='%s'/>\n", driver);
        return;
    }
    fprintf(disk->stream, "<backingStore type='%s'>\n", type_of(link->grant));
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
