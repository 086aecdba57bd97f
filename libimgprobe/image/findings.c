/* SPDX-License-Identifier: MIT */
/* Every finding, a row each: what `check` says, what its manual explains, which policies refuse it. */
#include "image/image.h"

#include <string.h>

enum { UPLOAD = IP_UPLOAD, GUEST = IP_GUEST, BASE = IP_BASE, ALL = UPLOAD | GUEST | BASE, NONE = 0 };

/* clang-format off */
#define F(id, severity, refused_by, explanation) { id, IMGPROBE_##severity, (refused_by), explanation }
static const struct imgprobe_finding_row rows[] = {
    /* what it refers to */
    F("backing-file",        WARNING, UPLOAD | BASE, "it has a backing file or parent, whose data it shows: flatten it, or take it only from who may choose that file"),
    F("data-file",           WARNING, UPLOAD | BASE, "its data lies in another file, which it names: take it only from who may choose that file"),
    F("extent-file",         WARNING, UPLOAD | BASE, "its data lies in other files, which it names: have it converted to one file"),
    F("external-extent",     DANGER,  ALL,           "an extent's name leads out of the image's own directory: don't grant that file on the image's word"),
    F("device-extent",       DANGER,  ALL,           "an extent is a device of the host: don't grant it on the image's word"),
    F("backing-format-missing", WARNING, GUEST,      "it doesn't declare its backing file's format, so an emulator guesses: qemu-img rebase -u -F FORMAT"),
    F("remote-reference",    DANGER,  ALL,           "it names something on another host, which may name more: what lies there isn't known"),
    F("special-reference",   DANGER,  ALL,           "it names no plain file but a driver that reaches the host otherwise: an image has no business with that"),
    F("path-escape",         DANGER,  ALL,           "a name leads out of the directories that are allowed: allow its directory only if you know why it is named"),
    F("process-relative-name", DANGER, ALL,          "a name means another file to each process that opens it: nobody can grant that"),
    F("needs-workdir",       WARNING, ALL,           "a name is relative to the reader's working directory: say which, or rewrite it as an absolute one"),
    F("no-directory",        WARNING, ALL,           "a relative name, and the image was given without one: give the image by its path"),
    F("named-by-a-link",     WARNING, ALL,           "relative names stand beside the image's real name: give the image by that"),
    F("empty-name",          WARNING, ALL,           "a name is empty: the image was written by a broken tool"),
    F("backing-name-empty",  WARNING, UPLOAD | BASE, "it has a field for a backing file and no name in it: readers take it for none"),
    F("unknown-protocol",    DANGER,  ALL,           "a name begins with a protocol that the reader doesn't have"),
    F("malformed-name",      DANGER,  ALL,           "the reader would refuse a name: what it was meant to open isn't known"),
    F("name-means-two-things", DANGER, ALL,          "versions of the reader open different files for a name: rewrite it as an absolute path"),
    F("reference-asks-write", DANGER, ALL,           "a name asks for a file beneath the image to be opened for writing"),
    F("reference-ignored-by-reader", DANGER, ALL,    "it refers to a file that the chosen reader doesn't open, so the guest would read zeros: convert it with its own tool"),
    F("driver-takes-another-name", DANGER, ALL,      "the driver that is declared as format doesn't open that name as a file"),
    F("layer-hides-header",  DANGER,  ALL,           "a json: name puts a driver in between, beneath which the header can't be read"),
    F("unknown-key",         DANGER,  ALL,           "a json: name has a key that isn't known, so what it opens isn't"),
    F("unknown-value",       DANGER,  ALL,           "a json: name has a value that isn't understood, so what it opens isn't known"),
    F("unknown-driver",      DANGER,  ALL,           "a json: name has a driver that the reader doesn't have"),
    F("override-mixes-names", DANGER, ALL,           "a json: name gives a backing file of which the image's own name would remain a part"),
    F("override-without-data-file", DANGER, ALL,     "a json: name gives a data file to an image that has none"),
    F("parent-names-disagree", DANGER, ALL,          "its names for its parent don't agree on the file: rewrite them with its own tool"),
    F("name-control-character", WARNING, ALL,        "a name has control characters, which terminals and logs act on"),
    F("name-invalid-utf8",   NOTE,    UPLOAD,        "a name isn't valid UTF-8: programs that show or pass it on may change it"),
    /* what the chain is */
    F("parent-mismatch",     DANGER,  GUEST | BASE,  "the parent isn't the image that this one was made on: its recorded identity differs"),
    F("member-missing",      DANGER,  ALL,           "a file that it refers to can't be opened"),
    F("not-followed",        DANGER,  ALL,           "it refers to files that weren't looked at: check it with its files at hand"),
    F("loop",                DANGER,  ALL,           "its references lead back to itself"),
    F("declared-formats-disagree", DANGER, ALL,      "one file is declared to be of two formats"),
    F("member-means-two-things", DANGER, ALL,        "one file is met twice, in ways that differ in what it refers to"),
    F("data-after-end",      WARNING, UPLOAD | BASE, "a file that holds its data goes on behind what the image uses of it"),
    /* what it is */
    F("format-probed",       WARNING, GUEST,         "its format was only probed, and a guest can write any header: say -f FORMAT, or declare it"),
    F("format-mismatch",     DANGER,  ALL,           "it also has another format's header: somebody may be trying to have it taken for that"),
    F("trailer-also-matches", WARNING, UPLOAD | BASE, "its end is another format's trailer: say the format wherever it is used"),
    F("other-reader-differs", WARNING, UPLOAD,       "another reader of this format would take something in it otherwise"),
    F("ambiguous",           DANGER,  ALL,           "its bytes mean two things: say which format it has, with -f FORMAT, or refuse it"),
    F("truncated",           DANGER,  ALL,           "the file ends inside something that it must hold"),
    F("malformed",           DANGER,  ALL,           "it is damaged, or not of the format that it is said to be"),
    F("unsupported-version", DANGER,  ALL,           "it is of a version that isn't known, so nothing is known of what it refers to"),
    F("unknown-incompatible-feature", DANGER, ALL,   "it uses a feature that isn't known and may change what it refers to"),
    F("unsupported",         DANGER,  ALL,           "it has something that isn't decoded, so what it refers to isn't known"),
    F("limit-reached",       DANGER,  ALL,           "it passes a limit, so not all of it is known"),
    F("unreadable",          DANGER,  ALL,           "it couldn't be read"),
    F("unknown-compatible-feature", NOTE, UPLOAD | BASE, "it uses a compatible feature that isn't known"),
    F("unknown-autoclear-feature", NOTE, UPLOAD | BASE, "it uses an autoclear feature that isn't known"),
    F("tier-import",         NOTE,    GUEST,         "its format is for one-off conversion, not for a running guest: convert it to raw or qcow2"),
    F("tier-identify",       WARNING, ALL,           "its format is recognised and not decoded in full: convert it in a jail, or refuse it"),
    F("tier-refuse",         DANGER,  ALL,           "its format is dead or known to be unsafe: refuse it"),
    F("format-deprecated",   WARNING, UPLOAD | BASE, "its format, or how it is used, is deprecated: convert it"),
    F("vmdk-create-type",    WARNING, UPLOAD,        "a VMDK that isn't a single file by its type: only monolithicSparse and streamOptimized are"),
    F("extent-type-unknown", WARNING, UPLOAD | BASE, "a line of the descriptor has a type that isn't known"),
    /* in what state it is */
    F("dirty",               WARNING, BASE,          "it wasn't closed properly: have it checked before others stand on it"),
    F("corrupt",             DANGER,  ALL,           "it is marked as corrupt, and isn't opened for writing: repair it in a jail"),
    F("encryption-aes",      DANGER,  ALL,           "it is encrypted by a method that is broken and no longer supported: convert it to LUKS"),
    F("encryption-luks",     NOTE,    NONE,          "it is encrypted with LUKS: a secret is needed"),
    F("luks-version",        NOTE,    NONE,          "it holds a LUKS volume: version 1 is a format of its own, version 2 is a raw disk to an emulator"),
    F("internal-snapshots",  NOTE,    UPLOAD | BASE, "it holds internal snapshots, older states that a reader can be told to load"),
    F("bitmaps",             NOTE,    NONE,          "it holds bitmaps of what was changed, for backups"),
    F("compression-type",    NOTE,    NONE,          "its clusters are compressed by another method than zlib: older readers refuse it"),
    F("data-file-unused",    NOTE,    UPLOAD | BASE, "it names a data file and doesn't say that it uses one"),
    F("checksum-wrong",      WARNING, UPLOAD | BASE, "a checksum doesn't hold: the header was damaged or edited"),
    F("footers-disagree",    WARNING, UPLOAD | BASE, "the copies of its header differ"),
    F("sizes-disagree",      WARNING, UPLOAD | BASE, "it gives several sizes that differ, and readers take different ones: convert it with its own tool, lest the end be lost"),
    F("virtual-size-over-limit", DANGER, ALL,        "the disk is larger than was allowed"),
    F("size-not-sector-multiple", NOTE, NONE,        "the disk's size isn't a multiple of 512: readers round it up or down"),
    F("partition-table-odd", NOTE,    NONE,          "its partition table isn't as it should be, which many honest disks aren't"),
};
/* clang-format on */

const struct imgprobe_finding_row *imgprobe_finding_at(size_t index)
{
    return index < IP_COUNT(rows) ? &rows[index] : NULL;
}

const struct imgprobe_finding_row *ip_finding_row(const char *id, size_t *ret_index)
{
    for (*ret_index = 0; id && *ret_index < IP_COUNT(rows); ++*ret_index)
        if (strcmp(id, rows[*ret_index].id) == 0)
            return &rows[*ret_index];
    return NULL;
}

struct imgprobe_finding ip_finding_of(const char *id, uint64_t offset, const char *message)
{
    size_t index;
    const struct imgprobe_finding_row *row = ip_finding_row(id, &index);

    return (struct imgprobe_finding){NULL, id, row ? row->severity : IMGPROBE_DANGER, offset, message};
}
