/* SPDX-License-Identifier: MIT */
/* Policies, in the order of their bits. */
#include "answer/answer.h"

static const struct imgprobe_policy policies[] = {
    {"upload", "a file from a stranger: nothing outside itself, one face, a format of tier guest or import"},
    {"guest", "a running guest's own disk: its format said and not guessed, every backing format declared"},
    {"base", "a template that others stand on: refers to nothing, one face, and in a clean state"},
};

const struct imgprobe_policy *imgprobe_policy_at(size_t index)
{
    return index < IP_COUNT(policies) ? &policies[index] : NULL;
}

bool ip_policy_named(const char *name, unsigned *ret_bit)
{
    size_t i;

    for (i = 0; i < IP_COUNT(policies); i++) {
        if (!ip_equal(ip_string(name), policies[i].name))
            continue;
        *ret_bit = 1u << i;
        return true;
    }
    return false;
}
