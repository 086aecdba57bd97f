/* SPDX-License-Identifier: MIT */
/*
 * Policies, findings and a size on the command line. A word that isn't known is a mistake, never a rule less.
 */
#include "options/refusals.h"

#include <stdio.h>
#include <string.h>

/* "not one of upload, ..." in static memory, as long as there is one command line. */
static const char *unknown_policy(void)
{
    static char message[128];
    const struct imgprobe_policy *policy;
    size_t length = (size_t)snprintf(message, sizeof(message), "not one of");
    size_t i;

    for (i = 0; (policy = imgprobe_policy_at(i)) != NULL && length < sizeof(message); i++) {
        length +=
            (size_t)snprintf(message + length, sizeof(message) - length, "%s %s", i == 0 ? "" : ",", policy->name);
    }
    return message;
}

const char *option_policy(struct options *options, const char *value)
{
    const struct imgprobe_policy *policy;
    size_t i;

    for (i = 0; (policy = imgprobe_policy_at(i)) != NULL; i++) {
        if (strcmp(value, policy->name) != 0)
            continue;
        options->policy = policy->name;
        return NULL;
    }
    return unknown_policy();
}

/* The id is checked here, because one that is misspelt would otherwise refuse or allow nothing without a word. */
static const char *add_finding(const char **ids, size_t *count, const char *value)
{
    const struct imgprobe_finding_row *row;
    size_t i;

    for (i = 0; (row = imgprobe_finding_at(i)) != NULL; i++) {
        if (strcmp(value, row->id) != 0)
            continue;
        ids[(*count)++] = row->id;
        return NULL;
    }
    return "unknown finding; see imgprobe check --list";
}

const char *option_deny(struct options *options, const char *value)
{
    return add_finding(options->denied, &options->denied_count, value);
}

const char *option_allow(struct options *options, const char *value)
{
    return add_finding(options->allowed, &options->allowed_count, value);
}

/* Of access only those refusals can be lifted of which the user can know better. */
const char *option_lift(struct options *options, const char *value)
{
    if (strcmp(value, "parent-not-told") != 0)
        return "not a refusal that can be lifted; parent-not-told is";
    return add_finding(options->allowed, &options->allowed_count, value);
}

/* The factor of a suffix, or 0. As qemu-img has it, a letter of either case is a power of 1024. */
static uint64_t factor_of(const char *suffix)
{
    static const char letters[] = "KMGT";
    const char *at;

    if (suffix[0] == '\0')
        return 1;
    at = strchr(letters, suffix[0] >= 'a' ? suffix[0] - 'a' + 'A' : suffix[0]);
    return at == NULL || suffix[1] != '\0' ? 0 : UINT64_C(1024) << (10 * (at - letters));
}

const char *option_tier(struct options *options, const char *value)
{
    if (strcmp(value, "guest") == 0)
        options->floor = IMGPROBE_FLOOR_GUEST;
    else if (strcmp(value, "import") == 0)
        options->floor = IMGPROBE_FLOOR_IMPORT;
    else
        return "not one of guest, import";
    return NULL;
}

const char *option_most_virtual_size(struct options *options, const char *value)
{
    static const char wrong[] = "not a number of bytes from 1 on, with K, M, G or T behind it or nothing";
    uint64_t number = 0, factor;
    const char *at = value;

    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');

        if (number > (UINT64_MAX - digit) / 10)
            return wrong;
        number = number * 10 + digit;
    }
    factor = factor_of(at);
    if (at == value || factor == 0 || number == 0 || number > UINT64_MAX / factor)
        return wrong;
    options->most_virtual_size = number * factor;
    return NULL;
}

const char *option_tee(struct options *options, const char *value)
{
    (void)value;
    options->tee = true;
    return NULL;
}

const char *option_list(struct options *options, const char *value)
{
    (void)value;
    options->list = true;
    return NULL;
}
