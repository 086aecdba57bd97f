/* SPDX-License-Identifier: MIT */
/*
 * The kind `landlock`: landlock(7) rules of type path_beneath, one for each file, as JSON. Each names the file
 * itself, by its name without links. To write is also to change the size, and a device is asked its size by ioctl(2);
 * a program leaves out the rights that its kernel doesn't know yet.
 */
#include "access/grants/absolute-path.h"
#include "output/json.h"
#include "output/text.h"

static void put_rule(const struct imgprobe_grant *grant, const struct path *path, struct json *json)
{
    json_open(json, NULL, '{');
    json_name(json, "path", text_bytes(path->text));
    json_open(json, "access", '[');
    json_string(json, NULL, "read_file");
    if (grant->write) {
        json_string(json, NULL, "write_file");
        json_string(json, NULL, "truncate");
    }
    if (grant->member->kind == IMGPROBE_KIND_BLOCK)
        json_string(json, NULL, "ioctl_dev");
    json_close(json);
    json_close(json);
}

bool access_landlock(const struct grants *grants, FILE *stream, struct cannot *ret_why)
{
    struct grants escaped = *grants; /* by JSON */
    struct json json;
    struct path path;
    const struct imgprobe_grant *at;

    escaped.terminal = false;
    json_start(&json, stream, false);
    json_open(&json, NULL, '{');
    json_number(&json, "schema", 1);
    json_open(&json, "rules", '[');
    for (at = grants->access->grants; at; at = at->next) {
        if (!path_on_host(&escaped, at, &path, ret_why))
            return false;
        put_rule(at, &path, &json);
    }
    json_close(&json);
    json_close(&json);
    json_finish(&json);
    return true;
}
