/* SPDX-License-Identifier: MIT */
/* What a name means by its letters: a row for each kind of name, under each role that has its own rules. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chain/chain.h"
#include "versions.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum how { PLAIN, WINDOWS, URL }; /* the last two: candidates, as a VHD has them */

struct reference_case {
    const char *name;
    const char *text; /* the reference's name */
    size_t length;    /* of it, 0: up to its NUL */
    enum imgprobe_role role;
    enum how how;
    const char *image;   /* which holds it; NULL: "/i/top"; "-": it has none */
    const char *workdir; /* NULL: none */
    enum imgprobe_kind kind;
    const char *path;   /* of kind FILE, or of SPECIAL where it opens one thing; NULL: none */
    const char *reason; /* NULL: none */
    const char *scheme; /* NULL: none */
    const char *shown;  /* in place of the name, which holds a password; NULL: the name */
};

/* clang-format off */
#define BACKING .role = IMGPROBE_ROLE_BACKING
#define DATA .role = IMGPROBE_ROLE_DATA_FILE
#define EXTENT .role = IMGPROBE_ROLE_EXTENT
#define IS(what) .kind = IMGPROBE_KIND_FILE, .path = what
#define NONE(why) .kind = IMGPROBE_KIND_NONE, .reason = why
#define SPECIAL(word) .kind = IMGPROBE_KIND_SPECIAL, .reason = "special-reference", .scheme = word
#define MALFORMED(word) .kind = IMGPROBE_KIND_SPECIAL, .reason = "malformed-name", .scheme = word
#define REMOTE(word) .kind = IMGPROBE_KIND_REMOTE, .reason = "remote-reference", .scheme = word
#define NAMELESS .image = "-"

