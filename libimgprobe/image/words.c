/* SPDX-License-Identifier: MIT */
/* Words for the values of enumerations, in the order of the public header. Programs read them: none may change. */
#include "image/image.h"

/* A value of a later header must not lead past the table. */
#define WORD(table, value) ((size_t)(value) < IP_COUNT(table) ? (table)[(size_t)(value)] : "unknown")

const char *imgprobe_status_name(enum imgprobe_status status)
{
    static const char *const words[] = {"ok",          "need",  "ambiguous", "truncated", "malformed",
                                        "unsupported", "limit", "refused",   "system",    "usage"};

    return WORD(words, status);
}

const char *imgprobe_tier_name(enum imgprobe_tier tier)
{
    static const char *const words[] = {"guest", "import", "identify", "refuse"};

    return WORD(words, tier);
}

const char *imgprobe_reader_name(enum imgprobe_reader reader)
{
    return (size_t)reader < ip_readers_count ? ip_readers[reader]->row.name : "unknown";
}

const char *imgprobe_role_name(enum imgprobe_role role)
{
    static const char *const words[] = {"backing", "data-file", "extent"};

    return WORD(words, role);
}

const char *imgprobe_references_state_name(enum imgprobe_references_state state)
{
    static const char *const words[] = {"cannot-tell", "none", "known"};

    return WORD(words, state);
}

const char *imgprobe_severity_name(enum imgprobe_severity severity)
{
    static const char *const words[] = {"note", "warning", "danger"};

    return WORD(words, severity);
}

const char *imgprobe_format_source_name(enum imgprobe_format_source source)
{
    static const char *const words[] = {"pinned", "declared", "implied", "probed"};

    return WORD(words, source);
}

const char *imgprobe_kind_name(enum imgprobe_kind kind)
{
    static const char *const words[] = {"none", "file", "block", "socket", "directory", "remote", "special"};

    return WORD(words, kind);
}

const char *imgprobe_chain_state_name(enum imgprobe_chain_state state)
{
    static const char *const words[] = {"complete", "missing", "remote",    "loop",
                                        "limit",    "refused", "malformed", "ambiguous"};

    return WORD(words, state);
}

const char *imgprobe_version(void)
{
    return IMGPROBE_VERSION;
}
