/* SPDX-License-Identifier: MIT */
/*
 * imago, the library through which libkrun opens disks. Its caller says which format the image has, and may forbid
 * all that the image refers to. The answers are for the caller that forbids nothing. What it refuses of a qcow2
 * stands in formats/qcow2/imago.c, and how it reads a VMDK in formats/vmdk/imago.c.
 */
#include "readers/readers.h"

static const unsigned versions[] = {IMGPROBE_READER_VERSION(0, 2)};
static const char *const formats[] = {"qcow2", "raw", "vmdk", NULL};
static const char *const declared[] = {"qcow2", "raw", "file", NULL};

const struct ip_reader ip_reader_imago = {
    .row = {IMGPROBE_READER_IMAGO, "imago",
            "imago, the library through which libkrun opens disks, for qcow2, raw and flat VMDKs",
            "imago 0.2.2, each rule by a run of its own", versions, IP_COUNT(versions)},
    .formats = formats,
    .declared = declared,
    .plain_names = true,
    .writes_data = true,
    .files_alone = true,
};
