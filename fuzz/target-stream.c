/* SPDX-License-Identifier: MIT */
/* An image that comes in pieces of any size, while the probe is asked again and again. */
#include "harness.h"

#define PLAN_MOST 16

void fuzz_stream(const unsigned char *bytes, size_t size)
{
    struct input in = {bytes, size}, plan;
    struct asked asked;
    struct file file;
    unsigned pin;

    take_asked(&in, &asked);
    pin = take_byte(&in);
    if (pin >= 128)
        asked.options.format = ip_registry[pin % ip_registry_count]->row.name;
    plan = (struct input){in.bytes, in.size < PLAN_MOST ? in.size : PLAN_MOST};
    in.bytes += plan.size;
    in.size -= plan.size;
    file = take_file(&in);
    check_stream(&asked, &file, plan);
}
