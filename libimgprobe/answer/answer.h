/* SPDX-License-Identifier: MIT */
/*
 * answer: what is made of a chain: who needs which access, what there is to say of it, what a policy refuses.
 *
 * It uses the rooms before it. It reads no image, opens nothing and changes no chain.
 */
#ifndef IP_ANSWER_H
#define IP_ANSWER_H

#include "chain/chain.h"

/* sort: references that lead to members, by member and path. Of equal ones the first stays the first. `spare` has
 * room for as many. */
void ip_sort(const struct imgprobe_reference **all, const struct imgprobe_reference **spare, size_t count);
/* Which of two comes first: below 0 for `a`, above 0 for `b`, 0 where they are equal. */
int ip_order(const struct imgprobe_reference *a, const struct imgprobe_reference *b);

/* tiers */

/* Whether it is a floor that there is. */
bool ip_floor_good(enum imgprobe_floor floor);
/* Whether a member lies below it, by its format or by a driver through which it was reached. */
bool ip_below_floor(enum imgprobe_floor floor, const struct imgprobe_member *m);
/* Whether a reference leads to a driver below it, which isn't followed. */
bool ip_leads_below_floor(enum imgprobe_floor floor, const struct imgprobe_reference *r);

/* policies: the bit of the policy with this name; false for none. */
bool ip_policy_named(const char *name, unsigned *ret_bit);

/* remarks: what follows from the facts of an image, and of a reference, by tables. */
struct remark_rule {
    const char *id;
    bool (*holds)(const struct imgprobe_image *image);
};
struct reference_rule {
    const char *id;
    bool (*holds)(const struct imgprobe_reference *r, const struct imgprobe_image *image);
};
extern const struct remark_rule ip_remark_rules[];
extern const size_t ip_remark_rule_count;
extern const struct reference_rule ip_reference_rules[];
extern const size_t ip_reference_rule_count;
/* The id of the finding that says what an error says; NULL for OK. */
const char *ip_remark_of_error(const struct imgprobe_error *error);

#endif
