/* SPDX-License-Identifier: MIT */
/* The state of one text being read: where it is, what it has taken, and why it stops. */
#include "json/json.h"

enum imgprobe_status ip_json_fail(const struct json_reader *r, size_t offset, const char *what)
{
    ip_error(r->error, IMGPROBE_MALFORMED, "malformed-name", what);
    r->error->offset = offset;
    return IMGPROBE_MALFORMED;
}

void *ip_json_take(const struct json_reader *r, size_t size)
{
    return ip_room(r->w, size, r->error);
}

enum imgprobe_status ip_json_deep(const struct json_reader *r, uint64_t depth, size_t offset)
{
    return depth > r->limits->json_depth ? ip_error_over(r->error, "json_depth", offset, depth, r->limits->json_depth)
                                         : IMGPROBE_OK;
}

/* The limit of values bounds the work, too, since the table of keys has two slots for each. */
struct json *ip_json_new(struct json_reader *r, enum json_type type, size_t offset)
{
    struct json *value;

    if (r->count >= r->limits->json_values) {
        ip_error_over(r->error, "json_values", offset, r->count + UINT64_C(1), r->limits->json_values);
        return NULL;
    }
    value = ip_json_take(r, sizeof *value);
    if (!value)
        return NULL;
    r->count++;
    value->type = type;
    value->offset = offset;
    return value;
}
