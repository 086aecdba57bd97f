/* SPDX-License-Identifier: MIT */
/* The state of one text being read: where it is, what it has taken, and why it stops. */
#include "json/json.h"

enum imgprobe_status ip_json_fail(const struct json_reader *r, size_t offset, const char *what)
{
    ip_error_clear(r->error);
    r->error->status = IMGPROBE_MALFORMED;
    r->error->field = "malformed-name";
    r->error->what = what;
    r->error->offset = offset;
    return IMGPROBE_MALFORMED;
}

static enum imgprobe_status over(const struct json_reader *r, const char *field, uint64_t offset, uint64_t found,
                                 uint64_t most)
{
    ip_error_clear(r->error);
    r->error->status = IMGPROBE_LIMIT;
    r->error->field = field;
    r->error->offset = offset;
    r->error->found = found;
    r->error->least = 0;
    r->error->most = most;
    return IMGPROBE_LIMIT;
}

void *ip_json_take(const struct json_reader *r, size_t size)
{
    void *memory = ip_take(r->w, size);

    if (!memory) {
        over(r, "workspace", IMGPROBE_UNKNOWN, r->w->size, IMGPROBE_UNKNOWN);
        r->error->least = IMGPROBE_UNKNOWN;
        r->error->what = "is full";
    }
    return memory;
}

enum imgprobe_status ip_json_deep(const struct json_reader *r, uint64_t depth, size_t offset)
{
    return depth > r->most_depth ? over(r, "json_depth", offset, depth, r->most_depth) : IMGPROBE_OK;
}

struct json *ip_json_new(struct json_reader *r, enum json_type type, size_t offset)
{
    struct json *value;

    if (r->count == IP_JSON_MOST) {
        over(r, "json_values", offset, r->count + UINT64_C(1), IP_JSON_MOST);
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

int ip_json_peek(const struct json_reader *r)
{
    return r->at < r->text.length ? r->text.bytes[r->at] : -1;
}
