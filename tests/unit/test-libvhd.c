/* SPDX-License-Identifier: MIT */
/* Which of a VHD's names for its parent libvhd takes, beside what they stand, and which file it opens. */
#include "chain-walk.h"
#include "name/name.h"

#define ENDS(how, with) .state = IMGPROBE_CHAIN_##how, .status = IMGPROBE_##with

/* clang-format off */
static const struct {
    const char *what, *type, *text;
    size_t length; /* 0: the text's */
    uint64_t offset, room, size;
    enum ip_taking taking;
} names[] = {
    {"a URL", "MacX", "file://a", 0, 512, 512, 1024, IP_TAKEN},
    {"a URL with an escape", "MacX", "file://a%20", 0, 512, 512, 1024, IP_TAKEN},
    {"a URL and nothing else", "MacX", "file://", 0, 512, 512, 1024, IP_TAKEN},
    {"a URL that is cut", "MacX", "file:/", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL in capitals", "MacX", "FILE://a", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a plain path in place of a URL", "MacX", "/a", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL that isn't ASCII", "MacX", "file://\xc3\xa4", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL that isn't UTF-8", "MacX", "file://\xff", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL that ends inside a character", "MacX", "file://\xc3", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL that isn't ASCII behind its NUL", "MacX", "file://a\0\xff", 10, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL with the least tag", "MacX", "file://\xf3\xa0\x80\x80", 0, 512, 512, 1024, IP_CANNOT_TELL},
    {"a URL with the most tag", "MacX", "file://\xf3\xa0\x81\xbf", 0, 512, 512, 1024, IP_CANNOT_TELL},
    {"a URL with one more", "MacX", "file://\xf3\xa0\x82\x80", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL with one less", "MacX", "file://\xf3\x9f\xbf\xbf", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a URL with a tag, and not ASCII", "MacX", "file://\xf3\xa0\x80\x81\xc3\xa4", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"a tag in front of a URL", "MacX", "\xf3\xa0\x80\x81" "file://a", 0, 512, 512, 1024, IP_CANNOT_TELL},
    {"UTF-16", "W2ru", "a\0", 2, 512, 512, 1024, IP_TAKEN},
    {"UTF-16, absolute", "W2ku", "a\0", 2, 512, 512, 1024, IP_TAKEN},
    {"UTF-16, the last of ASCII", "W2ru", "\x7f\0", 2, 512, 512, 1024, IP_TAKEN},
    {"UTF-16, one more", "W2ru", "\x80\0", 2, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, the high byte", "W2ru", "a\x01", 2, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, a byte order mark", "W2ru", "\xff\xfe" "a\0", 4, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, cut in a character", "W2ru", "a\0b", 3, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, a NUL inside", "W2ru", "a\0\0\0b\0", 6, 512, 512, 1024, IP_TAKEN},
    {"UTF-16, not ASCII behind a NUL", "W2ru", "a\0\0\0b\x01", 6, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, the least tag", "W2ru", "\x40\xdb\x00\xdc", 4, 512, 512, 1024, IP_CANNOT_TELL},
    {"UTF-16, the most tag", "W2ru", "\x40\xdb\x7f\xdc", 4, 512, 512, 1024, IP_CANNOT_TELL},
    {"UTF-16, one more", "W2ru", "\x40\xdb\x80\xdc", 4, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, another high surrogate", "W2ru", "\x41\xdb\x00\xdc", 4, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, half a tag", "W2ru", "\x40\xdb", 2, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, half a tag and a letter", "W2ru", "\x40\xdb" "a\0", 4, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, a tag, and not ASCII", "W2ru", "\x40\xdb\x00\xdc\x80\0", 6, 512, 512, 1024, IP_PASSED_OVER},
    {"UTF-16, empty", "W2ru", "", 0, 512, 512, 1024, IP_TAKEN},
    {"bytes", "Wi2r", "a", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"bytes, absolute", "Wi2k", "a", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"an alias", "Mac ", "a", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"the header's name", "header", "a\0", 2, 512, 512, 1024, IP_PASSED_OVER},
    {"no type", NULL, "a", 0, 512, 512, 1024, IP_PASSED_OVER},
    {"no room", "MacX", "file://a", 0, 512, 0, 1024, IP_PASSED_OVER},
    {"room of 2 GiB", "MacX", "file://a", 0, 512, 0x80000000, UINT64_C(1) << 40, IP_PASSED_OVER},
    {"room of less", "MacX", "file://a", 0, 512, 0x7ffffe00, UINT64_C(1) << 40, IP_TAKEN},
    {"room up to the end", "MacX", "file://a", 0, 512, 1024, 1536, IP_TAKEN},
    {"room beyond the end", "MacX", "file://a", 0, 512, 1024, 1535, IP_PASSED_OVER},
    {"room beyond all", "MacX", "file://a", 0, UINT64_MAX - 511, 512, UINT64_MAX, IP_PASSED_OVER},
    {"as long as the room", "MacX", "file://abcd", 11, 512, 11, 1024, IP_TAKEN},
    {"longer than the room", "MacX", "file://abcd", 11, 512, 10, 1024, IP_CANNOT_TELL},
    {"at no multiple of 512", "MacX", "file://a", 0, 513, 16, 1024, IP_CANNOT_TELL},
    {"no multiple of 512, and not ASCII", "MacX", "file://\xff", 0, 513, 16, 1024, IP_PASSED_OVER},
};

static const struct {
    const char *name, *clean, *real;
    enum ip_beside beside;
    const char *mapper;
} places[] = {
    {"/a/b", "/a/b", "/a/b", IP_BESIDE_REAL, NULL},
    {"//a/./b//", "/a/b", NULL, IP_BESIDE_REAL, NULL},
    {"/a/../b", "/b", NULL, IP_BESIDE_REAL, NULL},
    {"/../../b/..", "/", NULL, IP_BESIDE_REAL, NULL},
    {"/", "/", NULL, IP_BESIDE_REAL, NULL},
    {"/a/..b/...", "/a/..b/...", NULL, IP_BESIDE_REAL, NULL},
    {"/dev/mapper/x", "/dev/mapper/x", "/dev/dm-0", IP_BESIDE_NAME, NULL},
    {"/dev/mapper/../mapper/x", "/dev/mapper/x", "/dev/dm-0", IP_BESIDE_NAME, NULL},
    {"/dev/mapper/a/x", "/dev/mapper/a/x", "/dev/dm-0", IP_BESIDE_REAL, NULL},
    {"/dev/mapper", "/dev/mapper", NULL, IP_BESIDE_REAL, NULL},
    {"/dev/mapperx/x", "/dev/mapperx/x", NULL, IP_BESIDE_MAPPER, "/dev/mapper/mapperx-x"},
    {"/dev/group/volume", "/dev/group/volume", "/dev/dm-0", IP_BESIDE_MAPPER, "/dev/mapper/group-volume"},
    {"/dev/a-b/c--d", "/dev/a-b/c--d", NULL, IP_BESIDE_MAPPER, "/dev/mapper/a--b-c----d"},
    {"/dev/sda", "/dev/sda", "/dev/sda", IP_BESIDE_REAL, NULL},
    {"/dev", "/dev", NULL, IP_BESIDE_REAL, NULL},
    {"/devel/a/b", "/devel/a/b", NULL, IP_BESIDE_REAL, NULL},
    {"/dev/disk/by-id/x", "/dev/disk/by-id/x", "/dev/sda", IP_BESIDE_REAL, NULL},
    {"/dev/drbd/by-res/u/0", "/dev/drbd/by-res/u/0", "/dev/drbd1000", IP_BESIDE_NAME, NULL},
    {"/dev/drbd/by-res/u", "/dev/drbd/by-res/u", "/dev/drbd0", IP_BESIDE_NAME, NULL},
    {"/dev/drbd/by-res/u/0", "/dev/drbd/by-res/u/0", "/dev/drbd", IP_BESIDE_REAL, NULL},
    {"/dev/drbd/by-res/u/0", "/dev/drbd/by-res/u/0", "/dev/drbd1x", IP_BESIDE_REAL, NULL},
    {"/dev/drbd/by-res/u/0", "/dev/drbd/by-res/u/0", "/dev/dm-1", IP_BESIDE_REAL, NULL},
    {"/dev/drbd/by-res/u/0", "/dev/drbd/by-res/u/0", NULL, IP_BESIDE_REAL, NULL},
    {"/dev/drbd/by-disk/u/0", "/dev/drbd/by-disk/u/0", "/dev/drbd0", IP_BESIDE_REAL, NULL},
};

/* A chain, and what became of each of the top's names: + for the one that is followed, - for one that is passed over,
 * ! for a finding, : for a note alone, ? for one whose turn didn't come. */
static const struct candidates_case {
    struct chain_case chain;
    const char *names;
} chains[] = {
    {{.name = "the first that is there",
      .files = {{TOP, DIFFERENCING(1, 2, "gone", "C:\\i\\base", .url = "file://also")}, {.path = "/i/base", .kind = VHD},
                {.path = "/i/also", .kind = VHD}}, XEN, .members = "/i/top /i/base"},
     "gone: nothing is there: the reader goes on to the next name\n"
     "C:\\i\\base+\n"
     "file://also! another name of the parent, which leads to another file: the reader doesn't open that\n"},
    {{.name = "another name of the same file, and one where nothing is",
      .files = {{TOP, DIFFERENCING(1, 2, "base", "/x/base", .url = "file:///gone")}, {.path = "/i/base", .kind = VHD, .inode = 9},
                {.path = "/x/base", .kind = VHD, .inode = 9}}, XEN, .members = "/i/top /i/base"},
     "base+\n"
     "/x/base: another name of the same parent\n"
     "file:///gone: another name of the same parent, and nothing is there\n"},
    {{.name = "another name that can't be opened",
      .files = {{TOP, DIFFERENCING(1, 2, "base", "/x/base")}, {.path = "/i/base", .kind = VHD},
                {.path = "/x/base", .kind = VHD, .fails = IMGPROBE_REFUSED}}, XEN, .members = "/i/top /i/base"},
     "base+\n"
     "/x/base: another name of the same parent; where it leads can't be told\n"},
    {{.name = "the header's name counts for nothing",
      .files = {{TOP, DIFFERENCING(1, 2, "base", .header = "other")}, {.path = "/i/base", .kind = VHD},
                {.path = "/i/other", .kind = VHD}}, XEN, .members = "/i/top /i/base"},
     "base+\n"
     "other- libvhd passes it over: it takes the names MacX, W2ku and W2ru alone\n"},
    {{.name = "an absolute name beneath the image's directory",
      .files = {{TOP, DIFFERENCING(1, 2, "/x/base")}, {.path = "/i//x/base", .kind = VHD}}, XEN,
      .members = "/i/top /i//x/base"},
     "/x/base+ there is nothing at the absolute name, which is then taken beneath the image's directory\n"},
    {{.name = "an absolute name beats the one beneath",
      .files = {{TOP, DIFFERENCING(1, 2, "/x/base")}, {.path = "/i//x/base", .kind = VHD}, {.path = "/x/base", .kind = VHD}},
      XEN, .members = "/i/top /x/base"},
     "/x/base+\n"},
    {{.name = "an image without a name, and an absolute name where nothing is",
      .files = {{TOP, DIFFERENCING(1, 2, "/x/base", "/y/base")}, {.path = "/y/base", .kind = VHD}}, XEN, .nameless = true,
      ENDS(REFUSED, REFUSED), .field = "no-directory", .members = "-", .at = "/x/base"},
     "/x/base! it isn't there, and the image was given without a name\n/y/base?\n"},
    {{.name = "an image without a name, and a name that is passed over",
      .files = {{TOP, DIFFERENCING(1, 2, "/x/\xe4", "/y/base")}, {.path = "/y/base", .kind = VHD}}, XEN, .nameless = true,
      .members = "- /y/base"},
     "/x/\xc3\xa4- libvhd passes it over: it isn't ASCII\n/y/base+\n"},
    {{.name = "none is there",
      .files = {{TOP, DIFFERENCING(1, 2, "a", "b")}}, XEN, ENDS(MISSING, SYSTEM), .field = "member-missing",
      .members = "/i/top", .at = "a"},
     "a: nothing is there: the reader goes on to the next name\nb: nothing is there: the reader goes on to the next name\n"},
    {{.name = "none that libvhd takes",
      .files = {{TOP, DIFFERENCING(1, 2, "\xe4", .header = "base")}, {.path = "/i/base", .kind = VHD}}, XEN,
      ENDS(MISSING, SYSTEM), .field = "member-missing", .members = "/i/top", .at = "\xc3\xa4"},
     NULL},
    {{.name = "one that may be there ends the search",
      .files = {{TOP, DIFFERENCING(1, 2, "a", "b")}, {.path = "/i/a", .fails = IMGPROBE_SYSTEM, .what = "permission denied"},
                {.path = "/i/b", .kind = VHD}}, XEN, ENDS(MISSING, SYSTEM), .what = "permission denied",
      .members = "/i/top", .at = "a"},
     "a: permission denied\nb?\n"},
    {{.name = "one outside the roots ends the search",
      .files = {{TOP, DIFFERENCING(1, 2, "/x/a", "b")},
                {.path = "/x/a", .fails = IMGPROBE_REFUSED, .field = "path-escape", .what = "outside"},
                {.path = "/i/b", .kind = VHD}}, XEN, ENDS(REFUSED, REFUSED), .field = "path-escape", .what = "outside",
      .members = "/i/top", .at = "/x/a"},
     "/x/a! outside\nb?\n"},
    {{.name = "an empty name ends the search: it is the directory",
      .files = {{TOP, DIFFERENCING(1, 2, "C:", "b")}, {.path = "/i/b", .kind = VHD}}, XEN,
      ENDS(REFUSED, REFUSED), .field = "empty-name", .members = "/i/top", .at = "C:"},
     "C:! it names no file\nb?\n"},
    {{.name = "beside the name without links",
      .files = {{TOP, DIFFERENCING(1, 2, "base"), .canonical = "/r/top"}, {.path = "/r/base", .kind = VHD}}, XEN,
      .members = "/i/top /r/base"},
     "base+\n"},
    {{.name = "a link whose real name can't be told",
      .files = {{TOP, DIFFERENCING(1, 2, "base"), .linked = true}, {.path = "/i/base", .kind = VHD}}, XEN,
      ENDS(REFUSED, REFUSED), .field = "no-directory", .members = "/i/top", .at = "base"},
     "base! it stands beside the image's real name, and the image was named by a symbolic link\n"},
    {{.name = "device mapper's name is kept",
      .files = {{.path = "/dev/mapper/top", DIFFERENCING(1, 2, "base"), .canonical = "/dev/dm-0"},
                {.path = "/dev/mapper/base", .kind = VHD}}, XEN, .members = "/dev/mapper/top /dev/mapper/base"},
     "base+\n"},
    {{.name = "LVM's name is device mapper's",
      .files = {{.path = "/dev/a-b/top", DIFFERENCING(1, 2, "base"), .canonical = "/dev/dm-0"},
                {.path = "/dev/mapper/a--b-top", .kind = VHD}, {.path = "/dev/mapper/base", .kind = VHD}}, XEN,
      .members = "/dev/a-b/top /dev/mapper/base"},
     "base+\n"},
    {{.name = "a name like LVM's of which device mapper doesn't know",
      .files = {{.path = "/dev/a/top", DIFFERENCING(1, 2, "base"), .canonical = "/dev/dm-0"},
                {.path = "/dev/base", .kind = VHD}}, XEN, .members = "/dev/a/top /dev/base"},
     "base+\n"},
    {{.name = "device mapper's name outside the roots",
      .files = {{.path = "/dev/a/top", DIFFERENCING(1, 2, "base"), .canonical = "/dev/dm-0"},
                {.path = "/dev/mapper/a-top", .fails = IMGPROBE_REFUSED, .field = "path-escape"},
                {.path = "/dev/base", .kind = VHD}}, XEN, ENDS(REFUSED, REFUSED), .field = "path-escape",
      .members = "/dev/a/top", .at = "base"},
     "base! it stands beside the image's name in /dev/mapper, if there is one, and that can't be asked\n"},
    {{.name = "a device by a relative name",
      .files = {{.path = "top", DIFFERENCING(1, 2, "base"), .canonical = "/dev/dm-0", .is = IMGPROBE_KIND_BLOCK},
                {.path = "/dev/base", .kind = VHD}}, XEN, ENDS(REFUSED, REFUSED), .field = "no-directory",
      .members = "top", .at = "base"},
     "base! it stands beside a name that depends on the whole one of the device, and that was relative\n"},
    {{.name = "a device by a relative name, in a directory that is known",
      .files = {{.path = "top", DIFFERENCING(1, 2, "base"), .canonical = "/dev/dm-0", .is = IMGPROBE_KIND_BLOCK},
                {.path = "/dev/mapper/base", .kind = VHD}},
      .options = {.reader = IMGPROBE_READER_XEN, .workdir = "/dev/mapper"}, .members = "top /dev/mapper/base"},
     "base+\n"},
    {{.name = "a file by a relative name",
      .files = {{.path = "top", DIFFERENCING(1, 2, "base"), .canonical = "/r/top"}, {.path = "/r/base", .kind = VHD}}, XEN,
      .members = "top /r/base"},
     "base+\n"},
    {{.name = "DRBD's name is kept",
      .files = {{.path = "/dev/drbd/by-res/u/0", DIFFERENCING(1, 2, "../v/0"), .canonical = "/dev/drbd1000"},
                {.path = "/dev/drbd/by-res/u/../v/0", .kind = VHD}}, XEN,
      .members = "/dev/drbd/by-res/u/0 /dev/drbd/by-res/u/../v/0"},
     "../v/0+\n"},
};
/* clang-format on */

static void test_takes(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(names); i++) {
        size_t length = names[i].length ? names[i].length : strlen(names[i].text);
        struct imgprobe_bytes text = {(const unsigned char *)names[i].text, length};
        struct imgprobe_image image = {.file_size = names[i].size};
        struct ip_reference own = {.room = names[i].room};
        const char *why = NULL;

        own.reference.stated.name = own.reference.stated.stored = text;
        own.reference.stated.cut = strlen(names[i].text);
        own.reference.stated.offset = names[i].offset;
        own.reference.stated.type = names[i].type;
        own.reference.stated.encoding = names[i].type && names[i].type[0] == 'W' ? "UTF-16LE" : NULL;
        if (ip_libvhd_takes(&image, &own.reference, &why) != names[i].taking)
            fail_msg("%s: %s", names[i].what, why ? why : "taken");
    }
}

static struct imgprobe_bytes of(const char *text)
{
    return (struct imgprobe_bytes){(const unsigned char *)text, text ? strlen(text) : 0};
}

static void test_places(void **state)
{
    unsigned char text[128];
    size_t i, length;

    (void)state;
    for (i = 0; i < COUNT(places); i++) {
        length = ip_libvhd_clean(of(places[i].name), text);
        assert_true(length <= strlen(places[i].name));
        assert_int_equal(length, strlen(places[i].clean));
        assert_memory_equal(text, places[i].clean, length);
        if (ip_libvhd_beside(of(places[i].clean), of(places[i].real)) != places[i].beside)
            fail_msg("beside %s", places[i].name);
        if (!places[i].mapper)
            continue;
        length = ip_libvhd_mapper(of(places[i].clean), text);
        assert_true(length <= 2 * strlen(places[i].clean) + IP_LIBVHD_MAPPER);
        assert_int_equal(length, strlen(places[i].mapper));
        assert_memory_equal(text, places[i].mapper, length);
    }
}

/* What became of each of the top's names: a word for how, and its note. */
static void put_names(const struct imgprobe_reference *r, char *text, size_t size)
{
    size_t length = 0;

    for (text[0] = '\0'; r; r = r->next) {
        bool refused = r->led.reason && strcmp(r->led.reason, "member-missing") != 0;
        const char *how = refused ? "!" : r->led.member ? "+" : r->led.ignored ? "-" : r->led.note ? ":" : "?";
        int more = snprintf(text + length, size - length, "%s%s%s%s\n", (const char *)r->stated.name.bytes, how,
                            r->led.note ? " " : "", r->led.note ? r->led.note : "");

        assert_true(more > 0 && (size_t)more < size - length);
        length += (size_t)more;
    }
}

static void test_chain(void **state)
{
    const struct candidates_case *c = *state;
    struct store store = make_store(c->chain.files, MOST_FILES);
    struct imgprobe_workspace w = whole_workspace();
    struct imgprobe_chain *chain;
    const struct imgprobe_member *m;
    char text[1024] = "";

    store.knows_names = true;
    assert_int_equal(walk(&store, &c->chain, &w, &chain), c->chain.status);
    assert_int_equal(chain->state, c->chain.state);
    for (m = chain->members; m; m = m->next)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", m->index ? " " : "", path_of(m));
    assert_string_equal(text, c->chain.members);
    assert_string_equal(chain->error.field ? chain->error.field : "", c->chain.field ? c->chain.field : "");
    if (c->chain.what)
        assert_string_equal(chain->error.what, c->chain.what);
    assert_string_equal(chain->at ? (const char *)chain->at->stated.name.bytes : "", c->chain.at ? c->chain.at : "");
    put_names(chain->members->image->references, text, sizeof text);
    if (c->names)
        assert_string_equal(text, c->names);
    assert_int_equal(store.opens, store.dones);
    assert_true(store.most_open <= 2);
    (void)check_shape(chain);
    free_store(&store);
}

int main(void)
{
    struct CMUnitTest tests[COUNT(chains) + 2] = {
        {"which names libvhd takes", test_takes, NULL, NULL, NULL},
        {"beside which name of the image they stand", test_places, NULL, NULL, NULL},
    };
    size_t i;

    for (i = 0; i < COUNT(chains); i++)
        tests[i + 2] =
            (struct CMUnitTest){chains[i].chain.name, test_chain, NULL, NULL, (void *)(uintptr_t)&chains[i]};
    return cmocka_run_group_tests_name("libvhd", tests, NULL, NULL);
}
