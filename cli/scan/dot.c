/* SPDX-License-Identifier: MIT */
/*
 * The chains as a graph for dot(1): a node for each file that refers to another or is referred to, coloured by its
 * format, and an edge for each reference. What is missing is dashed.
 */
#include "output/text.h"
#include "scan/scan.h"

#include <inttypes.h>
#include <string.h>

/* Light enough for black letters, and apart for people who see red and green alike. */
static const char *colour_of(const char *format)
{
    static const struct {
        const char *format, *colour;
    } colours[] = {
        {"qcow2", "#a6cee3"}, {"raw", "#e8e8e8"},  {"vmdk", "#fdd49e"},
        {"vhd", "#d9c3e8"},   {"vhdx", "#cab2d6"}, {"qed", "#c7e9b4"},
    };
    size_t i = 0;

    while (i < sizeof(colours) / sizeof(colours[0]) && strcmp(colours[i].format, format) != 0)
        i++;
    return i < sizeof(colours) / sizeof(colours[0]) ? colours[i].colour : "#fffac8";
}

/* As text for people, within quotes: dot reads the backslashes of both. */
static void put_part(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0, i;

    while (at < length) {
        struct text_step step = text_next(bytes + at, length - at);

        if (step.valid && step.point == '\\')
            fputs("\\\\\\", stdout);
        if (step.valid && step.point == '"')
            fputs("\\", stdout);
        if (step.valid && !imgprobe_hostile(step.point)) {
            fwrite(bytes + at, 1, step.length, stdout);
        } else {
            for (i = 0; i < step.length; i++)
                printf("\\\\x%02x", bytes[at + i]);
        }
        at += step.length;
    }
}

void scan_dot_head(void)
{
    puts("digraph store {\n"
         "  rankdir=LR;\n"
         "  node [shape=box, style=\"filled,rounded\", fontname=\"sans-serif\", fontsize=11];\n"
         "  edge [color=\"#555555\"];");
}

/* The same for the same file in every run, whoever came to it first. */
static void put_id(const struct record *record)
{
    printf("f%" PRIx64 "_%" PRIx64, record->identity.device, record->identity.inode);
}

static void put_edge(const struct index *index, const struct record *from, const struct edge *edge)
{
    const struct record *to = &index->records[edge->to];

    fputs("  ", stdout);
    put_id(from);
    fputs(" -> ", stdout);
    put_id(to);
    if ((to->flags & INDEX_GONE) != 0)
        fputs(" [style=dashed, color=\"#c00000\"]", stdout);
    else if (!edge->backing)
        fputs(" [arrowhead=odot]", stdout);
    puts(";");
}

/* The name in large letters, the directory and the format beneath it. */
void scan_dot_node(const struct index *index, uint32_t record, const char *name)
{
    const struct record *at = &index->records[record];
    const struct imgprobe_format *format = at->format != 0 ? imgprobe_format_at(at->format - 1u) : NULL;
    const bool gone = (at->flags & INDEX_GONE) != 0;
    const char *slash = strrchr(name, '/'), *last = slash && slash[1] ? slash + 1 : name;
    uint32_t edge;

    fputs("  ", stdout);
    put_id(at);
    fputs(" [label=\"", stdout);
    put_part(last, strlen(last));
    if (last != name) {
        fputs("\\n", stdout);
        put_part(name, (size_t)(last - name));
    }
    printf("\\n%s\"", gone ? "missing" : format ? format->name : "not in the walk");
    if (gone)
        fputs(", style=\"dashed,rounded\", color=\"#c00000\", fontcolor=\"#c00000\"", stdout);
    else
        printf(", fillcolor=\"%s\"", colour_of(format ? format->name : ""));
    puts("];");
    for (edge = at->own; edge != INDEX_NONE; edge = index->edges[edge].next_own)
        put_edge(index, at, &index->edges[edge]);
}

void scan_dot_end(void)
{
    puts("}");
}
