/* SPDX-License-Identifier: MIT */
/*
 * The layers of the sandbox by name, and which of them are in force.
 */
#include "output/layers.h"

static const char *const words[SANDBOX_LAYERS] = {
    "no-core-dump", "memory-limit", "cpu-limit", "no-new-privileges", "landlock", "descriptor-limit", "seccomp",
};

bool layers_all_in_force(const struct sandbox *sandbox)
{
    size_t i;

    for (i = 0; i < SANDBOX_LAYERS; i++) {
        if (!sandbox->in_force[i])
            return false;
    }
    return true;
}

/* The version of Landlock stands with its name, because what it holds depends on it. */
static void put_layers(const struct sandbox *sandbox, bool in_force, FILE *stream)
{
    size_t count = 0;
    size_t i;

    for (i = 0; i < SANDBOX_LAYERS; i++) {
        if (sandbox->in_force[i] != in_force)
            continue;
        fprintf(stream, "%s%s", count++ == 0 ? "" : ", ", words[i]);
        if (i == SANDBOX_LANDLOCK && in_force)
            fprintf(stream, " %u", sandbox->landlock);
    }
    if (count == 0)
        fputs("none", stream);
}

void layers_lacking(const struct sandbox *sandbox, FILE *stream)
{
    put_layers(sandbox, false, stream);
}

void layers_text(const struct sandbox *sandbox, FILE *stream)
{
    put_layers(sandbox, true, stream);
    if (layers_all_in_force(sandbox))
        return;
    fputs("; not in force: ", stream);
    layers_lacking(sandbox, stream);
}

void layers_json(const struct sandbox *sandbox, struct json *json)
{
    size_t i;

    json_open(json, "sandbox", '{');
    for (i = 0; i < SANDBOX_LAYERS; i++)
        json_bool(json, words[i], sandbox->in_force[i]);
    if (sandbox->in_force[SANDBOX_LANDLOCK])
        json_number(json, "landlock-version", sandbox->landlock);
    json_close(json);
}
