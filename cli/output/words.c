/* SPDX-License-Identifier: MIT */
/*
 * The words of the output, in the order of the public header.
 */
#include "output/words.h"

#include <stddef.h>

/* A value that this program is too old to know must not lead past the table. */
#define WORD(table, value)                                                                                           \
    ((size_t)(value) < sizeof(table) / sizeof((table)[0]) ? (table)[(size_t)(value)] : "unknown")

const char *word_of_status(enum imgprobe_status status)
{
    static const char *const words[] = {"ok",          "need",  "ambiguous", "truncated", "malformed",
                                        "unsupported", "limit", "refused",   "system",    "usage"};

    return WORD(words, status);
}

const char *word_of_tier(enum imgprobe_tier tier)
{
    static const char *const words[] = {"guest", "import", "identify", "refuse"};

    return WORD(words, tier);
}

const char *word_of_reader(enum imgprobe_reader reader)
{
    static const char *const words[] = {"qemu", "xen"};

    return WORD(words, reader);
}

const char *word_of_role(enum imgprobe_role role)
{
    static const char *const words[] = {"backing", "data-file", "extent"};

    return WORD(words, role);
}

const char *word_of_way(const struct imgprobe_reference *via)
{
    return via ? word_of_role(via->role) : "image";
}

const char *word_of_references_state(enum imgprobe_references_state state)
{
    static const char *const words[] = {"cannot-tell", "none", "known"};

    return WORD(words, state);
}

const char *word_of_severity(enum imgprobe_severity severity)
{
    static const char *const words[] = {"note", "warning", "danger"};

    return WORD(words, severity);
}

const char *word_of_format_source(enum imgprobe_format_source source)
{
    static const char *const words[] = {"pinned", "declared", "implied", "probed"};

    return WORD(words, source);
}

const char *word_of_kind(enum imgprobe_kind kind)
{
    static const char *const words[] = {"none", "file", "block", "socket", "directory", "remote", "special"};

    return WORD(words, kind);
}

const char *word_of_chain_state(enum imgprobe_chain_state state)
{
    static const char *const words[] = {"complete", "missing", "remote",    "loop",
                                        "limit",    "refused", "malformed", "ambiguous"};

    return WORD(words, state);
}
