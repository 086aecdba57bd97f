/* SPDX-License-Identifier: MIT */
/*
 * How far a scan is, on one line of a terminal that is written over and taken away at the end. Nothing is written
 * where standard error is no terminal.
 */
#include "output/text.h"
#include "scan/scan.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#define INTERVAL_MS 200

static struct {
    bool wanted, shown;
    uint64_t known, started, last;
    uint64_t files, images, bytes, findings;
} progress;

static uint64_t milliseconds(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void progress_start(const struct options *options, uint64_t known)
{
    progress.wanted = isatty(STDERR_FILENO) && !options->help;
    progress.known = known;
    progress.started = progress.last = progress.wanted ? milliseconds() : 0;
}

void progress_hide(void)
{
    if (progress.shown)
        fputs("\r\033[K", stderr);
    progress.shown = false;
    (void)fflush(stderr);
}

static void show(uint64_t now)
{
    const uint64_t passed = now - progress.started + 1, rate = progress.files * 1000 / passed;

    fprintf(stderr, "\r\033[K%" PRIu64 " files, %" PRIu64 " images, ", progress.files, progress.images);
    fprintf(stderr, "%" PRIu64 " KiB read, %" PRIu64 " findings, %" PRIu64 " files/s", progress.bytes / 1024,
            progress.findings, rate);
    if (progress.known > progress.files && rate != 0)
        fprintf(stderr, ", %" PRIu64 " s left", (progress.known - progress.files) / rate + 1);
    (void)fflush(stderr);
    progress.shown = true;
    progress.last = now;
}

void progress_add(const struct tally *more, const struct tally *less)
{
    uint64_t now;

    if (!progress.wanted)
        return;
    progress.files += more->files - less->files;
    progress.images += more->images - less->images;
    progress.bytes += more->bytes - less->bytes;
    progress.findings += more->findings - less->findings;
    now = milliseconds();
    if (now - progress.last >= INTERVAL_MS)
        show(now);
}
