/* SPDX-License-Identifier: MIT */
/* A json: name as a reference: how it is made and resolved, and what it says, as text. */
#ifndef GRAPH_TEXT_H
#define GRAPH_TEXT_H

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chain/chain.h"
#include "versions.h"

#define F "'file':{'driver':'file','filename':'a'}"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct imgprobe_limits limits = {.name_bytes = 4095, .json_depth = 16, .json_values = 128};
static alignas(max_align_t) unsigned char memory[131072];

static inline struct imgprobe_workspace workspace(void)
{
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = memory, .size = sizeof memory};

    ip_workspace_begin(&w);
    return w;
}

static inline const char *or_none(const char *text)
{
    return text ? text : "(none)";
}

struct text {
    char bytes[512];
    size_t length;
};

static inline void put(struct text *t, const char *before, struct imgprobe_bytes bytes)
{
    assert_true(!bytes.bytes || bytes.bytes[bytes.length] == '\0');
    if (bytes.bytes)
        t->length += (size_t)snprintf(t->bytes + t->length, sizeof t->bytes - t->length, "%s%.*s", before,
                                      (int)bytes.length, (const char *)bytes.bytes);
}

static inline void put_layers(struct text *t, const struct imgprobe_layer *layer)
{
    char number[64];

    for (; layer; layer = layer->next) {
        put(t, t->length ? ", " : "", ip_string(layer->driver));
        snprintf(number, sizeof number, "%llu", (unsigned long long)layer->offset);
        put(t, " ", ip_string(number));
        snprintf(number, sizeof number, "%llu", (unsigned long long)layer->size);
        put(t, " ", ip_string(layer->size == IMGPROBE_UNKNOWN ? "*" : number));
        put(t, layer->beneath ? " beneath" : " above", ip_string(""));
    }
}

static inline void put_protocol(struct text *t, const struct imgprobe_reference *r)
{
    static const char *const kinds[] = {"none", "file", "block", "socket", "directory"};
    const struct imgprobe_server *server = r->led.protocol ? &r->led.protocol->server : NULL;
    const struct imgprobe_resource *resource;

    if (!r->led.protocol)
        return;
    put(t, "", ip_string(r->led.protocol->scheme));
    for (; server; server = server->next) {
        if (server->transport)
            put(t, " ", ip_string(server->transport));
        put(t, " host=", server->host);
        put(t, " port=", server->port);
        put(t, " socket=", server->socket);
    }
    put(t, " path=", r->led.protocol->path);
    put(t, " user=", r->led.protocol->user);
    if (r->led.protocol->has_password) {
        put(t, " password", ip_string(""));
        assert_string_equal((const char *)r->stated.redacted.bytes, "json:***");
    }
    for (resource = r->led.resources; resource; resource = resource->next) {
        put(t, "; ", ip_string(kinds[resource->kind]));
        put(t, " ", resource->path);
    }
}

static inline enum imgprobe_status resolve(struct imgprobe_reference *r, const char *workdir, unsigned version,
                                           struct imgprobe_workspace *w, struct imgprobe_error *error)
{
    struct place place = {
        .workdir = workdir, .limits = &limits, .versions = versions_of(version), .w = w, .error = error};

    place.has_directory = true;
    r->led.format = r->stated.format;
    r->led.format_source = r->stated.format_source;
    return ip_resolve(r, &place);
}

static inline struct ip_reference reference_of(char *name, const char *text, const char *declared)
{
    struct ip_reference own = {.reference.role = IMGPROBE_ROLE_BACKING};
    struct imgprobe_reference *r = &own.reference;

    r->stated.format_source = IMGPROBE_FORMAT_PROBED;

    strcat(strcpy(name, "json:"), text);
    r->stated.name = ip_string(name);
    r->stated.cut = r->stated.name.length;
    if (declared) {
        r->stated.format = ip_string(declared);
        r->stated.format_source = IMGPROBE_FORMAT_DECLARED;
    }
    return own;
}

/* As much room as it takes is enough, and any less is said to be too little. */

#endif
