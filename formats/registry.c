/* SPDX-License-Identifier: MIT */
/* The one ordered array of formats. The last is what remains when nothing matches. */
#include "format.h"

#define ROWS(X)                                                                                                      \
    X(qcow2) X(vmdk) X(vhd) X(vhdx) X(vdi) X(qed) X(qcow) X(luks) X(parallels) X(bochs) X(cloop) X(dmg) X(raw)

#define DECLARE(name) extern const struct format ip_##name;
ROWS(DECLARE)

#define ROW(name) &ip_##name,
const struct format *const ip_registry[] = {ROWS(ROW)};
const size_t ip_registry_count = IP_COUNT(ip_registry);
