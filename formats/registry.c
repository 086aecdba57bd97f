/* SPDX-License-Identifier: MIT */
/* The formats of list.h, and the pairs of a format and a face that go together. */
#include "format.h"

#define DECLARE(name) extern const struct format ip_##name;
IP_FORMATS(DECLARE)

#define ROW(name) &ip_##name,
const struct format *const ip_registry[] = {IP_FORMATS(ROW)};
const size_t ip_registry_count = IP_COUNT(ip_registry);

const struct pair ip_pairs[] = {
    {&ip_vhd, "iso", "a fixed VHD is a raw disk in front of its footer, and that may be a disc"},
    {&ip_vhd, "udf", "the same"},
    {&ip_dmg, "iso", "a disc in front of a trailer, for two systems"},
    {&ip_dmg, "udf", "the same"},
    {&ip_raw, "luks", "a guest encrypts its disk: that header names no file, and opens nothing without a secret"},
};
const size_t ip_pairs_count = IP_COUNT(ip_pairs);
