/* SPDX-License-Identifier: MIT */
/* Names of protocols as long as a name may be, with a password in a part of them, and as libvirt takes them. */
#include "protocol-text.h"

/* What libvirt takes from a name where it parses one: virStorageSourceParseBackingURI and the two for names with
 * colons. Its path has no slash at its beginning; a volume or pool and a snapshot stand in ours. */
static const struct {
    const char *name;
    const char *text;
    const char *libvirt; /* "refused", or host, port, socket and path in the words of say() */
    const char *ours;    /* NULL: the same. QEMU's reading stands */
} compared[] = {
    {"nbd", "nbd:example.org:6000:exportname=blah", " host=example.org port=6000 path=blah", NULL},
    {"nbd without an export", "nbd:example.org:6000", " host=example.org port=6000", NULL},
    {"nbd, IPv6", "nbd:[::1]:6000:exportname=:foo", " host=::1 port=6000 path=:foo", NULL},
    {"nbd, a socket", "nbd:unix:/tmp/sock:exportname=/", " socket=/tmp/sock path=", NULL},
    {"nbd, no host", "nbd::6000", "refused", NULL},
    {"nbd, no port", "nbd:example.org", "refused", NULL},
    {"nbd, a port over the last", "nbd:example.org:70000", "refused", NULL},
    {"nbd, nothing", "nbd:", "refused", NULL},
    {"nbd, a service's name", "nbd:example.org:nbd", "refused", " host=example.org port=nbd"},
    {"nbd, an option of the address", "nbd:example.org:6000,ipv4", "refused", " host=example.org port=6000"},
    {"nbd URI", "nbd://example.org:1234/exp", " host=example.org port=1234 path=exp", NULL},
    {"nbd URI, no export", "nbd://example.org:1234", " host=example.org port=1234", NULL},
    {"nbd URI, IPv6", "nbd://[::1]:1234/exp", " host=::1 port=1234 path=exp", NULL},
    {"nbd+tcp URI", "nbd+tcp://example.org:6000/", " host=example.org port=6000", NULL},
    {"nbd+unix URI", "nbd+unix:///blah?socket=/tmp/sock", " socket=/tmp/sock path=blah", NULL},
    {"nbd+unix URI, an escape", "nbd+unix:///?socket=/a%20b", " socket=/a%20b", " socket=/a b"},
    {"gluster", "gluster+tcp://example.org:24007/vol/dir/img", " host=example.org port=24007 path=vol/dir/img", NULL},
    {"gluster, no file", "gluster://example.org/vol", "refused", NULL},
    {"gluster, no host", "gluster:///vol/img", " path=vol/img", " host=localhost path=vol/img"},
    {"gluster, two slashes", "gluster://h//vol/img", "refused", " host=h path=vol/img"},
    {"gluster+unix", "gluster+unix:///vol/img?socket=/run/g", " socket=/run/g path=vol/img", NULL},
    {"http", "http://example.org:8080/a/b.iso?x=y", " host=example.org port=8080 path=a/b.iso", NULL},
    {"http, an escape", "http://example.org/a%20b", " host=example.org path=a b", " host=example.org path=a%20b"},
    {"https", "https://example.org/a", " host=example.org path=a", NULL},
    {"ftps", "ftps://example.org/a", " host=example.org path=a", NULL},
    {"iscsi", "iscsi://example.org:3260/iqn.1992-01.com.example:t/1",
     " host=example.org port=3260 path=iqn.1992-01.com.example:t/1", NULL},
    {"iscsi, a login, which is for the caller", "iscsi://u:SECRET@h:1/t/0", " host=h port=1 path=t/0", NULL},
    {"iscsi, no unit", "iscsi://h/t", " host=h path=t", "refused"},
    {"ssh", "ssh://example.org:22/dir/img", " host=example.org port=22 path=dir/img", NULL},
    {"nfs, a port", "nfs://example.org:2049/a", " host=example.org port=2049 path=a", " host=example.org path=a"},
    {"rbd", "rbd:pool/image", " path=pool/image", NULL},
    {"rbd, a snapshot", "rbd:pool/image@snap:id=u", " path=pool/image@snap", NULL},
    {"rbd, a monitor", "rbd:pool/image:id=u:mon_host=example.org", " host=example.org path=pool/image", NULL},
    {"rbd, monitors", "rbd:p/i:mon_host=a\\:6321\\;b\\;[\\:\\:1]\\:6322",
     " host=a port=6321 host=b host=::1 port=6322 path=p/i", NULL},
    {"rbd, an @ behind a colon", "rbd:p/i:id=a@b", " path=p/i", " path=p/i:id=a@b"},
    {"rbd, no pool", "rbd:image", " path=image", "refused"},
    {"fat is no protocol to it", "fat:/d", "refused", " path=d"},
};