static const struct reference_case cases[] = {
    /* a backing file's name */
    {"relative", "base", BACKING, IS("/i/base")},
    {"relative, with a directory", "sub/base", BACKING, IS("/i/sub/base")},
    {"relative, nothing is cleaned up", "./a//../base", BACKING, IS("/i/./a//../base")},
    {"relative, the image has a relative name", "base", BACKING, .image = "d/top", IS("d/base")},
    {"relative, the image has no directory in its name", "base", BACKING, .image = "top", IS("base")},
    {"relative, the image's name ends with a slash", "base", BACKING, .image = "/i/top/", IS("/i/top/base")},
    {"relative, the image stands in the root", "base", BACKING, .image = "/top", IS("/base")},
    {"relative, the image has no name", "base", BACKING, NAMELESS, NONE("no-directory")},
    {"relative, the working directory has no say", "base", BACKING, .workdir = "/w", IS("/i/base")},
    {"relative, a colon in the image's directory", "base", BACKING, .image = "./a:b/top", IS("./a:b/base")},
    {"absolute", "/a/base", BACKING, IS("/a/base")},
    {"absolute, the image has no name", "/a/base", BACKING, NAMELESS, IS("/a/base")},
    {"absolute, a colon in it", "/a:b", BACKING, IS("/a:b")},
    {"a slash and nothing else", "/", BACKING, IS("/")},
    {"a dot", ".", BACKING, IS("/i/.")},
    {"a colon behind a slash is a letter", "./a:b", BACKING, IS("/i/./a:b")},
    {"a colon before a slash is a protocol", "a:b/c", BACKING, NONE("unknown-protocol")},
    {"a protocol without a name", ":x", BACKING, NONE("unknown-protocol")},
    {"a colon and nothing else", ":", BACKING, NONE("unknown-protocol")},
    {"an unknown protocol", "what:ever", BACKING, NONE("unknown-protocol")},
    {"a drive letter is an unknown protocol", "C:\\base", BACKING, NONE("unknown-protocol")},
    {"case counts in a protocol", "NBD:host:1", BACKING, NONE("unknown-protocol")},
    {"case counts in file:", "File:/x", BACKING, NONE("unknown-protocol")},
    {"a protocol's first letters", "nb:host:1", BACKING, NONE("unknown-protocol")},
    {"a protocol and more letters", "nbds:host:1", BACKING, NONE("unknown-protocol")},
    {"backslashes are letters", "a\\b", BACKING, IS("/i/a\\b")},
    {"any byte is a letter", "\x01 \xff\n", BACKING, IS("/i/\x01 \xff\n")},
    {"empty", "", BACKING, NONE("empty-name")},
    {"a NUL first", "\0base", 5, BACKING, NONE("empty-name")},
    {"a NUL inside ends it", "base\0/../etc", 12, BACKING, IS("/i/base")},
    {"a NUL before the colon hides the protocol", "nbd\0:host", 9, BACKING, IS("/i/nbd")},
    {"a NUL at its end", "base\0", 5, BACKING, IS("/i/base")},
    /* file: */
    {"file: relative, in the working directory", "file:x", BACKING, .workdir = "/w", IS("/w/x")},
    {"file: relative, the working directory ends with a slash", "file:x", BACKING, .workdir = "/w/", IS("/w/x")},
    {"file: relative, the working directory is the root", "file:x", BACKING, .workdir = "/", IS("/x")},
    {"file: relative, no working directory", "file:x", BACKING, NONE("needs-workdir")},
    {"file: relative, the image has no name", "file:x", BACKING, NAMELESS, .workdir = "/w", IS("/w/x")},
    {"file: absolute", "file:/x", BACKING, IS("/x")},
    {"file: with three slashes is no URL", "file:///x", BACKING, IS("///x")},
    {"file: with a host is no URL", "file://host/x", BACKING, IS("//host/x")},
    {"file: twice", "file:file:x", BACKING, .workdir = "/w", NONE("name-means-two-things")},
    {"file: before another protocol", "file:nbd:x", BACKING, .workdir = "/w", NONE("name-means-two-things")},
    {"file: in the caller's own directory", "file:a", BACKING, .workdir = ".", IS("a")},
    {"file: beneath the caller's own directory", "file:a", BACKING, .workdir = "./b", IS("./b/a")},
    {"file: before a colon behind a slash", "file:./nbd:x", BACKING, .workdir = "/w", IS("/w/./nbd:x")},
    {"file: and a percent sign", "file:/%41", BACKING, IS("/%41")},
    {"file: and nothing else", "file:", BACKING, .workdir = "/w", NONE("empty-name")},
    {"file: and a NUL", "file:\0x", 7, BACKING, .workdir = "/w", NONE("empty-name")},
    /* protocols to other hosts */
    {"nbd", "nbd:host:10809", BACKING, REMOTE("nbd")},
    {"nbd over a socket of this host", "nbd:unix:/run/s:exportname=a", BACKING, SPECIAL("nbd"), .path = "/run/s"},
    {"nbd as a URI", "nbd://host/export", BACKING, REMOTE("nbd")},
    {"nbd+tcp", "nbd+tcp://host", BACKING, REMOTE("nbd")},
    {"http", "http://host/a", BACKING, REMOTE("http")},
    {"https", "https://host/a", BACKING, REMOTE("https")},
    {"ftp", "ftp://host/a", BACKING, REMOTE("ftp")},
    {"ftps", "ftps://host/a", BACKING, REMOTE("ftps")},
    {"ssh", "ssh://host/a", BACKING, REMOTE("ssh")},
    {"iscsi", "iscsi://host/a/0", BACKING, REMOTE("iscsi")},
    {"iser", "iser://host/a/0", BACKING, REMOTE("iscsi")},
    {"rbd", "rbd:pool/a", BACKING, REMOTE("rbd")},
    {"nfs", "nfs://host/a", BACKING, REMOTE("nfs")},
    {"sheepdog, which is gone", "sheepdog:a", BACKING, NONE("unknown-driver")},
    {"sheepdog over a socket", "sheepdog+unix:///a?socket=/s", BACKING, NONE("unknown-driver")},
    {"vxhs, which is gone", "vxhs://host/a", BACKING, NONE("unknown-driver")},
    {"gluster", "gluster://host/a/b", BACKING, REMOTE("gluster")},
    {"gluster+tcp", "gluster+tcp://host/a/b", BACKING, REMOTE("gluster")},
    {"gluster+rdma", "gluster+rdma://host/a/b", BACKING, REMOTE("gluster")},
    {"remote, the image has no name", "ssh://host/a", BACKING, NAMELESS, REMOTE("ssh")},
    {"a protocol and nothing else", "nbd:", BACKING, .kind = IMGPROBE_KIND_REMOTE, .reason = "malformed-name", .scheme = "nbd"},
    /* what reaches the host otherwise */
    {"nbd+unix", "nbd+unix:///a?socket=/s", BACKING, SPECIAL("nbd"), .path = "/s"},
    {"gluster+unix", "gluster+unix:///a/b?socket=/s", BACKING, SPECIAL("gluster"), .path = "/s"},
    {"json:", "json:{\"driver\":\"file\"}", BACKING, NONE("malformed-name")},
    {"json: that is none", "json:", BACKING, NONE("malformed-name")},
    {"fat", "fat:rw:/d", BACKING, SPECIAL("vvfat"), .path = "/d"},
    {"blkdebug", "blkdebug:/a:b", BACKING, SPECIAL("blkdebug")},
    {"blkverify", "blkverify:/a:b", BACKING, SPECIAL("blkverify")},
    {"host_device", "host_device:/dev/sda", BACKING, SPECIAL("host_device"), .path = "/dev/sda"},
    {"host_cdrom", "host_cdrom:/dev/sr0", BACKING, SPECIAL("host_cdrom"), .path = "/dev/sr0"},
    {"nvme", "nvme://0000:01:00.0/1", BACKING, SPECIAL("nvme")},
    {"io_uring", "io_uring:/dev/vda", BACKING, SPECIAL("io_uring"), .path = "io_uring:/dev/vda"},
    {"nvme-io_uring", "nvme-io_uring:/dev/ng0n1", BACKING, MALFORMED("nvme-io_uring")},
    {"virtio-blk-vfio-pci", "virtio-blk-vfio-pci:/d", BACKING, MALFORMED("virtio-blk-vfio-pci")},
    {"virtio-blk-vhost-user", "virtio-blk-vhost-user:/s", BACKING, MALFORMED("virtio-blk-vhost-user")},
    {"virtio-blk-vhost-vdpa", "virtio-blk-vhost-vdpa:/d", BACKING, MALFORMED("virtio-blk-vhost-vdpa")},
    {"null-co", "null-co://", BACKING, SPECIAL("null-co")},
    {"null-aio", "null-aio://", BACKING, SPECIAL("null-aio")},
    /* a data file: a plain path, relative to the working directory */
    {"data file, relative", "data", DATA, .workdir = "/w", IS("/w/data")},
    {"data file, relative, no working directory", "data", DATA, NONE("needs-workdir")},
    {"data file, absolute", "/a/data", DATA, IS("/a/data")},
    {"data file, absolute, a colon in it", "/a:b", DATA, IS("/a:b")},
    {"data file, ./ before a colon", "./a:b", DATA, .workdir = "/w", IS("/w/./a:b")},
    {"data file, a protocol to some", "nbd:host:1", DATA, .workdir = "/w", NONE("name-means-two-things")},
    {"data file, file: to some", "file:/x", DATA, .workdir = "/w", NONE("name-means-two-things")},
    {"data file, json: to some", "json:{}", DATA, .workdir = "/w", NONE("name-means-two-things")},
    {"data file, an unknown protocol to some", "a:b", DATA, .workdir = "/w", NONE("name-means-two-things")},
    {"data file, a password to some", "nfs://u:SECRET@h/x", DATA, .workdir = "/w", NONE("name-means-two-things"),
     .shown = "nfs://u:***@h/x"},
    {"data file, a password of an unknown protocol to some", "a://u:SECRET@h/x", DATA, .workdir = "/w",
     NONE("name-means-two-things"), .shown = "a://u:***@h/x"},
    {"data file, a password in json: to some", "json:{\"file\":\"ssh:\\/\\/u:SECRET@h\\/x\"}", DATA, .workdir = "/w",
     NONE("name-means-two-things"), .shown = "json:***"},
    {"extent, a password to some", "ssh://u:SECRET@h/x", EXTENT, NAMELESS, NONE("name-means-two-things"),
     .shown = "ssh://u:***@h/x"},
    {"file: before a password", "file:ssh://u:SECRET@h/x", BACKING, .workdir = "/w", NONE("name-means-two-things"),
     .shown = "file:ssh://u:***@h/x"},
    {"data file, a protocol without a name to some", ":x", DATA, .workdir = "/w", NONE("name-means-two-things")},
    {"data file, a protocol, no working directory", "nbd:host:1", DATA, NONE("name-means-two-things")},
    {"data file, empty", "", DATA, .workdir = "/w", NONE("empty-name")},
    {"data file, a NUL inside ends it", "data\0x", 6, DATA, .workdir = "/w", IS("/w/data")},
    {"data file, in an image without a name", "data", DATA, NAMELESS, .workdir = "/w", IS("/w/data")},
    /* an extent: a plain path beside the descriptor */
    {"extent, relative", "flat", EXTENT, IS("/i/flat")},
    {"extent, relative, nothing is cleaned up", "../flat", EXTENT, IS("/i/../flat")},
    {"extent, relative, the descriptor has no name", "flat", EXTENT, NAMELESS, NONE("no-directory")},
    {"extent, relative, the working directory has no say", "flat", EXTENT, .workdir = "/w", IS("/i/flat")},
    {"extent, absolute", "/a/flat", EXTENT, IS("/a/flat")},
    {"extent, a colon is a letter behind a directory", "nbd:host:1", EXTENT, IS("/i/nbd:host:1")},
    {"extent, json: is letters behind a directory", "json:{}", EXTENT, IS("/i/json:{}")},
    {"extent, file: is letters behind a directory", "file:x", EXTENT, IS("/i/file:x")},
    {"extent, a protocol to some where no directory comes first", "nbd:host:1", EXTENT, .image = "top",
     NONE("name-means-two-things")},
    {"extent, a protocol to some, the descriptor has no name", "nbd:host:1", EXTENT, NAMELESS,
     NONE("name-means-two-things")},
    {"extent, no directory comes first", "flat", EXTENT, .image = "top", IS("flat")},
    {"extent, ./ before a colon, no directory comes first", "./a:b", EXTENT, .image = "top", IS("./a:b")},
    {"extent, empty", "", EXTENT, NONE("empty-name")},
    /* Windows, as a VHD's locators and its header have it */
    {"Windows, relative", ".\\base.vhd", BACKING, .how = WINDOWS, IS("/i/./base.vhd")},
    {"Windows, relative, up", "..\\x\\base.vhd", BACKING, .how = WINDOWS, IS("/i/../x/base.vhd")},
    {"Windows, a name alone", "base.vhd", BACKING, .how = WINDOWS, IS("/i/base.vhd")},
    {"Windows, absolute: the drive is dropped", "C:\\a\\base.vhd", BACKING, .how = WINDOWS, IS("/a/base.vhd")},
    {"Windows, a drive that isn't C is letters", "D:\\a", BACKING, .how = WINDOWS, IS("/i/D:/a")},
    {"Windows, a drive twice is letters once", "C:c:\\a", BACKING, .how = WINDOWS, IS("/i/c:/a")},
    {"Windows, a drive and a relative name", "c:base.vhd", BACKING, .how = WINDOWS, IS("/i/base.vhd")},
    {"Windows, a drive and slashes", "C:/a/base.vhd", BACKING, .how = WINDOWS, IS("/a/base.vhd")},
    {"Windows, a share", "\\\\host\\a\\b", BACKING, .how = WINDOWS, IS("//host/a/b")},
    {"Windows, from the root", "\\a\\b", BACKING, .how = WINDOWS, IS("/a/b")},
    {"Windows, a protocol is letters", "nbd:x", BACKING, .how = WINDOWS, IS("/i/nbd:x")},
    {"Windows, relative, the image has no name", "base.vhd", BACKING, .how = WINDOWS, NAMELESS, NONE("no-directory")},
    {"Windows, absolute, the image has no name", "C:\\b", BACKING, .how = WINDOWS, NAMELESS, IS("/b")},
    {"Windows, a NUL inside ends it", "a\\b\0\\c", 6, BACKING, .how = WINDOWS, IS("/i/a/b")},
    {"Windows, empty", "", BACKING, .how = WINDOWS, NONE("empty-name")},
    {"Windows, a drive and nothing else", "C:", BACKING, .how = WINDOWS, NONE("empty-name")},
    /* a MacX locator */
    {"URL, absolute", "file:///a/base", BACKING, .how = URL, IS("/a/base")},
    {"URL, relative", "file://base", BACKING, .how = URL, IS("/i/base")},
    {"URL, relative, the image has no name", "file://base", BACKING, .how = URL, NAMELESS, NONE("no-directory")},
    {"URL, escapes stay as they are", "file:///a%20b%2g", BACKING, .how = URL, IS("/a%20b%2g")},
    {"URL, a host is a directory", "file://localhost/a", BACKING, .how = URL, IS("/i/localhost/a")},
    {"URL, of another protocol", "http://host/a", BACKING, .how = URL, NONE("unknown-protocol")},
    {"URL, of another protocol, with a password", "http://u:SECRET@host/a", BACKING, .how = URL, NONE("unknown-protocol"),
     .shown = "http://u:***@host/a"},
    {"URL, of no protocol, with a password", "a://u:SECRET@host/a", BACKING, .how = URL, NONE("unknown-protocol"),
     .shown = "a://u:***@host/a"},
    {"URL, one slash too few", "file:/a", BACKING, .how = URL, NONE("unknown-protocol")},
    {"URL, a plain path is none", "/a/base", BACKING, .how = URL, NONE("unknown-protocol")},
    {"URL, shorter than its protocol", "file:", BACKING, .how = URL, NONE("unknown-protocol")},
    {"URL, empty", "", BACKING, .how = URL, NONE("empty-name")},
    {"URL, nothing behind the protocol", "file://", BACKING, .how = URL, NONE("empty-name")},
};
/* clang-format on */

