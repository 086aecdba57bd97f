/* SPDX-License-Identifier: MIT */
/* As much of a range as has come, for what can be judged before all of it has. */
#include "image/image.h"

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

enum imgprobe_status ip_bytes_come(struct probe *p, uint64_t offset, uint64_t length, struct imgprobe_bytes *ret)
{
    uint64_t come;

    if (ip_has_come(p, offset, length))
        return ip_bytes_up_to(p, offset, length, ret);
    ip_await(p, "window", offset, length);
    come = offset < p->arrival->come ? smaller(p->arrival->come - offset, length) : 0;
    *ret = (struct imgprobe_bytes){NULL, 0};
    return come == 0 ? IMGPROBE_OK : ip_bytes(p, "window", offset, come, ret);
}

enum imgprobe_status ip_text_come(struct probe *p, uint64_t offset, uint64_t length, struct imgprobe_bytes *ret,
                                  bool *ret_more)
{
    enum imgprobe_status s = ip_bytes_come(p, offset, length, ret);

    *ret_more = s == IMGPROBE_OK && p->arrival && ret->length < length && ip_cut(*ret).length == ret->length;
    if (*ret_more)
        p->arrival->text = true;
    return s;
}
