/* SPDX-License-Identifier: MIT */
/* A chain of up to eight files. Each has a selector of what is odd about it and of a gap, and a length; their bytes
 * follow one another, and the last has what is left. */
#include "harness.h"

#define TAIL 512 /* behind the gap: a trailer */

static struct file take_member(unsigned odd, size_t length, struct input *in)
{
    static const uint64_t gaps[8] = {
        0, 0, 512, 65536, 1 << 20, (64 << 20) + 512, UINT64_C(1) << 41, INT64_MAX - 65536};
    struct file file = file_of(in->bytes, length < in->size ? length : in->size);

    in->bytes += file.length;
    in->size -= file.length;
    if (odd >> 5 == 1)
        file_spread(&file, true);
    file.gap = gaps[odd >> 5];
    file.split = file.length > TAIL ? file.length - TAIL : file.length;
    return file;
}

void fuzz_chain(const unsigned char *bytes, size_t size)
{
    struct input in = {bytes, size};
    struct asked_chain asked;
    struct archive archive = {.count = 0};
    size_t lengths[MOST_FILES], i;

    take_asked_chain(&in, &asked);
    archive.count = 1 + take_byte(&in) % MOST_FILES;
    for (i = 0; i < archive.count; i++) {
        archive.how[i] = take_byte(&in);
        lengths[i] = take_word(&in);
    }
    for (i = 0; i < archive.count; i++)
        archive.files[i] = take_member(archive.how[i], i + 1 < archive.count ? lengths[i] : in.size, &in);
    check_chain(&asked, &archive);
}
