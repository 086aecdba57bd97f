/* SPDX-License-Identifier: MIT */
/* A name taken apart, and all that is then known of it in one line of text. */
#ifndef PROTOCOL_TEXT_H
#define PROTOCOL_TEXT_H

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "name/name.h"
#include "versions.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static alignas(max_align_t) unsigned char memory[524288];
static struct imgprobe_error error;

static inline struct imgprobe_workspace workspace(size_t size)
{
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = memory, .size = size};

    ip_workspace_begin(&w);
    return w;
}

struct text {
    char bytes[65536];
    size_t length;
};

static inline void add(struct text *t, const char *before, struct imgprobe_bytes part)
{
    int length;

    if (!part.bytes) {
        assert_int_equal(part.length, 0);
        return;
    }
    assert_int_equal(part.bytes[part.length], 0);
    assert_int_equal(strlen((const char *)part.bytes), part.length);
    length = snprintf(t->bytes + t->length, sizeof t->bytes - t->length, "%s%s", before, (const char *)part.bytes);
    t->length += (size_t)length;
    assert_true(t->length < sizeof t->bytes);
}

static inline void add_word(struct text *t, const char *before, const char *word)
{
    add(t, before, (struct imgprobe_bytes){(const unsigned char *)word, strlen(word)});
}

static inline void add_servers(struct text *t, const struct imgprobe_server *at)
{
    for (; at; at = at->next) {
        add(t, " host=", at->host);
        add(t, " port=", at->port);
        add(t, " socket=", at->socket);
    }
}

static inline const char *kind_word(enum imgprobe_kind kind)
{
    static const char *const words[] = {"none", "file", "block", "socket", "directory", "remote", "special"};

    return words[kind];
}

static inline void add_protocol(struct text *t, const struct imgprobe_protocol *p)
{
    add_word(t, " ", p->scheme);
    if (p->server.transport)
        add_word(t, " by ", p->server.transport);
    add_servers(t, &p->server);
    add(t, " path=", p->path);
    add(t, " user=", p->user);
    add(t, " query=", p->query);
    if (p->has_password)
        add_word(t, "", " password");
}

/* All that is known of the reference, in one line. */
static inline void say(const struct imgprobe_reference *r, struct text *t)
{
    const struct imgprobe_resource *at;
    bool malformed = strcmp(r->led.reason, "malformed-name") == 0;

    t->length = 0;
    t->bytes[0] = '\0';
    if (r->led.kind == IMGPROBE_KIND_NONE) {
        assert_string_equal(r->led.reason, "unknown-protocol");
        assert_null(r->led.protocol);
        assert_null(r->led.resources);
        add_word(t, "", "unknown");
    } else {
        add_word(t, malformed ? "malformed " : "", kind_word(r->led.kind));
        assert_true(malformed || strncmp(r->led.reason, kind_word(r->led.kind), strlen(kind_word(r->led.kind))) == 0);
        add_protocol(t, r->led.protocol);
    }
    add(t, " at ", r->led.path);
    for (at = r->led.resources; at; at = at->next) {
        add_word(t, " opens ", kind_word(at->kind));
        add(t, " ", at->path);
    }
    add(t, " shown ", r->stated.redacted);
    assert_non_null(r->led.note);
}

static inline enum imgprobe_status take_apart(struct imgprobe_reference *r, const char *text, size_t length,
                                              size_t size)
{
    struct imgprobe_workspace w = workspace(size);
    struct place place = {.versions = versions_of(0), .w = &w, .error = &error};

    *r = (struct imgprobe_reference){.stated.name = {(const unsigned char *)text, length}, .stated.cut = length};
    return ip_protocol_name(r, &place, r->stated.name);
}

#endif