static alignas(max_align_t) unsigned char memory[65536];

static struct imgprobe_workspace workspace(size_t size)
{
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = memory, .size = size};

    ip_workspace_begin(&w);
    return w;
}

static struct imgprobe_bytes bytes(const char *text, size_t length)
{
    return (struct imgprobe_bytes){(const unsigned char *)text, length ? length : strlen(text)};
}

static struct place place_of(const char *image, const char *workdir, struct imgprobe_workspace *w,
                             struct imgprobe_error *error)
{
    static const struct imgprobe_limits limits = {.name_bytes = 4095, .json_depth = 16, .json_values = 128};
    struct place place = {.workdir = workdir, .limits = &limits, .versions = versions_of(0), .w = w, .error = error};

    if (image && strcmp(image, "-") == 0)
        return place;
    place.directory = ip_directory(bytes(image ? image : "/i/top", 0));
    place.has_directory = true;
    return place;
}

static struct imgprobe_reference reference_of(const struct reference_case *c)
{
    struct imgprobe_reference r = {.role = c->role, .stated.name = bytes(c->text, c->length)};

    r.stated.cut = ip_cut(r.stated.name).length;
    r.stated.windows = c->how == WINDOWS;
    r.stated.candidate = c->how != PLAIN;
    return r;
}

