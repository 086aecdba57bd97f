/* SPDX-License-Identifier: MIT */
/* What the files that take protocol names apart share. */
#ifndef IP_PROTOCOL_H
#define IP_PROTOCOL_H

#include "engine.h"

/* One name while it is taken apart. `rest` is what stands behind its word and the colon. */
struct naming {
    struct imgprobe_workspace *w;
    struct imgprobe_bytes whole, name, rest; /* `name` is the end of `whole` */
    const struct protocol *row;
    struct imgprobe_protocol *protocol;
    struct imgprobe_resource **tail; /* where the next resource goes */
    struct imgprobe_bytes inner;     /* a name in it that the reader opens in turn; none */
    const char *fault;               /* why the reader would refuse it; the first one stays */
    bool local;                      /* it reaches this host and no other */
    bool full;                       /* the workspace is: whatever was made is of no use */
    size_t secret, secret_end;       /* where a password stands in `whole`; equal: it holds none */
};

void ip_naming_fault(struct naming *n, const char *fault);
/* From `from` up to `end`, both of the same bytes. */
struct imgprobe_bytes ip_naming_between(struct imgprobe_bytes bytes, size_t from, size_t end);
/* The place of the first `c`, or the length. */
size_t ip_naming_find(struct imgprobe_bytes bytes, unsigned char c);
bool ip_naming_begins(struct imgprobe_bytes bytes, const char *with);
/* Where `what` stands first, or the length. */
size_t ip_naming_search(struct imgprobe_bytes bytes, const char *what);
/* A copy with a NUL behind it; with escapes undone as util/uri.c does, and cut at a NUL that one makes; of several
 * parts. None when the workspace is full. */
struct imgprobe_bytes ip_naming_copy(struct naming *n, struct imgprobe_bytes bytes);
struct imgprobe_bytes ip_naming_decode(struct naming *n, struct imgprobe_bytes bytes);
struct imgprobe_bytes ip_naming_join(struct naming *n, const struct imgprobe_bytes *parts, size_t count);
/* A password stands in `part` of the name; it is hidden with all between it and one met before. */
void ip_naming_hide(struct naming *n, struct imgprobe_bytes part);
/* The same for a name whose grammar doesn't hold: from the first sign of one to the last @, rather too much. */
void ip_naming_hide_any(struct naming *n);
void ip_naming_resource(struct naming *n, enum imgprobe_kind kind, struct imgprobe_bytes path);
/* A socket of this host, of the length that the system allows. */
void ip_naming_socket(struct naming *n, struct imgprobe_bytes path);
/* Decimal digits and nothing else, at least one. */
bool ip_naming_digits(struct imgprobe_bytes bytes);
/* Without the zeros before the first other digit; the last digit stays. */
struct imgprobe_bytes ip_naming_number(struct imgprobe_bytes digits);

/* uri: QEMU's util/uri.c. Parts as they are written; none where they are absent or empty. */
struct uri {
    struct imgprobe_bytes user, host, port, path, query, fragment;
};
struct parameters {
    struct imgprobe_bytes query;
    size_t at, plain; /* behind the last & a ; divides, too */
};
struct parameter {
    struct imgprobe_bytes name, value; /* value: none without a = */
};
/* Of `rest`, behind the scheme's colon. False and nothing known where the reader has no URI. */
bool ip_uri(struct imgprobe_bytes rest, struct uri *ret);
/* Of the name itself: its password is hidden, and it has its fault when it is none. */
bool ip_uri_of_name(struct naming *n, struct uri *ret);
void ip_uri_parameters(struct imgprobe_bytes query, struct parameters *ret);
bool ip_uri_next(struct parameters *p, struct parameter *ret);
/* Whether it says `word` when its escapes are undone. */
bool ip_uri_means(struct imgprobe_bytes part, const char *word);
/* Without a host it has its fault; and a path that then holds a password isn't one. */
void ip_uri_need_host(struct naming *n, struct uri *uri);
/* Host without brackets, and port. */
void ip_uri_server(struct naming *n, const struct uri *uri);
/* Either this, or by the row's transport a socket in the query, and of a query nothing else. */
void ip_uri_host_or_socket(struct naming *n, const struct uri *uri);

/* One function for each grammar, in protocol-*.c. */
void ip_name_nbd(struct naming *n);
void ip_name_gluster(struct naming *n);
void ip_name_ssh(struct naming *n);
void ip_name_nfs(struct naming *n);
void ip_name_sheepdog(struct naming *n);
void ip_name_vxhs(struct naming *n);
void ip_name_curl(struct naming *n);
void ip_name_iscsi(struct naming *n);
void ip_name_rbd(struct naming *n);
void ip_name_device(struct naming *n);
void ip_name_fat(struct naming *n);
void ip_name_blkdebug(struct naming *n);
void ip_name_blkverify(struct naming *n);
void ip_name_null(struct naming *n);
void ip_name_nvme(struct naming *n);
void ip_name_io_uring(struct naming *n);
void ip_name_options_only(struct naming *n);

#endif
