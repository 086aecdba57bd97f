/* SPDX-License-Identifier: MIT */
/* A VMDK's text, alone or inside a sparse extent's file. */
#include "harness.h"

#include <string.h>

#define TEXT_MOST 16384
#define SECTOR ((size_t)512)

static void put(unsigned char *to, uint64_t number)
{
    size_t i;

    for (i = 0; i < 8; i++)
        to[i] = (unsigned char)(number >> (8 * i));
}

/* A header of 1 MiB in grains of 64 KiB, the text behind it, and behind that the grain directory. */
static size_t wrap(unsigned char *to, const unsigned char *text, size_t length)
{
    size_t sectors = length / SECTOR + 1;

    memset(to, 0, (sectors + 2) * SECTOR);
    memcpy(to, "KDMV\1\0\0\0\3", 9);
    put(to + 12, 2048);
    put(to + 20, 128);
    put(to + 28, 1);
    put(to + 36, sectors);
    put(to + 44, 512);
    put(to + 56, sectors + 1);
    put(to + 64, sectors + 2);
    memcpy(to + 72, "\0\n \r\n", 5);
    memcpy(to + SECTOR, text, length);
    return (sectors + 2) * SECTOR;
}

void fuzz_descriptor(const unsigned char *bytes, size_t size)
{
    static unsigned char whole[TEXT_MOST + 3 * SECTOR];
    struct input in = {bytes, size};
    struct asked asked;
    struct file file;
    unsigned how;

    take_asked(&in, &asked);
    how = take_byte(&in);
    if (in.size > TEXT_MOST)
        in.size = TEXT_MOST;
    asked.options.format = how & 1 ? "vmdk" : NULL;
    file = file_of(in.bytes, in.size);
    if (how & 2 && in.size > 0)
        file = file_of(whole, wrap(whole, in.bytes, in.size));
    check_probe(&asked, &file);
}
