/* SPDX-License-Identifier: MIT */
/*
 * References in the JSON document: the name as it stands in the image, and what became of it.
 */
#include "info/info.h"
#include "output/names.h"
#include "output/words.h"

/* Says in short what a data file or extent led to. The full answer about a backing file stands in the array. */
static void put_led(const struct answer *answer, const struct imgprobe_member *member, struct json *json)
{
    const struct imgprobe_image *image = member->image;

    json_open(json, "member", '{');
    json_name(json, "path", name_of_member(answer->file, member));
    if (image) {
        json_string(json, "format", image->format ? image->format->name : NULL);
        json_known(json, "virtual-size", image->virtual_size);
    }
    json_known(json, "actual-size", member->allocated);
    if (image)
        json_string(json, "status", word_of_status(image->error.status));
    json_close(json);
}

/* Digits are printed as a number. A port that no reader takes may have too many digits for that. */
static void put_port(struct imgprobe_bytes port, struct json *json)
{
    uint64_t number = 0;
    size_t i = 0;

    for (; i < port.length && i < 9 && port.bytes[i] >= '0' && port.bytes[i] <= '9'; i++)
        number = number * 10 + (uint64_t)(port.bytes[i] - '0');
    if (i > 0 && i == port.length)
        json_number(json, "port", number);
    else
        json_name(json, "port", port);
}

static void put_server(const struct imgprobe_server *server, struct json *json)
{
    json_string(json, "transport", server->transport);
    json_name(json, "host", server->host);
    put_port(server->port, json);
    json_name(json, "socket", server->socket);
}

static void put_protocol(const struct imgprobe_protocol *protocol, struct json *json)
{
    json_open(json, "protocol", '{');
    json_string(json, "scheme", protocol->scheme);
    put_server(&protocol->server, json);
    json_name(json, "path", protocol->path);
    json_name(json, "user", protocol->user);
    if (protocol->has_password)
        json_bool(json, "has-password", true);
    json_name(json, "query", protocol->query);
    if (protocol->server.next) {
        const struct imgprobe_server *at;

        json_open(json, "servers", '[');
        for (at = &protocol->server; at; at = at->next) {
            json_open(json, NULL, '{');
            put_server(at, json);
            json_close(json);
        }
        json_close(json);
    }
    json_close(json);
}

/* Things on this host that the reader opens for a name that is no plain file's. */
static void put_resources(const struct imgprobe_resource *at, struct json *json)
{
    if (!at)
        return;
    json_open(json, "resources", '[');
    for (; at; at = at->next) {
        json_open(json, NULL, '{');
        json_string(json, "kind", word_of_kind(at->kind));
        json_name(json, "path", at->path);
        json_close(json);
    }
    json_close(json);
}

static void put_target(const struct answer *answer, const struct imgprobe_reference *at, struct json *json)
{
    json_string(json, "kind", word_of_kind(at->led.kind));
    json_name(json, "path", at->led.path);
    if (at->led.protocol)
        put_protocol(at->led.protocol, json);
    put_resources(at->led.resources, json);
    json_string(json, "reason", at->led.reason);
    json_string(json, "note", at->led.note);
    if (!at->led.member)
        return;
    json_number(json, "member-index", at->led.member->index);
    if (!answer->options->backing_chain || at->role != IMGPROBE_ROLE_BACKING)
        put_led(answer, at->led.member, json);
}

void info_reference(const struct answer *answer, const struct imgprobe_reference *at, struct json *json)
{
    json_open(json, NULL, '{');
    json_string(json, "role", word_of_role(at->role));
    json_name(json, "name", name_of_reference(at));
    if (at->stated.redacted.bytes)
        json_bool(json, "name-redacted", true);
    if (at->stated.encoding && !at->stated.redacted.bytes) {
        json_hexadecimal(json, "stored-bytes", at->stated.stored);
        json_string(json, "encoding", at->stated.encoding);
    }
    json_known(json, "offset", at->stated.offset);
    json_bytes(json, "format", at->led.format);
    json_string(json, "format-source", word_of_format_source(at->led.format_source));
    json_string(json, "type", at->stated.type);
    json_string(json, "access", at->stated.access);
    json_known(json, "size", at->stated.size);
    if (at->led.size != IMGPROBE_UNKNOWN)
        json_known(json, "data-offset", at->stated.data_offset);
    if (at->stated.candidate)
        json_bool(json, "candidate", true);
    if (at->led.ignored)
        json_bool(json, "ignored", true);
    put_target(answer, at, json);
    json_close(json);
}
