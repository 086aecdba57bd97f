/* SPDX-License-Identifier: MIT */
/*
 * name: what a name in an image means by its letters: a path, or a protocol's parts. QEMU's grammars, one file each.
 *
 * It uses image alone. It never touches the file system and follows nothing.
 */
#ifndef IP_NAME_H
#define IP_NAME_H

#include "image/image.h"

/*
 * letters: what can be said of a name without any grammar
 */

/* Everything up to the last slash, with it; empty when there is none. */
struct imgprobe_bytes ip_directory(struct imgprobe_bytes path);
/* Whether it begins with a slash. */
bool ip_name_absolute(struct imgprobe_bytes name);
/* The length of the word before a colon that comes before any slash; 0 for none. */
size_t ip_name_protocol(struct imgprobe_bytes name);
/* Whether a colon comes before any slash, with or without a word. */
bool ip_name_has_protocol(struct imgprobe_bytes name);
/* The byte for which an escape (RFC 3986, section 2.1) at the beginning stands; -1 where none stands there. */
int ip_name_escape(struct imgprobe_bytes text);

/*
 * place: where relative names stand, and what became of a reference
 */

/* How the names of one image are resolved, and where the results and the error go. */
struct place {
    struct imgprobe_bytes directory; /* of the image that holds the name, with its last slash; may be empty */
    bool has_directory;
    bool plain;                         /* the reader takes names for paths, and nothing else */
    bool writes_data;                   /* it opens data files for writing */
    const char *workdir;                /* the reader's working directory, or NULL */
    const char *reason, *note;          /* NULL, or why it has none: a finding's id; in words */
    const struct imgprobe_image *image; /* NULL, or the image that has several names for its parent */
    const struct imgprobe_limits *limits;
    struct ip_versions versions; /* of the reader */
    struct imgprobe_workspace *w;
    struct imgprobe_error *error;
};
/* Puts `b` behind `a` without cleaning up, as the reader does. LIMIT for more than a path may have. */
enum imgprobe_status ip_place_join(const struct place *place, struct imgprobe_bytes a, struct imgprobe_bytes b,
                                   struct imgprobe_bytes *ret);
/* Gives the reference its path: beside the image that holds the name. Where that image was given without a name, the
 * reference isn't followed. */
enum imgprobe_status ip_place_beside(struct imgprobe_reference *r, const struct place *place,
                                     struct imgprobe_bytes name);
/* The same, in the reader's working directory. Where the caller hasn't said that, the reference isn't followed. */
enum imgprobe_status ip_place_in_workdir(struct imgprobe_reference *r, const struct place *place,
                                         struct imgprobe_bytes name);
/* Says why a reference isn't followed, by the id of a finding and a sentence. Returns OK. */
enum imgprobe_status ip_unfollowed(struct imgprobe_reference *r, enum imgprobe_kind kind, const char *reason,
                                   const char *note);

/*
 * libvhd: Xen's, of xapi-project/blktap, for the parent of a differencing VHD
 */

/* What it makes of one of the names: it tries it, it passes it over, or which of the two depends on the host. */
enum ip_taking { IP_TAKEN, IP_PASSED_OVER, IP_CANNOT_TELL };
/* Which of these; *ret_why says it in words unless the name is taken. */
enum ip_taking ip_libvhd_takes(const struct imgprobe_image *image, const struct imgprobe_reference *r,
                               const char **ret_why);
/* The part of the name that is a path. Its separators are still the name's. */
struct imgprobe_bytes ip_libvhd_path(const struct imgprobe_reference *r);
/* Makes a slash of each \. */
void ip_libvhd_slashes(unsigned char *path, size_t length);
/* Cleans an absolute name up by its letters, where `..` takes the component before it away. Writes at most as many
 * bytes as the name has; returns how many. */
size_t ip_libvhd_clean(struct imgprobe_bytes name, unsigned char *ret);

/* Beside which name of a file its relative names stand: the one by which it is opened; the one that device mapper
 * has for it, if there is a file of that name; or the one without links. */
enum ip_beside { IP_BESIDE_NAME, IP_BESIDE_MAPPER, IP_BESIDE_REAL };
/* Which of these. `name` was cleaned up; `real` is the one without links. */
enum ip_beside ip_libvhd_beside(struct imgprobe_bytes name, struct imgprobe_bytes real);
/* Writes the name that device mapper would have for /dev/GROUP/VOLUME, at most twice as many bytes and
 * IP_LIBVHD_MAPPER more; returns how many. */
#define IP_LIBVHD_MAPPER 12
size_t ip_libvhd_mapper(struct imgprobe_bytes name, unsigned char *ret);

/*
 * protocol: names that begin with a driver's word and a colon
 */

/* Says of a name that begins with a protocol where the data is. Fills kind, path, protocol, resources, redacted,
 * reason and note. LIMIT, with the error filled, when the workspace is full, else OK. */
enum imgprobe_status ip_protocol_name(struct imgprobe_reference *r, const struct place *place,
                                      struct imgprobe_bytes name);
/* Says that a reference isn't followed because versions of the reader differ, in a thing that `when` says. */
enum imgprobe_status ip_unfollowed_by_some(struct imgprobe_reference *r, const struct place *place,
                                           struct ip_when when, const char *what);
/* Whether a driver that was declared as a format would open the file of this name, as we do. */
bool ip_driver_takes(struct imgprobe_bytes driver, struct imgprobe_bytes name, enum imgprobe_kind kind);

