/* SPDX-License-Identifier: MIT */
/* What both examples share: they probe an image that lies elsewhere, and count the ranges that were fetched. */
#ifndef EXAMPLES_SHOW_H
#define EXAMPLES_SHOW_H

#include <imgprobe.h>
#include <inttypes.h>
#include <stdio.h>

/* A transfer that failed is told here, since the library knows only that the source did. */
struct fetched {
    unsigned ranges;
    uint64_t bytes;
    char why[256];
};

static inline void show_text(const char *key, struct imgprobe_bytes text)
{
    size_t i;

    printf("%s ", key);
    for (i = 0; i < text.length; i++) {
        if (text.bytes[i] >= ' ' && text.bytes[i] <= '~' && text.bytes[i] != '\\')
            putchar(text.bytes[i]);
        else
            printf("\\%03o", text.bytes[i]);
    }
    putchar('\n');
}

/* Returns the exit status. */
static inline int show(const struct imgprobe_source *source, const char *format, const struct fetched *fetched)
{
    static uint64_t memory[IMGPROBE_WORKSPACE_DEFAULT / sizeof(uint64_t)];
    static struct imgprobe_workspace workspace;
    static struct imgprobe_options options;
    const struct imgprobe_reference *reference;
    struct imgprobe_image *image = NULL;
    char text[512];

    workspace.struct_size = sizeof workspace;
    workspace.memory = memory;
    workspace.size = sizeof memory;
    options.struct_size = sizeof options;
    options.format = format;
    if (imgprobe_probe(&options, source, &workspace, &image) != IMGPROBE_OK) {
        if (image)
            imgprobe_error_text(&image->error, text, sizeof text);
        fprintf(stderr, "%s\n", fetched->why[0] ? fetched->why : image ? text : "wrong options");
        return 1;
    }
    printf("format %s\n", image->format->name);
    printf("virtual-size %" PRIu64 "\n", image->virtual_size);
    printf("references %s\n", imgprobe_references_state_name(image->references_state));
    for (reference = image->references; reference; reference = reference->next)
        show_text(imgprobe_role_name(reference->role), reference->stated.name);
    printf("fetched %u ranges, %" PRIu64 " bytes\n", fetched->ranges, fetched->bytes);
    return 0;
}

#endif
