/* SPDX-License-Identifier: MIT */
/*
 * The end of a scan: how many files of which kind there were, and what was found in them.
 */
#include "output/text.h"
#include "scan/scan.h"

#include <inttypes.h>

static void put_formats_json(const struct tally *tally, struct json *json)
{
    size_t i;

    json_open(json, "formats", '[');
    for (i = 0; i < tally_formats(); i++) {
        if (tally->formats[i] == 0)
            continue;
        json_open(json, NULL, '{');
        json_string(json, "format", imgprobe_format_at(i)->name);
        json_number(json, "files", tally->formats[i]);
        json_close(json);
    }
    json_close(json);
}

static void put_findings_json(const struct tally *tally, struct json *json)
{
    size_t i;

    json_open(json, "findings", '[');
    for (i = 0; i < tally_findings(); i++) {
        if (tally->found[i] == 0)
            continue;
        json_open(json, NULL, '{');
        json_string(json, "id", imgprobe_finding_at(i)->id);
        json_number(json, "count", tally->found[i]);
        json_number(json, "refused", tally->refused[i]);
        json_close(json);
    }
    json_close(json);
}

static void put_json(const struct scan *scan, const struct summary *summary)
{
    const struct tally *tally = &scan->tally;
    const struct walked *walked = &scan->walk.walked;
    struct json json;

    json_start(&json, stdout, true);
    json_open(&json, NULL, '{');
    json_number(&json, "schema", 1);
    json_string(&json, "type", "summary");
    json_bool(&json, "interrupted", scan->interrupted);
    json_number(&json, "files", tally->files);
    json_number(&json, "images", tally->images);
    json_number(&json, "not-told", tally->untold);
    json_number(&json, "directories", walked->directories);
    json_number(&json, "links", walked->links);
    json_number(&json, "special", walked->special);
    json_number(&json, "other-file-systems", walked->others);
    json_number(&json, "gone", walked->gone);
    json_number(&json, "passed-over", tally->passed);
    json_number(&json, "bytes-read", tally->bytes);
    json_number(&json, "virtual-size", tally->virtual_size);
    json_number(&json, "file-size", tally->file_size);
    json_number(&json, "actual-size", tally->disk_size);
    put_formats_json(tally, &json);
    json_number(&json, "chains", summary->chains);
    json_number(&json, "longest-chain", summary->longest);
    json_number(&json, "orphans", summary->orphans);
    json_number(&json, "shared", summary->shared);
    json_number(&json, "unused", summary->unused);
    put_findings_json(tally, &json);
    json_number(&json, "exit", (uint64_t)tally->status);
    json_close(&json);
    json_finish(&json);
}

static void put_size(const char *what, uint64_t size)
{
    fputs(what, stdout);
    text_put_size(stdout, size);
}

static void put_walk(const struct scan *scan)
{
    const struct walked *walked = &scan->walk.walked;

    printf("files: %" PRIu64 " in %" PRIu64 " directories", scan->tally.files, walked->directories);
    if (walked->links + walked->special + walked->others + scan->tally.passed != 0)
        printf("; passed over: links %" PRIu64 ", special files %" PRIu64 ", other file systems %" PRIu64,
               walked->links, walked->special + scan->tally.passed, walked->others);
    putchar('\n');
}

static void put_counts(const char *title, const struct tally *tally, bool formats)
{
    const uint64_t *counts = formats ? tally->formats : tally->found;
    size_t i, most = formats ? tally_formats() : tally_findings();
    bool any = false;

    for (i = 0; i < most; i++) {
        if (counts[i] == 0)
            continue;
        printf("%s%s %" PRIu64, any ? ", " : title,
               formats ? imgprobe_format_at(i)->name : imgprobe_finding_at(i)->id, counts[i]);
        if (!formats && tally->refused[i] != 0)
            printf(" (%" PRIu64 " refused)", tally->refused[i]);
        any = true;
    }
    if (any)
        putchar('\n');
}

static void put_text(const struct scan *scan, const struct summary *summary)
{
    const struct tally *tally = &scan->tally;

    if (scan->interrupted)
        puts("interrupted: this is what was found until then");
    put_walk(scan);
    put_counts("formats: ", tally, true);
    put_size("sizes: virtual ", tally->virtual_size);
    put_size(", files ", tally->file_size);
    put_size(", on disk ", tally->disk_size);
    put_size("\nread: ", tally->bytes);
    printf("\nchains: %" PRIu64, summary->chains);
    if (summary->longest != 0)
        printf(", the longest of %" PRIu64 " files", summary->longest);
    printf("\norphans: %" PRIu64 "\nshared: %" PRIu64 "\nunused: %" PRIu64 "\n", summary->orphans, summary->shared,
           summary->unused);
    if (tally->untold != 0)
        printf("can't be told: %" PRIu64 " files, which may refer to any other, to an unused one too\n",
               tally->untold);
    put_counts("findings: ", tally, false);
}

void scan_summary(const struct scan *scan, const struct summary *summary)
{
    if (scan->options->output == OUTPUT_NDJSON)
        put_json(scan, summary);
    else
        put_text(scan, summary);
}
