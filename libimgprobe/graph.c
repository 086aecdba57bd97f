/* SPDX-License-Identifier: MIT */
/* What a json: name describes. */
#include "engine.h"

enum imgprobe_status ip_graph_name(struct imgprobe_reference *r, const struct place *place,
                                   struct imgprobe_workspace *w, struct imgprobe_error *error)
{
    (void)place;
    (void)error;
    return ip_protocol_name(r, (struct imgprobe_bytes){r->name.bytes, r->cut}, w);
}

enum imgprobe_status ip_graph_override(const struct imgprobe_reference *via, struct imgprobe_image *image,
                                       struct imgprobe_workspace *w, struct imgprobe_error *error)
{
    (void)via;
    (void)image;
    (void)w;
    (void)error;
    return IMGPROBE_OK;
}
