/* SPDX-License-Identifier: MIT */
/*
 * An image behind NBD, by libnbd: example-nbd URI [FORMAT]. What the export holds is probed, be it an image's file or
 * a disk. The server is trusted with nothing but the bytes.
 */
#include "show.h"

#include <libnbd.h>
#include <stdlib.h>

struct export
{
    struct nbd_handle *nbd;
    struct fetched fetched;
};

static enum imgprobe_status read_export(void *context, uint64_t offset, void *buffer, size_t length)
{
    struct export *export = context;

    export->fetched.ranges++;
    export->fetched.bytes += length;
    if (nbd_pread(export->nbd, buffer, length, offset, 0) == 0)
        return IMGPROBE_OK;
    snprintf(export->fetched.why, sizeof export->fetched.why, "%s", nbd_get_error());
    return IMGPROBE_SYSTEM;
}

/* The caller's URI may name certificates and keys, which are files of this host. */
static int64_t connect_to(struct nbd_handle *nbd, const char *uri)
{
    if (nbd_set_uri_allow_local_file(nbd, true) != 0 || nbd_connect_uri(nbd, uri) != 0)
        return -1;
    return nbd_get_size(nbd);
}

int main(int argc, char **argv)
{
    static struct export export;
    struct imgprobe_source source = {.struct_size = sizeof source, .read_at = read_export, .context = &export};
    int64_t size;
    int status = 1;

    if (argc < 2 || argc > 3) {
        fputs("usage: example-nbd URI [FORMAT]\n", stderr);
        return 2;
    }
    export.nbd = nbd_create();
    size = export.nbd ? connect_to(export.nbd, argv[1]) : -1;
    if (size < 0) {
        fprintf(stderr, "%s\n", nbd_get_error());
    } else {
        source.size = (uint64_t)size;
        status = show(&source, argv[2], &export.fetched);
        nbd_shutdown(export.nbd, 0);
    }
    nbd_close(export.nbd);
    return status;
}
