/* SPDX-License-Identifier: MIT */
/*
 * Every finding that there is, which policies refuse it, and every policy.
 */
#include "check/check.h"
#include "output/words.h"

#include <string.h>

/* The row has a bit for each policy, in the order in which the library lists them. */
static bool refuses(size_t policy, const struct imgprobe_finding_row *row)
{
    return (row->policies >> policy & 1u) != 0;
}

static void put_row(const struct imgprobe_finding_row *row, struct json *json)
{
    const struct imgprobe_policy *policy;
    size_t i;

    json_open(json, NULL, '{');
    json_string(json, "id", row->id);
    json_string(json, "severity", word_of_severity(row->severity));
    json_open(json, "refused-by", '[');
    for (i = 0; (policy = imgprobe_policy_at(i)) != NULL; i++) {
        if (refuses(i, row))
            json_string(json, NULL, policy->name);
    }
    json_close(json);
    json_string(json, "explanation", row->explanation);
    json_close(json);
}

static void put_json(struct json *json)
{
    const struct imgprobe_finding_row *row;
    const struct imgprobe_policy *policy;
    size_t i;

    json_open(json, NULL, '{');
    json_number(json, "schema", 1);
    json_open(json, "policies", '[');
    for (i = 0; (policy = imgprobe_policy_at(i)) != NULL; i++) {
        json_open(json, NULL, '{');
        json_string(json, "name", policy->name);
        json_string(json, "purpose", policy->purpose);
        json_bool(json, "default", strcmp(policy->name, CHECK_USUAL_POLICY) == 0);
        json_close(json);
    }
    json_close(json);
    json_open(json, "findings", '[');
    for (i = 0; (row = imgprobe_finding_at(i)) != NULL; i++)
        put_row(row, json);
    json_close(json);
    json_close(json);
}

static void put_text(FILE *stream)
{
    const struct imgprobe_finding_row *row;
    const struct imgprobe_policy *policy;
    size_t i;

    for (i = 0; (policy = imgprobe_policy_at(i)) != NULL; i++)
        fprintf(stream, "policy %-7s %s%s\n", policy->name, policy->purpose,
                strcmp(policy->name, CHECK_USUAL_POLICY) == 0 ? " (the default)" : "");
    fprintf(stream, "\n%-28s %-8s %-18s %s\n", "FINDING", "SEVERITY", "REFUSED BY", "EXPLANATION");
    for (i = 0; (row = imgprobe_finding_at(i)) != NULL; i++) {
        char words[64] = "-";
        size_t length = 0;
        size_t j;

        for (j = 0; (policy = imgprobe_policy_at(j)) != NULL && length < sizeof(words); j++) {
            if (refuses(j, row))
                length += (size_t)snprintf(words + length, sizeof(words) - length, "%s%s", length == 0 ? "" : ",",
                                           policy->name);
        }
        fprintf(stream, "%-28s %-8s %-18s %s\n", row->id, word_of_severity(row->severity), words, row->explanation);
    }
}

void check_list(const struct options *options)
{
    struct json json;

    if (options->output != OUTPUT_JSON) {
        put_text(stdout);
        return;
    }
    json_start(&json, stdout, false);
    put_json(&json);
    json_finish(&json);
}