static const char *or_none(const char *text)
{
    return text ? text : "(none)";
}

static enum imgprobe_status resolve(struct imgprobe_reference *r, const struct place *place)
{
    struct ip_reference own = {.reference = *r};
    enum imgprobe_status s = ip_resolve(&own.reference, place);

    *r = own.reference;
    return s;
}

static void test_case(void **state)
{
    const struct reference_case *c = *state;
    struct imgprobe_reference r = reference_of(c);
    struct imgprobe_workspace w = workspace(sizeof memory);
    struct imgprobe_error error;
    struct place place = place_of(c->image, c->workdir, &w, &error);

    assert_int_equal(resolve(&r, &place), IMGPROBE_OK);
    assert_string_equal(or_none((const char *)r.led.path.bytes), or_none(c->path));
    if (c->path)
        assert_int_equal(r.led.path.length, strlen(c->path));
    assert_int_equal(r.led.kind, c->kind);
    assert_string_equal(or_none(r.led.reason), or_none(c->reason));
    assert_true((r.led.note != NULL) == (c->reason != NULL));
    assert_string_equal(or_none(r.led.protocol ? r.led.protocol->scheme : NULL), or_none(c->scheme));
    assert_true((c->shown != NULL) == (strstr(c->text, "SECRET") != NULL));
    if (c->shown)
        assert_string_equal(or_none((const char *)r.stated.redacted.bytes), c->shown);
}

