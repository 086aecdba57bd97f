/* SPDX-License-Identifier: MIT */
/* One image, probed or pinned to any row. */
#include "harness.h"

void fuzz_image(const unsigned char *bytes, size_t size)
{
    struct input in = {bytes, size};
    struct asked asked;
    struct file file;
    unsigned pin;

    take_asked(&in, &asked);
    pin = take_byte(&in);
    if (pin >= 128)
        asked.options.format = ip_registry[pin % ip_registry_count]->row.name;
    file = take_file(&in);
    check_probe(&asked, &file);
}
