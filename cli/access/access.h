/* SPDX-License-Identifier: MIT */
/*
 * What `imgprobe access` found out about FILE, and the kinds of output that say so, each in its consumer's own words.
 */
#ifndef CLI_ACCESS_ACCESS_H
#define CLI_ACCESS_ACCESS_H

#include "options/options.h"

#include <stdio.h>

/* A complete answer: every file that the reader opens. */
struct grants {
    const struct options *options;
    const struct imgprobe_chain *chain;
    const struct imgprobe_access *access;
    const char *directory;       /* absolute, in which a relative name begins */
    struct imgprobe_roots roots; /* that were given, or the default; the members lie beneath them, but for a kind that
                                    goes anywhere */
    bool terminal;               /* it is printed on one, and its syntax doesn't escape what that would act on */
};

/* Why a kind can't say it. `grant` is whose fault it is; NULL: of none alone. `why` is the sentence, made by
 * cannot(). */
struct cannot {
    const struct imgprobe_grant *grant;
    char why[256];
};

/* A kind of output. `write` returns false, with *ret_why filled, where its syntax can't carry the answer: what it
 * wrote until then is thrown away. */
struct access_kind {
    const char *name;
    const char *help;
    bool (*write)(const struct grants *grants, FILE *stream, struct cannot *ret_why);
    bool anywhere; /* it grants nothing: names are followed wherever they lead, and no consent is needed */
};

/* In the order in which they are listed. One without a name ends them. `json` isn't among them, since it also says
 * what isn't complete. */
extern const struct access_kind access_kinds[];

/* The kinds' writers. Each has a file of its own in kinds/, which says whose words it writes and what they mean. */
bool access_paths(const struct grants *grants, FILE *stream, struct cannot *ret_why);
bool access_acl(const struct grants *grants, FILE *stream, struct cannot *ret_why);
bool access_bwrap(const struct grants *grants, FILE *stream, struct cannot *ret_why);
bool access_apparmor(const struct grants *grants, FILE *stream, struct cannot *ret_why);
bool access_systemd(const struct grants *grants, FILE *stream, struct cannot *ret_why);
bool access_landlock(const struct grants *grants, FILE *stream, struct cannot *ret_why);
bool access_blockdev(const struct grants *grants, FILE *stream, struct cannot *ret_why);
bool access_fdset(const struct grants *grants, FILE *stream, struct cannot *ret_why);
bool access_libvirt(const struct grants *grants, FILE *stream, struct cannot *ret_why);
bool access_options(const struct grants *grants, FILE *stream, struct cannot *ret_why);

#endif
