/* SPDX-License-Identifier: MIT */
/* One image of one of the four formats that the library is for, pinned, so that no byte is lost on others. */
#include "harness.h"

void fuzz_pinned(const unsigned char *bytes, size_t size)
{
    static const char *const formats[] = {"qcow2", "vmdk", "vhd", "raw"};
    struct input in = {bytes, size};
    unsigned pin = take_byte(&in);
    struct asked asked;
    struct file file;

    take_asked(&in, &asked);
    asked.options.format = formats[pin % IP_COUNT(formats)];
    file = take_file(&in);
    check_probe(&asked, &file);
}
