/* SPDX-License-Identifier: MIT */
/*
 * chain: members and references, through the caller's opener, depth first; every rule on formats, loops and bounds.
 *
 * It uses image, name and json. It opens nothing by itself, never looks at a file that was judged before by its name
 * again, and knows no format.
 */
#ifndef IP_CHAIN_H
#define IP_CHAIN_H

#include "json/json.h"

/* identities: members by device and inode. */
struct ip_member;
/* Whether two identities are one file's. */
bool ip_same_file(struct imgprobe_identity a, struct imgprobe_identity b);
/* The link that leads to the member with this identity, or the empty one where it belongs. *root is the first. */
struct ip_member **ip_identities_slot(struct ip_member **root, struct imgprobe_identity identity);

/* A chain that is being built. */
struct chain_builder {
    struct imgprobe_options options;
    struct imgprobe_limits limits;
    struct ip_versions versions; /* of the reader */
    struct imgprobe_opener opener;
    bool opens;                 /* an opener was given */
    struct ip_arrival *arrival; /* NULL, or the top is a stream that still comes */
    struct imgprobe_workspace *w;
    struct imgprobe_chain *chain;
    struct ip_member *identities;                     /* the tree of them */
    struct imgprobe_member **tail;                    /* where the next member goes */
    struct imgprobe_kept_file **kept_tail;            /* and its file, which is kept */
    bool left_out;                                    /* a reference was listed and not followed */
    struct imgprobe_asked **asked_tail, **asked_last; /* where the next name goes that is asked for; the last one */
    bool unlisted;                                    /* a name has no place in that list: the workspace is full */
};

/* A member with what the library keeps of it. All in a chain's list are such. */
struct ip_member {
    struct imgprobe_member member;
    struct imgprobe_reference *cursor; /* the next one to be followed */
    bool entered;                      /* and not left yet: whatever leads here is a loop */
    bool linked;                       /* its name is a symbolic link's */
    struct ip_member *beneath[4];      /* in the tree of identities */
};
static inline struct ip_member *ip_own_member(struct imgprobe_member *m)
{
    return (struct ip_member *)(void *)m;
}

/* As imgprobe_chain without an opener, of a stream that still comes: NEED, or what it ends with whatever follows. */
enum imgprobe_status ip_chain_arriving(const struct imgprobe_options *options, const struct imgprobe_opened *top,
                                       struct ip_arrival *arrival, struct imgprobe_workspace *workspace,
                                       struct imgprobe_chain **ret_chain);

/*
 * stop: every reason why a chain ends
 */

/* Keeps the error as that reason, with the state that it means. Returns its status. */
enum imgprobe_status ip_chain_stop(struct chain_builder *b, const struct imgprobe_error *error,
                                   struct imgprobe_member *culprit, struct imgprobe_reference *at);
/* The same, with an error made of a finding's id and a sentence, which is the note of the reference, too. */
enum imgprobe_status ip_chain_refuse(struct chain_builder *b, enum imgprobe_status status, const char *field,
                                     const char *what, struct imgprobe_member *culprit,
                                     struct imgprobe_reference *at);
/* The same, because the workspace is full. */
enum imgprobe_status ip_chain_full(struct chain_builder *b, struct imgprobe_member *culprit,
                                   struct imgprobe_reference *at);

/*
 * names
 */

/* Tells of every reference of `m` where it leads, by its letters. Ends the chain where that can't be told. */
enum imgprobe_status ip_chain_resolve(struct chain_builder *b, struct imgprobe_member *m);
/* Ends the chain where the names of `m` aren't resolved: from `at` on, or all of them if it is NULL. Nobody has
 * looked for a password in these. So of a name that may hold one nothing is shown. */
enum imgprobe_status ip_chain_unresolved(struct chain_builder *b, const struct imgprobe_error *error,
                                         struct imgprobe_member *m, struct imgprobe_reference *at);
/* Tells it of one reference, by the rules for its role. */
enum imgprobe_status ip_resolve(struct imgprobe_reference *r, const struct place *place);
/* The name beside which the relative names of `m` stand. */
struct imgprobe_bytes ip_chain_base(const struct imgprobe_member *m);

/*
 * ask: the caller's opener
 */

/* Asks it for this path. What it gives is the chain's until ip_chain_done. */
enum imgprobe_status ip_chain_ask(struct chain_builder *b, struct imgprobe_bytes path, struct imgprobe_opened *ret,
                                  struct imgprobe_error *error);
void ip_chain_done(struct chain_builder *b, struct imgprobe_opened *opened);
/* With `keep`: has the chain keep what was opened for its next member. False when the workspace is full. */
bool ip_chain_keep(struct chain_builder *b, const struct imgprobe_opened *opened);
/* Takes the name that was asked for last out of the list of such: it is a member's path now. */
void ip_chain_unlist(struct chain_builder *b);
/* Says of that name that more than which file it is was looked at. */
void ip_chain_doubt(struct chain_builder *b, enum imgprobe_status status);
/* Ends the chain at a reference for which it has no file. */
enum imgprobe_status ip_chain_unopened(struct chain_builder *b, const struct imgprobe_error *error,
                                       struct imgprobe_member *m, struct imgprobe_reference *r);

/*
 * candidates: several names of one parent, of which the reader opens the first that is there
 */

/* Finds out beside what such names of `m` stand, if it has any. LIMIT, with the place's error, when the workspace is
 * full. */
enum imgprobe_status ip_chain_candidates_begin(struct chain_builder *b, struct imgprobe_member *m,
                                               struct place *place);
/* Gives one of them its path, or says why the reader passes it over. */
enum imgprobe_status ip_chain_candidate_path(struct imgprobe_reference *r, const struct place *place);
/* Tries one of them. *ret_found: it is the parent, and `opened` is filled. Otherwise its note says what became of it.
 * Ends the chain at the last one, if none is there. */
enum imgprobe_status ip_chain_candidate(struct chain_builder *b, struct imgprobe_member *m,
                                        struct imgprobe_reference *r, struct imgprobe_opened *opened,
                                        bool *ret_found);

/* member: makes a member of what was opened, probes it and resolves its references. *ret is set as soon as it is a
 * member of the chain, even if something fails after that. */
enum imgprobe_status ip_chain_enter(struct chain_builder *b, const struct imgprobe_opened *opened,
                                    const struct question *question, struct imgprobe_member *parent,
                                    struct imgprobe_reference *via, struct imgprobe_member **ret);

/* meet: judges a reference `r` of `m` that led to `seen`, which is a member already. `format` is what the reader
 * would take it for now, NULL for a probe. OK where it finds the same as before. */
enum imgprobe_status ip_chain_meet(struct chain_builder *b, struct imgprobe_member *m, struct imgprobe_member *seen,
                                   struct imgprobe_reference *r, const struct format *format);

/* follow: opens what one reference of `m` names, if it may be followed. *ret_child is then a new member, whose own
 * references come next. It stays NULL where there is none. */
enum imgprobe_status ip_chain_follow(struct chain_builder *b, struct imgprobe_member *m, struct imgprobe_reference *r,
                                     struct imgprobe_member **ret_child);
/* What the caller declares this file to be, or NULL. */
const struct format *ip_chain_declared(const struct chain_builder *b, struct imgprobe_identity identity);

/* sum: adds to an image's own answer what its extents give it: sizes, and whether it can be written. */
void ip_chain_sum(struct imgprobe_member *member);

#endif
