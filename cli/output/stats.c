/* SPDX-License-Identifier: MIT */
#include "output/stats.h"
#include "output/layers.h"

#include <inttypes.h>

struct sum {
    uint64_t reads, bytes;
};

/* Members are counted and not files, because a file that is met again isn't read again. */
static struct sum sum_of(const struct imgprobe_chain *chain)
{
    struct sum sum = {.reads = 0};
    const struct imgprobe_member *at;

    for (at = chain->members; at; at = at->next) {
        sum.reads += at->image->reads;
        sum.bytes += at->image->bytes;
    }
    return sum;
}

void stats_text(const struct imgprobe_chain *chain, size_t workspace, const struct sandbox *sandbox, FILE *stream)
{
    const struct sum sum = sum_of(chain);

    fprintf(stream, "read %" PRIu64 " bytes in %" PRIu64 " reads, used %zu bytes of the workspace\n", sum.bytes,
            sum.reads, workspace);
    fputs("sandbox: ", stream);
    layers_text(sandbox, stream);
    fputc('\n', stream);
}

void stats_json(const struct imgprobe_chain *chain, size_t workspace, const struct sandbox *sandbox,
                struct json *json)
{
    const struct sum sum = sum_of(chain);

    json_open(json, "stats", '{');
    json_number(json, "reads", sum.reads);
    json_number(json, "bytes", sum.bytes);
    json_number(json, "workspace", workspace);
    layers_json(sandbox, json);
    json_close(json);
}

void stats_member_json(const struct imgprobe_member *member, size_t workspace, const struct sandbox *sandbox,
                       struct json *json)
{
    json_open(json, "stats", '{');
    json_number(json, "reads", member->image->reads);
    json_number(json, "bytes", member->image->bytes);
    if (member->index == 0) {
        json_number(json, "workspace", workspace);
        layers_json(sandbox, json);
    }
    json_close(json);
}