/*
 * grammar: what the grammars of protocol names have in common
 */

/* One name while it is taken apart. `rest` is what stands behind its word and the colon. */
struct naming {
    struct imgprobe_workspace *w;
    struct imgprobe_error *error;
    struct ip_versions versions;
    struct imgprobe_bytes whole, name, rest; /* `name` is the end of `whole` */
    const struct protocol_word *row;         /* NULL: no version has it */
    const struct driver *driver;             /* that the word chooses; NULL for none */
    struct imgprobe_protocol *protocol;
    struct imgprobe_resource **tail; /* where the next resource goes */
    struct imgprobe_bytes inner;     /* a name in it that the reader opens in turn; none */
    const char *fault;               /* why the reader would refuse it; the first one stays */
    bool local;                      /* it reaches this host and no other */
    bool full;                       /* the workspace is: whatever was made is of no use */
    size_t secret, secret_end;       /* where a password stands in `whole`; equal: it holds none */
};
/* Whether what its word chooses reaches this host, and no other. */
bool ip_naming_is_local(const struct naming *n);
/* Notes why the reader would refuse the name. */
void ip_naming_fault(struct naming *n, const char *fault);
/* The bytes from `from` up to `end`. */
struct imgprobe_bytes ip_naming_between(struct imgprobe_bytes bytes, size_t from, size_t end);
/* The index of the first `c`, or the length. */
size_t ip_naming_find(struct imgprobe_bytes bytes, unsigned char c);
/* Whether they begin with this word. */
bool ip_naming_begins(struct imgprobe_bytes bytes, const char *with);
/* The index of the first `what`, or the length. */
size_t ip_naming_search(struct imgprobe_bytes bytes, const char *what);
/* Room for a part of the answer; NULL, with `full` set and the error filled, where there is none. */
void *ip_naming_take(struct naming *n, size_t size);
/* A copy with a NUL behind it; none when the workspace is full. */
struct imgprobe_bytes ip_naming_copy(struct naming *n, struct imgprobe_bytes bytes);
/* A copy with escapes undone as util/uri.c does, and cut at a NUL that one makes. */
struct imgprobe_bytes ip_naming_decode(struct naming *n, struct imgprobe_bytes bytes);
/* A copy of several parts, one behind the other. */
struct imgprobe_bytes ip_naming_join(struct naming *n, const struct imgprobe_bytes *parts, size_t count);
/* Hides `part` of the name, in which a password stands. What lies between it and one that was hidden before is
 * hidden, too. */
void ip_naming_hide(struct naming *n, struct imgprobe_bytes part);
/* Hides a password in a name whose grammar doesn't hold: all from the first ':' or '%' to the last '@', which may be
 * more than the password. */
void ip_naming_hide_any(struct naming *n);
/* Lists a thing of this host that the reader opens. */
void ip_naming_resource(struct naming *n, enum imgprobe_kind kind, struct imgprobe_bytes path);
/* Lists a socket of this host. A path that is longer than the system allows is a fault of the name. */
void ip_naming_socket(struct naming *n, struct imgprobe_bytes path);
/* Whether these are decimal digits and nothing else, at least one. */
bool ip_naming_digits(struct imgprobe_bytes bytes);
/* The digits without the zeros before the first other one; the last digit stays. */
struct imgprobe_bytes ip_naming_number(struct imgprobe_bytes digits);

/*
 * uri: QEMU's util/uri.c
 */

/* Parts as they are written; none where they are absent or empty. */
struct uri {
    struct imgprobe_bytes user, host, port, path, query, fragment;
};
struct parameters {
    struct imgprobe_bytes query;
    size_t at, plain; /* `plain`: behind the last &, where a ; divides, too */
};
struct parameter {
    struct imgprobe_bytes name, value; /* of a parameter without a = there is no value */
};
/* Gives the parts of `rest`, which stands behind the scheme's colon. False, with nothing in `ret`, where the reader
 * has no URI. */
bool ip_uri(struct imgprobe_bytes rest, struct uri *ret);
/* The same of the name that is taken apart. Hides a password that stands in it. Gives a name that is no URI its
 * fault. */
bool ip_uri_of_name(struct naming *n, struct uri *ret);
/* Begins to look through the parameters of a query. */
void ip_uri_parameters(struct imgprobe_bytes query, struct parameters *ret);
/* Gives the next parameter; false behind the last. */
bool ip_uri_next(struct parameters *p, struct parameter *ret);
/* Whether a part says `word` when its escapes are undone. */
bool ip_uri_means(struct imgprobe_bytes part, const char *word);
/* Gives a name without a host its fault. If its password stands where the path was, the name has no path then. */
void ip_uri_need_host(struct naming *n, struct uri *uri);
/* Takes over the host, without brackets, and the port. */
void ip_uri_server(struct naming *n, const struct uri *uri);
/* Takes over host and port. For a row whose transport is "unix" it takes the socket that the query names instead.
 * Anything else in a query is a fault. */
void ip_uri_host_or_socket(struct naming *n, const struct uri *uri);

/* One function for each grammar, in protocol-*.c. */
void ip_name_nbd(struct naming *n);
void ip_name_gluster(struct naming *n);
void ip_name_ssh(struct naming *n);
void ip_name_nfs(struct naming *n);
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