/* The name itself is never touched: it is reported as it stands. */
static void test_name_is_kept(void **state)
{
    static const char text[] = "C:\\a\0\\b";
    struct imgprobe_reference r = {
        .stated.name = bytes(text, sizeof text - 1), .stated.windows = true, .stated.candidate = true};
    struct imgprobe_workspace w = workspace(sizeof memory);
    struct imgprobe_error error;
    struct place place = place_of(NULL, NULL, &w, &error);

    (void)state;
    r.stated.cut = ip_cut(r.stated.name).length;
    assert_int_equal(resolve(&r, &place), IMGPROBE_OK);
    assert_ptr_equal(r.stated.name.bytes, text);
    assert_int_equal(r.stated.name.length, 7);
    assert_int_equal(r.stated.cut, 4);
    assert_memory_equal(text, "C:\\a\0\\b", 8);
    assert_string_equal((const char *)r.led.path.bytes, "/a");
}

/* Ways to a path of `length` bytes, of which `around` aren't the name's own. */
static const struct {
    const char *before; /* the name's own first bytes */
    enum imgprobe_role role;
    enum how how;
    size_t around;
} long_names[] = {
    {"/", IMGPROBE_ROLE_BACKING, PLAIN, 0},      {"a", IMGPROBE_ROLE_BACKING, PLAIN, 3},
    {"file:/", IMGPROBE_ROLE_BACKING, PLAIN, 0}, {"file:a", IMGPROBE_ROLE_BACKING, PLAIN, 3},
    {"/", IMGPROBE_ROLE_DATA_FILE, PLAIN, 0},    {"a", IMGPROBE_ROLE_DATA_FILE, PLAIN, 3},
    {"a", IMGPROBE_ROLE_EXTENT, PLAIN, 3},       {"\\", IMGPROBE_ROLE_BACKING, WINDOWS, 0},
    {"a", IMGPROBE_ROLE_BACKING, WINDOWS, 3},    {"file:///", IMGPROBE_ROLE_BACKING, URL, 0},
};

