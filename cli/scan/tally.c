/* SPDX-License-Identifier: MIT */
/*
 * Counts: each worker has its own, so that none waits for another, and at the end they are added up.
 */
#include "scan/tally.h"
#include "output/status.h"
#include "scan/scan.h"

#include <stdlib.h>
#include <string.h>

size_t tally_formats(void)
{
    size_t count = 0;

    while (imgprobe_format_at(count))
        count++;
    return count;
}

size_t tally_findings(void)
{
    size_t count = 0;

    while (imgprobe_finding_at(count))
        count++;
    return count;
}

bool tally_new(struct tally *ret)
{
    *ret = (struct tally){.status = STATUS_ANSWERED};
    ret->formats = calloc(tally_formats(), sizeof(*ret->formats));
    ret->found = calloc(tally_findings(), sizeof(*ret->found));
    ret->refused = calloc(tally_findings(), sizeof(*ret->refused));
    return ret->formats && ret->found && ret->refused;
}

void tally_free(struct tally *tally)
{
    free(tally->formats);
    free(tally->found);
    free(tally->refused);
}

size_t tally_format(const struct imgprobe_format *format)
{
    size_t at = 0;

    while (imgprobe_format_at(at) && imgprobe_format_at(at) != format)
        at++;
    return at;
}

static void count_finding(struct tally *tally, const struct imgprobe_finding *finding)
{
    size_t at = 0;

    while (imgprobe_finding_at(at) && imgprobe_finding_at(at) != finding->row)
        at++;
    if (!imgprobe_finding_at(at))
        return;
    tally->findings += 1 + finding->more;
    tally->found[at] += 1 + finding->more;
    tally->refused[at] += finding->refused ? 1 + finding->more : 0;
}

static void add_known(uint64_t *sum, uint64_t number)
{
    *sum += number == IMGPROBE_UNKNOWN ? 0 : number;
}

/* Whether it is known which files it refers to. What is missing, or lies on another host, is none of the walk's. */
static bool is_told(const struct found *found)
{
    if (!found->chain || found->chain->members->image->error.status != IMGPROBE_OK)
        return false;
    return found->error.status == IMGPROBE_OK || found->gone ||
           (found->at && found->at->led.kind == IMGPROBE_KIND_REMOTE);
}

void tally_file(struct tally *tally, const struct found *found)
{
    const struct imgprobe_finding *at = NULL;
    const struct imgprobe_image *image = found->chain ? found->chain->members->image : NULL;
    const struct imgprobe_member *member = found->chain ? found->chain->members : NULL;

    tally->files++;
    if (status_rank(found->status) > status_rank(tally->status))
        tally->status = found->status;
    tally->untold += !is_told(found);
    while ((at = scan_findings(found, at)) != NULL)
        count_finding(tally, at);
    for (; member; member = member->next)
        tally->bytes += member->image->bytes;
    if (!image)
        return;
    add_known(&tally->file_size, image->file_size);
    add_known(&tally->disk_size, found->opened->allocated);
    if (image->error.status == IMGPROBE_OK)
        add_known(&tally->virtual_size, image->virtual_size);
    if (image->format) {
        tally->formats[tally_format(image->format)]++;
        tally->images += strcmp(image->format->name, "raw") != 0;
    }
}

void tally_add(struct tally *sum, const struct tally *one)
{
    size_t i;

    sum->files += one->files;
    sum->images += one->images;
    sum->untold += one->untold;
    sum->findings += one->findings;
    sum->passed += one->passed;
    sum->bytes += one->bytes;
    sum->file_size += one->file_size;
    sum->disk_size += one->disk_size;
    sum->virtual_size += one->virtual_size;
    sum->out_of_memory = sum->out_of_memory || one->out_of_memory;
    if (status_rank(one->status) > status_rank(sum->status))
        sum->status = one->status;
    for (i = 0; i < tally_formats(); i++)
        sum->formats[i] += one->formats[i];
    for (i = 0; i < tally_findings(); i++) {
        sum->found[i] += one->found[i];
        sum->refused[i] += one->refused[i];
    }
}
