/* SPDX-License-Identifier: MIT */
/*
 * The receipts in what info, access or check printed.
 */
#ifndef CLI_VERIFY_DOCUMENT_H
#define CLI_VERIFY_DOCUMENT_H

#include "verify/reader.h"

/* As much as the library's limits let it read of one image, at their ceilings. */
#define RANGES_MOST 4096
#define RANGE_BYTES_MOST UINT64_C(16777216)

enum verdict { VERDICT_UNCHANGED, VERDICT_CHANGED, VERDICT_CANNOT_TELL };

/* What became of it: filled when it is looked at. */
struct outcome {
    enum verdict verdict;
    const char *field, *message; /* what differs, "identity" for instance, or NULL; why; static */
    size_t range;                /* which differs, or the number of ranges */
    uint64_t size;               /* where the size differs */
};

/* A member, as its document has it. Strings are without a NUL in them, and one follows. */
struct verified_member {
    uint64_t index;
    struct imgprobe_bytes path, canonical, kind, device, changed; /* none where the document has none */
    struct imgprobe_receipt receipt;                              /* its ranges are the documents' own */
    uint64_t inode;
    bool whole;   /* it has all that can be verified */
    bool touched; /* the change time differs */
    struct outcome outcome;
};
/* A name that is no member's. */
struct verified_name {
    struct imgprobe_bytes path, status, device;
    struct imgprobe_identity identity;
    bool absent;
    struct outcome outcome;
};

/* All documents of one text. */
struct documents {
    struct verified_member *members;
    struct verified_name *names;
    size_t member_count, name_count, count; /* the last: how many documents there are */
    int answered;                           /* what they say they exited with: of several the one that says most */
};

/* Reads the text to its end. Not true: the reader says what is wrong, and where. documents_free is to be called in
 * both cases. Strings in it are the text's. */
bool documents_read(struct documents *ret, struct reader *r);
void documents_free(struct documents *documents);

#endif