static const struct {
    const char *name, *before, *again, *behind;
    size_t most; /* bytes of the workspace */
} long_names[] = {
    {"an export", "nbd:h:1:exportname=", "a", "", 16384},
    {"escapes", "nbd://h/", "%41", "", 16384},
    {"colons", "nbd:", ":", "", 16384},
    {"parameters", "nfs://h/a?", "&", "uid=1", 16384},
    {"parameters behind ;", "ssh://h/a?", "x;", "", 16384},
    {"names in names", "", "blkdebug::", "/i", 16384},
    {"configurations in names", "", "blkverify:r:", "/i", 65536},
    {"monitors", "rbd:p/i:mon_host=", "a,", "", 458752},
    {"options", "rbd:p/i:", "a=:", "b=c", 65536},
    {"backslashes", "rbd:p/", "\\", "", 16384},
    {"words of fat", "fat:", "rw:", "/d", 16384},
    {"an IPv6 address", "ssh://[", ":", "]/a", 16384},
    {"signs of a password", "ssh://", "@", "h/a", 16384},
    {"keys", "rbd:p/i", ":key=a", "", 65536},
};

static void test_long(void **state)
{
    static char name[4096];
    struct imgprobe_reference r;
    struct text t;
    size_t i, length;

    (void)state;
    for (i = 0; i < COUNT(long_names); i++) {
        strcpy(name, long_names[i].before);
        length = strlen(name);
        while (length + strlen(long_names[i].again) + strlen(long_names[i].behind) < sizeof name) {
            strcpy(name + length, long_names[i].again);
            length += strlen(long_names[i].again);
        }
        strcpy(name + length, long_names[i].behind);
        if (take_apart(&r, name, strlen(name), long_names[i].most) != IMGPROBE_OK)
            fail_msg("%s: no room", long_names[i].name);
        say(&r, &t);
        assert_true(t.length > 0);
    }
}

/* A part of a name that stands elsewhere: no place in the name is known to hide. */
static void test_part(void **state)
{
    static const char text[] = "what:ever";
    static const char part[] = "ssh://u:SECRET@h/a";
    struct imgprobe_reference r = {.stated.name = {(const unsigned char *)text, 9}, .stated.cut = 9};
    struct imgprobe_workspace w = workspace(sizeof memory);
    struct place place = {.w = &w, .error = &error, .versions = versions_of(0)};

    (void)state;
    assert_int_equal(ip_protocol_name(&r, &place, (struct imgprobe_bytes){(const unsigned char *)part, 18}),
                     IMGPROBE_OK);
    assert_string_equal((const char *)r.stated.redacted.bytes, "what:***");
    assert_true(r.led.protocol->has_password);
}

/* What is left out of the name as the reader cuts it is still shown. */
static void test_redacted_keeps_what_is_cut(void **state)
{
    static const char text[] = "ssh://u:SECRET@h/a\0b";
    struct imgprobe_reference r = {.stated.name = {(const unsigned char *)text, sizeof text - 1}, .stated.cut = 18};
    struct imgprobe_workspace w = workspace(sizeof memory);
    struct place place = {.w = &w, .error = &error, .versions = versions_of(0)};

    (void)state;
    assert_int_equal(ip_protocol_name(&r, &place, ip_cut(r.stated.name)), IMGPROBE_OK);
    assert_int_equal(r.stated.redacted.length, 17);
    assert_memory_equal(r.stated.redacted.bytes, "ssh://u:***@h/a\0b", 18);
}

static void test_libvirt(void **state)
{
    struct imgprobe_reference r;
    struct text t;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(compared); i++) {
        const char *want = compared[i].ours ? compared[i].ours : compared[i].libvirt;
        struct imgprobe_bytes path;

        assert_int_equal(take_apart(&r, compared[i].text, strlen(compared[i].text), sizeof memory), IMGPROBE_OK);
        t.length = 0;
        if (strcmp(r.led.reason, "malformed-name") == 0) {
            add_word(&t, "", "refused");
        } else {
            add_servers(&t, &r.led.protocol->server);
            path = r.led.protocol->path;
            if (path.length > 0 && path.bytes[0] == '/')
                path = (struct imgprobe_bytes){path.bytes + 1, path.length - 1};
            add(&t, " path=", path);
        }
        if (strcmp(t.bytes, want) != 0)
            fail_msg("%s: %s, not %s", compared[i].name, t.bytes, want);
        assert_true(!compared[i].ours || strcmp(compared[i].ours, compared[i].libvirt) != 0);
    }
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        {"names of 4095 bytes", test_long, NULL, NULL, NULL},
        {"a part of a name with a password", test_part, NULL, NULL, NULL},
        {"a password in front of a NUL", test_redacted_keeps_what_is_cut, NULL, NULL, NULL},
        {"what libvirt takes from a name", test_libvirt, NULL, NULL, NULL},
    };

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("protocol-other", others, COUNT(others), NULL, NULL);
}
