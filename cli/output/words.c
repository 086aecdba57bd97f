/* SPDX-License-Identifier: MIT */
/*
 * The words of the output: the library's.
 */
#include "output/words.h"

const char *word_of_status(enum imgprobe_status status)
{
    return imgprobe_status_name(status);
}

const char *word_of_tier(enum imgprobe_tier tier)
{
    return imgprobe_tier_name(tier);
}

const char *word_of_reader(enum imgprobe_reader reader)
{
    return imgprobe_reader_name(reader);
}

const char *word_of_role(enum imgprobe_role role)
{
    return imgprobe_role_name(role);
}

const char *word_of_way(const struct imgprobe_reference *via)
{
    return via ? word_of_role(via->role) : "image";
}

const char *word_of_references_state(enum imgprobe_references_state state)
{
    return imgprobe_references_state_name(state);
}

const char *word_of_severity(enum imgprobe_severity severity)
{
    return imgprobe_severity_name(severity);
}

const char *word_of_format_source(enum imgprobe_format_source source)
{
    return imgprobe_format_source_name(source);
}

const char *word_of_kind(enum imgprobe_kind kind)
{
    return imgprobe_kind_name(kind);
}

const char *word_of_chain_state(enum imgprobe_chain_state state)
{
    return imgprobe_chain_state_name(state);
}

const char *word_of_chain_end(const struct imgprobe_chain *chain)
{
    return chain->state == IMGPROBE_CHAIN_MALFORMED ? word_of_status(chain->error.status)
                                                    : word_of_chain_state(chain->state);
}
