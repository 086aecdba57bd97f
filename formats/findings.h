/* SPDX-License-Identifier: MIT */
/* Every finding, a row each: what `check` says, how severe it is, which policies refuse it, what its manual explains.
 */
#ifndef IP_FINDINGS_H
#define IP_FINDINGS_H

/* clang-format off */
#define IP_FINDINGS(F) \
    /* what it refers to */ \
    F(BACKING_FILE,                "backing-file",                WARNING, UPLOAD | BASE, "it has a backing file or parent, whose data it shows: flatten it, or take it only from who may choose that file") \
    F(DATA_FILE,                   "data-file",                   WARNING, UPLOAD | BASE, "its data lies in another file, which it names: take it only from who may choose that file") \
    F(EXTENT_FILE,                 "extent-file",                 WARNING, UPLOAD | BASE, "its data lies in other files, which it names: have it converted to one file") \
    F(EXTERNAL_EXTENT,             "external-extent",             DANGER,  ALL,           "an extent's name leads out of the image's own directory: don't grant that file on the image's word") \
    F(DEVICE_EXTENT,               "device-extent",               DANGER,  ALL,           "an extent is a device of the host: don't grant it on the image's word") \
    F(BACKING_FORMAT_MISSING,      "backing-format-missing",      WARNING, GUEST,         "it doesn't declare its backing file's format, so an emulator guesses: declare it, or where the image has no field for that, convert it") \
    F(REMOTE_REFERENCE,            "remote-reference",            DANGER,  ALL,           "it names something on another host, which may name more: what lies there isn't known") \
    F(SPECIAL_REFERENCE,           "special-reference",           DANGER,  ALL,           "it names no plain file but a driver that reaches the host otherwise: an image has no business with that") \
    F(PATH_ESCAPE,                 "path-escape",                 DANGER,  ALL,           "a name leads out of the directories that are allowed: allow its directory only if you know why it is named") \
    F(PROCESS_RELATIVE_NAME,       "process-relative-name",       DANGER,  ALL,           "a name means another file to each process that opens it: nobody can grant that") \
    F(NEEDS_WORKDIR,               "needs-workdir",               WARNING, ALL,           "a name is relative to the reader's working directory: say which, or rewrite it as an absolute one") \
    F(NO_DIRECTORY,                "no-directory",                WARNING, ALL,           "a relative name, and the image was given without one: give the image by its path") \
    F(EMPTY_NAME,                  "empty-name",                  WARNING, ALL,           "a name is empty: the image was written by a broken tool") \
    F(BACKING_NAME_EMPTY,          "backing-name-empty",          WARNING, UPLOAD | BASE, "it has a field for a backing file and no name in it: readers take it for none") \
    F(UNKNOWN_PROTOCOL,            "unknown-protocol",            DANGER,  ALL,           "a name begins with a protocol that the reader doesn't have") \
    F(MALFORMED_NAME,              "malformed-name",              DANGER,  ALL,           "the reader would refuse a name: what it was meant to open isn't known") \
    F(NAME_MEANS_TWO_THINGS,       "name-means-two-things",       DANGER,  ALL,           "versions of the reader open different files for a name: rewrite it as an absolute path") \
    F(VERSIONS_DIFFER,             "versions-differ",             DANGER,  ALL,           "versions of the reader open different files for it: say which version it is for") \
    F(REFERENCE_ASKS_WRITE,        "reference-asks-write",        DANGER,  ALL,           "a name asks for a file beneath the image to be opened for writing") \
    F(REFERENCE_IGNORED_BY_READER, "reference-ignored-by-reader", DANGER,  ALL,           "it refers to a file that the chosen reader doesn't open, so the guest lacks what lies there: convert it with its own tool") \
    F(DRIVER_TAKES_ANOTHER_NAME,   "driver-takes-another-name",   DANGER,  ALL,           "the driver that is declared as format doesn't open that name as a file") \
    F(LAYER_HIDES_HEADER,          "layer-hides-header",          DANGER,  ALL,           "a json: name puts a driver in between, beneath which the header can't be read") \
    F(UNKNOWN_KEY,                 "unknown-key",                 DANGER,  ALL,           "a json: name has a key that isn't known, so what it opens isn't") \
    F(UNKNOWN_VALUE,               "unknown-value",               DANGER,  ALL,           "a json: name has a value that isn't understood, so what it opens isn't known") \
    F(UNKNOWN_DRIVER,              "unknown-driver",              DANGER,  ALL,           "a name chooses a driver that the reader doesn't have") \
    F(OVERRIDE_MIXES_NAMES,        "override-mixes-names",        DANGER,  ALL,           "a json: name gives a backing file of which the image's own name would remain a part") \
    F(OVERRIDE_WITHOUT_DATA_FILE,  "override-without-data-file",  DANGER,  ALL,           "a json: name gives a data file to an image that has none") \
    F(PARENT_NAMES_DISAGREE,       "parent-names-disagree",       DANGER,  ALL,           "another name of its parent leads to another file, which other readers may open: rewrite its names with its own tool") \
    F(NAME_CONTROL_CHARACTER,      "name-control-character",      WARNING, ALL,           "a name has characters that terminals and logs act on, or that nobody sees") \
    F(NAME_INVALID_UTF8,           "name-invalid-utf8",           NOTE,    UPLOAD,        "a name isn't valid UTF-8: programs that show or pass it on may change it") \
    /* what the chain is */ \
    F(PARENT_MISMATCH,             "parent-mismatch",             DANGER,  GUEST | BASE,  "the parent isn't the image that this one was made on: its recorded identity differs") \
    F(PARENT_NOT_TOLD,             "parent-not-told",             WARNING, UPLOAD | BASE, "it may have a parent, of which nothing stands in the image: flatten it with its own tool, or be sure that it is no snapshot") \
    F(MEMBER_MISSING,              "member-missing",              DANGER,  ALL,           "a file that it refers to can't be opened") \
    F(NOT_FOLLOWED,                "not-followed",                DANGER,  ALL,           "it refers to files that weren't looked at: check it with its files at hand") \
    F(LOOP,                        "loop",                        DANGER,  ALL,           "its references lead back to itself") \
    F(DECLARED_FORMATS_DISAGREE,   "declared-formats-disagree",   DANGER,  ALL,           "one file is declared to be of two formats") \
    F(MEMBER_MEANS_TWO_THINGS,     "member-means-two-things",     DANGER,  ALL,           "one file is met twice, in ways that differ in what it refers to") \
    F(DATA_AFTER_END,              "data-after-end",              WARNING, UPLOAD | BASE, "a file that holds its data goes on behind what the image uses of it") \
    /* what it is */ \
    F(FORMAT_PROBED,               "format-probed",               WARNING, GUEST,         "its format was only probed, and a guest can write any header: say -f FORMAT, or declare it") \
    F(FORMAT_MISMATCH,             "format-mismatch",             DANGER,  ALL,           "it also has another format's header: somebody may be trying to have it taken for that") \
    F(TRAILER_ALSO_MATCHES,        "trailer-also-matches",        WARNING, UPLOAD | BASE, "readers that look at its end take it for another format") \
    F(OTHER_READER_DIFFERS,        "other-reader-differs",        WARNING, UPLOAD,        "another reader of this format would take something in it otherwise") \
    F(AMBIGUOUS,                   "ambiguous",                   DANGER,  ALL,           "its bytes mean two things: say which format it has, with -f FORMAT, or refuse it") \
    F(IMAGE_EMPTY,                 "image-empty",                 WARNING, UPLOAD | BASE, "see whether all of it arrived: a file without bytes is a raw disk, too") \
    F(TRUNCATED,                   "truncated",                   DANGER,  ALL,           "the file ends inside something that it must hold") \
    F(MALFORMED,                   "malformed",                   DANGER,  ALL,           "it is damaged, or not of the format that it is said to be") \
    F(UNSUPPORTED_VERSION,         "unsupported-version",         DANGER,  ALL,           "it is of a version that isn't known, so nothing is known of what it refers to") \
    F(UNKNOWN_INCOMPATIBLE_FEATURE,"unknown-incompatible-feature",DANGER,  ALL,           "it uses a feature that isn't known and may change what it refers to") \
    F(UNSUPPORTED,                 "unsupported",                 DANGER,  ALL,           "it has something that isn't decoded, so what it refers to isn't known") \
    F(LIMIT_REACHED,               "limit-reached",               DANGER,  ALL,           "it passes a limit, so not all of it is known") \
    F(UNREADABLE,                  "unreadable",                  DANGER,  ALL,           "it couldn't be read") \
    F(UNKNOWN_COMPATIBLE_FEATURE,  "unknown-compatible-feature",  NOTE,    UPLOAD | BASE, "it uses a compatible feature that isn't known") \
    F(UNKNOWN_AUTOCLEAR_FEATURE,   "unknown-autoclear-feature",   NOTE,    UPLOAD | BASE, "it uses an autoclear feature that isn't known") \
    F(TIER_IMPORT,                 "tier-import",                 NOTE,    GUEST,         "its format is for one-off conversion, not for a running guest: convert it to raw or qcow2") \
    F(TIER_IDENTIFY,               "tier-identify",               WARNING, ALL,           "its format is recognised and not decoded in full: convert it in a jail, or refuse it") \
    F(TIER_REFUSE,                 "tier-refuse",                 DANGER,  ALL,           "its format is dead or known to be unsafe: refuse it") \
    F(FORMAT_DEPRECATED,           "format-deprecated",           WARNING, UPLOAD | BASE, "its format, or how it is used, is deprecated: convert it") \
    F(VMDK_CREATE_TYPE,            "vmdk-create-type",            WARNING, UPLOAD,        "a VMDK that isn't a single file by its type: only monolithicSparse and streamOptimized are") \
    F(EXTENT_TYPE_UNKNOWN,         "extent-type-unknown",         WARNING, UPLOAD | BASE, "a line of the descriptor has a type that isn't known") \
    /* in what state it is */ \
    F(DIRTY,                       "dirty",                       WARNING, BASE,          "it wasn't closed properly: have it checked before others stand on it") \
    F(CORRUPT,                     "corrupt",                     DANGER,  ALL,           "it is marked as corrupt, and isn't opened for writing: repair it in a jail") \
    F(ENCRYPTION_AES,              "encryption-aes",              DANGER,  ALL,           "it is encrypted by a method that is broken and no longer supported: convert it to LUKS") \
    F(ENCRYPTION_LUKS,             "encryption-luks",             NOTE,    NONE,          "it is encrypted with LUKS: a secret is needed") \
    F(LUKS_VERSION,                "luks-version",                NOTE,    NONE,          "it holds a LUKS volume: version 1 is a format of its own, version 2 is a raw disk to an emulator") \
    F(INTERNAL_SNAPSHOTS,          "internal-snapshots",          NOTE,    UPLOAD | BASE, "it holds internal snapshots, older states that a reader can be told to load") \
    F(BITMAPS,                     "bitmaps",                     NOTE,    NONE,          "it holds bitmaps of what was changed, for backups") \
    F(COMPRESSION_TYPE,            "compression-type",            NOTE,    NONE,          "its clusters are compressed by another method than zlib: older readers refuse it") \
    F(DATA_FILE_UNUSED,            "data-file-unused",            NOTE,    UPLOAD | BASE, "it names a data file and doesn't say that it uses one") \
    F(CHECKSUM_WRONG,              "checksum-wrong",              WARNING, UPLOAD | BASE, "a checksum doesn't hold: the header was damaged or edited") \
    F(FOOTERS_DISAGREE,            "footers-disagree",            WARNING, UPLOAD | BASE, "the copies of its header differ") \
    F(SIZES_DISAGREE,              "sizes-disagree",              WARNING, UPLOAD | BASE, "it gives several sizes that differ, and readers take different ones: convert it with its own tool, lest the end be lost") \
    F(VIRTUAL_SIZE_OVER_LIMIT,     "virtual-size-over-limit",     DANGER,  ALL,           "the disk is larger than was allowed") \
    F(TIER_BELOW_FLOOR,            "tier-below-floor",            DANGER,  ALL,           "its format, or a driver above it, is of a tier below the one that was asked for") \
    F(SIZE_NOT_SECTOR_MULTIPLE,    "size-not-sector-multiple",    NOTE,    NONE,          "readers round the disk's size up or down to a multiple of 512") \
    F(PARTITION_TABLE_ODD,         "partition-table-odd",         NOTE,    NONE,          "its partition table isn't as it should be, which many honest disks aren't") \
    /* what it holds */ \
    F(CONTENT_ARCHIVE,             "content-archive",             WARNING, NONE,          "it holds an archive or a container, and no disk: unpack or convert it first") \
    F(CONTENT_COMPRESSED,          "content-compressed",          WARNING, NONE,          "it holds compressed data, and no disk: decompress it first") \
    F(CONTENT_PROGRAM,             "content-program",             WARNING, NONE,          "it holds a program or a kernel, and no disk") \
    F(INSIDE_NOT_WHOLE,            "inside-not-whole",            WARNING, ALL,           "it is compressed, and only its beginning was looked at: decompress it and ask again") \
    F(COMPRESSED_TWICE,            "compressed-twice",            DANGER,  ALL,           "it is compressed data inside compressed data, which isn't looked into: decompress it first") \
    F(CONTENT_TEXT,                "content-text",                WARNING, UPLOAD,        "it is a text, and no disk: look at what was fetched, or say -f raw")
/* clang-format on */

#define FOUND(name, ...) FOUND_##name,
enum ip_found { IP_FINDINGS(FOUND) FOUND_COUNT };

#endif