static enum imgprobe_status resolve_long(size_t i, size_t path_length, struct imgprobe_reference *r,
                                         struct imgprobe_error *error)
{
    static char name[8192];
    struct imgprobe_workspace w = workspace(sizeof memory);
    struct place place = place_of(NULL, "/w", &w, error);
    const char *before = long_names[i].before;
    size_t cut_off = strncmp(before, "file:", 5) != 0 ? 0 : long_names[i].how == URL ? 7 : 5;
    size_t length = path_length - long_names[i].around + cut_off;

    memset(name, 'n', sizeof name);
    memcpy(name, before, strlen(before)); /* NOLINT(bugprone-not-null-terminated-result) */
    *r = (struct imgprobe_reference){.role = long_names[i].role, .stated.name = {(unsigned char *)name, length}};
    r->stated.cut = length;
    r->stated.windows = long_names[i].how == WINDOWS;
    r->stated.candidate = long_names[i].how != PLAIN;
    return resolve(r, &place);
}

static void test_long_names(void **state)
{
    struct imgprobe_reference r;
    struct imgprobe_error error;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(long_names); i++) {
        assert_int_equal(resolve_long(i, 4095, &r, &error), IMGPROBE_OK);
        assert_int_equal(r.led.path.length, 4095);
        assert_int_equal(r.led.path.bytes[4095], 0);
        assert_int_equal(resolve_long(i, 4096, &r, &error), IMGPROBE_LIMIT);
        assert_int_equal(error.status, IMGPROBE_LIMIT);
        assert_string_equal(error.field, "name_bytes");
        assert_int_equal(error.most, 4095);
        assert_true(error.found > 4095);
        assert_null(r.led.path.bytes);
    }
}

static void test_full_workspace(void **state)
{
    struct imgprobe_reference r = {.stated.name = bytes("base", 0), .stated.cut = 4};
    struct imgprobe_workspace w = workspace(0);
    struct imgprobe_error error;
    struct place place = place_of(NULL, NULL, &w, &error);

    (void)state;
    assert_int_equal(resolve(&r, &place), IMGPROBE_LIMIT);
    assert_string_equal(error.field, "workspace");
    assert_int_equal(error.found, 0);
    r = (struct imgprobe_reference){.stated.name = bytes("nbd:h:1", 0), .stated.cut = 7};
    error.field = NULL;
    assert_int_equal(resolve(&r, &place), IMGPROBE_LIMIT);
    assert_string_equal(error.field, "workspace");
    assert_int_equal(error.found, 0);
}

static void test_directory(void **state)
{
    static const char *const rows[][2] = {
        {"", ""}, {"a", ""}, {"/", "/"}, {"/a", "/"}, {"a/", "a/"}, {"a/b", "a/"}, {"a//b", "a//"}, {"./a:b", "./"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        struct imgprobe_bytes d = ip_directory(bytes(rows[i][0], 0));

        assert_int_equal(d.length, strlen(rows[i][1]));
        assert_memory_equal(d.bytes, rows[i][1], d.length);
    }
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        {"the name stays as it stands", test_name_is_kept, NULL, NULL, NULL},
        {"paths of 4095 bytes, and not of 4096", test_long_names, NULL, NULL, NULL},
        {"no room for a path", test_full_workspace, NULL, NULL, NULL},
        {"the directory of a name", test_directory, NULL, NULL, NULL},
    };
    static struct CMUnitTest tests[COUNT(cases) + COUNT(others)];
    size_t i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(cases); i++)
        tests[i] = (struct CMUnitTest){cases[i].name, test_case, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    for (i = 0; i < COUNT(others); i++)
        tests[COUNT(cases) + i] = others[i];
    return _cmocka_run_group_tests("reference", tests, COUNT(tests), NULL, NULL);
}
